// State that is dropped as time passes is never missed: random histories with frontiers that move, cut anywhere, some
// epochs aborted, against the batch answer. And it is dropped: what is left after a hundred windows is what was left
// after a few.

import { expect, test } from 'vitest'
import { batchFromRows } from '../../src/core/convert.ts'
import { epoch } from '../../src/core/ids.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { columnDef, type Schema } from '../../src/core/schema.ts'
import { buildDataflow } from '../../src/executor/build.ts'
import { windowFunctions } from '../../src/functions/window/window.ts'
import { cleaningOf } from '../../src/planner/cleaning.ts'
import type { JoinNode, PhysicalPlan, ScanNode, TimeWindowNode, WindowNode } from '../../src/planner/physical.ts'
import { timeWindow } from '../../src/planner/plan-build.ts'
import { type TimeWindows, windowBounds } from '../../src/planner/time-window.ts'
import { testRegion } from '../support/columns.ts'
import { checkIncremental } from '../support/incremental.ts'
import {
  aggregate,
  aggregateCall,
  aggregateFunction,
  bool,
  call,
  column,
  distinct,
  environment,
  int4,
  int8,
  join,
  scan,
  schemaOf,
  setOperation,
  text,
  timed,
  top,
  unionAll,
} from '../support/plans.ts'

/** Columns: time, key, value. */
const schema = schemaOf(int8, int4, text)
const left = timed(scan('l', schema), 0)
const right = timed(scan('r', schema), 0)
const times = [0n, 1n, 2n, 3n, 5n, 7n, 8n, 11n, 15n, null]
const domain = [times, [1, 2, null], ['a', 'b', null]]
const one = [{ scan: left, domain }]
const two = [...one, { scan: right, domain }]

const hop = (step: bigint, size: bigint): TimeWindows => ({
  kind: step === size ? 'tumble' : 'hop',
  grid: { kind: 'ticks' },
  step,
  size,
  offset: 0n,
  shift: 0n,
})

/** The input's columns, then start (3), end (4) and time (5) of the window. */
function windowed(input: PhysicalPlan, windows: TimeWindows): TimeWindowNode {
  const { schema: shown } = timeWindow({ kind: 'values', rows: [], schema: input.schema }, 0, windows)
  const rest = { bounds: windowBounds, schema: shown, insertOnly: false, uniqueKeys: [] }
  return { kind: 'timeWindow', input, time: 0, windows, ...rest }
}

const calls = (input: Schema) => [
  aggregateCall(input, aggregateFunction('count'), []),
  aggregateCall(input, aggregateFunction('sum', int4), [1]),
  aggregateCall(input, aggregateFunction('max', text), [2]),
  aggregateCall(input, aggregateFunction('count', text), [2], { distinct: true }),
]

const linear = (input: Schema) => calls(input).slice(0, 2)

/** Nothing reads the operator's table as a view's. */
const hidden = (plan: PhysicalPlan): PhysicalPlan => unionAll(plan)

function check(plan: PhysicalPlan, inputs = one): void {
  expect(cleaningOf(plan).size).toBeGreaterThan(0)
  checkIncremental(plan, inputs, { runs: 40 })
}

const bothKeys = [
  { left: 0, right: 0, nullSafe: false },
  { left: 1, right: 1, nullSafe: true },
]

test('groups', () => {
  const tumbled = windowed(left, hop(4n, 4n))
  check(aggregate(tumbled, [1, 4], calls(tumbled.schema)))
  check(hidden(aggregate(tumbled, [3, 4, 1], calls(tumbled.schema))))
  check(hidden(aggregate(tumbled, [4], linear(tumbled.schema))))
  check(hidden(aggregate(left, [0, 1], linear(schema))))
})

test('groups of overlapping windows, and of groups', () => {
  const hopped = windowed(left, hop(2n, 6n))
  const counted = aggregate(hopped, [3, 5, 1], calls(hopped.schema))
  check(hidden(counted))
  check(aggregate(counted, [0], [aggregateCall(counted.schema, aggregateFunction('max', int8), [3])]))
})

test('DISTINCT and set operations', () => {
  check(distinct(left))
  check(hidden(distinct(left)))
  for (const all of [true, false])
    for (const operation of ['intersect', 'except'] as const) check(setOperation(operation, all, left, right), two)
})

test('joins on times', () => {
  const types: readonly JoinNode['type'][] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'mark']
  for (const type of types) check(join(type, left, right, { keys: bothKeys }), two)
})

test('joins on times with a further condition', () => {
  const pair: Schema = [...left.schema, ...right.schema]
  const residual = call('<>', bool, column(pair, 2), column(pair, 5))
  for (const type of ['inner', 'left', 'full', 'semi', 'anti'] as const)
    check(join(type, left, right, { keys: bothKeys, residual }), two)
})

test('one arrangement, two joins: only what both have passed goes', () => {
  const windows = join('inner', left, right, { keys: bothKeys })
  const byKey = join('inner', left, right, { keys: bothKeys.toReversed() })
  const third = join('left', left, windows, { keys: bothKeys })
  check(unionAll(join('semi', left, right, { keys: bothKeys }), join('anti', left, byKey, { keys: bothKeys })), two)
  check(third, two)
})

test('first rows and OVER of a window', () => {
  const tumbled = windowed(left, hop(4n, 4n))
  const order = [{ column: 2, descending: false, nullsFirst: false }]
  check(top(tumbled, { partition: [1, 4], order, limit: 1n }))
  check(top(tumbled, { partition: [3], order, limit: 2n, withNumber: true }))
  const over: WindowNode = {
    kind: 'window',
    input: tumbled,
    partition: [4],
    order,
    calls: [
      {
        function: windowFunctions.find(({ name }) => name === 'row_number')!,
        ...{ args: [], argTypes: [], filter: undefined, ignoreNulls: false, resultType: int8 },
        frame: {
          ...{ mode: 'range', exclude: 'none' },
          start: { kind: 'unboundedPreceding' },
          end: { kind: 'currentRow' },
        },
      },
    ],
    schema: [...tumbled.schema, columnDef('n', int8, false)],
    insertOnly: false,
    uniqueKeys: [],
  }
  check(over)
})

test('sessions that have ended, of partitions and of all', () => {
  const session = (partition: readonly number[], gap: bigint): TimeWindows => ({ kind: 'session', gap, partition })
  check(windowed(left, session([1], 3n)))
  check(windowed(left, session([], 2n)))
  const sessions = windowed(left, session([1], 4n))
  check(hidden(aggregate(sessions, [1, 3, 4], calls(sessions.schema))))
})

/** Bytes of state after so many windows of 50 keys have passed. */
function bytesAfter(plan: PhysicalPlan, inputs: readonly ScanNode[], windows: number): number {
  using flow = buildDataflow(plan, { env: environment, account: memoryAccount('test'), oneShot: false })
  for (let w = 0; w < windows; w++) {
    const region = testRegion()
    const rows = Array.from({ length: 200 }, (_, i) => [BigInt(10 * w + (i % 10)), i % 50, `value ${i}`])
    for (const input of inputs) flow.push(input, batchFromRows(schema, rows, region))
    flow.advance(() => [BigInt(10 * w), undefined, undefined])
    const context = { epoch: epoch(w + 1), time: 0n, frontiers: [], first: w === 0, last: false }
    for (const _ of flow.run(context, region, () => {}));
    flow.prepare()
    flow.seal()
  }
  return flow.bytes
}

test('state stays as it is while windows pass', () => {
  const tumbled = windowed(left, hop(10n, 10n))
  const order = [{ column: 2, descending: false, nullsFirst: false }]
  const plans: readonly PhysicalPlan[] = [
    hidden(aggregate(tumbled, [1, 4], calls(tumbled.schema))),
    hidden(distinct(left)),
    setOperation('except', true, left, right),
    join('full', left, right, { keys: bothKeys }),
    top(tumbled, { partition: [4, 1], order, limit: 1n }),
    windowed(left, { kind: 'session', gap: 2n, partition: [1] }),
  ]
  for (const plan of plans) {
    const inputs = plan.kind === 'setOperation' || plan.kind === 'join' ? [left, right] : [left]
    // Heaps are compacted now and then.
    expect(bytesAfter(plan, inputs, 100)).toBeLessThan(1.2 * bytesAfter(plan, inputs, 12))
  }
})
