// What is shown reads back as the same value, in every style; and the bytes that columns append are what `print` shows.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/core/byte-writer.ts'
import { columnFromValues, valueAt } from '../../../src/core/convert.ts'
import { SqlError } from '../../../src/core/error.ts'
import { memoryAccount } from '../../../src/core/memory.ts'
import { sameIdentity } from '../../../src/core/order.ts'
import { Region } from '../../../src/core/region.ts'
import { type ColumnDef, columnDef } from '../../../src/core/schema.ts'
import { numericPhysical, type SqlType } from '../../../src/core/type.ts'
import { typeName } from '../../../src/core/type-name.ts'
import { numeric, type SqlValue } from '../../../src/core/value.ts'
import { fixedZone, timeZone } from '../../../src/functions/arithmetic/time-zone.ts'
import { textAppender } from '../../../src/functions/text/columns.ts'
import { defaultTextSettings, type TextSettings } from '../../../src/functions/text/settings.ts'
import { parse, print } from '../../../src/functions/text/text.ts'
import { anyValue, bytesTypes } from '../../core/encoding/any-value.ts'

type NotNull = Exclude<SqlValue, null>

const defaults = defaultTextSettings(() => 1_700_000_000_000_000n)

const anySettings: fc.Arbitrary<TextSettings> = fc.record({
  // German shows the day first and reads by the order: MDY would not read back.
  dateStyle: fc.constantFrom<TextSettings['dateStyle']>(
    { output: 'ISO', order: 'YMD' },
    { output: 'SQL', order: 'MDY' },
    { output: 'SQL', order: 'DMY' },
    { output: 'Postgres', order: 'MDY' },
    { output: 'Postgres', order: 'DMY' },
    { output: 'German', order: 'DMY' },
  ),
  // In the standard's style a lone leading minus means all fields: what PostgreSQL shows then does not read back.
  intervalStyle: fc.constantFrom('postgres', 'postgres_verbose', 'iso_8601'),
  timeZone: fc.constantFrom(fixedZone(0, 'UTC'), fixedZone(32_400), fixedZone(-12_600)),
  extraFloatDigits: fc.constant(1),
  byteaOutput: fc.constantFrom('hex', 'escape'),
  now: fc.constant(defaults.now),
})

const isoSettings = anySettings.map((settings): TextSettings => ({ ...settings, dateStyle: defaults.dateStyle }))

const DAY = 86_400_000_000n
const instant = fc.bigInt({ min: -50_000_000_000_000_000n, max: 50_000_000_000_000_000n })

/** A value that the type's text can show: dates and times within PostgreSQL's ranges. */
function shown(type: SqlType): fc.Arbitrary<NotNull> {
  switch (type.kind) {
    case 'date':
      return fc.oneof(fc.integer({ min: -800_000, max: 3_000_000 }), fc.constantFrom(2147483647, -2147483648))
    case 'time':
      return fc.bigInt({ min: 0n, max: DAY })
    case 'timestamp':
    case 'timestamptz':
      return fc.oneof(
        instant,
        instant.map((micros) => micros - (micros % DAY)),
      )
    case 'interval':
      return fc
        .record({
          months: fc.integer({ min: -99999, max: 99999 }),
          days: fc.integer({ min: -99999, max: 99999 }),
          micros: fc.bigInt({ min: -100n * DAY, max: 100n * DAY }),
        })
        .map((parts) => ({ kind: 'interval', ...parts }))
    case 'json':
      return shown({ kind: 'jsonb' }).map((value) => print({ kind: 'jsonb' }, value, defaults))
    default:
      return anyValue(type)
  }
}

const scalars = bytesTypes.filter((type) => type.kind !== 'array' && type.kind !== 'row')

describe.each(scalars.map((type) => [typeName(type), type] as const))('%s', (_name, type) => {
  test('parse(print(v)) = v', () => {
    fc.assert(
      fc.property(shown(type), anySettings, (value, settings) => {
        const text = print(type, value, settings)
        expect([text, sameIdentity(type, parse(type, text, settings), value)]).toEqual([text, true])
      }),
    )
  })

  test('an array of it reads back, quotes, NULLs, dimensions and bounds included', () => {
    const array: SqlType = { kind: 'array', element: type }
    const elements = fc.array(fc.option(shown(type), { freq: 4 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(elements, fc.constantFrom(1, 0, -3), fc.boolean(), isoSettings, (items, bound, nested, settings) => {
        const value: NotNull = {
          kind: 'array',
          elements: items,
          lengths: nested ? [items.length, 1] : [items.length],
          lowerBounds: nested ? [bound, 1] : [bound],
        }
        const text = print(array, value, settings)
        expect([text, sameIdentity(array, parse(array, text, settings), value)]).toEqual([text, true])
      }),
      { numRuns: 40 },
    )
  })

  test('columns append what print shows', () => {
    fc.assert(
      fc.property(fc.array(shown(type), { maxLength: 5 }), anySettings, (values, settings) => {
        expect(appended(columnDef('c', type), values, settings)).toEqual(
          values.map((value) => print(type, value, settings)),
        )
      }),
      { numRuns: 60 },
    )
  })
})

function appended(def: ColumnDef, values: readonly NotNull[], settings: TextSettings): string[] {
  const column = columnFromValues(def, values, new Region(memoryAccount('test')))
  const append = textAppender(def, settings)
  const writer = new ByteWriter(1)
  return values.map((_, row) => {
    const start = writer.length
    append(column, row, writer)
    return Buffer.from(writer.slice(start)).toString()
  })
}

test.each([
  [18, 0],
  [18, 3],
  [15, 15],
  [18, 18],
  [30, 6],
  [38, 0],
  [38, 30],
])('a numeric column of %d digits, %d of them after the point, appends what print shows', (precision, scale) => {
  const def: ColumnDef = { ...columnDef('n', { kind: 'numeric' }), physical: numericPhysical(precision, scale) }
  const limit = 10n ** BigInt(precision) - 1n
  const digits = fc.oneof(fc.bigInt({ min: -limit, max: limit }), fc.bigInt({ min: -12345n, max: 12345n }))
  fc.assert(
    fc.property(fc.array(digits, { maxLength: 5 }), (mantissas) => {
      const values = mantissas.map((mantissa) => numeric(mantissa, scale))
      expect(appended(def, values, defaults)).toEqual(values.map((value) => print(def.type, value, defaults)))
    }),
  )
})

test('a row reads back', () => {
  const type = bytesTypes.find((candidate) => candidate.kind === 'row')!
  fc.assert(
    fc.property(anyValue(type), (value) => {
      // An interval of any size need not read back; the rest must.
      const kept = value as { kind: 'row'; fields: SqlValue[] }
      const row: NotNull = { kind: 'row', fields: kept.fields.map((field, i) => (i === 2 ? null : field)) }
      const text = print(type, row, defaults)
      expect([text, sameIdentity(type, parse(type, text, defaults), row)]).toEqual([text, true])
    }),
  )
})

describe('errors name the type, the text and what is wrong with it', () => {
  test.each<[SqlType, string, string, string]>([
    [{ kind: 'int4' }, 'x', '22P02', 'invalid input syntax for type integer: "x"'],
    [{ kind: 'int4' }, '2147483648', '22003', 'value "2147483648" is out of range for type integer'],
    [{ kind: 'float8' }, '1e400', '22003', '"1e400" is out of range for type double precision'],
    [{ kind: 'numeric', precision: 3, scale: 1 }, '100', '22003', 'numeric field overflow'],
    [{ kind: 'varchar', length: 2 }, 'abc', '22001', 'value too long for type character varying(2)'],
    [{ kind: 'text' }, 'a\0', '22021', 'invalid byte sequence for encoding "UTF8": 0x00'],
    [{ kind: 'date' }, '2023-02-29', '22008', 'date/time field value out of range: "2023-02-29"'],
    [{ kind: 'timestamp' }, 'soon', '22007', 'invalid input syntax for type timestamp: "soon"'],
    [{ kind: 'timestamptz' }, '2024-01-01 0:00 No/Where', '22023', 'time zone "no/where" not recognized'],
    [{ kind: 'interval' }, '1 day 1 day', '22007', 'invalid input syntax for type interval: "1 day 1 day"'],
    [{ kind: 'jsonb' }, '{"a":}', '22P02', 'invalid input syntax for type json'],
    [{ kind: 'reg', of: 'class' }, 'nosuch', '42P01', 'relation "nosuch" does not exist'],
  ])('%j %s', (type, text, code, message) => {
    const failure = (() => {
      try {
        parse(type, text, defaults)
      } catch (error) {
        return error
      }
      return undefined
    })()
    expect(failure).toBeInstanceOf(SqlError)
    expect(failure).toMatchObject({ code, message })
  })
})

test("'now' and 'today' mean the transaction's time, in the session's zone", () => {
  const settings = { ...defaults, timeZone: timeZone('Asia/Tokyo')! }
  expect(print({ kind: 'timestamptz' }, parse({ kind: 'timestamptz' }, 'now', settings), settings)).toBe(
    '2023-11-15 07:13:20+09',
  )
  expect(print({ kind: 'date' }, parse({ kind: 'date' }, 'tomorrow', settings), settings)).toBe('2023-11-16')
  expect(print({ kind: 'date' }, parse({ kind: 'date' }, 'today', defaults), defaults)).toBe('2023-11-14')
})

test('nesting of JSON is followed to a limit, and refused beyond it', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const type: SqlType = { kind: 'jsonb' }
  const deep = nested(1000)
  const column = columnFromValues(
    columnDef('j', type),
    [parse(type, deep, defaults)],
    new Region(memoryAccount('test')),
  )
  expect(print(type, valueAt(columnDef('j', type), column, 0)!, defaults)).toBe(deep)
  expect(() => parse(type, nested(1001), defaults)).toThrow('stack depth limit exceeded')
})
