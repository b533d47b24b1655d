// Between the two forms of values: single JavaScript values (value.ts) and columns (batch.ts); and between the physical
// kinds that one type, NUMERIC, can have.
//
// Nothing here is on a hot path: literals, VALUES lists, parameters, results of small queries, tests, and a function's
// `evaluate` over a column. Cost: one allocation per value.

import { assert } from './assert.ts'
import {
  type Batch,
  type BytesColumn,
  batchOf,
  bytesColumn,
  type Column,
  type DictColumn,
  f64Column,
  type I64Column,
  i32Column,
  i64Column,
  i128Column,
  type Nulls,
} from './batch.ts'
import { ByteWriter } from './byte-writer.ts'
import { decode, encode } from './encoding/encoding.ts'
import { notSupported, outOfRange } from './error.ts'
import type { Region } from './region.ts'
import type { ColumnDef, Schema } from './schema.ts'
import type { Physical, SqlType } from './type.ts'
import type { Numeric, SqlValue } from './value.ts'

export type Row = readonly SqlValue[]

/** The column that holds `values`, in memory of the region. Throws 22003 for a NUMERIC that its kind cannot hold. */
export function columnFromValues(def: ColumnDef, values: readonly SqlValue[], region: Region): Column {
  const nulls = nullsOf(values, region)
  const { length } = values
  switch (def.physical.kind) {
    case 'i32': {
      const out = region.i32(length)
      for (let i = 0; i < length; i++) out[i] = Number(values[i])
      return i32Column(out, nulls)
    }
    case 'i64': {
      const out = region.i64(length)
      for (let i = 0; i < length; i++) out[i] = integerOf(values[i]!, def.physical)
      return i64Column(out, nulls)
    }
    case 'i128': {
      const out = region.i64(2 * length)
      for (let i = 0; i < length; i++) storeWide(out, i, integerOf(values[i]!, def.physical))
      return i128Column(out, nulls)
    }
    case 'f64': {
      const out = region.f64(length)
      for (let i = 0; i < length; i++) out[i] = normalised(values[i] as number | null)
      return f64Column(out, nulls)
    }
    case 'bytes':
      return bytesFromValues(def.type, values, nulls, region)
  }
}

/** The value of one row, NULL included. */
export function valueAt(def: ColumnDef, column: Column, row: number): SqlValue {
  if (column.nulls !== undefined && column.nulls[row] === 1) return null
  const { type, physical } = def
  switch (column.kind) {
    case 'i32':
      return smallValue(type, column.values[row]!)
    case 'i64':
      return wideValue(def, column.values[row]!)
    case 'i128':
      return scaled(wideAt(column.values, row), physical)
    case 'f64':
      return column.values[row]!
    case 'bytes':
      return decode(type, column.arena, column.offsets[row]!, column.lengths[row]!)
    case 'dict': {
      const { arena, offsets, lengths } = column.dictionary
      const code = column.codes[row]!
      return decode(type, arena, offsets[code]!, lengths[code]!)
    }
  }
}

export function batchFromRows(schema: Schema, rows: readonly Row[], region: Region, weights?: Int32Array): Batch {
  const columns = schema.map((def, i) =>
    columnFromValues(
      def,
      rows.map((row) => row[i] ?? null),
      region,
    ),
  )
  return batchOf(rows.length, columns, weights)
}

/** The rows of a batch, in its order and whatever their weights. */
export function rowsOfBatch(schema: Schema, batch: Batch): SqlValue[][] {
  return Array.from({ length: batch.length }, (_, row) => schema.map((def, i) => valueAt(def, batch.columns[i]!, row)))
}

/**
 * A column of `length` rows in another physical form of its type. Only NUMERIC has a choice; its mantissa is rescaled,
 * rounded half away from zero, and 22003 is thrown where the narrower form cannot hold it.
 */
export function castPhysical(from: ColumnDef, to: Physical, column: Column, length: number, region: Region): Column {
  if (column.kind === 'dict' && to.kind === 'bytes') return plainBytes(column, length, region)
  if (column.kind === to.kind && scaleOf(from.physical) === scaleOf(to)) return column
  if (column.kind === 'i64' && to.kind === 'i64') return rescaleColumn(from, to, column, length, region)
  assert(from.type.kind === 'numeric', `no ${to.kind} form of ${from.type.kind}`)
  const values = Array.from({ length }, (_, row) => valueAt(from, column, row))
  return columnFromValues({ ...from, physical: to }, values, region)
}

/** A dictionary column with its codes looked up; the bytes stay where they are. */
export function plainBytes(column: DictColumn, length: number, region: Region): BytesColumn {
  const { dictionary, codes } = column
  const offsets = region.i32(length)
  const lengths = region.i32(length)
  for (let i = 0; i < length; i++) {
    offsets[i] = dictionary.offsets[codes[i]!] ?? 0
    lengths[i] = dictionary.lengths[codes[i]!] ?? 0
  }
  return bytesColumn({ offsets, lengths, arena: dictionary.arena }, column.nulls)
}

/** A mantissa of scale `from` at scale `to`, rounded half away from zero. */
export function rescaleDigits(digits: bigint, from: number, to: number): bigint {
  if (to >= from) return to === from ? digits : digits * 10n ** BigInt(to - from)
  const divisor = 10n ** BigInt(from - to)
  const half = divisor / 2n
  return digits < 0n ? (digits - half) / divisor : (digits + half) / divisor
}

function nullsOf(values: readonly SqlValue[], region: Region): Nulls {
  if (!values.includes(null)) return undefined
  const nulls = region.nulls(values.length)
  for (let i = 0; i < values.length; i++) if (values[i] === null) nulls[i] = 1
  return nulls
}

const normalised = (value: number | null): number => (value === null || value === 0 ? 0 : value)

const limits = { i64: 1n << 63n, i128: 1n << 127n } as const

/** The integer that a column of kind i64 or i128 holds for a value; 0 for NULL. */
function integerOf(value: SqlValue, physical: Extract<Physical, { kind: 'i64' | 'i128' }>): bigint {
  if (value === null) return 0n
  if (typeof value === 'bigint') return value
  const { digits, scale, special } = value as Numeric
  if (special !== undefined) throw specialInNarrowColumn(special)
  const mantissa = rescaleDigits(digits, scale, physical.scale ?? 0)
  const limit = limits[physical.kind]
  if (mantissa >= limit || mantissa < -limit) throw outOfRange('numeric')
  return mantissa
}

const specialInNarrowColumn = (special: string) =>
  notSupported(`${special} in a numeric column of declared precision`, {
    hint: 'Such a column keeps numbers only. Declare it NUMERIC without precision, or DOUBLE PRECISION.',
  })

function storeWide(out: BigInt64Array, row: number, value: bigint): void {
  out[2 * row] = BigInt.asIntN(64, value)
  out[2 * row + 1] = BigInt.asIntN(64, value >> 64n)
}

const wideAt = (values: BigInt64Array, row: number): bigint =>
  (values[2 * row + 1]! << 64n) | BigInt.asUintN(64, values[2 * row]!)

function scaled(digits: bigint, physical: Physical): Numeric {
  return { kind: 'numeric', digits, scale: ('scale' in physical ? physical.scale : undefined) ?? 0 }
}

const wideValue = ({ type, physical }: ColumnDef, bits: bigint): SqlValue =>
  type.kind === 'numeric' ? scaled(bits, physical) : bits

const smallValue = (type: SqlType, value: number): SqlValue => (type.kind === 'boolean' ? value !== 0 : value)

function bytesFromValues(type: SqlType, values: readonly SqlValue[], nulls: Nulls, region: Region): BytesColumn {
  const writer = new ByteWriter(values.length * 16 + 64)
  const offsets = region.i32(values.length)
  const lengths = region.i32(values.length)
  for (const [i, value] of values.entries()) {
    offsets[i] = writer.length
    if (value !== null) encode(type, value, writer)
    lengths[i] = writer.length - offsets[i]!
  }
  const arena = region.u8(writer.length)
  arena.set(writer.bytes.subarray(0, writer.length))
  return bytesColumn({ offsets, lengths, arena }, nulls)
}

function rescaleColumn(from: ColumnDef, to: Physical, column: I64Column, length: number, region: Region): Column {
  const oldScale = scaleOf(from.physical)
  const newScale = scaleOf(to)
  const { values, nulls } = column
  const out = region.i64(length)
  for (let i = 0; i < length; i++) {
    const mantissa = rescaleDigits(values[i]!, oldScale, newScale)
    if (BigInt.asIntN(64, mantissa) !== mantissa && nulls?.[i] !== 1) throw outOfRange('numeric')
    out[i] = mantissa
  }
  return i64Column(out, nulls)
}

const scaleOf = (physical: Physical): number => ('scale' in physical ? physical.scale : undefined) ?? 0
