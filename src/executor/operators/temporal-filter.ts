// TemporalFilter: rows on which a condition over now() is TRUE at the time of the epoch (windows spec §5.1).
//
//   row ──► thresholds of its comparisons ──► what the condition is between them ──► next time at which that changes
//
//   queue   rows that will change, by the time of their next change; rows without one need no state
//   T → T'  rows due by T' come or go and move on in the queue; then changed rows are asked at T'
//
// A row's outcome and its next change follow from the row and the time alone: a retraction finds the entry of its row,
// and of a row that has expired there is none, so that it is a no-op. An error of the condition is an outcome too.
//
// State       one ordered index of the rows by their next change, and the least of these times.
// Invariant   the output is the input's rows whose outcome at T is TRUE; entries are later than T.
// Cost        O(log n) a row and change; where the bound is not now() ± d, about 100 evaluations of it a row.

import { BATCH_ROWS_MAX, type Batch, i64Column } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { gatherColumns, slice } from '../../core/primitives/gather.ts'
import { negate, weightsOf } from '../../core/primitives/weights.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { TemporalFilterNode } from '../../planner/physical.ts'
import { createKeyTable, findOrInsert, free, type KeyTable } from '../../storage/key-table.ts'
import {
  boundOf,
  createOrderedIndex,
  gatherOrdered,
  insertOrdered,
  type OrderedIndex,
  orderedStates,
  selectRange,
  totalPositions,
} from '../../storage/ordered-index.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { Environment } from '../expr/closures.ts'
import { GroupState } from '../group-state.ts'
import type { EpochContext, Operator, Output, Progress, Stateful } from '../operator.ts'
import { ConditionInTime, type Outcome, sameOutcome } from '../time-window/condition-in-time.ts'
import { edgeWeight } from '../weights.ts'

const BLOCK_ROWS = 4096

export class TemporalFilter implements Operator {
  readonly label = 'TemporalFilter'
  readonly schema: Schema
  readonly owns: readonly Stateful[]
  readonly #condition: ConditionInTime
  readonly #table: KeyTable
  readonly #queue: OrderedIndex
  readonly #wake = new WakeTime()
  readonly #block = { length: 0, rows: new Int32Array(BLOCK_ROWS), weights: new BigInt64Array(BLOCK_ROWS) }
  #kept: Batch[] = []
  /** Of the kept batches those that are done. */
  #done = 0

  constructor(plan: TemporalFilterNode, env: Environment, account: MemoryAccount) {
    this.schema = plan.schema
    this.#condition = new ConditionInTime(plan, env)
    this.#table = createKeyTable({ keys: [], states: orderedStates, account })
    this.#queue = createOrderedIndex({
      table: this.#table,
      rootState: 0,
      columns: [...plan.schema.map(fieldDef), { kind: 'i64', nullable: false }],
      order: [{ column: plan.schema.length, descending: false, nullsFirst: false }],
      mode: 'shared',
      account,
    })
    this.owns = [new GroupState(this.#table, [this.#queue]), this.#wake]
  }

  get wakeAt(): bigint | undefined {
    return this.#wake.sealed
  }

  /** What a row is depends on the epoch's time, which `finish` knows. */
  push(_port: number, batch: Batch, _out: Output): Progress {
    this.#kept.push(batch)
    return 'done'
  }

  finish({ time }: EpochContext, out: Output): Progress {
    const { region } = out
    const slot = this.#slots(1, region)
    for (let due = this.#due(slot[0]!, time, region); due > 0n; due = this.#due(slot[0]!, time, region)) {
      const queued = this.#first(slot[0]!, due, region)
      insertOrdered(this.#queue, this.#slots(queued.length, region), negate(queued, region))
      this.#change(queued, time, out)
      if (out.spent(queued.length)) return 'more'
    }
    while (this.#done < this.#kept.length) {
      const batch = this.#kept[this.#done++]!
      this.#enter(batch, time, out)
      if (out.spent(batch.length)) return 'more'
    }
    this.#wake.pending = this.#earliest(slot[0]!, region)
    if (totalPositions(this.#queue, slot[0]!, 'after') === 0n) free(this.#table, slot, 1)
    return 'done'
  }

  reset(): void {
    this.#kept = []
    this.#done = 0
  }

  /** Changed rows, as they are at `time`. */
  #enter(batch: Batch, time: bigint, out: Output): void {
    const row = this.#condition.over(batch)
    const weights = weightsOf(batch, out.region)
    const next = out.region.i64(batch.length)
    this.#emit(batch, out, (i, show) => {
      row.at(i)
      show(row.outcome(time), weights[i]!)
      next[i] = row.next(time)
    })
    this.#enqueue(batch, next, out.region)
  }

  /** Rows whose time has come: what they were before it goes, what they are now comes. */
  #change(queued: Batch, time: bigint, out: Output): void {
    const batch = { ...queued, columns: queued.columns.slice(0, this.schema.length) }
    const due = queued.columns[this.schema.length]!
    if (due.kind !== 'i64') throw new Error('a time is an int64')
    const row = this.#condition.over(batch)
    const weights = weightsOf(batch, out.region)
    const next = out.region.i64(batch.length)
    this.#emit(batch, out, (i, show) => {
      row.at(i)
      const [before, now] = [row.outcome(due.values[i]! - 1n), row.outcome(time)]
      if (!sameOutcome(before, now)) {
        show(before, -weights[i]!)
        show(now, weights[i]!)
      }
      next[i] = row.next(time)
    })
    this.#enqueue(batch, next, out.region)
  }

  /** Calls `visit` for each row; what it shows as TRUE comes out, what it shows as an error is one. */
  #emit(
    batch: Batch,
    out: Output,
    visit: (row: number, show: (outcome: Outcome, weight: number) => void) => void,
  ): void {
    const rows = out.region.i32(2 * batch.length)
    const weights = out.region.i32(2 * batch.length)
    let count = 0
    const show = (outcome: Outcome, weight: number): void => {
      if (typeof outcome === 'object') out.error({ ...outcome, operator: this.label, weight })
      if (outcome !== true) return
      rows[count] = this.#at
      weights[count++] = weight
    }
    for (this.#at = 0; this.#at < batch.length; this.#at++) visit(this.#at, show)
    for (let from = 0; from < count; from += BATCH_ROWS_MAX) {
      const length = Math.min(BATCH_ROWS_MAX, count - from)
      const columns = gatherColumns(batch.columns, rows.subarray(from, from + length), length, out.region)
      out.rows({ length, weights: weights.subarray(from, from + length), columns })
    }
  }

  #at = 0

  /** Rows with a next change (0n: none) wait for it. */
  #enqueue(batch: Batch, next: BigInt64Array, region: Region): void {
    const rows = region.i32(batch.length)
    let count = 0
    for (let i = 0; i < batch.length; i++) if (next[i] !== NEVER) rows[count++] = i
    if (count === 0) return
    const columns = gatherColumns([...batch.columns, i64Column(next)], rows, count, region)
    const given = weightsOf(batch, region)
    const weights = region.i32(count)
    for (let i = 0; i < count; i++) weights[i] = given[rows[i]!]!
    const waiting = { length: count, weights, columns }
    for (let from = 0; from < count; from += BATCH_ROWS_MAX) {
      const part = slice(waiting, from, Math.min(from + BATCH_ROWS_MAX, count))
      insertOrdered(this.#queue, this.#slots(part.length, region), part)
    }
  }

  #slots(length: number, region: Region): Int32Array {
    const slots = region.i32(length)
    findOrInsert(this.#table, [], length, slots)
    return slots
  }

  /** How many queued rows change at `time` or before. */
  #due(slot: number, time: bigint, region: Region): bigint {
    const unread = i64Column(region.i64(1))
    const probe = [...this.schema.map(() => unread), i64Column(region.i64(1).fill(time))]
    return boundOf(this.#queue, slot, probe, 0, { keyCount: 1, bound: 'upper', at: 'after' })
  }

  #first(slot: number, count: bigint, region: Region): Batch {
    const block = this.#block
    block.length = 0
    selectRange(this.#queue, slot, { from: 0n, count }, 'after', block)
    const { length } = block
    const all = Array.from({ length: this.schema.length + 1 }, (_, i) => i)
    const columns = gatherOrdered(this.#queue, all, block.rows.slice(0, length), length, 'after', region)
    const weights = region.i32(length)
    for (let i = 0; i < length; i++) weights[i] = edgeWeight(block.weights[i]!)
    return { length, weights, columns }
  }

  #earliest(slot: number, region: Region): bigint | undefined {
    if (totalPositions(this.#queue, slot, 'after') === 0n) return undefined
    const first = this.#first(slot, 1n, region).columns[this.schema.length]!
    return first.kind === 'i64' ? first.values[0] : undefined
  }
}

/** No next change. */
const NEVER = 0n

/** The least time in the queue, sealed with it. */
class WakeTime implements Stateful {
  pending: bigint | undefined
  sealed: bigint | undefined
  readonly bytes = 0

  prepare(): void {}

  seal(): void {
    this.sealed = this.pending
  }

  abort(): void {
    this.pending = this.sealed
  }

  [Symbol.dispose](): void {}
}
