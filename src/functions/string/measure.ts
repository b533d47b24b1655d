// Lengths, positions, single characters (PostgreSQL 15, chapter 9.4).

import { SqlError } from '../../core/error.ts'
import type { Evaluate, InlineArg, InlineCode, ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { withoutTrailingBlanks } from './blanks.ts'
import { byteCount, characterCount, charactersBefore } from './characters.ts'

const tooLargeCharacter = (code: number): SqlError =>
  new SqlError({ code: '54000', message: `requested character too large for encoding: ${code}` })
const invalidCharacter = (code: number): SqlError =>
  new SqlError({ code: '54000', message: `requested character not valid for encoding: ${code}` })
const nullCharacter = (): SqlError => new SqlError({ code: '54000', message: 'null character not permitted' })
const negativeCharacter = (): SqlError => new SqlError({ code: '22023', message: 'character number must be positive' })

/** The position of `part` in `text` in characters from 1; 0 where it does not occur. */
const positionOf = (text: string, part: string): number => {
  const unit = text.indexOf(part)
  return unit < 0 ? 0 : charactersBefore(text, unit) + 1
}

function bytePosition(bytes: Uint8Array, part: Uint8Array): number {
  if (part.length === 0) return 1
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(part) + 1
}

function chr(code: number): string {
  if (code < 0) throw negativeCharacter()
  if (code === 0) throw nullCharacter()
  if (code > 0x10ffff) throw tooLargeCharacter(code)
  if (code >= 0xd800 && code <= 0xdfff) throw invalidCharacter(code)
  return String.fromCodePoint(code)
}

const inlineOctetLength = ([text]: readonly InlineArg[], _code: InlineCode): string | undefined =>
  text!.physical.kind === 'bytes' ? text!.length : undefined

const length = (
  name: string,
  type: ParameterType,
  doc: string,
  example: string,
  evaluate: Evaluate,
  inline?: ScalarFunction['inline'],
): ScalarFunction => strict(name, [type], 'int4', { doc, example, fails: false, evaluate, inline })

const characterLengths = ['length', 'char_length', 'character_length'].flatMap((name) => [
  length(name, 'text', 'The number of characters.', `${name}('jürgen') = 6`, characterCount),
  length(
    name,
    'bpchar',
    'The number of characters without trailing blanks.',
    `${name}('ab '::char(5)) = 2`,
    (s: string) => characterCount(withoutTrailingBlanks(s)),
  ),
])

const positions = [
  strict('position', ['text', 'text'], 'int4', {
    doc: 'Where the second text first stands in the first one, from 1; 0 where it does not.',
    example: "position('b' in 'abc') = 2",
    fails: false,
    evaluate: positionOf,
  }),
  strict('strpos', ['text', 'text'], 'int4', {
    doc: 'Where the second text first stands in the first one, from 1; 0 where it does not.',
    example: "strpos('high', 'ig') = 2",
    fails: false,
    evaluate: positionOf,
  }),
  strict('position', ['bytea', 'bytea'], 'int4', {
    doc: 'Where the second string of bytes first stands in the first one, from 1; 0 where it does not.',
    example: "position('\\x5678'::bytea in '\\x1234567890'::bytea) = 3",
    fails: false,
    evaluate: bytePosition,
  }),
]

const starts = ['starts_with', '^@'].map((name) =>
  strict(name, ['text', 'text'], 'boolean', {
    doc: 'True where the first text begins with the second one.',
    example: "starts_with('alphabet', 'alph') and 'alphabet' ^@ 'alph'",
    fails: false,
    evaluate: (text: string, prefix: string) => text.startsWith(prefix),
  }),
)

export const measureFunctions: readonly ScalarFunction[] = [
  ...characterLengths,
  length(
    'octet_length',
    'text',
    'The number of bytes in UTF-8.',
    "octet_length('jürgen') = 7",
    byteCount,
    inlineOctetLength,
  ),
  length('octet_length', 'bpchar', 'The number of bytes in UTF-8.', "octet_length('ab'::char(4)) = 4", byteCount),
  length(
    'octet_length',
    'bytea',
    'The number of bytes.',
    "octet_length('\\x1234'::bytea) = 2",
    (b: Uint8Array) => b.length,
    inlineOctetLength,
  ),
  length(
    'length',
    'bytea',
    'The number of bytes.',
    "length('\\x1234'::bytea) = 2",
    (b: Uint8Array) => b.length,
    inlineOctetLength,
  ),
  length(
    'bit_length',
    'text',
    'The number of bits in UTF-8.',
    "bit_length('jürgen') = 56",
    (s: string) => byteCount(s) * 8,
  ),
  length(
    'bit_length',
    'bytea',
    'The number of bits.',
    "bit_length('\\x1234'::bytea) = 16",
    (b: Uint8Array) => b.length * 8,
  ),
  ...positions,
  ...starts,
  strict('ascii', ['text'], 'int4', {
    doc: 'The code point of the first character; 0 of the empty text.',
    example: "ascii('x') = 120",
    fails: false,
    evaluate: (text: string) => text.codePointAt(0) ?? 0,
  }),
  strict('chr', ['int4'], 'text', {
    doc: 'The character of this code point.',
    example: "chr(65) = 'A'",
    evaluate: chr,
  }),
]
