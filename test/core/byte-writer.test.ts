// The growable buffer keeps what was written, whatever its size, and its text is UTF-8.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter, utf8Text } from '../../src/core/byte-writer.ts'

test('numbers are big-endian, and survive growth', () => {
  const writer = new ByteWriter(1)
  writer.u8(0x01)
  writer.u16(0x0203)
  writer.i32(-2)
  writer.i64(-3n)
  writer.f64(1.5)
  writer.fill(7, 2)
  expect(Buffer.from(writer.slice()).toString('hex')).toBe('010203fffffffefffffffffffffffd3ff80000000000000707')
})

test('a length is put in afterwards', () => {
  const writer = new ByteWriter(2)
  const at = writer.length
  writer.i32(0)
  writer.append(Uint8Array.of(9, 8, 7, 6), 1, 2)
  writer.putI32(at, writer.length - at)
  expect([...writer.slice()]).toEqual([0, 0, 0, 6, 8, 7])
})

test('text is what TextEncoder makes of it, and reads back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 80 })), (texts) => {
      const writer = new ByteWriter(1)
      for (const text of texts) writer.utf8(text)
      const all = texts.join('')
      expect(writer.slice()).toEqual(new TextEncoder().encode(all))
      expect(utf8Text(writer.bytes, 0, writer.length)).toBe(all)
    }),
  )
})

test('a byte order mark is text like any other', () => {
  const writer = new ByteWriter()
  writer.utf8('\u{feff}a')
  expect(utf8Text(writer.bytes, 0, writer.length)).toBe('\u{feff}a')
})

test('one buffer has a limit', () => {
  expect(() => new ByteWriter().reserve(2 ** 30)).toThrow('invalid memory alloc request size')
})
