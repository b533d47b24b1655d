// Batches laid end to end, and columns of NULLs.

import { assert, unreachable } from '../assert.ts'
import {
  type Batch,
  type BytesColumn,
  bytesColumn,
  type Column,
  type DictColumn,
  dictColumn,
  f64Column,
  i32Column,
  i64Column,
  i128Column,
  type Nulls,
} from '../batch.ts'
import type { Region } from '../region.ts'
import type { PhysicalKind } from '../type.ts'

/** One batch with the rows of all `batches` in order (at least one; same kinds). A dict column stays dict where all
 * parts share the dictionary, else becomes bytes in one new arena. Weights are absent only where all parts' are. */
export function concat(batches: readonly Batch[], region: Region): Batch {
  assert(batches.length > 0, 'concat of no batches')
  const first = batches[0]!
  if (batches.length === 1) return first
  const length = batches.reduce((sum, batch) => sum + batch.length, 0)
  const lengths = batches.map((batch) => batch.length)
  return {
    length,
    weights: concatWeights(batches, length, region),
    columns: first.columns.map((_, k) =>
      concatColumns(
        batches.map((batch) => batch.columns[k]!),
        lengths,
        region,
      ),
    ),
  }
}

/**
 * The same rows with nothing shared: for what outlives the regions, arenas and dictionaries that `batches` stand in.
 * Dict columns become bytes.
 */
export function copyOut(batches: readonly Batch[], region: Region): Batch {
  assert(batches.length > 0, 'a copy of no batches')
  const length = batches.reduce((sum, batch) => sum + batch.length, 0)
  const lengths = batches.map((batch) => batch.length)
  const columns = batches[0]!.columns.map((column, k) => {
    const parts = batches.map((batch) => batch.columns[k]!)
    if (column.kind !== 'bytes' && column.kind !== 'dict') return concatColumns(parts, lengths, region)
    const nulls = concatNulls(parts, lengths, length, region)
    return copyBytesColumns(parts as readonly (BytesColumn | DictColumn)[], lengths, nulls, region)
  })
  return { length, weights: concatWeights(batches, length, region), columns }
}

/** A column of `length` NULLs. */
export function nullColumn(kind: PhysicalKind, length: number, region: Region): Column {
  const nulls = region.u8(length).fill(1)
  switch (kind) {
    case 'i32':
      return i32Column(region.i32(length).fill(0), nulls)
    case 'i64':
      return i64Column(region.i64(length).fill(0n), nulls)
    case 'i128':
      return i128Column(region.i64(2 * length).fill(0n), nulls)
    case 'f64':
      return f64Column(region.f64(length).fill(0), nulls)
    case 'bytes':
      return bytesColumn(
        { offsets: region.i32(length).fill(0), lengths: region.i32(length).fill(0), arena: region.u8(0) },
        nulls,
      )
    default:
      return unreachable(kind)
  }
}

/** Parts of one column end to end; `lengths[k]` rows of part k. */
export function concatColumns(parts: readonly Column[], lengths: readonly number[], region: Region): Column {
  const length = lengths.reduce((sum, part) => sum + part, 0)
  const nulls = concatNulls(parts, lengths, length, region)
  const first = parts[0]!
  switch (first.kind) {
    case 'i32': {
      const values = region.i32(length)
      place(parts, lengths, (part, at, rows) => part.kind === 'i32' && values.set(part.values.subarray(0, rows), at))
      return i32Column(values, nulls)
    }
    case 'i64': {
      const values = region.i64(length)
      place(parts, lengths, (part, at, rows) => part.kind === 'i64' && values.set(part.values.subarray(0, rows), at))
      return i64Column(values, nulls)
    }
    case 'i128': {
      const values = region.i64(2 * length)
      place(
        parts,
        lengths,
        (part, at, rows) => part.kind === 'i128' && values.set(part.values.subarray(0, 2 * rows), 2 * at),
      )
      return i128Column(values, nulls)
    }
    case 'f64': {
      const values = region.f64(length)
      place(parts, lengths, (part, at, rows) => part.kind === 'f64' && values.set(part.values.subarray(0, rows), at))
      return f64Column(values, nulls)
    }
    case 'bytes':
    case 'dict':
      return concatBytes(parts as readonly (BytesColumn | DictColumn)[], lengths, length, nulls, region)
    default:
      return unreachable(first)
  }
}

function concatBytes(
  parts: readonly (BytesColumn | DictColumn)[],
  rows: readonly number[],
  length: number,
  nulls: Nulls,
  region: Region,
): Column {
  const first = parts[0]!
  if (first.kind === 'dict' && parts.every((part) => part.kind === 'dict' && part.dictionary === first.dictionary)) {
    const codes = region.i32(length)
    place(parts, rows, (part, at, n) => part.kind === 'dict' && codes.set(part.codes.subarray(0, n), at))
    return dictColumn(codes, first.dictionary, nulls)
  }
  const shared = first.kind === 'bytes' ? first.arena : undefined
  if (shared !== undefined && parts.every((part) => part.kind === 'bytes' && part.arena === shared)) {
    const offsets = region.i32(length)
    const lengths = region.i32(length)
    place(parts, rows, (part, at, n) => part.kind === 'bytes' && offsets.set(part.offsets.subarray(0, n), at))
    place(parts, rows, (part, at, n) => part.kind === 'bytes' && lengths.set(part.lengths.subarray(0, n), at))
    return bytesColumn({ offsets, lengths, arena: shared }, nulls)
  }
  return copyBytesColumns(parts, rows, nulls, region)
}

function copyBytesColumns(
  parts: readonly (BytesColumn | DictColumn)[],
  rows: readonly number[],
  nulls: Nulls,
  region: Region,
): BytesColumn {
  const length = rows.reduce((sum, part) => sum + part, 0)
  const offsets = region.i32(length)
  const lengths = region.i32(length)
  let size = 0
  place(parts, rows, (part, at, n) => {
    for (let i = 0; i < n; i++) size += lengths[at + i] = byteLengthAt(part, i)
  })
  const arena = region.u8(size)
  let end = 0
  place(parts, rows, (part, at, n) => {
    const from = part.kind === 'dict' ? part.dictionary.arena : part.arena
    for (let i = 0; i < n; i++) {
      const count = lengths[at + i]!
      copyBytes(from, byteOffsetAt(part, i), arena, end, count)
      offsets[at + i] = end
      end += count
    }
  })
  return bytesColumn({ offsets, lengths, arena }, nulls)
}

const isNullAt = (column: Column, row: number): boolean => column.nulls !== undefined && column.nulls[row] !== 0

/** Length of a bytes or dict value; 0 for NULL. */
export const byteLengthAt = (column: BytesColumn | DictColumn, row: number): number =>
  isNullAt(column, row)
    ? 0
    : column.kind === 'dict'
      ? column.dictionary.lengths[column.codes[row]!]!
      : column.lengths[row]!

/** Where a bytes or dict value starts in its arena; 0 for NULL. */
export const byteOffsetAt = (column: BytesColumn | DictColumn, row: number): number =>
  isNullAt(column, row)
    ? 0
    : column.kind === 'dict'
      ? column.dictionary.offsets[column.codes[row]!]!
      : column.offsets[row]!

/** Copies `count` bytes; short ones in a loop, since a call of `set` costs more than 60 bytes do. */
export function copyBytes(from: Uint8Array, start: number, to: Uint8Array, at: number, count: number): void {
  if (count > 64) to.set(from.subarray(start, start + count), at)
  else for (let k = 0; k < count; k++) to[at + k] = from[start + k]!
}

function place<C extends Column>(
  parts: readonly C[],
  lengths: readonly number[],
  put: (part: C, at: number, rows: number) => unknown,
): void {
  let at = 0
  for (const [k, part] of parts.entries()) {
    put(part, at, lengths[k]!)
    at += lengths[k]!
  }
}

function concatNulls(parts: readonly Column[], lengths: readonly number[], length: number, region: Region): Nulls {
  if (parts.every((part) => part.nulls === undefined)) return undefined
  const nulls = region.nulls(length)
  place(parts, lengths, (part, at, rows) => part.nulls !== undefined && nulls.set(part.nulls.subarray(0, rows), at))
  return nulls
}

function concatWeights(batches: readonly Batch[], length: number, region: Region): Int32Array | undefined {
  if (batches.every((batch) => batch.weights === undefined)) return undefined
  const weights = region.i32(length)
  let at = 0
  for (const batch of batches) {
    if (batch.weights === undefined) weights.fill(1, at, at + batch.length)
    else weights.set(batch.weights.subarray(0, batch.length), at)
    at += batch.length
  }
  return weights
}
