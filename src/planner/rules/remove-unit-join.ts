// Joining the one row without columns that a SELECT without FROM reads adds nothing.
//
//   Join inner on c           Filter c
//     Values ()         =>      X
//     X

import type { LogicalPlan } from '../logical.ts'
import { filter } from '../plan-build.ts'
import { rule } from '../rule.ts'

const isUnit = (plan: LogicalPlan): boolean =>
  plan.kind === 'values' && plan.rows.length === 1 && plan.schema.length === 0

export const removeUnitJoin = rule('remove-unit-join', (node) => {
  if (node.kind !== 'join' || node.type !== 'inner') return undefined
  const other = isUnit(node.left) ? node.right : isUnit(node.right) ? node.left : undefined
  if (other === undefined) return undefined
  return node.condition === undefined ? other : filter(other, node.condition)
})
