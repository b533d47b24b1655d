// RowLists: slot of a key table → rows with weights, newest first (spec/engine.md §4).
//
//   key record: … head, length │          before: starts at the sealed head (undo record of the slot)
//                  │           │          after:  starts at the head
//                  ▼
//        row of this epoch ─► row of this epoch ─► sealed row ─► sealed row ─► −1
//
// The two i32 state columns `head` and `length` of the key table belong to the list; its undo list is ours too. Rows of
// the running epoch, retractions included, stand in front with their signs; prepare pairs retractions with rows, seal
// applies that. Insert-only epochs cost nothing at seal. Lists beyond 64 rows get a hash of rows once something is retracted.

import type { Batch, Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { HashRows } from '../core/primitives/hash.ts'
import type { Region } from '../core/region.ts'
import type { KeyTable, Moment } from './key-table.ts'
import type { FieldDef } from './record-layout.ts'
import type { RecordStore } from './record-store.ts'

export interface RowLists {
  readonly table: KeyTable
  /** State column of the table that holds the head; the next one holds the length. */
  readonly headState: number
  readonly store: RecordStore
}

export interface RowListsOptions {
  readonly table: KeyTable
  readonly headState: number
  readonly columns: readonly FieldDef[]
  readonly account: MemoryAccount
  readonly hash?: HashRows
}

/** The state columns that a RowLists needs in its key table. */
export const rowListStates: readonly FieldDef[] = [
  { kind: 'i32', nullable: false },
  { kind: 'i32', nullable: false },
]

export function createRowLists(_options: RowListsOptions): RowLists {
  throw new Error('unwritten')
}

export interface RowListsSnapshot extends Disposable {
  readonly kind: 'row-lists-snapshot'
  readonly bytes: number
}

/** Adds row i of `columns` with its weight in front of the list of `slots[i]` (−1: not stored). Touches the slots. */
export function appendRows(_lists: RowLists, _slots: Int32Array, _batch: Batch): void {
  throw new Error('unwritten')
}

/** Where a probe goes on: entry `index`, list row `row` (−1: at its head). Begin with `startProbe()`. */
export interface ProbeCursor {
  index: number
  row: number
  /** Weight still to be sent of a product beyond Int32; 0n: none. */
  rest: bigint
}

export const startProbe = (): ProbeCursor => ({ index: 0, row: -1, rest: 0n })

/** Pairs found by a probe: entry `index[k]` meets stored row `rows[k]`; `weights[k]` is the product of the weights. */
export interface Matches {
  length: number
  readonly index: Int32Array
  readonly rows: Int32Array
  readonly weights: Int32Array
}

/** Room for `capacity` matches, from a region. */
export function matches(_capacity: number, _region: Region): Matches {
  throw new Error('unwritten')
}

/**
 * Fills `out` from `cursor` on with the rows in the lists of `slots[0…length)` (−1: none). `weights` are the probing
 * rows' (absent: +1). True when all is done; false: `out` is full, empty it and call again with the same arguments.
 * Pairs come in order of index.
 */
export function probe(
  _lists: RowLists,
  _slots: Int32Array,
  _length: number,
  _weights: Int32Array | undefined,
  _at: Moment | RowListsSnapshot,
  _cursor: ProbeCursor,
  _out: Matches,
): boolean {
  throw new Error('unwritten')
}

/** Columns of stored rows; −1 gives NULL. `columns`: positions in the lists' columns. */
export function gatherRows(
  _lists: RowLists,
  _columns: readonly number[],
  _rows: Int32Array,
  _length: number,
  _at: Moment | RowListsSnapshot,
  _region: Region,
): Column[] {
  throw new Error('unwritten')
}

/** Pairs retractions with rows: AssertionError where one finds none or a total is negative. Changes nothing visible. */
export function prepareRows(_lists: RowLists): void {
  throw new Error('unwritten')
}

/** Applies what prepare found. Before the table's own seal. Slots whose list became empty are passed to `emptied`. */
export function sealRows(_lists: RowLists, _emptied: (slot: number) => void): void {
  throw new Error('unwritten')
}

/** Frees the epoch's rows. Before the table's own abort. */
export function abortRows(_lists: RowLists): void {
  throw new Error('unwritten')
}

export function snapshotRows(_lists: RowLists, _account: MemoryAccount): RowListsSnapshot {
  throw new Error('unwritten')
}
