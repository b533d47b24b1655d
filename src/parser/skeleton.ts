// A text with its literals taken out: what texts that differ only in constants have in common.
//
//   SELECT v FROM item WHERE id = 4711      SELECT v FROM item WHERE id = $1      4711, a whole number
//
// One pass without tokens, a tenth of what parsing takes. It knows whole numbers and plain strings; of a text with
// anything that would take more to read (comments, dollars, double quotes, backslashes, strings with quotes in them or
// with a prefix, numbers with a point or an exponent) it makes nothing.

import * as character from './character.ts'

export interface Literal {
  readonly kind: 'integer' | 'string'
  readonly text: string
}

export interface Skeleton {
  /** The text with `$1`, `$2`, … in the places of the literals. */
  readonly text: string
  /** The same for texts that have this skeleton and literals of the same kinds only. */
  readonly key: string
  readonly literals: readonly Literal[]
}

const AMPERSAND = 0x26
const MINUS = 0x2d
const SLASH = 0x2f
const ASTERISK = 0x2a
const DOT = 0x2e
const BACKSLASH = 0x5c

/** Undefined: it has no literals, or is not so simple. */
export function skeletonOf(text: string): Skeleton | undefined {
  const literals: Literal[] = []
  let skeleton = ''
  let kinds = ''
  let copied = 0
  let at = 0
  while (at < text.length) {
    const end = endOfPiece(text, at)
    if (end < 0) return undefined
    const kind = literalKinds[character.classOf(text.charCodeAt(at))]
    if (kind !== undefined) {
      literals.push({ kind, text: kind === 'integer' ? text.slice(at, end) : text.slice(at + 1, end - 1) })
      skeleton += `${text.slice(copied, at)}$${literals.length}`
      kinds += kind === 'integer' ? 'i' : 's'
      copied = end
    }
    at = end
  }
  if (literals.length === 0) return undefined
  skeleton += text.slice(copied)
  return { text: skeleton, key: `${kinds} ${skeleton}`, literals }
}

const literalKinds: Readonly<Record<number, Literal['kind']>> = {
  [character.digit]: 'integer',
  [character.quote]: 'string',
}

/** Where what begins here ends: a word, a literal, or one other character; −1 for what is not so simple. */
function endOfPiece(text: string, at: number): number {
  const code = text.charCodeAt(at)
  const next = text.charCodeAt(at + 1)
  switch (character.classOf(code)) {
    case character.letter:
      return endOfName(text, at)
    case character.digit:
      return endOfInteger(text, at)
    case character.quote:
      return endOfString(text, at)
    case character.operator:
      return comment(code, next) || (code === AMPERSAND && next === character.quoteCode) ? -1 : at + 1
    case character.sign:
      return code === DOT && character.classOf(next) === character.digit ? -1 : at + 1
    case character.space:
      return at + 1
    default:
      return -1
  }
}

const comment = (code: number, next: number): boolean =>
  (code === MINUS && next === MINUS) || (code === SLASH && next === ASTERISK)

/** A word; before a quote it might be the prefix of a string. */
function endOfName(text: string, at: number): number {
  const end = character.endOfWord(text, at)
  const after = character.classOf(text.charCodeAt(end))
  return after === character.quote || after === character.dollar ? -1 : end
}

function endOfInteger(text: string, at: number): number {
  let end = at + 1
  while (character.classOf(text.charCodeAt(end)) === character.digit) end++
  const after = text.charCodeAt(end)
  const plain = after !== DOT && character.classOf(after) !== character.letter && after !== character.quoteCode
  return plain ? end : -1
}

/** A string without quotes and backslashes in it, no word at its end, and no string after it that would continue it. */
function endOfString(text: string, at: number): number {
  const end = text.indexOf("'", at + 1) + 1
  if (end === 0) return -1
  for (let i = at + 1; i < end - 1; i++) if (text.charCodeAt(i) === BACKSLASH) return -1
  const next = character.classOf(text.charCodeAt(end))
  if (next === character.letter || next === character.digit) return -1
  let after = end
  while (character.classOf(text.charCodeAt(after)) === character.space) after++
  return text.charCodeAt(after) === character.quoteCode ? -1 : end
}
