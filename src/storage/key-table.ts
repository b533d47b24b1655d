// KeyTable: key columns → dense slot, with fixed-width state columns beside the key (spec/engine.md §4).
//
//   hash index (segments by top hash bits, load ≤ 0.5) ──► slot ──► record: hash, mark, null bits, keys, states
//
// State: records in chunks of 64 K slots that never move, a hash index, a heap for bytes, and the undo list of the running
// epoch. A slot id is stable while its key lives; slots are freed only in seal (new ones also by abort).
// Invariants: `touch` before any write of a slot's states in an epoch; `before` reads the undo list, `after` the record.
// Cost: find about one cache miss for the index and one for the record; touch copies one record per slot and epoch.

import type { Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { HashRows } from '../core/primitives/hash.ts'
import type { Region } from '../core/region.ts'
import type { FieldDef, RecordLayout } from './record-layout.ts'
import type { RecordStore } from './record-store.ts'
import type { TableSnapshot } from './snapshot.ts'

/** Which contents a read sees: those before the running epoch, or with its changes (legal in `finish` only). */
export type Moment = 'before' | 'after'

export interface KeyTableOptions {
  readonly keys: readonly FieldDef[]
  readonly states: readonly FieldDef[]
  readonly account: MemoryAccount
  /** Only tests give another one, to make keys collide. */
  readonly hash?: HashRows
}

export interface KeyTable {
  readonly keys: readonly FieldDef[]
  readonly states: readonly FieldDef[]
  /** Fields 0…keys−1 are the keys, then the states. */
  readonly layout: RecordLayout
  /** `store.words`, `.longs`, `.doubles`: one typed array per chunk, for generated accumulate loops (recordCode). They
   * may be replaced by findOrInsert: fetch them after it. */
  readonly store: RecordStore
}

export function createKeyTable(_options: KeyTableOptions): KeyTable {
  throw new Error('unwritten')
}

/** Keys present after the running epoch's changes; slots marked by `free` no longer count. */
export function keyCount(_table: KeyTable): number {
  throw new Error('unwritten')
}

/** Bytes charged to the account. */
export function tableBytes(_table: KeyTable): number {
  throw new Error('unwritten')
}

export interface FindOptions {
  /** True: NULL is a key like any other (GROUP BY, IS NOT DISTINCT FROM). False: a row with a NULL key finds nothing. */
  readonly nullsMatch: boolean
  readonly at?: Moment | TableSnapshot
}

/** `out[i]` = slot of row i's key, or −1. Default `at`: after. */
export function find(
  _table: KeyTable,
  _columns: readonly Column[],
  _length: number,
  _out: Int32Array,
  _options: FindOptions,
): void {
  throw new Error('unwritten')
}

/**
 * `out[i]` = slot of row i's key, inserted where it was absent (NULL is a key); returns how many were. A new slot is
 * touched already, its states are 0 (NULL where nullable; empty for bytes that are not). A slot marked by `free` in this epoch comes back to
 * life with its states so reset.
 */
export function findOrInsert(_table: KeyTable, _columns: readonly Column[], _length: number, _out: Int32Array): number {
  throw new Error('unwritten')
}

/** Declares that the states of `slots[0…length)` will change: the first time in an epoch copies their records to the undo
 * list. Entries −1 are skipped; repeated ones are allowed. */
export function touch(_table: KeyTable, _slots: Int32Array, _length: number): void {
  throw new Error('unwritten')
}

/** The slots touched in this epoch in order of first touch, new and freed ones included. A view: valid to the next touch. */
export function touchedSlots(_table: KeyTable): Int32Array {
  throw new Error('unwritten')
}

/** The keys of `slots[0…length)`; all must be live now or before. */
export function gatherKeys(_table: KeyTable, _slots: Int32Array, _length: number, _region: Region): Column[] {
  throw new Error('unwritten')
}

/**
 * Fields of slots as columns: `fields` are positions in `table.layout` (keys first, then states; `stateField(table, k)`).
 * A slot absent `at` that moment (`present` says so), and −1, give NULL.
 */
export function gatherFields(
  _table: KeyTable,
  _fields: readonly number[],
  _slots: Int32Array,
  _length: number,
  _at: Moment | TableSnapshot,
  _region: Region,
): Column[] {
  throw new Error('unwritten')
}

/** Position in the layout of state column `k`. */
export const stateField = (table: KeyTable, k: number): number => table.keys.length + k

/** `out[i]` = 1 where `slots[i]` holds a key at that moment. */
export function present(
  _table: KeyTable,
  _slots: Int32Array,
  _length: number,
  _at: Moment | TableSnapshot,
  _out: Uint8Array,
): void {
  throw new Error('unwritten')
}

/** Writes row `rows[i]` (absent: i) of `column` into state column `state` of `slots[i]`. Slots must be touched. */
export function writeState(
  _table: KeyTable,
  _state: number,
  _slots: Int32Array,
  _length: number,
  _column: Column,
  _rows?: Int32Array,
): void {
  throw new Error('unwritten')
}

/** Marks touched slots as removed: absent `after`, freed in seal. Marking twice is allowed. */
export function free(_table: KeyTable, _slots: Int32Array, _length: number): void {
  throw new Error('unwritten')
}

/** One slice of a scan: at most `out.length` live slots from `cursor` on (0 begins); slots of `at`. */
export interface ScanSlice {
  readonly count: number
  /** Where to go on, or −1 at the end. */
  readonly cursor: number
}

/** Fills `out` with slots that hold a key at that moment, in slot order. Visits at most 4 × out.length slots. */
export function scan(_table: KeyTable, _cursor: number, _at: Moment | TableSnapshot, _out: Int32Array): ScanSlice {
  throw new Error('unwritten')
}

/** After the last finish, before the epoch's record is written: nothing can fail afterwards. */
export function prepare(_table: KeyTable): void {
  throw new Error('unwritten')
}

/** The epoch is durable: forgets the undo list, frees what was marked. Cannot fail. */
export function seal(_table: KeyTable): void {
  throw new Error('unwritten')
}

/** Restores the contents before the epoch. */
export function abort(_table: KeyTable): void {
  throw new Error('unwritten')
}
