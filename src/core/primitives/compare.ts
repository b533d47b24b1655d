// Order of rows: sort keys ascending or descending with NULLs first or last, ties by the canonical order of columns.
//
// Canonical order: numbers by value (NaN greatest), bytes by memcmp of their canonical encoding, NULL last. Sorting
// is a merge sort with insertion-sorted runs of 8; the comparison is generated into it.

import type { Column } from '../batch.ts'
import { type ColumnCode, type ColumnShape, columnCode, compiled, shapeOf, shapesKey } from '../codegen.ts'

/** One sort key: a column by position. */
export interface SortKey {
  readonly column: number
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** Every column ascending, NULLs last: the tie-break that makes every order total (operators §1.1). */
export const canonicalKeys = (columnCount: number): readonly SortKey[] =>
  Array.from({ length: columnCount }, (_, column) => ({ column, descending: false, nullsFirst: false }))

/** `keys` followed by the canonical order of the columns that they do not mention. */
export function totalOrder(keys: readonly SortKey[], columnCount: number): readonly SortKey[] {
  const named = new Set(keys.map((key) => key.column))
  return [...keys, ...canonicalKeys(columnCount).filter((key) => !named.has(key.column))]
}

/** The keys that can decide: of several on one column only the first. */
export const effectiveKeys = (keys: readonly SortKey[]): readonly SortKey[] =>
  keys.filter((key, i) => keys.findIndex((other) => other.column === key.column) === i)

/** Part of a cache key for generated code that compares by `keys`. */
export const orderKey = (keys: readonly SortKey[]): string =>
  keys.map((key) => `${key.column}${key.descending ? '-' : '+'}${key.nullsFirst ? 'f' : 'l'}`).join()

type Comparator = (i: number, j: number) => number

/**
 * < 0, 0, > 0 as row `i` of `left` stands before, with or after row `j` of `right`. Make it once per pair of batches.
 */
export function rowComparator(left: readonly Column[], right: readonly Column[], keys: readonly SortKey[]): Comparator {
  const make = compiled<(left: readonly Column[], right: readonly Column[], memcmp: typeof compareBytes) => Comparator>(
    `comparator ${shapesKey(left)} ${shapesKey(right)} ${orderKey(keys)}`,
    () => ({
      parameters: ['left', 'right', 'compareBytes'],
      body: `${comparator(left.map(shapeOf), right.map(shapeOf), keys, 'left', 'right')}return compare`,
    }),
  )
  return make(left, right, compareBytes)
}

/** Sorts the row numbers in `rows[0…length)` by `keys`; stable. O(n log n), no allocation per row. */
export function sortRows(columns: readonly Column[], keys: readonly SortKey[], rows: Int32Array, length: number): void {
  if (length < 2) return
  type Sort = (
    columns: readonly Column[],
    rows: Int32Array,
    length: number,
    spare: Int32Array,
    memcmp: typeof compareBytes,
  ) => void
  const shapes = columns.map(shapeOf)
  const sort = compiled<Sort>(`sort ${shapesKey(columns)} ${orderKey(keys)}`, () => ({
    parameters: ['columns', 'rows', 'length', 'spare', 'compareBytes'],
    body: comparator(shapes, shapes, keys, 'columns', 'columns') + MERGE_SORT,
  }))
  sort(columns, rows, length, new Int32Array(length), compareBytes)
}

/** memcmp; the shorter of two that agree comes first. */
export function compareBytes(
  a: Uint8Array,
  aOffset: number,
  aLength: number,
  b: Uint8Array,
  bOffset: number,
  bLength: number,
): number {
  const shared = Math.min(aLength, bLength)
  for (let k = 0; k < shared; k++) {
    const difference = a[aOffset + k]! - b[bOffset + k]!
    if (difference !== 0) return difference
  }
  return aLength - bLength
}

const MERGE_SORT = `
const RUN = 8
for (let from = 0; from < length; from += RUN) {
  const to = Math.min(from + RUN, length)
  for (let k = from + 1; k < to; k++) {
    const row = rows[k]
    let at = k
    while (at > from && compare(rows[at - 1], row) > 0) { rows[at] = rows[at - 1]; at-- }
    rows[at] = row
  }
}
let source = rows, target = spare
for (let width = RUN; width < length; width *= 2) {
  for (let from = 0; from < length; from += 2 * width) {
    const middle = Math.min(from + width, length), to = Math.min(from + 2 * width, length)
    let a = from, b = middle
    for (let k = from; k < to; k++)
      target[k] = a < middle && (b >= to || compare(source[a], source[b]) <= 0) ? source[a++] : source[b++]
  }
  const sorted = target
  target = source
  source = sorted
}
if (source !== rows) for (let k = 0; k < length; k++) rows[k] = source[k]
`

/** Text that declares `compare(i, j)` over row i of `leftFrom` and row j of `rightFrom`. */
function comparator(
  left: readonly ColumnShape[],
  right: readonly ColumnShape[],
  keys: readonly SortKey[],
  leftFrom: string,
  rightFrom: string,
): string {
  let prologue = ''
  let body = ''
  for (const key of effectiveKeys(keys)) {
    const a = columnCode(`a${key.column}`, `${leftFrom}[${key.column}]`, left[key.column]!)
    const b = columnCode(`b${key.column}`, `${rightFrom}[${key.column}]`, right[key.column]!)
    prologue += a.prologue + b.prologue
    body += compareKey(key, orderedOf(a, 'i'), orderedOf(b, 'j'))
  }
  return `${prologue}function compare(i, j) {\n${body}return 0\n}\n`
}

/** The texts of one value that a comparison needs. */
export interface OrderedCode {
  readonly kind: ColumnShape['kind']
  readonly isNull: string
  /** i32, i64, i128, f64: for f64 the double, else the words, low first. */
  readonly words: readonly string[]
  /** bytes: 'arena, offset, length'. */
  readonly bytes: string
}

const orderedOf = (column: ColumnCode, row: string): OrderedCode => ({
  kind: column.shape.kind,
  isNull: column.isNull(row),
  words: column.shape.kind === 'f64' ? [column.value(row)] : column.words(row),
  bytes: `${column.arena}, ${column.offset(row)}, ${column.byteLength(row)}`,
})

/** Statements that return from `compare` if the two values differ. `compareBytes` must be in scope. */
export function compareKey(key: SortKey, a: OrderedCode, b: OrderedCode): string {
  const before = key.descending ? 1 : -1
  const nullLast = key.nullsFirst ? -1 : 1
  const unequal = differ(a, b, before)
  if (a.isNull === 'false' && b.isNull === 'false') return unequal
  return (
    `if (${a.isNull}) { if (!(${b.isNull})) return ${nullLast} }\n` +
    `else if (${b.isNull}) return ${-nullLast}\nelse { ${unequal} }\n`
  )
}

function differ(a: OrderedCode, b: OrderedCode, before: number): string {
  if (a.kind === 'bytes' || a.kind === 'dict')
    return `{ const d = compareBytes(${a.bytes}, ${b.bytes}); if (d !== 0) return d < 0 ? ${before} : ${-before} }\n`
  if (a.kind === 'f64')
    return (
      `{ const x = ${a.words[0]}, y = ${b.words[0]}\nif (x !== y) { if (x < y) return ${before}\n` +
      `if (x > y) return ${-before}\n` +
      `if (x === x) return ${before}; if (y === y) return ${-before} } }\n`
    )
  // The highest word is signed, those below it are not.
  return a.words
    .map((word, k) => {
      const signed = k === a.words.length - 1
      const [x, y] = signed ? ['x', 'y'] : ['(x >>> 0)', '(y >>> 0)']
      return `{ const x = ${word}, y = ${b.words[k]}; if (x !== y) return ${x} < ${y} ? ${before} : ${-before} }\n`
    })
    .reverse()
    .join('')
}
