// Text to tokens, by the rules of PostgreSQL 15's scanner (scan.l) with standard_conforming_strings on.
//
// One pass over UTF-16 units; `refine` (refine.ts) then tells apart what depends on the next token. A text that cannot
// be read on ends in an `Unreadable` token which carries the error: it is thrown when the grammar comes to it, so that
// a mistake further left is reported first. Cost: one token object for each token, no regular expression on the way.

import type { TokenType } from 'chevrotain'
import type { SqlError } from '../core/error.ts'
import * as character from './character.ts'
import { decodeEscapes, decodeUnicode } from './escapes.ts'
import { keywords } from './keywords.ts'
import {
  emptyIdentifier,
  escapeCharacterMissing,
  invalidDigit,
  invalidEscapeCharacter,
  operatorTooLong,
  trailingJunk,
  unterminated,
} from './lexical-error.ts'
import { refine } from './refine.ts'
import * as t from './tokens.ts'

/** The last token of a text that cannot be read to its end. */
export class UnreadableToken implements t.Token {
  readonly error: SqlError
  image = ''
  startOffset: number
  end: number
  tokenType = t.Unreadable
  tokenTypeIdx = t.Unreadable.tokenTypeIdx as number

  constructor(error: SqlError, start: number, end: number) {
    this.error = error
    this.startOffset = start
    this.end = end
  }
}

type Word = Readonly<{ type: TokenType; name: string }>

/** Keywords as people write them: all lower or all upper case. Others are folded first. */
const words: ReadonlyMap<string, Word> = new Map(
  [...keywords.keys()].flatMap((name) => {
    const word: Word = { type: t.K[name], name }
    return [
      [name, word],
      [name.toUpperCase(), word],
    ] as const
  }),
)

const signs: Readonly<Record<string, TokenType>> = {
  ',': t.Comma,
  ';': t.Semicolon,
  '(': t.OpenParen,
  ')': t.CloseParen,
  '[': t.OpenBracket,
  ']': t.CloseBracket,
  '+': t.Plus,
  '-': t.Minus,
  '*': t.Asterisk,
  '/': t.Slash,
  '%': t.Percent,
  '^': t.Caret,
  '<': t.Less,
  '>': t.Greater,
  '=': t.Equals,
  '<=': t.LessEquals,
  '>=': t.GreaterEquals,
  '<>': t.NotEquals,
  '!=': t.NotEquals,
  '=>': t.Arrow,
}

const nameBytesMax = 63

/** PostgreSQL's names have at most 63 bytes; longer ones are cut between characters. */
export const truncateName = (name: string): string => {
  if (name.length * 3 <= nameBytesMax) return name
  const bytes = new TextEncoder().encode(name)
  if (bytes.length <= nameBytesMax) return name
  let end = nameBytesMax
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return new TextDecoder().decode(bytes.subarray(0, end))
}

/** Lower case for A–Z only, as PostgreSQL folds names in a UTF-8 database. */
const fold = (name: string): string => name.replace(/[A-Z]+/g, (upper) => upper.toLowerCase())

export const tokenize = (text: string): t.Token[] => refine(new Scanner(text).run())

class Scanner {
  readonly #text: string
  readonly #tokens: t.Token[] = []
  #at = 0
  #close = 0
  /** Open STRUCT< and ARRAY<; inside, `>>` closes two. */
  #angles = 0

  constructor(text: string) {
    this.#text = text
  }

  run(): t.Token[] {
    const end = this.#text.length
    while (this.#at < end) {
      const error = this.#step(this.#text.charCodeAt(this.#at))
      if (error === undefined) continue
      this.#tokens.push(new UnreadableToken(error, this.#at, end))
      break
    }
    return this.#tokens
  }

  /** Reads one token or one stretch of white space; returns what makes the rest unreadable. */
  #step(code: number): SqlError | undefined {
    switch (character.classOf(code)) {
      case character.space:
        this.#at++
        return
      case character.letter:
        return this.#word(code)
      case character.digit:
        return this.#number()
      case character.operator:
        return this.#operator(code)
      case character.sign:
        return this.#sign(code)
      case character.quote:
        return this.#string(this.#at, false)
      case character.doubleQuote:
        return this.#quotedName(this.#at, false)
      case character.dollar:
        return this.#dollar()
      default:
        this.#push(t.Unreadable, this.#text[this.#at]!, this.#at + 1)
        return
    }
  }

  #push(type: TokenType, image: string, end: number): void {
    this.#tokens.push(new t.Token(type, image, this.#at, end))
    this.#at = end
  }

  #place(end: number): { position: number; near: string } {
    return { position: this.#at, near: this.#text.slice(this.#at, end) }
  }

  #word(code: number): SqlError | undefined {
    const text = this.#text
    const start = this.#at
    const next = text.charCodeAt(start + 1)
    if (next === character.quoteCode) {
      if (code === 0x45 || code === 0x65) return this.#escapedString()
      if (code === 0x42 || code === 0x62) return this.#bits(t.Bits, /[^01]/, 'binary')
      if (code === 0x58 || code === 0x78) return this.#bits(t.HexBits, /[^0-9A-Fa-f]/, 'hexadecimal')
      if (code === 0x4e || code === 0x6e) {
        this.#push(t.K.nchar, 'nchar', start + 1)
        return
      }
    }
    if (next === 0x26 && (code === 0x55 || code === 0x75)) {
      const third = text.charCodeAt(start + 2)
      if (third === character.quoteCode) return this.#string(start + 2, true)
      if (third === character.doubleQuoteCode) return this.#quotedName(start + 2, true)
    }
    const end = character.endOfWord(text, start + 1)
    const image = text.slice(start, end)
    const known = words.get(image)
    if (known !== undefined) this.#push(known.type, known.name, end)
    else this.#name(fold(image), end)
    return
  }

  #name(folded: string, end: number): void {
    const known = words.get(folded)
    if (known !== undefined) this.#push(known.type, known.name, end)
    else this.#push(t.Identifier, truncateName(folded), end)
  }

  #quotedName(quote: number, unicode: boolean): SqlError | undefined {
    const close = character.endOfQuoted(this.#text, quote, '"')
    if (close < 0) return unterminated('quoted identifier', this.#place(this.#text.length))
    const body = this.#text.slice(quote + 1, close).replaceAll('""', '"')
    if (body === '') return emptyIdentifier(this.#at)
    if (unicode) return this.#unicode(t.Identifier, body, quote + 1, close + 1)
    this.#push(t.Identifier, truncateName(body), close + 1)
    return
  }

  /**
   * What stands between the quotes, from the one at `open` on, with the continuations on later lines; `#close` is then
   * the last quote. Undefined if that is missing.
   */
  #quoted(open: number, closeOf = character.endOfQuoted): string | undefined {
    const text = this.#text
    let body = ''
    for (let at = open; at >= 0; at = character.continuation(text, this.#close + 1)) {
      this.#close = closeOf(text, at, "'")
      if (this.#close < 0) return undefined
      body += text.slice(at + 1, this.#close)
    }
    return body
  }

  #string(quote: number, unicode: boolean): SqlError | undefined {
    const body = this.#quoted(quote)
    if (body === undefined) return unterminated('quoted string', this.#place(this.#text.length))
    const value = body.includes("''") ? body.replaceAll("''", "'") : body
    if (unicode) return this.#unicode(t.Text, value, quote + 1, this.#close + 1)
    this.#push(t.Text, value, this.#close + 1)
    return
  }

  #escapedString(): SqlError | undefined {
    const body = this.#quoted(this.#at + 1, character.endOfEscaped)
    if (body === undefined) return unterminated('quoted string', this.#place(this.#text.length))
    return this.#decoded(t.Text, this.#close + 1, () => decodeEscapes(body, this.#at + 2))
  }

  #bits(type: TokenType, invalid: RegExp, what: 'binary' | 'hexadecimal'): SqlError | undefined {
    const digits = this.#quoted(this.#at + 1)
    if (digits === undefined) {
      const literal = what === 'binary' ? 'bit string literal' : 'hexadecimal string literal'
      return unterminated(literal, this.#place(this.#text.length))
    }
    const wrong = invalid.exec(digits)
    if (wrong !== null) return invalidDigit(wrong[0], what, this.#at)
    this.#push(type, digits, this.#close + 1)
    return
  }

  /** U&… with the UESCAPE clause that may follow it. */
  #unicode(type: TokenType, body: string, bodyStart: number, end: number): SqlError | undefined {
    const text = this.#text
    const clause = character.skipBlank(text, end)
    const isClause = /^uescape$/i.test(text.slice(clause, character.endOfWord(text, clause)))
    if (!isClause) return this.#decoded(type, end, () => named(type, decodeUnicode(body, '\\', bodyStart)))

    const quote = character.skipBlank(text, clause + 7)
    const close = text[quote] === "'" ? character.endOfQuoted(text, quote, "'") : -1
    if (close < 0) return escapeCharacterMissing({ position: quote, near: text.slice(quote, quote + 1) })
    const mark = text.slice(quote + 1, close).replaceAll("''", "'")
    if (mark.length !== 1 || /[0-9A-Fa-f+'"\s]/.test(mark)) {
      return invalidEscapeCharacter({ position: quote, near: text.slice(quote, close + 1) })
    }
    return this.#decoded(type, close + 1, () => named(type, decodeUnicode(body, mark, bodyStart)))
  }

  #decoded(type: TokenType, end: number, decode: () => string): SqlError | undefined {
    try {
      this.#push(type, decode(), end)
      return
    } catch (error) {
      return error as SqlError
    }
  }

  #dollar(): SqlError | undefined {
    const text = this.#text
    const start = this.#at
    if (character.classOf(text.charCodeAt(start + 1)) === character.digit) {
      const end = character.endOfDigits(text, start + 1)
      const junk = character.endOfWord(text, end)
      if (junk > end) return trailingJunk('parameter', this.#place(junk))
      this.#push(t.Param, text.slice(start + 1, end), end)
      return
    }
    const tagEnd = character.endOfDollarTag(text, start)
    if (tagEnd < 0) {
      this.#push(t.Unreadable, '$', start + 1)
      return
    }
    const tag = text.slice(start, tagEnd)
    const close = text.indexOf(tag, tagEnd)
    if (close < 0) return unterminated('dollar-quoted string', this.#place(text.length))
    this.#push(t.Text, text.slice(tagEnd, close), close + tag.length)
    return
  }

  #number(): SqlError | undefined {
    const text = this.#text
    const start = this.#at
    const { end, kind } = character.endOfNumber(text, start)
    const junk = character.endOfWord(text, end)
    if (kind === 'broken' || junk > end) return trailingJunk('numeric literal', this.#place(junk))
    this.#push(kind === 'integer' ? t.Integer : t.Decimal, text.slice(start, end), end)
    return
  }

  #sign(code: number): SqlError | undefined {
    const text = this.#text
    const start = this.#at
    const next = text.charCodeAt(start + 1)
    if (code === 0x2e) {
      if (character.classOf(next) === character.digit) return this.#number()
      if (next === 0x2e) this.#push(t.Unreadable, '..', start + 2)
      else this.#push(t.Dot, '.', start + 1)
    } else if (code === 0x3a) {
      if (next === 0x3a) this.#push(t.TypeCast, '::', start + 2)
      else if (next === 0x3d) this.#push(t.ColonEquals, ':=', start + 2)
      else this.#push(t.Colon, ':', start + 1)
    } else {
      const image = text[start]!
      if (image === ';') this.#angles = 0
      this.#push(signs[image]!, image, start + 1)
    }
    return
  }

  #operator(code: number): SqlError | undefined {
    const text = this.#text
    const start = this.#at
    const next = text.charCodeAt(start + 1)
    if (code === 0x2d && next === 0x2d) {
      this.#at = character.endOfLine(text, start)
      return
    }
    if (code === 0x2f && next === 0x2a) {
      const end = character.endOfComment(text, start)
      if (end < 0) return unterminated('/* comment', this.#place(text.length))
      this.#at = end
      return
    }
    if (this.#angles > 0 && code === 0x3e) return this.#closeAngle()
    const end = character.endOfOperator(text, start)
    if (end - start > nameBytesMax) return operatorTooLong(this.#place(end))
    const image = text.slice(start, end)
    if (image === '<') this.#openAngle()
    this.#push(signs[image] ?? t.Operator, image === '!=' ? '<>' : image, end)
    return
  }

  /** `<` opens a list of fields after STRUCT, if two words follow, and an element type after ARRAY. */
  #openAngle(): void {
    const before = this.#tokens.at(-1)?.tokenType
    const opens = before === t.K.array || (before === t.K.struct && character.areTwoWords(this.#text, this.#at + 1))
    if (opens) this.#angles++
  }

  #closeAngle(): undefined {
    this.#angles--
    this.#push(t.Greater, '>', this.#at + 1)
  }
}

const named = (type: TokenType, value: string): string => (type === t.Identifier ? truncateName(value) : value)
