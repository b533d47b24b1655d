// Two filters in a row are one; the inner one's conditions stay first, so that they go on guarding what may fail.
//
//   Filter q
//     Filter p     =>    Filter p AND q
//       X                  X

import { and } from '../expr-build.ts'
import { filter } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const mergeFilters = rule('merge-filters', (node, { readers }) => {
  if (node.kind !== 'filter' || node.input.kind !== 'filter' || readers(node.input) > 1) return undefined
  return filter(node.input.input, and([node.input.predicate, node.predicate]))
})
