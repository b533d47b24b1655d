// NUMERIC as bytes.
//
//   equality   class   exponent    pairs           end          −∞ < negatives < 0 < positives < ∞ < NaN
//              1 byte  3 bytes     1 byte each     1 byte
//              04      P + 2^23    digits + 1      00           value = 0.pairs × 100^P, first and last pair not 00
//   identity   display scale, 2 bytes
//
// A negative number has everything after its class complemented. −∞, 0, ∞ and NaN are their class alone. So equal
// values have equal equality parts whatever their scale, and memcmp is the numbers' order. Cost: O(digits).

import type { ByteWriter } from '../byte-writer.ts'
import type { Numeric } from '../value.ts'
import { type Cursor, readU8 } from './ordered.ts'

const MINUS_INFINITY = 1
const NEGATIVE = 2
const ZERO = 3
const POSITIVE = 4
const INFINITY = 5
const NAN = 6
const BIAS = 1 << 23

const specialClass = { NaN: NAN, Infinity: INFINITY, '-Infinity': MINUS_INFINITY } as const

export function writeNumericForm(value: Numeric, into: ByteWriter): void {
  if (value.special !== undefined) into.u8(specialClass[value.special])
  else if (value.digits === 0n) into.u8(ZERO)
  else writeFinite(value, into)
}

function writeFinite(value: Numeric, into: ByteWriter): void {
  const negative = value.digits < 0n
  const text = (negative ? -value.digits : value.digits).toString()
  const point = text.length - value.scale
  const lead = point & 1
  let length = text.length
  while (text.charCodeAt(length - 1) === 48) length--

  const flip = negative ? 0xff : 0
  into.u8(negative ? NEGATIVE : POSITIVE)
  const exponent = (point + lead) / 2 + BIAS
  into.u8((exponent >> 16) ^ flip)
  into.u8(((exponent >> 8) & 0xff) ^ flip)
  into.u8((exponent & 0xff) ^ flip)
  for (let i = -lead; i < length; i += 2) {
    const tens = i < 0 ? 0 : text.charCodeAt(i) - 48
    const ones = i + 1 < length ? text.charCodeAt(i + 1) - 48 : 0
    into.u8((tens * 10 + ones + 1) ^ flip)
  }
  into.u8(flip)
}

export const writeNumericIdentity = (value: Numeric, into: ByteWriter): void =>
  into.u16(value.special === undefined ? value.scale : 0)

export function skipNumericForm(cursor: Cursor): void {
  const kind = readU8(cursor)
  if (kind !== NEGATIVE && kind !== POSITIVE) return
  const end = kind === NEGATIVE ? 0xff : 0
  cursor.at += 3
  while (cursor.bytes[cursor.at] !== end) cursor.at++
  cursor.at++
}

export function readNumeric(cursor: Cursor): Numeric {
  const { bytes } = cursor
  const scale = (bytes[cursor.identity]! << 8) | bytes[cursor.identity + 1]!
  cursor.identity += 2
  const kind = readU8(cursor)
  if (kind === NEGATIVE || kind === POSITIVE) return readFinite(cursor, kind === NEGATIVE, scale)
  if (kind === ZERO) return { kind: 'numeric', digits: 0n, scale }
  const special = kind === NAN ? 'NaN' : kind === INFINITY ? 'Infinity' : '-Infinity'
  return { kind: 'numeric', digits: 0n, scale: 0, special }
}

/** Pairs that a double holds exactly. */
const EXACT_PAIRS = 7

function readFinite(cursor: Cursor, negative: boolean, scale: number): Numeric {
  const { bytes } = cursor
  const flip = negative ? 0xff : 0
  let at = cursor.at
  const exponent = (((bytes[at]! ^ flip) << 16) | ((bytes[at + 1]! ^ flip) << 8) | (bytes[at + 2]! ^ flip)) - BIAS
  at += 3
  const first = at
  let small = 0
  let text = ''
  for (; bytes[at] !== flip; at++) {
    const pair = (bytes[at]! ^ flip) - 1
    if (at - first < EXACT_PAIRS) small = small * 100 + pair
    else text += pair < 10 ? `0${pair}` : pair
  }
  cursor.at = at + 1
  const power = 2 * (exponent - (at - first)) + scale
  const mantissa = text === '' ? BigInt(small) : BigInt(small + text)
  const digits = power >= 0 ? mantissa * 10n ** BigInt(power) : mantissa / 10n ** BigInt(-power)
  return { kind: 'numeric', digits: negative ? -digits : digits, scale }
}
