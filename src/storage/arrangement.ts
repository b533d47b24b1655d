// Arrangement: a relation kept indexed by key columns, shared by all who read it by that key (spec/engine.md §4).
//
//   layout rows      key table (key → slot, list head) + row lists          joins
//   layout ordered   key table (key → slot, root)      + ordered index      top-N, OVER, ASOF
//
// Key columns lie in the key table only; rows hold the others. Exactly one writer calls `arrange`; readers hold an
// `ArrangementReader`, which reads the live contents or, in a lane, a snapshot ("before" and "after" are then the same).
// Keys are compared by identity; where SQL's equality is wider, the planner adds a normalised key column.

import type { Batch, Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { SortKey } from '../core/primitives/compare.ts'
import type { HashRows } from '../core/primitives/hash.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import { type KeyTable, type Moment, tableBytes } from './key-table.ts'
import { abort, disposeTable, seal } from './key-table-epoch.ts'
import type { OrderedIndex } from './ordered-index.ts'
import type { Matches, ProbeCursor, RowLists } from './row-lists.ts'

/** What the engine asks of state, once per epoch each, in this order: prepare, then seal; or abort. */
export interface EpochState extends Disposable {
  prepare(): void
  seal(): void
  abort(): void
  /** Bytes charged. */
  readonly bytes: number
}

/** A lower bound on a column below which a reader needs no rows; `undefined` bound: it needs all. */
export interface Need {
  readonly reader: string
  readonly column: number
  bound: bigint | undefined
}

export interface ArrangementOptions {
  readonly label: string
  readonly schema: Schema
  /** Columns of the relation that are the key; none: all rows under one key. */
  readonly keys: readonly number[]
  readonly layout: 'rows' | { readonly order: readonly SortKey[]; readonly mode: 'shared' | 'private' }
  readonly account: MemoryAccount
  /** Whether rows with a NULL in a key column are stored (outer and null-safe joins). */
  readonly storeNullKeys: boolean
  readonly hash?: HashRows
}

export interface Arrangement extends EpochState {
  readonly label: string
  readonly schema: Schema
  readonly keys: readonly number[]
  readonly table: KeyTable
  readonly lists: RowLists | undefined
  readonly ordered: OrderedIndex | undefined
  readonly needs: Need[]
  /** The highest bound below which rows were dropped; undefined: none were. */
  readonly since: bigint | undefined
  readonly pages: number
}

export interface ArrangementSnapshot extends Disposable {
  readonly kind: 'arrangement-snapshot'
  readonly bytes: number
}

/** What a reader holds. A lane sets `snapshot`; the splice clears it. */
export interface ArrangementReader {
  readonly arrangement: Arrangement
  snapshot: ArrangementSnapshot | undefined
}

export const readerOf = (arrangement: Arrangement): ArrangementReader => ({ arrangement, snapshot: undefined })

export function createArrangement(_options: ArrangementOptions): Arrangement {
  throw new Error('unwritten')
}

/** The writer's append: adds the batch (columns of `schema`, any signs) to this epoch's changes. */
export function arrange(_arrangement: Arrangement, _batch: Batch, _region: Region): void {
  throw new Error('unwritten')
}

/** `out[i]` = slot of key row i (columns in the order of `arrangement.keys`), or −1. */
export function findKeys(
  _reader: ArrangementReader,
  _columns: readonly Column[],
  _length: number,
  _out: Int32Array,
  _options: { readonly nullsMatch: boolean; readonly moment: Moment },
): void {
  throw new Error('unwritten')
}

/** row-lists.ts `probe` on this reader: layout rows only. */
export function probeRows(
  _reader: ArrangementReader,
  _slots: Int32Array,
  _length: number,
  _weights: Int32Array | undefined,
  _moment: Moment,
  _cursor: ProbeCursor,
  _out: Matches,
): boolean {
  throw new Error('unwritten')
}

/** Columns (positions in `schema`) of matched rows: match k is row `rows[k]` under slot `slots[index[k]]`. −1 gives NULL. */
export function gatherMatches(
  _reader: ArrangementReader,
  _columns: readonly number[],
  _matches: Matches,
  _slots: Int32Array,
  _moment: Moment,
  _region: Region,
): Column[] {
  throw new Error('unwritten')
}

/** Where a scan of an arrangement stands. Begin with `startScan()`. */
export interface ArrangementScan {
  /** Next slot to look for, and the slots of the present slice with their probe cursor. */
  slot: number
  slots: Int32Array | undefined
  length: number
  readonly cursor: ProbeCursor
}

export const startScan = (): ArrangementScan => ({
  slot: 0,
  slots: undefined,
  length: 0,
  cursor: { index: 0, row: -1, rest: 0n },
})

/** The next at most `limit` rows of the contents with all columns of the schema; undefined at the end. Layout rows. */
export function scanArrangement(
  _reader: ArrangementReader,
  _scan: ArrangementScan,
  _moment: Moment,
  _limit: number,
  _region: Region,
): Batch | undefined {
  throw new Error('unwritten')
}

export function snapshotArrangement(_arrangement: Arrangement, _account: MemoryAccount): ArrangementSnapshot {
  throw new Error('unwritten')
}

/**
 * Rows whose int64 `column` is below `bound` will be dropped in the next seal; `since` rises to `bound`. The caller has
 * taken the minimum of the needs. Rows with NULL there stay.
 */
export function dropBelow(_arrangement: Arrangement, _column: number, _bound: bigint): void {
  throw new Error('unwritten')
}

/** A key table that one operator owns alone, as epoch state. */
export function tableState(table: KeyTable): EpochState {
  return {
    prepare() {}, // a key table has nothing that could fail later
    seal: () => seal(table),
    abort: () => abort(table),
    get bytes() {
      return tableBytes(table)
    },
    [Symbol.dispose]: () => disposeTable(table),
  }
}
