// JSON read and shown. The reader follows PostgreSQL's grammar (RFC 8259): numbers as NUMERIC with the scale they are
// written with, of equal keys the last, keys in stored order. `json` keeps its text and is only checked.
//
// A recursive descent over the characters; nothing is cut into tokens until something is wrong with them. Errors are
// 22P02 with PostgreSQL's detail; 22P05 for \u0000, which no text can hold. Nesting is limited.

import { isJsonArray, isJsonObject } from '../../core/encoding/json-form.ts'
import { nestedTooDeep, SqlError } from '../../core/error.ts'
import { compareText } from '../../core/order.ts'
import { type JsonNode, type JsonObject, numeric } from '../../core/value.ts'
import { numericText } from '../arithmetic/numeric.ts'
import { parseNumeric } from './numbers.ts'

const DEPTH_MAX = 1000

const invalidJson = (detail: string): SqlError =>
  new SqlError({ code: '22P02', message: 'invalid input syntax for type json', detail })

const unsupportedEscape = (): SqlError =>
  new SqlError({
    code: '22P05',
    message: 'unsupported Unicode escape sequence',
    detail: '\\u0000 cannot be converted to text.',
  })

interface Reader {
  readonly text: string
  /** False where the text is only checked: nothing is built. */
  readonly keep: boolean
  at: number
  depth: number
}

/** The value of a jsonb. */
export const parseJson = (text: string): JsonNode => readAll({ text, keep: true, at: 0, depth: 0 })

/** Throws where `text` is not JSON. */
export function checkJson(text: string): void {
  readAll({ text, keep: false, at: 0, depth: 0 })
}

function readAll(reader: Reader): JsonNode {
  const node = readValue(reader)
  skipBlanks(reader)
  if (reader.at < reader.text.length) throw unexpected(reader, 'end of input')
  return node
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const isBlank = (unit: number): boolean => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09

/** The next character that is no blank, NaN at the end; it stays unread. */
function skipBlanks(reader: Reader): number {
  let unit = reader.text.charCodeAt(reader.at)
  while (isBlank(unit)) unit = reader.text.charCodeAt(++reader.at)
  return unit
}

function readValue(reader: Reader): JsonNode {
  switch (skipBlanks(reader)) {
    case QUOTE:
      return readString(reader)
    case OPEN_ARRAY:
      return readArray(reader)
    case OPEN_OBJECT:
      return readObject(reader)
    default:
      return readWord(reader)
  }
}

const WORD = /[^[\]{}:,"\s]+/y
const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?([eE][+-]?\d+)?$/

function wordAt({ text, at }: Reader): string | undefined {
  WORD.lastIndex = at
  return WORD.exec(text)?.[0]
}

function readWord(reader: Reader): JsonNode {
  const word = wordAt(reader)
  if (word === undefined) throw unexpected(reader, 'JSON value')
  const match = NUMBER.exec(word)
  if (match === null && word !== 'true' && word !== 'false' && word !== 'null') throw invalidToken(word)
  reader.at += word.length
  if (match === null) return word === 'null' ? null : word === 'true'
  const [, sign, whole, fraction = '', exponent] = match
  if (!reader.keep) return null
  return exponent === undefined ? numeric(BigInt(`${sign}${whole}${fraction}`), fraction.length) : parseNumeric(word)
}

const invalidToken = (token: string): SqlError => invalidJson(`Token "${token}" is invalid.`)

/** What is wrong at the reader's place, where `what` should stand. */
function unexpected(reader: Reader, what: string): SqlError {
  const unit = skipBlanks(reader)
  const { text, at } = reader
  if (Number.isNaN(unit)) return invalidJson('The input string ended unexpectedly.')
  const word = wordAt(reader)
  if (word !== undefined && !NUMBER.test(word) && !/^(true|false|null)$/.test(word)) return invalidToken(word)
  if (word === undefined && unit === QUOTE) {
    readString(reader)
    return invalidJson(`Expected ${what}, but found "${text.slice(at, reader.at)}".`)
  }
  const mark = String.fromCodePoint(text.codePointAt(at)!)
  if (word === undefined && !/[[\]{}:,]/.test(mark)) return invalidToken(mark)
  return invalidJson(`Expected ${what}, but found "${word ?? mark}".`)
}

function enter(reader: Reader): void {
  if (++reader.depth > DEPTH_MAX) throw nestedTooDeep()
  reader.at++
}

function leave(reader: Reader): void {
  reader.depth--
  reader.at++
}

function readArray(reader: Reader): readonly JsonNode[] {
  const elements: JsonNode[] = []
  enter(reader)
  let next = skipBlanks(reader)
  while (next !== CLOSE_ARRAY) {
    const element = readValue(reader)
    if (reader.keep) elements.push(element)
    next = skipBlanks(reader)
    if (next === CLOSE_ARRAY) break
    if (next !== COMMA) throw unexpected(reader, '"," or "]"')
    reader.at++
  }
  leave(reader)
  return elements
}

function readObject(reader: Reader): JsonObject {
  const entries: (readonly [string, JsonNode])[] = []
  enter(reader)
  let next = skipBlanks(reader)
  for (let first = true; next !== CLOSE_OBJECT; first = false) {
    if (skipBlanks(reader) !== QUOTE) throw unexpected(reader, first ? 'string or "}"' : 'string')
    const key = readString(reader)
    if (skipBlanks(reader) !== COLON) throw unexpected(reader, '":"')
    reader.at++
    const value = readValue(reader)
    if (reader.keep) entries.push([key, value])
    next = skipBlanks(reader)
    if (next === CLOSE_OBJECT) break
    if (next !== COMMA) throw unexpected(reader, '"," or "}"')
    reader.at++
  }
  leave(reader)
  return jsonObject(entries)
}

/** A string whose opening quote is next. */
function readString(reader: Reader): string {
  const { text } = reader
  const start = reader.at++
  let value = ''
  for (;;) {
    const from = reader.at
    let unit = text.charCodeAt(from)
    while (unit >= 0x20 && unit !== QUOTE && unit !== BACKSLASH) unit = text.charCodeAt(++reader.at)
    if (reader.keep) value = value === '' ? text.slice(from, reader.at) : value + text.slice(from, reader.at)
    if (Number.isNaN(unit)) throw invalidToken(text.slice(start))
    reader.at++
    if (unit === QUOTE) return value
    if (unit !== BACKSLASH)
      throw invalidJson(`Character with value 0x${unit.toString(16).padStart(2, '0')} must be escaped.`)
    if (reader.at >= text.length) throw invalidToken(text.slice(start))
    value += readEscape(reader)
  }
}

function readEscape(reader: Reader): string {
  const letter = reader.text[reader.at++]!
  if (letter === 'u') return readUnicode(reader)
  const meant = ESCAPES.get(letter)
  if (meant === undefined) throw invalidJson(`Escape sequence "\\${letter}" is invalid.`)
  return meant
}

const highNeedsLow = (): SqlError => invalidJson('Unicode low surrogate must follow a high surrogate.')

function readUnicode(reader: Reader): string {
  const unit = readHex(reader)
  if (!reader.keep) return ''
  if (unit === 0) throw unsupportedEscape()
  if (unit >= 0xdc00 && unit <= 0xdfff) throw highNeedsLow()
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
  if (!reader.text.startsWith('\\u', reader.at)) throw highNeedsLow()
  reader.at += 2
  const low = readHex(reader)
  if (low >= 0xd800 && low <= 0xdbff) throw invalidJson('Unicode high surrogate must not follow a high surrogate.')
  if (low < 0xdc00 || low > 0xdfff) throw highNeedsLow()
  return String.fromCharCode(unit, low)
}

function readHex(reader: Reader): number {
  const digits = reader.text.slice(reader.at, reader.at + 4)
  if (!/^[\da-fA-F]{4}$/.test(digits)) throw invalidJson('"\\u" must be followed by four hexadecimal digits.')
  reader.at += 4
  return Number.parseInt(digits, 16)
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** An object of entries in any order: of equal keys the last stays; keys in stored order. */
export function jsonObject(entries: readonly (readonly [string, JsonNode])[]): JsonObject {
  const unique = [...new Map(entries)].map(([key, value]) => ({ key, value, length: utf8Length(key) }))
  unique.sort((a, b) => a.length - b.length || compareText(a.key, b.key))
  return { kind: 'object', entries: unique.map(({ key, value }) => [key, value] as const) }
}

function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // A surrogate is half of four bytes.
    if (unit > 0x7f) length += unit > 0x7ff && (unit & 0xf800) !== 0xd800 ? 2 : 1
  }
  return length
}

/** jsonb as text: one blank after `:` and `,`. */
export function printJson(node: JsonNode): string {
  if (node === null) return 'null'
  if (typeof node === 'boolean') return node ? 'true' : 'false'
  if (typeof node === 'string') return quoteJson(node)
  if (isJsonArray(node)) return `[${node.map(printJson).join(', ')}]`
  if (isJsonObject(node))
    return `{${node.entries.map(([key, value]) => `${quoteJson(key)}: ${printJson(value)}`).join(', ')}}`
  return numericText(node)
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** A JSON string; only control characters, quotes and backslashes are escaped. */
export const quoteJson = (text: string): string =>
  `"${text.replace(/[\u0000-\u001f"\\]/g, (character) => SHORT_ESCAPES.get(character) ?? controlEscape(character))}"`

const controlEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
