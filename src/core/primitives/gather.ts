// Copies of chosen rows, in a chosen order: `gather`. dict columns stay dict, bytes columns keep their arena.
//
// No text is generated here: values are copied as 32-bit words, so that each loop below only ever sees Int32Arrays,
// whatever the kinds of a plan's columns.

import {
  type Batch,
  bytesColumn,
  type Column,
  dictColumn,
  f64Column,
  i32Column,
  i64Column,
  i128Column,
  type Nulls,
} from '../batch.ts'
import type { Region } from '../region.ts'

/** Columns whose row i is row `rows[i]` of `columns`, for i < `length`. Arrays come from `region`. */
export const gatherColumns = (columns: readonly Column[], rows: Int32Array, length: number, region: Region): Column[] =>
  columns.map((column) => gatherColumn(column, rows, length, gatherNulls(column, rows, length, region), region))

/** As gatherColumns, but `rows[i]` = −1 gives NULL in every column (the unmatched side of an outer join). */
export function gatherOrNull(columns: readonly Column[], rows: Int32Array, length: number, region: Region): Column[] {
  const real = region.i32(length)
  let missing = false
  for (let i = 0; i < length; i++) {
    const row = rows[i]!
    if (row < 0) missing = true
    real[i] = Math.max(row, 0)
  }
  if (!missing) return gatherColumns(columns, rows, length, region)
  return columns.map((column) => {
    const nulls = region.u8(length)
    const from = column.nulls
    for (let i = 0; i < length; i++) nulls[i] = rows[i]! < 0 ? 1 : from === undefined ? 0 : from[rows[i]!]!
    return gatherColumn(column, real, length, nulls, region)
  })
}

/** The batch of the chosen rows, with their weights. */
export function gather(batch: Batch, rows: Int32Array, length: number, region: Region): Batch {
  const columns = gatherColumns(batch.columns, rows, length, region)
  if (batch.weights === undefined) return { length, weights: undefined, columns }
  const weights = region.i32(length)
  copy1(batch.weights, rows, length, weights)
  return { length, weights, columns }
}

/** Rows whose flag in `chosen` is not 0, as row numbers in `out`; returns how many. */
export function selectedRows(chosen: Uint8Array, length: number, out: Int32Array): number {
  let count = 0
  for (let i = 0; i < length; i++) if (chosen[i] !== 0) out[count++] = i
  return count
}

/** Rows `from…to` of a batch without copying (views of the same arrays). */
export function slice(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.length) return batch
  return {
    length: to - from,
    weights: batch.weights?.subarray(from, to),
    columns: batch.columns.map((column) => sliceColumn(column, from, to)),
  }
}

function sliceColumn(column: Column, from: number, to: number): Column {
  const nulls = column.nulls?.subarray(from, to)
  switch (column.kind) {
    case 'i32':
      return i32Column(column.values.subarray(from, to), nulls)
    case 'i64':
      return i64Column(column.values.subarray(from, to), nulls)
    case 'i128':
      return i128Column(column.values.subarray(2 * from, 2 * to), nulls)
    case 'f64':
      return f64Column(column.values.subarray(from, to), nulls)
    case 'bytes': {
      const { arena, offsets, lengths } = column
      return bytesColumn({ arena, offsets: offsets.subarray(from, to), lengths: lengths.subarray(from, to) }, nulls)
    }
    case 'dict':
      return dictColumn(column.codes.subarray(from, to), column.dictionary, nulls)
  }
}

function gatherNulls(column: Column, rows: Int32Array, length: number, region: Region): Nulls {
  const from = column.nulls
  if (from === undefined) return undefined
  const nulls = region.u8(length)
  let any = 0
  for (let i = 0; i < length; i++) any |= nulls[i] = from[rows[i]!]!
  return any === 0 ? undefined : nulls
}

function gatherColumn(column: Column, rows: Int32Array, length: number, nulls: Nulls, region: Region): Column {
  switch (column.kind) {
    case 'i32': {
      const values = region.i32(length)
      copy1(column.values, rows, length, values)
      return i32Column(values, nulls)
    }
    case 'i64': {
      const made = i64Column(region.i64(length), nulls)
      copy2(column.words, rows, length, made.words)
      return made
    }
    case 'i128': {
      const made = i128Column(region.i64(2 * length), nulls)
      copy4(column.words, rows, length, made.words)
      return made
    }
    case 'f64': {
      const made = f64Column(region.f64(length), nulls)
      copy2(column.words, rows, length, made.words)
      return made
    }
    case 'bytes': {
      const offsets = region.i32(length)
      const lengths = region.i32(length)
      copy1(column.offsets, rows, length, offsets)
      copy1(column.lengths, rows, length, lengths)
      return bytesColumn({ offsets, lengths, arena: column.arena }, nulls)
    }
    case 'dict': {
      const codes = region.i32(length)
      copy1(column.codes, rows, length, codes)
      return dictColumn(codes, column.dictionary, nulls)
    }
  }
}

function copy1(from: Int32Array, rows: Int32Array, length: number, to: Int32Array): void {
  for (let i = 0; i < length; i++) to[i] = from[rows[i]!]!
}

function copy2(from: Int32Array, rows: Int32Array, length: number, to: Int32Array): void {
  for (let i = 0; i < length; i++) {
    const row = 2 * rows[i]!
    to[2 * i] = from[row]!
    to[2 * i + 1] = from[row + 1]!
  }
}

function copy4(from: Int32Array, rows: Int32Array, length: number, to: Int32Array): void {
  for (let i = 0; i < length; i++) {
    const row = 4 * rows[i]!
    for (let k = 0; k < 4; k++) to[4 * i + k] = from[row + k]!
  }
}
