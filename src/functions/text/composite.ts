// Arrays and rows as text: PostgreSQL's array_in, array_out, record_in, record_out.
//
//   {1,NULL,"a b"}   [0:1]={1,2}   {{1,2},{3,4}}        (1,,"a ""b""")
//
// Elements and fields are read and shown by the functions passed in, so that this file knows quoting alone.

import { SqlError } from '../../core/error.ts'
import type { SqlArray, SqlRow, SqlValue } from '../../core/value.ts'

type Parse = (text: string) => SqlValue
type Print = (value: Exclude<SqlValue, null>) => string

const DIMENSIONS_MAX = 6

const malformedArray = (text: string, detail: string): SqlError =>
  new SqlError({ code: '22P02', message: `malformed array literal: "${text}"`, detail })

interface Bounds {
  readonly lower: number
  readonly length: number
}

const BLANK = /[ \t\n\v\f\r]/

/** An array of whatever `parse` makes of its elements. */
export function parseArray(text: string, parse: Parse): SqlArray {
  let at = 0
  const skipBlanks = (): void => {
    while (at < text.length && BLANK.test(text[at]!)) at++
  }
  const declared: Bounds[] = []
  for (;;) {
    skipBlanks()
    if (text[at] !== '[') break
    const match = /^\[([+-]?\d+)(?::([+-]?\d+))?\]/.exec(text.slice(at))
    if (match === null) throw malformedArray(text, 'Missing array dimension value.')
    declared.push(declaredBounds(text, match))
    at += match[0].length
  }
  if (declared.length > DIMENSIONS_MAX) throw tooManyDimensions(declared.length)
  if (declared.length > 0) {
    if (text[at] !== '=') throw malformedArray(text, 'Missing "=" after array dimensions.')
    at++
    skipBlanks()
    if (text[at] !== '{') throw malformedArray(text, 'Array contents must start with "{".')
  } else if (text[at] !== '{') throw malformedArray(text, 'Array value must start with "{" or dimension information.')
  const { elements, lengths, end } = readBraces(text.slice(at))
  at += end
  skipBlanks()
  if (at < text.length) throw malformedArray(text.trimStart(), 'Junk after closing right brace.')
  return arrayOf(text, { elements, lengths, declared, parse })
}

function declaredBounds(text: string, match: RegExpExecArray): Bounds {
  const [, first, second] = match
  const upper = Number(second ?? first)
  const lower = second === undefined ? 1 : Number(first)
  if (upper < lower) throw new SqlError({ code: '2202E', message: 'upper bound cannot be less than lower bound' })
  if (Math.abs(upper) > 2147483647) throw malformedArray(text, 'Array bound is out of range.')
  return { lower, length: upper - lower + 1 }
}

interface ReadArray {
  readonly elements: readonly (string | null)[]
  readonly lengths: readonly number[]
  readonly declared: readonly Bounds[]
  readonly parse: Parse
}

function arrayOf(text: string, { elements, lengths, declared, parse }: ReadArray): SqlArray {
  if (elements.length === 0 && (declared.length > 0 || lengths.length > 1))
    throw malformedArray(text, 'Specified array dimensions do not match array contents.')
  if (elements.length === 0) return { kind: 'array', elements: [], lengths: [], lowerBounds: [] }
  if (declared.length > 0) {
    const same = declared.length === lengths.length && declared.every((bound, i) => bound.length === lengths[i])
    if (!same) throw malformedArray(text, 'Specified array dimensions do not match array contents.')
  }
  return {
    kind: 'array',
    elements: elements.map((element) => (element === null ? null : parse(element))),
    lengths,
    lowerBounds: declared.length > 0 ? declared.map((bound) => bound.lower) : lengths.map(() => 1),
  }
}

const tooManyDimensions = (count: number): SqlError =>
  new SqlError({
    code: '54000',
    message: `number of array dimensions (${count}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
  })

interface Contents {
  readonly elements: (string | null)[]
  readonly lengths: number[]
  readonly end: number
}

/** Reads `{…}`; elements unquoted and unescaped, NULLs as null. */
function readBraces(text: string): Contents {
  const elements: (string | null)[] = []
  const lengths: number[] = []
  /** Items so far of the braces open at each depth; the first sub-array at a depth fixes its length. */
  const counts: number[] = []
  let leafDepth: number | undefined
  let at = 0
  let expectItem = true
  let afterComma = false
  for (;;) {
    while (at < text.length && BLANK.test(text[at]!)) at++
    const character = text[at]
    if (character === undefined) throw malformedArray(text, 'Unexpected end of input.')
    if (character === '{') {
      if (!expectItem) throw unexpected(text, '{')
      if (leafDepth !== undefined && counts.length >= leafDepth) throw unevenArray(text)
      counts.push(0)
      if (counts.length > DIMENSIONS_MAX) throw tooManyDimensions(counts.length)
      afterComma = false
      at++
    } else if (character === '}') {
      if (afterComma) throw unexpected(text, '}')
      closeBrace(text, counts, lengths)
      at++
      expectItem = false
      if (counts.length === 0) return { elements, lengths, end: at }
    } else if (character === ',') {
      if (expectItem) throw unexpected(text, ',')
      expectItem = true
      afterComma = true
      at++
    } else {
      if (!expectItem) throw malformedArray(text, 'Unexpected array element.')
      leafDepth ??= counts.length
      if (counts.length !== leafDepth) throw unevenArray(text)
      const item = readItem(text, at)
      elements.push(item.value)
      counts[counts.length - 1]!++
      at = item.end
      expectItem = false
      afterComma = false
    }
  }
}

const unexpected = (text: string, character: string): SqlError =>
  malformedArray(text, `Unexpected "${character}" character.`)
const unevenArray = (text: string): SqlError =>
  malformedArray(text, 'Multidimensional arrays must have sub-arrays with matching dimensions.')

function closeBrace(text: string, counts: number[], lengths: number[]): void {
  const count = counts.pop()!
  const depth = counts.length
  const known = lengths[depth]
  if (known === undefined) lengths[depth] = count
  else if (known !== count) throw unevenArray(text)
  if (depth > 0) counts[depth - 1]!++
}

/** One element from `at` to the next comma or brace. */
function readItem(text: string, start: number): { readonly value: string | null; readonly end: number } {
  let at = start
  let value = ''
  let kept = 0 // trailing blanks that were not quoted are dropped
  let quoted = false
  while (at < text.length && !/[{},]/.test(text[at]!)) {
    const character = text[at]!
    if (character === '"') {
      if (quoted || value !== '') throw malformedArray(text, 'Unexpected array element.')
      quoted = true
      for (at++; text[at] !== '"'; at++) {
        if (text[at] === '\\') at++
        if (at >= text.length) throw malformedArray(text, 'Unexpected end of input.')
        value += text[at]
      }
      kept = value.length
    } else if (character === '\\') {
      at++
      if (at >= text.length) throw malformedArray(text, 'Unexpected end of input.')
      value += text[at]
      kept = value.length
      quoted = true
    } else if (quoted && text[start] === '"') {
      if (!BLANK.test(character)) throw malformedArray(text, 'Unexpected array element.')
    } else {
      value += character
      if (!BLANK.test(character)) kept = value.length
    }
    at++
  }
  value = value.slice(0, kept)
  return { value: !quoted && value.toLowerCase() === 'null' ? null : value, end: at }
}

export function printArray({ elements, lengths, lowerBounds }: SqlArray, print: Print): string {
  if (elements.length === 0) return '{}'
  const bounds = lowerBounds.some((lower) => lower !== 1)
    ? `${lowerBounds.map((lower, i) => `[${lower}:${lower + lengths[i]! - 1}]`).join('')}=`
    : ''
  const items = elements.map((element) => (element === null ? 'NULL' : quoteElement(print(element))))
  return bounds + nest(items, lengths)
}

function nest(items: readonly string[], [, ...inner]: readonly number[]): string {
  if (inner.length === 0) return `{${items.join(',')}}`
  const size = inner.reduce((product, length) => product * length, 1)
  const parts: string[] = []
  for (let at = 0; at < items.length; at += size) parts.push(nest(items.slice(at, at + size), inner))
  return `{${parts.join(',')}}`
}

const quoteElement = (text: string): string =>
  text === '' || /["\\{},\s]/.test(text) || text.toLowerCase() === 'null' ? `"${text.replace(/["\\]/g, '\\$&')}"` : text

const malformedRecord = (text: string, detail: string): SqlError =>
  new SqlError({ code: '22P02', message: `malformed record literal: "${text}"`, detail })

/** A row whose fields are read by `fields`, one each. */
export function parseRow(text: string, fields: readonly Parse[]): SqlRow {
  let at = /^[ \t\n\v\f\r]*/.exec(text)![0].length
  if (text[at] !== '(') throw malformedRecord(text, 'Missing left parenthesis.')
  at++
  const values: SqlValue[] = []
  for (const [i, parse] of fields.entries()) {
    if (i > 0) {
      if (text[at] !== ',') throw malformedRecord(text, 'Too few columns.')
      at++
    }
    if (text[at] === ',' || text[at] === ')') values.push(null)
    else {
      const field = readField(text, at)
      values.push(parse(field.value))
      at = field.end
    }
  }
  if (text[at] === ',' || text[at] !== ')') throw malformedRecord(text, 'Too many columns.')
  if (!/^[ \t\n\v\f\r]*$/.test(text.slice(at + 1))) throw malformedRecord(text, 'Junk after right parenthesis.')
  return { kind: 'row', fields: values }
}

function readField(text: string, start: number): { readonly value: string; readonly end: number } {
  let value = ''
  let quoted = false
  for (let at = start; ; at++) {
    const character = text[at]
    if (!quoted && (character === ',' || character === ')')) return { value, end: at }
    if (character === undefined) throw malformedRecord(text, 'Unexpected end of input.')
    if (character === '\\') {
      at++
      if (text[at] === undefined) throw malformedRecord(text, 'Unexpected end of input.')
      value += text[at]
    } else if (character !== '"') value += character
    else if (quoted && text[at + 1] === '"') {
      value += '"'
      at++
    } else quoted = !quoted
  }
}

export function printRow({ fields }: SqlRow, prints: readonly Print[]): string {
  const parts = fields.map((value, i) => (value === null ? '' : quoteField(prints[i]!(value))))
  return `(${parts.join(',')})`
}

const quoteField = (text: string): string =>
  text === '' || /["\\(),\s]/.test(text) ? `"${text.replace(/["\\]/g, '$&$&')}"` : text
