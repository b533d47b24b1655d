// OrderedIndex: slot of a key table → rows with weights in a total order (spec/engine.md §4).
//
// The order is: sort keys asc or desc with NULLs first or last, then the canonical order of the whole row. A slot's rows
// stand in a sorted block (≤ 32), promoted to a tree of blocks with weight sums: position ↔ row in O(log n). A row of
// weight k occupies k positions.
//
// Two modes. `shared`: entries of the running epoch wait in a pending list per slot; `before` reads the blocks, `after`
// merges both, seal merges them in. `private` (only its operator reads it, in finish): changes in place; `before` does not
// exist; abort applies them negated.

import type { Batch, Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { SortKey } from '../core/primitives/compare.ts'
import type { Region } from '../core/region.ts'
import type { KeyTable, Moment, TableSnapshot } from './key-table.ts'
import type { FieldDef } from './record-layout.ts'
import type { RecordStore } from './record-store.ts'

export interface OrderedIndexOptions {
  readonly table: KeyTable
  /** First of the i32 state columns `orderedStates` in the table. */
  readonly rootState: number
  readonly columns: readonly FieldDef[]
  readonly order: readonly SortKey[]
  readonly mode: 'shared' | 'private'
  readonly account: MemoryAccount
}

export interface OrderedIndex {
  readonly table: KeyTable
  readonly mode: 'shared' | 'private'
  readonly order: readonly SortKey[]
  readonly store: RecordStore
}

/** The state columns that an OrderedIndex needs in its key table. */
export const orderedStates: readonly FieldDef[] = [
  { kind: 'i32', nullable: false },
  { kind: 'i32', nullable: false },
]

export function createOrderedIndex(_options: OrderedIndexOptions): OrderedIndex {
  throw new Error('unwritten')
}

/**
 * Adds the batch's rows to the indexes of `slots[i]` (−1: not stored) with their weights; touches the slots. In private
 * mode the entries of one row must have been consolidated: a weight below 0 in between is an AssertionError; in shared
 * mode that is checked in prepare.
 */
export function insertOrdered(_index: OrderedIndex, _slots: Int32Array, _batch: Batch): void {
  throw new Error('unwritten')
}

export interface OrderedSnapshot extends Disposable {
  readonly kind: 'ordered-snapshot'
  readonly bytes: number
}

export type OrderedAt = Moment | OrderedSnapshot

/** Rows of a slot from a place on: parallel arrays. */
export interface OrderedRows {
  length: number
  readonly rows: Int32Array
  readonly weights: BigInt64Array
}

/** Sum of the weights in the slot: how many positions it has. */
export function totalPositions(_index: OrderedIndex, _slot: number, _at: OrderedAt): bigint {
  throw new Error('unwritten')
}

/** `out[i]` = first (or last) row of `slots[i]`, −1 where it has none. */
export function firstRows(
  _index: OrderedIndex,
  _slots: Int32Array,
  _length: number,
  _end: 'first' | 'last',
  _at: OrderedAt,
  _out: Int32Array,
): void {
  throw new Error('unwritten')
}

/** Rows at positions `from…from + count` of the slot (from 0), with the part of their weight that lies inside; returns the
 * number of rows. At most `out.rows.length`; fewer than asked: the rest did not fit, call again further on. */
export function selectRange(
  _index: OrderedIndex,
  _slot: number,
  _positions: { readonly from: bigint; readonly count: bigint },
  _at: OrderedAt,
  _out: OrderedRows,
): bigint {
  throw new Error('unwritten')
}

/** Position of the first row of the slot that does not stand before row `row` of `columns` (all columns of the index). */
export function rankOf(
  _index: OrderedIndex,
  _slot: number,
  _columns: readonly Column[],
  _row: number,
  _at: OrderedAt,
): bigint {
  throw new Error('unwritten')
}

/** Position of the first row of the slot whose sort keys are not before (`bound: 'lower'`) or are after (`'upper'`) the
 * sort keys of row `row` of `columns`; only the first `keyCount` sort keys are compared. */
export function boundOf(
  _index: OrderedIndex,
  _slot: number,
  _columns: readonly Column[],
  _row: number,
  _options: { readonly keyCount: number; readonly bound: 'lower' | 'upper'; readonly at: OrderedAt },
): bigint {
  throw new Error('unwritten')
}

/** Columns of stored rows; −1 gives NULL. */
export function gatherOrdered(
  _index: OrderedIndex,
  _columns: readonly number[],
  _rows: Int32Array,
  _length: number,
  _at: OrderedAt,
  _region: Region,
): Column[] {
  throw new Error('unwritten')
}

/** Slots that have changed in this epoch are the table's touched slots. */
export function prepareOrdered(_index: OrderedIndex): void {
  throw new Error('unwritten')
}

/** Before the table's seal. Slots that became empty are passed to `emptied`. */
export function sealOrdered(_index: OrderedIndex, _emptied: (slot: number) => void): void {
  throw new Error('unwritten')
}

/** Before the table's abort. */
export function abortOrdered(_index: OrderedIndex): void {
  throw new Error('unwritten')
}

export function orderedBytes(_index: OrderedIndex): number {
  throw new Error('unwritten')
}

export function disposeOrdered(_index: OrderedIndex): void {
  throw new Error('unwritten')
}

export function snapshotOrdered(_index: OrderedIndex, _table: TableSnapshot, _account: MemoryAccount): OrderedSnapshot {
  throw new Error('unwritten')
}
