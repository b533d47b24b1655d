// Ordered trees: the rows of one slot in order, with the sums of their weights, as a counted B+-tree over records.
//
//   root state   0: empty    −(row + 1): one row    odd: a small block (≤ 32 rows)    even: a large node (≤ 128
// entries)
//   node record  count │ mark │ weight (int64) │ level │ – │ entries
//   entry        of a small block: row id
//                of a large node:  child id (leaf: –) │ row, or first row of the child │ weight (int64) │ prefix
// (int64)
//
// The prefix is the row's first sort key in an order-preserving form (ordered-compare.ts): most comparisons end there
// and do not touch the row. A node below a quarter is merged with a neighbour. Sums are exact up to 2^53 − 1
// positions a slot; beyond: 22003. This file reads; ordered-tree.ts changes. Cost: O(log n) comparisons, O(fan-out ·
// height) additions. Reference: Comer, "The Ubiquitous B-Tree", 1979.

import { outOfRange } from '../core/error.ts'
import { CHUNK_MASK, CHUNK_SHIFT } from './record-layout.ts'
import { ROW_WEIGHT } from './row-lists.ts'

export const COUNT = 0
export const WEIGHT = 2
export const LEVEL = 4
export const ENTRIES = 6
export const SMALL_ROWS = 32
export const LARGE_ENTRIES = 128
/** Words of an entry of a large node, and where in it the parts stand. */
export const ENTRY_WORDS = 6
export const ENTRY_ROW = 1
export const ENTRY_WEIGHT = 2
export const ENTRY_PREFIX = 4

/** Where rows and nodes are read: live stores or the stores of a snapshot. */
export interface TreeFrom {
  readonly rows: WordsFrom
  readonly small: WordsFrom
  readonly large: WordsFrom
}

export interface WordsFrom {
  readonly layout: { readonly strideWords: number; readonly pageShift: number }
  readonly words: readonly Int32Array[]
  readonly saved?: Uint8Array | undefined
  readonly copies?: readonly Int32Array[] | undefined
}

export const isSmall = (ref: number): boolean => (ref & 1) === 1
export const smallRef = (id: number): number => id * 2 + 1
export const largeRef = (id: number): number => id * 2 + 2
export const idOf = (ref: number): number => (ref - 1) >> 1
export const singleRef = (row: number): number => -row - 1
/** Words of an entry, and the place of the row in it. */
export const widthOf = (ref: number): number => (isSmall(ref) ? 1 : ENTRY_WORDS)
export const rowPlace = (ref: number): number => (isSmall(ref) ? 0 : ENTRY_ROW)
export const storeOf = (from: TreeFrom, ref: number): WordsFrom => (isSmall(ref) ? from.small : from.large)

export function wordsOf(from: WordsFrom, id: number): Int32Array {
  const { saved } = from
  const arrays = saved === undefined || saved[id >>> from.layout.pageShift] === 0 ? from.words : from.copies!
  return arrays[id >>> CHUNK_SHIFT]!
}

export const placeOf = (from: WordsFrom, id: number): number => (id & CHUNK_MASK) * from.layout.strideWords

export const readSum = (words: Int32Array, at: number): number => words[at + 1]! * 4294967296 + (words[at]! >>> 0)

export function writeSum(words: Int32Array, at: number, sum: number): void {
  if (sum > Number.MAX_SAFE_INTEGER) throw outOfRange('weight')
  words[at] = (sum % 4294967296) | 0
  words[at + 1] = Math.floor(sum / 4294967296)
}

export const rowWeight = (from: TreeFrom, row: number): number =>
  readSum(wordsOf(from.rows, row), placeOf(from.rows, row) + ROW_WEIGHT)

/** Sum of the weights of all rows. */
export function treeWeight(from: TreeFrom, root: number): number {
  if (root === 0) return 0
  if (root < 0) return rowWeight(from, -root - 1)
  const store = storeOf(from, root)
  return readSum(wordsOf(store, idOf(root)), placeOf(store, idOf(root)) + WEIGHT)
}

/** First or last row, or −1. */
export function endRow(from: TreeFrom, root: number, end: 'first' | 'last'): number {
  if (root === 0) return -1
  let ref = root
  while (ref > 0) {
    const store = storeOf(from, ref)
    const words = wordsOf(store, idOf(ref))
    const at = placeOf(store, idOf(ref))
    const place = end === 'first' ? 0 : words[at + COUNT]! - 1
    const entry = at + ENTRIES + widthOf(ref) * place
    if (words[at + LEVEL] === 0) return words[entry + rowPlace(ref)]!
    ref = largeRef(words[entry]!)
  }
  return -ref - 1
}

/** Appends rows to `out` that stand at positions from `range.skip` on, `range.take` positions in all, while there is
 * room; the two are counted down. Whole rows only but for the first and the last. */
export function collectRows(
  from: TreeFrom,
  ref: number,
  range: { skip: number; take: number },
  out: { length: number; readonly rows: Int32Array; readonly weights: BigInt64Array },
): void {
  if (ref === 0 || range.take === 0) return
  if (ref < 0) {
    emitRow(-ref - 1, rowWeight(from, -ref - 1), range, out)
    return
  }
  const store = storeOf(from, ref)
  const words = wordsOf(store, idOf(ref))
  const at = placeOf(store, idOf(ref))
  const count = words[at + COUNT]!
  const isLeaf = words[at + LEVEL] === 0
  for (let k = 0; k < count && range.take > 0 && out.length < out.rows.length; k++) {
    const entry = at + ENTRIES + widthOf(ref) * k
    const weight = isSmall(ref) ? rowWeight(from, words[entry]!) : readSum(words, entry + ENTRY_WEIGHT)
    if (weight <= range.skip) range.skip -= weight
    else if (isLeaf) emitRow(words[entry + rowPlace(ref)]!, weight, range, out)
    else collectRows(from, largeRef(words[entry]!), range, out)
  }
}

/** Emits the part of a row's positions that lies in the range. */
export function emitRow(
  row: number,
  weight: number,
  range: { skip: number; take: number },
  out: { length: number; readonly rows: Int32Array; readonly weights: BigInt64Array },
): void {
  if (weight <= range.skip) {
    range.skip -= weight
    return
  }
  if (range.take === 0 || out.length === out.rows.length) return
  const part = Math.min(weight - range.skip, range.take)
  range.skip = 0
  range.take -= part
  out.rows[out.length] = row
  out.weights[out.length++] = BigInt(part)
}

/** Weight of the first `count` entries of a node. */
export function weightBefore(from: TreeFrom, ref: number, count: number): number {
  const store = storeOf(from, ref)
  const words = wordsOf(store, idOf(ref))
  const at = placeOf(store, idOf(ref)) + ENTRIES
  let weight = 0
  if (isSmall(ref)) for (let k = 0; k < count; k++) weight += rowWeight(from, words[at + k]!)
  else for (let k = 0; k < count; k++) weight += readSum(words, at + ENTRY_WORDS * k + ENTRY_WEIGHT)
  return weight
}

/** Position of the first row for which `isBefore` does not hold; it holds for a prefix of the rows. */
export function positionWhere(from: TreeFrom, root: number, isBefore: (row: number) => boolean): number {
  let position = 0
  let ref = root
  while (ref > 0) {
    const store = storeOf(from, ref)
    const words = wordsOf(store, idOf(ref))
    const at = placeOf(store, idOf(ref))
    const isLeaf = words[at + LEVEL] === 0
    const width = widthOf(ref)
    // The number of entries whose (first) row is before.
    let low = 0
    let high = words[at + COUNT]!
    while (low < high) {
      const middle = (low + high) >> 1
      const row = words[at + ENTRIES + width * middle + rowPlace(ref)]!
      if (isBefore(row)) low = middle + 1
      else high = middle
    }
    if (isLeaf) return position + weightBefore(from, ref, low)
    if (low === 0) return position
    position += weightBefore(from, ref, low - 1)
    ref = largeRef(words[at + ENTRIES + width * (low - 1)]!)
  }
  if (ref === 0) return position
  return isBefore(-ref - 1) ? position + rowWeight(from, -ref - 1) : position
}
