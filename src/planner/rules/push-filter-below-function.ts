// Conditions on the input row of a set-returning function are checked before the function is called.
//
//   Filter p(X)                   TableFunction f
//     TableFunction f     =>        Filter p(X)
//       X                             X

import type { Expr } from '../expr.ts'
import { and } from '../expr-build.ts'
import { columnsOf, conjuncts, isVolatile } from '../expr-walk.ts'
import { filter, tableCall } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const pushFilterBelowFunction = rule('push-filter-below-function', (node, { readers }) => {
  if (node.kind !== 'filter' || node.input.kind !== 'tableCall' || readers(node.input) > 1) return undefined
  const { input } = node
  const width = input.input.schema.length
  const movable = (one: Expr): boolean =>
    !isVolatile(one) && columnsOf(one).length > 0 && columnsOf(one).every((column) => column < width)
  const all = conjuncts(node.predicate)
  const moved = all.filter(movable)
  if (moved.length === 0) return undefined

  const called = tableCall(filter(input.input, and(moved)), input.calls, input)
  const rest = all.filter((one) => !movable(one))
  return rest.length === 0 ? called : filter(called, and(rest))
})
