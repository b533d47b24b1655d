// DISTINCT in an aggregate: the values of each group once. All calls that are DISTINCT over the same arguments share
// it.
//
// State       a key table: (group keys, arguments) -> weight. In `settle` the values whose weight crossed zero go on,
//             with +1 or −1, as a stream of its own (columns: the group keys, then the arguments) to the plain
//             aggregates.
// Cost        one look-up a row, and one per value that appears or disappears.

import { type Batch, batchOf } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { gather } from '../../core/primitives/gather.ts'
import { multiplyWeights } from '../../core/primitives/weights.ts'
import type { Region } from '../../core/region.ts'
import { type EpochState, tableState } from '../../storage/arrangement.ts'
import { createKeyTable, find, findOrInsert, gatherKeys, type KeyTable } from '../../storage/key-table.ts'
import type { FieldDef } from '../../storage/record-layout.ts'
import type { Expire } from '../cleaner.ts'
import type { Output, Progress } from '../operator.ts'
import { TouchedCursor } from '../touched.ts'
import { addWeights, freeWeightless, weightState, weightsAt } from '../weights.ts'
import { applyRows, type Feed, newStream, type Seen, type Stream, seenSlots } from './stream.ts'

export interface DistinctOptions {
  readonly groups: () => KeyTable
  /** Columns of the rows that are the group keys and the arguments, and their fields. */
  readonly columns: readonly number[]
  readonly fields: readonly FieldDef[]
  readonly groupKeys: number
  readonly seen: Seen
  readonly account: MemoryAccount
  /** The group keys come first. */
  readonly expire: Expire | undefined
}

export class DistinctFeed implements Feed {
  readonly stream: Stream = newStream()
  readonly #options: DistinctOptions
  readonly #values: KeyTable
  readonly #state: EpochState
  readonly #touched: TouchedCursor
  #feed = 0

  constructor(options: DistinctOptions) {
    this.#options = options
    this.#values = createKeyTable({ keys: options.fields, states: [weightState], account: options.account })
    this.#state = tableState(this.#values, options.expire?.(this.#values))
    this.#touched = new TouchedCursor(this.#values)
  }

  get owns(): readonly EpochState[] {
    return [this.#state, ...this.stream.feeds.flatMap((feed) => feed.owns)]
  }

  push(slots: Int32Array, batch: Batch, region: Region): void {
    const { columns, seen } = this.#options
    const kept = seenRows(batch, seenSlots(slots, batch, seen, region), region)
    const found = region.i32(kept.length)
    const keys = columns.map((column) => kept.columns[column]!)
    findOrInsert(this.#values, keys, kept.length, found)
    addWeights(this.#values, 0, found, kept)
  }

  settle(out: Output): Progress {
    const { region } = out
    for (let chunk = this.#touched.take(region); chunk !== undefined; chunk = this.#touched.take(region)) {
      const { slots, length } = chunk
      const before = weightsAt(this.#values, 0, chunk, 'before', region)
      const after = weightsAt(this.#values, 0, chunk, 'after', region)
      freeWeightless(this.#values, chunk, [after], region)
      const change = region.i32(length)
      for (let i = 0; i < length; i++) change[i] = (after[i]! > 0n ? 1 : 0) - (before[i]! > 0n ? 1 : 0)
      this.#apply(
        multiplyWeights(batchOf(length, gatherKeys(this.#values, slots, length, region)), change, region),
        region,
      )
      if (out.spent(length)) return 'more'
    }
    for (; this.#feed < this.stream.feeds.length; this.#feed++)
      if (this.stream.feeds[this.#feed]!.settle(out) === 'more') return 'more'
    return 'done'
  }

  reset(): void {
    this.#touched.reset()
    this.#feed = 0
    for (const feed of this.stream.feeds) feed.reset()
  }

  #apply(values: Batch, region: Region): void {
    const table = this.#options.groups()
    const slots = region.i32(values.length)
    find(table, values.columns.slice(0, this.#options.groupKeys), values.length, slots, { nullsMatch: true })
    applyRows(table, this.stream, slots, values, region)
  }
}

function seenRows(batch: Batch, slots: Int32Array, region: Region): Batch {
  const rows = region.i32(batch.length)
  let length = 0
  for (let i = 0; i < batch.length; i++) if (slots[i]! >= 0) rows[length++] = i
  return length === batch.length ? batch : gather(batch, rows, length, region)
}
