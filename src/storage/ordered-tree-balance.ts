// Keeping ordered trees in shape: full nodes are split on the way to an insertion, small ones merged after a removal.
//
// A node below a quarter is merged with a neighbour where both fit into three quarters; a root of one child is
// replaced by it; a leaf of at most 16 rows that is the root becomes a small block, a block of one row that row itself.

import { assert } from '../core/assert.ts'
import {
  appendEntries,
  copyFirst,
  countOf,
  freeNode,
  moved,
  type NodeWords,
  newNode,
  type OrderedTree,
  removeEntryAt,
  writable,
  writeChild,
} from './ordered-tree-nodes.ts'
import {
  COUNT,
  ENTRIES,
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
  SMALL_ROWS,
  singleRef,
  treeWeight,
  WEIGHT,
  weightBefore,
  wordsOf,
  writeSum,
} from './ordered-tree-read.ts'

/** Splits the node at `depth` of the way if it is full, and those above as needed; returns the root. */
export function makeRoom(tree: OrderedTree, root: number, depth: number): number {
  const { nodes, places } = tree
  if (isSmall(nodes[depth]!)) return root
  const node = writable(tree, nodes[depth]!)
  if (node.words[node.at + COUNT]! < LARGE_ENTRIES) return root
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
  writeChild(tree, words, at + ENTRIES, child, weight)
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
  const rightWeight = weightBefore(tree, rightRef, right.words[right.at + COUNT]!)
  const leftWeight = readSum(left.words, left.at + WEIGHT) - rightWeight
  writeSum(left.words, left.at + WEIGHT, leftWeight)
  writeSum(right.words, right.at + WEIGHT, rightWeight)
  const parent = writable(tree, nodes[depth - 1]!)
  const place = places[depth - 1]!
  const entry = parent.at + ENTRIES + ENTRY_WORDS * place
  const end = parent.at + ENTRIES + ENTRY_WORDS * parent.words[parent.at + COUNT]!
  parent.words.copyWithin(entry + 2 * ENTRY_WORDS, entry + ENTRY_WORDS, end)
  parent.words[parent.at + COUNT]!++
  writeSum(parent.words, entry + ENTRY_WEIGHT, leftWeight)
  writeChild(tree, parent.words, entry + ENTRY_WORDS, rightRef, rightWeight)
  if (places[depth]! < keep) return
  nodes[depth] = rightRef
  places[depth]! -= keep
  places[depth - 1]!++
}

/** Merges or drops the node at `depth` if it has become too small, and those above; returns the root. */
export function shrink(tree: OrderedTree, root: number, depth: number): number {
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
  if (4 * count >= LARGE_ENTRIES) return root
  const parent = writable(tree, nodes[depth - 1]!)
  const place = places[depth - 1]!
  const siblings = parent.words[parent.at + COUNT]!
  const other = place + 1 < siblings ? place + 1 : place - 1
  if (other < 0) return root
  const left = Math.min(place, other)
  const leftRef = largeRef(parent.words[parent.at + ENTRIES + ENTRY_WORDS * left]!)
  const rightRef = largeRef(parent.words[parent.at + ENTRIES + ENTRY_WORDS * (left + 1)]!)
  if (4 * (countOf(tree, leftRef) + countOf(tree, rightRef)) > 3 * LARGE_ENTRIES) return root
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
  writeSum(parent.words, parent.at + ENTRIES + ENTRY_WORDS * place + ENTRY_WEIGHT, weight)
  freeNode(tree, rightRef)
}

/** The first rows on the way above `depth`, after the node there has lost its first entry. */
function refreshFirst(tree: OrderedTree, depth: number): void {
  for (let above = depth - 1; above >= 0; above--) {
    const { words, at } = writable(tree, tree.nodes[above]!)
    copyFirst(tree, tree.nodes[above + 1]!, words, at + ENTRIES + ENTRY_WORDS * tree.places[above]!)
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
  const last = words[at + ENTRIES + rowPlace(root)]!
  freeNode(tree, root)
  return count === 0 ? 0 : singleRef(last)
}
