// A growable byte buffer: what encodings, wire messages and text output are written into.
//
// State: `bytes` (may be replaced by a larger one at any write) and `length`, the bytes in use; both are public so that
// loops can reserve once and then store through locals. Integers are big-endian. Cost: amortised one copy per byte.
// Limit: 1 GiB − 1, PostgreSQL's bound for one value or message; beyond it 54000.

import { SqlError } from './error.ts'

export const BYTES_MAX = 0x3fffffff

const utf8 = new TextEncoder()
const SHORT = 48

/** 54000: one value or message would pass the limit. */
const valueTooLarge = (bytes: number): SqlError =>
  new SqlError({ code: '54000', message: `invalid memory alloc request size ${bytes}` })

export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>
  length = 0
  #view: DataView

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.bytes.buffer)
  }

  /** Makes room for `extra` more bytes; returns where they start. `length` does not move. */
  reserve(extra: number): number {
    if (this.length + extra > this.bytes.length) this.#grow(this.length + extra)
    return this.length
  }

  u8(value: number): void {
    const at = this.reserve(1)
    this.bytes[at] = value
    this.length = at + 1
  }

  u16(value: number): void {
    const at = this.reserve(2)
    this.#view.setUint16(at, value)
    this.length = at + 2
  }

  i32(value: number): void {
    const at = this.reserve(4)
    this.#view.setInt32(at, value)
    this.length = at + 4
  }

  i64(value: bigint): void {
    const at = this.reserve(8)
    this.#view.setBigInt64(at, value)
    this.length = at + 8
  }

  f32(value: number): void {
    const at = this.reserve(4)
    this.#view.setFloat32(at, value)
    this.length = at + 4
  }

  f64(value: number): void {
    const at = this.reserve(8)
    this.#view.setFloat64(at, value)
    this.length = at + 8
  }

  /** Overwrites four bytes written before: lengths that are known only at the end. */
  putI32(at: number, value: number): void {
    this.#view.setInt32(at, value)
  }

  append(source: Uint8Array, offset = 0, length = source.length - offset): void {
    const at = this.reserve(length)
    const target = this.bytes
    if (length < 32) for (let i = 0; i < length; i++) target[at + i] = source[offset + i]!
    else target.set(source.subarray(offset, offset + length), at)
    this.length = at + length
  }

  fill(byte: number, count: number): void {
    const at = this.reserve(count)
    this.bytes.fill(byte, at, at + count)
    this.length = at + count
  }

  /** The text in UTF-8; a lone surrogate becomes U+FFFD. */
  utf8(text: string): void {
    const at = this.reserve(text.length * 3)
    const target = this.bytes
    if (text.length <= SHORT) {
      let i = 0
      for (; i < text.length; i++) {
        const unit = text.charCodeAt(i)
        if (unit > 127) break
        target[at + i] = unit
      }
      if (i === text.length) {
        this.length = at + i
        return
      }
    }
    this.length = at + utf8.encodeInto(text, target.subarray(at)).written
  }

  clear(): void {
    this.length = 0
  }

  /** A copy of what was written from `start` on. */
  slice(start = 0): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(start, this.length)
  }

  #grow(needed: number): void {
    if (needed > BYTES_MAX) throw valueTooLarge(needed)
    const larger = new Uint8Array(Math.min(BYTES_MAX, Math.max(needed, this.bytes.length * 2)))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Node's own decoder over a range of any Uint8Array: three times as fast as a TextDecoder, and it keeps a BOM. */
const { utf8Slice } = Buffer.prototype as unknown as {
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string
}

/** The string that `length` bytes of UTF-8 at `offset` say; U+FFFD for what is not UTF-8. */
export const utf8Text = (bytes: Uint8Array, offset: number, length: number): string =>
  utf8Slice.call(bytes, offset, offset + length)
