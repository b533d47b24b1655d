// The values of an aggregate per group, in order and with their weights: MIN and MAX under retraction, string_agg,
// percentiles and whatever else walks its values.
//
// State       an OrderedIndex on the group table (columns: the aggregate's arguments, then its other sort keys).
//             Within the epoch the changes are kept and consolidated once, since only this operator reads the index,
//             in `finish`; over insert-only input they go in at once.
// Cost        O(log n) a changed value.

import { type Batch, batchOf, type Column, i32Column } from '../../core/batch.ts'
import { concat } from '../../core/primitives/concat.ts'
import { consolidate } from '../../core/primitives/consolidate.ts'
import { gather, slice } from '../../core/primitives/gather.ts'
import type { Region } from '../../core/region.ts'
import { insertOrdered, type OrderedIndex } from '../../storage/ordered-index.ts'
import type { Output, Progress } from '../operator.ts'
import { type Feed, type Seen, seenSlots } from './stream.ts'

/** Rows that one step of `settle` inserts. */
const STEP_ROWS = 4096

export class OrderedFeed implements Feed {
  readonly owns = []
  readonly #index: () => OrderedIndex
  readonly #columns: readonly number[]
  readonly #seen: Seen
  readonly #insertOnly: boolean
  readonly #kept: Batch[] = []
  #settled: Batch | undefined
  #next = 0

  /** `index` is made with the group table, which is made when all calls are known. */
  constructor(
    index: () => OrderedIndex,
    options: { readonly columns: readonly number[]; readonly seen: Seen; readonly insertOnly: boolean },
  ) {
    this.#index = index
    this.#columns = options.columns
    this.#seen = options.seen
    this.#insertOnly = options.insertOnly
  }

  push(slots: Int32Array, batch: Batch, region: Region): void {
    const seen = seenSlots(slots, batch, this.#seen, region)
    const columns = this.#columns.map((column) => batch.columns[column]!)
    if (this.#insertOnly) {
      insertOrdered(this.#index(), seen, batchOf(batch.length, columns, batch.weights))
      return
    }
    const entries = batchOf(batch.length, [i32Column(seen), ...columns], batch.weights)
    this.#kept.push(seen === slots ? entries : present(entries, seen, region))
  }

  settle(out: Output): Progress {
    if (this.#settled === undefined) {
      if (this.#kept.length === 0) return 'done'
      this.#settled = consolidate(concat(this.#kept, out.region), out.region)
    }
    const entries = this.#settled
    while (this.#next < entries.length) {
      const end = Math.min(this.#next + STEP_ROWS, entries.length)
      const step = slice(entries, this.#next, end)
      const [slots, ...columns] = step.columns as [Column & { readonly kind: 'i32' }, ...Column[]]
      insertOrdered(this.#index(), slots.values, batchOf(step.length, columns, step.weights))
      this.#next = end
      if (out.spent(step.length) && end < entries.length) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#kept.length = 0
    this.#settled = undefined
    this.#next = 0
  }
}

/** The entries that have a slot. */
function present(entries: Batch, slots: Int32Array, region: Region): Batch {
  const rows = region.i32(entries.length)
  let length = 0
  for (let i = 0; i < entries.length; i++) if (slots[i]! >= 0) rows[length++] = i
  return length === entries.length ? entries : gather(entries, rows, length, region)
}
