// Walking the slots that an epoch touched, a chunk at a time, so that `finish` can stop when an output budget is spent.
//
// A chunk's slots are copied into the region: the table's own list may move when something is touched later.

import type { Region } from '../core/region.ts'
import { type KeyTable, touchedSlots } from '../storage/key-table.ts'

/** Slots that one step of `finish` handles. */
export const CHUNK_SLOTS = 2048

export interface Chunk {
  readonly slots: Int32Array
  readonly length: number
}

/** A cursor over the touched slots of a table; `reset` when the epoch ends. */
export class TouchedCursor {
  readonly #table: KeyTable
  #next = 0

  constructor(table: KeyTable) {
    this.#table = table
  }

  /** The next chunk of at most `limit` slots, or undefined at the end. */
  take(region: Region, limit = CHUNK_SLOTS): Chunk | undefined {
    const touched = touchedSlots(this.#table)
    const length = Math.min(limit, touched.length - this.#next)
    if (length <= 0) return undefined
    const slots = region.i32(length)
    slots.set(touched.subarray(this.#next, this.#next + length))
    this.#next += length
    return { slots, length }
  }

  /** How many have been taken: the place of the next one in the list. */
  get position(): number {
    return this.#next
  }

  get atEnd(): boolean {
    return this.#next >= touchedSlots(this.#table).length
  }

  reset(): void {
    this.#next = 0
  }
}
