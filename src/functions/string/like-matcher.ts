// LIKE patterns: % stands for any text, _ for one character, and the escape character makes the next one literal.
//
// A pattern is cut at its % into pieces of literals and single wildcards. The first piece must stand at the start, the
// last one at the end, and each in between is taken where it first fits, which is never wrong: matching costs
// O(text × longest piece), whatever the pattern.

import { SqlError } from '../../core/error.ts'

export type LikeMatcher = (text: string) => boolean

/**
 * A UTF-16 unit, `ANY` for one whole character, or `NOTHING`: an escape without a character, an error where reached.
 */
type Piece = readonly number[]
const ANY = -1
const NOTHING = -2

const endsWithEscape = (): SqlError =>
  new SqlError({ code: '22025', message: 'LIKE pattern must not end with escape character' })

const invalidEscape = (): SqlError =>
  new SqlError({
    code: '22025',
    message: 'invalid escape string',
    hint: 'Escape string must be empty or one character.',
  })

/** The matcher of a pattern whose escape character is the backslash. */
export function likeMatcher(pattern: string): LikeMatcher {
  const pieces = piecesOf(pattern)
  if (pieces.length === 1) return (text) => matchAt(text, 0, pieces[0]!) === text.length
  const first = pieces[0]!
  const last = pieces.at(-1)!
  const middle = pieces
    .slice(1, -1)
    .filter((piece) => piece.length > 0)
    .map(finder)
  const incomplete = finder(last)
  return (text) => {
    let at = matchAt(text, 0, first)
    if (at < 0) return false
    for (const find of middle) {
      at = find(text, at)
      if (at < 0) return false
    }
    if (last.at(-1) === NOTHING) return incomplete(text, at) >= 0
    return matchBackwards(text, last) >= at
  }
}

function piecesOf(pattern: string): readonly Piece[] {
  const pieces: number[][] = [[]]
  for (let i = 0; i < pattern.length; i++) {
    const unit = pattern.charCodeAt(i)
    if (unit === 0x25) pieces.push([])
    else if (unit === 0x5f) pieces.at(-1)!.push(ANY)
    else if (unit === 0x5c) {
      i++
      pieces.at(-1)!.push(i === pattern.length ? NOTHING : pattern.charCodeAt(i))
    } else pieces.at(-1)!.push(unit)
  }
  return pieces
}

const characterLength = (text: string, at: number): number =>
  (text.charCodeAt(at) & 0xfc00) === 0xd800 && at + 1 < text.length ? 2 : 1

/** Where the piece ends if it stands at `at`; −1 where it does not. */
function matchAt(text: string, at: number, piece: Piece): number {
  let place = at
  for (const unit of piece) {
    if (place >= text.length) return -1
    if (unit === NOTHING) throw endsWithEscape()
    if (unit === ANY) place += characterLength(text, place)
    else if (text.charCodeAt(place++) !== unit) return -1
  }
  return place
}

/** Where the piece begins if it ends the text; −1 where it does not. */
function matchBackwards(text: string, piece: Piece): number {
  let place = text.length
  for (let i = piece.length - 1; i >= 0; i--) {
    if (place === 0) return -1
    place--
    if (piece[i] === ANY) {
      if ((text.charCodeAt(place) & 0xfc00) === 0xdc00) place--
    } else if (text.charCodeAt(place) !== piece[i]) return -1
  }
  return place
}

/** Finds the first place of a piece from `at` on and returns where it ends, or −1. */
function finder(piece: Piece): (text: string, at: number) => number {
  if (piece.every((unit) => unit >= 0)) {
    const literal = String.fromCharCode(...piece)
    return (text, at) => {
      const found = text.indexOf(literal, at)
      return found < 0 ? -1 : found + literal.length
    }
  }
  return (text, at) => {
    for (let start = at; start <= text.length; start += characterLength(text, start)) {
      const end = matchAt(text, start, piece)
      if (end >= 0) return end
    }
    return -1
  }
}

/** The pattern rewritten to the backslash as its escape character (`LIKE … ESCAPE`). */
export function likeEscape(pattern: string, escapeText: string): string {
  const escapes = [...escapeText]
  if (escapes.length > 1) throw invalidEscape()
  if (escapeText === '\\') return pattern
  if (escapeText === '') return pattern.replaceAll('\\', '\\\\')
  let result = ''
  let escaped = false
  for (const character of pattern) {
    if (character === escapeText && !escaped) {
      result += '\\'
      escaped = true
      continue
    }
    result += character === '\\' && !escaped ? '\\\\' : character
    escaped = false
  }
  return result
}
