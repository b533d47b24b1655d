// Arbitrary types and values of them, biased towards what encodings and comparisons get wrong: shared prefixes, zero
// bytes, trailing blanks, astral characters, equal numbers of different scale, intervals of equal estimate.

import fc from 'fast-check'
import { compareSql } from '../../../src/core/order.ts'
import {
  isMultirangeKind,
  isRangeKind,
  multirangeKinds,
  rangeKindOf,
  rangeKinds,
  subtypeOf,
} from '../../../src/core/range.ts'
import type { RangeKind, SqlType } from '../../../src/core/type.ts'
import {
  type JsonNode,
  numeric,
  type RangeBound,
  type SqlRange,
  type SqlValue,
  TIMESTAMP_INFINITY,
  TIMESTAMP_MIN,
} from '../../../src/core/value.ts'
import { makeMultirange, makeRange } from '../../../src/functions/range/make.ts'

type NotNull = Exclude<SqlValue, null>

const int = (bits: number) => fc.bigInt({ min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n })

const character = fc.constantFrom('a', 'b', 'é', '\u{ffff}', '\u{e000}', '\u{1f600}', ' ', '\t', '\u0001', 'z')
export const anyText = fc.array(character, { maxLength: 6 }).map((parts) => parts.join(''))

export const anyNumeric = fc.oneof(
  fc.record({ digits: fc.bigInt({ min: -2000n, max: 2000n }), scale: fc.nat(5) }).map(finite),
  fc.record({ digits: fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), scale: fc.nat(50) }).map(finite),
  fc.record({ small: fc.bigInt({ min: -99n, max: 99n }), zeros: fc.nat(60), scale: fc.nat(30) }).map((parts) => {
    return finite({ digits: parts.small * 10n ** BigInt(parts.zeros), scale: parts.scale })
  }),
  fc.constantFrom('NaN' as const, 'Infinity' as const, '-Infinity' as const).map((special) => {
    return { kind: 'numeric' as const, digits: 0n, scale: 0, special }
  }),
)

function finite(parts: { digits: bigint; scale: number }) {
  return { kind: 'numeric' as const, ...parts }
}

const finiteNumeric = anyNumeric.filter((value) => !('special' in value))

export const anyJson: fc.Arbitrary<JsonNode> = fc.letrec<{ node: JsonNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    anyText,
    finiteNumeric,
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(anyText, tie('node'), { maxKeys: 3 }).map((object) => ({
      kind: 'object' as const,
      entries: Object.entries(object).sort(([a], [b]) => byLengthThenBytes(a, b)),
    })),
  ),
})).node

function byLengthThenBytes(a: string, b: string): number {
  const x = Buffer.from(a)
  const y = Buffer.from(b)
  return x.length - y.length || Buffer.compare(x, y)
}

const anyInterval = fc.oneof(
  fc.record({ months: fc.integer(), days: fc.integer(), micros: int(64) }),
  // Equal estimates, different fields.
  fc.record({ months: fc.integer({ min: -3, max: 3 }), days: fc.integer({ min: -3, max: 3 }) }).map((parts) => ({
    ...parts,
    micros: -(BigInt(parts.months) * 30n + BigInt(parts.days)) * 86_400_000_000n,
  })),
)

const anyTimestamp = fc.oneof(
  fc.bigInt({ min: TIMESTAMP_MIN, max: TIMESTAMP_INFINITY }),
  fc.constantFrom(TIMESTAMP_INFINITY, -TIMESTAMP_INFINITY - 1n, TIMESTAMP_MIN, 0n),
)

const float = fc.oneof(fc.double(), fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, -1.5))
const bytes = fc.uint8Array({ maxLength: 6, max: 2 })

/** A value of the type; NULL only within arrays and rows. */
export function anyValue(type: SqlType): fc.Arbitrary<NotNull> {
  switch (type.kind) {
    case 'boolean':
      return fc.boolean()
    case 'int2':
      return fc.integer({ min: -32768, max: 32767 })
    case 'int4':
    case 'date':
      return fc.integer()
    case 'oid':
    case 'reg':
      return fc.nat(4294967295)
    case 'int8':
      return int(64)
    case 'timestamp':
    case 'timestamptz':
      return anyTimestamp
    case 'json':
      return fc.json()
    case 'time':
      return fc.bigInt({ min: 0n, max: 86_400_000_000n })
    case 'float4':
      return float.map((value) => Math.fround(value) + 0)
    case 'float8':
      return float.map((value) => value + 0)
    case 'numeric':
      return anyNumeric
    case 'bytea':
      return bytes
    case 'uuid':
      return fc.uint8Array({ minLength: 16, maxLength: 16 })
    case 'timetz':
      return fc.record({
        kind: fc.constant('timetz' as const),
        micros: fc.bigInt({ min: 0n, max: 86_400_000_000n }),
        zone: fc.constantFrom(0, 3600, -3600, 20700),
      })
    case 'interval':
      return anyInterval.map((parts) => ({ kind: 'interval' as const, ...parts }))
    case 'jsonb':
      return anyJson.map((value) => ({ kind: 'json' as const, value }))
    case 'array':
      return anyArray(type.element)
    case 'row':
      return fc
        .tuple(...type.fields.map((field) => fc.option(anyValue(field.type))))
        .map((fields) => ({ kind: 'row' as const, fields }))
    default:
      return anyOther(type)
  }
}

function anyOther(type: SqlType): fc.Arbitrary<NotNull> {
  switch (type.kind) {
    case 'void':
      return fc.constant('')
    case 'bit':
    case 'varbit':
      return fc.array(fc.constantFrom('0', '1'), { maxLength: 12 }).map((bits) => bits.join(''))
    case 'jsonpath':
      return fc.constantFrom(
        '$',
        '$."a"[*]?(@ > 1)',
        'strict $."b".**{2 to last}',
        '($."a" + 1)',
        '$[0 to last].type()',
      )
    case 'enum':
      return fc.constantFrom(...type.labels.labels.map(({ place }) => place))
    default:
      if (isRangeKind(type.kind)) return anyRange(type.kind)
      return isMultirangeKind(type.kind) ? anyMultirange(rangeKindOf(type.kind)) : anyText
  }
}

function anyArray(element: SqlType): fc.Arbitrary<NotNull> {
  const item = fc.option(anyValue(element), { freq: 4 })
  const flat = fc.record({ elements: fc.array(item, { maxLength: 3 }), bound: fc.constantFrom(1, 0, -2) })
  return fc.oneof(
    flat.map(({ elements, bound }) => ({
      kind: 'array' as const,
      elements,
      lengths: elements.length === 0 ? [] : [elements.length],
      lowerBounds: elements.length === 0 ? [] : [bound],
    })),
    fc.tuple(item, item, fc.boolean()).map(([a, b, wide]) => ({
      kind: 'array' as const,
      elements: [a, b],
      lengths: wide ? [1, 2] : [2, 1],
      lowerBounds: [1, 1],
    })),
  )
}

/** Bounds that nearly meet: small values, and NUMERICs of several scales. */
const anyBound = (kind: RangeKind): fc.Arbitrary<RangeBound | undefined> => {
  const small = fc.integer({ min: -2, max: 2 })
  const value: fc.Arbitrary<NotNull> =
    kind === 'numrange'
      ? fc.tuple(small, fc.nat(2)).map(([digits, scale]) => numeric(BigInt(digits) * 10n ** BigInt(scale), scale))
      : small.map((number) => (kind === 'int4range' || kind === 'daterange' ? number : BigInt(number)))
  return fc.option(fc.record({ value, inclusive: fc.boolean() }), { nil: undefined, freq: 4 })
}

export const anyRange = (kind: RangeKind): fc.Arbitrary<SqlRange> =>
  fc.tuple(anyBound(kind), anyBound(kind)).map(([a, b]) => {
    const swap = a !== undefined && b !== undefined && compareSql(subtypeOf(kind), a.value, b.value) > 0
    return swap ? makeRange(kind, b, a) : makeRange(kind, a, b)
  })

const anyMultirange = (kind: RangeKind): fc.Arbitrary<NotNull> =>
  fc.array(anyRange(kind), { maxLength: 3 }).map((ranges) => makeMultirange(kind, ranges))

export const scalarTypes: readonly SqlType[] = [
  { kind: 'boolean' },
  { kind: 'int2' },
  { kind: 'int4' },
  { kind: 'int8' },
  { kind: 'float4' },
  { kind: 'float8' },
  { kind: 'numeric' },
  { kind: 'text' },
  { kind: 'varchar', length: 20 },
  { kind: 'bpchar' },
  { kind: 'name' },
  { kind: 'bytea' },
  { kind: 'date' },
  { kind: 'time' },
  { kind: 'timetz' },
  { kind: 'timestamp' },
  { kind: 'timestamptz' },
  { kind: 'interval' },
  { kind: 'uuid' },
  { kind: 'json' },
  { kind: 'jsonb' },
  { kind: 'oid' },
  { kind: 'bit' },
  { kind: 'varbit' },
  { kind: 'jsonpath' },
  ...rangeKinds.map((kind) => ({ kind })),
  ...multirangeKinds.map((kind) => ({ kind })),
]

export const compositeTypes: readonly SqlType[] = [
  ...scalarTypes.map((element): SqlType => ({ kind: 'array', element })),
  {
    kind: 'row',
    fields: [
      { name: 'a', type: { kind: 'text' } },
      { name: 'b', type: { kind: 'numeric' } },
      { name: 'c', type: { kind: 'array', element: { kind: 'interval' } } },
      { name: 'd', type: { kind: 'row', fields: [{ name: 'e', type: { kind: 'jsonb' } }] } },
      { name: 'f', type: { kind: 'bpchar' } },
    ],
  },
]

/** Types whose columns are of physical kind bytes. */
export const bytesTypes = [...scalarTypes, ...compositeTypes]
