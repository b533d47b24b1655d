// Changes of ordered trees: seek a row, then insert, remove or reweigh it at the place found.
//
// The way that `seek` went is kept in the tree, so that nothing is searched twice. Layout: ordered-tree-read.ts.

import { makeRoom, shrink } from './ordered-tree-balance.ts'
import {
  copyFirst,
  countOf,
  moved,
  type OrderedTree,
  pairOf,
  removeEntryAt,
  setRowWeight,
  writable,
  writeRow,
} from './ordered-tree-nodes.ts'
import {
  COUNT,
  ENTRIES,
  ENTRY_PREFIX,
  ENTRY_ROW,
  ENTRY_WEIGHT,
  ENTRY_WORDS,
  idOf,
  isSmall,
  LEVEL,
  largeRef,
  placeOf,
  readSum,
  rowPlace,
  rowWeight,
  SMALL_ROWS,
  singleRef,
  storeOf,
  WEIGHT,
  weightBefore,
  widthOf,
  wordsOf,
  writeSum,
} from './ordered-tree-read.ts'

/** The row that is equal to `row` (another record), or −1. Remembers the way for `insertAt`, `removeAt`, `addAt`. */
export function seek(tree: OrderedTree, root: number, row: number): number {
  const { nodes, places, order, prefix } = tree
  nodes.length = 0
  places.length = 0
  if (root < 0) return order.compare(-root - 1, row) === 0 ? -root - 1 : -1
  if (root > 0 && !isSmall(root)) order.prefix(row, prefix)
  for (let ref = root; ref > 0; ) {
    const store = storeOf(tree, ref)
    const words = wordsOf(store, idOf(ref))
    const at = placeOf(store, idOf(ref))
    const isLeaf = words[at + LEVEL] === 0
    const count = words[at + COUNT]!
    const upper = isLeaf
      ? lowerBound(tree, ref, row, words, at, count, -1)
      : lowerBound(tree, ref, row, words, at, count, 0)
    const place = isLeaf ? upper : Math.max(0, upper - 1)
    const entry = at + ENTRIES + widthOf(ref) * place
    nodes.push(ref)
    places.push(place)
    if (isLeaf) {
      const found = place < count ? words[entry + rowPlace(ref)]! : -1
      return found >= 0 && order.compare(found, row) === 0 ? found : -1
    }
    ref = largeRef(words[entry]!)
  }
  return -1
}

/** How many entries stand before `row`: their order against it is at most `most` (−1: less; 0: less or equal). */
function lowerBound(
  tree: OrderedTree,
  ref: number,
  row: number,
  words: Int32Array,
  at: number,
  count: number,
  most: number,
): number {
  const { compare } = tree.order
  const [low, high] = [tree.prefix[0]! >>> 0, tree.prefix[1]!]
  const small = isSmall(ref)
  let from = 0
  let to = count
  while (from < to) {
    const middle = (from + to) >> 1
    let order: number
    if (small) order = compare(words[at + ENTRIES + middle]!, row)
    else {
      const entry = at + ENTRIES + ENTRY_WORDS * middle
      const entryHigh = words[entry + ENTRY_PREFIX + 1]!
      const entryLow = words[entry + ENTRY_PREFIX]! >>> 0
      if (entryHigh !== high) order = entryHigh < high ? -1 : 1
      else if (entryLow !== low) order = entryLow < low ? -1 : 1
      else order = compare(words[entry + ENTRY_ROW]!, row)
    }
    if (order <= most) from = middle + 1
    else to = middle
  }
  return from
}

/** Position of the place that `seek` has found. */
export function soughtPosition(tree: OrderedTree): number {
  let position = 0
  for (let depth = 0; depth < tree.nodes.length; depth++)
    position += weightBefore(tree, tree.nodes[depth]!, tree.places[depth]!)
  return position
}

/** Adds `weight` to the sums on the way, and refreshes the first rows in the nodes above. */
function propagate(tree: OrderedTree, weight: number): void {
  const { nodes, places } = tree
  for (let depth = nodes.length - 1; depth >= 0; depth--) {
    const { words, at } = writable(tree, nodes[depth]!)
    writeSum(words, at + WEIGHT, readSum(words, at + WEIGHT) + weight)
    if (words[at + LEVEL] === 0) continue
    const entry = at + ENTRIES + ENTRY_WORDS * places[depth]!
    writeSum(words, entry + ENTRY_WEIGHT, readSum(words, entry + ENTRY_WEIGHT) + weight)
    copyFirst(tree, nodes[depth + 1]!, words, entry)
  }
}

/** After `seek` has found `row`: changes its weight by `weight`; the row stays. */
export function addAt(tree: OrderedTree, row: number, weight: number): void {
  setRowWeight(tree, row, rowWeight(tree, row) + weight)
  const { nodes, places } = tree
  if (nodes.length === 0) return
  const leaf = nodes[nodes.length - 1]!
  if (!isSmall(leaf)) {
    const { words, at } = writable(tree, leaf)
    writeSum(words, at + ENTRIES + ENTRY_WORDS * places[places.length - 1]! + ENTRY_WEIGHT, rowWeight(tree, row))
  }
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
  const leaf = nodes[nodes.length - 1]!
  const { words, at } = writable(tree, leaf)
  const width = widthOf(leaf)
  const entry = at + ENTRIES + width * places[places.length - 1]!
  words.copyWithin(entry + width, entry, at + ENTRIES + width * words[at + COUNT]!)
  writeRow(tree, leaf, words, entry, row)
  words[at + COUNT]!++
  propagate(tree, rowWeight(tree, row))
  return top
}

const promote = (tree: OrderedTree, ref: number): number => moved(tree, ref, false)

/** After `seek` has found it: takes `row` out (its record stays); returns the root. */
export function removeAt(tree: OrderedTree, root: number, row: number): number {
  if (root < 0) return 0
  const { nodes } = tree
  removeEntryAt(tree, nodes.length - 1)
  propagate(tree, -rowWeight(tree, row))
  return shrink(tree, root, nodes.length - 1)
}
