// Time windows against the reference loops: counts per key and window, with a watermark a second behind, so that
// windows close and their state goes while the case runs.
//
//   tumble10k, tumble1m   10 s, 1 M rows a second of event time       against the plain aggregates
//   hop                   2 s / 10 s, 100 k keys, 100 k rows a second; `timesTumble`: against TUMBLE 10 s of them
//   hopClose              the same, EMIT ON WINDOW CLOSE
//   session               gap 100 ms, 100 k keys
//   flat                  state after 10 and after 100 windows, and the longest that an epoch gives no way
//
// What the figures contain: as in operators.ts, and the frontiers.

import { type Batch, batchOf, type I64Column, i64Column } from '../src/core/batch.ts'
import { epoch } from '../src/core/ids.ts'
import { memoryAccount } from '../src/core/memory.ts'
import { Region } from '../src/core/region.ts'
import { columnDef, type Schema } from '../src/core/schema.ts'
import { buildDataflow } from '../src/executor/build.ts'
import type { Dataflow } from '../src/executor/dataflow.ts'
import type { PhysicalPlan } from '../src/planner/physical.ts'
import { closeAtNode } from '../src/planner/physical-build.ts'
import { timeWindow } from '../src/planner/plan-build.ts'
import type { TimeWindows } from '../src/planner/time-window.ts'
import { aggregate, aggregateCall, aggregateFunction, environment, int8, scan, timed } from '../test/support/plans.ts'
import { type Measured, measure } from './reference/measure.ts'
import { draws } from './reference/random.ts'
import type { BenchCase } from './run.ts'

const EPOCH_ROWS = 4096
const ROWS = 1 << 20
const SECOND = 1_000_000n
/** Prepared columns of keys, used one after the other. */
const KEY_COLUMNS = 256

const rows: Schema = [columnDef('key', int8, false), columnDef('time', { kind: 'timestamp' }, false)]
const input = timed(scan('rows', rows, true), 1)

const aligned = (kind: 'tumble' | 'hop', step: bigint, size: bigint): TimeWindows => ({
  ...{ kind, step, size, offset: 0n, shift: 0n },
  grid: { kind: 'ticks' },
})

/** count(*) GROUP BY key, window_end; of sessions by both bounds. */
function counts(windows: TimeWindows): PhysicalPlan {
  const { schema } = timeWindow({ kind: 'values', rows: [], schema: rows }, 1, windows)
  const rest = { bounds: ['start', 'end'] as const, insertOnly: windows.kind !== 'session', uniqueKeys: [] }
  const windowed: PhysicalPlan = { kind: 'timeWindow', input, time: 1, windows, schema: schema.slice(0, 4), ...rest }
  const call = aggregateCall(windowed.schema, aggregateFunction('count'), [])
  return aggregate(windowed, windows.kind === 'session' ? [0, 2, 3] : [0, 3], [call])
}

/** Rows whose time goes on by so many µs each, in epochs, with a watermark a second behind. */
class Stream {
  readonly flow: Dataflow
  readonly #region = new Region(memoryAccount('bench'))
  readonly #keys: readonly I64Column[]
  readonly #rowMicros: bigint
  readonly #times = new BigInt64Array(EPOCH_ROWS)
  #clock = 0n
  #epoch = 0
  rowsOut = 0
  /** The longest step of an epoch, in ms: between two of them others may run. */
  longest = 0

  constructor(plan: PhysicalPlan, keys: number, rowMicros: bigint) {
    const draw = draws(11)
    this.flow = buildDataflow(plan, { env: environment, account: memoryAccount('bench'), oneShot: false })
    this.#rowMicros = rowMicros
    this.#keys = Array.from({ length: KEY_COLUMNS }, () =>
      i64Column(BigInt64Array.from({ length: EPOCH_ROWS }, () => 1_000_000_000_000n + BigInt(draw(keys)))),
    )
  }

  run(epochs: number): void {
    for (let e = 0; e < epochs; e++) this.#run()
  }

  #run(): void {
    for (let i = 0; i < EPOCH_ROWS; i++) this.#times[i] = this.#clock + BigInt(i) * this.#rowMicros
    this.#clock += BigInt(EPOCH_ROWS) * this.#rowMicros
    const batch: Batch = batchOf(EPOCH_ROWS, [this.#keys[this.#epoch % KEY_COLUMNS]!, i64Column(this.#times)])
    const frontier = this.#clock - SECOND
    this.flow.advance(() => [undefined, frontier])
    this.flow.push(input, batch)
    const context = { epoch: epoch(++this.#epoch), time: 0n, frontiers: [], first: this.#epoch === 1, last: false }
    const steps = this.flow.run(context, this.#region, (out) => {
      this.rowsOut += out.length
    })
    while (this.#timed(() => steps.next().done) !== true);
    this.#timed(() => this.flow.prepare())
    this.#timed(() => this.flow.seal())
    this.#region.recycle()
  }

  #timed<T>(step: () => T): T {
    const before = performance.now()
    const result = step()
    this.longest = Math.max(this.longest, performance.now() - before)
    return result
  }
}

function measured(plan: PhysicalPlan, keys: number, rowMicros: bigint, count = ROWS): Measured {
  const stream = new Stream(plan, keys, rowMicros)
  const found = measure(count, () => stream.run(count / EPOCH_ROWS))
  return { ...found, facts: { stateMB: stream.flow.bytes / 1e6, rowsOut: stream.rowsOut } }
}

const tumbled = counts(aligned('tumble', 10n * SECOND, 10n * SECOND))
const hopped = counts(aligned('hop', 2n * SECOND, 10n * SECOND))
const sessions = counts({ kind: 'session', gap: SECOND / 10n, partition: [0] })

function againstTumble(form: (plan: PhysicalPlan) => PhysicalPlan): Measured {
  const tumble = measured(form(tumbled), 100_000, 10n)
  const hop = measured(form(hopped), 100_000, 10n)
  return { ...hop, facts: { ...hop.facts, timesTumble: hop.nsPerRow / tumble.nsPerRow } }
}

/** TUMBLE 1 s of 100 k keys, EMIT ON WINDOW CLOSE: only what is open stays. */
function measureFlat(): Measured {
  const plan = closeAtNode(counts(aligned('tumble', SECOND, SECOND)), 1, false)
  const stream = new Stream(plan, 100_000, 10n)
  const perWindow = Math.ceil(100_000 / EPOCH_ROWS)
  stream.run(10 * perWindow)
  const few = stream.flow.bytes
  stream.longest = 0
  const found = measure(90 * perWindow * EPOCH_ROWS, () => stream.run(18 * perWindow), 0)
  const many = stream.flow.bytes
  const facts = { stateMB: few / 1e6, laterMB: many / 1e6, longestMs: stream.longest }
  return { ...found, facts, withinLimit: many < 1.2 * few && stream.longest < 20 }
}

const plain = (plan: PhysicalPlan): PhysicalPlan => plan

export const cases: readonly BenchCase[] = [
  { name: 'tumble10k', reference: 'agg10k', limit: { times: 2.5 }, run: () => measured(tumbled, 10_000, 1n) },
  { name: 'tumble1m', reference: 'agg1m', limit: { times: 2.5 }, run: () => measured(tumbled, 1_000_000, 1n) },
  { name: 'hop', reference: 'hop', limit: { times: 3 }, run: () => againstTumble(plain) },
  {
    name: 'hopClose',
    reference: 'hop',
    limit: { times: 3 },
    run: () => againstTumble((plan) => closeAtNode(plan, 1, false)),
  },
  { name: 'session', reference: 'agg1m', limit: { times: 4 }, run: () => measured(sessions, 100_000, 10n, ROWS >> 4) },
  { name: 'flat', run: measureFlat },
]
