// Nodes of ordered trees: making, freeing and filling them (layout: ordered-tree-read.ts).
//
// State: node records in two stores, small blocks and large nodes. Whoever writes a node gets its words by
// `writable`, and must not allocate another node while holding them: a store may move its first chunk.

import type { MemoryAccount } from '../core/memory.ts'
import {
  COUNT,
  ENTRIES,
  ENTRY_PREFIX,
  ENTRY_ROW,
  ENTRY_WEIGHT,
  ENTRY_WORDS,
  idOf,
  isSmall,
  LARGE_ENTRIES,
  LEVEL,
  largeRef,
  placeOf,
  readSum,
  rowPlace,
  rowWeight,
  SMALL_ROWS,
  smallRef,
  storeOf,
  type TreeFrom,
  WEIGHT,
  widthOf,
  wordsOf,
  writeSum,
} from './ordered-tree-read.ts'
import { recordLayout } from './record-layout.ts'
import { allocateRecord, createRecordStore, guardRecord, type RecordStore, releaseRecord } from './record-store.ts'
import { ROW_WEIGHT } from './row-lists.ts'

export interface RowOrder {
  /** Order of two live rows. */
  readonly compare: (a: number, b: number) => number
  /** Writes the prefix of a live row, low word first. */
  readonly prefix: (row: number, out: Int32Array) => void
}

export interface OrderedTree extends TreeFrom {
  readonly rows: RecordStore
  readonly small: RecordStore
  readonly large: RecordStore
  readonly order: RowOrder
  /** The way from the root to the place that the last `seek` found: node refs and places in them. */
  readonly nodes: number[]
  readonly places: number[]
  /** Scratch: the prefix of the row that is sought. */
  readonly prefix: Int32Array
}

export function createOrderedTree(rows: RecordStore, account: MemoryAccount, order: RowOrder): OrderedTree {
  const nodes = (entryWords: number) => createRecordStore(recordLayout([], ENTRIES - 2 + entryWords), account)
  const [small, large] = [nodes(SMALL_ROWS), nodes(LARGE_ENTRIES * ENTRY_WORDS)]
  return { rows, small, large, order, nodes: [], places: [], prefix: new Int32Array(2) }
}

export function setRowWeight(tree: OrderedTree, row: number, weight: number): void {
  guardRecord(tree.rows, row)
  writeSum(wordsOf(tree.rows, row), placeOf(tree.rows, row) + ROW_WEIGHT, weight)
}

export interface NodeWords {
  readonly words: Int32Array
  readonly at: number
}

/** Live words of a node about to be written. */
export function writable(tree: OrderedTree, ref: number): { words: Int32Array; at: number } {
  const store = isSmall(ref) ? tree.small : tree.large
  guardRecord(store, idOf(ref))
  return { words: wordsOf(store, idOf(ref)), at: placeOf(store, idOf(ref)) }
}

export function newNode(tree: OrderedTree, small: boolean, level: number): number {
  const id = allocateRecord(small ? tree.small : tree.large, 0)
  const ref = small ? smallRef(id) : largeRef(id)
  const { words, at } = writable(tree, ref)
  words[at + WEIGHT] = 0
  words[at + WEIGHT + 1] = 0
  words[at + LEVEL] = level
  return ref
}

export const freeNode = (tree: OrderedTree, ref: number): void =>
  releaseRecord(isSmall(ref) ? tree.small : tree.large, idOf(ref))

/** Frees a whole tree with its rows. */
export function freeTree(tree: OrderedTree, root: number): void {
  if (root === 0) return
  if (root < 0) {
    releaseRecord(tree.rows, -root - 1)
    return
  }
  const { words, at } = writable(tree, root)
  const inner = words[at + LEVEL]! > 0
  for (let k = 0; k < words[at + COUNT]!; k++) {
    const entry = at + ENTRIES + widthOf(root) * k
    if (inner) freeTree(tree, largeRef(words[entry]!))
    else releaseRecord(tree.rows, words[entry + rowPlace(root)]!)
  }
  freeNode(tree, root)
}

export const countOf = (tree: OrderedTree, ref: number): number => {
  const store = storeOf(tree, ref)
  return wordsOf(store, idOf(ref))[placeOf(store, idOf(ref)) + COUNT]!
}

/** Makes an entry for a child name the child's first row. */
export function copyFirst(tree: OrderedTree, child: number, words: Int32Array, entry: number): void {
  const from = wordsOf(tree.large, idOf(child))
  const first = placeOf(tree.large, idOf(child)) + ENTRIES
  words[entry + ENTRY_ROW] = from[first + ENTRY_ROW]!
  words[entry + ENTRY_PREFIX] = from[first + ENTRY_PREFIX]!
  words[entry + ENTRY_PREFIX + 1] = from[first + ENTRY_PREFIX + 1]!
}

/** Writes a row into an entry of a leaf. */
export function writeRow(tree: OrderedTree, ref: number, words: Int32Array, entry: number, row: number): void {
  words[entry + rowPlace(ref)] = row
  if (isSmall(ref)) return
  writeSum(words, entry + ENTRY_WEIGHT, rowWeight(tree, row))
  tree.order.prefix(row, tree.prefix)
  words[entry + ENTRY_PREFIX] = tree.prefix[0]!
  words[entry + ENTRY_PREFIX + 1] = tree.prefix[1]!
}

export function writeChild(tree: OrderedTree, words: Int32Array, entry: number, child: number, weight: number): void {
  words[entry] = idOf(child)
  writeSum(words, entry + ENTRY_WEIGHT, weight)
  copyFirst(tree, child, words, entry)
}

export function pairOf(tree: OrderedTree, a: number, b: number): number {
  const ref = newNode(tree, true, 0)
  const { words, at } = writable(tree, ref)
  const ordered = tree.order.compare(a, b) < 0
  words[at + ENTRIES] = ordered ? a : b
  words[at + ENTRIES + 1] = ordered ? b : a
  words[at + COUNT] = 2
  writeSum(words, at + WEIGHT, rowWeight(tree, a) + rowWeight(tree, b))
  return ref
}

/** Moves the rows of a leaf into a block of the other size. */
export function moved(tree: OrderedTree, ref: number, small: boolean): number {
  const made = newNode(tree, small, 0)
  const from = writable(tree, ref)
  const to = writable(tree, made)
  const count = from.words[from.at + COUNT]!
  for (let k = 0; k < count; k++) {
    const row = from.words[from.at + ENTRIES + widthOf(ref) * k + rowPlace(ref)]!
    writeRow(tree, made, to.words, to.at + ENTRIES + widthOf(made) * k, row)
  }
  to.words[to.at + COUNT] = count
  writeSum(to.words, to.at + WEIGHT, readSum(from.words, from.at + WEIGHT))
  freeNode(tree, ref)
  return made
}

/** Appends the entries of `from` beginning with `first` to `to`; both are large. */
export function appendEntries(from: NodeWords, first: number, to: NodeWords): void {
  const count = from.words[from.at + COUNT]! - first
  const old = to.words[to.at + COUNT]!
  const source = from.at + ENTRIES + first * ENTRY_WORDS
  const target = to.at + ENTRIES + old * ENTRY_WORDS
  for (let k = 0; k < count * ENTRY_WORDS; k++) to.words[target + k] = from.words[source + k]!
  to.words[to.at + COUNT] = old + count
}

export function removeEntryAt(tree: OrderedTree, depth: number): void {
  const { words, at } = writable(tree, tree.nodes[depth]!)
  const width = widthOf(tree.nodes[depth]!)
  const entry = at + ENTRIES + width * tree.places[depth]!
  words.copyWithin(entry, entry + width, at + ENTRIES + width * words[at + COUNT]!)
  words[at + COUNT]!--
}
