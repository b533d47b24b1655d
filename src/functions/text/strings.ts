// Character strings, bytea and uuid as text, and the lengths that varchar(n), character(n) and name impose.

import { ByteWriter } from '../../core/byte-writer.ts'
import { invalidText, SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { typeName } from '../../core/type-name.ts'

/** 22021: text cannot hold U+0000. */
const nulCharacter = (): SqlError =>
  new SqlError({ code: '22021', message: 'invalid byte sequence for encoding "UTF8": 0x00' })

/** Well-formed text: lone surrogates become U+FFFD, as no encoding of them exists. */
export function parseText(text: string): string {
  if (text.includes('\0')) throw nulCharacter()
  return text.isWellFormed() ? text : text.toWellFormed()
}

type Bounded = Extract<SqlType, { kind: 'varchar' | 'bpchar' }>

/**
 * The text as the type holds it: character(n) padded with blanks; longer text cut where only blanks are lost or an
 * explicit cast asks for it, else 22001.
 */
export function fitLength(type: Bounded, text: string, explicit = false): string {
  const { length } = type
  if (length === undefined || (text.length <= length && type.kind === 'varchar')) return text
  const cutAt = offsetOfCharacter(text, length)
  if (cutAt < text.length) {
    if (!explicit && /[^ ]/.test(text.slice(cutAt))) throw tooLong(type)
    return text.slice(0, cutAt)
  }
  return type.kind === 'varchar' ? text : text + ' '.repeat(length - characterCount(text))
}

const tooLong = (type: Bounded): SqlError =>
  new SqlError({ code: '22001', message: `value too long for type ${typeName(type)}` })

/** The UTF-16 offset at which `count` characters end; the text's length if it has no more. */
export function offsetOfCharacter(text: string, count: number): number {
  if (text.length <= count) return text.length
  let offset = 0
  for (let left = count; left > 0 && offset < text.length; left--) offset += text.codePointAt(offset)! > 0xffff ? 2 : 1
  return offset
}

export function characterCount(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++
  return count
}

const NAME_BYTES = 63
const utf8 = new TextEncoder()

/** The first 63 bytes, whole characters. */
export function fitName(text: string): string {
  if (text.length * 3 <= NAME_BYTES) return text
  const { read } = utf8.encodeInto(text, new Uint8Array(NAME_BYTES))
  return text.slice(0, read)
}

/** `"char"`: the first byte; bytes beyond ASCII are read and shown as three octal digits. */
export function parseChar(text: string): string {
  const octal = /^\\([0-7]{3})$/.exec(text)
  if (octal !== null) return String.fromCharCode(Number.parseInt(octal[1]!, 8) & 0xff).replace('\0', '')
  return text === '' ? '' : String.fromCharCode(utf8.encode(String.fromCodePoint(text.codePointAt(0)!))[0]!)
}

export const printChar = (value: string): string =>
  value.charCodeAt(0) > 127 ? `\\${value.charCodeAt(0).toString(8).padStart(3, '0')}` : value

const invalidHex = (detail: string): SqlError => new SqlError({ code: '22023', message: detail })

export function parseBytea(text: string): Uint8Array {
  if (text.startsWith('\\x')) return parseHex(text.slice(2))
  const bytes = new ByteWriter(text.length)
  for (const [part] of text.matchAll(/\\(?:[0-3][0-7]{2}|\\)|[^\\]+|\\/g)) {
    if (part === '\\\\') bytes.u8(0x5c)
    else if (part === '\\') throw new SqlError({ code: '22P02', message: 'invalid input syntax for type bytea' })
    else if (part.startsWith('\\')) bytes.u8(Number.parseInt(part.slice(1), 8))
    else bytes.utf8(part)
  }
  return bytes.slice()
}

/** Pairs of digits; white space may stand between pairs. */
function parseHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1)
  let length = 0
  for (let at = 0; at < text.length; ) {
    if (/[ \t\n\r]/.test(text[at]!)) {
      at++
      continue
    }
    const high = hexDigit(text, at)
    if (at + 1 >= text.length) throw invalidHex('invalid hexadecimal data: odd number of digits')
    bytes[length++] = high * 16 + hexDigit(text, at + 1)
    at += 2
  }
  return bytes.slice(0, length)
}

function hexDigit(text: string, at: number): number {
  const value = Number.parseInt(text[at]!, 16)
  if (Number.isNaN(value))
    throw invalidHex(`invalid hexadecimal digit: "${String.fromCodePoint(text.codePointAt(at)!)}"`)
  return value
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function hexText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]!
  return text
}

export function printBytea(bytes: Uint8Array, output: 'hex' | 'escape'): string {
  if (output === 'hex') return `\\x${hexText(bytes)}`
  let text = ''
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\\\\'
    else if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString(8).padStart(3, '0')}`
    else text += String.fromCharCode(byte)
  }
  return text
}

/** Hexadecimal digits with optional hyphens after every fourth and optional braces. */
export function parseUuid(text: string): Uint8Array {
  const body = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text
  if (!/^(?:[\da-f]{4}-?){7}[\da-f]{4}$/i.test(body)) throw invalidText('uuid', text)
  return parseHex(body.replaceAll('-', ''))
}

export function printUuid(bytes: Uint8Array): string {
  const hex = hexText(bytes)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
