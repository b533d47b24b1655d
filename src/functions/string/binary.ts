// Strings of bytes: hashes, encodings, single bytes and bits, conversion to and from text (PostgreSQL 15, section 9.5).

import { createHash } from 'node:crypto'
import { notSupported, SqlError } from '../../core/error.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { printBytea } from '../text/strings.ts'
import { invalidParameter } from './limits.ts'

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)

const digest = (algorithm: string, data: Uint8Array | string): Uint8Array =>
  plain(createHash(algorithm).update(data).digest())

const hashes: readonly ScalarFunction[] = [
  ...(['text', 'bytea'] as const).map((type) =>
    strict('md5', [type], 'text', {
      doc: 'The MD5 hash in hexadecimal.',
      example: `md5('abc'::${type}) = '900150983cd24fb0d6963f7d28e17f72'`,
      fails: false,
      evaluate: (data: Uint8Array | string) => createHash('md5').update(data).digest('hex'),
    }),
  ),
  ...[224, 256, 384, 512].map((bits) =>
    strict(`sha${bits}`, ['bytea'], 'bytea', {
      doc: `The SHA-${bits} hash.`,
      example: `length(sha${bits}('abc'::bytea)) = ${bits / 8}`,
      fails: false,
      evaluate: (data: Uint8Array) => digest(`sha${bits}`, data),
    }),
  ),
]

const unknownEncoding = (name: string): SqlError => invalidParameter(`unrecognized encoding: "${name}"`)
const invalidHexDigit = (character: string): SqlError => invalidParameter(`invalid hexadecimal digit: "${character}"`)
const oddHexDigits = (): SqlError => invalidParameter('invalid hexadecimal data: odd number of digits')
const invalidBase64 = (character: string): SqlError =>
  invalidParameter(`invalid symbol "${character}" found while decoding base64 sequence`)
const base64Ends = (): SqlError =>
  new SqlError({
    code: '22023',
    message: 'invalid base64 end sequence',
    hint: 'Input data is missing padding, is truncated, or is otherwise corrupted.',
  })
const invalidEscape = (): SqlError => new SqlError({ code: '22P02', message: 'invalid input syntax for type bytea' })

interface Encoding {
  readonly encode: (bytes: Uint8Array) => string
  readonly decode: (text: string) => Uint8Array
}

function decodeHex(text: string): Uint8Array {
  const digits = text.replace(/[ \n\t\r]/g, '')
  const wrong = /[^0-9a-fA-F]/u.exec(digits)
  if (wrong !== null) throw invalidHexDigit(wrong[0])
  if (digits.length % 2 !== 0) throw oddHexDigits()
  return plain(Buffer.from(digits, 'hex'))
}

function decodeBase64(text: string): Uint8Array {
  const symbols = text.replace(/[ \n\t\r]/g, '')
  const wrong = /[^A-Za-z0-9+/=]/u.exec(symbols)
  if (wrong !== null) throw invalidBase64(wrong[0])
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(symbols) || symbols.length % 4 !== 0) throw base64Ends()
  return plain(Buffer.from(symbols, 'base64'))
}

/** Lines of 76 symbols, as MIME wants. */
const encodeBase64 = (bytes: Uint8Array): string =>
  bufferOf(bytes)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\n')

function decodeEscape(text: string): Uint8Array {
  const bytes: number[] = []
  const source = Buffer.from(text)
  for (let i = 0; i < source.length; i++) {
    if (source[i] !== 0x5c) bytes.push(source[i]!)
    else if (source[i + 1] === 0x5c) {
      bytes.push(0x5c)
      i++
    } else {
      const octal = /^[0-3][0-7]{2}$/.exec(source.toString('latin1', i + 1, i + 4))
      if (octal === null) throw invalidEscape()
      bytes.push(Number.parseInt(octal[0], 8))
      i += 3
    }
  }
  return Uint8Array.from(bytes)
}

/**
 * Zero bytes and bytes beyond ASCII as octal, backslashes doubled; other control characters stay, unlike bytea's own
 * form.
 */
const encodeEscape = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes)
    text +=
      byte === 0 || byte > 0x7f
        ? `\\${byte.toString(8).padStart(3, '0')}`
        : byte === 0x5c
          ? '\\\\'
          : String.fromCharCode(byte)
  return text
}

const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['hex', { encode: (bytes: Uint8Array) => printBytea(bytes, 'hex').slice(2), decode: decodeHex }],
  ['base64', { encode: encodeBase64, decode: decodeBase64 }],
  ['escape', { encode: encodeEscape, decode: decodeEscape }],
])

function encodingNamed(name: string): Encoding {
  const encoding = encodings.get(name.toLowerCase())
  if (encoding === undefined) throw unknownEncoding(name)
  return encoding
}

const outOfIndex = (index: number | bigint, last: number): SqlError =>
  new SqlError({ code: '2202E', message: `index ${index} out of valid range, 0..${last}` })

function checkIndex(index: number | bigint, length: number): number {
  if (index < 0 || index >= length) throw outOfIndex(index, length - 1)
  return Number(index)
}

function bitAt(bytes: Uint8Array, index: bigint): number {
  const at = checkIndex(index, bytes.length * 8)
  return (bytes[at >> 3]! >> (at & 7)) & 1
}

function withByte(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const at = checkIndex(index, bytes.length)
  const copy = bytes.slice()
  copy[at] = value & 0xff
  return copy
}

const badBit = (): SqlError => invalidParameter('new bit must be 0 or 1')

function withBit(bytes: Uint8Array, index: bigint, value: number): Uint8Array {
  const at = checkIndex(index, bytes.length * 8)
  if (value !== 0 && value !== 1) throw badBit()
  const mask = 1 << (at & 7)
  const old = bytes[at >> 3]!
  return withByte(bytes, at >> 3, value === 1 ? old | mask : old & ~mask)
}

const bits: readonly ScalarFunction[] = [
  strict('get_byte', ['bytea', 'int4'], 'int4', {
    doc: 'The byte at an index from 0.',
    example: "get_byte('\\x1234567890'::bytea, 4) = 144",
    evaluate: (bytes: Uint8Array, index: number) => bytes[checkIndex(index, bytes.length)]!,
  }),
  strict('set_byte', ['bytea', 'int4', 'int4'], 'bytea', {
    doc: 'The bytes with another one at an index from 0.',
    example: "set_byte('\\x1234567890'::bytea, 4, 64) = '\\x1234567840'::bytea",
    evaluate: withByte,
  }),
  strict('get_bit', ['bytea', 'int8'], 'int4', {
    doc: 'The bit at an index from 0, counted from the right within each byte.',
    example: "get_bit('\\x1234567890'::bytea, 30) = 1",
    evaluate: bitAt,
  }),
  strict('set_bit', ['bytea', 'int8', 'int4'], 'bytea', {
    doc: 'The bytes with another bit at an index from 0, counted from the right within each byte.',
    example: "set_bit('\\x1234567890'::bytea, 30, 0) = '\\x1234563890'::bytea",
    evaluate: withBit,
  }),
  strict('bit_count', ['bytea'], 'int8', {
    doc: 'The number of bits that are set.',
    example: "bit_count('\\x1234567890'::bytea) = 15",
    fails: false,
    evaluate: (bytes: Uint8Array) => {
      let count = 0
      for (const byte of bytes) for (let rest = byte; rest !== 0; rest &= rest - 1) count++
      return BigInt(count)
    },
  }),
]

const invalidUtf8 = (bytes: Uint8Array): SqlError =>
  new SqlError({
    code: '22021',
    message: `invalid byte sequence for encoding "UTF8": ${[...bytes.subarray(0, 4)]
      .map((byte) => `0x${byte.toString(16).padStart(2, '0')}`)
      .join(' ')}`,
  })

const invalidEncodingName = (name: string, role: string): SqlError =>
  invalidParameter(`invalid ${role} encoding name "${name}"`)

function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.includes(0)) throw invalidUtf8(Uint8Array.of(0))
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalidUtf8(bytes)
  }
}

/** The encodings that text can be converted to; others are refused by name. */
function conversionOf(name: string, role: 'source' | 'destination'): 'utf8' | 'latin1' {
  const key = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (key === 'utf8' || key === 'unicode') return 'utf8'
  if (key === 'latin1' || key === 'iso88591') return 'latin1'
  if (/^(win\d+|latin\d+|iso8859\d+|euc[a-z]+|koi8[ru]|sjis|big5|gbk|gb18030|uhc|johab|sqlascii)$/.test(key))
    throw notSupported(`encoding "${name}"`)
  throw invalidEncodingName(name, role)
}

const untranslatable = (): SqlError =>
  new SqlError({ code: '22P05', message: 'character has no equivalent in encoding "LATIN1"' })

function convertTo(text: string, name: string): Uint8Array {
  if (conversionOf(name, 'destination') === 'utf8') return new TextEncoder().encode(text)
  if (/[^\u0000-\u00ff]/.test(text)) throw untranslatable()
  return plain(Buffer.from(text, 'latin1'))
}

function convertFrom(bytes: Uint8Array, name: string): string {
  return conversionOf(name, 'source') === 'utf8' ? decodeUtf8(bytes) : bufferOf(bytes).toString('latin1')
}

/** An integer as the wire's binary form has it: two's complement, the highest byte first. */
const sent = (type: 'int2' | 'int4' | 'int8', width: number): ScalarFunction =>
  strict(`${type}send`, [type], 'bytea', {
    doc: `The ${width} bytes that the binary format of the protocol has for the number.`,
    example: `${type}send(258::${type}) = '\\x${'102'.padStart(2 * width, '0')}'`,
    fails: false,
    evaluate: (value: number | bigint) => {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setBigInt64(0, BigInt(value))
      return bytes.slice(8 - width)
    },
  })

export const binaryFunctions: readonly ScalarFunction[] = [
  sent('int2', 2),
  sent('int4', 4),
  sent('int8', 8),
  ...hashes,
  ...bits,
  strict('encode', ['bytea', 'text'], 'text', {
    doc: 'The bytes as text: hex, base64 or escape.',
    example: "encode('\\x1234'::bytea, 'hex') = '1234' and encode('abc'::bytea, 'base64') = 'YWJj'",
    evaluate: (bytes: Uint8Array, name: string) => encodingNamed(name).encode(bytes),
  }),
  strict('decode', ['text', 'text'], 'bytea', {
    doc: 'The bytes that a text means: hex, base64 or escape.',
    example: "decode('1234', 'hex') = '\\x1234'::bytea and decode('YWJj', 'base64') = 'abc'::bytea",
    evaluate: (text: string, name: string) => encodingNamed(name).decode(text),
  }),
  strict('convert_from', ['bytea', 'name'], 'text', {
    doc: 'The text that bytes mean in an encoding (UTF8, LATIN1).',
    example: "convert_from('\\xe697a5'::bytea, 'UTF8') = '日'",
    evaluate: convertFrom,
  }),
  strict('convert_to', ['text', 'name'], 'bytea', {
    doc: 'The bytes of a text in an encoding (UTF8, LATIN1).',
    example: "convert_to('é', 'UTF8') = '\\xc3a9'::bytea",
    evaluate: convertTo,
  }),
  strict('length', ['bytea', 'name'], 'int4', {
    doc: 'The number of characters that bytes mean in an encoding.',
    example: "length('\\xe697a5'::bytea, 'UTF8') = 1",
    evaluate: (bytes: Uint8Array, name: string) => [...convertFrom(bytes, name)].length,
  }),
  ...(['int4', 'int8'] as const).map((kind) =>
    strict('to_hex', [kind], 'text', {
      doc: 'The number in hexadecimal; a negative one as its two’s complement.',
      example: `to_hex(255::${kind}) = 'ff'`,
      fails: false,
      evaluate: (value: number | bigint) => BigInt.asUintN(kind === 'int4' ? 32 : 64, BigInt(value)).toString(16),
    }),
  ),
]
