// A tree of inner joins in an order that makes no cross product where a condition connects.
//
//   Join                            Project (a, b, c)
//     Join (cross)         =>         Join on b.y = c.y
//       a                               Join on a.x = c.x
//       b                                 a
//     c  on a.x = c.x AND b.y = c.y       c
//                                       b
//
// Fires only where the written order has a cross product; then relations are taken greedily: the first one, and after
// it each time the first that an equality connects to what is there (that another condition connects, that is left).
// Conditions are attached where all that they read is there.

import { assert } from '../../core/assert.ts'
import type { Expr } from '../expr.ts'
import { allOf } from '../expr-build.ts'
import { columnsOf, conjuncts, remap } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import { exactlyOneRow } from '../logical-facts.ts'
import { choose, join } from '../plan-build.ts'
import { rule } from '../rule.ts'

interface Leaf {
  readonly plan: LogicalPlan
  /** Its columns' places in the row of the whole tree as written. */
  readonly from: number
  readonly to: number
}

interface Condition {
  readonly expr: Expr
  /** Leaves that it reads. */
  readonly leaves: ReadonlySet<number>
  readonly isEquality: boolean
}

export const orderJoins = rule('order-joins', (node, { readers }) => {
  if (node.kind !== 'join' || node.type !== 'inner') return undefined
  const leaves: Leaf[] = []
  const exprs: Expr[] = []
  const crossed = flatten(node, 0, { leaves, exprs, readers })
  if (leaves.length < 3 || !crossed) return undefined
  const conditions = exprs.map((expr) => conditionOf(expr, leaves))
  const order = chooseOrder(leaves, conditions)
  if (order.every((leaf, i) => leaf === i)) return undefined
  return rebuild(node, leaves, conditions, order)
})

interface Flat {
  readonly leaves: Leaf[]
  readonly exprs: Expr[]
  readonly readers: (node: LogicalPlan) => number
}

/** Collects leaves and conditions over the whole row; true if some join in the tree is a cross product. */
function flatten(plan: LogicalPlan, at: number, flat: Flat, isRoot = true): boolean {
  if (plan.kind !== 'join' || plan.type !== 'inner' || (!isRoot && flat.readers(plan) > 1)) {
    flat.leaves.push({ plan, from: at, to: at + plan.schema.length })
    return false
  }
  const left = flatten(plan.left, at, flat, false)
  const right = flatten(plan.right, at + plan.left.schema.length, flat, false)
  const own = conjuncts(plan.condition)
  flat.exprs.push(...own.map((expr) => remap(expr, (index) => index + at)))
  const isSmall = exactlyOneRow(plan.left) || exactlyOneRow(plan.right)
  return left || right || (own.length === 0 && !isSmall)
}

function conditionOf(expr: Expr, leaves: readonly Leaf[]): Condition {
  const owner = (column: number): number => leaves.findIndex((leaf) => column >= leaf.from && column < leaf.to)
  return {
    expr,
    leaves: new Set(columnsOf(expr).map(owner)),
    isEquality: expr.kind === 'call' && expr.function.name === '=',
  }
}

function chooseOrder(leaves: readonly Leaf[], conditions: readonly Condition[]): readonly number[] {
  const left = new Set(leaves.keys())
  const order: number[] = []
  const placed = new Set<number>()
  const connects = (leaf: number, wanted: (condition: Condition) => boolean): boolean =>
    conditions.some(
      (condition) =>
        wanted(condition) &&
        condition.leaves.has(leaf) &&
        condition.leaves.size > 1 &&
        [...condition.leaves].every((one) => one === leaf || placed.has(one)),
    )
  while (left.size > 0) {
    const candidates = [...left]
    const next =
      candidates.find((leaf) => connects(leaf, (condition) => condition.isEquality)) ??
      candidates.find((leaf) => connects(leaf, () => true)) ??
      candidates[0]!
    left.delete(next)
    placed.add(next)
    order.push(next)
  }
  return order
}

function rebuild(
  node: LogicalPlan,
  leaves: readonly Leaf[],
  conditions: readonly Condition[],
  order: readonly number[],
): LogicalPlan {
  const place = new Map<number, number>()
  const waiting = new Set(conditions)
  const placed = new Set<number>()
  let plan: LogicalPlan | undefined
  for (const index of order) {
    const leaf = leaves[index]!
    const at = plan?.schema.length ?? 0
    for (let column = leaf.from; column < leaf.to; column++) place.set(column, at + column - leaf.from)
    placed.add(index)
    const ready = [...waiting].filter((condition) => [...condition.leaves].every((one) => placed.has(one)))
    if (plan === undefined) {
      plan = leaf.plan
      continue
    }
    for (const condition of ready) waiting.delete(condition)
    plan = join('inner', plan, leaf.plan, allOf(ready.map(({ expr }) => remap(expr, (column) => place.get(column)!))))
  }
  assert(plan && waiting.size === 0, 'a join condition was lost')
  return choose(
    plan,
    node.schema.map((_, i) => place.get(i)!),
  )
}
