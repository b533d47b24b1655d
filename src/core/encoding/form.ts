// The self-delimiting form of a value of any type: how values lie inside arrays and rows, and what the top level uses
// for every type whose bytes are not simply its text (encoding.ts).
//
//   equality part     scalar-form.ts, numeric-form.ts, json-form.ts        identity part
//   array             (01 element | 02 NULL)… 00 dimensions lengths bounds     that of the elements
//   row               (01 field | 02 NULL)…                                that of the fields
//
// The identity part follows the whole equality part, in the same order, so that equality is a prefix and memcmp over
// both is the canonical order.

import type { ByteWriter } from '../byte-writer.ts'
import type { SqlType } from '../type.ts'
import type { SqlArray, SqlRow, SqlValue } from '../value.ts'
import { type Cursor, readI32, readU8, readU32, writeI32 } from './ordered.ts'
import { type NotNull, scalarForms } from './scalar-form.ts'

const PRESENT = 1
const ABSENT = 2
const END = 0

/** Whether `=` and identity differ for some values of the type. */
export function hasIdentity(type: SqlType): boolean {
  if (type.kind === 'array') return hasIdentity(type.element)
  if (type.kind === 'row') return type.fields.some((field) => hasIdentity(field.type))
  return scalarForms[type.kind].writeIdentity !== undefined
}

export function writeForm(type: SqlType, value: NotNull, into: ByteWriter): void {
  if (type.kind === 'array') writeArray(type.element, value as SqlArray, into)
  else if (type.kind === 'row')
    for (const [i, field] of type.fields.entries()) writeOptional(field.type, (value as SqlRow).fields[i] ?? null, into)
  else scalarForms[type.kind].write(value, into)
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
  else scalarForms[type.kind].writeIdentity?.(value, into)
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
  } else scalarForms[type.kind].skip(cursor)
}

/** The value of the form at the cursor; both positions move behind what they read. */
export function readForm(type: SqlType, cursor: Cursor): NotNull {
  if (type.kind === 'array') return readArray(type.element, cursor)
  if (type.kind === 'row') return { kind: 'row', fields: type.fields.map((field) => readOptional(field.type, cursor)) }
  return scalarForms[type.kind].read(cursor)
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
