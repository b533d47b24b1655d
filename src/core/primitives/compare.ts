// Order of rows: sort keys ascending or descending with NULLs first or last, ties by the canonical order of columns.
//
// Canonical order: numbers by value (NaN greatest), bytes by memcmp of their canonical encoding, NULL last.

import type { Column } from '../batch.ts'

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

/** < 0, 0, > 0 as row `i` of `left` stands before, with or after row `j` of `right`. Make it once per pair of batches. */
export function rowComparator(
  _left: readonly Column[],
  _right: readonly Column[],
  _keys: readonly SortKey[],
): (i: number, j: number) => number {
  throw new Error('unwritten')
}

/** Sorts the row numbers in `rows[0…length)` by `keys`; stable. O(n log n), no allocation per row. */
export function sortRows(
  _columns: readonly Column[],
  _keys: readonly SortKey[],
  _rows: Int32Array,
  _length: number,
): void {
  throw new Error('unwritten')
}
