// Text output of columns, for the wire and COPY: PostgreSQL's text of one row's value appended to a byte buffer.
//
// `textAppender` is called once per column of a result and returns a closure for its type and physical kind. Integers,
// NUMERIC mantissas, dates, timestamps, text, bytea and uuid go from the column's memory to the buffer without a string
// or a BigInt in between (digits.ts); values that are rare there, too large for a double, or of other types go through
// `print`. An appender may keep the last day it wrote; it must not be shared by threads.

import type { BytesColumn, Column, DictColumn, F64Column, I32Column, I64Column, I128Column } from '../../core/batch.ts'
import type { ByteWriter } from '../../core/byte-writer.ts'
import { valueAt } from '../../core/convert.ts'
import { trimmedLength } from '../../core/encoding/encoding.ts'
import type { ColumnDef } from '../../core/schema.ts'
import type { Physical } from '../../core/type.ts'
import { civilFromDays } from '../arithmetic/calendar.ts'
import { putBlank, putDate, putDecimal, putOffset, putTime, putWhole } from './digits.ts'
import type { TextSettings } from './settings.ts'
import { print } from './text.ts'

/** Appends the text of one row's value, which must not be NULL. */
export type AppendText = (column: Column, row: number, into: ByteWriter) => void

export function textAppender(def: ColumnDef, settings: TextSettings): AppendText {
  const slow = printed(def, settings)
  const iso = settings.dateStyle.output === 'ISO'
  switch (def.type.kind) {
    case 'boolean':
      return appendBoolean
    case 'int2':
    case 'int4':
      return appendI32
    case 'oid':
      return appendOid
    case 'int8':
      return integerAppender(0, slow)
    case 'numeric':
      return numericAppender(def.physical, slow)
    case 'text':
    case 'varchar':
    case 'name':
    case 'json':
    case 'unknown':
      return appendBytes
    case 'bpchar':
      return appendBlankPadded
    case 'uuid':
      return appendUuid
    case 'bytea':
      return settings.byteaOutput === 'hex' ? appendHex : slow
    case 'date':
      return iso ? dateAppender(slow) : slow
    case 'time':
      return appendTime
    case 'timestamp':
      return iso ? timestampAppender(slow) : slow
    case 'timestamptz':
      return iso ? timestampAppender(slow, settings) : slow
    default:
      return slow
  }
}

const printed =
  (def: ColumnDef, settings: TextSettings): AppendText =>
  (column, row, into) => {
    const value = valueAt(def, column, row)
    if (value !== null) into.utf8(print(def.type, value, settings))
  }

const NUMBER_BYTES = 64
const TIMESTAMP_BYTES = 40
const TRUE = 116
const FALSE = 102
const DASH = 45

const appendBoolean: AppendText = (column, row, into) => {
  into.u8((column as I32Column).values[row] === 0 ? FALSE : TRUE)
}

const appendI32: AppendText = (column, row, into) => {
  const value = (column as I32Column).values[row]!
  let at = into.reserve(NUMBER_BYTES)
  if (value < 0) into.bytes[at++] = DASH
  into.length = putWhole(into.bytes, at, Math.abs(value))
}

const appendOid: AppendText = (column, row, into) => {
  const at = into.reserve(NUMBER_BYTES)
  into.length = putWhole(into.bytes, at, (column as F64Column).values[row]!)
}

/** High words between these bounds, with any low word, make a number that a double holds exactly. */
const HIGH_MAX = 0x1fffff
const HIGH_MIN = -0x200000
const WORD = 4_294_967_296

/** 64-bit integers, or mantissas of a scale. */
function integerAppender(scale: number, slow: AppendText): AppendText {
  return (column, row, into) => {
    const { words } = column as I64Column
    const high = words[2 * row + 1]!
    if (high > HIGH_MAX || high < HIGH_MIN) return slow(column, row, into)
    const at = into.reserve(NUMBER_BYTES)
    into.length = putDecimal(into.bytes, at, high * WORD + (words[2 * row]! >>> 0), scale)
  }
}

/** 128-bit mantissas; those that fit 53 bits, as nearly all do, without a BigInt. */
function wideAppender(scale: number, slow: AppendText): AppendText {
  return (column, row, into) => {
    const { words } = column as I128Column
    const high = words[4 * row + 1]!
    const sign = high >> 31
    const wide = words[4 * row + 2] !== sign || words[4 * row + 3] !== sign
    if (wide || high > HIGH_MAX || high < HIGH_MIN) return slow(column, row, into)
    const at = into.reserve(NUMBER_BYTES)
    into.length = putDecimal(into.bytes, at, high * WORD + (words[4 * row]! >>> 0), scale)
  }
}

function numericAppender(physical: Physical, slow: AppendText): AppendText {
  if (physical.kind === 'i64') return integerAppender(physical.scale ?? 0, slow)
  return physical.kind === 'i128' ? wideAppender(physical.scale, slow) : slow
}

const appendBytes: AppendText = (column, row, into) => {
  if (column.kind === 'bytes') into.append(column.arena, column.offsets[row]!, column.lengths[row]!)
  else {
    const { dictionary, codes } = column as DictColumn
    const code = codes[row]!
    into.append(dictionary.arena, dictionary.offsets[code]!, dictionary.lengths[code]!)
  }
}

interface Slice {
  readonly arena: Uint8Array
  readonly offset: number
  readonly length: number
}

function sliceAt(column: Column, row: number): Slice {
  const { arena, offsets, lengths } = column.kind === 'dict' ? column.dictionary : (column as BytesColumn)
  const index = column.kind === 'dict' ? column.codes[row]! : row
  return { arena, offset: offsets[index]!, length: lengths[index]! }
}

/** The text, then its blanks; the byte between them (encoding.ts) is not part of it. */
const appendBlankPadded: AppendText = (column, row, into) => {
  const { arena, offset, length } = sliceAt(column, row)
  const kept = trimmedLength(arena, offset, length)
  into.append(arena, offset, kept)
  if (kept < length) into.append(arena, offset + kept + 1, length - kept - 1)
}

const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

function putHex(bytes: Uint8Array, at: number, byte: number): number {
  bytes[at] = HEX[byte >> 4]!
  bytes[at + 1] = HEX[byte & 15]!
  return at + 2
}

const appendHex: AppendText = (column, row, into) => {
  const { arena, offset, length } = sliceAt(column, row)
  let at = into.reserve(2 + 2 * length)
  const { bytes } = into
  bytes[at++] = 0x5c
  bytes[at++] = 0x78
  for (let i = 0; i < length; i++) at = putHex(bytes, at, arena[offset + i]!)
  into.length = at
}

const UUID_GROUPS = [4, 2, 2, 2, 6]

const appendUuid: AppendText = (column, row, into) => {
  let { arena, offset } = sliceAt(column, row)
  let at = into.reserve(36)
  const { bytes } = into
  for (const [i, size] of UUID_GROUPS.entries()) {
    if (i > 0) bytes[at++] = DASH
    for (const end = offset + size; offset < end; offset++) at = putHex(bytes, at, arena[offset]!)
  }
  into.length = at
}

/** Days from 1970 of 0001-01-01 and 9999-12-31: years of four digits. */
const DAY_MIN = -719_162
const DAY_MAX = 2_932_896

/** Writes days, and remembers the last: neighbouring rows often share it. */
function dayWriter(): (bytes: Uint8Array, at: number, days: number) => number {
  const last = new Uint8Array(10)
  let lastDays: number | undefined
  return (bytes, at, days) => {
    if (days !== lastDays) {
      const { year, month, day } = civilFromDays(days)
      putDate(last, 0, year, month, day)
      lastDays = days
    }
    for (let i = 0; i < 10; i++) bytes[at + i] = last[i]!
    return at + 10
  }
}

function dateAppender(slow: AppendText): AppendText {
  const putDay = dayWriter()
  return (column, row, into) => {
    const days = (column as I32Column).values[row]!
    if (days < DAY_MIN || days > DAY_MAX) return slow(column, row, into)
    const at = into.reserve(TIMESTAMP_BYTES)
    into.length = putDay(into.bytes, at, days)
  }
}

const MICROS_PER_DAY = 86_400_000_000

const appendTime: AppendText = (column, row, into) => {
  const { words } = column as I64Column
  const at = into.reserve(TIMESTAMP_BYTES)
  into.length = putTime(into.bytes, at, words[2 * row + 1]! * WORD + (words[2 * row]! >>> 0))
}

/** ISO style; with settings in their zone and with its offset. */
function timestampAppender(slow: AppendText, settings?: TextSettings): AppendText {
  const putDay = dayWriter()
  const zone = settings?.timeZone
  return (column, row, into) => {
    const { words } = column as I64Column
    const high = words[2 * row + 1]!
    if (high > HIGH_MAX || high < HIGH_MIN) return slow(column, row, into)
    const instant = high * WORD + (words[2 * row]! >>> 0)
    const offset = zone === undefined ? 0 : zone.offsetAtSecond(Math.floor(instant / 1_000_000))
    if (offset % 60 !== 0) return slow(column, row, into)
    const local = instant + offset * 1_000_000
    const days = Math.floor(local / MICROS_PER_DAY)
    let at = into.reserve(TIMESTAMP_BYTES)
    const { bytes } = into
    at = putBlank(bytes, putDay(bytes, at, days))
    at = putTime(bytes, at, local - days * MICROS_PER_DAY)
    into.length = zone === undefined ? at : putOffset(bytes, at, offset)
  }
}
