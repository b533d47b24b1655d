// Ad-hoc queries: a LIMIT closes every input once it has its rows.

import { expect, test } from 'vitest'
import type { Batch } from '../../src/core/batch.ts'
import { batchFromRows } from '../../src/core/convert.ts'
import { relationId } from '../../src/core/ids.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { runPlan, runToEnd } from '../../src/engine/query.ts'
import type { Reads } from '../../src/engine/reads.ts'
import type { PhysicalPlan, ScanNode } from '../../src/planner/physical.ts'
import { testRegion } from '../support/columns.ts'
import { environment, int4, scan, schemaOf, unionAll } from '../support/plans.ts'

const schema = schemaOf(int4)
const input = (id: number): ScanNode => ({ ...scan(`t${id}`, schema), relation: relationId(id) })
const [first, second] = [input(1), input(2)]
const region = testRegion()

/** Relations of endless batches of two rows, that count what is taken of them. */
function endless(lasting: boolean, batches: number) {
  const taken = { 1: 0, 2: 0 }
  const closed: number[] = []
  function* rows(relation: 1 | 2): Generator<Batch> {
    try {
      for (let i = 0; i < batches; i++) {
        taken[relation]++
        yield batchFromRows(schema, [[relation], [relation]], region)
      }
    } finally {
      closed.push(relation)
    }
  }
  const reads: Reads = {
    lasting,
    scan: (relation) => rows(relation as number as 1 | 2),
    key: () => undefined,
    by: () => undefined,
    find: () => [],
    size: () => batches,
  }
  return { reads, taken, closed }
}

const run = (plan: PhysicalPlan, reads: Reads, enough: number | undefined) =>
  runToEnd(runPlan(plan, { env: environment, account: memoryAccount('test'), reads, region, enough }))
    .map((batch) => batch.length)
    .reduce((sum, length) => sum + length, 0)

test('rows that last are read no further than they are needed, and no other input is begun', () => {
  const { reads, taken, closed } = endless(true, 1_000_000)
  expect(run(unionAll(first, second), reads, 5)).toBe(6)
  expect(taken).toEqual({ 1: 3, 2: 0 })
  expect(closed).toEqual([1])
})

test('LIMIT 0 reads nothing', () => {
  const { reads, taken } = endless(true, 1_000_000)
  expect(run(unionAll(first, second), reads, 0)).toBe(0)
  expect(taken).toEqual({ 1: 0, 2: 0 })
})

test('without a LIMIT, and where rows do not last, every input is read whole', () => {
  for (const [lasting, enough] of [
    [true, undefined],
    [false, 5],
  ] as const) {
    const { reads, taken, closed } = endless(lasting, 4)
    run(unionAll(first, second), reads, enough)
    expect(taken).toEqual({ 1: 4, 2: 4 })
    expect(closed.toSorted()).toEqual([1, 2])
  }
})
