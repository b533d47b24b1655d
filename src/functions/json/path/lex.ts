// Tokens of SQL/JSON paths (jsonpath_scan.l): JavaScript-like strings, numbers, names with escapes, variables,
// comments.

import { SqlError } from '../../../core/error.ts'

export interface Token {
  /** A mark stands for itself. */
  readonly kind: 'name' | 'string' | 'variable' | 'integer' | 'number' | 'mark' | 'end'
  readonly text: string
  readonly at: number
}

/** 42601. */
export const pathSyntax = (near: string): SqlError =>
  new SqlError({
    code: '42601',
    message:
      near === '' ? 'syntax error at end of jsonpath input' : `syntax error at or near "${near}" of jsonpath input`,
  })

const invalidEscape = (what: string): SqlError => new SqlError({ code: '42601', message: `${what} of jsonpath input` })

const MARKS = /\*\*|&&|\|\||==|<>|!=|<=|>=|[?%$.[\]{}()|&!=<>@#,*:\-+/]/y
const BLANKS = /(?:[ \t\n\r\f]+|\/\*[\s\S]*?\*\/)+/y
const NUMBER = /(?:(?:0|[1-9]\d*)\.\d*|\.\d+|(?:0|[1-9]\d*))(?:[eE][+-]?\d+)?/y
const NAME_CHARACTER = /[^?%$.[\]{}()|&!=<>@#,*:\-+/"\\ \t\n\r\f]/y

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = skipped(text, 0); at < text.length; ) {
    const { end, ...token } = tokenAt(text, at)
    tokens.push({ ...token, at })
    at = skipped(text, end)
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }]
}

function skipped(text: string, at: number): number {
  const end = at + (matchAt(BLANKS, text, at)?.length ?? 0)
  if (text.startsWith('/*', end)) throw invalidEscape('unexpected end of comment')
  return end
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

type Lexed = Pick<Token, 'kind' | 'text'> & { readonly end: number }

function tokenAt(text: string, at: number): Lexed {
  const character = text[at]!
  if (character === '"') return { kind: 'string', ...quotedAt(text, at + 1) }
  if (character === '$') {
    if (text[at + 1] === '"') return { kind: 'variable', ...quotedAt(text, at + 2) }
    const name = nameAt(text, at + 1)
    if (name.end > at + 1) return { kind: 'variable', ...name }
  }
  if (/[0-9]/.test(character) || (character === '.' && /[0-9]/.test(text[at + 1] ?? ''))) return numberAt(text, at)
  const mark = matchAt(MARKS, text, at)
  if (mark !== undefined) return { kind: 'mark', text: mark, end: at + mark.length }
  return { kind: 'name', ...nameAt(text, at) }
}

function numberAt(text: string, at: number): Lexed {
  const number = matchAt(NUMBER, text, at)!
  const end = at + number.length
  const next = matchAt(NAME_CHARACTER, text, end)
  if (next !== undefined || text[end] === '\\')
    throw new SqlError({
      code: '42601',
      message: `trailing junk after numeric literal at or near "${number}${next ?? '\\'}" of jsonpath input`,
    })
  return { kind: /^\d+$/.test(number) ? 'integer' : 'number', text: number, end }
}

interface Piece {
  readonly text: string
  readonly end: number
}

function nameAt(text: string, start: number): Piece {
  let value = ''
  let at = start
  for (;;) {
    if (text[at] === '\\') {
      const escaped = escapeAt(text, at + 1)
      value += escaped.text
      at = escaped.end
      continue
    }
    if (text.startsWith('/*', at) || matchAt(NAME_CHARACTER, text, at) === undefined) return { text: value, end: at }
    value += text[at]!
    at++
  }
}

function quotedAt(text: string, start: number): Piece {
  let value = ''
  for (let at = start; ; ) {
    const character = text[at]
    if (character === undefined) throw invalidEscape('unterminated quoted string')
    if (character === '"') return { text: value, end: at + 1 }
    if (character === '\\') {
      const escaped = escapeAt(text, at + 1)
      value += escaped.text
      at = escaped.end
    } else {
      value += character
      at++
    }
  }
}

const LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function escapeAt(text: string, at: number): Piece {
  const letter = text[at]
  if (letter === undefined) throw invalidEscape('unexpected end after backslash')
  if (letter === 'x') {
    const digits = /^[0-9a-fA-F]{2}/.exec(text.slice(at + 1, at + 3))?.[0]
    if (digits === undefined) throw invalidEscape('invalid hexadecimal character sequence')
    return { text: unicodeText(Number.parseInt(digits, 16)), end: at + 3 }
  }
  if (letter === 'u') return unicodeAt(text, at)
  return { text: LETTERS[letter] ?? letter, end: at + 1 }
}

function unicodeAt(text: string, at: number): Piece {
  const first = unicodeUnit(text, at)
  if (first.code < 0xd800 || first.code > 0xdfff) return { text: unicodeText(first.code), end: first.end }
  const second = text.startsWith('\\u', first.end) ? unicodeUnit(text, first.end + 1) : undefined
  const paired = first.code < 0xdc00 && second !== undefined && second.code >= 0xdc00 && second.code <= 0xdfff
  if (!paired)
    throw new SqlError({
      code: '22P02',
      message: 'invalid input syntax for type jsonpath',
      detail: 'Unicode low surrogate must follow a high surrogate.',
    })
  return { text: String.fromCharCode(first.code, second.code), end: second.end }
}

function unicodeUnit(text: string, at: number): { readonly code: number; readonly end: number } {
  const match = /^u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/.exec(text.slice(at, at + 9))
  const code = Number.parseInt(match?.[1] ?? match?.[2] ?? '', 16)
  if (match === null || code > 0x10ffff) throw invalidEscape('invalid Unicode escape sequence')
  return { code, end: at + match[0].length }
}

function unicodeText(code: number): string {
  if (code === 0)
    throw new SqlError({
      code: '22P05',
      message: 'unsupported Unicode escape sequence',
      detail: '\\u0000 cannot be converted to text.',
    })
  return String.fromCodePoint(code)
}
