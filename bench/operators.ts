// Operators of the executor against the reference loops: a filter, a projection with a NUMERIC product, two aggregates
// and a join, each as a dataflow that lives for the whole run, fed batches of four sizes; an epoch is 4,096 rows or
// one batch.
//
// What the figures contain: pushing, the operators, emitting to a sink that reads lengths, sealing, recycling the
// region.

import { type Batch, batchOf, i32Column, i64Column } from '../src/core/batch.ts'
import { epoch } from '../src/core/ids.ts'
import { memoryAccount } from '../src/core/memory.ts'
import { Region } from '../src/core/region.ts'
import { columnDef, type Schema } from '../src/core/schema.ts'
import { numericPhysical, type SqlType } from '../src/core/type.ts'
import { numeric } from '../src/core/value.ts'
import { buildDataflow } from '../src/executor/build.ts'
import type { Dataflow } from '../src/executor/dataflow.ts'
import { functionRegistry } from '../src/functions/all.ts'
import type { Expr } from '../src/planner/expr.ts'
import type { PhysicalPlan, ScanNode } from '../src/planner/physical.ts'
import {
  aggregate,
  aggregateCall,
  aggregateFunction,
  bool,
  call,
  column,
  constant,
  environment,
  int4,
  int8,
  join,
  map,
  scalar,
  scan,
} from '../test/support/plans.ts'
import { type Measured, measure } from './reference/measure.ts'
import { draws } from './reference/random.ts'
import type { BenchCase } from './run.ts'

const SIZES = [256, 1024, 4096, 8192] as const
const EPOCH_ROWS = 4096
const ROWS = 1 << 21

/** A plan that runs: batches in, epochs sealed, output counted. */
class Driver {
  readonly #flow: Dataflow
  readonly #region = new Region(memoryAccount('bench'))
  #epoch = 0
  rowsOut = 0

  constructor(plan: PhysicalPlan) {
    this.#flow = buildDataflow(plan, { env: environment, account: memoryAccount('bench'), oneShot: false })
  }

  run(deltas: readonly (readonly [ScanNode, Batch])[]): void {
    for (const [input, batch] of deltas) this.#flow.push(input, batch)
    const context = { epoch: epoch(++this.#epoch), time: 0n, frontiers: [], first: this.#epoch === 1, last: false }
    const steps = this.#flow.run(context, this.#region, (batch) => {
      this.rowsOut += batch.length
    })
    while (steps.next().done !== true);
    this.#flow.prepare()
    this.#flow.seal()
    this.#region.recycle()
  }
}

const bids: Schema = ['auction', 'bidder', 'price', 'time'].map((name) => columnDef(name, int8, false))

function bidBatches(rows: number): Batch[] {
  const draw = draws(42)
  const values = (value: () => number) => i64Column(BigInt64Array.from({ length: rows }, () => BigInt(value())))
  return Array.from({ length: 16 }, () =>
    batchOf(rows, [
      values(() => 1_000_000_000_000 + draw(10_000)),
      values(() => draw(100_000)),
      values(() => 1 + draw(10_000_000)),
      values(() => 0),
    ]),
  )
}

function measureRows(plan: PhysicalPlan, input: ScanNode, batches: readonly Batch[], rows: number): Measured {
  const driver = new Driver(plan)
  const perEpoch = Math.max(1, EPOCH_ROWS / rows)
  const epochs = ROWS / (rows * perEpoch)
  let next = 0
  return measure(ROWS, () => {
    for (let e = 0; e < epochs; e++)
      driver.run(Array.from({ length: perEpoch }, () => [input, batches[next++ % batches.length]!] as const))
  })
}

const bid = scan('bid', bids, true)
const price = column(bids, 2)

const filterPlan = map(
  bid,
  call('>', bool, price, constant(9_000_000n, int8)),
  [0, 1, 2].map((c) => column(bids, c)),
)

/** price * 0.908: the factor is NUMERIC(3,3), the product 22 digits of scale 3 in two words. */
function timesRate(): Expr {
  const type: SqlType = { kind: 'numeric' }
  const rate: Expr = {
    kind: 'constant',
    value: numeric(908n, 3),
    type,
    physical: { kind: 'i64', precision: 3, scale: 3 },
    nullable: false,
  }
  const whole: Expr = {
    kind: 'cast',
    input: price,
    cast: functionRegistry().cast(int8, type),
    explicit: false,
    type,
    physical: numericPhysical(19, 0),
    nullable: false,
  }
  const times = scalar('*', type, type)
  const physical = times.physical!([whole.physical, rate.physical])
  return { kind: 'call', function: times, args: [whole, rate], type, physical, nullable: false }
}

const q1Plan = map(bid, undefined, [column(bids, 0), column(bids, 1), timesRate(), column(bids, 3)])

const keyed: Schema = [columnDef('key', int8, false), columnDef('code', int4, false), columnDef('value', int8, false)]

function keyedBatches(rows: number, groups: number): Batch[] {
  const draw = draws(7)
  return Array.from({ length: ROWS / rows }, () => {
    const keys = Array.from({ length: rows }, () => draw(groups))
    return batchOf(rows, [
      i64Column(BigInt64Array.from(keys, (key) => 1_000_000_000_000n + BigInt(key))),
      i32Column(Int32Array.from(keys, (key) => key % 7)),
      i64Column(BigInt64Array.from(keys, () => BigInt(1 + draw(10_000_000)))),
    ])
  })
}

function measureAggregate(groups: number, rows: number): Measured {
  const input = scan('keyed', keyed, true)
  const calls = [
    aggregateCall(keyed, aggregateFunction('count'), []),
    aggregateCall(keyed, aggregateFunction('sum', int8), [2]),
    aggregateCall(keyed, aggregateFunction('max', int8), [2]),
  ]
  return measureRows(aggregate(input, [0, 1], calls), input, keyedBatches(rows, groups), rows)
}

const pairSide: Schema = [columnDef('key', int8, false), columnDef('value', int8, false)]
const JOIN_ROWS = 1 << 20

function joinBatches(rows: number, seed: number): Batch[] {
  const draw = draws(seed)
  return Array.from({ length: JOIN_ROWS / rows }, () =>
    batchOf(rows, [
      i64Column(BigInt64Array.from({ length: rows }, () => 1_000_000_000_000n + BigInt(draw(1_000_000)))),
      i64Column(BigInt64Array.from({ length: rows }, () => BigInt(1 + draw(10_000_000)))),
    ]),
  )
}

/** From empty to a million rows a side, as the reference. */
function measureJoin(rows: number): Measured {
  const left = scan('left', pairSide, true)
  const right = scan('right', pairSide, true)
  const plan = join('inner', left, right, { keys: [{ left: 0, right: 0, nullSafe: false }] })
  const [lefts, rights] = [joinBatches(rows, 1), joinBatches(rows, 2)]
  const perEpoch = Math.max(1, EPOCH_ROWS / rows)
  return measure(
    2 * JOIN_ROWS,
    () => {
      const driver = new Driver(plan)
      for (let at = 0; at < lefts.length; at += perEpoch)
        driver.run(
          Array.from({ length: perEpoch }, (_, i) => [
            [left, lefts[at + i]!] as const,
            [right, rights[at + i]!] as const,
          ]).flat(),
        )
    },
    1,
  )
}

export const cases: readonly BenchCase[] = SIZES.flatMap((rows): BenchCase[] => [
  {
    name: `filter/${rows}`,
    reference: 'filter',
    limit: { plusNs: 8 },
    run: () => measureRows(filterPlan, bid, bidBatches(rows), rows),
  },
  {
    name: `q1/${rows}`,
    reference: 'q1',
    limit: { plusNs: 8 },
    run: () => measureRows(q1Plan, bid, bidBatches(rows), rows),
  },
  { name: `agg10k/${rows}`, reference: 'agg10k', limit: { times: 2.5 }, run: () => measureAggregate(10_000, rows) },
  { name: `agg1m/${rows}`, reference: 'agg1m', limit: { times: 2.5 }, run: () => measureAggregate(1_000_000, rows) },
  { name: `join/${rows}`, reference: 'join', limit: { times: 3 }, run: () => measureJoin(rows) },
])
