// SELECT: the clauses in the order in which they take effect.
//
//   FROM → WHERE → GROUP BY, aggregates → HAVING → window functions → QUALIFY → set-returning functions
//        → select list → DISTINCT → (ORDER BY, LIMIT: query.ts)
//
// All expressions are bound first, over the virtual row of the level; each step then replaces what it has computed.

import type * as Ast from '../../parser/ast.ts'
import { ambiguousOutput, invalidColumnReference, noEquality } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { sameExpr } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import type { SortKey } from '../physical.ts'
import { distinct, filter, project, top, unit } from '../plan-build.ts'
import type { OrderUse } from './collected.ts'
import { type BoundQuery, type Environment, environmentOf, inClause, type Level, type Place } from './environment.ts'
import { bindFrom } from './from.ts'
import { buildGroups } from './group.ts'
import { bindGroupBy, ordinal } from './group-by.ts'
import { applyGroupWindow } from './group-window.ts'
import { operatorOn, toBoolean } from './operators.ts'
import { direction, requireOrder, typed } from './order.ts'
import { outputName } from './output-name.ts'
import { emptyScope, levelOf } from './scope.ts'
import { expandStar, type Named } from './star.ts'
import { buildSets, buildWindows, readsSet } from './windows.ts'

/** The expressions of a SELECT while its steps are built. */
interface Parts {
  readonly outputs: readonly Named[]
  readonly having: Expr | undefined
  readonly qualify: Expr | undefined
  readonly distinctOn: readonly Expr[] | undefined
  readonly order: readonly OrderPart[]
}

/** The same, and the natural order of the rows. */
type LastParts = Parts & { readonly natural: readonly OrderUse[] }

interface OrderPart {
  readonly expr: Expr
  readonly descending: boolean
  readonly nullsFirst: boolean
  readonly position: number
}

export function bindSelect(place: Place, select: Ast.Select, orderBy: readonly Ast.OrderItem[]): BoundQuery {
  const source = bindFrom(place, select.from) ?? { plan: unit, scope: emptyScope }
  const ungrouped = levelOf(source.scope, place.parent, select.windows)
  const rows = bindWhere(environmentOf(place, ungrouped, 'SELECT'), select.where, source.plan)
  const windowed = applyGroupWindow(environmentOf(place, ungrouped, 'SELECT'), select, rows)
  const level = { ...ungrouped, window: windowed?.window }
  const environment = environmentOf(place, level, 'SELECT')
  const outputs = select.items.flatMap((item) => bindItem(environment, item))
  const written = bindParts(environment, select, outputs, orderBy)
  const grouped = applyGroupBy(environment, select, written, windowed?.plan ?? rows)
  const { plan, parts, natural } = applySets(level, applyWindows(level, grouped))
  return finish(environment, select, plan, { ...parts, natural })
}

function bindWhere(environment: Environment, where: Ast.Expression | undefined, input: LogicalPlan): LogicalPlan {
  if (where === undefined) return input
  const inside = inClause(environment, 'WHERE')
  return filter(input, toBoolean(inside, environment.statement.binder.expression(inside, where), 'WHERE'))
}

function bindItem(environment: Environment, item: Ast.SelectItem): readonly Named[] {
  const { value, alias } = item
  if (value.kind === 'star' || value.kind === 'fieldStar') return expandStar(environment, value)
  const expr = environment.statement.binder.expression(environment, value)
  return [{ name: alias?.name ?? outputName(value, expr.type), expr }]
}

function bindParts(
  environment: Environment,
  select: Ast.Select,
  outputs: readonly Named[],
  orderBy: readonly Ast.OrderItem[],
): Parts {
  const { expression } = environment.statement.binder
  const condition = (node: Ast.Expression | undefined, clause: 'HAVING' | 'QUALIFY'): Expr | undefined => {
    const inside = inClause(environment, clause)
    return node && toBoolean(inside, expression(inside, node), clause)
  }
  const order = orderBy.map((item): OrderPart => {
    const expr = bindSortExpr(inClause(environment, 'ORDER BY'), item.value, outputs, 'ORDER BY')
    if (expr.type.kind !== 'unknown') requireOrder(environment, expr.type, item.position)
    return { expr, ...direction(item), position: item.position }
  })
  const on = typeof select.distinct === 'boolean' ? undefined : select.distinct
  return {
    outputs,
    having: condition(select.having, 'HAVING'),
    qualify: condition(select.qualify, 'QUALIFY'),
    distinctOn: on?.map((node) =>
      typed(environment, bindSortExpr(inClause(environment, 'DISTINCT ON'), node, outputs, 'DISTINCT ON')),
    ),
    order,
  }
}

/** An output column by name or ordinal; else an expression over the input. */
function bindSortExpr(
  environment: Environment,
  node: Ast.Expression,
  outputs: readonly Named[],
  clause: 'ORDER BY' | 'DISTINCT ON',
): Expr {
  if (node.kind === 'number') return outputs[ordinal(node, outputs.length, clause)]!.expr
  if (node.kind === 'column' && node.parts.length === 1) {
    const matches = outputs.filter((one) => one.name === node.parts[0])
    if (matches.some((one) => !sameExpr(one.expr, matches[0]!.expr)))
      throw ambiguousOutput(clause, node.parts[0]!, node.position)
    if (matches.length > 0) return matches[0]!.expr
  }
  return typed(environment, environment.statement.binder.expression(environment, node))
}

const exprsOf = (parts: Parts): readonly Expr[] => [
  ...parts.outputs.map((one) => one.expr),
  ...(parts.having ? [parts.having] : []),
  ...(parts.qualify ? [parts.qualify] : []),
  ...(parts.distinctOn ?? []),
  ...parts.order.map((one) => one.expr),
]

const mapParts = (parts: Parts, f: (expr: Expr) => Expr): Parts => ({
  outputs: parts.outputs.map((one) => ({ ...one, expr: f(one.expr) })),
  having: parts.having && f(parts.having),
  qualify: parts.qualify && f(parts.qualify),
  distinctOn: parts.distinctOn?.map(f),
  order: parts.order.map((one) => ({ ...one, expr: f(one.expr) })),
})

interface Step {
  readonly plan: LogicalPlan
  readonly parts: Parts
}

interface GroupedStep extends Step {
  /** Expressions that the level collected, over the plan's row. */
  readonly lift: (expr: Expr) => Expr
  readonly isGrouped: boolean
}

function applyGroupBy(environment: Environment, select: Ast.Select, parts: Parts, input: LogicalPlan): GroupedStep {
  const { level } = environment
  const isGrouped =
    select.groupBy !== undefined || parts.having !== undefined || level.aggregates.length + level.groupings.length > 0
  if (!isGrouped) return { plan: input, parts, lift: (expr) => expr, isGrouped }
  const grouping = select.groupBy ? bindGroupBy(environment, select.groupBy, parts.outputs) : { keys: [], sets: [[]] }
  const readers = [...exprsOf(parts), ...windowExprs(level)]
  const { plan, replace } = grouping.keys.some(readsSet)
    ? groupedSets(level, grouping, readers, input)
    : buildGroups(input, level, grouping, readers)
  const replaced = mapParts(parts, replace)
  return { plan: replaced.having ? filter(plan, replaced.having) : plan, parts: replaced, lift: replace, isGrouped }
}

/** GROUP BY over a set-returning function: the sets are computed first, over the row of FROM. */
function groupedSets(
  level: Level,
  grouping: Parameters<typeof buildGroups>[2],
  readers: readonly Expr[],
  input: LogicalPlan,
) {
  const sets = buildSets(input, level.sets)
  level.sets.length = 0
  const keys = grouping.keys.map(sets.replace)
  const grouped = buildGroups(sets.plan, level, { ...grouping, keys }, readers.map(sets.replace))
  return { plan: grouped.plan, replace: (expr: Expr): Expr => grouped.replace(sets.replace(expr)) }
}

const windowExprs = (level: Level): readonly Expr[] =>
  level.windows.flatMap((use) => [
    ...use.args,
    ...use.partition,
    ...use.order.map((key) => key.expr),
    ...(use.filter ? [use.filter] : []),
  ])

function applyWindows(level: Level, { plan, parts, lift, isGrouped }: GroupedStep): GroupedStep {
  if (level.windows.length === 0) {
    return { plan: parts.qualify ? filter(plan, parts.qualify) : plan, parts, lift, isGrouped }
  }
  const uses = level.windows.map((use) => ({
    ...use,
    args: use.args.map(lift),
    partition: use.partition.map(lift),
    order: use.order.map((key) => ({ ...key, expr: lift(key.expr) })),
    filter: use.filter && lift(use.filter),
  }))
  const built = buildWindows(plan, uses)
  const replaced = mapParts(parts, built.replace)
  const above = (expr: Expr): Expr => built.replace(lift(expr))
  return {
    plan: replaced.qualify ? filter(built.plan, replaced.qualify) : built.plan,
    parts: replaced,
    lift: above,
    isGrouped,
  }
}

function applySets(level: Level, { plan, parts, lift, isGrouped }: GroupedStep) {
  const order = isGrouped ? [] : level.scope.order
  if (level.sets.length === 0) return { plan, parts, natural: order }
  const uses = level.sets.map((use) => ({ ...use, args: use.args.map(lift) }))
  const built = buildSets(plan, uses)
  const natural = [...order, ...built.order.map((expr) => ({ expr, descending: false, nullsFirst: false }))]
  return { plan: built.plan, parts: mapParts(parts, built.replace), natural }
}

/** The select list, with hidden columns for what else is sorted or made distinct by; then DISTINCT. */
function finish(environment: Environment, select: Ast.Select, input: LogicalPlan, parts: LastParts): BoundQuery {
  const columns = parts.outputs.map((one) => one.expr)
  const names = parts.outputs.map((one) => one.name)
  const visible = columns.length
  const place = (expr: Expr): number => {
    const found = columns.findIndex((one) => sameExpr(one, expr))
    if (found >= 0) return found
    names.push('sort')
    return columns.push(expr) - 1
  }
  const order = parts.order.map(({ expr, descending, nullsFirst }) => ({ column: place(expr), descending, nullsFirst }))
  const on = parts.distinctOn?.map(place)
  const isPlain = select.distinct === false && order.length === 0
  const natural = isPlain ? parts.natural.map(({ expr, ...rest }) => ({ column: place(expr), ...rest })) : []
  const plan = project(input, columns, names)
  if (on !== undefined) return { plan: distinctOn(plan, on, order, parts), visible, order, natural }
  if (select.distinct !== true) return { plan, visible, order, natural }
  checkDistinct(environment, columns.slice(0, visible))
  const hidden = order.findIndex((key) => key.column >= visible)
  if (hidden >= 0)
    throw invalidColumnReference(
      'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
      parts.order[hidden]!.position,
    )
  return { plan: distinct(plan), visible, order, natural }
}

function checkDistinct(environment: Environment, columns: readonly Expr[]): void {
  for (const { type, position } of columns)
    if (type.kind !== 'unknown' && operatorOn(environment, '=', type) === undefined) throw noEquality(type, position)
}

/** The first row of each group of `on`, by the query's order. */
function distinctOn(plan: LogicalPlan, on: readonly number[], order: readonly SortKey[], parts: Parts): LogicalPlan {
  const wanted = new Set(on)
  const leading = order.slice(0, wanted.size)
  const mismatch = leading.findIndex((key) => !wanted.has(key.column))
  if (mismatch >= 0)
    throw invalidColumnReference(
      'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
      parts.order[mismatch]!.position,
    )
  return top(plan, { partition: [...wanted], order, limit: 1n })
}
