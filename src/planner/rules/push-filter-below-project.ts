// Filters before projecting, so that nothing is computed for a row that is then dropped.
//
//   Filter p                 Project cols
//     Project cols     =>      Filter p[cols]        p[cols]: p with its columns replaced by cols
//       X                        X
//
// Does not fire if p reads a volatile column: it would be evaluated a second time, and the row that passed the filter
// could differ from the row that comes out. Nor if others read the projection too: it would be computed twice.

import { columnsOf, isVolatile, substitute } from '../expr-walk.ts'
import { filter, project } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const pushFilterBelowProject = rule('push-filter-below-project', (node, { readers }) => {
  if (node.kind !== 'filter' || node.input.kind !== 'project' || readers(node.input) > 1) return undefined
  const { predicate, input: projection } = node
  const read = columnsOf(predicate).map((index) => projection.columns[index]!)
  if (read.some(isVolatile)) return undefined

  const names = projection.schema.map((def) => def.name)
  return project(filter(projection.input, substitute(predicate, projection.columns)), projection.columns, names)
})
