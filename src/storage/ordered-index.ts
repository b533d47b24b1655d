// OrderedIndex: slot of a key table → rows with weights in a total order (spec/engine.md §4).
//
// The order is: sort keys asc or desc with NULLs first or last, then the canonical order of the whole row. A slot's
// rows stand in a sorted block (≤ 32), promoted to a tree of blocks with weight sums (ordered-tree-read.ts): position
// ↔ row in O(log n). A row of weight k occupies k positions.
//
// Two modes. `shared`: entries of the running epoch wait in a pending list per slot (ordered-pending.ts); `before`
// reads the tree, `after` merges both, seal merges them in. `private` (only its operator reads it, in finish):
// changes in place, kept in a log (ordered-private.ts); `before` does not exist.
//
//   key record   … root, pending (row id + 1; 0: none)
//   row record   hash │ mark │ weight (int64) │ next │ slot │ null bits │ columns

import { assert } from '../core/assert.ts'
import type { Batch, Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { type SortKey, totalOrder } from '../core/primitives/compare.ts'
import type { Region } from '../core/region.ts'
import { type KeyTable, type Moment, stateField, type TableSnapshot, touch } from './key-table.ts'
import { recordComparator, recordPrefix, recordToRow } from './ordered-compare.ts'
import { abortPending, type PendingIndex, pendingOf, preparePending, sealPending } from './ordered-pending.ts'
import { abortPrivate, insertPrivate, type PrivateIndex, sealPrivate } from './ordered-private.ts'
import { writeSlot } from './ordered-slot.ts'
import { removeAt, seek } from './ordered-tree.ts'
import { createOrderedTree, freeTree } from './ordered-tree-nodes.ts'
import { collectRows, emitRow, endRow, positionWhere, type TreeFrom, treeWeight } from './ordered-tree-read.ts'
import { gatherRecords } from './record-gather.ts'
import { CHUNK_MASK, CHUNK_SHIFT, type FieldDef, recordLayout } from './record-layout.ts'
import {
  allocateRecord,
  clearStore,
  createRecordStore,
  type RecordStore,
  releaseRecord,
  storeBytes,
  tidyStore,
} from './record-store.ts'
import { writeRecords } from './record-write.ts'
import { missingMask, ROW_HEADER_WORDS, ROW_NEXT, ROW_SLOT, ROW_WEIGHT } from './row-lists.ts'
import { checkSnapshot, type StoreSnapshot, snapshotStore } from './snapshot.ts'
import { FRESH, undoPosition } from './undo-list.ts'

export interface OrderedIndexOptions {
  readonly table: KeyTable
  /** First of the i32 state columns `orderedStates` in the table. */
  readonly rootState: number
  readonly columns: readonly FieldDef[]
  readonly order: readonly SortKey[]
  readonly mode: 'shared' | 'private'
  readonly account: MemoryAccount
}

export interface OrderedIndex extends PendingIndex, PrivateIndex {
  readonly mode: 'shared' | 'private'
  readonly order: readonly SortKey[]
  /** The rows. */
  readonly store: RecordStore
}

/** The state columns that an OrderedIndex needs in its key table: root and pending list. */
export const orderedStates: readonly FieldDef[] = [
  { kind: 'i32', nullable: false },
  { kind: 'i32', nullable: false },
]

export function createOrderedIndex(options: OrderedIndexOptions): OrderedIndex {
  const { table, rootState, columns, order, mode, account } = options
  const store = createRecordStore(recordLayout(columns, ROW_HEADER_WORDS), account)
  const keys = totalOrder(order, columns.length)
  const rowOrder = { compare: recordComparator(store, keys), prefix: recordPrefix(store, keys) }
  return {
    table,
    mode,
    order,
    rootWord: table.layout.fields[stateField(table, rootState)]!.word,
    pendingWord: table.layout.fields[stateField(table, rootState + 1)]!.word,
    store,
    tree: createOrderedTree(store, account, rowOrder),
    pending: new Map(),
    log: { slots: [], rows: [], weights: [], kinds: [] },
  }
}

export const orderedBytes = (index: OrderedIndex): number =>
  storeBytes(index.store) + storeBytes(index.tree.small) + storeBytes(index.tree.large)

/**
 * Adds the batch's rows to the indexes of `slots[i]` (−1: not stored) with their weights; touches the slots. In private
 * mode the entries of one row must have been consolidated: a weight below 0 in between is an AssertionError; in shared
 * mode that is checked in prepare.
 */
export function insertOrdered(index: OrderedIndex, slots: Int32Array, batch: Batch): void {
  const { length, columns, weights } = batch
  const { store, table } = index
  touch(table, slots, length)
  const ids = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!
    ids[i] = slots[i]! < 0 || weight === 0 ? -1 : newRow(index, slots[i]!, weight)
  }
  writeRecords(store, [...store.layout.fields.keys()], ids, length, columns)
  if (index.mode === 'private') {
    insertAll(index, slots, ids)
    return
  }
  for (let i = 0; i < length; i++) if (index.pending.size > 0 && ids[i]! >= 0) index.pending.delete(slots[i]!)
}

function insertAll(index: OrderedIndex, slots: Int32Array, ids: Int32Array): void {
  let done = 0
  try {
    for (; done < ids.length; done++) if (ids[done]! >= 0) insertPrivate(index, slots[done]!, ids[done]!)
  } finally {
    // After a failure: the entries that did not get in.
    for (; done < ids.length; done++) if (ids[done]! >= 0) releaseRecord(index.store, ids[done]!)
  }
}

/** A record for an entry; in shared mode it is linked into its slot's pending list. */
function newRow(index: OrderedIndex, slot: number, weight: number): number {
  const { store, table } = index
  const id = allocateRecord(store, 0)
  const words = store.words[id >>> CHUNK_SHIFT]!
  const at = (id & CHUNK_MASK) * store.layout.strideWords
  words[at + ROW_WEIGHT] = weight
  words[at + ROW_WEIGHT + 1] = weight >> 31
  words[at + ROW_SLOT] = slot
  if (index.mode === 'private') return id
  const key = table.store.words[slot >>> CHUNK_SHIFT]!
  const head = (slot & CHUNK_MASK) * table.layout.strideWords + index.pendingWord
  words[at + ROW_NEXT] = key[head]! - 1
  key[head] = id + 1
  return id
}

export interface OrderedSnapshot extends Disposable {
  readonly kind: 'ordered-snapshot'
  readonly table: TableSnapshot
  readonly rows: StoreSnapshot
  readonly small: StoreSnapshot
  readonly large: StoreSnapshot
  readonly bytes: number
}

export type OrderedAt = Moment | OrderedSnapshot

/** Rows of a slot from a place on: parallel arrays. */
export interface OrderedRows {
  length: number
  readonly rows: Int32Array
  readonly weights: BigInt64Array
}

function treeFrom(index: OrderedIndex, at: OrderedAt): TreeFrom {
  if (typeof at === 'string') return index.tree
  for (const part of [at.table.store, at.rows, at.small, at.large]) checkSnapshot(part)
  return at
}

/** Root of the slot's tree, without what is pending. */
export function rootOf(index: OrderedIndex, slot: number, at: OrderedAt): number {
  const { table, rootWord } = index
  const { strideWords, pageShift } = table.layout
  const place = (slot & CHUNK_MASK) * strideWords + rootWord
  if (typeof at !== 'string') {
    const { saved, copies, words } = at.table.store
    return (saved[slot >>> pageShift] === 0 ? words : copies)[slot >>> CHUNK_SHIFT]![place]!
  }
  if (at === 'before') {
    assert(index.mode === 'shared', 'a private index has no past')
    const position = undoPosition(table.undo, table.store, slot)
    if (position >= 0)
      return (table.undo.flags[position]! & FRESH) !== 0 ? 0 : table.undo.words[position * strideWords + rootWord]!
  }
  return table.store.words[slot >>> CHUNK_SHIFT]![place]!
}

const pendingAt = (index: OrderedIndex, slot: number, at: OrderedAt) =>
  at === 'after' && index.mode === 'shared' ? pendingOf(index, slot) : undefined

/** Sum of the weights in the slot: how many positions it has. */
export function totalPositions(index: OrderedIndex, slot: number, at: OrderedAt): bigint {
  const total = treeWeight(treeFrom(index, at), rootOf(index, slot, at))
  return BigInt(total + (pendingAt(index, slot, at)?.total ?? 0))
}

/** `out[i]` = first (or last) row of `slots[i]`, −1 where it has none. */
export function firstRows(
  index: OrderedIndex,
  slots: Int32Array,
  length: number,
  end: 'first' | 'last',
  at: OrderedAt,
  out: Int32Array,
): void {
  const from = treeFrom(index, at)
  const one = { length: 0, rows: new Int32Array(1), weights: new BigInt64Array(1) }
  for (let i = 0; i < length; i++) {
    const slot = slots[i]!
    if (slot < 0) out[i] = -1
    else if (pendingAt(index, slot, at) === undefined) out[i] = endRow(from, rootOf(index, slot, at), end)
    else {
      const total = totalPositions(index, slot, at)
      one.length = 0
      if (total > 0n) selectRange(index, slot, { from: end === 'first' ? 0n : total - 1n, count: 1n }, at, one)
      out[i] = one.length === 0 ? -1 : one.rows[0]!
    }
  }
}

/** Appends to `out` the rows at positions `from…from + count` of the slot (from 0), with the part of their weight
 * that lies inside; returns the positions covered: fewer than asked for where `out` is full or the rows end. */
export function selectRange(
  index: OrderedIndex,
  slot: number,
  positions: { readonly from: bigint; readonly count: bigint },
  at: OrderedAt,
  out: OrderedRows,
): bigint {
  const from = treeFrom(index, at)
  const root = rootOf(index, slot, at)
  const wanted = Number(positions.count)
  const range = { skip: Number(positions.from), take: wanted }
  const pending = pendingAt(index, slot, at)
  if (pending === undefined) {
    collectRows(from, root, range, out)
    return BigInt(wanted - range.take)
  }
  const { rows, existing, ranks, weights, stored, starts } = pending
  // Tree rows between two pending ones are copied, the pending ones come with their new weight.
  let k = 0
  for (let high = rows.length; k < high; ) {
    const middle = (k + high) >> 1
    if (starts[middle]! + stored[middle]! + weights[middle]! <= range.skip) k = middle + 1
    else high = middle
  }
  let next = k === 0 ? 0 : ranks[k - 1]! + stored[k - 1]! // tree position
  range.skip -= k === 0 ? 0 : starts[k - 1]! + stored[k - 1]! + weights[k - 1]!
  for (; range.take > 0 && out.length < out.rows.length; k++) {
    const gap = (k < rows.length ? ranks[k]! : treeWeight(from, root)) - next
    const skipped = Math.min(gap, range.skip)
    const part = { skip: next + skipped, take: Math.min(gap - skipped, range.take) }
    const before = part.take
    collectRows(from, root, part, out)
    range.skip -= skipped
    range.take -= before - part.take
    if (k === rows.length || part.take > 0) break
    emitRow(existing[k]! >= 0 ? existing[k]! : rows[k]!, stored[k]! + weights[k]!, range, out)
    next = ranks[k]! + stored[k]!
  }
  return BigInt(wanted - range.take)
}

/**
 * Position of the first row of the slot that does not stand before row `row` of `columns` (all columns of the index).
 */
export const rankOf = (
  index: OrderedIndex,
  slot: number,
  columns: readonly Column[],
  row: number,
  at: OrderedAt,
): bigint => positionBy(index, slot, columns, row, totalOrder(index.order, columns.length), 'lower', at)

/** Position of the first row of the slot whose sort keys are not before (`bound: 'lower'`) or are after (`'upper'`) the
 * sort keys of row `row` of `columns`; only the first `keyCount` sort keys are compared. */
export const boundOf = (
  index: OrderedIndex,
  slot: number,
  columns: readonly Column[],
  row: number,
  options: { readonly keyCount: number; readonly bound: 'lower' | 'upper'; readonly at: OrderedAt },
): bigint => positionBy(index, slot, columns, row, index.order.slice(0, options.keyCount), options.bound, options.at)

function positionBy(
  index: OrderedIndex,
  slot: number,
  columns: readonly Column[],
  row: number,
  keys: readonly SortKey[],
  bound: 'lower' | 'upper',
  at: OrderedAt,
): bigint {
  const from = treeFrom(index, at)
  const { layout } = index.store
  const compare = recordToRow(layout, typeof at === 'string' ? liveRows(index) : at.rows, columns, keys)
  const isBefore = (id: number): boolean => (bound === 'lower' ? compare(id, row) < 0 : compare(id, row) <= 0)
  let position = positionWhere(from, rootOf(index, slot, at), isBefore)
  const pending = pendingAt(index, slot, at)
  if (pending !== undefined)
    for (let k = 0; k < pending.rows.length && isBefore(pending.rows[k]!); k++) position += pending.weights[k]!
  return BigInt(position)
}

const liveRows = ({ store }: OrderedIndex) => ({ words: store.words, arenas: store.heap.arenas })

/** Columns of stored rows; −1 gives NULL. */
export function gatherOrdered(
  index: OrderedIndex,
  columns: readonly number[],
  rows: Int32Array,
  length: number,
  at: OrderedAt,
  region: Region,
): Column[] {
  const { layout } = index.store
  const absent = missingMask(rows, length, region)
  if (typeof at === 'string')
    return gatherRecords({ source: 'live', layout, ...liveRows(index) }, columns, rows, length, absent, region)
  checkSnapshot(at.rows)
  const { words, arenas, saved, copies } = at.rows
  return gatherRecords(
    { source: 'snapshot', layout, words, arenas, saved, copies },
    columns,
    rows,
    length,
    absent,
    region,
  )
}

/** Shared mode: AssertionError where a retraction finds no row. Reserves what seal needs. */
export function prepareOrdered(index: OrderedIndex): void {
  if (index.mode === 'shared') preparePending(index)
}

/** Before the table's seal. Touched slots that are empty now are passed to `emptied`. */
export function sealOrdered(index: OrderedIndex, emptied: (slot: number) => void): void {
  if (index.mode === 'shared') sealPending(index)
  else sealPrivate(index)
  const { undo } = index.table
  for (let k = 0; k < undo.count; k++) if (rootOf(index, undo.ids[k]!, 'after') === 0) emptied(undo.ids[k]!)
}

/** In seal, after sealOrdered: drops all rows of the slots (touched). */
export function clearOrdered(index: OrderedIndex, slots: Int32Array): void {
  for (const slot of slots) {
    freeTree(index.tree, rootOf(index, slot, 'after'))
    writeSlot(index, slot, index.rootWord, 0)
  }
  for (const store of [index.store, index.tree.small, index.tree.large]) tidyStore(store)
}

/** In seal, after sealOrdered: drops the first positions of a slot (touched), of whole rows. */
export function removeFirst(index: OrderedIndex, slot: number, count: bigint): void {
  const { tree } = index
  const block = { length: 0, rows: new Int32Array(256), weights: new BigInt64Array(256) }
  for (let left = count; left > 0n; ) {
    block.length = 0
    left -= selectRange(index, slot, { from: 0n, count: left }, 'after', block)
    for (const row of block.rows.subarray(0, block.length)) {
      const root = rootOf(index, slot, 'after')
      seek(tree, root, row)
      writeSlot(index, slot, index.rootWord, removeAt(tree, root, row))
      releaseRecord(tree.rows, row)
    }
  }
  for (const store of [tree.rows, tree.small, tree.large]) tidyStore(store)
}

/** Before the table's abort. */
export function abortOrdered(index: OrderedIndex): void {
  if (index.mode === 'shared') abortPending(index)
  else abortPrivate(index)
}

/** Gives all memory back. */
export function disposeOrdered(index: OrderedIndex): void {
  index.pending.clear()
  for (const store of [index.store, index.tree.small, index.tree.large]) clearStore(store)
}

/** Between epochs, with the snapshot of the key table taken at the same time (which its taker disposes). */
export function snapshotOrdered(index: OrderedIndex, table: TableSnapshot, account: MemoryAccount): OrderedSnapshot {
  const rows = snapshotStore(index.store, account)
  const small = snapshotStore(index.tree.small, account)
  const large = snapshotStore(index.tree.large, account)
  return {
    kind: 'ordered-snapshot',
    table,
    rows,
    small,
    large,
    get bytes() {
      return rows.bytes + small.bytes + large.bytes
    },
    [Symbol.dispose]() {
      for (const part of [rows, small, large]) part[Symbol.dispose]()
    },
  }
}
