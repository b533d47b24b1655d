// DISTINCT over rows that a unique key already tells apart is nothing; so is a GROUP BY that holds such a key and
// computes nothing, but for the choice of its columns.

import { atMostOneRow, keysOf } from '../logical-facts.ts'
import { choose } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const removeDistinct = rule('remove-distinct', (node) => {
  if (node.kind === 'distinct') return keysOf(node.input).length > 0 ? node.input : undefined
  if (node.kind !== 'aggregate' || node.global || node.calls.length > 0) return undefined
  const holds = keysOf(node.input).some((key) => key.every((column) => node.groupKeys.includes(column)))
  return holds || atMostOneRow(node.input) ? choose(node.input, node.groupKeys) : undefined
})
