// The running epoch's entries of a shared ordered index: linked per slot as they come; on first use after that sorted,
// consolidated and set beside the tree.
//
// State: one block per slot that was asked for; dropped when an entry is added, and at the end of the epoch.
// Cost: O(p log p) for p entries of a slot, and O(log n) for each distinct row among them.

import { assert } from '../core/assert.ts'
import { type OrderedSlots, readSlot, writeSlot } from './ordered-slot.ts'
import { addAt, insertAt, removeAt, seek, soughtPosition } from './ordered-tree.ts'
import { setRowWeight } from './ordered-tree-nodes.ts'
import { positionWhere, rowWeight } from './ordered-tree-read.ts'
import { CHUNK_MASK, CHUNK_SHIFT } from './record-layout.ts'
import { releaseRecord, reserveRecords, tidyStore } from './record-store.ts'
import { ROW_NEXT } from './row-lists.ts'

/** Distinct rows in order; parallel arrays. */
export interface PendingBlock {
  readonly rows: Int32Array
  /** The tree's record of the same row, or −1. */
  readonly existing: Int32Array
  /** Position in the tree before which the row stands, or where it stands. */
  readonly ranks: Float64Array
  /** Weight in the tree, 0 where absent. */
  readonly stored: Float64Array
  /** Change of the weight; not 0. */
  readonly weights: Float64Array
  /** Position of the row in the merged order. */
  readonly starts: Float64Array
  readonly total: number
}

export type PendingBlocks = Map<number, PendingBlock>

export interface PendingIndex extends OrderedSlots {
  readonly pending: PendingBlocks
}

/** The slot's block; undefined where nothing is pending. */
export function pendingOf(index: PendingIndex, slot: number): PendingBlock | undefined {
  const head = readSlot(index, slot, index.pendingWord)
  if (head === 0) return undefined
  let block = index.pending.get(slot)
  if (block === undefined) {
    block = buildBlock(index, slot, head - 1)
    index.pending.set(slot, block)
  }
  return block
}

function buildBlock(index: PendingIndex, slot: number, head: number): PendingBlock {
  const { tree } = index
  const sorted = Int32Array.from(linked(index, head)).sort(tree.order.compare)
  const rows = new Int32Array(sorted.length)
  const weights = new Float64Array(sorted.length)
  let count = 0
  for (let i = 0; i < sorted.length; ) {
    let weight = rowWeight(tree, sorted[i]!)
    let end = i + 1
    while (end < sorted.length && tree.order.compare(sorted[i]!, sorted[end]!) === 0)
      weight += rowWeight(tree, sorted[end++]!)
    if (weight !== 0) {
      rows[count] = sorted[i]!
      weights[count++] = weight
    }
    i = end
  }
  const root = readSlot(index, slot, index.rootWord)
  const block = {
    rows: rows.slice(0, count),
    existing: new Int32Array(count),
    ranks: new Float64Array(count),
    stored: new Float64Array(count),
    weights: weights.slice(0, count),
    starts: new Float64Array(count),
    total: 0,
  }
  for (let k = 0; k < count; k++) {
    const row = rows[k]!
    const existing = seek(tree, root, row)
    block.existing[k] = existing
    block.stored[k] = existing < 0 ? 0 : rowWeight(tree, existing)
    block.ranks[k] =
      root < 0 ? positionWhere(tree, root, (other) => tree.order.compare(other, row) < 0) : soughtPosition(tree)
    block.starts[k] = block.ranks[k]! + block.total
    block.total += weights[k]!
  }
  return block
}

function* linked(index: PendingIndex, head: number): Generator<number, void> {
  const { rows } = index.tree
  for (
    let row = head;
    row >= 0;
    row = rows.words[row >>> CHUNK_SHIFT]![(row & CHUNK_MASK) * rows.layout.strideWords + ROW_NEXT]!
  )
    yield row
}

/** AssertionError where a retraction finds no row. Reserves the nodes that seal may need. */
export function preparePending(index: PendingIndex): void {
  const { table, tree } = index
  let inserts = 0
  let slots = 0
  for (let k = 0; k < table.undo.count; k++) {
    const block = pendingOf(index, table.undo.ids[k]!)
    if (block === undefined) continue
    slots++
    for (let i = 0; i < block.rows.length; i++) {
      assert(block.stored[i]! + block.weights[i]! >= 0, 'a retraction does not find its row in an ordered index')
      if (block.existing[i]! < 0) inserts++
    }
  }
  if (inserts === 0) return
  // A leaf splits at 128 rows into halves: with n rows no more than n / 64 + inserts / 64 times.
  const large =
    tree.rows.count <= 32
      ? 0
      : Math.min(inserts, tree.rows.count >> 5) + (inserts >> 4) + 8 * Math.min(slots, tree.rows.count >> 5)
  reserveRecords(tree.small, Math.min(slots, inserts) * 2)
  reserveRecords(tree.large, large)
}

/** Merges all pending entries in. Cannot fail after preparePending. */
export function sealPending(index: PendingIndex): void {
  const { table } = index
  for (let k = 0; k < table.undo.count; k++) sealSlot(index, table.undo.ids[k]!)
  endEpoch(index)
}

function sealSlot(index: PendingIndex, slot: number): void {
  const { tree } = index
  const block = pendingOf(index, slot)
  if (block === undefined) return
  let root = readSlot(index, slot, index.rootWord)
  const inserted = new Set<number>()
  for (let k = 0; k < block.rows.length; k++) {
    const row = block.rows[k]!
    const existing = seek(tree, root, row)
    if (existing < 0) {
      setRowWeight(tree, row, block.weights[k]!)
      root = insertAt(tree, root, row)
      inserted.add(row)
    } else if (block.stored[k]! + block.weights[k]! === 0) {
      root = removeAt(tree, root, existing)
      releaseRecord(tree.rows, existing)
    } else addAt(tree, existing, block.weights[k]!)
  }
  releasePending(index, slot, (row) => !inserted.has(row))
  writeSlot(index, slot, index.rootWord, root)
}

function releasePending(index: PendingIndex, slot: number, released: (row: number) => boolean): void {
  for (const row of [...linked(index, readSlot(index, slot, index.pendingWord) - 1)])
    if (released(row)) releaseRecord(index.tree.rows, row)
  writeSlot(index, slot, index.pendingWord, 0)
}

/** Forgets the epoch's entries. */
export function abortPending(index: PendingIndex): void {
  const { undo } = index.table
  for (let k = 0; k < undo.count; k++) releasePending(index, undo.ids[k]!, () => true)
  endEpoch(index)
}

function endEpoch(index: PendingIndex): void {
  index.pending.clear()
  for (const store of [index.tree.rows, index.tree.small, index.tree.large]) tidyStore(store)
}
