// Copies of chosen rows, in a chosen order: `gather`. dict columns stay dict, bytes columns keep their arena.

import type { Batch, Column } from '../batch.ts'
import type { Region } from '../region.ts'

/** Columns whose row i is row `rows[i]` of `columns`, for i < `length`. Arrays come from `region`. */
export function gatherColumns(
  _columns: readonly Column[],
  _rows: Int32Array,
  _length: number,
  _region: Region,
): Column[] {
  throw new Error('unwritten')
}

/** As gatherColumns, but `rows[i]` = −1 gives NULL in every column (the unmatched side of an outer join). */
export function gatherOrNull(
  _columns: readonly Column[],
  _rows: Int32Array,
  _length: number,
  _region: Region,
): Column[] {
  throw new Error('unwritten')
}

/** The batch of the chosen rows, with their weights. */
export function gather(_batch: Batch, _rows: Int32Array, _length: number, _region: Region): Batch {
  throw new Error('unwritten')
}

/** Rows whose flag in `chosen` is not 0, as row numbers in `out`; returns how many. */
export function selectedRows(_chosen: Uint8Array, _length: number, _out: Int32Array): number {
  throw new Error('unwritten')
}

/** Rows `from…to` of a batch without copying (views of the same arrays). */
export function slice(_batch: Batch, _from: number, _to: number): Batch {
  throw new Error('unwritten')
}
