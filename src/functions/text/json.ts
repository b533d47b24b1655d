// JSON read and shown. The reader is PostgreSQL's grammar (RFC 8259), numbers as NUMERIC with the scale they are
// written with, duplicate keys last-wins, keys ordered by length and bytes. `json` keeps its text and is only checked.
//
// Errors are 22P02 with PostgreSQL's detail; 22P05 for \u0000, which no text can hold. Nesting is limited.

import { isJsonArray, isJsonObject } from '../../core/encoding/json-form.ts'
import { nestedTooDeep, SqlError } from '../../core/error.ts'
import { compareText } from '../../core/order.ts'
import type { JsonNode, JsonObject } from '../../core/value.ts'
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

/** What a reader makes of the parts; the checker makes nothing. */
interface Builder {
  readonly keep: boolean
}

/** A jsonb value. */
export const parseJson = (text: string): JsonNode => new JsonReader(text, { keep: true }).read()

/** Throws where `text` is not JSON. */
export function checkJson(text: string): void {
  new JsonReader(text, { keep: false }).read()
}

const TOKEN = /[ \t\n\r]*(?:([[\]{}:,])|(")|([^[\]{}:,"\s]+))?/y
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

class JsonReader {
  readonly #text: string
  readonly #keep: boolean
  #at = 0
  #depth = 0
  /** The token before `#at`: a punctuation mark, `"` for a string (its value in #string), a word, '' at the end. */
  #token = ''
  #tokenStart = 0
  #string = ''

  constructor(text: string, builder: Builder) {
    this.#text = text
    this.#keep = builder.keep
  }

  read(): JsonNode {
    this.#next()
    const node = this.#value()
    if (this.#token !== '') throw invalidJson(`Expected end of input, but found "${this.#shown()}".`)
    return node
  }

  #next(): void {
    TOKEN.lastIndex = this.#at
    const match = TOKEN.exec(this.#text)!
    const [all, mark, quote, word] = match
    this.#tokenStart = this.#at + all.length - (mark ?? quote ?? word ?? '').length
    this.#at += all.length
    this.#token = mark ?? quote ?? word ?? ''
    if (this.#token === '' && this.#at < this.#text.length) {
      const wrong = String.fromCodePoint(this.#text.codePointAt(this.#at)!)
      throw invalidJson(`Token "${wrong}" is invalid.`)
    }
    if (quote !== undefined) this.#string = this.#quoted()
    else if (word !== undefined) this.#checkWord(word)
  }

  #checkWord(word: string): void {
    if (word === 'true' || word === 'false' || word === 'null' || NUMBER.test(word)) return
    throw invalidJson(`Token "${word}" is invalid.`)
  }

  #shown(): string {
    return this.#text.slice(this.#tokenStart, this.#at)
  }

  #expected(what: string): SqlError {
    if (this.#token === '') return invalidJson('The input string ended unexpectedly.')
    return invalidJson(`Expected ${what}, but found "${this.#shown()}".`)
  }

  #skip(token: string, what: string): void {
    if (this.#token !== token) throw this.#expected(what)
    this.#next()
  }

  #value(): JsonNode {
    const token = this.#token
    if (token === '{') return this.#nested(() => this.#object())
    if (token === '[') return this.#nested(() => this.#array())
    if (token === '' || token === ':' || token === ',' || token === ']' || token === '}')
      throw this.#expected('JSON value')
    const string = this.#string
    this.#next()
    if (token === '"') return string
    if (token === 'true' || token === 'false') return token === 'true'
    if (token === 'null' || !this.#keep) return null
    return parseNumeric(token)
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) throw nestedTooDeep()
    this.#next()
    const node = read()
    this.#next()
    this.#depth--
    return node
  }

  #array(): readonly JsonNode[] {
    const elements: JsonNode[] = []
    if (this.#token === ']') return elements
    for (;;) {
      const element = this.#value()
      if (this.#keep) elements.push(element)
      if (this.#token === ']') return elements
      if (this.#token !== ',') throw this.#expected('"," or "]"')
      this.#next()
    }
  }

  #object(): JsonObject {
    const entries: (readonly [string, JsonNode])[] = []
    if (this.#token === '}') return { kind: 'object', entries }
    for (let first = true; ; first = false) {
      const key = this.#string
      this.#skip('"', first ? 'string or "}"' : 'string')
      this.#skip(':', '":"')
      const value = this.#value()
      if (this.#keep) entries.push([key, value])
      if (this.#token === '}') return jsonObject(entries)
      if (this.#token !== ',') throw this.#expected('"," or "}"')
      this.#next()
    }
  }

  /** A string whose opening quote was read. */
  #quoted(): string {
    let value = ''
    for (;;) {
      const from = this.#at
      while (this.#at < this.#text.length && !isSpecial(this.#text.charCodeAt(this.#at))) this.#at++
      if (this.#keep) value += this.#text.slice(from, this.#at)
      const next = this.#text[this.#at]
      if (next === undefined) throw invalidJson(`Token "${this.#text.slice(this.#tokenStart)}" is invalid.`)
      this.#at++
      if (next === '"') return value
      if (next === '\\') value += this.#escape()
      else {
        const code = next.charCodeAt(0).toString(16).padStart(2, '0')
        throw invalidJson(`Character with value 0x${code} must be escaped.`)
      }
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at++]
    if (letter === undefined) throw invalidJson(`Token "${this.#text.slice(this.#tokenStart)}" is invalid.`)
    if (letter !== 'u') {
      const meant = ESCAPES.get(letter)
      if (meant === undefined) throw invalidJson(`Escape sequence "\\${letter}" is invalid.`)
      return meant
    }
    const unit = this.#unicode()
    if (!this.#keep) return ''
    if (unit === 0) throw unsupportedEscape()
    if (unit >= 0xdc00 && unit <= 0xdfff) throw invalidJson('Unicode low surrogate must follow a high surrogate.')
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
    if (!this.#text.startsWith('\\u', this.#at))
      throw invalidJson('Unicode low surrogate must follow a high surrogate.')
    this.#at += 2
    const low = this.#unicode()
    if (low >= 0xd800 && low <= 0xdbff) throw invalidJson('Unicode high surrogate must not follow a high surrogate.')
    if (low < 0xdc00 || low > 0xdfff) throw invalidJson('Unicode low surrogate must follow a high surrogate.')
    return String.fromCharCode(unit, low)
  }

  #unicode(): number {
    const digits = this.#text.slice(this.#at, this.#at + 4)
    if (!/^[\da-fA-F]{4}$/.test(digits)) throw invalidJson('"\\u" must be followed by four hexadecimal digits.')
    this.#at += 4
    return Number.parseInt(digits, 16)
  }
}

const isSpecial = (unit: number): boolean => unit < 0x20 || unit === 0x22 || unit === 0x5c

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
