// Bracket expressions and character escapes of a pattern.
//
//   [abc]  [^a-z]  [[:alpha:]_]  [[.hyphen.]]  [[=x=]]  [\d\s.]        \n  \x41  \u0041  \101  \d  \W

import {
  caseless,
  characterClasses,
  characterNames,
  complement,
  range,
  single,
  union,
  without,
} from './character-set.ts'
import { type CharacterSet, invalidRegex, type RegexFlags } from './syntax.ts'

/** A pattern and how far it was read. */
export interface Cursor {
  readonly text: string
  at: number
}

export const peek = (cursor: Cursor): string => {
  const code = cursor.text.codePointAt(cursor.at)
  return code === undefined ? '' : String.fromCodePoint(code)
}

/** Takes one character; '' at the end. */
export function take(cursor: Cursor): string {
  const character = peek(cursor)
  cursor.at += character.length
  return character
}

export function skip(cursor: Cursor, text: string): boolean {
  if (!cursor.text.startsWith(text, cursor.at)) return false
  cursor.at += text.length
  return true
}

const unbalanced = () => invalidRegex('brackets [] not balanced')
const badRange = () => invalidRegex('invalid character range')
const badClass = () => invalidRegex('invalid character class')
const badElement = () => invalidRegex('invalid collating element')
export const badEscape = () => invalidRegex('invalid escape \\ sequence')

const NEWLINE = 10

/** The set after `[`. */
export function bracketSet(cursor: Cursor, flags: RegexFlags): CharacterSet {
  const negated = skip(cursor, '^')
  const sets: CharacterSet[] = []
  let first = true
  for (;;) {
    if (cursor.at >= cursor.text.length) throw unbalanced()
    if (!first && skip(cursor, ']')) break
    first = false
    sets.push(bracketItem(cursor))
  }
  const set = flags.caseless ? caseless(union(sets)) : union(sets)
  if (!negated) return set
  return flags.newlineStops ? without(complement(set), NEWLINE) : complement(set)
}

/** One character, range or class. */
function bracketItem(cursor: Cursor): CharacterSet {
  const from = bracketEnd(cursor)
  if (typeof from === 'function') return from
  if (peek(cursor) !== '-' || cursor.text[cursor.at + 1] === ']') return single(from)
  cursor.at++
  if (cursor.at >= cursor.text.length) throw unbalanced()
  const to = bracketEnd(cursor)
  if (typeof to === 'function' || to < from) throw badRange()
  return range(from, to)
}

/** A code point that can end a range, or a class. */
function bracketEnd(cursor: Cursor): number | CharacterSet {
  if (skip(cursor, '[:')) {
    const named = characterClasses.get(upTo(cursor, ':]'))
    if (named === undefined) throw badClass()
    return named
  }
  if (skip(cursor, '[.')) return elementNamed(upTo(cursor, '.]'))
  if (skip(cursor, '[=')) return single(elementNamed(upTo(cursor, '=]')))
  const character = take(cursor)
  if (character === '\\') return escaped(cursor)
  return character.codePointAt(0)!
}

function upTo(cursor: Cursor, end: string): string {
  const close = cursor.text.indexOf(end, cursor.at)
  if (close < 0) throw unbalanced()
  const text = cursor.text.slice(cursor.at, close)
  cursor.at = close + end.length
  return text
}

function elementNamed(text: string): number {
  const code = text.codePointAt(0)
  if (code !== undefined && String.fromCodePoint(code) === text) return code
  const named = characterNames.get(text)
  if (named === undefined) throw badElement()
  return named
}

const classEscapes: Readonly<Record<string, CharacterSet>> = {
  d: characterClasses.get('digit')!,
  s: characterClasses.get('space')!,
  w: characterClasses.get('word')!,
  D: complement(characterClasses.get('digit')!),
  S: complement(characterClasses.get('space')!),
  W: complement(characterClasses.get('word')!),
}

const characterEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  B: 0x5c,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
}

/** After a backslash: one character or a class. Back references and constraints were looked for before. */
export function escaped(cursor: Cursor): number | CharacterSet {
  const character = take(cursor)
  if (character === '') throw badEscape()
  if (!/[A-Za-z0-9]/.test(character)) return character.codePointAt(0)!
  const set = classEscapes[character]
  if (set !== undefined) return set
  const code = characterEscapes[character]
  if (code !== undefined) return code
  switch (character) {
    case 'c': {
      const control = take(cursor)
      if (control === '') throw badEscape()
      return control.codePointAt(0)! & 0x1f
    }
    case 'u':
      return hexDigits(cursor, /^[0-9a-fA-F]{4}/)
    case 'U':
      return hexDigits(cursor, /^[0-9a-fA-F]{8}/)
    case 'x':
      return hexDigits(cursor, /^[0-9a-fA-F]{1,255}/)
    default:
      return octalDigits(cursor, character)
  }
}

function hexDigits(cursor: Cursor, pattern: RegExp): number {
  const digits = pattern.exec(cursor.text.slice(cursor.at, cursor.at + 255))?.[0]
  if (digits === undefined) throw badEscape()
  cursor.at += digits.length
  const code = Number.parseInt(digits, 16)
  if (code > 0x10ffff) throw badEscape()
  return code
}

function octalDigits(cursor: Cursor, first: string): number {
  if (!/[0-7]/.test(first)) throw badEscape()
  const digits = /^[0-7]{0,2}/.exec(cursor.text.slice(cursor.at, cursor.at + 2))![0]
  cursor.at += digits.length
  return Number.parseInt(first + digits, 8)
}
