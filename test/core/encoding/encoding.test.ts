// Canonical bytes: they give the value back, memcmp is the canonical order, and equality is a prefix.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/core/byte-writer.ts'
import { decode, encode, equalityIsPrefix, equalityLength } from '../../../src/core/encoding/encoding.ts'
import { compareCanonical, compareSql, sameIdentity } from '../../../src/core/order.ts'
import type { SqlType } from '../../../src/core/type.ts'
import { typeName } from '../../../src/core/type-name.ts'
import { interval, numeric, type SqlValue } from '../../../src/core/value.ts'
import { anyValue, bytesTypes } from './any-value.ts'

type NotNull = Exclude<SqlValue, null>

function bytesOf(type: SqlType, value: NotNull): Uint8Array {
  const writer = new ByteWriter(1)
  writer.append(Uint8Array.of(7, 7, 7)) // encodings do not start at 0
  encode(type, value, writer)
  return writer.slice(3)
}

const equalityPart = (type: SqlType, bytes: Uint8Array): Uint8Array =>
  bytes.subarray(0, equalityLength(type, bytes, 0, bytes.length))

describe.each(bytesTypes.map((type) => [typeName(type), type] as const))('%s', (_name, type) => {
  test('decode(encode(v)) = v', () => {
    fc.assert(
      fc.property(anyValue(type), (value) => {
        const bytes = bytesOf(type, value)
        expect(decode(type, bytes, 0, bytes.length)).toEqual(value)
      }),
    )
  })

  test('memcmp is the canonical order, and that of the equality part is the order of SQL', () => {
    const pair = fc.oneof(
      fc.tuple(anyValue(type), anyValue(type)),
      anyValue(type).map((value) => [value, value] as const),
    )
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const x = bytesOf(type, a)
        const y = bytesOf(type, b)
        expect(Buffer.compare(x, y)).toBe(Math.sign(compareCanonical(type, a, b)))
        expect(Buffer.compare(equalityPart(type, x), equalityPart(type, y))).toBe(Math.sign(compareSql(type, a, b)))
        expect(sameIdentity(type, a, b)).toBe(Buffer.compare(x, y) === 0)
      }),
      { numRuns: 300 },
    )
  })
})

test('numbers of different scale are equal and not the same', () => {
  const type: SqlType = { kind: 'numeric' }
  const short = bytesOf(type, numeric(15n, 1))
  const long = bytesOf(type, numeric(1500n, 3))
  expect(equalityPart(type, short)).toEqual(equalityPart(type, long))
  expect(Buffer.compare(short, long)).toBe(-1)
})

test('a month is thirty days, and not the same', () => {
  const type: SqlType = { kind: 'interval' }
  const month = bytesOf(type, interval(1, 0, 0n))
  const days = bytesOf(type, interval(0, 30, 0n))
  expect(equalityPart(type, month)).toEqual(equalityPart(type, days))
  expect(month).not.toEqual(days)
})

test('columns of several values are injective', () => {
  const type: SqlType = { kind: 'row', fields: [text('a'), text('b')] }
  const row = (...fields: SqlValue[]): NotNull => ({ kind: 'row', fields })
  expect(bytesOf(type, row('a', 'bc'))).not.toEqual(bytesOf(type, row('ab', 'c')))
  expect(bytesOf(type, row(null, ''))).not.toEqual(bytesOf(type, row('NULL', '')))
})

test('equality is a prefix for exactly the types whose values have more than one look', () => {
  const prefixed = bytesTypes.filter((type) => type.kind !== 'array' && equalityIsPrefix(type)).map((type) => type.kind)
  expect(prefixed).toEqual(['numeric', 'bpchar', 'interval', 'jsonb', 'numrange', 'nummultirange', 'row'])
})

function text(name: string) {
  return { name, type: { kind: 'text' as const } }
}
