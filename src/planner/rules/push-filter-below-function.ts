// Conditions on the input row of a set-returning function, or of a time window, are checked before it is called. Of
// sessions only those on their partition: other rows hold sessions together.
//
//   Filter p(X)                   TableFunction f
//     TableFunction f     =>        Filter p(X)
//       X                             X

import type { Expr } from '../expr.ts'
import { and } from '../expr-build.ts'
import { columnsOf, conjuncts, isVolatile } from '../expr-walk.ts'
import type { LogicalPlan, TableCall, TimeWindow } from '../logical.ts'
import { filter, tableCall, timeWindow } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const pushFilterBelowFunction = rule('push-filter-below-function', (node, { readers }) => {
  if (node.kind !== 'filter' || !isRowWise(node.input) || readers(node.input) > 1) return undefined
  const { input } = node
  const isRead = readable(input)
  const movable = (one: Expr): boolean => !isVolatile(one) && columnsOf(one).length > 0 && columnsOf(one).every(isRead)
  const all = conjuncts(node.predicate)
  const moved = all.filter(movable)
  if (moved.length === 0) return undefined

  const called = over(filter(input.input, and(moved)), input)
  const rest = all.filter((one) => !movable(one))
  return rest.length === 0 ? called : filter(called, and(rest))
})

const isRowWise = (node: LogicalPlan): node is TableCall | TimeWindow =>
  node.kind === 'tableCall' || node.kind === 'timeWindow'

/** Columns that a condition below may read. */
function readable(node: TableCall | TimeWindow): (column: number) => boolean {
  if (node.kind === 'timeWindow' && node.windows.kind === 'session') {
    const { partition } = node.windows
    return (column) => partition.includes(column)
  }
  const width = node.input.schema.length
  return (column) => column < width
}

const over = (input: LogicalPlan, node: TableCall | TimeWindow): LogicalPlan =>
  node.kind === 'tableCall'
    ? tableCall(input, node.calls, node)
    : timeWindow(input, node.time, node.windows, node.bounds)
