// What is known of a logical plan's rows: unique keys, at most one row, exactly one row.

import type { Expr } from './expr.ts'
import { columnsOf, conjuncts, isVolatile } from './expr-walk.ts'
import type { LogicalPlan } from './logical.ts'
import { splitCondition } from './lower-join.ts'
import { joinProperties, minimalKeys, projectKeys, timeWindowKeys } from './properties.ts'

type Keys = readonly (readonly number[])[]

/** Sets of columns that are unique in the plan's rows; the empty set: there is at most one row. */
export function keysOf(plan: LogicalPlan): Keys {
  switch (plan.kind) {
    case 'get': {
      const { relation, columns } = plan
      const keys = relation.uniqueKeys
        .filter((key) => key.columns.every((column) => !relation.columns[column]!.nullable))
        .map((key) => key.columns.map((column) => columns.indexOf(column)))
      return minimalKeys(keys.filter((key) => !key.includes(-1)))
    }
    case 'values':
      return plan.rows.length <= 1 ? [[]] : []
    case 'project':
      return projectKeys(keysOf(plan.input), plan.columns)
    case 'filter': {
      const fixed = fixedColumns(plan.predicate)
      return minimalKeys(keysOf(plan.input).map((key) => key.filter((column) => !fixed.has(column))))
    }
    case 'join':
      return joinKeys(plan)
    case 'asof':
      return keysOf(plan.left)
    case 'aggregate':
      return [plan.groupKeys.map((_, i) => i)]
    case 'distinct':
      return minimalKeys([...keysOf(plan.input), plan.schema.map((_, i) => i)])
    case 'top': {
      const isFirst = plan.by === 'rows' && plan.limit !== undefined && plan.limit <= 1n
      return minimalKeys([...keysOf(plan.input), ...(isFirst ? [plan.partition] : [])])
    }
    case 'window':
      return keysOf(plan.input)
    case 'timeWindow':
      return timeWindowKeys(keysOf(plan.input), plan, plan.input.schema.length)
    case 'setOperation':
      return minimalKeys([...keysOf(plan.left), ...(plan.all ? [] : [plan.schema.map((_, i) => i)])])
    case 'recursion':
      return plan.all ? [] : [plan.schema.map((_, i) => i)]
    case 'unionAll':
    case 'apply':
    case 'tableCall':
    case 'feed':
      return []
  }
}

function joinKeys(plan: Extract<LogicalPlan, { kind: 'join' }>): Keys {
  const width = plan.left.schema.length
  const pairs = splitCondition(plan.condition, width).pairs
  const side = (of: 'left' | 'right'): readonly number[] =>
    pairs.flatMap((pair) => (pair[of].kind === 'column' ? [pair[of].index] : []))
  return joinProperties({
    type: plan.type,
    left: { uniqueKeys: keysOf(plan.left), insertOnly: false },
    right: { uniqueKeys: keysOf(plan.right), insertOnly: false },
    leftWidth: width,
    leftColumns: side('left'),
    rightColumns: side('right'),
  }).uniqueKeys
}

/** Columns that the predicate holds to one value: a constant, a parameter, a column of an enclosing query. */
function fixedColumns(predicate: Expr): ReadonlySet<number> {
  const fixed = conjuncts(predicate).flatMap((one) => {
    if (one.kind !== 'call' || one.function.name !== '=' || one.args.length !== 2) return []
    const [left, right] = one.args as readonly [Expr, Expr]
    const isFixed = (expr: Expr): boolean =>
      columnsOf(expr).length === 0 && expr.kind !== 'subquery' && !isVolatile(expr)
    return [...(isFixed(right) ? ownColumn(left) : []), ...(isFixed(left) ? ownColumn(right) : [])]
  })
  return new Set(fixed)
}

/** The column itself, also behind a conversion that keeps different values different. */
function ownColumn(expr: Expr): readonly number[] {
  if (expr.kind === 'column') return [expr.index]
  const widens = expr.kind === 'cast' && (expr.cast === undefined || isWidening(expr.input.type.kind, expr.type.kind))
  return widens ? ownColumn(expr.input) : []
}

const widths: Readonly<Record<string, number>> = { int2: 1, int4: 2, int8: 3, numeric: 4 }

const isWidening = (from: string, to: string): boolean =>
  widths[from] !== undefined && widths[to] !== undefined && widths[from] < widths[to]

export const atMostOneRow = (plan: LogicalPlan): boolean => keysOf(plan).some((key) => key.length === 0)

export function exactlyOneRow(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'aggregate':
      return plan.global
    case 'values':
      return plan.rows.length === 1
    case 'project':
    case 'window':
    case 'distinct':
      return exactlyOneRow(plan.input)
    case 'join':
      return (
        plan.type === 'inner' && plan.condition === undefined && exactlyOneRow(plan.left) && exactlyOneRow(plan.right)
      )
    default:
      return false
  }
}
