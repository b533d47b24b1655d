// What can be wrong with a text below the grammar, in PostgreSQL's words (scan.l).

import { SqlError, syntaxError } from '../core/error.ts'

type Place = Readonly<{ position: number; near: string }>

const near = (message: string, { position, near: text }: Place): SqlError =>
  syntaxError(`${message} at or near "${text}"`, { position })

export const unterminated = (what: string, place: Place): SqlError => near(`unterminated ${what}`, place)
export const trailingJunk = (after: 'numeric literal' | 'parameter', place: Place): SqlError =>
  near(`trailing junk after ${after}`, place)
export const emptyIdentifier = (position: number): SqlError =>
  near('zero-length delimited identifier', { position, near: '""' })
export const operatorTooLong = (place: Place): SqlError => near('operator too long', place)

export const invalidUnicodeEscape = (position: number): SqlError =>
  new SqlError({
    code: '22025',
    message: 'invalid Unicode escape',
    position,
    hint: 'Unicode escapes must be \\uXXXX or \\UXXXXXXXX.',
  })
export const invalidUnicodeName = (position: number): SqlError =>
  syntaxError('invalid Unicode escape', { position, hint: 'Unicode escapes must be \\XXXX or \\+XXXXXX.' })
export const invalidUnicodeValue = (position: number): SqlError =>
  syntaxError('invalid Unicode escape value', { position })
export const invalidSurrogatePair = (position: number): SqlError =>
  syntaxError('invalid Unicode surrogate pair', { position })
export const invalidEscapeCharacter = (place: Place): SqlError => near('invalid Unicode escape character', place)
export const escapeCharacterMissing = (place: Place): SqlError =>
  near('UESCAPE must be followed by a simple string literal', place)

export const invalidDigit = (digit: string, what: 'binary' | 'hexadecimal', position: number): SqlError =>
  new SqlError({ code: '22P02', message: `"${digit}" is not a valid ${what} digit`, position })

/** 22021, naming the bytes that are not UTF-8. */
export const invalidBytes = (bytes: readonly number[], position: number): SqlError => {
  const shown = bytes.map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')
  return new SqlError({ code: '22021', message: `invalid byte sequence for encoding "UTF8": ${shown}`, position })
}
