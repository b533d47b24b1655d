// View stores: the contents of tables and materialized views (spec/engine.md §4).
//
//   keyed   derived or declared unique key → the other columns; every weight is 1
//   bag     whole row → weight (int64)
//   log     rows as they came, never retracted, no key
//   groups  rows of weight 1 without a look-up: an aggregate's, some of its keys not shown
//
// A view that is an aggregate keeps no rows: its contents are the aggregate's own table, which the dataflow writes,
// seals and aborts (`contents`); keyed then, or groups.
//
// `applyDelta` takes an epoch's consolidated delta. Reads see sealed contents (`before`), the running epoch's
// (`after`), or a snapshot. Order of a scan is unspecified but the same until the next seal. A log has no look-up.

import { assert } from '../core/assert.ts'
import type { Batch, Column, I32Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { HashRows } from '../core/primitives/hash.ts'
import { totalWeight, weightTooLarge, withWeights } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { EpochState } from './arrangement.ts'
import {
  createKeyTable,
  find,
  gatherFields,
  gatherPresent,
  type KeyTable,
  keyCount,
  keyCountBefore,
  type Moment,
  stateField,
  type TableSnapshot,
  tableBytes,
} from './key-table.ts'
import { abort, disposeTable, seal, snapshotTable } from './key-table-epoch.ts'
import { type ScanSlice, scan } from './key-table-scan.ts'
import { fieldDef } from './record-layout.ts'
import { clearStore, storeBytes } from './record-store.ts'
import { abortLog, appendLog, createRowLog, gatherLog, logLength, type RowLog, sealLog } from './row-log.ts'
import { type StoreSnapshot, snapshotStore as snapshotRecords } from './snapshot.ts'
import { applyToBag, applyToKeyed, exactWeight, type StoreViolation } from './view-delta.ts'

export type ViewStoreForm =
  | { readonly kind: 'keyed'; readonly key: readonly number[] }
  | { readonly kind: 'bag' }
  | { readonly kind: 'log' }
  | { readonly kind: 'groups' }

/** The key table of an operator, which holds a view's rows slot by slot (spec/engine.md §4). */
export interface ViewContents {
  readonly table: KeyTable
  /** By column of the view: its field in the records, or −1 where it is computed. */
  readonly fields: readonly number[]
  /** Where it is not NULL, the slot has an error instead of a row. */
  readonly errorField: number | undefined
  readonly computed: ComputedColumns | undefined
}

/** Columns that are expressions over a table's fields; they cannot fail. */
export interface ComputedColumns {
  readonly inputs: readonly number[]
  /** From rows of `inputs`: every column of the view. */
  evaluate(rows: Batch, region: Region): readonly Column[]
}

export interface ViewStoreOptions {
  readonly schema: Schema
  readonly form: Exclude<ViewStoreForm, { readonly kind: 'groups' }>
  readonly account: MemoryAccount
  readonly hash?: HashRows
}

export interface ViewStore extends EpochState {
  readonly schema: Schema
  readonly form: ViewStoreForm
  /** Absent in a log. */
  readonly table: KeyTable | undefined
  /** Present in a log only. */
  readonly log: RowLog | undefined
  /** By column of the schema: its field in the records, or −1 (`contents.computed`). */
  readonly fields: readonly number[]
  /** Present where the table is an operator's. */
  readonly contents: ViewContents | undefined
  /** Sums of the weights: before the running epoch, and with it. */
  readonly rows: { before: bigint; after: bigint }
}

export interface ViewSnapshot extends Disposable {
  readonly kind: 'view-snapshot'
  readonly table: TableSnapshot | undefined
  readonly log: StoreSnapshot | undefined
  readonly bytes: number
}

export type ViewAt = Moment | ViewSnapshot

interface Parts {
  readonly table: KeyTable | undefined
  readonly log: RowLog | undefined
  readonly fields: readonly number[]
}

export function createViewStore(options: ViewStoreOptions): ViewStore {
  const { schema, form } = options
  const { table, log, fields } = partsOf(options)
  const rows = { before: 0n, after: 0n }
  return {
    schema,
    form,
    table,
    log,
    fields,
    contents: undefined,
    rows,
    prepare() {}, // applyDelta has found what does not fit
    seal() {
      if (table !== undefined) seal(table)
      if (log !== undefined) sealLog(log)
      rows.before = rows.after
    },
    abort() {
      if (table !== undefined) abort(table)
      if (log !== undefined) abortLog(log)
      rows.after = rows.before
    },
    get bytes() {
      return (table === undefined ? 0 : tableBytes(table)) + (log === undefined ? 0 : storeBytes(log.store))
    },
    [Symbol.dispose]() {
      if (table !== undefined) disposeTable(table)
      if (log !== undefined) clearStore(log.store)
    },
  }
}

/** A view whose rows are an operator's: only their number is kept here. */
export function viewOfContents(schema: Schema, contents: ViewContents): ViewStore {
  const { table, fields } = contents
  const key = table.keys.map((_, field) => fields.indexOf(field))
  const rows = { before: 0n, after: 0n }
  return {
    schema,
    form: key.includes(-1) ? { kind: 'groups' } : { kind: 'keyed', key },
    table,
    log: undefined,
    fields,
    contents,
    rows,
    prepare() {},
    seal() {
      rows.before = rows.after
    },
    abort() {
      rows.after = rows.before
    },
    get bytes() {
      return tableBytes(table)
    },
    [Symbol.dispose]() {},
  }
}

function partsOf({ schema, form, account, hash }: ViewStoreOptions): Parts {
  const defs = schema.map(fieldDef)
  const all = [...defs.keys()]
  if (form.kind === 'log') return { table: undefined, log: createRowLog(defs, account), fields: all }
  const key = form.kind === 'bag' ? all : form.key
  const others = all.filter((column) => !key.includes(column))
  const states = form.kind === 'bag' ? [WEIGHT] : others.map((column) => defs[column]!)
  const table = createKeyTable({
    keys: key.map((column) => defs[column]!),
    states,
    account,
    ...(hash === undefined ? {} : { hash }),
  })
  const order = [...key, ...others]
  return { table, log: undefined, fields: all.map((column) => order.indexOf(column)) }
}

const WEIGHT = { kind: 'i64', nullable: false } as const

/**
 * Applies a consolidated delta: retractions first, then insertions. Returns the first violation; the epoch must then be
 * aborted. Several calls in one epoch are allowed where each delta is right on top of those before.
 */
export function applyDelta(store: ViewStore, delta: Batch, region: Region): StoreViolation | undefined {
  if (delta.length === 0) return undefined
  const violation = store.contents === undefined ? applyTo(store, delta, region) : undefined
  if (violation === undefined) store.rows.after += totalWeight(delta)
  return violation
}

function applyTo(store: ViewStore, delta: Batch, region: Region): StoreViolation | undefined {
  if (store.log !== undefined) {
    const row = appendLog(store.log, delta, region)
    return row < 0 ? undefined : { kind: 'missing', row }
  }
  return store.form.kind === 'bag'
    ? applyToBag(store.table!, delta, region)
    : applyToKeyed(store.table!, store.fields, delta, region)
}

/** Number of rows, duplicates counted. */
export const rowCount = (store: ViewStore, moment: Moment): bigint =>
  store.form.kind !== 'keyed' || store.contents !== undefined
    ? store.rows[moment]
    : BigInt(moment === 'before' ? keyCountBefore(store.table!) : keyCount(store.table!))

const tableAt = (at: ViewAt): Moment | TableSnapshot => (typeof at === 'string' ? at : at.table!)
const logAt = (at: ViewAt): Moment | StoreSnapshot => (typeof at === 'string' ? at : at.log!)

/**
 * keyed: rows with the keys `columns` (in the order of `form.key`; NULL finds nothing); `rows[i]` = handle or −1.
 * bag: by the whole row (NULL is a value). Handles are for gatherStore until the next seal. Not for logs.
 */
export function findInStore(
  store: ViewStore,
  columns: readonly Column[],
  length: number,
  at: ViewAt,
  rows: Int32Array,
  region: Region,
): void {
  assert(store.table !== undefined, 'a log has no look-up')
  find(store.table, columns, length, rows, { nullsMatch: store.form.kind === 'bag', at: tableAt(at) })
  if (store.contents?.errorField === undefined) return
  const shown = hasRow(store.table, store.contents.errorField, rows, length, at, region)
  for (let i = 0; i < length; i++) if (shown[i] === 0) rows[i] = -1
}

/** `[i]` is 0 where slot i has an error instead of a row. */
function hasRow(
  table: KeyTable,
  errorField: number,
  slots: Int32Array,
  length: number,
  at: ViewAt,
  region: Region,
): Uint8Array {
  const [errors] = gatherFields(table, [errorField], slots, length, tableAt(at), region)
  return errors!.nulls ?? region.u8(length).fill(0)
}

/**
 * Rows by handle, columns by position in the schema: row i of the batch is `rows[i]`. −1 gives NULLs of weight 0. A
 * weight beyond Int32 fails with 54000.
 */
export function gatherStore(
  store: ViewStore,
  columns: readonly number[],
  rows: Int32Array,
  length: number,
  at: ViewAt,
  region: Region,
): Batch {
  const { gathered, sums } = gatherRows(store, columns, rows, length, at, region)
  let missing = false
  for (let i = 0; i < length; i++) missing ||= rows[i]! < 0
  if (sums === undefined && !missing) return { length, weights: undefined, columns: gathered }
  const weights = region.i32(length)
  for (let i = 0; i < length; i++) {
    const weight = rows[i]! < 0 ? 0 : sums === undefined ? 1 : sums[i]!
    if ((weight | 0) !== weight) throw weightTooLarge()
    weights[i] = weight
  }
  return { length, weights, columns: gathered }
}

/** One slice of a scan: a batch (perhaps empty) and the cursor for the next one; −1 ends it. */
export interface StoreSlice {
  readonly batch: Batch
  readonly cursor: number
}

/** About `limit` rows from `cursor` on (0 begins), the columns by position in the schema. */
export function scanStore(
  store: ViewStore,
  columns: readonly number[],
  cursor: number,
  limit: number,
  at: ViewAt,
  region: Region,
): StoreSlice {
  const rows = region.i32(limit)
  const slice =
    store.log === undefined ? scanTable(store, cursor, at, rows, region) : scanLog(store.log, cursor, at, rows)
  const { gathered, sums } = gatherRows(store, columns, rows, slice.count, at, region, gatherPresent)
  const batch = { length: slice.count, weights: undefined, columns: gathered }
  return { batch: sums === undefined ? batch : withWeights(batch, sums, region), cursor: slice.cursor }
}

function scanTable(store: ViewStore, cursor: number, at: ViewAt, rows: Int32Array, region: Region): ScanSlice {
  const table = store.table!
  const slice = scan(table, cursor, tableAt(at), rows)
  const errorField = store.contents?.errorField
  if (errorField === undefined) return slice
  const shown = hasRow(table, errorField, rows, slice.count, at, region)
  let count = 0
  for (let i = 0; i < slice.count; i++) if (shown[i] !== 0) rows[count++] = rows[i]!
  return { count, cursor: slice.cursor }
}

function scanLog(log: RowLog, cursor: number, at: ViewAt, rows: Int32Array): ScanSlice {
  const end = logLength(log, logAt(at))
  const count = Math.max(0, Math.min(rows.length, end - cursor))
  for (let i = 0; i < count; i++) rows[i] = cursor + i
  return { count, cursor: cursor + count >= end ? -1 : cursor + count }
}

/** The columns, and the weights as exact doubles where one of them is not 1. */
function gatherRows(
  store: ViewStore,
  columns: readonly number[],
  rows: Int32Array,
  length: number,
  at: ViewAt,
  region: Region,
  gather: typeof gatherFields = gatherFields,
): { gathered: Column[]; sums: Float64Array | undefined } {
  const fields = columns.map((column) => store.fields[column]!)
  if (fields.includes(-1)) {
    const { table, computed } = store.contents!
    const { inputs, evaluate } = computed!
    const read = gather(table, inputs, rows, length, tableAt(at), region)
    const all = evaluate({ length, weights: undefined, columns: read }, region)
    return { gathered: columns.map((column) => all[column]!), sums: undefined }
  }
  if (store.log !== undefined) {
    const gathered = gatherLog(store.log, [...fields, store.fields.length], rows, length, logAt(at), region)
    const { values } = gathered.pop() as I32Column
    return { gathered, sums: otherThanOne(length, (i) => values[i]!, region) }
  }
  const table = store.table!
  if (store.form.kind !== 'bag')
    return { gathered: gather(table, fields, rows, length, tableAt(at), region), sums: undefined }
  const gathered = gather(table, [...fields, stateField(table, 0)], rows, length, tableAt(at), region)
  const weights = gathered.pop()!
  return { gathered, sums: otherThanOne(length, (i) => exactWeight(weights, i), region) }
}

function otherThanOne(length: number, weightAt: (i: number) => number, region: Region): Float64Array | undefined {
  let plain = true
  for (let i = 0; i < length && plain; i++) plain = weightAt(i) === 1
  if (plain) return undefined
  const sums = region.f64(length)
  for (let i = 0; i < length; i++) sums[i] = weightAt(i)
  return sums
}

/** Only between epochs. */
export function snapshotStore(store: ViewStore, account: MemoryAccount): ViewSnapshot {
  const table = store.table === undefined ? undefined : snapshotTable(store.table, account)
  const log = store.log === undefined ? undefined : snapshotRecords(store.log.store, account)
  return {
    kind: 'view-snapshot',
    table,
    log,
    get bytes() {
      return (table?.bytes ?? 0) + (log?.bytes ?? 0)
    },
    [Symbol.dispose]() {
      table?.[Symbol.dispose]()
      log?.[Symbol.dispose]()
    },
  }
}
