// Arrangement: a relation kept indexed by key columns, shared by all who read it by that key (spec/engine.md §4).
//
//   layout rows      key table (key → slot, list head) + row lists          joins
//   layout ordered   key table (key → slot, root)      + ordered index      top-N, OVER, ASOF
//
// Key columns lie in the key table only; rows hold the others. Exactly one writer calls `arrange`; readers hold an
// `ArrangementReader` (arrangement-reader.ts). Keys are compared by identity; where SQL's equality is wider, the
// planner adds a normalised key column.

import { assert } from '../core/assert.ts'
import type { Batch } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { SortKey } from '../core/primitives/compare.ts'
import { gather } from '../core/primitives/gather.ts'
import type { HashRows } from '../core/primitives/hash.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import {
  createKeyTable,
  findOrInsert,
  free,
  type KeyTable,
  type TableSnapshot,
  tableBytes,
  touch,
} from './key-table.ts'
import { abort, disposeTable, seal, snapshotTable } from './key-table-epoch.ts'
import { scan } from './key-table-scan.ts'
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
import { abortRows, disposeRows, dropRows, prepareRows, sealRows } from './row-lists-epoch.ts'

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
  /** Columns of the schema that rows hold: all but the keys, in order. */
  readonly rest: readonly number[]
  readonly storeNullKeys: boolean
  readonly table: KeyTable
  readonly lists: RowLists | undefined
  readonly ordered: OrderedIndex | undefined
  readonly needs: Need[]
  /** The highest bound below which rows were dropped; undefined: none were. */
  readonly since: bigint | undefined
  /** What the next seal will drop. */
  drop: { readonly column: number; readonly bound: bigint } | undefined
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
  let since: bigint | undefined
  const arrangement: Arrangement = {
    label: options.label,
    schema: options.schema,
    keys: options.keys,
    rest,
    storeNullKeys: options.storeNullKeys,
    table,
    lists,
    ordered,
    needs: [],
    drop: undefined,
    get since() {
      return since
    },
    get pages() {
      return pagesOf(table.store) + pagesOf(parts.store)
    },
    get bytes() {
      return tableBytes(table) + (lists === undefined ? orderedBytes(ordered!) : rowListsBytes(lists))
    },
    prepare() {
      if (lists !== undefined) prepareRows(lists)
      else prepareOrdered(ordered!)
    },
    seal() {
      if (arrangement.drop !== undefined) since = arrangement.drop.bound
      sealArrangement(arrangement)
    },
    abort() {
      if (lists !== undefined) abortRows(lists)
      else abortOrdered(ordered!)
      abort(table)
      arrangement.drop = undefined
    },
    [Symbol.dispose]() {
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
  const { table, lists, ordered, drop } = arrangement
  const emptied: number[] = []
  const note = (slot: number): void => void emptied.push(slot)
  if (lists !== undefined) sealRows(lists, note)
  if (ordered !== undefined) sealOrdered(ordered, note)
  if (drop !== undefined && lists !== undefined) dropAll(arrangement, lists, drop, note)
  if (emptied.length > 0) free(table, Int32Array.from(emptied), emptied.length)
  seal(table)
  arrangement.drop = undefined
}

/** Visits every row: those whose column is below `bound` go. */
function dropAll(
  arrangement: Arrangement,
  lists: RowLists,
  drop: { readonly column: number; readonly bound: bigint },
  emptied: (slot: number) => void,
): void {
  const slots = new Int32Array(4096)
  for (let cursor = 0; cursor >= 0; ) {
    const slice = scan(arrangement.table, cursor, 'after', slots)
    cursor = slice.cursor
    touch(arrangement.table, slots, slice.count)
    const column = arrangement.rest.indexOf(drop.column)
    dropRows(lists, slots, slice.count, { column, bound: drop.bound }, emptied)
  }
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

/**
 * Rows whose int64 `column` (of the schema, not a key) is below `bound` will be dropped in the next seal; `since`
 * rises to `bound`. The caller has taken the minimum of the needs. Rows with NULL there stay. Cost: a visit of every
 * row.
 */
export function dropBelow(arrangement: Arrangement, column: number, bound: bigint): void {
  assert(
    arrangement.lists !== undefined && arrangement.rest.includes(column),
    'rows are dropped by a column of row lists',
  )
  arrangement.drop = { column, bound }
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
