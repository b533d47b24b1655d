// The binary form of every type on the wire: what PostgreSQL's send and receive functions write and read.
//
// Integers and floats are big-endian; dates count days and timestamps µs from 2000-01-01; text is UTF-8; arrays and
// rows carry their elements' type oids and lengths. A value that is too short or malformed is 08P01 or 22P03.

import type { ByteWriter } from '../../core/byte-writer.ts'
import { invalidEnumLabel } from '../../core/enum-labels.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import { isMultirangeKind, isRangeKind, rangeKindOf, subtypeOf } from '../../core/range.ts'
import type { Field, SqlType } from '../../core/type.ts'
import { baseTypeName, typeOid } from '../../core/type-name.ts'
import {
  DATE_INFINITY,
  type Interval,
  type Json,
  type Numeric,
  type SqlArray,
  type SqlMultirange,
  type SqlRange,
  type SqlRow,
  type SqlValue,
  type TimeTz,
} from '../../core/value.ts'
import {
  checkedTimestamp,
  DAYS_1970_TO_2000,
  dateOutOfRange,
  isDateInRange,
  isFiniteDate,
  isFiniteTimestamp,
  MICROS_PER_DAY_BIG,
  MINUS_DATE_INFINITY,
} from '../arithmetic/calendar.ts'
import { parsePath } from '../json/path/parse.ts'
import { printPath } from '../json/path/print.ts'
import { invalidBinary, missingData, receiveNumeric, sendNumeric } from './binary-numeric.ts'
import { rangeFlags, receiveMultirange, receiveRange } from './binary-range.ts'
import { type BitType, bitsOfBytes, bytesOfBits, fitBits } from './bits.ts'
import { checkJson, parseJson, printJson } from './json.ts'

type NotNull = Exclude<SqlValue, null>

const EPOCH_2000 = BigInt(DAYS_1970_TO_2000) * MICROS_PER_DAY_BIG
const JSONB_VERSION = 1

/** Appends the binary form of a value, without its length. */
export function sendBinary(type: SqlType, value: NotNull, into: ByteWriter): void {
  switch (type.kind) {
    case 'boolean':
      into.u8(value === true ? 1 : 0)
      break
    case 'int2':
      into.u16((value as number) & 0xffff)
      break
    case 'int4':
    case 'oid':
    case 'reg':
      into.i32(value as number)
      break
    case 'int8':
    case 'time':
      into.i64(value as bigint)
      break
    case 'float4':
      into.f32(value as number)
      break
    case 'float8':
      into.f64(value as number)
      break
    case 'numeric':
      sendNumeric(value as Numeric, into)
      break
    case 'bytea':
    case 'uuid':
      into.append(value as Uint8Array)
      break
    case 'date':
      into.i32(isFiniteDate(value as number) ? (value as number) - DAYS_1970_TO_2000 : (value as number))
      break
    case 'timestamp':
    case 'timestamptz':
      into.i64(isFiniteTimestamp(value as bigint) ? (value as bigint) - EPOCH_2000 : (value as bigint))
      break
    case 'array':
      sendArray(type.element, value as SqlArray, into)
      break
    case 'row':
      sendRow(type.fields, value as SqlRow, into)
      break
    default:
      sendOther(type, value, into)
  }
}

function sendOther(type: SqlType, value: NotNull, into: ByteWriter): void {
  switch (type.kind) {
    case 'timetz':
      into.i64((value as TimeTz).micros)
      into.i32(0 - (value as TimeTz).zone)
      break
    case 'interval':
      into.i64((value as Interval).micros)
      into.i32((value as Interval).days)
      into.i32((value as Interval).months)
      break
    case 'jsonb':
      into.u8(JSONB_VERSION)
      into.utf8(printJson((value as Json).value))
      break
    case 'jsonpath':
      into.u8(JSONB_VERSION)
      into.utf8(value as string)
      break
    case 'bit':
    case 'varbit':
      into.i32((value as string).length)
      into.append(bytesOfBits(value as string))
      break
    case 'enum':
      into.utf8(type.labels.labelAt(value as number) ?? String(value))
      break
    case 'char':
      into.u8((value as string).charCodeAt(0) || 0)
      break
    default:
      if (isRangeKind(type.kind)) sendRange(subtypeOf(type.kind), value as SqlRange, into)
      else if (isMultirangeKind(type.kind))
        sendMultirange({ kind: rangeKindOf(type.kind) }, value as SqlMultirange, into)
      else into.utf8(value as string)
  }
}

function sendRange(subtype: SqlType, { empty, lower, upper }: SqlRange, into: ByteWriter): void {
  into.u8(rangeFlags(empty, lower, upper))
  if (lower !== undefined) sendItem(subtype, lower.value, into)
  if (upper !== undefined) sendItem(subtype, upper.value, into)
}

function sendMultirange(range: SqlType, { ranges }: SqlMultirange, into: ByteWriter): void {
  into.i32(ranges.length)
  for (const each of ranges) sendItem(range, each, into)
}

/** A value behind its length; −1 for NULL. */
function sendItem(type: SqlType, value: SqlValue, into: ByteWriter): void {
  const start = into.length
  into.i32(-1)
  if (value === null) return
  sendBinary(type, value, into)
  into.putI32(start, into.length - start - 4)
}

function sendArray(element: SqlType, { elements, lengths, lowerBounds }: SqlArray, into: ByteWriter): void {
  into.i32(lengths.length)
  into.i32(elements.includes(null) ? 1 : 0)
  into.i32(typeOid(element))
  for (const [i, length] of lengths.entries()) {
    into.i32(length)
    into.i32(lowerBounds[i]!)
  }
  for (const item of elements) sendItem(element, item, into)
}

function sendRow(fields: readonly Field[], value: SqlRow, into: ByteWriter): void {
  into.i32(fields.length)
  for (const [i, field] of fields.entries()) {
    into.i32(typeOid(field.type))
    sendItem(field.type, value.fields[i] ?? null, into)
  }
}

/** The value of a whole binary form. */
export function receiveBinary(type: SqlType, bytes: Uint8Array, offset = 0, length = bytes.length - offset): NotNull {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length)
  const width = fixedWidths[type.kind]
  if (width !== undefined && length !== width) throw wrongWidth(length, width)
  return receive(type, view)
}

const fixedWidths: Partial<Record<SqlType['kind'], number>> = {
  boolean: 1,
  char: 1,
  int2: 2,
  int4: 4,
  oid: 4,
  reg: 4,
  date: 4,
  float4: 4,
  int8: 8,
  time: 8,
  timestamp: 8,
  timestamptz: 8,
  float8: 8,
  timetz: 12,
  interval: 16,
  uuid: 16,
}

const wrongWidth = (length: number, width: number): SqlError =>
  length < width ? missingData() : invalidBinary('incorrect binary data format')

function receive(type: SqlType, view: DataView): NotNull {
  switch (type.kind) {
    case 'boolean':
      return view.getUint8(0) !== 0
    case 'int2':
      return view.getInt16(0)
    case 'int4':
      return view.getInt32(0)
    case 'oid':
    case 'reg':
      return view.getUint32(0)
    case 'int8':
      return view.getBigInt64(0)
    case 'float4':
      return view.getFloat32(0) + 0
    case 'float8':
      return view.getFloat64(0) + 0
    case 'numeric':
      return receiveNumeric(view)
    case 'bytea':
    case 'uuid':
      return bytesOf(view).slice()
    case 'date':
      return receiveDate(view.getInt32(0))
    case 'time':
      return receiveTime(view.getBigInt64(0))
    case 'timestamp':
    case 'timestamptz': {
      const value = view.getBigInt64(0)
      return isFiniteTimestamp(value) ? checkedTimestamp(value + EPOCH_2000) : value
    }
    case 'timetz':
      return { kind: 'timetz', micros: receiveTime(view.getBigInt64(0)), zone: 0 - view.getInt32(8) }
    case 'interval':
      return { kind: 'interval', micros: view.getBigInt64(0), days: view.getInt32(8), months: view.getInt32(12) }
    case 'array':
      return receiveArray(type.element, view)
    case 'row':
      return receiveRow(type.fields, view)
    default:
      if (isRangeKind(type.kind)) return receiveRange(type.kind, view, receiveItem)
      if (isMultirangeKind(type.kind)) return receiveMultirange(rangeKindOf(type.kind), view, receiveItem)
      return receiveText(type, view)
  }
}

const bytesOf = (view: DataView, from = 0): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + from, view.byteLength - from)

function receiveDate(days: number): number {
  if (days === DATE_INFINITY || days === MINUS_DATE_INFINITY) return days
  if (!isDateInRange(days + DAYS_1970_TO_2000)) throw dateOutOfRange()
  return days + DAYS_1970_TO_2000
}

function receiveTime(micros: bigint): bigint {
  if (micros < 0n || micros > MICROS_PER_DAY_BIG) throw new SqlError({ code: '22008', message: 'time out of range' })
  return micros
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const invalidUtf8 = (): SqlError =>
  new SqlError({ code: '22021', message: 'invalid byte sequence for encoding "UTF8"' })

/** Text of UTF-8 bytes from outside: 22021 where they are not well-formed or hold U+0000. */
export function receiveUtf8(bytes: Uint8Array): string {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw invalidUtf8()
  }
  if (text.includes('\0')) throw new SqlError({ code: '22021', message: `${invalidUtf8().message}: 0x00` })
  return text
}

function receiveText(type: SqlType, view: DataView): NotNull {
  switch (type.kind) {
    case 'jsonb':
      if (view.byteLength < 1) throw missingData()
      if (view.getUint8(0) !== JSONB_VERSION) throw notSupported(`jsonb version number ${view.getUint8(0)}`)
      return { kind: 'json', value: parseJson(receiveUtf8(bytesOf(view, 1))) }
    case 'jsonpath':
      if (view.byteLength < 1) throw missingData()
      if (view.getUint8(0) !== JSONB_VERSION) throw notSupported(`jsonpath version number ${view.getUint8(0)}`)
      return printPath(parsePath(receiveUtf8(bytesOf(view, 1))))
    case 'enum': {
      const label = receiveUtf8(bytesOf(view))
      const place = type.labels.placeOf(label)
      if (place === undefined) throw invalidEnumLabel(type.name, label)
      return place
    }
    case 'bit':
    case 'varbit':
      return receiveBits(type, view)
    case 'char':
      return view.getUint8(0) === 0 ? '' : String.fromCharCode(view.getUint8(0))
    case 'json': {
      const text = receiveUtf8(bytesOf(view))
      checkJson(text)
      return text
    }
    default:
      return receiveUtf8(bytesOf(view))
  }
}

function receiveBits(type: BitType, view: DataView): string {
  if (view.byteLength < 4) throw missingData()
  const length = view.getInt32(0)
  if (length < 0) throw invalidBinary('invalid length in external bit string')
  if (view.byteLength !== 4 + Math.ceil(length / 8)) throw missingData()
  return fitBits(type, bitsOfBytes(bytesOf(view, 4), length), false)
}

/** Reads one element behind its length; moves `at`. */
function receiveItem(type: SqlType, view: DataView, cursor: { at: number }): SqlValue {
  if (cursor.at + 4 > view.byteLength) throw missingData()
  const length = view.getInt32(cursor.at)
  cursor.at += 4
  if (length === -1) return null
  if (length < 0 || cursor.at + length > view.byteLength) throw missingData()
  const value = receiveBinary(type, bytesOf(view), cursor.at, length)
  cursor.at += length
  return value
}

const DIMENSIONS_MAX = 6

function receiveArray(element: SqlType, view: DataView): SqlArray {
  if (view.byteLength < 12) throw missingData()
  const dimensions = view.getInt32(0)
  if (dimensions < 0 || dimensions > DIMENSIONS_MAX) throw invalidBinary(`invalid number of dimensions: ${dimensions}`)
  if (view.getInt32(4) !== 0 && view.getInt32(4) !== 1) throw invalidBinary('invalid array flags')
  checkOid(view.getUint32(8), element)
  if (view.byteLength < 12 + 8 * dimensions) throw missingData()
  const lengths = Array.from({ length: dimensions }, (_, i) => view.getInt32(12 + 8 * i))
  const lowerBounds = Array.from({ length: dimensions }, (_, i) => view.getInt32(16 + 8 * i))
  const count = dimensions === 0 ? 0 : lengths.reduce((product, length) => product * length, 1)
  if (lengths.some((length) => length < 0) || count * 4 > view.byteLength) throw missingData()
  const cursor = { at: 12 + 8 * dimensions }
  const elements = Array.from({ length: count }, () => receiveItem(element, view, cursor))
  if (cursor.at !== view.byteLength) throw invalidBinary('incorrect binary data format')
  return count === 0
    ? { kind: 'array', elements, lengths: [], lowerBounds: [] }
    : { kind: 'array', elements, lengths, lowerBounds }
}

function checkOid(oid: number, type: SqlType): void {
  if (oid === typeOid(type)) return
  throw new SqlError({
    code: '42804',
    message: `binary data has array element type ${oid} instead of expected ${typeOid(type)} (${baseTypeName(type)})`,
  })
}

function receiveRow(fields: readonly Field[], view: DataView): SqlRow {
  if (view.byteLength < 4) throw missingData()
  if (view.getInt32(0) !== fields.length)
    throw new SqlError({
      code: '42804',
      message: `wrong number of columns: ${view.getInt32(0)}, expected ${fields.length}`,
    })
  const cursor = { at: 4 }
  const values = fields.map((field) => {
    if (cursor.at + 4 > view.byteLength) throw missingData()
    checkOid(view.getUint32(cursor.at), field.type)
    cursor.at += 4
    return receiveItem(field.type, view, cursor)
  })
  return { kind: 'row', fields: values }
}
