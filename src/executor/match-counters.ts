// Whether left rows have a match by key: counters of the right rows per key, and for IN and NOT IN per group of keys.
//
//   m(key)             Σ weights of right rows with this key
//   n(group), n₀(group)   Σ weights of right rows, and of those whose first key is NULL, per value of the other keys
//
// TRUE if m > 0, else (null-aware only) NULL if n > 0 and (x is NULL or n₀ > 0), else FALSE: operators spec §4.2.
//
// State       private key tables; `before` and `after` are both there until the epoch is sealed.

import type { Batch, Column } from '../core/batch.ts'
import { batchOf } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import { type EpochState, tableState } from '../storage/arrangement.ts'
import { createKeyTable, find, findOrInsert, type KeyTable, type Moment, touchedSlots } from '../storage/key-table.ts'
import { fieldDef } from '../storage/record-layout.ts'
import type { Expire } from './cleaner.ts'
import { dropNullKeys, type KeyMatch } from './probing.ts'
import { CHUNK_SLOTS, type Chunk } from './touched.ts'
import { addWeights, freeWeightless, weightState, weightsAt } from './weights.ts'

/** Outcome of a row's membership test, as stored in a mark join's column. */
export const FALSE = 0
export const TRUE = 1
export const UNKNOWN = 2

export interface CounterKeys {
  /** Left key columns, and which of them match NULL with NULL. */
  readonly left: KeyMatch
  readonly right: readonly number[]
  readonly rightSchema: Schema
  /** The first key is compared by IN's rules. */
  readonly nullAware: boolean
}

export class MatchCounters {
  readonly owns: readonly EpochState[]
  readonly #keys: CounterKeys
  readonly #byKey: KeyTable
  readonly #byGroup: KeyTable | undefined

  constructor(keys: CounterKeys, account: MemoryAccount, expire?: Expire) {
    const fields = keys.right.map((column) => fieldDef(keys.rightSchema[column]!))
    this.#keys = keys
    this.#byKey = createKeyTable({ keys: fields, states: [weightState], account })
    this.#byGroup = keys.nullAware
      ? createKeyTable({ keys: fields.slice(1), states: [weightState, weightState], account })
      : undefined
    const byGroup = this.#byGroup === undefined ? [] : [tableState(this.#byGroup)]
    this.owns = [tableState(this.#byKey, expire?.(this.#byKey)), ...byGroup]
  }

  get byKey(): KeyTable {
    return this.#byKey
  }

  get byGroup(): KeyTable | undefined {
    return this.#byGroup
  }

  /** Counts a batch of right rows. */
  count(batch: Batch, region: Region): void {
    const columns = this.#keys.right.map((column) => batch.columns[column]!)
    const slots = region.i32(batch.length)
    findOrInsert(this.#byKey, columns, batch.length, slots)
    addWeights(this.#byKey, 0, slots, batch)
    if (this.#byGroup === undefined) return
    findOrInsert(this.#byGroup, columns.slice(1), batch.length, slots)
    addWeights(this.#byGroup, 0, slots, batch)
    const { nulls } = columns[0]!
    if (nulls === undefined) return
    for (let i = 0; i < batch.length; i++) if (nulls[i] === 0) slots[i] = -1
    addWeights(this.#byGroup, 1, slots, batch)
  }

  /** TRUE, FALSE or UNKNOWN per left row. */
  statusOf(columns: readonly Column[], length: number, moment: Moment, region: Region): Int32Array {
    const { left, nullAware } = this.#keys
    const keys = left.columns.map((column) => columns[column]!)
    const slots = region.i32(length)
    find(this.#byKey, keys, length, slots, { nullsMatch: true })
    dropNullKeys(keys, left.nullSafe, length, slots)
    const matched = weightsAt(this.#byKey, 0, { slots, length }, moment, region)
    const status = region.i32(length)
    for (let i = 0; i < length; i++) status[i] = matched[i]! > 0n ? TRUE : FALSE
    if (nullAware) this.#unknowns(keys, length, moment, status, region)
    return status
  }

  /** Whether the group of each slot of `byKey` has changed between empty, without NULLs and with NULLs. */
  groupMoved(chunk: Chunk, region: Region): Uint8Array {
    const { slots, length } = chunk
    const moved = region.u8(length)
    const table = this.#byGroup!
    const read = (state: number, moment: Moment) => weightsAt(table, state, { slots, length }, moment, region)
    const [before, after] = [read(0, 'before'), read(0, 'after')]
    const [nullsBefore, nullsAfter] = [read(1, 'before'), read(1, 'after')]
    for (let i = 0; i < length; i++) {
      const crossed = before[i]! > 0n !== after[i]! > 0n || nullsBefore[i]! > 0n !== nullsAfter[i]! > 0n
      moved[i] = crossed ? 1 : 0
    }
    return moved
  }

  /** +1 where a key gained its first match, −1 where it lost its last one, else 0. */
  flips(chunk: Chunk, region: Region): Int32Array {
    const before = weightsAt(this.#byKey, 0, chunk, 'before', region)
    const after = weightsAt(this.#byKey, 0, chunk, 'after', region)
    const flips = region.i32(chunk.length)
    for (let i = 0; i < chunk.length; i++) flips[i] = (after[i]! > 0n ? 1 : 0) - (before[i]! > 0n ? 1 : 0)
    return flips
  }

  /** Slots of `byGroup` for keys of `byKey`. */
  groupsOf(keys: readonly Column[], length: number, region: Region): Int32Array {
    const slots = region.i32(length)
    find(this.#byGroup!, keys.slice(1), length, slots, { nullsMatch: true })
    return slots
  }

  /** After all output: removes what has no rows any more. */
  freeEmpty(region: Region): void {
    for (const table of [this.#byKey, this.#byGroup]) {
      if (table === undefined) continue
      const touched = touchedSlots(table)
      for (let from = 0; from < touched.length; from += CHUNK_SLOTS) {
        const length = Math.min(CHUNK_SLOTS, touched.length - from)
        const chunk = { slots: touched.slice(from, from + length), length }
        freeWeightless(
          table,
          chunk,
          table.states.map((_, state) => weightsAt(table, state, chunk, 'after', region)),
          region,
        )
      }
    }
  }

  #unknowns(keys: readonly Column[], length: number, moment: Moment, status: Int32Array, region: Region): void {
    const table = this.#byGroup!
    const slots = this.groupsOf(keys, length, region)
    dropNullKeys(keys.slice(1), this.#keys.left.nullSafe.slice(1), length, slots)
    const rows = weightsAt(table, 0, { slots, length }, moment, region)
    const nullRows = weightsAt(table, 1, { slots, length }, moment, region)
    const { nulls } = keys[0]!
    for (let i = 0; i < length; i++) {
      if (status[i] === TRUE || rows[i]! <= 0n) continue
      if (nullRows[i]! > 0n || (nulls !== undefined && nulls[i] === 1)) status[i] = UNKNOWN
    }
  }
}

/** The batch with the mark column behind its own columns. */
export function withMark(batch: Batch, status: Int32Array, region: Region): Batch {
  const { length } = batch
  const nulls = region.nulls(length)
  let unknown = false
  for (let i = 0; i < length; i++) {
    if (status[i] !== UNKNOWN) continue
    nulls[i] = 1
    status[i] = FALSE
    unknown = true
  }
  const mark: Column = { kind: 'i32', values: status, nulls: unknown ? nulls : undefined }
  return batchOf(length, [...batch.columns, mark], batch.weights)
}
