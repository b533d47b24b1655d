// The self-delimiting forms of scalar types, one entry per type: equality part, and identity part where there is one.
//
//   equality part                                          identity part
//   integers, dates, times   big-endian, sign flipped      –
//   text and its kin, bytea  delimited (ordered.ts)        –
//   bpchar                   text without trailing blanks  number of trailing blanks
//   timetz                   µs in UTC, seconds west       –
//   interval                 estimate in µs, 10 bytes      months, days
//   numeric, jsonb           numeric-form.ts, json-form.ts

import type { ByteWriter } from '../byte-writer.ts'
import type { MultirangeKind, RangeKind, TypeKind } from '../type.ts'
import type { Interval, Json, SqlValue, TimeTz } from '../value.ts'
import { readJson, skipJsonForm, writeJsonForm, writeJsonIdentity } from './json-form.ts'
import { readNumeric, skipNumericForm, writeNumericForm, writeNumericIdentity } from './numeric-form.ts'
import type { Cursor } from './ordered.ts'
import * as ordered from './ordered.ts'

export type NotNull = Exclude<SqlValue, null>

interface ScalarForm {
  write(value: NotNull, into: ByteWriter): void
  read(cursor: Cursor): NotNull
  skip(cursor: Cursor): void
  /** Present where `=` and identity differ; `read` takes the bytes from `identity`. */
  readonly writeIdentity?: (value: NotNull, into: ByteWriter) => void
}

type Write<V> = (value: V, into: ByteWriter) => void

const variable = <V extends NotNull>(
  write: Write<V>,
  read: (cursor: Cursor) => V,
  skip: (cursor: Cursor) => void,
  writeIdentity?: Write<V>,
): ScalarForm => ({
  write: (value, into) => write(value as V, into),
  read,
  skip,
  ...(writeIdentity && { writeIdentity: (value: NotNull, into: ByteWriter) => writeIdentity(value as V, into) }),
})

const fixed = <V extends NotNull>(
  width: number,
  write: Write<V>,
  read: (cursor: Cursor) => V,
  writeIdentity?: Write<V>,
): ScalarForm =>
  variable(
    write,
    read,
    (cursor) => {
      cursor.at += width
    },
    writeIdentity,
  )

const delimited = <V extends NotNull>(
  write: Write<V>,
  read: (cursor: Cursor) => V,
  writeIdentity?: Write<V>,
): ScalarForm =>
  variable(
    (value: V, into) => ordered.writeDelimited(into, (writer) => write(value, writer)),
    read,
    ordered.skipDelimited,
    writeIdentity,
  )

const MICROS_PER_DAY = 86_400_000_000n
const DAYS_PER_MONTH = 30n

/** The µs that `=` and `<` compare: a month counts 30 days, a day 24 hours. */
export const intervalEstimate = (value: Interval): bigint =>
  (BigInt(value.months) * DAYS_PER_MONTH + BigInt(value.days)) * MICROS_PER_DAY + value.micros

// |estimate| < 2^73, biased to 10 bytes.
const ESTIMATE_BIAS = 1n << 79n

function writeEstimate(value: Interval, into: ByteWriter): void {
  const biased = intervalEstimate(value) + ESTIMATE_BIAS
  into.u16(Number(biased >> 64n))
  into.i64(BigInt.asIntN(64, biased))
}

function writeMonthsAndDays(value: Interval, into: ByteWriter): void {
  ordered.writeI32(value.months, into)
  ordered.writeI32(value.days, into)
}

function readInterval(cursor: Cursor): Interval {
  const { bytes, at } = cursor
  const high = BigInt((bytes[at]! << 8) | bytes[at + 1]!)
  const low = (BigInt(ordered.u32At(bytes, at + 2)) << 32n) | BigInt(ordered.u32At(bytes, at + 6))
  cursor.at += 10
  const estimate = ((high << 64n) | low) - ESTIMATE_BIAS
  const months = readIdentityU32(cursor) ^ 0x80000000
  const days = readIdentityU32(cursor) ^ 0x80000000
  const micros = estimate - (BigInt(months) * DAYS_PER_MONTH + BigInt(days)) * MICROS_PER_DAY
  return { kind: 'interval', months, days, micros }
}

function readIdentityU32(cursor: Cursor): number {
  cursor.identity += 4
  return ordered.u32At(cursor.bytes, cursor.identity - 4)
}

function writeTimeTz(value: TimeTz, into: ByteWriter): void {
  ordered.writeI64(value.micros - BigInt(value.zone) * 1_000_000n, into)
  ordered.writeI32(-value.zone, into)
}

function readTimeTz(cursor: Cursor): TimeTz {
  const utc = ordered.readI64(cursor)
  const zone = 0 - ordered.readI32(cursor)
  return { kind: 'timetz', micros: utc + BigInt(zone) * 1_000_000n, zone }
}

/** How many blanks `text` ends in. */
export function trailingBlanks(text: string): number {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--
  return text.length - end
}

const i32 = fixed<number>(4, ordered.writeI32, ordered.readI32)
const u32 = fixed<number>(4, (value, into) => into.i32(value), ordered.readU32)
const i64 = fixed<bigint>(8, ordered.writeI64, ordered.readI64)
const f64 = fixed<number>(8, ordered.writeF64, ordered.readF64)
const text = delimited<string>((value, into) => into.utf8(value), ordered.readDelimitedText)

function readUuid(cursor: Cursor): Uint8Array {
  cursor.at += 16
  return cursor.bytes.slice(cursor.at - 16, cursor.at)
}

export const scalarForms = {
  boolean: fixed<boolean>(
    1,
    (value, into) => into.u8(value ? 1 : 0),
    (cursor) => ordered.readU8(cursor) === 1,
  ),
  int2: i32,
  int4: i32,
  date: i32,
  oid: u32,
  reg: u32,
  int8: i64,
  time: i64,
  timestamp: i64,
  timestamptz: i64,
  float4: f64,
  float8: f64,
  enum: f64,
  text,
  varchar: text,
  name: text,
  char: text,
  json: text,
  jsonpath: text,
  bit: text,
  varbit: text,
  unknown: text,
  bpchar: delimited<string>(
    (value, into) => into.utf8(value.slice(0, value.length - trailingBlanks(value))),
    (cursor) => ordered.readDelimitedText(cursor) + ' '.repeat(readIdentityU32(cursor)),
    (value, into) => into.i32(trailingBlanks(value)),
  ),
  bytea: delimited<Uint8Array>((value, into) => into.append(value), ordered.readDelimited),
  uuid: fixed<Uint8Array>(16, (value, into) => into.append(value, 0, 16), readUuid),
  timetz: fixed<TimeTz>(12, writeTimeTz, readTimeTz),
  interval: fixed<Interval>(10, writeEstimate, readInterval, writeMonthsAndDays),
  numeric: variable(writeNumericForm, readNumeric, skipNumericForm, writeNumericIdentity),
  jsonb: variable<Json>(
    (value, into) => writeJsonForm(value.value, into),
    (cursor) => ({ kind: 'json', value: readJson(cursor) }),
    skipJsonForm,
    (value, into) => writeJsonIdentity(value.value, into),
  ),
  void: fixed<string>(
    0,
    () => undefined,
    () => '',
  ),
} satisfies Record<Exclude<TypeKind, 'array' | 'row' | RangeKind | MultirangeKind>, ScalarForm>
