// Order-preserving bytes of fixed and variable width: memcmp order is the value's order, and every form says where it
// ends, so that forms can follow one another.
//
//   u8 u32       big-endian                        i32 i64   big-endian, sign bit flipped
//   f64          IEEE bits: sign flipped if ≥ 0, all flipped if < 0; −0 is 0, the one NaN is greatest
//   bytes text   00 written as 00 FF, closed by 00 01:   "" < "\0" < "a" < "a\0" < "ab"

import { assert } from '../assert.ts'
import { type ByteWriter, utf8Text } from '../byte-writer.ts'

/** Reads the equality part at `at` and, in step with it, the identity part at `identity` (encoding.ts). */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
  identity: number
}

const END = 0x01
const ESCAPED = 0xff

const scratch = new DataView(new ArrayBuffer(8))

export const readU8 = (cursor: Cursor): number => cursor.bytes[cursor.at++]!

export function u32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

export function readU32(cursor: Cursor): number {
  cursor.at += 4
  return u32At(cursor.bytes, cursor.at - 4)
}

export const writeI32 = (value: number, into: ByteWriter): void => into.i32(value ^ 0x80000000)
export const readI32 = (cursor: Cursor): number => readU32(cursor) ^ 0x80000000

const FLIP = 1n << 63n

export const writeI64 = (value: bigint, into: ByteWriter): void => into.i64(BigInt.asIntN(64, value ^ FLIP))

export function readI64(cursor: Cursor): bigint {
  scratch.setUint32(0, readU32(cursor))
  scratch.setUint32(4, readU32(cursor))
  return BigInt.asIntN(64, scratch.getBigInt64(0) ^ FLIP)
}

export function writeF64(value: number, into: ByteWriter): void {
  scratch.setFloat64(0, value === 0 ? 0 : value)
  const high = scratch.getInt32(0)
  const low = scratch.getInt32(4)
  into.i32(high < 0 ? ~high : high ^ 0x80000000)
  into.i32(high < 0 ? ~low : low)
}

export function readF64(cursor: Cursor): number {
  const high = readU32(cursor) | 0
  const low = readU32(cursor) | 0
  scratch.setInt32(0, high < 0 ? high ^ 0x80000000 : ~high)
  scratch.setInt32(4, high < 0 ? low : ~low)
  return scratch.getFloat64(0)
}

/** Escapes and closes what `write` appends. */
export function writeDelimited(into: ByteWriter, write: (into: ByteWriter) => void): void {
  const start = into.length
  write(into)
  let zeros = 0
  for (let i = start; i < into.length; i++) if (into.bytes[i] === 0) zeros++
  if (zeros > 0) escapeZeros(into, start, zeros)
  into.u8(0)
  into.u8(END)
}

function escapeZeros(into: ByteWriter, start: number, zeros: number): void {
  const end = into.length
  into.reserve(zeros)
  const { bytes } = into
  let to = end + zeros
  into.length = to
  for (let from = end - 1; from >= start; from--) {
    if (bytes[from] === 0) bytes[--to] = ESCAPED
    bytes[--to] = bytes[from]!
  }
}

export function skipDelimited(cursor: Cursor): void {
  const { bytes } = cursor
  let at = cursor.at
  for (;;) {
    while (bytes[at] !== 0) {
      assert(at < bytes.length, 'delimited bytes without an end')
      at++
    }
    at += 2
    if (bytes[at - 1] === END) break
  }
  cursor.at = at
}

export function readDelimited(cursor: Cursor): Uint8Array {
  const start = cursor.at
  skipDelimited(cursor)
  const raw = cursor.bytes.subarray(start, cursor.at - 2)
  if (raw.indexOf(0) < 0) return raw.slice()
  const plain = new Uint8Array(raw.length)
  let to = 0
  for (let from = 0; from < raw.length; from++) {
    plain[to++] = raw[from]!
    if (raw[from] === 0) from++
  }
  return plain.slice(0, to)
}

export function readDelimitedText(cursor: Cursor): string {
  const start = cursor.at
  skipDelimited(cursor)
  const length = cursor.at - 2 - start
  const escaped = cursor.bytes.subarray(start, start + length).indexOf(0) >= 0
  if (!escaped) return utf8Text(cursor.bytes, start, length)
  const plain = readDelimited({ ...cursor, at: start })
  return utf8Text(plain, 0, plain.length)
}
