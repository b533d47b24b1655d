// The simple correlated plans: what reads outer columns are filters that can be taken out of the plan and joined by.
//
//   π c (σ r.k = outer.k (r))      =>     π c, k (r)   joined on k = outer.k
//
// No D is needed then. A projection whose expressions can fail stays above its filter: it would be evaluated for rows
// that the written query never looks at.

import type { Expr, OuterColumnExpr } from '../expr.ts'
import { allOf } from '../expr-build.ts'
import { canFail, conjuncts, remap, rewriteExpr, someExpr } from '../expr-walk.ts'
import type { Join, LogicalPlan } from '../logical.ts'
import { columnOf, filter, join, project } from '../plan-build.ts'
import { outerColumnsOf, raise } from '../plan-walk.ts'

export interface PulledUp {
  /** The plan's columns first, then others that the conditions need; not correlated. */
  readonly plan: LogicalPlan
  /** Over the plan's row; outer columns of depth 1 still in them. */
  readonly conditions: readonly Expr[]
}

const isCorrelated = (plan: LogicalPlan): boolean => outerColumnsOf(plan).length > 0

const readsOuter = (expr: Expr): boolean => someExpr(expr, (node) => node.kind === 'outer' && node.depth === 1)

/** Undefined where the plan is correlated in a way that is not simple. */
export function pullUp(plan: LogicalPlan): PulledUp | undefined {
  if (!isCorrelated(plan)) return { plan, conditions: [] }
  switch (plan.kind) {
    case 'filter': {
      const input = pullUp(plan.input)
      if (input === undefined) return undefined
      const all = conjuncts(plan.predicate)
      const own = allOf(all.filter((one) => !readsOuter(one)))
      const outer = all.filter(readsOuter)
      return { plan: own ? filter(input.plan, own) : input.plan, conditions: [...input.conditions, ...outer] }
    }
    case 'project': {
      const input = pullUp(plan.input)
      if (input === undefined || plan.columns.some((expr) => readsOuter(expr) || canFail(expr))) return undefined
      return throughProject(
        plan.columns,
        plan.schema.map((def) => def.name),
        input,
      )
    }
    case 'join':
      return plan.type === 'inner' ? throughJoin(plan) : undefined
    default:
      return undefined
  }
}

/** What the conditions read becomes columns behind the projection's own. */
function throughProject(columns: readonly Expr[], names: readonly string[], input: PulledUp): PulledUp {
  const kept = [...columns]
  const keptNames = [...names]
  const place = (index: number): number => {
    const found = kept.findIndex((expr) => expr.kind === 'column' && expr.index === index)
    if (found >= 0) return found
    keptNames.push(input.plan.schema[index]!.name)
    return kept.push(columnOf(input.plan.schema, index)) - 1
  }
  const conditions = input.conditions.map((condition) => remap(condition, place))
  return { plan: project(input.plan, kept, keptNames), conditions }
}

function throughJoin(plan: Join): PulledUp | undefined {
  const [left, right] = [pullUp(plan.left), pullUp(plan.right)]
  if (left === undefined || right === undefined) return undefined
  const own = { left: plan.left.schema.length, right: plan.right.schema.length }
  const width = left.plan.schema.length
  const moved = (expr: Expr): Expr => remap(expr, (index) => (index < own.left ? index : index - own.left + width))
  const all = conjuncts(plan.condition).map(moved)
  const joined = join('inner', left.plan, right.plan, allOf(all.filter((one) => !readsOuter(one))))
  const conditions = [
    ...left.conditions,
    ...right.conditions.map((one) => remap(one, (index) => index + width)),
    ...all.filter(readsOuter),
  ]
  if (width === own.left) return { plan: joined, conditions }
  const columns = plan.schema.map((_, i) => columnOf(joined.schema, i < own.left ? i : i - own.left + width))
  return throughProject(
    columns,
    plan.schema.map((def) => def.name),
    { plan: joined, conditions },
  )
}

/** A pulled condition over (left, right): outer columns are the left row's. */
export function joinCondition(conditions: readonly Expr[], leftWidth: number): readonly Expr[] {
  return conditions.map((condition) =>
    rewriteExpr(condition, (node) => {
      if (node.kind === 'column') return { ...node, index: node.index + leftWidth }
      return node.kind === 'outer' ? lowered(node) : undefined
    }),
  )
}

function lowered(outer: OuterColumnExpr): Expr {
  const { depth, ...rest } = outer
  return depth === 1 ? { ...rest, kind: 'column' } : { ...outer, depth: depth - 1 }
}

/** The plan one level up: nothing in it reads the level that went. */
export const raised = (pulled: PulledUp): LogicalPlan => raise(pulled.plan)
