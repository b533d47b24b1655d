// Digests of records: a 64-bit hash of (offset, key, value, headers) each, summed modulo 2^64, so that sums of adjacent
// ranges add up however a log was cut. They are kept in the journal and compared when a log is read again: the function
// must never change. It guards against another log, not against an adversary.
//
// Four lanes of 32 bits as in xxHash32, finished into two words. Cost: about a quarter of a nanosecond a byte.

import type { Records } from './records.ts'

const P1 = 0x9e3779b1 | 0
const P2 = 0x85ebca77 | 0
const P3 = 0xc2b2ae3d | 0
const P4 = 0x27d4eb2f | 0

/** Of records `from` ≤ row < `to`. */
export function digestRecords(records: Records, from: number, to: number): bigint {
  const { bytes, offset, keyStart, keyLength, end } = records
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Sums of fewer than 2^21 words of 32 bits are exact in doubles.
  let low = 0
  let high = 0
  let total = 0n
  for (let row = from; row < to; row++) {
    const at = offset[row]!
    const body = hashBody(view, keyStart[row]!, end[row]!)
    const seed = Math.imul(at | 0, P2) ^ Math.imul(Math.floor(at / 2 ** 32), P3) ^ keyLength[row]!
    low += finish(body.a ^ seed)
    high += finish(body.b + Math.imul(seed, P4))
    if ((row & 0xfffff) === 0xfffff) {
      total += BigInt(low) + (BigInt(high) << 32n)
      low = 0
      high = 0
    }
  }
  return BigInt.asUintN(64, total + BigInt(low) + (BigInt(high) << 32n))
}

function hashBody(view: DataView, start: number, end: number): { readonly a: number; readonly b: number } {
  let a = P1
  let b = P2
  let c = P3
  let d = P4
  let at = start
  for (const last = end - 16; at <= last; at += 16) {
    a = round(a, view.getInt32(at, true))
    b = round(b, view.getInt32(at + 4, true))
    c = round(c, view.getInt32(at + 8, true))
    d = round(d, view.getInt32(at + 12, true))
  }
  for (; at < end; at++) d = round(d, view.getUint8(at))
  const length = end - start
  return { a: a ^ rotate(c, 7) ^ Math.imul(length, P1), b: rotate(b, 13) ^ d ^ Math.imul(a, P3) }
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

const round = (lane: number, word: number): number => Math.imul(rotate((lane + Math.imul(word, P2)) | 0, 13), P1)

function finish(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 15), P2)
  mixed = Math.imul(mixed ^ (mixed >>> 13), P3)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
