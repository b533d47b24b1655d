// The end of a key table's epoch: prepare, then seal; or abort. And snapshots, which are taken between epochs.

import type { MemoryAccount } from '../core/memory.ts'
import { freeBytes } from './byte-heap.ts'
import { forgetDictionaries } from './dictionary-slots.ts'
import { clearIndex, removeEntry, snapshotIndex } from './hash-index.ts'
import type { KeyTable, TableSnapshot } from './key-table.ts'
import { CHUNK_MASK, CHUNK_SHIFT } from './record-layout.ts'
import { clearStore, releaseRecord, tidyStore } from './record-store.ts'
import { snapshotStore } from './snapshot.ts'
import { clearUndo, dropUndo, FREED, FRESH } from './undo-list.ts'

/** The epoch is durable: forgets the undo list, frees what was marked. Cannot fail. */
export function seal(table: KeyTable): void {
  const { undo, store, layout } = table
  if (undo.freed > 0 || layout.bytesFields.length > 0)
    for (let position = 0; position < undo.count; position++) sealRecord(table, position)
  if (undo.freed > 0) table.dictionaries.stale = true
  clearUndo(undo, store)
  tidy(table)
}

function sealRecord(table: KeyTable, position: number): void {
  const { undo, layout } = table
  const flags = undo.flags[position]!
  if ((flags & FRESH) === 0) freeReplaced(table, position, undo.words, position * layout.strideWords)
  if ((flags & FREED) !== 0) release(table, undo.ids[position]!)
}

function release(table: KeyTable, slot: number): void {
  const { store, index, layout } = table
  removeEntry(index, store.words[slot >>> CHUNK_SHIFT]![(slot & CHUNK_MASK) * layout.strideWords]!, slot)
  releaseRecord(store, slot)
}

/** Frees the heap values of one of (record, its undo copy) that the other does not have: those at `words[at…]`. */
function freeReplaced(table: KeyTable, position: number, words: Int32Array, at: number): void {
  const { undo, store, layout } = table
  if (layout.bytesFields.length === 0) return
  const slot = undo.ids[position]!
  const live = store.words[slot >>> CHUNK_SHIFT]!
  const liveAt = (slot & CHUNK_MASK) * layout.strideWords
  const old = position * layout.strideWords
  for (const field of layout.bytesFields) {
    const { word } = layout.fields[field]!
    const same =
      live[liveAt + word] === undo.words[old + word] && live[liveAt + word + 1] === undo.words[old + word + 1]
    if (!same) freeBytes(store.heap, words[at + word]!, words[at + word + 1]!)
  }
}

/** Restores the contents before the epoch. */
export function abort(table: KeyTable): void {
  const { undo, store, layout } = table
  const stride = layout.strideWords
  for (let position = undo.count - 1; position >= 0; position--) {
    const slot = undo.ids[position]!
    if ((undo.flags[position]! & FRESH) !== 0) {
      release(table, slot)
      continue
    }
    const words = store.words[slot >>> CHUNK_SHIFT]!
    const at = (slot & CHUNK_MASK) * stride
    freeReplaced(table, position, words, at)
    words.set(undo.words.subarray(position * stride, (position + 1) * stride), at)
  }
  if (undo.fresh > 0) table.dictionaries.stale = true
  clearUndo(undo, store)
  tidy(table)
}

/** An empty table keeps no memory; no slot id survives then. */
function tidy(table: KeyTable): void {
  if (table.store.count === 0) {
    clearIndex(table.index)
    forgetDictionaries(table.dictionaries)
  }
  tidyStore(table.store)
}

/** Only between epochs. Whoever took it disposes it. */
export function snapshotTable(table: KeyTable, account: MemoryAccount): TableSnapshot {
  const store = snapshotStore(table.store, account)
  const index = snapshotIndex(table.index, account)
  return {
    kind: 'table-snapshot',
    store,
    index,
    get bytes() {
      return store.bytes + index.bytes
    },
    [Symbol.dispose]() {
      store[Symbol.dispose]()
      index[Symbol.dispose]()
    },
  }
}

/** Gives all memory back. */
export function disposeTable(table: KeyTable): void {
  clearIndex(table.index)
  forgetDictionaries(table.dictionaries)
  dropUndo(table.undo)
  clearStore(table.store)
}
