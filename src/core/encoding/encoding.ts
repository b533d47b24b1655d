// Canonical bytes (spec/engine.md §1): the one form that values of types of physical kind bytes have in columns,
// state, checkpoints and on internal wires. Injective; memcmp order is the canonical order; what `=`, GROUP BY and
// joins see is a prefix (`equalityLength`), what only identity sees follows it.
//
//   text varchar name char json unknown    UTF-8 as it is: memcmp is code-point order
//   jsonpath, bit varbit                   so too: their values are strings
//   bpchar                                 text without its trailing blanks, then 00 and the blanks if there are any
//   bytea, uuid                            as it is
//   every other type                       form.ts, equality part then identity part
//
// Text must not hold U+0000, as in PostgreSQL (22021 where it enters), or bpchar's order and equality would be lost.
// Every type can be encoded, also those whose columns are of another kind: keys and array elements need that.

import { type ByteWriter, utf8Text } from '../byte-writer.ts'
import type { SqlType } from '../type.ts'
import { hasIdentity, readForm, skipForm, writeForm, writeIdentity } from './form.ts'
import type { NotNull } from './scalar-form.ts'

const BLANK = 0x20

/** Appends the canonical bytes of a value. */
export function encode(type: SqlType, value: NotNull, into: ByteWriter): void {
  switch (type.kind) {
    case 'text':
    case 'varchar':
    case 'name':
    case 'char':
    case 'json':
    case 'jsonpath':
    case 'bit':
    case 'varbit':
    case 'unknown':
      into.utf8(value as string)
      break
    case 'bpchar':
      writeBlankPadded(value as string, into)
      break
    case 'bytea':
      into.append(value as Uint8Array)
      break
    default:
      writeForm(type, value, into)
      writeIdentity(type, value, into)
  }
}

/** The value of canonical bytes; nothing in it refers to `bytes`. */
export function decode(type: SqlType, bytes: Uint8Array, offset: number, length: number): NotNull {
  switch (type.kind) {
    case 'text':
    case 'varchar':
    case 'name':
    case 'char':
    case 'json':
    case 'jsonpath':
    case 'bit':
    case 'varbit':
    case 'unknown':
      return utf8Text(bytes, offset, length)
    case 'bpchar': {
      const kept = trimmedLength(bytes, offset, length)
      return kept === length
        ? utf8Text(bytes, offset, length)
        : utf8Text(bytes, offset, kept) + ' '.repeat(length - kept - 1)
    }
    case 'bytea':
      return bytes.slice(offset, offset + length)
    default: {
      const cursor = { bytes, at: offset, identity: offset }
      cursor.identity += equalityLength(type, bytes, offset, length)
      return readForm(type, cursor)
    }
  }
}

/** Whether `=` and identity differ for the type; where not, equality looks at all bytes. */
export const equalityIsPrefix = (type: SqlType): boolean => hasIdentity(type)

/** How many of the leading bytes decide `=`, GROUP BY and joins; the rest is identity only. */
export function equalityLength(type: SqlType, bytes: Uint8Array, offset: number, length: number): number {
  if (type.kind === 'numeric') return length - 2
  if (type.kind === 'interval') return length - 8
  if (type.kind === 'bpchar') return trimmedLength(bytes, offset, length)
  if (!hasIdentity(type)) return length
  const cursor = { bytes, at: offset, identity: offset }
  skipForm(type, cursor)
  return cursor.at - offset
}

function writeBlankPadded(text: string, into: ByteWriter): void {
  let kept = text.length
  while (kept > 0 && text.charCodeAt(kept - 1) === BLANK) kept--
  into.utf8(kept === text.length ? text : text.slice(0, kept))
  if (kept === text.length) return
  into.u8(0)
  into.fill(BLANK, text.length - kept)
}

/** Where the 00 before the trailing blanks stands; `length` if there are none. */
export function trimmedLength(bytes: Uint8Array, offset: number, length: number): number {
  let end = length
  while (end > 0 && bytes[offset + end - 1] === BLANK) end--
  return end === length ? length : end - 1
}
