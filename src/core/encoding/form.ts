// The self-delimiting form of a value of any type: how values lie inside arrays and rows, and what the top level uses
// for every type whose bytes are not simply its text (encoding.ts).
//
//   equality part     scalar-form.ts, numeric-form.ts, json-form.ts        identity part
//   array             (01 element | 02 NULL)… 00 dimensions lengths bounds     that of the elements
//   row               (01 field | 02 NULL)…                                that of the fields
//   range             00 empty | 01 lower upper                            that of its values
//     lower             00 infinite | 01 value (00 inclusive | 01 exclusive)
//     upper             01 value (00 exclusive | 01 inclusive) | 02 infinite
//   multirange        (01 range)… 00                                       that of the ranges
//
// The identity part follows the whole equality part, in the same order, so that equality is a prefix and memcmp over
// both is the canonical order.

import type { ByteWriter } from '../byte-writer.ts'
import { EMPTY_RANGE, isMultirangeKind, isRangeKind, rangeKindOf, subtypeOf } from '../range.ts'
import type { SqlType } from '../type.ts'
import type { RangeBound, SqlArray, SqlMultirange, SqlRange, SqlRow, SqlValue } from '../value.ts'
import { type Cursor, readI32, readU8, readU32, writeI32 } from './ordered.ts'
import { type NotNull, scalarForms } from './scalar-form.ts'

const PRESENT = 1
const ABSENT = 2
const END = 0
const INFINITE_UPPER = 2

/** Whether `=` and identity differ for some values of the type. */
export function hasIdentity(type: SqlType): boolean {
  if (type.kind === 'array') return hasIdentity(type.element)
  if (type.kind === 'row') return type.fields.some((field) => hasIdentity(field.type))
  if (isRangeKind(type.kind)) return hasIdentity(subtypeOf(type.kind))
  if (isMultirangeKind(type.kind)) return hasIdentity({ kind: rangeKindOf(type.kind) })
  return scalarForms[type.kind].writeIdentity !== undefined
}

export function writeForm(type: SqlType, value: NotNull, into: ByteWriter): void {
  if (type.kind === 'array') writeArray(type.element, value as SqlArray, into)
  else if (type.kind === 'row')
    for (const [i, field] of type.fields.entries()) writeOptional(field.type, (value as SqlRow).fields[i] ?? null, into)
  else if (isRangeKind(type.kind)) writeRange(subtypeOf(type.kind), value as SqlRange, into)
  else if (isMultirangeKind(type.kind)) {
    for (const range of (value as SqlMultirange).ranges) writeOptional({ kind: rangeKindOf(type.kind) }, range, into)
    into.u8(END)
  } else scalarForms[type.kind].write(value, into)
}

function writeRange(subtype: SqlType, { empty, lower, upper }: SqlRange, into: ByteWriter): void {
  into.u8(empty ? 0 : 1)
  if (empty) return
  writeBound(subtype, lower, into, 0)
  writeBound(subtype, upper, into, INFINITE_UPPER)
}

function writeBound(subtype: SqlType, bound: RangeBound | undefined, into: ByteWriter, infinite: number): void {
  into.u8(bound === undefined ? infinite : PRESENT)
  if (bound === undefined) return
  writeForm(subtype, bound.value, into)
  into.u8(Number(bound.inclusive === (infinite === INFINITE_UPPER)))
}

function writeOptional(type: SqlType, value: SqlValue, into: ByteWriter): void {
  into.u8(value === null ? ABSENT : PRESENT)
  if (value !== null) writeForm(type, value, into)
}

function writeArray(element: SqlType, value: SqlArray, into: ByteWriter): void {
  for (const item of value.elements) writeOptional(element, item, into)
  into.u8(END)
  into.u8(value.lengths.length)
  for (const length of value.lengths) into.i32(length)
  for (const bound of value.lowerBounds) writeI32(bound, into)
}

export function writeIdentity(type: SqlType, value: SqlValue, into: ByteWriter): void {
  if (value === null || !hasIdentity(type)) return
  if (type.kind === 'array') for (const item of (value as SqlArray).elements) writeIdentity(type.element, item, into)
  else if (type.kind === 'row')
    for (const [i, field] of type.fields.entries()) writeIdentity(field.type, (value as SqlRow).fields[i] ?? null, into)
  else if (isRangeKind(type.kind)) writeRangeIdentity(subtypeOf(type.kind), value as SqlRange, into)
  else if (isMultirangeKind(type.kind))
    for (const range of (value as SqlMultirange).ranges)
      writeRangeIdentity(subtypeOf(rangeKindOf(type.kind)), range, into)
  else scalarForms[type.kind].writeIdentity?.(value, into)
}

function writeRangeIdentity(subtype: SqlType, { lower, upper }: SqlRange, into: ByteWriter): void {
  writeIdentity(subtype, lower?.value ?? null, into)
  writeIdentity(subtype, upper?.value ?? null, into)
}

/** Moves `at` behind the equality part. */
export function skipForm(type: SqlType, cursor: Cursor): void {
  if (type.kind === 'array') {
    for (let tag = readU8(cursor); tag !== END; tag = readU8(cursor))
      if (tag === PRESENT) skipForm(type.element, cursor)
    const dimensions = readU8(cursor)
    cursor.at += dimensions * 8
  } else if (type.kind === 'row') {
    for (const field of type.fields) if (readU8(cursor) === PRESENT) skipForm(field.type, cursor)
  } else if (isRangeKind(type.kind)) {
    if (readU8(cursor) === 0) return
    skipBound(subtypeOf(type.kind), cursor)
    skipBound(subtypeOf(type.kind), cursor)
  } else if (isMultirangeKind(type.kind)) {
    while (readU8(cursor) !== END) skipForm({ kind: rangeKindOf(type.kind) }, cursor)
  } else scalarForms[type.kind].skip(cursor)
}

function skipBound(subtype: SqlType, cursor: Cursor): void {
  if (readU8(cursor) !== PRESENT) return
  skipForm(subtype, cursor)
  cursor.at++
}

/** The value of the form at the cursor; both positions move behind what they read. */
export function readForm(type: SqlType, cursor: Cursor): NotNull {
  if (type.kind === 'array') return readArray(type.element, cursor)
  if (type.kind === 'row') return { kind: 'row', fields: type.fields.map((field) => readOptional(field.type, cursor)) }
  if (isRangeKind(type.kind)) return readRange(subtypeOf(type.kind), cursor)
  if (isMultirangeKind(type.kind)) return readMultirange(subtypeOf(rangeKindOf(type.kind)), cursor)
  return scalarForms[type.kind].read(cursor)
}

function readRange(subtype: SqlType, cursor: Cursor): SqlRange {
  if (readU8(cursor) === 0) return EMPTY_RANGE
  const lower = readBound(subtype, cursor, 0)
  return { kind: 'range', empty: false, lower, upper: readBound(subtype, cursor, 1) }
}

/** `inclusive` is how the side spells it. */
function readBound(subtype: SqlType, cursor: Cursor, inclusive: number): RangeBound | undefined {
  if (readU8(cursor) !== PRESENT) return undefined
  const value = readForm(subtype, cursor)
  return { value, inclusive: readU8(cursor) === inclusive }
}

function readMultirange(subtype: SqlType, cursor: Cursor): SqlMultirange {
  const ranges: SqlRange[] = []
  while (readU8(cursor) !== END) ranges.push(readRange(subtype, cursor))
  return { kind: 'multirange', ranges }
}

const readOptional = (type: SqlType, cursor: Cursor): SqlValue =>
  readU8(cursor) === ABSENT ? null : readForm(type, cursor)

function readArray(element: SqlType, cursor: Cursor): SqlArray {
  const elements: SqlValue[] = []
  for (let tag = readU8(cursor); tag !== END; tag = readU8(cursor))
    elements.push(tag === ABSENT ? null : readForm(element, cursor))
  const dimensions = readU8(cursor)
  const lengths = Array.from({ length: dimensions }, () => readU32(cursor))
  const lowerBounds = Array.from({ length: dimensions }, () => readI32(cursor))
  return { kind: 'array', elements, lengths, lowerBounds }
}
