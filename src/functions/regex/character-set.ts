// Sets of characters: classes such as [:alpha:] by Unicode properties, ranges, complements, and the cases of a letter.
//
// Digits are 0–9 only, as in PostgreSQL with any locale of the C library.

import type { CharacterSet } from './syntax.ts'

const property =
  (pattern: RegExp): CharacterSet =>
  (code) =>
    pattern.test(String.fromCodePoint(code))

const isAlpha = property(/\p{Alphabetic}/u)
const isOtherDigit = property(/\p{Nd}/u)
const isSpace = property(/\p{White_Space}/u)
const isControl = property(/[\p{Cc}\u2028\u2029]/u)
const isAssigned = property(/[^\p{Cn}\p{Cs}]/u)

const isDigit: CharacterSet = (code) => code >= 0x30 && code <= 0x39

/** ASCII is decided by arithmetic, the rest by its properties; digits of other scripts count as letters. */
const alpha: CharacterSet = (code) =>
  code < 0x80 ? (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a : isAlpha(code) || isOtherDigit(code)
const alnum: CharacterSet = (code) => isDigit(code) || alpha(code)
export const isWord: CharacterSet = (code) => code === 0x5f || alnum(code)
const space: CharacterSet = (code) =>
  code < 0x80 ? code === 0x20 || (code >= 9 && code <= 13) : isSpace(code) && code !== 0xa0
const print: CharacterSet = (code) => (code < 0x80 ? code >= 0x20 && code < 0x7f : isAssigned(code) && !isControl(code))
const graph: CharacterSet = (code) => print(code) && !space(code)

export const characterClasses: ReadonlyMap<string, CharacterSet> = new Map<string, CharacterSet>([
  ['alpha', alpha],
  ['digit', isDigit],
  ['alnum', alnum],
  ['word', isWord],
  ['space', space],
  ['blank', (code) => code === 0x20 || code === 9],
  ['upper', (code) => (code < 0x80 ? code >= 0x41 && code <= 0x5a : isUpper(code))],
  ['lower', (code) => (code < 0x80 ? code >= 0x61 && code <= 0x7a : isLower(code))],
  ['punct', (code) => graph(code) && !alnum(code)],
  ['print', print],
  ['graph', graph],
  ['cntrl', (code) => (code < 0x80 ? code < 0x20 || code === 0x7f : isControl(code))],
  ['xdigit', (code) => isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)],
  ['ascii', (code) => code < 0x80],
])

const isUpper = property(/\p{Uppercase}/u)
const isLower = property(/\p{Lowercase}/u)

export const single =
  (wanted: number): CharacterSet =>
  (code) =>
    code === wanted

export const range =
  (from: number, to: number): CharacterSet =>
  (code) =>
    code >= from && code <= to

export const union =
  (sets: readonly CharacterSet[]): CharacterSet =>
  (code) =>
    sets.some((set) => set(code))

export const complement =
  (set: CharacterSet): CharacterSet =>
  (code) =>
    !set(code)

export const without =
  (set: CharacterSet, excluded: number): CharacterSet =>
  (code) =>
    code !== excluded && set(code)

/** The characters that differ from this one in case only. */
export function caseVariants(code: number): readonly number[] {
  const text = String.fromCodePoint(code)
  return [text.toLowerCase(), text.toUpperCase()].flatMap((variant) => {
    const other = variant.codePointAt(0)!
    return other !== code && String.fromCodePoint(other) === variant ? [other] : []
  })
}

/** A set that does not look at case. */
export const caseless =
  (set: CharacterSet): CharacterSet =>
  (code) =>
    set(code) || caseVariants(code).some(set)

/** Names of characters that [.x.] may use instead of the character. */
export const characterNames: ReadonlyMap<string, number> = new Map(
  Object.entries({
    NUL: 0,
    SOH: 1,
    alert: 7,
    backspace: 8,
    tab: 9,
    newline: 10,
    'vertical-tab': 11,
    'form-feed': 12,
    'carriage-return': 13,
    ESC: 27,
    space: 32,
    'exclamation-mark': 33,
    'quotation-mark': 34,
    'number-sign': 35,
    'dollar-sign': 36,
    'percent-sign': 37,
    ampersand: 38,
    apostrophe: 39,
    'left-parenthesis': 40,
    'right-parenthesis': 41,
    asterisk: 42,
    'plus-sign': 43,
    comma: 44,
    hyphen: 45,
    'hyphen-minus': 45,
    period: 46,
    'full-stop': 46,
    slash: 47,
    solidus: 47,
    colon: 58,
    semicolon: 59,
    'less-than-sign': 60,
    'equals-sign': 61,
    'greater-than-sign': 62,
    'question-mark': 63,
    'commercial-at': 64,
    'left-square-bracket': 91,
    backslash: 92,
    'right-square-bracket': 93,
    circumflex: 94,
    underscore: 95,
    'grave-accent': 96,
    'left-brace': 123,
    'vertical-line': 124,
    'right-brace': 125,
    tilde: 126,
    DEL: 127,
  }),
)
