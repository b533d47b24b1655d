// State of a dataflow is accounted to the byte: what operators say they hold is what their account was charged, and
// disposing gives all of it back. Ordered indexes count beside the key tables they hang on.

import { expect, test } from 'vitest'
import { batchOf, i64Column } from '../../src/core/batch.ts'
import { epoch } from '../../src/core/ids.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { columnDef, type Schema } from '../../src/core/schema.ts'
import { buildDataflow } from '../../src/executor/build.ts'
import type { PhysicalPlan, ScanNode } from '../../src/planner/physical.ts'
import { testRegion } from '../support/columns.ts'
import { aggregate, aggregateCall, aggregateFunction, environment, int8, scan, top } from '../support/plans.ts'

const schema: Schema = ['key', 'value'].map((name) => columnDef(name, int8, false))
const input = scan('t', schema)
const ROWS = 1000

/** Bytes of state after some epochs of insertions and one of retractions, each compared with the account. */
function stateBytes(plan: PhysicalPlan, from: ScanNode): number {
  const account = memoryAccount('test')
  const flow = buildDataflow(plan, { env: environment, account, oneShot: false })
  const region = testRegion()
  const column = (value: (i: number) => number) =>
    i64Column(BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(value(i))))
  const signs = [1, 1, 1, -1]
  for (const [e, sign] of signs.entries()) {
    const shift = sign < 0 ? 0 : e * ROWS
    const columns = [column((i) => i % 10), column((i) => i + shift)]
    flow.push(from, batchOf(ROWS, columns, new Int32Array(ROWS).fill(sign)))
    const context = { epoch: epoch(e + 1), time: 0n, frontiers: [], first: e === 0, last: false }
    const steps = flow.run(context, region, () => {})
    while (steps.next().done !== true);
    flow.prepare()
    flow.seal()
    region.recycle()
    expect(flow.bytes).toBe(account.bytes)
  }
  const { bytes } = account
  flow[Symbol.dispose]()
  expect(account.bytes).toBe(0)
  return bytes
}

test('values that minimum and maximum keep in order', () => {
  const of = (name: string) => aggregateCall(schema, aggregateFunction(name, int8), [1])
  // 2,000 values are left, of 8 bytes each.
  expect(stateBytes(aggregate(input, [0], [of('min'), of('max')]), input)).toBeGreaterThan(2 * ROWS * 8)
})

test('rows that top keeps in order', () => {
  const order = [{ column: 1, descending: true, nullsFirst: false }]
  expect(stateBytes(top(input, { partition: [0], order, limit: 3n }), input)).toBeGreaterThan(2 * ROWS * 8)
})
