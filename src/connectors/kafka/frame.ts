// What INCLUDE takes from a record's frame: columns of key, partition, offset, timestamp and headers.
//
//   KEY        bytea, or text (a key that is not UTF-8, or holds U+0000, makes the record bad)
//   PARTITION  integer      OFFSET  bigint      TIMESTAMP  timestamp with time zone; NULL where the record has none
//   HEADERS    an array of rows (key text, value bytea), in order, names may repeat

import { isUtf8 } from 'node:buffer'
import { bytesColumn, type Column, i32Column, i64Column } from '../../core/batch.ts'
import { ByteWriter } from '../../core/byte-writer.ts'
import { encode } from '../../core/encoding/encoding.ts'
import { notSupported } from '../../core/error.ts'
import type { Region } from '../../core/region.ts'
import type { SqlType } from '../../core/type.ts'
import type { SqlArray } from '../../core/value.ts'
import type { SourceColumn } from '../source.ts'
import { type Records, recordHeaders, recordKey } from './records.ts'

export type FrameField = NonNullable<SourceColumn['include']>

export const HEADERS_TYPE: SqlType = {
  kind: 'array',
  element: {
    kind: 'row',
    fields: [
      { name: 'key', type: { kind: 'text' } },
      { name: 'value', type: { kind: 'bytea' } },
    ],
  },
}

const TYPES: Readonly<Record<FrameField, readonly SqlType['kind'][]>> = {
  key: ['bytea', 'text'],
  partition: ['int4'],
  offset: ['int8'],
  timestamp: ['timestamptz'],
  headers: ['array'],
}

/** Throws 0A000 where an INCLUDE column has a type that it cannot have. */
export function checkFrameColumn({ name, type, include }: SourceColumn): void {
  if (include === undefined || TYPES[include].includes(type.kind)) return
  throw notSupported(`INCLUDE ${include.toUpperCase()} as column "${name}" of type ${type.kind}`)
}

/** Why the record's frame makes it bad, or undefined. */
export function badFrame(records: Records, row: number, columns: readonly SourceColumn[]): string | undefined {
  for (const { include, type, name } of columns) {
    if (include === 'key' && type.kind === 'text' && !isText(recordKey(records, row))) {
      return `column "${name}": the key is not UTF-8 text`
    }
    if (include === 'headers' && !recordHeaders(records, row).every(({ key }) => isText(key))) {
      return `column "${name}": the name of a header is not UTF-8 text`
    }
  }
  return undefined
}

const isText = (bytes: Uint8Array | null): boolean => bytes === null || (isUtf8(bytes) && !bytes.includes(0))

/** Whether any of these columns can make a record bad. */
export const framesCanBeBad = (columns: readonly SourceColumn[]): boolean =>
  columns.some(({ include, type }) => include === 'headers' || (include === 'key' && type.kind === 'text'))

/** One INCLUDE column for the given rows of the records. */
export function frameColumn(
  field: FrameField,
  partition: number,
  records: Records,
  rows: Int32Array,
  region: Region,
): Column {
  switch (field) {
    case 'key':
      return keyColumn(records, rows, region)
    case 'partition':
      return i32Column(region.i32(rows.length).fill(partition))
    case 'offset':
      return int64Column(rows, region, (row) => records.offset[row]!)
    case 'timestamp':
      return timestampColumn(records, rows, region)
    case 'headers':
      return headersColumn(records, rows)
  }
}

function keyColumn(records: Records, rows: Int32Array, region: Region): Column {
  const offsets = region.i32(rows.length)
  const lengths = region.i32(rows.length)
  const nulls = region.nulls(rows.length)
  let some = false
  rows.forEach((row, i) => {
    const length = records.keyLength[row]!
    offsets[i] = records.keyStart[row]!
    lengths[i] = Math.max(0, length)
    if (length >= 0) return
    nulls[i] = 1
    some = true
  })
  return bytesColumn({ offsets, lengths, arena: records.bytes }, some ? nulls : undefined)
}

function int64Column(rows: Int32Array, region: Region, value: (row: number) => number, nulls?: Uint8Array): Column {
  const values = region.i64(rows.length)
  const column = i64Column(values, nulls)
  rows.forEach((row, i) => {
    const number = value(row)
    column.words[2 * i] = number | 0
    column.words[2 * i + 1] = Math.floor(number / 2 ** 32)
  })
  return column
}

/** Microseconds; exact up to 2^53 of them, the year 2255, and to the nearest that a double holds beyond. */
function timestampColumn(records: Records, rows: Int32Array, region: Region): Column {
  const nulls = region.nulls(rows.length)
  let some = false
  rows.forEach((row, i) => {
    if (records.timestamp[row]! >= 0) return
    nulls[i] = 1
    some = true
  })
  return int64Column(rows, region, (row) => records.timestamp[row]! * 1000, some ? nulls : undefined)
}

function headersColumn(records: Records, rows: Int32Array): Column {
  const writer = new ByteWriter()
  const offsets = new Int32Array(rows.length)
  const lengths = new Int32Array(rows.length)
  rows.forEach((row, i) => {
    offsets[i] = writer.length
    encode(HEADERS_TYPE, headersOf(records, row), writer)
    lengths[i] = writer.length - offsets[i]!
  })
  return bytesColumn({ offsets, lengths, arena: writer.bytes })
}

function headersOf(records: Records, row: number): SqlArray {
  const elements = recordHeaders(records, row).map(({ key, value }) => ({
    kind: 'row' as const,
    fields: [Buffer.from(key).toString(), value],
  }))
  const dimensions = elements.length === 0 ? [] : [elements.length]
  return { kind: 'array', elements, lengths: dimensions, lowerBounds: dimensions.map(() => 1) }
}
