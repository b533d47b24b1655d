// Columns from plain values and back, and arbitraries over a small domain full of special values.
//
// A value is null, a number (i32, f64), a bigint (i64, i128) or a string (bytes, UTF-8). Two rows are the same row iff
// `rowText` gives the same text. NaN is NaN, −0 is 0.

import fc from 'fast-check'
import {
  type Batch,
  bytesColumn,
  type Column,
  type Dictionary,
  dictColumn,
  f64Column,
  i32Column,
  i64Column,
  i128Column,
} from '../../src/core/batch.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { hashBytes } from '../../src/core/primitives/hash.ts'
import { Region } from '../../src/core/region.ts'
import type { PhysicalKind } from '../../src/core/type.ts'

export type Value = null | number | bigint | string
export type Row = readonly Value[]

export const testRegion = (): Region => new Region(memoryAccount('test'))

const MIN128 = -(2n ** 127n)
const domains: Record<PhysicalKind, readonly Value[]> = {
  i32: [0, 1, -1, 7, 2147483647, -2147483648],
  i64: [0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 4294967296n],
  i128: [0n, 1n, -1n, 2n ** 64n, MIN128, -MIN128 - 1n, -(2n ** 64n) - 1n],
  f64: [0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324],
  bytes: ['', 'a', 'ab', 'b', 'é', '\u{1F600}', 'x'.repeat(70), 'NULL', 'abcd', 'abcde'],
}

export const anyKinds = (maxLength = 3): fc.Arbitrary<PhysicalKind[]> =>
  fc.array(fc.constantFrom<PhysicalKind>('i32', 'i64', 'i128', 'f64', 'bytes'), { minLength: 1, maxLength })

export const anyRow = (kinds: readonly PhysicalKind[], nullable = true): fc.Arbitrary<Row> =>
  fc.tuple(...kinds.map((kind) => fc.constantFrom(...domains[kind], ...(nullable ? [null] : []))))

export const anyRows = (kinds: readonly PhysicalKind[], maxLength = 30): fc.Arbitrary<Row[]> =>
  fc.array(anyRow(kinds), { maxLength })

export const rowText = (row: Row): string =>
  row.map((value) => (value === null ? 'NULL' : `${typeof value}:${String(value).length}:${String(value)}`)).join('|')

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Columns of `rows`; bytes columns as dictionaries where `dict`. Masks exist only where something is NULL. */
export const columnsFrom = (kinds: readonly PhysicalKind[], rows: readonly Row[], dict = false): Column[] =>
  kinds.map((kind, k) =>
    columnFrom(
      kind,
      rows.map((row) => row[k]!),
      dict,
    ),
  )

export const batchFrom = (
  kinds: readonly PhysicalKind[],
  rows: readonly Row[],
  weights?: readonly number[],
  dict = false,
): Batch => ({
  length: rows.length,
  weights: weights === undefined ? undefined : Int32Array.from(weights),
  columns: columnsFrom(kinds, rows, dict),
})

function columnFrom(kind: PhysicalKind, values: readonly Value[], dict: boolean): Column {
  const nulls = values.includes(null) ? Uint8Array.from(values, (value) => (value === null ? 1 : 0)) : undefined
  if (kind === 'i32')
    return i32Column(
      Int32Array.from(values, (value) => Number(value ?? 9)),
      nulls,
    )
  if (kind === 'i64')
    return i64Column(
      BigInt64Array.from(values, (value) => BigInt(value ?? 9n)),
      nulls,
    )
  if (kind === 'f64')
    return f64Column(
      Float64Array.from(values, (value) => Number(value ?? 9)),
      nulls,
    )
  if (kind === 'i128') {
    const words = new BigInt64Array(values.length * 2)
    for (const [i, value] of values.entries()) {
      words[2 * i] = BigInt.asIntN(64, BigInt(value ?? 9n))
      words[2 * i + 1] = BigInt(value ?? 9n) >> 64n
    }
    return i128Column(words, nulls)
  }
  const texts = values.map((value) => String(value ?? 'nul'))
  if (!dict) return bytesColumn(packed(texts), nulls)
  const distinct = [...new Set(texts)]
  const bytes = packed(distinct)
  const hashes = Int32Array.from(distinct, (_, k) => hashBytes(bytes.arena, bytes.offsets[k]!, bytes.lengths[k]!))
  const dictionary: Dictionary = { size: distinct.length, ...bytes, hashes }
  return dictColumn(
    Int32Array.from(texts, (text) => distinct.indexOf(text)),
    dictionary,
    nulls,
  )
}

/** An arena that begins with a byte that belongs to nobody, so that offsets are not aligned. */
function packed(texts: readonly string[]): { offsets: Int32Array; lengths: Int32Array; arena: Uint8Array } {
  const parts = texts.map(encode)
  const arena = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0))
  const offsets = new Int32Array(texts.length)
  const lengths = new Int32Array(texts.length)
  let at = 1
  for (const [i, part] of parts.entries()) {
    arena.set(part, at)
    offsets[i] = at
    lengths[i] = part.length
    at += part.length
  }
  return { offsets, lengths, arena }
}

export function valueAt(column: Column, row: number): Value {
  if (column.nulls !== undefined && column.nulls[row] !== 0) return null
  switch (column.kind) {
    case 'i32':
    case 'i64':
    case 'f64':
      return column.values[row]!
    case 'i128':
      return (column.values[2 * row + 1]! << 64n) + BigInt.asUintN(64, column.values[2 * row]!)
    case 'bytes':
      return decode(column.arena, column.offsets[row]!, column.lengths[row]!)
    case 'dict': {
      const { arena, offsets, lengths } = column.dictionary
      const code = column.codes[row]!
      return decode(arena, offsets[code]!, lengths[code]!)
    }
  }
}

const decode = (arena: Uint8Array, offset: number, length: number): string =>
  new TextDecoder().decode(arena.subarray(offset, offset + length))

export const rowAt = (columns: readonly Column[], row: number): Row => columns.map((column) => valueAt(column, row))

export const rowsOf = (columns: readonly Column[], length: number): Row[] =>
  Array.from({ length }, (_, row) => rowAt(columns, row))

/** A Z-set as text of the row → weight; entries of weight 0 are gone. */
export function zsetOf(batches: readonly Batch[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const batch of batches)
    for (let i = 0; i < batch.length; i++)
      addTo(sums, rowText(rowAt(batch.columns, i)), batch.weights === undefined ? 1 : batch.weights[i]!)
  return sums
}

export function addTo(sums: Map<string, number>, key: string, weight: number): void {
  const sum = (sums.get(key) ?? 0) + weight
  if (sum === 0) sums.delete(key)
  else sums.set(key, sum)
}

/** Every row hashes to one of two values: equality has to decide. */
export const weakHash = (columns: readonly Column[], length: number, out: Int32Array): void => {
  for (let i = 0; i < length; i++) out[i] = rowText(rowAt(columns, i)).length & 1
}
