// Rows of sessions that have ended for good (spec/windows-and-time.md §7): window_end ≤ F. No row at or after F joins
// such a session, none of its rows goes; so they are taken out of the partition's index, whole sessions at a time.
//
//   a──b   c────d───|──e          F − gap = |: a and b go; c and d stay, since e has come within the gap of d
//
// State       the partitions by the time at which the session of a row ends if nothing follows it (storage/expiry.ts).
// Cost        a note a row, a search per partition and note that is due, and what it takes to remove the rows. Of an
//             open session at most WALK_ROWS are looked at; what lies before a longer one goes when that one ends.

import type { Schema } from '../../core/schema.ts'
import type { Expiry } from '../../storage/expiry.ts'
import { free, touch } from '../../storage/key-table.ts'
import {
  boundOf,
  clearOrdered,
  type OrderedIndex,
  removeFirst,
  selectRange,
  totalPositions,
} from '../../storage/ordered-index.ts'
import { CHUNK_MASK, CHUNK_SHIFT } from '../../storage/record-layout.ts'
import type { RowCleaning } from '../group-state.ts'
import { timeProbe } from './probe.ts'

const WALK_ROWS = 1024

export class EndedSessions implements RowCleaning {
  readonly #expiry: Expiry
  readonly #index: OrderedIndex
  readonly #schema: Schema
  readonly #time: number
  readonly #gap: bigint
  /** From prepare to the end of the epoch: how many positions of a slot go. */
  #cuts: { readonly slot: number; readonly count: bigint; readonly whole: boolean }[] = []
  readonly #block = { length: 0, rows: new Int32Array(WALK_ROWS), weights: new BigInt64Array(WALK_ROWS) }

  constructor(
    expiry: Expiry,
    index: OrderedIndex,
    rows: { readonly schema: Schema; readonly time: number },
    gap: bigint,
  ) {
    this.#expiry = expiry
    this.#index = index
    this.#schema = rows.schema
    this.#time = rows.time
    this.#gap = gap
  }

  /** Rows have come or gone at these times. */
  note(slots: Int32Array, times: BigInt64Array, length: number): void {
    const reach = Number(this.#gap) - 1
    for (let i = 0; i < length; i++) this.#expiry.note(slots[i]!, Number(times[i]!) + reach)
  }

  prepare(): void {
    const { bound } = this.#expiry
    const { table } = this.#index
    if (bound === undefined) return
    for (const slot of new Set(this.#expiry.expired)) {
      const count = this.#settled(slot, bound)
      if (count === 0n) continue
      const whole = count === totalPositions(this.#index, slot, 'after')
      touch(table, Int32Array.of(slot), 1)
      if (whole) free(table, Int32Array.of(slot), 1)
      this.#cuts.push({ slot, count, whole })
    }
  }

  seal(): void {
    for (const { slot, count, whole } of this.#cuts)
      if (whole) clearOrdered(this.#index, Int32Array.of(slot))
      else removeFirst(this.#index, slot, count)
    this.#cuts = []
  }

  abort(): void {
    this.#cuts = []
  }

  /** Positions of the sessions that have ended by the frontier. */
  #settled(slot: number, frontier: bigint): bigint {
    const probe = timeProbe(this.#schema, this.#time, frontier - this.#gap + 1n)
    const end = boundOf(this.#index, slot, probe, 0, { keyCount: 1, bound: 'lower', at: 'after' })
    if (end === 0n || end === totalPositions(this.#index, slot, 'after')) return end
    const from = end > BigInt(WALK_ROWS) ? end - BigInt(WALK_ROWS) : 0n
    const block = this.#block
    block.length = 0
    selectRange(this.#index, slot, { from: end, count: 1n }, 'after', block)
    let next = this.#timeOf(block.rows[0]!)
    block.length = 0
    selectRange(this.#index, slot, { from, count: end - from }, 'after', block)
    let position = end
    for (let i = block.length - 1; i >= 0; i--) {
      const time = this.#timeOf(block.rows[i]!)
      if (next >= time + this.#gap) return position
      position -= block.weights[i]!
      next = time
    }
    return 0n
  }

  #timeOf(row: number): bigint {
    const { store } = this.#index
    const { word, kind } = store.layout.fields[this.#time]!
    const words = store.words[row >>> CHUNK_SHIFT]!
    const at = (row & CHUNK_MASK) * store.layout.strideWords + word
    return kind === 'i32' ? BigInt(words[at]!) : (BigInt(words[at + 1]!) << 32n) | BigInt(words[at]! >>> 0)
  }
}
