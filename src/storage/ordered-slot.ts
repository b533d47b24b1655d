// What the parts of an ordered index share: the tree, and the words of a key record that belong to the index.

import type { KeyTable } from './key-table.ts'
import type { OrderedTree } from './ordered-tree-nodes.ts'
import { CHUNK_MASK, CHUNK_SHIFT } from './record-layout.ts'

export interface OrderedSlots {
  readonly table: KeyTable
  /** Words of a key record that hold the root and the pending list. */
  readonly rootWord: number
  readonly pendingWord: number
  readonly tree: OrderedTree
}

export function readSlot({ table }: OrderedSlots, slot: number, word: number): number {
  return table.store.words[slot >>> CHUNK_SHIFT]![(slot & CHUNK_MASK) * table.layout.strideWords + word]!
}

/** The slot is touched in this epoch. */
export function writeSlot({ table }: OrderedSlots, slot: number, word: number, value: number): void {
  table.store.words[slot >>> CHUNK_SHIFT]![(slot & CHUNK_MASK) * table.layout.strideWords + word] = value
}
