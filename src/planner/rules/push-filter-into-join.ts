// WHERE over a join: conditions on one side go to that side, those on both sides of an inner join into its condition.
//
//   Filter l AND r AND lr                Join inner on c AND lr
//     Join inner on c            =>        Filter l
//       L                                    L
//       R                                  Filter r
//                                            R
//
// Below an outer join only the preserved side is reached: LEFT, semi, anti, mark keep l, RIGHT keeps r. A condition
// that can fail stays where it is: below, it would also be evaluated on rows that find no partner. Volatile ones stay
// too.

import type { Expr } from '../expr.ts'
import { allOf, and } from '../expr-build.ts'
import { canFail, columnsOf, conjuncts, isVolatile, shift } from '../expr-walk.ts'
import type { Join, LogicalPlan } from '../logical.ts'
import { filter, join } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const pushFilterIntoJoin = rule('push-filter-into-join', (node, { readers }) => {
  if (node.kind !== 'filter' || node.input.kind !== 'join' || readers(node.input) > 1) return undefined
  const { input } = node
  const parts = divide(conjuncts(node.predicate), input)
  if (parts.left.length + parts.right.length + parts.both.length === 0) return undefined

  const left = restricted(input.left, parts.left)
  const right = restricted(
    input.right,
    parts.right.map((expr) => shift(expr, -input.left.schema.length)),
  )
  const condition = allOf([...conjuncts(input.condition), ...parts.both])
  const joined = join(input.type, left, right, condition, input.nullAware)
  return parts.rest.length === 0 ? joined : filter(joined, and(parts.rest))
})

const reachesLeft = new Set<Join['type']>(['inner', 'left', 'semi', 'anti', 'mark'])
const reachesRight = new Set<Join['type']>(['inner', 'right'])

function divide(conditions: readonly Expr[], { type, left }: Join) {
  const parts = { left: [] as Expr[], right: [] as Expr[], both: [] as Expr[], rest: [] as Expr[] }
  const width = left.schema.length
  for (const one of conditions) {
    const columns = columnsOf(one)
    const stays = isVolatile(one) || columns.length === 0
    const isLeft = columns.every((column) => column < width)
    const isRight = columns.every((column) => column >= width)
    if (stays) parts.rest.push(one)
    else if (isLeft && reachesLeft.has(type) && !canFail(one)) parts.left.push(one)
    else if (isRight && reachesRight.has(type) && !canFail(one)) parts.right.push(one)
    else if (!isLeft && !isRight && type === 'inner') parts.both.push(one)
    else parts.rest.push(one)
  }
  return parts
}

const restricted = (plan: LogicalPlan, conditions: readonly Expr[]): LogicalPlan =>
  conditions.length === 0 ? plan : filter(plan, and(conditions))
