// View stores: the contents of tables and materialized views (spec/engine.md §4).
//
//   keyed   derived or declared unique key → the other columns; every weight is 1
//   bag     whole row → weight (int64)
//   log     rows as they came, never retracted, no key
//
// `applyDelta` takes an epoch's consolidated delta, once. Reads see sealed contents (`before`), the running epoch's
// (`after`), or a snapshot. Order of a scan is unspecified but the same until the next seal.

import type { Batch, Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { HashRows } from '../core/primitives/hash.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { EpochState } from './arrangement.ts'
import type { KeyTable, Moment } from './key-table.ts'

export type ViewStoreForm =
  | { readonly kind: 'keyed'; readonly key: readonly number[] }
  | { readonly kind: 'bag' }
  | { readonly kind: 'log' }

export interface ViewStoreOptions {
  readonly schema: Schema
  readonly form: ViewStoreForm
  readonly account: MemoryAccount
  readonly hash?: HashRows
}

export interface ViewStore extends EpochState {
  readonly schema: Schema
  readonly form: ViewStoreForm
  /** Absent in a log. */
  readonly table: KeyTable | undefined
}

export interface ViewSnapshot extends Disposable {
  readonly kind: 'view-snapshot'
  readonly bytes: number
}

export type ViewAt = Moment | ViewSnapshot

export function createViewStore(_options: ViewStoreOptions): ViewStore {
  throw new Error('unwritten')
}

/** Why a delta does not fit: row `row` of the batch. */
export interface StoreViolation {
  /** duplicate: its key is taken (keyed). missing: it retracts a row that is not there. weight: not ±1 (keyed). */
  readonly kind: 'duplicate' | 'missing' | 'weight'
  readonly row: number
}

/**
 * Applies a consolidated delta of the whole epoch: retractions first, then insertions. Returns the first violation; the
 * epoch must then be aborted. Several calls in one epoch are allowed where each delta is right on top of those before.
 */
export function applyDelta(_store: ViewStore, _delta: Batch, _region: Region): StoreViolation | undefined {
  throw new Error('unwritten')
}

/** Number of rows, duplicates counted. */
export function rowCount(_store: ViewStore, _moment: Moment): bigint {
  throw new Error('unwritten')
}

/**
 * keyed: rows with the keys `columns` (in the order of `form.key`; NULL finds nothing); `rows[i]` = handle or −1. bag: by the
 * whole row (NULL is a value). Handles are for gatherStore until the next seal.
 */
export function findInStore(
  _store: ViewStore,
  _columns: readonly Column[],
  _length: number,
  _at: ViewAt,
  _rows: Int32Array,
): void {
  throw new Error('unwritten')
}

/** Rows by handle (−1: all NULL, weight 0), columns by position in the schema, with weights where a row's is not 1. */
export function gatherStore(
  _store: ViewStore,
  _columns: readonly number[],
  _rows: Int32Array,
  _length: number,
  _at: ViewAt,
  _region: Region,
): Batch {
  throw new Error('unwritten')
}

/** One slice of a scan: a batch (perhaps empty) and the cursor for the next one; −1 ends it. */
export interface StoreSlice {
  readonly batch: Batch
  readonly cursor: number
}

/** About `limit` rows from `cursor` on (0 begins), the columns by position in the schema. */
export function scanStore(
  _store: ViewStore,
  _columns: readonly number[],
  _cursor: number,
  _limit: number,
  _at: ViewAt,
  _region: Region,
): StoreSlice {
  throw new Error('unwritten')
}

/** Only between epochs. */
export function snapshotStore(_store: ViewStore, _account: MemoryAccount): ViewSnapshot {
  throw new Error('unwritten')
}
