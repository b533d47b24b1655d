// The aggregate nodes of a query, and what its expressions are above them.
//
//   Project outputs                      expressions over keys, aggregates, GROUPING
//     [UnionAll of the grouping sets]    each set: keys it has (NULL for the others), aggregates, GROUPING bits
//       Aggregate keys; calls
//         Project keys, arguments        one input, shared by all sets
//
// A column that is neither key nor inside an aggregate is an error, unless the keys hold the PRIMARY KEY of its table:
// then it is one more key, which splits no group (functional dependency, PostgreSQL chapter 7.2.3).

import { groupingError, mustBeGrouped, ungroupedOuter } from '../errors.ts'
import type { ColumnExpr, Expr } from '../expr.ts'
import { constant, int4, nullOf } from '../expr-build.ts'
import { mapChildren, rewriteExpr, sameExpr } from '../expr-walk.ts'
import { type LogicalCall, type LogicalPlan, planOf } from '../logical.ts'
import { aggregate, columnOf, project, unionAll } from '../plan-build.ts'
import { mapParent, visitLevels } from '../plan-walk.ts'
import type { AggregateUse } from './collected.ts'
import type { Level, Scope } from './environment.ts'
import type { Grouping } from './group-by.ts'
import { RowBuilder } from './row-builder.ts'
import { AGGREGATE_BASE, GROUPING_BASE, WINDOW_BASE } from './scope.ts'

export interface Grouped {
  readonly plan: LogicalPlan
  /** An expression over the level's virtual row, as one over the plan's row. */
  readonly replace: (expr: Expr) => Expr
}

/** `exprs` are all that will be replaced: their ungrouped columns may have to become keys. */
export function buildGroups(input: LogicalPlan, level: Level, written: Grouping, exprs: readonly Expr[]): Grouped {
  const grouping = withDependentKeys(level.scope, written, exprs)
  const { keys, sets } = grouping
  const row = new RowBuilder()
  const keyPlaces = keys.map((key) => row.place(key))
  const calls = level.aggregates.map((use) => callOf(row, use))
  const below = row.over(input)
  const plans = sets.map((set) => buildSet(below, { keyPlaces, calls, set, level, keys }))
  const plan = plans.length === 1 ? plans[0]! : unionAll(plans)
  const replace = (expr: Expr): Expr => replaceGrouped(expr, { plan, keys, calls: calls.length, scope: level.scope })
  return { plan, replace }
}

function callOf(row: RowBuilder, use: AggregateUse): LogicalCall {
  return {
    function: use.function,
    args: use.args.map((arg) => row.place(arg)),
    distinct: use.distinct,
    filter: use.filter && row.place(use.filter),
    order: use.order.map(({ expr, descending, nullsFirst }) => ({ column: row.place(expr), descending, nullsFirst })),
    direct: use.direct,
    type: use.type,
  }
}

interface SetParts {
  readonly keyPlaces: readonly number[]
  readonly calls: readonly LogicalCall[]
  readonly set: readonly number[]
  readonly level: Level
  readonly keys: readonly Expr[]
}

/** One grouping set: all keys in order, then the calls, then GROUPING's values. */
function buildSet(input: LogicalPlan, { keyPlaces, calls, set, level, keys }: SetParts): LogicalPlan {
  const own = [...new Set(set.map((key) => keyPlaces[key]!))]
  const plan = aggregate(input, own, calls, { global: own.length === 0 })
  const isWhole = keyPlaces.length === own.length && keyPlaces.every((place, i) => place === own[i])
  if (isWhole && level.groupings.length === 0) return plan
  const shown = keyPlaces.map((place, key) =>
    set.includes(key) ? columnOf(plan.schema, own.indexOf(place)) : nullOf(input.schema[place]!),
  )
  const results = calls.map((_, i) => columnOf(plan.schema, own.length + i))
  const bits = level.groupings.map(({ args, position }) => constant(int4, groupingBits(args, keys, set, position)))
  const names = [
    ...keyPlaces.map((place) => input.schema[place]!.name),
    ...calls.map((call) => call.function.name),
    ...bits.map(() => 'grouping'),
  ]
  return project(plan, [...shown, ...results, ...bits], names)
}

function groupingBits(args: readonly Expr[], keys: readonly Expr[], set: readonly number[], position: number): number {
  return args.reduce((bits, arg) => {
    const key = keys.findIndex((one) => sameExpr(one, arg))
    if (key < 0)
      throw groupingError(
        'arguments to GROUPING must be grouping expressions of the associated query level',
        arg.position ?? position,
      )
    return bits * 2 + (set.includes(key) ? 0 : 1)
  }, 0)
}

interface Above {
  readonly plan: LogicalPlan
  readonly keys: readonly Expr[]
  readonly calls: number
  readonly scope: Scope
}

function replaceGrouped(expr: Expr, above: Above): Expr {
  return rewriteExpr(expr, (node) => {
    const key = above.keys.findIndex((one) => sameExpr(one, node))
    if (key >= 0) return { ...columnOf(above.plan.schema, key), position: node.position }
    if (node.kind === 'column') {
      const found = replaceColumn(node, above)
      if (found === undefined) throw mustBeGrouped(columnName(above.scope, node), node.position)
      return found
    }
    if (node.kind !== 'subquery') return undefined
    const plan = mapParent(planOf(node), (column) => {
      const found = replaceColumn(column, above)
      if (found === undefined) throw ungroupedOuter(columnName(above.scope, column), column.position)
      return found
    })
    return { ...mapChildren(node, (child) => replaceGrouped(child, above)), plan } as Expr
  })
}

function replaceColumn(column: ColumnExpr, { plan, keys, calls }: Above): Expr | undefined {
  const at = (index: number): Expr => ({ ...columnOf(plan.schema, index), position: column.position })
  if (column.index >= WINDOW_BASE) return column
  if (column.index >= GROUPING_BASE) return at(keys.length + calls + column.index - GROUPING_BASE)
  if (column.index >= AGGREGATE_BASE) return at(keys.length + column.index - AGGREGATE_BASE)
  const key = keys.findIndex((one) => one.kind === 'column' && one.index === column.index)
  return key < 0 ? undefined : at(key)
}

function columnName(scope: Scope, { index }: ColumnExpr): string {
  const isIt = (expr: Expr): boolean => expr.kind === 'column' && expr.index === index
  for (const table of scope.tables) {
    const column = table.columns.find((one) => isIt(one.expr))
    if (column !== undefined) return `${table.name}.${column.name}`
  }
  return scope.columns.find((one) => isIt(one.expr))?.name ?? `column${index + 1}`
}

/** Adds ungrouped columns of tables whose PRIMARY KEY is in every grouping set. */
function withDependentKeys(scope: Scope, grouping: Grouping, exprs: readonly Expr[]): Grouping {
  const inAll = (expr: Expr): boolean => {
    const key = grouping.keys.findIndex((one) => sameExpr(one, expr))
    return key >= 0 && grouping.sets.every((set) => set.includes(key))
  }
  const dependent = scope.tables
    .filter((table) => table.primaryKey?.every((index) => inAll(table.columns[index]!.expr)))
    .flatMap((table) => table.columns.map((column) => column.expr))
  if (dependent.length === 0) return grouping
  const keys = [...grouping.keys]
  for (const index of readColumns(exprs, grouping.keys)) {
    const column = dependent.find((expr) => expr.kind === 'column' && expr.index === index)
    if (column !== undefined && !keys.some((key) => sameExpr(key, column))) keys.push(column)
  }
  const added = keys.slice(grouping.keys.length).map((_, i) => grouping.keys.length + i)
  return { keys, sets: grouping.sets.map((set) => [...set, ...added]) }
}

/** Columns of FROM that the expressions read outside of keys. */
function readColumns(exprs: readonly Expr[], keys: readonly Expr[]): ReadonlySet<number> {
  const found = new Set<number>()
  const walk = (expr: Expr): void => {
    rewriteExpr(expr, (node) => {
      if (keys.some((key) => sameExpr(key, node))) return node
      if (node.kind === 'column' || node.kind === 'subquery')
        visitLevels(node, (index, depth) => {
          if (depth === 0 && index < AGGREGATE_BASE) found.add(index)
        })
      return undefined
    })
  }
  for (const expr of exprs) walk(expr)
  return found
}
