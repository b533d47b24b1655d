// Sums that have no fixed width (wide-sum.ts), per group.
//
// State       a nullable bytes column of the group table with the sum's text. Within the epoch the changes of each group are
//             summed apart and merged in `settle`, once per touched group.
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
import { addValue, emptySum, mergeSum, parseSum, textOf, type WideSum } from './wide-sum.ts'

export const wideState: FieldDef = { kind: 'bytes', nullable: true }

/** Groups that one step of `settle` merges. */
const STEP_GROUPS = 1024

const text: ColumnDef = columnDef('', { kind: 'text' })

export class WideFeed implements Feed {
  readonly owns = []
  readonly #table: () => KeyTable
  readonly #column: number
  readonly #def: ColumnDef
  readonly #seen: Seen
  readonly #state: number
  readonly #changes = new Map<number, WideSum>()
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
    const column = batch.columns[this.#column]!
    for (let i = 0; i < batch.length; i++) {
      const slot = seen[i]!
      if (slot < 0) continue
      let sum = this.#changes.get(slot)
      if (sum === undefined) {
        sum = emptySum()
        this.#changes.set(slot, sum)
      }
      addValue(sum, valueAt(this.#def, column, i), batch.weights === undefined ? 1n : BigInt(batch.weights[i]!))
    }
  }

  settle(out: Output): Progress {
    this.#pending ??= [...this.#changes.keys()]
    while (this.#pending.length > 0) {
      const slots = Int32Array.from(this.#pending.splice(0, STEP_GROUPS))
      const sums = sumsOf(this.#table(), this.#state, { slots, length: slots.length }, out.region)
      const texts = sums.map((sum, i) => {
        mergeSum(sum, this.#changes.get(slots[i]!)!)
        return textOf(sum)
      })
      writeState(this.#table(), this.#state, slots, slots.length, columnFromValues(text, texts, out.region))
      if (out.spent(slots.length) && this.#pending.length > 0) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#changes.clear()
    this.#pending = undefined
  }
}

/** The sums of the groups; empty ones where there is none yet. */
export function sumsOf(table: KeyTable, state: number, { slots, length }: Chunk, region: Region): WideSum[] {
  const [column] = gatherFields(table, [stateField(table, state)], slots, length, 'after', region)
  return Array.from({ length }, (_, i) => {
    const value = valueAt(text, column!, i)
    return value === null ? emptySum() : parseSum(value as string)
  })
}
