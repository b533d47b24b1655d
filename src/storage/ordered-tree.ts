// Changes of ordered trees: seek a row, then insert, remove or reweigh it at the place found (see
// ordered-tree-read.ts).
//
// State: node records in two stores, small blocks and large nodes. A node below a quarter is merged with a neighbour
// where both fit into three quarters; a root of one child is replaced by it; a leaf of at most 16 rows that is the
// root becomes a small block, a block of one row that row itself.

import { assert } from '../core/assert.ts'
import type { MemoryAccount } from '../core/memory.ts'
import {
  CHILD_WORDS,
  CHILDREN,
  COUNT,
  ENTRIES,
  endRow,
  idOf,
  isSmall,
  LEAF_ROWS,
  LEVEL,
  largeRef,
  placeOf,
  readSum,
  rowWeight,
  SMALL_ROWS,
  singleRef,
  smallRef,
  storeOf,
  type TreeFrom,
  treeWeight,
  WEIGHT,
  weightBefore,
  wordsOf,
  writeSum,
} from './ordered-tree-read.ts'
import { recordLayout } from './record-layout.ts'
import { allocateRecord, createRecordStore, guardRecord, type RecordStore, releaseRecord } from './record-store.ts'
import { ROW_WEIGHT } from './row-lists.ts'

export interface OrderedTree extends TreeFrom {
  readonly rows: RecordStore
  readonly small: RecordStore
  readonly large: RecordStore
  /** Order of two live rows. */
  readonly compare: (a: number, b: number) => number
  /** The way from the root to the place that the last `seek` found: node refs and places in them. */
  readonly nodes: number[]
  readonly places: number[]
}

export function createOrderedTree(
  rows: RecordStore,
  account: MemoryAccount,
  compare: OrderedTree['compare'],
): OrderedTree {
  const nodes = (entryWords: number) => createRecordStore(recordLayout([], ENTRIES - 2 + entryWords), account)
  return { rows, small: nodes(SMALL_ROWS), large: nodes(LEAF_ROWS), compare, nodes: [], places: [] }
}

export function setRowWeight(tree: OrderedTree, row: number, weight: number): void {
  guardRecord(tree.rows, row)
  writeSum(wordsOf(tree.rows, row), placeOf(tree.rows, row) + ROW_WEIGHT, weight)
}

/** The row that is equal to `row` (another record), or −1. Remembers the way for `insertAt`, `removeAt`, `addAt`. */
export function seek(tree: OrderedTree, root: number, row: number): number {
  tree.nodes.length = 0
  tree.places.length = 0
  if (root < 0) return tree.compare(-root - 1, row) === 0 ? -root - 1 : -1
  for (let ref = root; ref > 0; ) {
    const store = storeOf(tree, ref)
    const words = wordsOf(store, idOf(ref))
    const at = placeOf(store, idOf(ref)) + ENTRIES
    const isLeaf = words[at - ENTRIES + LEVEL] === 0
    const width = isLeaf ? 1 : CHILD_WORDS
    let low = 0
    let high = words[at - ENTRIES + COUNT]!
    while (low < high) {
      const middle = (low + high) >> 1
      const order = tree.compare(words[at + width * middle + (isLeaf ? 0 : 1)]!, row)
      if (isLeaf ? order < 0 : order <= 0) low = middle + 1
      else high = middle
    }
    const place = isLeaf ? low : Math.max(0, low - 1)
    tree.nodes.push(ref)
    tree.places.push(place)
    if (isLeaf) {
      const found = place < words[at - ENTRIES + COUNT]! ? words[at + place]! : -1
      return found >= 0 && tree.compare(found, row) === 0 ? found : -1
    }
    ref = largeRef(words[at + width * place]!)
  }
  return -1
}

/** Position of the place that `seek` has found. */
export function soughtPosition(tree: OrderedTree): number {
  let position = 0
  for (let depth = 0; depth < tree.nodes.length; depth++) {
    const ref = tree.nodes[depth]!
    const store = storeOf(tree, ref)
    position += weightBefore(tree, wordsOf(store, idOf(ref)), placeOf(store, idOf(ref)), tree.places[depth]!)
  }
  return position
}

/** Live words of a node about to be written. */
function writable(tree: OrderedTree, ref: number): { words: Int32Array; at: number } {
  const store = isSmall(ref) ? tree.small : tree.large
  guardRecord(store, idOf(ref))
  return { words: wordsOf(store, idOf(ref)), at: placeOf(store, idOf(ref)) }
}

function newNode(tree: OrderedTree, small: boolean, level: number): number {
  const id = allocateRecord(small ? tree.small : tree.large, 0)
  const ref = small ? smallRef(id) : largeRef(id)
  const { words, at } = writable(tree, ref)
  words[at + WEIGHT] = 0
  words[at + WEIGHT + 1] = 0
  words[at + LEVEL] = level
  return ref
}

const freeNode = (tree: OrderedTree, ref: number): void =>
  releaseRecord(isSmall(ref) ? tree.small : tree.large, idOf(ref))

/** Adds `weight` to the sums on the way, and refreshes the first rows in the nodes above. */
function propagate(tree: OrderedTree, weight: number): void {
  const { nodes, places } = tree
  for (let depth = nodes.length - 1; depth >= 0; depth--) {
    const { words, at } = writable(tree, nodes[depth]!)
    writeSum(words, at + WEIGHT, readSum(words, at + WEIGHT) + weight)
    if (words[at + LEVEL] === 0) continue
    const entry = at + ENTRIES + CHILD_WORDS * places[depth]!
    writeSum(words, entry + 2, readSum(words, entry + 2) + weight)
    const first = endRow(tree, nodes[depth + 1]!, 'first')
    if (first >= 0) words[entry + 1] = first
  }
}

/** After `seek` has found `row`: changes its weight by `weight`; the row stays. */
export function addAt(tree: OrderedTree, row: number, weight: number): void {
  setRowWeight(tree, row, rowWeight(tree, row) + weight)
  propagate(tree, weight)
}

/** After `seek` has not found it: inserts `row`, which has its weight; returns the root. */
export function insertAt(tree: OrderedTree, root: number, row: number): number {
  if (root === 0) return singleRef(row)
  if (root < 0) return pairOf(tree, -root - 1, row)
  let top = root
  const { nodes, places } = tree
  if (isSmall(root) && countOf(tree, root) === SMALL_ROWS) top = nodes[0] = promote(tree, root)
  top = makeRoom(tree, top, nodes.length - 1)
  const { words, at } = writable(tree, nodes[nodes.length - 1]!)
  const place = at + ENTRIES + places[places.length - 1]!
  const end = at + ENTRIES + words[at + COUNT]!
  words.copyWithin(place + 1, place, end)
  words[place] = row
  words[at + COUNT]!++
  propagate(tree, rowWeight(tree, row))
  return top
}

const countOf = (tree: OrderedTree, ref: number): number => {
  const store = storeOf(tree, ref)
  return wordsOf(store, idOf(ref))[placeOf(store, idOf(ref)) + COUNT]!
}

function pairOf(tree: OrderedTree, a: number, b: number): number {
  const ref = newNode(tree, true, 0)
  const { words, at } = writable(tree, ref)
  const ordered = tree.compare(a, b) < 0
  words[at + ENTRIES] = ordered ? a : b
  words[at + ENTRIES + 1] = ordered ? b : a
  words[at + COUNT] = 2
  writeSum(words, at + WEIGHT, rowWeight(tree, a) + rowWeight(tree, b))
  return ref
}

/** Moves the rows of a leaf into a block of the other size. */
function moved(tree: OrderedTree, ref: number, small: boolean): number {
  const made = newNode(tree, small, 0)
  const from = writable(tree, ref)
  const to = writable(tree, made)
  const count = from.words[from.at + COUNT]!
  for (let k = 0; k < count; k++) to.words[to.at + ENTRIES + k] = from.words[from.at + ENTRIES + k]!
  to.words[to.at + COUNT] = count
  writeSum(to.words, to.at + WEIGHT, readSum(from.words, from.at + WEIGHT))
  freeNode(tree, ref)
  return made
}

const promote = (tree: OrderedTree, ref: number): number => moved(tree, ref, false)

const capacityOf = (words: Int32Array, at: number): number => (words[at + LEVEL] === 0 ? LEAF_ROWS : CHILDREN)

/** Splits the node at `depth` of the way if it is full, and those above as needed; returns the root. */
function makeRoom(tree: OrderedTree, root: number, depth: number): number {
  const { nodes, places } = tree
  if (isSmall(nodes[depth]!)) return root
  const node = writable(tree, nodes[depth]!)
  if (node.words[node.at + COUNT]! < capacityOf(node.words, node.at)) return root
  let top = root
  let level = depth
  if (depth === 0) {
    top = newRoot(tree, root)
    nodes.unshift(top)
    places.unshift(0)
    level = 1
  } else {
    const length = nodes.length
    top = makeRoom(tree, root, depth - 1)
    level = depth + nodes.length - length
  }
  splitNode(tree, level)
  return top
}

function newRoot(tree: OrderedTree, child: number): number {
  const store = tree.large
  const level = wordsOf(store, idOf(child))[placeOf(store, idOf(child)) + LEVEL]!
  const ref = newNode(tree, false, level + 1)
  const { words, at } = writable(tree, ref)
  const weight = treeWeight(tree, child)
  words[at + COUNT] = 1
  words[at + ENTRIES] = idOf(child)
  words[at + ENTRIES + 1] = endRow(tree, child, 'first')
  writeSum(words, at + ENTRIES + 2, weight)
  writeSum(words, at + WEIGHT, weight)
  return ref
}

/** Moves the upper half of the node at `depth` to a new neighbour; its parent has room. */
function splitNode(tree: OrderedTree, depth: number): void {
  const { nodes, places } = tree
  const leftRef = nodes[depth]!
  const level = wordsOf(tree.large, idOf(leftRef))[placeOf(tree.large, idOf(leftRef)) + LEVEL]!
  const rightRef = newNode(tree, false, level)
  const left = writable(tree, leftRef)
  const right = writable(tree, rightRef)
  const count = left.words[left.at + COUNT]!
  const keep = count >> 1
  appendEntries(left, keep, right)
  left.words[left.at + COUNT] = keep
  const rightWeight = sumOf(tree, right)
  const leftWeight = readSum(left.words, left.at + WEIGHT) - rightWeight
  writeSum(left.words, left.at + WEIGHT, leftWeight)
  writeSum(right.words, right.at + WEIGHT, rightWeight)
  const parent = writable(tree, nodes[depth - 1]!)
  const place = places[depth - 1]!
  const entry = parent.at + ENTRIES + CHILD_WORDS * place
  const end = parent.at + ENTRIES + CHILD_WORDS * parent.words[parent.at + COUNT]!
  parent.words.copyWithin(entry + 2 * CHILD_WORDS, entry + CHILD_WORDS, end)
  parent.words[parent.at + COUNT]!++
  writeSum(parent.words, entry + 2, leftWeight)
  parent.words[entry + CHILD_WORDS] = idOf(rightRef)
  parent.words[entry + CHILD_WORDS + 1] = endRow(tree, rightRef, 'first')
  writeSum(parent.words, entry + CHILD_WORDS + 2, rightWeight)
  if (places[depth]! < keep) return
  nodes[depth] = rightRef
  places[depth]! -= keep
  places[depth - 1]!++
}

interface NodeWords {
  readonly words: Int32Array
  readonly at: number
}

/** Appends the entries of `from` beginning with `first` to `to`. */
function appendEntries(from: NodeWords, first: number, to: NodeWords): void {
  const width = from.words[from.at + LEVEL] === 0 ? 1 : CHILD_WORDS
  const count = from.words[from.at + COUNT]! - first
  const old = to.words[to.at + COUNT]!
  for (let k = 0; k < count * width; k++)
    to.words[to.at + ENTRIES + old * width + k] = from.words[from.at + ENTRIES + first * width + k]!
  to.words[to.at + COUNT] = old + count
}

function sumOf(tree: OrderedTree, { words, at }: NodeWords): number {
  const isLeaf = words[at + LEVEL] === 0
  let sum = 0
  for (let k = 0; k < words[at + COUNT]!; k++)
    sum += isLeaf ? rowWeight(tree, words[at + ENTRIES + k]!) : readSum(words, at + ENTRIES + CHILD_WORDS * k + 2)
  return sum
}

/** After `seek` has found it: takes `row` out (its record stays); returns the root. */
export function removeAt(tree: OrderedTree, root: number, row: number): number {
  if (root < 0) return 0
  const { nodes } = tree
  removeEntryAt(tree, nodes.length - 1)
  propagate(tree, -rowWeight(tree, row))
  return shrink(tree, root, nodes.length - 1)
}

function removeEntryAt(tree: OrderedTree, depth: number): void {
  const { words, at } = writable(tree, tree.nodes[depth]!)
  const width = words[at + LEVEL] === 0 ? 1 : CHILD_WORDS
  const entry = at + ENTRIES + width * tree.places[depth]!
  words.copyWithin(entry, entry + width, at + ENTRIES + width * words[at + COUNT]!)
  words[at + COUNT]!--
}

/** Merges or drops the node at `depth` if it has become too small, and those above; returns the root. */
function shrink(tree: OrderedTree, root: number, depth: number): number {
  const { nodes, places } = tree
  const ref = nodes[depth]!
  const { words, at } = writable(tree, ref)
  const count = words[at + COUNT]!
  if (depth === 0) return shrinkRoot(tree, root, words, at)
  if (count === 0) {
    freeNode(tree, ref)
    removeEntryAt(tree, depth - 1)
    refreshFirst(tree, depth - 1)
    return shrink(tree, root, depth - 1)
  }
  if (4 * count >= capacityOf(words, at)) return root
  const parent = writable(tree, nodes[depth - 1]!)
  const place = places[depth - 1]!
  const siblings = parent.words[parent.at + COUNT]!
  const other = place + 1 < siblings ? place + 1 : place - 1
  if (other < 0) return root
  const left = Math.min(place, other)
  const leftRef = largeRef(parent.words[parent.at + ENTRIES + CHILD_WORDS * left]!)
  const rightRef = largeRef(parent.words[parent.at + ENTRIES + CHILD_WORDS * (left + 1)]!)
  if (4 * (countOf(tree, leftRef) + countOf(tree, rightRef)) > 3 * capacityOf(words, at)) return root
  mergeNodes(tree, leftRef, rightRef, parent, left)
  places[depth - 1] = left + 1
  removeEntryAt(tree, depth - 1)
  return shrink(tree, root, depth - 1)
}

function mergeNodes(tree: OrderedTree, leftRef: number, rightRef: number, parent: NodeWords, place: number): void {
  const left = writable(tree, leftRef)
  const right = writable(tree, rightRef)
  appendEntries(right, 0, left)
  const weight = readSum(left.words, left.at + WEIGHT) + readSum(right.words, right.at + WEIGHT)
  writeSum(left.words, left.at + WEIGHT, weight)
  writeSum(parent.words, parent.at + ENTRIES + CHILD_WORDS * place + 2, weight)
  freeNode(tree, rightRef)
}

/** The first rows on the way above `depth`, after the node there has lost its first entry. */
function refreshFirst(tree: OrderedTree, depth: number): void {
  for (let above = depth - 1; above >= 0; above--) {
    const { words, at } = writable(tree, tree.nodes[above]!)
    const first = endRow(tree, tree.nodes[above + 1]!, 'first')
    if (first >= 0) words[at + ENTRIES + CHILD_WORDS * tree.places[above]! + 1] = first
  }
}

function shrinkRoot(tree: OrderedTree, root: number, words: Int32Array, at: number): number {
  const count = words[at + COUNT]!
  if (words[at + LEVEL]! > 0) {
    assert(count > 0, 'an inner node has lost its last child')
    if (count > 1) return root
    const child = largeRef(words[at + ENTRIES]!)
    freeNode(tree, root)
    return child
  }
  if (count > 1) return !isSmall(root) && 2 * count <= SMALL_ROWS ? moved(tree, root, true) : root
  const last = words[at + ENTRIES]!
  freeNode(tree, root)
  return count === 0 ? 0 : singleRef(last)
}
