// A filter over UNION ALL filters each input; over INTERSECT and EXCEPT, both sides.
//
//   Filter p                UnionAll
//     UnionAll      =>        Filter p
//       A, B                    A
//                             Filter p
//                               B
//
// Does not fire for volatile conditions, nor over set operations on columns whose equal values may print differently:
// there a row that the filter drops may be the one that stands for its equals.

import { isVolatile } from '../expr-walk.ts'
import { needsEqualityForm } from '../internal-functions.ts'
import { filter, setOperation, unionAll } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const pushFilterBelowUnion = rule('push-filter-below-union', (node, { readers }) => {
  if (node.kind !== 'filter' || readers(node.input) > 1 || isVolatile(node.predicate)) return undefined
  const { input, predicate } = node
  if (input.kind === 'unionAll') return unionAll(input.inputs.map((one) => filter(one, predicate)))
  if (input.kind !== 'setOperation' || input.schema.some(needsEqualityForm)) return undefined
  return setOperation(input.operation, input.all, filter(input.left, predicate), filter(input.right, predicate))
})
