// Sums that have no fixed width (wide-sum.ts), per group.
//
// State       a nullable bytes column of the group table. Within the epoch the sums of touched groups are objects,
//             read on the first change and written in `settle`.
// Cost        a value and a Map look-up a row (about 200 ns): for NUMERIC without bounds, doubles and intervals only.

import type { Batch } from '../../core/batch.ts'
import { columnFromValues, valueAt } from '../../core/convert.ts'
import type { Region } from '../../core/region.ts'
import { type ColumnDef, columnDef } from '../../core/schema.ts'
import { gatherFields, type KeyTable, stateField, writeState } from '../../storage/key-table.ts'
import type { FieldDef } from '../../storage/record-layout.ts'
import type { Output, Progress } from '../operator.ts'
import type { Chunk } from '../touched.ts'
import { type Feed, type Seen, seenSlots } from './stream.ts'
import { addToSum, emptySum, readSum, type WideSum, writeSum } from './wide-sum.ts'

export const wideState: FieldDef = { kind: 'bytes', nullable: true }

/** Groups that one step of `settle` writes. */
const STEP_GROUPS = 1024

const stored: ColumnDef = columnDef('', { kind: 'bytea' })

export class WideFeed implements Feed {
  readonly owns = []
  readonly #table: () => KeyTable
  readonly #column: number
  readonly #def: ColumnDef
  readonly #seen: Seen
  readonly #state: number
  readonly #changed = new Map<number, WideSum>()
  #pending: number[] | undefined

  constructor(
    table: () => KeyTable,
    options: { readonly column: number; readonly def: ColumnDef; readonly seen: Seen; readonly state: number },
  ) {
    this.#table = table
    this.#column = options.column
    this.#def = options.def
    this.#seen = options.seen
    this.#state = options.state
  }

  push(slots: Int32Array, batch: Batch, region: Region): void {
    const seen = seenSlots(slots, batch, this.#seen, region)
    this.#load(seen, batch.length, region)
    const column = batch.columns[this.#column]!
    for (let i = 0; i < batch.length; i++) {
      const slot = seen[i]!
      if (slot < 0) continue
      const weight = batch.weights === undefined ? 1n : BigInt(batch.weights[i]!)
      addToSum(this.#changed.get(slot)!, valueAt(this.#def, column, i), weight)
    }
  }

  settle(out: Output): Progress {
    this.#pending ??= [...this.#changed.keys()]
    while (this.#pending.length > 0) {
      const slots = Int32Array.from(this.#pending.splice(0, STEP_GROUPS))
      const texts = Array.from(slots, (slot) => writeSum(this.#changed.get(slot)!))
      writeState(this.#table(), this.#state, slots, slots.length, columnFromValues(stored, texts, out.region))
      if (out.spent(slots.length) && this.#pending.length > 0) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#changed.clear()
    this.#pending = undefined
  }

  /** Reads the sums of groups that are touched for the first time in the epoch. */
  #load(slots: Int32Array, length: number, region: Region): void {
    const fresh = new Set<number>()
    for (let i = 0; i < length; i++) if (slots[i]! >= 0 && !this.#changed.has(slots[i]!)) fresh.add(slots[i]!)
    if (fresh.size === 0) return
    const chunk = { slots: Int32Array.from(fresh), length: fresh.size }
    const sums = sumsOf(this.#table(), this.#state, chunk, region)
    sums.forEach((sum, i) => {
      this.#changed.set(chunk.slots[i]!, sum)
    })
  }
}

/** The sums of the groups; empty ones where there is none yet. */
export function sumsOf(table: KeyTable, state: number, { slots, length }: Chunk, region: Region): WideSum[] {
  const [column] = gatherFields(table, [stateField(table, state)], slots, length, 'after', region)
  return Array.from({ length }, (_, i) => {
    const value = valueAt(stored, column!, i)
    return value === null ? emptySum() : readSum(value as Uint8Array)
  })
}
