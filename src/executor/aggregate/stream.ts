// A stream of rows that changes groups: the operator's input, or the distinct values of one (distinct-feed.ts). All its
// linear accumulators are one generated loop; what needs more than that is a feed.

import type { Batch, Column, Nulls } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import type { EpochState } from '../../storage/arrangement.ts'
import type { KeyTable } from '../../storage/key-table.ts'
import type { Output, Progress } from '../operator.ts'
import { type AccumulatorOp, Accumulators } from './accumulate.ts'

/** Rows that go to something else than a fixed-width accumulator. */
export interface Feed {
  /** Row i of the batch belongs to the group `slots[i]` (−1: to none). */
  push(slots: Int32Array, batch: Batch, region: Region): void
  /** In `finish`: brings the state to the end of the epoch. 'more' when a budget is spent. */
  settle(out: Output): Progress
  /** State besides the group table's; disposed, prepared, sealed and aborted before it. */
  readonly owns: readonly EpochState[]
  /** The epoch has ended either way. */
  reset(): void
}

export interface Stream {
  readonly ops: AccumulatorOp[]
  readonly feeds: Feed[]
  /** Of the ops; made with the first batch, when all calls have been planned. */
  accumulators: Accumulators | undefined
}

export const newStream = (): Stream => ({ ops: [], feeds: [], accumulators: undefined })

/** Applies a batch whose groups have been touched. */
export function applyRows(table: KeyTable, stream: Stream, slots: Int32Array, batch: Batch, region: Region): void {
  if (stream.ops.length > 0) {
    stream.accumulators ??= new Accumulators(table, stream.ops)
    stream.accumulators.add(slots, batch)
  }
  for (const feed of stream.feeds) feed.push(slots, batch, region)
}

/** Which rows an aggregate sees: its FILTER is TRUE, and where NULLs are ignored no argument is NULL. */
export interface Seen {
  readonly filter: number | undefined
  readonly notNull: readonly number[]
}

/** The slots with −1 where the row is not seen; the same array where all are. */
export function seenSlots(slots: Int32Array, batch: Batch, seen: Seen, region: Region): Int32Array {
  const tests: Nulls[] = seen.notNull.map((column) => batch.columns[column]!.nulls)
  const filter = seen.filter === undefined ? undefined : booleanColumn(batch.columns[seen.filter]!)
  if (filter === undefined && tests.every((nulls) => nulls === undefined)) return slots
  const result = region.i32(batch.length)
  result.set(slots.subarray(0, batch.length))
  for (const nulls of [...tests, filter?.nulls])
    if (nulls !== undefined) for (let i = 0; i < batch.length; i++) if (nulls[i] === 1) result[i] = -1
  if (filter !== undefined) for (let i = 0; i < batch.length; i++) if (filter.values[i] === 0) result[i] = -1
  return result
}

function booleanColumn(column: Column): { readonly values: Int32Array; readonly nulls: Nulls } {
  return column as Column & { readonly kind: 'i32' }
}
