// Ranges and multiranges as text: PostgreSQL's range_in, range_out, multirange_in and multirange_out.
//
//   empty   [1,10)   (,2.5]   ["a b",)        {}   {[1,3),[5,7)}
//
// Bounds are read and shown by the functions passed in. Blanks within a bound belong to it.

import { SqlError } from '../../core/error.ts'
import { EMPTY_RANGE } from '../../core/range.ts'
import type { RangeKind } from '../../core/type.ts'
import type { RangeBound, SqlMultirange, SqlRange } from '../../core/value.ts'
import { makeMultirange, makeRange } from '../range/make.ts'

type Parse = (text: string) => RangeBound['value']
type Print = (value: RangeBound['value']) => string

const malformed = (what: 'range' | 'multirange', text: string, detail: string): SqlError =>
  new SqlError({ code: '22P02', message: `malformed ${what} literal: "${text}"`, detail })

const isBlank = (character: string | undefined): boolean => character !== undefined && /[ \t\n\v\f\r]/.test(character)

function skipBlanks(text: string, at: number): number {
  let end = at
  while (isBlank(text[end])) end++
  return end
}

export function parseRange(kind: RangeKind, text: string, parse: Parse): SqlRange {
  let at = skipBlanks(text, 0)
  if (text.slice(at, at + 5).toLowerCase() === 'empty') {
    if (skipBlanks(text, at + 5) < text.length) throw malformed('range', text, 'Junk after "empty" key word.')
    return EMPTY_RANGE
  }
  const opening = text[at]
  if (opening !== '[' && opening !== '(') throw malformed('range', text, 'Missing left parenthesis or bracket.')
  const lower = readBound(text, at + 1)
  if (text[lower.end] !== ',') throw malformed('range', text, 'Missing comma after lower bound.')
  const upper = readBound(text, lower.end + 1)
  const closing = text[upper.end]
  if (closing !== ']' && closing !== ')') throw malformed('range', text, 'Too many commas.')
  at = skipBlanks(text, upper.end + 1)
  if (at < text.length) throw malformed('range', text, 'Junk after right parenthesis or bracket.')
  return makeRange(kind, boundOf(lower.text, opening === '[', parse), boundOf(upper.text, closing === ']', parse))
}

const boundOf = (text: string | undefined, inclusive: boolean, parse: Parse): RangeBound | undefined =>
  text === undefined ? undefined : { value: parse(text), inclusive }

/** A bound's text, unquoted, up to the comma or closing character; undefined: nothing stands there. */
function readBound(text: string, start: number): { readonly text: string | undefined; readonly end: number } {
  if (/[,)\]]/.test(text[start] ?? '')) return { text: undefined, end: start }
  let value = ''
  let quoted = false
  let at = start
  for (;;) {
    const character = text[at]
    if (character === undefined) throw malformed('range', text, 'Unexpected end of input.')
    if (!quoted && /[,()[\]]/.test(character)) {
      if (/[,)\]]/.test(character)) return { text: value, end: at }
      value += character
      at++
    } else if (character === '\\') {
      if (text[at + 1] === undefined) throw malformed('range', text, 'Unexpected end of input.')
      value += text[at + 1]
      at += 2
    } else if (character === '"') {
      if (quoted && text[at + 1] === '"') {
        value += '"'
        at++
      } else quoted = !quoted
      at++
    } else {
      value += character
      at++
    }
  }
}

export function printRange({ empty, lower, upper }: SqlRange, print: Print): string {
  if (empty) return 'empty'
  const from = `${lower?.inclusive ? '[' : '('}${lower === undefined ? '' : quote(print(lower.value))}`
  return `${from},${upper === undefined ? '' : quote(print(upper.value))}${upper?.inclusive ? ']' : ')'}`
}

const quote = (text: string): string =>
  text === '' || /["\\()[\],\s]/.test(text) ? `"${text.replaceAll(/["\\]/g, '$&$&')}"` : text

/** The text of each range within the braces. */
export function parseMultirange(kind: RangeKind, text: string, parse: Parse): SqlMultirange {
  let at = skipBlanks(text, 0)
  if (text[at] !== '{') throw malformed('multirange', text, 'Missing left brace.')
  const ranges: SqlRange[] = []
  at = skipBlanks(text, at + 1)
  if (text[at] === '}') at++
  else
    for (;;) {
      const end = endOfRange(text, at)
      ranges.push(parseRange(kind, text.slice(at, end), parse))
      at = skipBlanks(text, end)
      if (text[at] === '}') break
      if (text[at] !== ',')
        throw malformed(
          'multirange',
          text,
          text[at] === undefined ? 'Unexpected end of input.' : 'Expected comma or end of multirange.',
        )
      at = skipBlanks(text, at + 1)
    }
  if (ranges.length > 0) at++
  if (skipBlanks(text, at) < text.length) throw malformed('multirange', text, 'Junk after closing right brace.')
  return makeMultirange(kind, ranges)
}

function endOfRange(text: string, start: number): number {
  if (text.slice(start, start + 5).toLowerCase() === 'empty') return start + 5
  if (text[start] === undefined) throw malformed('multirange', text, 'Unexpected end of input.')
  if (text[start] !== '[' && text[start] !== '(') throw malformed('multirange', text, 'Expected range start.')
  let quoted = false
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (character === '"') quoted = !quoted
    else if (!quoted && (character === ']' || character === ')')) return at + 1
  }
  throw malformed('multirange', text, 'Unexpected end of input.')
}

export const printMultirange = ({ ranges }: SqlMultirange, print: Print): string =>
  `{${ranges.map((range) => printRange(range, print)).join(',')}}`
