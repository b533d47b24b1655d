// Parts of texts and byte strings: substring, left, right, overlay, split_part; also repeat and reverse.
//
// Positions count characters from 1 and may lie outside; a length below zero is error 22011. `to` = start + length is
// computed exactly, so that extreme arguments do not wrap.

import { outOfRange } from '../../core/error.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { byteCount, characterCount, characterSlice, hasSurrogates } from './characters.ts'
import { invalidParameter, lengthTooLarge, negativeSubstringLength, TEXT_BYTES_MAX } from './limits.ts'

const part = (text: string, start: number, length: number): string => {
  if (length < 0) throw negativeSubstringLength()
  return characterSlice(text, start - 1, start - 1 + length)
}

const bytePart = (bytes: Uint8Array, start: number, length: number): Uint8Array => {
  if (length < 0) throw negativeSubstringLength()
  return bytes.slice(Math.max(0, start - 1), Math.max(0, start - 1 + length))
}

const rest = (text: string, start: number): string => characterSlice(text, start - 1, Number.POSITIVE_INFINITY)

const substringEntries = ['substr', 'substring'].flatMap((name) => [
  strict(name, ['text', 'int4', 'int4'], 'text', {
    doc: 'So many characters from this position on, counted from 1.',
    example: `${name}('alphabet', 3, 2) = 'ph'`,
    failsFor: ([, , length]) => typeof length !== 'number' || length < 0,
    evaluate: part,
  }),
  strict(name, ['text', 'int4'], 'text', {
    doc: 'The characters from this position on, counted from 1.',
    example: `${name}('alphabet', 3) = 'phabet'`,
    fails: false,
    evaluate: rest,
  }),
  strict(name, ['bytea', 'int4', 'int4'], 'bytea', {
    doc: 'So many bytes from this position on, counted from 1.',
    example: `${name}('\\x1234567890'::bytea, 3, 2) = '\\x5678'::bytea`,
    evaluate: bytePart,
  }),
  strict(name, ['bytea', 'int4'], 'bytea', {
    doc: 'The bytes from this position on, counted from 1.',
    example: `${name}('\\x1234567890'::bytea, 3) = '\\x567890'::bytea`,
    fails: false,
    evaluate: (bytes: Uint8Array, start: number) => bytes.slice(Math.max(0, start - 1)),
  }),
])

/** A negative count leaves out so many characters at the other end. */
const left = (text: string, count: number): string =>
  characterSlice(text, 0, count < 0 ? characterCount(text) + count : count)

const right = (text: string, count: number): string => {
  // PostgreSQL negates the count, which leaves the least integer negative: nothing is skipped.
  const skipped = count < 0 ? -count | 0 : characterCount(text) - count
  return characterSlice(text, skipped, Number.POSITIVE_INFINITY)
}

function checkOverlay(start: number, length: number): void {
  if (start <= 0) throw negativeSubstringLength()
  if (start + length > 2147483647) throw outOfRange('integer')
}

function overlay(text: string, replacement: string, start: number, length: number): string {
  checkOverlay(start, length)
  return characterSlice(text, 0, start - 1) + replacement + rest(text, start + length)
}

function overlayBytes(bytes: Uint8Array, replacement: Uint8Array, start: number, length: number): Uint8Array {
  checkOverlay(start, length)
  return Buffer.concat([bytes.subarray(0, start - 1), replacement, bytes.subarray(Math.max(0, start - 1 + length))])
}

function splitPart(text: string, separator: string, field: number): string {
  if (field === 0) throw invalidParameter('field position must not be zero')
  if (text === '') return ''
  if (separator === '') return field === 1 || field === -1 ? text : ''
  return text.split(separator).at(field > 0 ? field - 1 : field) ?? ''
}

function repeat(text: string, count: number): string {
  if (count <= 0 || text === '') return ''
  if (byteCount(text) * count > TEXT_BYTES_MAX) throw lengthTooLarge()
  return text.repeat(count)
}

const reverse = (text: string): string =>
  hasSurrogates(text) ? [...text].reverse().join('') : text.split('').reverse().join('')

const overlayEntries = [
  strict('overlay', ['text', 'text', 'int4', 'int4'], 'text', {
    doc: 'Puts the second text in place of so many characters of the first one from a position on.',
    example: "overlay('Txxxxas' placing 'hom' from 2 for 4) = 'Thomas'",
    evaluate: overlay,
  }),
  strict('overlay', ['text', 'text', 'int4'], 'text', {
    doc: 'Puts the second text in place of as many characters of the first one from a position on.',
    example: "overlay('abcdef' placing 'Z' from 3) = 'abZdef'",
    evaluate: (text: string, replacement: string, start: number) =>
      overlay(text, replacement, start, characterCount(replacement)),
  }),
  strict('overlay', ['bytea', 'bytea', 'int4', 'int4'], 'bytea', {
    doc: 'Puts the second byte string in place of so many bytes of the first one from a position on.',
    example: "overlay('\\x1234567890'::bytea placing '\\x0203'::bytea from 2 for 3) = '\\x12020390'::bytea",
    evaluate: overlayBytes,
  }),
  strict('overlay', ['bytea', 'bytea', 'int4'], 'bytea', {
    doc: 'Puts the second byte string in place of as many bytes of the first one from a position on.',
    example: "overlay('\\x1234567890'::bytea placing '\\x02'::bytea from 2) = '\\x1202567890'::bytea",
    evaluate: (bytes: Uint8Array, replacement: Uint8Array, start: number) =>
      overlayBytes(bytes, replacement, start, replacement.length),
  }),
]

export const substringFunctions: readonly ScalarFunction[] = [
  ...substringEntries,
  ...overlayEntries,
  strict('left', ['text', 'int4'], 'text', {
    doc: 'The first n characters; all but the last |n| where n is negative.',
    example: "left('abcde', 2) = 'ab' and left('abcde', -2) = 'abc'",
    fails: false,
    evaluate: left,
  }),
  strict('right', ['text', 'int4'], 'text', {
    doc: 'The last n characters; all but the first |n| where n is negative.',
    example: "right('abcde', 2) = 'de' and right('abcde', -2) = 'cde'",
    fails: false,
    evaluate: right,
  }),
  strict('split_part', ['text', 'text', 'int4'], 'text', {
    doc: 'The n-th field of a text that is parted by a separator; from the end where n is negative.',
    example: "split_part('a,b,c', ',', -1) = 'c'",
    evaluate: splitPart,
  }),
  strict('repeat', ['text', 'int4'], 'text', {
    doc: 'The text n times.',
    example: "repeat('Pg', 4) = 'PgPgPgPg'",
    evaluate: repeat,
  }),
  strict('reverse', ['text'], 'text', {
    doc: 'The characters in reverse order.',
    example: "reverse('abcde') = 'edcba'",
    fails: false,
    evaluate: reverse,
  }),
]
