// The values of E'…' and U&'…' literals, given what stands between the quotes (PostgreSQL, "Lexical Structure", 4.1.2).
//
// Positions of errors are offsets into the whole text; `start` is that of the first character after the quote.

import {
  invalidBytes,
  invalidSurrogatePair,
  invalidUnicodeEscape,
  invalidUnicodeName,
  invalidUnicodeValue,
} from './lexical-error.ts'

const simpleEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

/** Collects text and code points; a high surrogate must be followed at once by a low one. */
class Collector {
  #text = ''
  #high = 0

  add(text: string, position: number): void {
    if (text === '') return
    this.end(position)
    this.#text += text
  }

  addCodePoint(code: number, position: number): void {
    if (code === 0 || code > 0x10ffff) throw invalidUnicodeValue(position)
    if (this.#high !== 0) {
      if (!isLowSurrogate(code)) throw invalidSurrogatePair(position)
      this.#text += String.fromCharCode(this.#high, code)
      this.#high = 0
    } else if (isHighSurrogate(code)) this.#high = code
    else if (isLowSurrogate(code)) throw invalidSurrogatePair(position)
    else this.#text += String.fromCodePoint(code)
  }

  end(position: number): string {
    if (this.#high !== 0) throw invalidSurrogatePair(position)
    return this.#text
  }
}

/** E'…': `body` still has its backslashes, and its doubled quotes. */
export const decodeEscapes = (body: string, start: number): string => {
  const pattern = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{0,4})|U([0-9A-Fa-f]{0,8})|(.))|''/gs
  const out = new Collector()
  let bytes: number[] = []
  let from = 0
  const flushBytes = (position: number): void => {
    if (bytes.length > 0) out.add(decodeBytes(bytes, position), position)
    bytes = []
  }
  for (const match of body.matchAll(pattern)) {
    const position = start + match.index
    const [whole, octal, hex, short, long, other] = match
    if (match.index > from) {
      flushBytes(position)
      out.add(body.slice(from, match.index), position)
    }
    from = match.index + whole.length
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff)
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16))
    else {
      flushBytes(position)
      const digits = short ?? long
      if (digits === undefined) out.add(other === undefined ? "'" : (simpleEscapes[other] ?? other), position)
      else if (digits.length !== (short === undefined ? 8 : 4)) throw invalidUnicodeEscape(position)
      else out.addCodePoint(Number.parseInt(digits, 16), position)
    }
  }
  flushBytes(start + from)
  out.add(body.slice(from), start + from)
  return out.end(start + body.length)
}

/** Bytes written one by one must be UTF-8 together, and not zero. */
const decodeBytes = (bytes: readonly number[], position: number): string => {
  if (bytes.includes(0)) throw invalidBytes([0], position)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
  } catch {
    throw invalidBytes(bytes, position)
  }
}

/** U&'…' and U&"…": `body` has its quotes already undoubled; `mark` is the escape character. */
export const decodeUnicode = (body: string, mark: string, start: number): string => {
  const out = new Collector()
  let from = 0
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, from)) {
    const position = start + at
    out.add(body.slice(from, at), position)
    const [whole, digits] = /^(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6}))/.exec(body.slice(at + 1, at + 8)) ?? []
    if (body.startsWith(mark, at + 1)) {
      out.add(mark, position)
      from = at + 2
    } else if (whole !== undefined) {
      out.addCodePoint(Number.parseInt(digits ?? whole.slice(1), 16), position)
      from = at + 1 + whole.length
    } else throw invalidUnicodeName(position)
  }
  out.add(body.slice(from), start + from)
  return out.end(start + body.length)
}
