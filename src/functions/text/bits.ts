// Bit strings: BIT(n) and BIT VARYING(n) as text, in binary, and the lengths they impose. A value is a string of 0 and
// 1, whose code-point order is PostgreSQL's order of bit strings.

import { SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'

export type BitType = Extract<SqlType, { kind: 'bit' | 'varbit' }>

const HEX_BITS = 4

/** `101`, `b101` or `x1F`, as PostgreSQL's bit_in reads it. */
export function parseBits(type: BitType, text: string): string {
  const hex = /^[xX]/.test(text)
  const digits = /^[xXbB]/.test(text) ? text.slice(1) : text
  const wrong = (hex ? /[^0-9a-fA-F]/u : /[^01]/u).exec(digits)
  if (wrong !== null)
    throw new SqlError({
      code: '22P02',
      message: `"${wrong[0]}" is not a valid ${hex ? 'hexadecimal' : 'binary'} digit`,
    })
  return fitBits(type, hex ? hexBits(digits) : digits, false)
}

export const hexBits = (digits: string): string =>
  [...digits].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(HEX_BITS, '0')).join('')

/** The bits as the type holds them: explicit casts cut and fill up with zeros, else another length is an error. */
export function fitBits({ kind, length }: BitType, bits: string, explicit: boolean): string {
  if (length === undefined || bits.length === length) return bits
  if (kind === 'varbit') {
    if (bits.length < length) return bits
    if (!explicit) throw new SqlError({ code: '22001', message: `bit string too long for type bit varying(${length})` })
    return bits.slice(0, length)
  }
  if (!explicit)
    throw new SqlError({
      code: '22026',
      message: `bit string length ${bits.length} does not match type bit(${length})`,
    })
  return bits.slice(0, length).padEnd(length, '0')
}

const BYTE_BITS = 8

/** The bits as bytes, the last one filled up with zeros. */
export function bytesOfBits(bits: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / BYTE_BITS))
  for (let i = 0; i < bits.length; i++) if (bits.charCodeAt(i) === 0x31) bytes[i >> 3]! |= 0x80 >> (i & 7)
  return bytes
}

export function bitsOfBytes(bytes: Uint8Array, length: number): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(BYTE_BITS, '0')
  return bits.slice(0, length)
}
