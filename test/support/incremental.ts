// Any history of a plan's inputs, cut into any epochs and batches, some of them aborted, under any output budget:
// after every epoch the sum of what came out is the batch answer over the contents.
//
// Inputs with a timed column have a frontier that moves from epoch to epoch; their histories keep its promise, so that
// state which is dropped must not be missed.

import fc from 'fast-check'
import { expect } from 'vitest'
import { batchFromRows, rowsOfBatch } from '../../src/core/convert.ts'
import { epoch as epochId } from '../../src/core/ids.ts'
import { type MemoryAccount, memoryAccount } from '../../src/core/memory.ts'
import type { SqlValue } from '../../src/core/value.ts'
import { buildDataflow } from '../../src/executor/build.ts'
import type { Budget } from '../../src/executor/call-output.ts'
import type { Dataflow } from '../../src/executor/dataflow.ts'
import type { PhysicalPlan, ScanNode } from '../../src/planner/physical.ts'
import {
  findInStore,
  gatherStore,
  scanStore,
  snapshotStore,
  type ViewAt,
  type ViewStore,
  viewOfContents,
} from '../../src/storage/view-store.ts'
import { checked } from './checked.ts'
import { testRegion } from './columns.ts'
import { answer } from './oracle.ts'
import { environment } from './plans.ts'
import { type Row, rowText, ZSet } from './zset.ts'

/** One change: an input, a row of its domain and a number that becomes an insertion or a possible retraction. */
export interface Change {
  readonly input: number
  readonly row: Row
  readonly weight: number
}

export interface Epoch {
  readonly changes: readonly Change[]
  /** Rows per pushed batch. */
  readonly batchRows: number
  readonly aborted: boolean
  readonly budget: Budget
  /** By input: how far its frontier moves, where it has a timed column. */
  readonly steps?: readonly number[]
}

export type Domain = readonly (readonly SqlValue[])[]

export const anyBudget: fc.Arbitrary<Budget> = fc.constantFrom(
  { rows: 1, work: 1 },
  { rows: 3, work: 5 },
  { rows: 65_536, work: 65_536 },
)

/** Histories over inputs whose columns take values from small domains. */
export function anyHistory(inputs: readonly Domain[], maxEpochs = 6): fc.Arbitrary<readonly Epoch[]> {
  const changes = inputs.map((domain, input) =>
    fc.record({
      input: fc.constant(input),
      row: fc.tuple(...domain.map((values) => fc.constantFrom(...values))),
      weight: fc.constantFrom(1, 1, 2, 3, -1, -1, -2),
    }),
  )
  return fc.array(
    fc.record({
      changes: fc.array(fc.oneof(...changes), { maxLength: 12 }),
      batchRows: fc.constantFrom(1, 2, 5, 100),
      aborted: fc.constantFrom(false, false, false, true),
      budget: anyBudget,
      steps: fc.tuple(...inputs.map(() => fc.constantFrom(0, 0, 1, 2, 5))),
    }),
    { minLength: 1, maxLength: maxEpochs },
  )
}

export interface Options {
  /** No retractions: for insert-only variants. */
  readonly insertOnly?: boolean
  readonly oneShot?: boolean
  /** Rows that fail are kept aside: the same rows with the same weights as the errors would have. */
  readonly diverts?: boolean
}

/** Runs a history through the plan's dataflow and compares every epoch with the batch answer. */
export function checkHistory(
  plan: PhysicalPlan,
  inputs: readonly ScanNode[],
  history: readonly Epoch[],
  options: Options = {},
): void {
  const account = memoryAccount('test')
  playHistory(plan, inputs, history, options, account)
  expect(account.bytes).toBe(0)
}

function playHistory(
  plan: PhysicalPlan,
  inputs: readonly ScanNode[],
  history: readonly Epoch[],
  { insertOnly = false, oneShot = false, diverts = false }: Options,
  account: MemoryAccount,
): void {
  using flow = buildDataflow(plan, { env: environment, account, oneShot, diverts, decorate: checked })
  const diverted = new Diverted(flow)
  const scans = inputs.filter((input) => flow.scans.includes(input))
  const contents = new Map(scans.map((scan) => [scan, new ZSet()]))
  const output = new ZSet()
  const watch = new ContentsWatch(flow, account)
  let frontiers: ReadonlyMap<ScanNode, bigint> = new Map()
  let first = true
  const epochs = oneShot ? [{ ...history[0]!, changes: history.flatMap((epoch) => epoch.changes) }] : history
  epochs.forEach((epoch, number) => {
    const next = new Map(scans.map((scan) => [scan, contents.get(scan)!.clone()]))
    const held = watch.hold()
    const moved = advance(flow, scans, frontiers, epoch)
    const emitted = runOne(flow, plan, epoch, { scans, next, insertOnly, oneShot, first, number, frontiers })
    watch.check('before', output)
    if (epoch.aborted && !oneShot) {
      if (number % 2 === 0) flow.diverted?.take()
      flow.abort()
      held.check(output)
      return
    }
    diverted.take()
    flow.prepare()
    flow.seal()
    held.check(output)
    first = false
    frontiers = moved
    for (const [scan, set] of next) contents.set(scan, set)
    output.addAll(emitted)
    compare(plan, contents, output, diverted.errors)
    watch.check('before', output)
  })
  if (!oneShot && !insertOnly && scans.every((scan) => scan.timed.length === 0))
    checkEmptied(flow, plan, contents, { output, diverted, first })
}

interface Run {
  readonly scans: readonly ScanNode[]
  readonly next: Map<ScanNode, ZSet>
  readonly insertOnly: boolean
  /** The input comes once, as it is in the end: what is read has no negative weights. */
  readonly oneShot: boolean
  readonly first: boolean
  readonly number: number
  /** As the last epoch left them. */
  readonly frontiers: ReadonlyMap<ScanNode, bigint>
}

/** Sets the frontiers of the epoch that is run next; its rows still may be anywhere above those before. */
function advance(
  flow: Dataflow,
  scans: readonly ScanNode[],
  before: ReadonlyMap<ScanNode, bigint>,
  { steps = [] }: Epoch,
): ReadonlyMap<ScanNode, bigint> {
  const moved = new Map(before)
  scans.forEach((scan, input) => {
    if (scan.timed.length > 0) moved.set(scan, (before.get(scan) ?? 0n) + BigInt(steps[input] ?? 0))
  })
  if (moved.size > 0)
    flow.advance((scan) => scan.schema.map((_, column) => (scan.timed.includes(column) ? moved.get(scan) : undefined)))
  return moved
}

/** Whether no row like this may come or go any more. */
function isFinal({ timed }: ScanNode, row: Row, frontier: bigint | undefined): boolean {
  return timed.some(
    (column) => row[column] !== null && frontier !== undefined && BigInt(row[column] as number) < frontier,
  )
}

function runOne(flow: Dataflow, plan: PhysicalPlan, epoch: Epoch, run: Run): ZSet {
  const region = testRegion()
  const emitted = new ZSet()
  run.scans.forEach((scan, input) => {
    const deltas: (readonly [Row, number])[] = []
    for (const change of epoch.changes) {
      if (change.input !== input) continue
      const set = run.next.get(scan)!
      const frontier = run.frontiers.get(scan)
      const found = set.rows.filter(([row]) => !isFinal(scan, row, frontier))
      if (change.weight > 0 && isFinal(scan, change.row, frontier)) continue
      // A retraction takes back a row that is there, as many copies as there are at most.
      if (change.weight < 0 && (run.insertOnly || found.length === 0)) continue
      const [row, held] = change.weight < 0 ? found[Math.abs(hash(change.row)) % found.length]! : [change.row, 0]
      const weight = change.weight < 0 ? -Math.min(held, -change.weight) : change.weight
      deltas.push([row, weight])
      set.add(row, weight)
    }
    const pushed = run.oneShot ? run.next.get(scan)!.rows : deltas
    for (let from = 0; from < pushed.length; from += epoch.batchRows) {
      const slice = pushed.slice(from, from + epoch.batchRows)
      const weights = Int32Array.from(slice, ([, weight]) => weight)
      const rows = slice.map(([row]) => row)
      const allOne = weights.every((weight) => weight === 1)
      flow.push(scan, batchFromRows(scan.schema, rows, region, allOne ? undefined : weights))
    }
  })
  const context = { epoch: epochId(run.number + 1), time: 0n, frontiers: [], first: run.first, last: false }
  const once = new Set<string>()
  for (const _ of flow.run(
    context,
    region,
    (batch) => {
      emitted.addBatch(plan.schema, batch)
      if (!flow.consolidated) return
      const rows = rowsOfBatch(plan.schema, batch).map(rowText)
      for (const row of rows) {
        expect(once.has(row)).toBe(false)
        once.add(row)
      }
    },
    epoch.budget,
  ));
  return emitted
}

/** A view that reads the plan's own table (engine.md §4) sees the sum of what came out, at every moment. */
class ContentsWatch {
  readonly #view: ViewStore | undefined
  readonly #account: MemoryAccount

  constructor({ schema, contents }: Dataflow, account: MemoryAccount) {
    this.#view = contents === undefined ? undefined : viewOfContents(schema, contents)
    this.#account = account
  }

  check(at: ViewAt, expected: ZSet): void {
    const view = this.#view
    if (view === undefined) return
    const all = [...view.schema.keys()]
    const region = testRegion()
    const found = new ZSet()
    for (let cursor = 0; cursor >= 0; ) {
      const slice = scanStore(view, all, cursor, 3, at, region)
      found.addBatch(view.schema, slice.batch)
      cursor = slice.cursor
    }
    expect(found.text).toEqual(expected.text)
    if (view.form.kind === 'keyed') for (const [row] of expected.rows) this.#checkKey(view, view.form.key, row, at)
  }

  #checkKey(view: ViewStore, key: readonly number[], row: Row, at: ViewAt): void {
    const region = testRegion()
    const keys = batchFromRows(
      key.map((column) => view.schema[column]!),
      [key.map((column) => row[column]!)],
      region,
    )
    const handle = new Int32Array(1)
    findInStore(view, keys.columns, 1, at, handle, region)
    const found = new ZSet()
    if (handle[0]! >= 0) found.addBatch(view.schema, gatherStore(view, [...view.schema.keys()], handle, 1, at, region))
    const isNull = key.some((column) => row[column] === null)
    expect(found.text).toEqual(isNull ? [] : ZSet.of([[row, 1]]).text)
  }

  /** A snapshot, and what it must still show later. */
  hold(): { check(expected: ZSet): void } {
    const snapshot = this.#view === undefined ? undefined : snapshotStore(this.#view, this.#account)
    return {
      check: (expected) => {
        if (snapshot !== undefined) this.check(snapshot, expected)
        snapshot?.[Symbol.dispose]()
      },
    }
  }
}

const hash = (row: Row): number => {
  let sum = 7
  for (const char of row.join()) sum = (sum * 31 + char.charCodeAt(0)) | 0
  return sum
}

/** The sum of what a dataflow diverted, and its other errors. */
class Diverted {
  readonly #flow: Dataflow
  readonly #rows = new ZSet()

  constructor(flow: Dataflow) {
    this.#flow = flow
  }

  take(): void {
    for (const { row, code, message, weight } of this.#flow.diverted?.take() ?? [])
      this.#rows.add([`${code} ${message}`, row], Number(weight))
  }

  /** Weights by code and message. Of a row that is kept aside there is never less than nothing. */
  get errors(): ReadonlyMap<string, number> {
    const errors = new Map<string, number>()
    const add = (key: string, weight: number) => errors.set(key, (errors.get(key) ?? 0) + weight)
    for (const { code, message, weight } of this.#flow.errors.errors) add(`${code} ${message}`, weight)
    for (const [[error], weight] of this.#rows.rows) {
      expect(weight).toBeGreaterThan(0)
      add(error as string, weight)
    }
    return errors
  }
}

function compare(
  plan: PhysicalPlan,
  contents: ReadonlyMap<ScanNode, ZSet>,
  output: ZSet,
  errors: ReadonlyMap<string, number>,
): void {
  const expected = answer(plan, contents)
  expect(output.text).toEqual(expected.rows.text)
  expect(errors).toEqual(expected.errors)
}

/** Everything deleted: the answer over nothing, and state as small as at the start. */
function checkEmptied(
  flow: Dataflow,
  plan: PhysicalPlan,
  contents: Map<ScanNode, ZSet>,
  { output, diverted, first }: { readonly output: ZSet; readonly diverted: Diverted; readonly first: boolean },
): void {
  const region = testRegion()
  for (const [scan, { rows }] of contents) {
    if (rows.length > 0)
      flow.push(
        scan,
        batchFromRows(
          scan.schema,
          rows.map(([row]) => row),
          region,
          Int32Array.from(rows, ([, weight]) => -weight),
        ),
      )
    contents.set(scan, new ZSet())
  }
  const context = { epoch: epochId(1000), time: 0n, frontiers: [], first, last: true }
  for (const _ of flow.run(context, region, (batch) => output.addBatch(plan.schema, batch)));
  diverted.take()
  flow.prepare()
  flow.seal()
  compare(plan, contents, output, diverted.errors)
}

/** The property itself. */
export function checkIncremental(
  plan: PhysicalPlan,
  inputs: readonly { readonly scan: ScanNode; readonly domain: Domain }[],
  options: Options & { readonly runs?: number } = {},
): void {
  const scans = inputs.map(({ scan }) => scan)
  fc.assert(
    fc.property(anyHistory(inputs.map(({ domain }) => domain)), (history) => {
      checkHistory(plan, scans, history, options)
    }),
    { numRuns: options.runs ?? 60 },
  )
}

/** A dataflow epoch by epoch, for worked examples: deltas in, deltas out as text. */
export class Epochs implements Disposable {
  readonly #plan: PhysicalPlan
  readonly #flow: Dataflow
  /** By the last epoch. */
  diverted: readonly string[] = []
  #number = 0

  constructor(plan: PhysicalPlan, settings: Readonly<Record<string, string>> = {}, diverts = false) {
    this.#plan = plan
    const account = memoryAccount('test')
    const context = { ...environment.context, setting: (name: string) => settings[name] }
    const env = { ...environment, context }
    this.#flow = buildDataflow(plan, { env, account, oneShot: false, diverts, decorate: checked })
  }

  run(deltas: readonly (readonly [ScanNode, Row, number])[]): string[] {
    const region = testRegion()
    for (const [scan, row, weight] of deltas)
      this.#flow.push(scan, batchFromRows(scan.schema, [row], region, Int32Array.of(weight)))
    const emitted = new ZSet()
    const context = { epoch: epochId(++this.#number), time: 0n, frontiers: [], first: this.#number === 1, last: false }
    for (const _ of this.#flow.run(context, region, (batch) => emitted.addBatch(this.#plan.schema, batch)));
    this.diverted = (this.#flow.diverted?.take() ?? []).map(
      ({ row, code, message, weight }) => `${weight > 0n ? '+' : ''}${weight} ${code} ${message} ${row}`,
    )
    this.#flow.prepare()
    this.#flow.seal()
    return emitted.text
  }

  get errors(): string[] {
    return this.#flow.errors.errors.map(({ code, message }) => `${code} ${message}`).sort()
  }

  [Symbol.dispose](): void {
    this.#flow[Symbol.dispose]()
  }
}
