// RowLists: slot of a key table → rows with weights, newest first (spec/engine.md §4).
//
//   key record: … head, length │          before: starts at the sealed head (undo record of the slot)
//                  │           │          after:  starts at the head
//                  ▼
//        row of this epoch ─► row of this epoch ─► sealed row ─► sealed row ─► −1
//
//   row record   hash │ mark │ weight (int64) │ next │ slot │ null bits │ columns
//
// The two i32 state columns `head` (row id + 1; 0: none) and `length` (below 0: the list is in the row index) of the
// key table belong to the list; its undo list is ours too. Rows of the running epoch, retractions included, stand in
// front with their signs; prepare pairs retractions with rows, seal applies that (row-lists-epoch.ts).
// Cost: append and probe touch one record per row; an insert-only epoch costs nothing at seal.

import type { Batch, Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { type HashRows, hashRows } from '../core/primitives/hash.ts'
import { SPLIT_MAX, WEIGHT_MAX, weightTooLarge } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import { createHashIndex, type HashIndex } from './hash-index.ts'
import { type KeyTable, type Moment, stateField, type TableSnapshot, touch } from './key-table.ts'
import { gatherRecords } from './record-gather.ts'
import { CHUNK_MASK, CHUNK_SHIFT, type FieldDef, recordLayout } from './record-layout.ts'
import { allocateRecord, createRecordStore, type RecordStore, storeBytes } from './record-store.ts'
import { writeRecords } from './record-write.ts'
import { checkSnapshot, type StoreSnapshot, snapshotStore } from './snapshot.ts'
import { FRESH, undoPosition } from './undo-list.ts'

/** Words of a row's header behind hash and mark. The weight is also longs[(r >> 1) + 1]. */
export const ROW_WEIGHT = 2
export const ROW_NEXT = 4
export const ROW_SLOT = 5
export const ROW_HEADER_WORDS = 4

export interface RowLists {
  readonly table: KeyTable
  /** Word of a key record that holds the head, and the one that holds the length. */
  readonly headWord: number
  readonly lengthWord: number
  readonly store: RecordStore
  readonly hash: HashRows
  /** Rows of long lists from which something was retracted, by hash; sealed rows only, each value once. */
  readonly index: HashIndex
  /** By slot of an indexed list: rows of weight 0 that are still linked. */
  readonly dead: Map<number, number>
  /** Slots whose rows prepare must pair, in order of append, with repetitions. */
  readonly work: { slots: Int32Array; count: number }
  /** What prepare found; empty outside prepare…seal. */
  readonly plan: RowPlan
  hashes: Int32Array
  ids: Int32Array
}

/**
 * What seal will do to the lists in `slots`: `rows[k]` gets the weight `weights[k]`; rows of those lists not named
 * go.
 */
export interface RowPlan {
  slots: Int32Array
  rows: Int32Array
  weights: BigInt64Array
  count: number
  /** Rows that prepare has put into the index. */
  readonly indexed: number[]
}

export interface RowListsOptions {
  readonly table: KeyTable
  /** The first of the two state columns `rowListStates`. */
  readonly headState: number
  readonly columns: readonly FieldDef[]
  readonly account: MemoryAccount
  readonly hash?: HashRows
}

/** The state columns that a RowLists needs in its key table: head and length. */
export const rowListStates: readonly FieldDef[] = [
  { kind: 'i32', nullable: false },
  { kind: 'i32', nullable: false },
]

export function createRowLists(options: RowListsOptions): RowLists {
  const { table, headState, columns, account, hash = hashRows } = options
  const store = createRecordStore(recordLayout(columns, ROW_HEADER_WORDS), account)
  return {
    table,
    headWord: table.layout.fields[stateField(table, headState)]!.word,
    lengthWord: table.layout.fields[stateField(table, headState + 1)]!.word,
    store,
    hash,
    index: createHashIndex(store),
    dead: new Map(),
    work: { slots: new Int32Array(0), count: 0 },
    plan: { slots: new Int32Array(0), rows: new Int32Array(0), weights: new BigInt64Array(0), count: 0, indexed: [] },
    hashes: new Int32Array(0),
    ids: new Int32Array(0),
  }
}

export const rowListsBytes = (lists: RowLists): number => storeBytes(lists.store) + lists.index.bytes

export interface RowListsSnapshot extends Disposable {
  readonly kind: 'row-lists-snapshot'
  readonly table: TableSnapshot
  readonly store: StoreSnapshot
}

/** Adds row i of the batch with its weight in front of the list of `slots[i]` (−1: not stored). Touches the slots. */
export function appendRows(lists: RowLists, slots: Int32Array, batch: Batch): void {
  const { length, columns } = batch
  touch(lists.table, slots, length)
  if (lists.ids.length < length) {
    const room = 2 ** Math.ceil(Math.log2(Math.max(64, length)))
    lists.ids = new Int32Array(room)
    lists.hashes = new Int32Array(room)
  }
  lists.hash(columns, length, lists.hashes)
  linkRows(lists, slots, batch.weights, length)
  writeRecords(lists.store, [...lists.store.layout.fields.keys()], lists.ids, length, columns)
}

/** Allocates a record per row and links it in front; the columns are still to be written. */
function linkRows(lists: RowLists, slots: Int32Array, weights: Int32Array | undefined, length: number): void {
  const { store, table, headWord, lengthWord, ids, hashes } = lists
  const stride = store.layout.strideWords
  const keyStride = table.layout.strideWords
  for (let i = 0; i < length; i++) {
    const slot = slots[i]!
    ids[i] = -1
    if (slot < 0) continue
    const weight = weights === undefined ? 1 : weights[i]!
    const keyWords = table.store.words[slot >>> CHUNK_SHIFT]!
    const key = (slot & CHUNK_MASK) * keyStride
    const indexed = keyWords[key + lengthWord]! < 0
    if (weight < 0 || indexed) noteWork(lists, slot)
    const id = allocateRecord(store, mixSlot(hashes[i]!, slot))
    const words = store.words[id >>> CHUNK_SHIFT]!
    const at = (id & CHUNK_MASK) * stride
    words[at + ROW_WEIGHT] = weight
    words[at + ROW_WEIGHT + 1] = weight >> 31
    words[at + ROW_NEXT] = keyWords[key + headWord]! - 1
    words[at + ROW_SLOT] = slot
    keyWords[key + headWord] = id + 1
    keyWords[key + lengthWord]! += indexed ? -1 : 1
    ids[i] = id
  }
}

function noteWork(lists: RowLists, slot: number): void {
  const { work } = lists
  if (work.count === work.slots.length) {
    const longer = new Int32Array(Math.max(64, work.count * 2))
    longer.set(work.slots)
    work.slots = longer
  }
  work.slots[work.count++] = slot
}

/** The hash of a row under a slot: equal rows of different slots must not meet in one place of the index. */
function mixSlot(hash: number, slot: number): number {
  let mixed = Math.imul(hash ^ Math.imul(slot + 1, 0x9e3779b1), 0x2c1b3c6d)
  mixed ^= mixed >>> 15
  return mixed
}

/** Where a probe goes on. Begin with `startProbe()`. */
export interface ProbeCursor {
  /** The probing entry. */
  index: number
  /** Its next row, or −1: at the head of its list. */
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
export const matches = (capacity: number, region: Region): Matches => ({
  length: 0,
  index: region.i32(capacity),
  rows: region.i32(capacity),
  weights: region.i32(capacity),
})

/**
 * Appends to `out`, from `cursor` on, the rows in the lists of `slots[0…length)` (−1: none). `weights` are the probing
 * rows' (absent: +1). True when all is done; false: `out` is full, empty it and call again with the same arguments.
 * Pairs come in order of index.
 */
export function probe(
  lists: RowLists,
  slots: Int32Array,
  length: number,
  weights: Int32Array | undefined,
  at: Moment | RowListsSnapshot,
  cursor: ProbeCursor,
  out: Matches,
): boolean {
  const from = rowsFrom(lists, at)
  const { words, saved, copies } = from
  const stride = lists.store.layout.strideWords
  const pageShift = lists.store.layout.pageShift
  const capacity = out.rows.length
  for (; cursor.index < length; cursor.index++) {
    const slot = slots[cursor.index]!
    if (slot < 0) continue
    const factor = weights === undefined ? 1 : weights[cursor.index]!
    let row = cursor.row >= 0 ? cursor.row : headOf(lists, slot, at)
    while (row >= 0) {
      if (out.length === capacity) {
        cursor.row = row
        return false
      }
      const chunk = row >>> CHUNK_SHIFT
      const record = saved === undefined || saved[row >>> pageShift] === 0 ? words[chunk]! : copies![chunk]!
      const start = (row & CHUNK_MASK) * stride
      const low = record[start + ROW_WEIGHT]!
      const product = low * factor
      if (record[start + ROW_WEIGHT + 1] === low >> 31 && product <= WEIGHT_MAX && product >= -WEIGHT_MAX) {
        if (product !== 0) {
          out.index[out.length] = cursor.index
          out.rows[out.length] = row
          out.weights[out.length++] = product
        }
      } else if (!splitProduct(record, start, factor, row, cursor, out)) return false
      row = record[start + ROW_NEXT]!
    }
    cursor.row = -1
  }
  return true
}

/** Emits one pair as several entries; false where `out` is full before it is done. */
function splitProduct(
  record: Int32Array,
  start: number,
  factor: number,
  row: number,
  cursor: ProbeCursor,
  out: Matches,
): boolean {
  if (cursor.rest === 0n) {
    const weight = (BigInt(record[start + ROW_WEIGHT + 1]!) << 32n) | BigInt(record[start + ROW_WEIGHT]! >>> 0)
    cursor.rest = weight * BigInt(factor)
    const size = cursor.rest < 0n ? -cursor.rest : cursor.rest
    if (size > BigInt(SPLIT_MAX) * BigInt(WEIGHT_MAX)) throw weightTooLarge()
  }
  while (cursor.rest !== 0n) {
    if (out.length === out.rows.length) {
      cursor.row = row
      return false
    }
    const part = Math.max(-WEIGHT_MAX, Math.min(WEIGHT_MAX, Number(cursor.rest)))
    out.index[out.length] = cursor.index
    out.rows[out.length] = row
    out.weights[out.length++] = part
    cursor.rest -= BigInt(part)
  }
  return true
}

interface RowsFrom {
  readonly words: readonly Int32Array[]
  readonly arenas: readonly Uint8Array[]
  readonly saved: Uint8Array | undefined
  readonly copies: readonly Int32Array[] | undefined
}

function rowsFrom(lists: RowLists, at: Moment | RowListsSnapshot): RowsFrom {
  if (typeof at === 'string')
    return { words: lists.store.words, arenas: lists.store.heap.arenas, saved: undefined, copies: undefined }
  checkSnapshot(at.store)
  checkSnapshot(at.table.store)
  return at.store
}

/** First row of the slot's list at that moment, or −1. */
export function headOf(lists: RowLists, slot: number, at: Moment | RowListsSnapshot): number {
  const { table, headWord } = lists
  const { strideWords, pageShift } = table.layout
  const place = (slot & CHUNK_MASK) * strideWords + headWord
  if (typeof at !== 'string') {
    const { saved, copies, words } = at.table.store
    return (saved[slot >>> pageShift] === 0 ? words : copies)[slot >>> CHUNK_SHIFT]![place]! - 1
  }
  if (at === 'before') {
    const position = undoPosition(table.undo, table.store, slot)
    if (position >= 0)
      return (table.undo.flags[position]! & FRESH) !== 0 ? -1 : table.undo.words[position * strideWords + headWord]! - 1
  }
  return table.store.words[slot >>> CHUNK_SHIFT]![place]! - 1
}

/** Columns of stored rows; −1 gives NULL. `columns`: positions in the lists' columns. */
export function gatherRows(
  lists: RowLists,
  columns: readonly number[],
  rows: Int32Array,
  length: number,
  at: Moment | RowListsSnapshot,
  region: Region,
): Column[] {
  const { layout } = lists.store
  const { words, arenas, saved, copies } = rowsFrom(lists, at)
  const source = saved === undefined ? 'live' : 'snapshot'
  const absent = missingMask(rows, length, region)
  return gatherRecords({ source, layout, words, arenas, saved, copies }, columns, rows, length, absent, region)
}

/** Flags the ids that are −1; undefined where none is. */
export function missingMask(ids: Int32Array, length: number, region: Region): Uint8Array | undefined {
  let sign = 0
  for (let i = 0; i < length; i++) sign |= ids[i]!
  if (sign >= 0) return undefined
  const mask = region.u8(length)
  for (let i = 0; i < length; i++) mask[i] = ids[i]! < 0 ? 1 : 0
  return mask
}

/** Between epochs, with the snapshot of the key table taken at the same time (which its taker disposes). */
export function snapshotRows(lists: RowLists, table: TableSnapshot, account: MemoryAccount): RowListsSnapshot {
  const store = snapshotStore(lists.store, account)
  return { kind: 'row-lists-snapshot', table, store, [Symbol.dispose]: () => store[Symbol.dispose]() }
}
