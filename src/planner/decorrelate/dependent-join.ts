// Joins whose right side reads columns of the left one, as joins whose right side does not.
//
// In order of preference: the right side is not correlated after all; its correlation is a condition that can be joined
// by (pull-up.ts), or by which an aggregate can be grouped (grouped.ts); the left rows themselves are pushed through it
// (LATERAL functions and the like); the distinct rows D of the columns it reads are pushed through it, and the result
// is joined back on D (push.ts).

import type { Expr } from '../expr.ts'
import { allOf } from '../expr-build.ts'
import { conjuncts, remap } from '../expr-walk.ts'
import type { LogicalPlan, TableCall } from '../logical.ts'
import type { JoinType } from '../physical.ts'
import { choose, columnOf, distinct, filter, join, project, tableCall } from '../plan-build.ts'
import { mapParent, outerColumnsOf, raise } from '../plan-walk.ts'
import type { TypeContext } from '../types/coerce.ts'
import { sameValue } from '../types/equality.ts'
import { joinGrouped } from './grouped.ts'
import { joinCondition, pullUp } from './pull-up.ts'
import { push } from './push.ts'

export interface DependentJoin {
  readonly type: Exclude<JoinType, 'right' | 'full'>
  readonly left: LogicalPlan
  /** One level below `left`. */
  readonly right: LogicalPlan
  /** Over left, then right. */
  readonly condition: Expr | undefined
  readonly nullAware: boolean
}

/** Columns as the join of `left` and `right` has them. */
export function dependentJoin(parts: DependentJoin, types: TypeContext): LogicalPlan {
  const { type, left, right, condition } = parts
  if (outerColumnsOf(right).length === 0) return join(type, left, raise(right), condition, parts.nullAware)
  return (
    joinPulledUp(parts) ??
    (condition === undefined ? extendByFunction(type, left, right) : undefined) ??
    (condition === undefined && (type === 'inner' || type === 'left') ? joinGrouped(left, right, types) : undefined) ??
    (type === 'inner' && isLinear(right) ? pushLeft(parts, types) : joinOnDomain(parts, types))
  )
}

const isLeftOnly = (type: JoinType): boolean => type === 'semi' || type === 'anti' || type === 'mark'

/** Null-aware joins compare by one condition alone: there a second one would be taken for it. */
function joinPulledUp({ type, left, right, condition, nullAware }: DependentJoin): LogicalPlan | undefined {
  const pulled = nullAware ? undefined : pullUp(right)
  if (pulled === undefined) return undefined
  const width = left.schema.length
  const plan = raise(pulled.plan)
  const all = [...joinCondition(pulled.conditions, width), ...conjuncts(condition)]
  const joined = join(type, left, plan, allOf(all))
  return isLeftOnly(type) ? joined : keep(joined, width, right.schema.length)
}

/** The left columns and the first `count` of the right. */
const keep = (joined: LogicalPlan, width: number, count: number, skipped = 0): LogicalPlan =>
  choose(joined, [
    ...Array.from({ length: width }, (_, i) => i),
    ...Array.from({ length: count }, (_, i) => width + skipped + i),
  ])

/** LATERAL f(left columns): the function is called for each left row. */
function extendByFunction(type: JoinType, left: LogicalPlan, right: LogicalPlan): LogicalPlan | undefined {
  if (type !== 'inner' && type !== 'left') return undefined
  const renamed = right.kind === 'project' && right.columns.every((expr) => expr.kind === 'column') ? right : undefined
  const call: LogicalPlan = renamed === undefined ? right : renamed.input
  if (call.kind !== 'tableCall' || call.input.kind !== 'values' || call.input.schema.length > 0) return undefined
  if (call.input.rows.length !== 1) return undefined
  const bound = mapParent(call, (column) => column) as TableCall
  const args = bound.calls.map((one) => ({ ...one, args: one.args.map(asOwn) }))
  const extended = tableCall(left, args, { ordinality: call.ordinality, outer: type === 'left' || call.outer })
  if (renamed === undefined) return extended
  const width = left.schema.length
  const own = left.schema.map((_, i) => columnOf(extended.schema, i))
  const shown = renamed.columns.map((expr) => columnOf(extended.schema, width + (expr as { index: number }).index))
  return project(
    extended,
    [...own, ...shown],
    [...left.schema, ...right.schema].map((def) => def.name),
  )
}

/** An expression that only reads the level above, over that level's row. */
const asOwn = (expr: Expr): Expr => joinCondition([expr], 0)[0]!

/** Rows go through one by one: left rows keep their number. */
function isLinear(plan: LogicalPlan): boolean {
  if (outerColumnsOf(plan).length === 0) return true
  switch (plan.kind) {
    case 'filter':
    case 'project':
    case 'tableCall':
      return isLinear(plan.input)
    case 'timeWindow':
      return plan.windows.kind !== 'session' && isLinear(plan.input)
    case 'unionAll':
      return plan.inputs.every(isLinear)
    case 'values':
      return true
    case 'join': {
      const sides = [plan.left, plan.right].filter((side) => outerColumnsOf(side).length > 0)
      return plan.type === 'inner' && sides.length <= 1 && sides.every(isLinear)
    }
    default:
      return false
  }
}

function pushLeft({ left, right, condition }: DependentJoin, types: TypeContext): LogicalPlan {
  const places = new Map(left.schema.map((_, i) => [i, i]))
  const pushed = push(right, { plan: left, places, types, done: new Map() })
  return condition === undefined ? pushed : filter(pushed, condition)
}

function joinOnDomain(parts: DependentJoin, types: TypeContext): LogicalPlan {
  const { type, left, right, condition } = parts
  const columns = outerColumnsOf(right)
  const domain = distinct(choose(left, columns))
  const places = new Map(columns.map((column, i) => [column, i]))
  const pushed = push(right, { plan: domain, places, types, done: new Map() })
  const width = left.schema.length
  const both = [...left.schema, ...pushed.schema]
  const same = columns.map((column, i) => sameValue(types.registry, columnOf(both, column), columnOf(both, width + i)))
  const moved = conjuncts(condition).map((expr) =>
    remap(expr, (index) => (index < width ? index : index + columns.length)),
  )
  const joined = join(type, left, pushed, allOf([...same, ...moved]), false)
  return isLeftOnly(type) ? joined : keep(joined, width, right.schema.length, columns.length)
}
