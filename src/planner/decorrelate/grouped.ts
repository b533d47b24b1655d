// The most common correlated subquery: an aggregate over the rows with an equal key.
//
//   SELECT …, (SELECT max(x) FROM r WHERE r.k = l.k)      =>      l ⟕ (SELECT k, max(x) FROM r GROUP BY k) ON l.k = r.k
//
// No D, and the groups serve all rows of l. COUNT of a missing group is 0 (empty-value.ts). It fits where the plan is a
// projection over a global aggregate whose input is correlated by equalities only, each between something of the outer
// row and something of the inner one; rows without a partner in l are grouped too, so nothing below may fail.

import type { Expr } from '../expr.ts'
import { and } from '../expr-build.ts'
import { canFail, columnsOf, someExpr, substitute } from '../expr-walk.ts'
import type { Aggregate, LogicalPlan } from '../logical.ts'
import { aggregate, columnOf, extend, join, project } from '../plan-build.ts'
import { raise } from '../plan-walk.ts'
import type { TypeContext } from '../types/coerce.ts'
import { emptyValue } from './empty-value.ts'
import { joinCondition, pullUp } from './pull-up.ts'

/** Left columns, then the subquery's: exactly one row of it for each left row. Undefined: another shape. */
export function joinGrouped(left: LogicalPlan, right: LogicalPlan, types: TypeContext): LogicalPlan | undefined {
  const shape = shapeOf(right)
  if (shape === undefined) return undefined
  const { group, columns, names } = shape
  const pulled = pullUp(group.input)
  const keys = pulled?.conditions.map(innerSide)
  if (pulled === undefined || keys === undefined || !keys.every((key) => key !== undefined)) return undefined

  const input = extend(raise(pulled.plan), keys)
  const at = pulled.plan.schema.length
  const grouped = aggregate(
    input,
    keys.map((_, i) => at + i),
    group.calls,
    { global: false },
  )
  const width = left.schema.length
  const conditions = pulled.conditions.map((condition, i) => onKey(condition, keys[i]!, columnOf(grouped.schema, i)))
  const joined = join('left', left, grouped, and(joinCondition(conditions, width)))
  const results = group.calls.map((call, i) =>
    emptyValue(call, columnOf(joined.schema, width + keys.length + i), types.text),
  )
  const own = left.schema.map((_, i) => columnOf(joined.schema, i))
  return project(
    joined,
    [...own, ...columns.map((expr) => substitute(expr, results))],
    [...left.schema.map((def) => def.name), ...names],
  )
}

interface Shape {
  readonly group: Aggregate
  /** Over the aggregate's row. */
  readonly columns: readonly Expr[]
  readonly names: readonly string[]
}

const readsOuter = (expr: Expr): boolean => someExpr(expr, (node) => node.kind === 'outer')

function shapeOf(plan: LogicalPlan): Shape | undefined {
  const names = plan.schema.map((def) => def.name)
  if (plan.kind === 'aggregate' && plan.global)
    return { group: plan, columns: plan.schema.map((_, i) => columnOf(plan.schema, i)), names }
  if (plan.kind !== 'project' || plan.columns.some(readsOuter)) return undefined
  const below = shapeOf(plan.input)
  return below && { group: below.group, columns: plan.columns.map((expr) => substitute(expr, below.columns)), names }
}

/** What a condition `inner = outer` compares of the inner row; undefined: it is none. */
function innerSide(condition: Expr): Expr | undefined {
  if (condition.kind !== 'call' || condition.function.name !== '=' || condition.args.length !== 2) return undefined
  const isInner = (expr: Expr): boolean => !readsOuter(expr) && !canFail(expr) && columnsOf(expr).length > 0
  const isOuter = (expr: Expr): boolean => columnsOf(expr).length === 0
  const [a, b] = condition.args as readonly [Expr, Expr]
  if (isInner(a) && isOuter(b)) return a
  return isInner(b) && isOuter(a) ? b : undefined
}

/** The condition with the group's key in the place of what it was computed from. */
const onKey = (condition: Expr, inner: Expr, key: Expr): Expr =>
  condition.kind === 'call'
    ? { ...condition, args: condition.args.map((arg) => (arg === inner ? key : arg)) }
    : condition
