// Parts of ON that read one side only are filters of that side, where dropping its rows drops no others.
//
//   Join left on c AND r              Join left on c
//     L                         =>      L
//     R                                 Filter r
//                                         R
//
// Inner and semi joins: both sides. LEFT, anti, mark: the right side. RIGHT: the left side. FULL: neither. A null-aware
// join asks for all rows of its right side: there nothing moves. What can fail stays, as in push-filter-into-join.

import type { Expr } from '../expr.ts'
import { allOf, and } from '../expr-build.ts'
import { canFail, columnsOf, conjuncts, isVolatile, shift } from '../expr-walk.ts'
import type { Join, LogicalPlan } from '../logical.ts'
import { filter, join } from '../plan-build.ts'
import { rule } from '../rule.ts'

const dropsLeft = new Set<Join['type']>(['inner', 'semi', 'right'])
const dropsRight = new Set<Join['type']>(['inner', 'semi', 'left', 'anti', 'mark'])

export const pushJoinCondition = rule('push-join-condition', (node) => {
  if (node.kind !== 'join' || node.nullAware || node.condition === undefined) return undefined
  const width = node.left.schema.length
  const movable = (one: Expr): boolean => !canFail(one) && !isVolatile(one) && columnsOf(one).length > 0
  const isLeft = (one: Expr): boolean => columnsOf(one).every((column) => column < width)
  const isRight = (one: Expr): boolean => columnsOf(one).every((column) => column >= width)
  const all = conjuncts(node.condition)
  const left = all.filter((one) => dropsLeft.has(node.type) && movable(one) && isLeft(one))
  const right = all.filter((one) => dropsRight.has(node.type) && movable(one) && isRight(one))
  if (left.length + right.length === 0) return undefined

  const rest = all.filter((one) => !left.includes(one) && !right.includes(one))
  return join(
    node.type,
    restricted(node.left, left),
    restricted(
      node.right,
      right.map((one) => shift(one, -width)),
    ),
    allOf(rest),
  )
})

const restricted = (plan: LogicalPlan, conditions: readonly Expr[]): LogicalPlan =>
  conditions.length === 0 ? plan : filter(plan, and(conditions))
