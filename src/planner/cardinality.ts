// How many rows a logical plan may have: guesses from the sizes of stored relations, keys, and the shape of conditions.
// Plans are compared by them; no answer depends on them. A relation that is empty, as at the time when views are made
// before their data come, counts like one of a thousand rows.

import type { Expr } from './expr.ts'
import { conjuncts } from './expr-walk.ts'
import type { Join, LogicalPlan } from './logical.ts'
import { splitCondition } from './lower-join.ts'

const UNKNOWN_ROWS = 1000
/** A source is a log that goes on. */
const SOURCE_ROWS = 1_000_000
const [EQUALITY, PATTERN, OTHER] = [0.05, 0.1, 0.33]
const [GROUPS, PARTNERS, CALL_ROWS] = [0.2, 0.5, 10]

export function rowsOf(plan: LogicalPlan): number {
  switch (plan.kind) {
    case 'get':
      return plan.relation.kind === 'source' ? SOURCE_ROWS : plan.relation.rows?.() || UNKNOWN_ROWS
    case 'values':
      return plan.rows.length
    case 'filter':
      return rowsOf(plan.input) * selectivity(plan.predicate)
    case 'join':
      return joinRows(plan)
    case 'apply':
      return rowsOf(plan.left) * PARTNERS
    case 'aggregate':
      return plan.global ? 1 : Math.max(1, rowsOf(plan.input) * GROUPS)
    case 'unionAll':
      return plan.inputs.reduce((sum, input) => sum + rowsOf(input), 0)
    case 'asof':
    case 'setOperation':
      return rowsOf(plan.left)
    case 'top':
      return topRows(plan)
    case 'tableCall':
      return rowsOf(plan.input) * CALL_ROWS
    case 'project':
    case 'distinct':
    case 'window':
    case 'timeWindow':
      return rowsOf(plan.input)
    case 'recursion':
    case 'feed':
      return UNKNOWN_ROWS
  }
}

function topRows(plan: Extract<LogicalPlan, { kind: 'top' }>): number {
  const rows = rowsOf(plan.input)
  if (plan.limit === undefined) return rows
  return Math.min(rows, plan.partition.length === 0 ? Number(plan.limit) : rows * PARTNERS)
}

function joinRows(plan: Join): number {
  const left = rowsOf(plan.left)
  if (plan.type === 'mark') return left
  if (plan.type === 'semi' || plan.type === 'anti') return left * PARTNERS
  const right = rowsOf(plan.right)
  const width = plan.left.schema.length
  const { pairs, residual } = splitCondition(plan.condition, width)
  const factors = pairs.map((pair) => {
    const domains = [domainOf(plan.left, pair.left), domainOf(plan.right, pair.right)]
    return 1 / Math.max(1, Math.min(...domains))
  })
  const equal = Math.max(
    factors.reduce((product, factor) => product * factor, 1),
    1 / Math.max(left, right, 1),
  )
  const inner =
    left * right * (pairs.length === 0 ? 1 : equal) * residual.reduce((all, one) => all * selectivity(one), 1)
  const keepsLeft = plan.type === 'left' || plan.type === 'full'
  const keepsRight = plan.type === 'right' || plan.type === 'full'
  return Math.max(inner, keepsLeft ? left : 0, keepsRight ? right : 0)
}

/** How many different values an expression over the plan's rows may have. */
export function domainOf(plan: LogicalPlan, expr: Expr): number {
  if (expr.kind === 'cast') return domainOf(plan, expr.input)
  if (expr.kind !== 'column') return Math.sqrt(rowsOf(plan))
  return columnDomain(plan, expr.index)
}

function columnDomain(plan: LogicalPlan, column: number): number {
  switch (plan.kind) {
    case 'get': {
      const rows = rowsOf(plan)
      const own = plan.columns[column]!
      const keys = plan.relation.uniqueKeys.filter((key) => key.columns.includes(own))
      if (keys.some((key) => key.columns.length === 1)) return rows
      return keys.length > 0 ? rows ** 0.8 : Math.sqrt(rows)
    }
    case 'project':
      return domainOf(plan.input, plan.columns[column]!)
    case 'filter':
    case 'distinct':
      return columnDomain(plan.input, column)
    case 'join': {
      const width = plan.left.schema.length
      return column < width ? columnDomain(plan.left, column) : columnDomainRight(plan, column - width)
    }
    case 'aggregate': {
      const key = plan.groupKeys[column]
      return key !== undefined && plan.groupKeys.length === 1 ? rowsOf(plan) : Math.sqrt(rowsOf(plan))
    }
    default:
      return Math.sqrt(rowsOf(plan))
  }
}

const columnDomainRight = (plan: Join, column: number): number =>
  plan.type === 'mark' ? 2 : columnDomain(plan.right, column)

/** The part of the rows for which the condition may be true. */
export function selectivity(predicate: Expr): number {
  switch (predicate.kind) {
    case 'and':
      return conjuncts(predicate).reduce((all, one) => all * selectivity(one), 1)
    case 'or':
      return Math.min(
        1,
        predicate.args.reduce((sum, one) => sum + selectivity(one), 0),
      )
    case 'not':
      return 1 - selectivity(predicate.input)
    case 'isNull':
      return predicate.negated ? 1 - EQUALITY : EQUALITY
    case 'call':
      return callSelectivity(predicate.function.name)
    default:
      return OTHER
  }
}

function callSelectivity(name: string): number {
  if (name === '=') return EQUALITY
  if (name === '<>') return 1 - EQUALITY
  if (name.startsWith('!~')) return 1 - PATTERN
  return name.startsWith('~') ? PATTERN : OTHER
}
