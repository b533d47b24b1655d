// Arrangement: a relation kept indexed by key columns, shared by all who read it by that key (spec/engine.md §4).
//
//   layout rows      key table (key → slot, list head) + row lists          joins
//   layout ordered   key table (key → slot, root)      + ordered index      top-N, OVER, ASOF
//
// Key columns lie in the key table only; rows hold the others. Exactly one writer calls `arrange`; readers hold an
// `ArrangementReader` (arrangement-reader.ts). Keys are compared by identity; where SQL's equality is wider, the
// planner adds a normalised key column.

import type { Batch } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { SortKey } from '../core/primitives/compare.ts'
import { gather } from '../core/primitives/gather.ts'
import type { HashRows } from '../core/primitives/hash.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import { Expiry } from './expiry.ts'
import { createKeyTable, findOrInsert, free, type KeyTable, type TableSnapshot, tableBytes } from './key-table.ts'
import { abort, disposeTable, seal, snapshotTable } from './key-table-epoch.ts'
import {
  abortOrdered,
  createOrderedIndex,
  disposeOrdered,
  insertOrdered,
  type OrderedIndex,
  type OrderedSnapshot,
  orderedBytes,
  orderedStates,
  prepareOrdered,
  sealOrdered,
  snapshotOrdered,
} from './ordered-index.ts'
import { fieldDef } from './record-layout.ts'
import type { RecordStore } from './record-store.ts'
import {
  appendRows,
  createRowLists,
  type RowLists,
  type RowListsSnapshot,
  rowListStates,
  rowListsBytes,
  snapshotRows,
} from './row-lists.ts'
import { abortRows, disposeRows, dropLists, prepareRows, sealRows } from './row-lists-epoch.ts'

/** What the engine asks of state, once per epoch each, in this order: prepare, then seal; or abort. */
export interface EpochState extends Disposable {
  prepare(): void
  seal(): void
  abort(): void
  /** Bytes charged. */
  readonly bytes: number
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
  /** Place in `keys` of a time below which keys may go; of row lists. */
  readonly expires?: number | undefined
  readonly hash?: HashRows
}

export interface Arrangement extends EpochState {
  readonly label: string
  readonly schema: Schema
  readonly keys: readonly number[]
  /** Columns of the schema that rows hold: all but the keys, in order. */
  readonly rest: readonly number[]
  readonly storeNullKeys: boolean
  readonly table: KeyTable
  readonly lists: RowLists | undefined
  readonly ordered: OrderedIndex | undefined
  /** Whoever made the arrangement sets its bound: the least of what its readers need. */
  readonly expiry: Expiry | undefined
  readonly pages: number
}

export interface ArrangementSnapshot extends Disposable {
  readonly kind: 'arrangement-snapshot'
  readonly table: TableSnapshot
  readonly rows: RowListsSnapshot | undefined
  readonly ordered: OrderedSnapshot | undefined
  readonly bytes: number
}

export function createArrangement(options: ArrangementOptions): Arrangement {
  const { table, lists, ordered, rest } = partsOf(options)
  const parts = lists ?? ordered!
  const expiry = options.expires === undefined ? undefined : new Expiry(table, options.expires)
  const arrangement: Arrangement = {
    label: options.label,
    schema: options.schema,
    keys: options.keys,
    rest,
    storeNullKeys: options.storeNullKeys,
    table,
    lists,
    ordered,
    expiry,
    get pages() {
      return pagesOf(table.store) + pagesOf(parts.store)
    },
    get bytes() {
      const rows = lists === undefined ? orderedBytes(ordered!) : rowListsBytes(lists)
      return tableBytes(table) + rows + (expiry?.bytes ?? 0)
    },
    prepare() {
      expiry?.prepare()
      if (lists !== undefined) prepareRows(lists)
      else prepareOrdered(ordered!)
    },
    seal() {
      sealArrangement(arrangement)
    },
    abort() {
      if (lists !== undefined) abortRows(lists)
      else abortOrdered(ordered!)
      abort(table)
      expiry?.abort()
    },
    [Symbol.dispose]() {
      expiry?.[Symbol.dispose]()
      if (lists !== undefined) disposeRows(lists)
      else disposeOrdered(ordered!)
      disposeTable(table)
    },
  }
  return arrangement
}

const pagesOf = ({ size, layout }: RecordStore): number => Math.ceil(size / 2 ** layout.pageShift)

function partsOf({ schema, keys, layout, account, hash: other }: ArrangementOptions): {
  readonly table: KeyTable
  readonly lists: RowLists | undefined
  readonly ordered: OrderedIndex | undefined
  readonly rest: readonly number[]
} {
  const hash = other === undefined ? {} : { hash: other }
  const rest = [...schema.keys()].filter((column) => !keys.includes(column))
  const columns = rest.map((column) => fieldDef(schema[column]!))
  const keyDefs = keys.map((column) => fieldDef(schema[column]!))
  if (layout === 'rows') {
    const table = createKeyTable({ keys: keyDefs, states: rowListStates, account, ...hash })
    const lists = createRowLists({ table, headState: 0, columns, account, ...hash })
    return { table, lists, ordered: undefined, rest }
  }
  const table = createKeyTable({ keys: keyDefs, states: orderedStates, account, ...hash })
  // Key columns are the same in all rows of a slot.
  const order = layout.order
    .filter((key) => rest.includes(key.column))
    .map((key) => ({ ...key, column: rest.indexOf(key.column) }))
  const ordered = createOrderedIndex({ table, rootState: 0, columns, order, mode: layout.mode, account })
  return { table, lists: undefined, ordered, rest }
}

function sealArrangement(arrangement: Arrangement): void {
  const { table, lists, ordered, expiry } = arrangement
  const emptied: number[] = []
  const note = (slot: number): void => void emptied.push(slot)
  if (lists !== undefined) sealRows(lists, note)
  if (ordered !== undefined) sealOrdered(ordered, note)
  if (expiry !== undefined && lists !== undefined) dropLists(lists, expiry.expired)
  if (emptied.length > 0) free(table, Int32Array.from(emptied), emptied.length)
  seal(table)
  expiry?.seal()
}

/** The writer's append: adds the batch (columns of `schema`, any signs) to this epoch's changes. */
export function arrange(arrangement: Arrangement, batch: Batch, region: Region): void {
  const { table, lists, ordered, keys, rest } = arrangement
  const stored = arrangement.storeNullKeys ? batch : withoutNullKeys(arrangement, batch, region)
  const slots = region.i32(stored.length)
  const keyColumns = keys.map((column) => stored.columns[column]!)
  findOrInsert(table, keyColumns, stored.length, slots)
  const rows = { ...stored, columns: rest.map((column) => stored.columns[column]!) }
  if (lists !== undefined) appendRows(lists, slots, rows)
  if (ordered !== undefined) insertOrdered(ordered, slots, rows)
}

function withoutNullKeys(arrangement: Arrangement, batch: Batch, region: Region): Batch {
  const masks = arrangement.keys.map((column) => batch.columns[column]!.nulls).filter((mask) => mask !== undefined)
  if (masks.length === 0) return batch
  const rows = region.i32(batch.length)
  let count = 0
  for (let i = 0; i < batch.length; i++) if (masks.every((mask) => mask[i] === 0)) rows[count++] = i
  return count === batch.length ? batch : gather(batch, rows, count, region)
}

/** Only between epochs. */
export function snapshotArrangement(arrangement: Arrangement, account: MemoryAccount): ArrangementSnapshot {
  const { lists, ordered: index } = arrangement
  const table = snapshotTable(arrangement.table, account)
  const rows = lists === undefined ? undefined : snapshotRows(lists, table, account)
  const ordered = index === undefined ? undefined : snapshotOrdered(index, table, account)
  return {
    kind: 'arrangement-snapshot',
    table,
    rows,
    ordered,
    get bytes() {
      return table.bytes + (rows?.store.bytes ?? 0) + (ordered?.bytes ?? 0)
    },
    [Symbol.dispose]() {
      ordered?.[Symbol.dispose]()
      rows?.[Symbol.dispose]()
      table[Symbol.dispose]()
    },
  }
}

/** A key table that one operator owns alone, as epoch state; `expiry`: keys of a past time go. */
export function tableState(table: KeyTable, expiry?: Expiry): EpochState {
  return {
    prepare: () => expiry?.prepare(),
    seal() {
      seal(table)
      expiry?.seal()
    },
    abort() {
      abort(table)
      expiry?.abort()
    },
    get bytes() {
      return tableBytes(table) + (expiry?.bytes ?? 0)
    },
    [Symbol.dispose]() {
      expiry?.[Symbol.dispose]()
      disposeTable(table)
    },
  }
}
