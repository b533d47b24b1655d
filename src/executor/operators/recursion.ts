// Recursion: iterates a sub-dataflow to its end (operators spec §8), indexed by (epoch, iteration).
//
//   inputs ──► feeds 1…n ┐
//                        body ──► rows with the iteration they are derived from ──► found, by iteration
//              feed 0  ◄─┘ rows of the lowest iteration that waits, + 1 ◄──────────────┘
//
// Every round is an epoch of the body. The first takes the inputs' changes; each other one takes the changes of one
// iteration, in increasing order: rows of iteration i are derived from iteration i − 1 only, so by the time that i is
// fed all its changes are known, and rows that derive each other in a cycle cannot keep each other alive: their
// iterations would have to grow. For UNION the body shows a row once, under the least iteration that derives it; when
// that one goes, the row waits at the next one, which may have gone itself by the time its turn comes.
//
// State       the body's; one key table of what waits: (row, iteration) -> weight. Between epochs there wait only rows
//             beyond the iteration limit: as long as there are any, the view has an error.
// Abort       rounds are sealed one by one, so an aborted epoch feeds the opposite of all that it has fed.
// Cost        a round for each iteration in which something changes; in it, what the body's operators cost.

import { BATCH_ROWS_MAX, type Batch, batchOf, type I32Column, i32Column } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { concat } from '../../core/primitives/concat.ts'
import { consolidate } from '../../core/primitives/consolidate.ts'
import { slice } from '../../core/primitives/gather.ts'
import { negate, WEIGHT_MAX, withWeights } from '../../core/primitives/weights.ts'
import { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { FeedNode, RecursionNode } from '../../planner/physical.ts'
import { tableState } from '../../storage/arrangement.ts'
import {
  createKeyTable,
  findOrInsert,
  gatherKeys,
  type KeyTable,
  keyCount,
  keyCountBefore,
} from '../../storage/key-table.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { Collector } from '../call-output.ts'
import type { Dataflow } from '../dataflow.ts'
import type { EpochContext, Operator, Output, Progress, RowError, Stateful } from '../operator.ts'
import { type LoanAccount, tooManyIterations } from '../recursion-limits.ts'
import { TouchedCursor } from '../touched.ts'
import { addWeights, freeWeightless, weightState, weightsAt } from '../weights.ts'

export interface RecursionParts {
  readonly body: Dataflow
  readonly account: LoanAccount
  /** There is one epoch and it is not aborted. */
  readonly oneShot: boolean
  readonly limit: number
}

export class Recursion implements Operator {
  readonly label = 'Recursion'
  readonly schema: Schema
  readonly owns: readonly Stateful[]
  readonly #plan: RecursionNode
  readonly #limit: number
  readonly #loop: Loop
  readonly #waiting: Waiting
  #steps: Generator<void, void> | undefined
  #out: Output | undefined
  #found: Batch[] = []

  constructor(plan: RecursionNode, { body, account, oneShot, limit }: RecursionParts) {
    this.schema = plan.schema
    this.#plan = plan
    this.#limit = limit
    this.#loop = new Loop(body, account, !oneShot)
    this.#waiting = new Waiting(plan.body.schema, account)
    this.owns = [this.#waiting.state, this.#loop]
  }

  push(port: number, batch: Batch, out: Output): Progress {
    this.#loop.push(this.#plan.feeds[port + 1]!, batch)
    out.spent(batch.length)
    return 'done'
  }

  finish(epoch: EpochContext, out: Output): Progress {
    this.#out = out
    this.#steps ??= this.#rounds(epoch)
    if (this.#steps.next().done !== true) return 'more'
    this.#steps = undefined
    return 'done'
  }

  reset(): void {
    this.#steps = undefined
    this.#out = undefined
    this.#found = []
    this.#waiting.reset()
  }

  /** Yields where the budget of the call that drives it is spent. */
  *#rounds(epoch: EpochContext): Generator<void, void> {
    if (!this.#loop.hasInput) return
    const { region } = this.#out!
    yield* this.#round(epoch, region)
    for (let iteration = 0; iteration <= this.#limit && iteration <= this.#waiting.last + 1; iteration++) {
      const batches = this.#waiting.take(iteration - 1, region)
      if (batches.length === 0) continue
      for (const batch of batches) {
        this.#found.push({ ...batch, columns: batch.columns.slice(0, this.schema.length) })
        this.#loop.push(this.#plan.feeds[0]!, numbered(batch, iteration, region))
      }
      yield* this.#round(epoch, region)
    }
    yield* this.#emit(region)
    yield* this.#waiting.freeEmpty(region, (work) => this.#out!.spent(work))
    const [before, after] = [this.#waiting.heldBefore, this.#waiting.held]
    if (before !== after) this.#out!.error(tooManyIterations(this.#plan.name, this.#limit, after ? 1 : -1))
  }

  *#round(epoch: EpochContext, region: Region): Generator<void, void> {
    const inner = new RoundOutput(region, () => this.#out!)
    for (const _ of this.#loop.round(epoch, inner, (batch) => this.#waiting.add(batch, region)))
      if (this.#out!.spent(0)) yield
  }

  /** Rows that changed their iteration only do not show. */
  *#emit(region: Region): Generator<void, void> {
    const found = this.#found
    const retracts = found.some((batch) => batch.weights?.some((weight) => weight < 0))
    const batches = retracts ? [consolidate(concat(found, region), region)] : found
    for (const batch of batches)
      for (let from = 0; from < batch.length; from += BATCH_ROWS_MAX) {
        const rows = slice(batch, from, Math.min(from + BATCH_ROWS_MAX, batch.length))
        this.#out!.rows(rows)
        if (this.#out!.spent(rows.length)) yield
      }
    this.#found = []
  }
}

/** The batch as rows of this iteration. */
function numbered(batch: Batch, iteration: number, region: Region): Batch {
  const numbers = i32Column(region.i32(batch.length).fill(iteration))
  return { ...batch, columns: [...batch.columns.slice(0, -1), numbers] }
}

/** The output of the body's operators: their work counts against the call that drives the round. */
class RoundOutput implements Collector {
  readonly batches: Batch[] = []
  readonly region: Region
  readonly #outer: () => Output

  constructor(region: Region, outer: () => Output) {
    this.region = region
    this.#outer = outer
  }

  rows(batch: Batch): void {
    if (batch.length === 0) return
    this.batches.push(batch)
    this.#outer().spent(batch.length)
  }

  error(error: RowError): void {
    this.#outer().error(error)
  }

  spent(work: number): boolean {
    return this.#outer().spent(work)
  }

  clear(): void {
    this.batches.length = 0
  }
}

/** The body as one piece of state: sealed round by round within the epoch, taken back as a whole. */
class Loop implements Stateful {
  readonly #body: Dataflow
  readonly #account: LoanAccount
  readonly #keepsLog: boolean
  #log: { readonly feed: FeedNode; readonly batch: Batch }[] = []
  /** How many entries of the log belong to sealed rounds. */
  #sealed = 0
  #waits = false
  #started = false
  #epoch: EpochContext | undefined

  constructor(body: Dataflow, account: LoanAccount, keepsLog: boolean) {
    this.#body = body
    this.#account = account
    this.#keepsLog = keepsLog
  }

  get hasInput(): boolean {
    return this.#waits
  }

  get bytes(): number {
    return this.#body.bytes
  }

  push(feed: FeedNode, batch: Batch): void {
    if (this.#keepsLog) this.#log.push({ feed, batch })
    this.#waits = true
    this.#body.push(feed, batch)
  }

  *round(epoch: EpochContext, out: Collector, found: (batch: Batch) => void): Generator<void, void> {
    this.#epoch = { ...epoch, frontiers: [], first: !this.#started, last: false }
    yield* this.#body.runInto(this.#epoch, out, found)
    this.#body.prepare()
    this.#body.seal()
    this.#started = true
    this.#waits = false
    this.#sealed = this.#log.length
  }

  prepare(): void {}

  seal(): void {
    this.#log = []
    this.#sealed = 0
  }

  abort(): void {
    this.#body.abort()
    this.#waits = false
    const log = this.#log.slice(0, this.#sealed)
    this.seal()
    if (log.length > 0) this.#account.lend(() => this.#takeBack(log))
  }

  #takeBack(log: readonly { readonly feed: FeedNode; readonly batch: Batch }[]): void {
    using region = new Region(this.#account)
    for (const { feed, batch } of log) this.#body.push(feed, negate(batch, region))
    const out = new Discard(region)
    for (const _ of this.#body.runInto({ ...this.#epoch!, first: false }, out, () => {}));
    this.#body.prepare()
    this.#body.seal()
  }

  [Symbol.dispose](): void {
    this.#body[Symbol.dispose]()
  }
}

/** What taking back gives has been given up already. */
class Discard implements Collector {
  readonly batches: Batch[] = []
  readonly region: Region

  constructor(region: Region) {
    this.region = region
  }

  rows(batch: Batch): void {
    if (batch.length > 0) this.batches.push(batch)
  }

  error(): void {}

  spent(): boolean {
    return false
  }

  clear(): void {
    this.batches.length = 0
  }
}

/** Rows that the body has found and that have not been fed back, by the iteration they are derived from. */
class Waiting {
  readonly state: Stateful
  /** The highest iteration in this epoch. */
  last = -2
  readonly #table: KeyTable
  readonly #touched: TouchedCursor
  readonly #slots = new Map<number, Set<number>>()

  constructor(schema: Schema, account: MemoryAccount) {
    this.#table = createKeyTable({ keys: schema.map(fieldDef), states: [weightState], account })
    this.#touched = new TouchedCursor(this.#table)
    this.state = tableState(this.#table)
  }

  /** Whether anything waits: legal once `freeEmpty` is through. */
  get held(): boolean {
    return keyCount(this.#table) > 0
  }

  get heldBefore(): boolean {
    return keyCountBefore(this.#table) > 0
  }

  add(batch: Batch, region: Region): void {
    const slots = region.i32(batch.length)
    findOrInsert(this.#table, batch.columns, batch.length, slots)
    addWeights(this.#table, 0, slots, batch)
    const iterations = (batch.columns.at(-1) as I32Column).values
    for (let i = 0; i < batch.length; i++) {
      const iteration = iterations[i]!
      let known = this.#slots.get(iteration)
      if (known === undefined) {
        known = new Set()
        this.#slots.set(iteration, known)
        if (iteration > this.last) this.last = iteration
      }
      known.add(slots[i]!)
    }
  }

  /** The changes that wait at an iteration; they wait no longer. */
  take(iteration: number, region: Region): readonly Batch[] {
    const slots = [...(this.#slots.get(iteration) ?? [])]
    this.#slots.delete(iteration)
    const batches: Batch[] = []
    for (let from = 0; from < slots.length; from += BATCH_ROWS_MAX) {
      const chunk = Int32Array.from(slots.slice(from, from + BATCH_ROWS_MAX))
      const batch = this.#takeSlots(chunk, region)
      if (batch.length > 0) batches.push(batch)
    }
    return batches
  }

  #takeSlots(slots: Int32Array, region: Region): Batch {
    const { length } = slots
    const weights = weightsAt(this.#table, 0, { slots, length }, 'after', region)
    const sums = region.f64(length)
    for (let i = 0; i < length; i++) sums[i] = Number(weights[i]!)
    const batch = withWeights(batchOf(length, gatherKeys(this.#table, slots, length, region)), sums, region)
    for (let left = true; left; ) {
      left = false
      const part = region.i32(length)
      for (let i = 0; i < length; i++) {
        part[i] = -Math.max(-WEIGHT_MAX, Math.min(WEIGHT_MAX, sums[i]!))
        sums[i] = sums[i]! + part[i]!
        if (sums[i] !== 0) left = true
      }
      addWeights(this.#table, 0, slots, { length, weights: part, columns: [] })
    }
    return batch
  }

  *freeEmpty(region: Region, spent: (work: number) => boolean): Generator<void, void> {
    for (let chunk = this.#touched.take(region); chunk !== undefined; chunk = this.#touched.take(region)) {
      freeWeightless(this.#table, chunk, [weightsAt(this.#table, 0, chunk, 'after', region)], region)
      if (spent(chunk.length)) yield
    }
  }

  reset(): void {
    this.#touched.reset()
    this.#slots.clear()
    this.last = -2
  }
}
