// The JSON format: against a reader made of JSON.parse and the types' input functions, over records good, cut and
// spoiled; then what single values mean, and what is said of bad ones.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonFormat } from '../../../src/connectors/format/json.ts'
import { SqlError } from '../../../src/core/error.ts'
import type { SqlType } from '../../../src/core/type.ts'
import type { SqlValue } from '../../../src/core/value.ts'
import { numericText, toInteger, trimScale } from '../../../src/functions/arithmetic/numeric.ts'
import { parseNumeric } from '../../../src/functions/text/numbers.ts'
import { defaultTextSettings } from '../../../src/functions/text/settings.ts'
import { parse, print } from '../../../src/functions/text/text.ts'
import { column, decodeAll, definitionOf } from './decode.ts'

const settings = defaultTextSettings(() => 0n)

const columns = [
  column('a', 'int2'),
  column('bb', 'int4'),
  column('ccc', 'int8'),
  column('dddd', { kind: 'numeric', precision: 12, scale: 3 }),
  column('wide_numeric', { kind: 'numeric', precision: 30, scale: 4 }),
  column('free_numeric', 'numeric'),
  column('f', 'float8'),
  column('flag', 'boolean'),
  column('text', 'text'),
  column('short', { kind: 'varchar', length: 3 }),
  column('day', 'date'),
  column('at', 'timestamp'),
  column('at_tz', 'timestamptz'),
  column('id', 'uuid'),
  column('naïve', 'text'),
  column('quo"te', 'int4'),
]

const bits = { int2: 16, int4: 32, int8: 64 } as const

/** Undefined: not a value of the type. */
function expectedValue(type: SqlType, value: unknown, source: string): SqlValue | undefined {
  if (value === null || value === undefined) return null
  try {
    if (typeof value === 'string')
      return /\0/.test(value) || !value.isWellFormed() ? undefined : inRange(type, parse(type, value, settings))
    if (typeof value === 'boolean') return type.kind === 'boolean' ? value : undefined
    if (typeof value !== 'number') return undefined
    const exact = parseNumeric(source)
    if (type.kind === 'int2' || type.kind === 'int4' || type.kind === 'int8') {
      if (trimScale(exact).scale > 0) return undefined
      const whole = toInteger(exact, bits[type.kind], type.kind)
      return type.kind === 'int8' ? whole : Number(whole)
    }
    return type.kind === 'numeric' || type.kind === 'float8' ? parse(type, numericText(exact), settings) : undefined
  } catch (error) {
    if (error instanceof SqlError) return undefined
    throw error
  }
}

const inRange = (type: SqlType, value: SqlValue): SqlValue | undefined =>
  type.kind === 'numeric' && type.precision !== undefined && (value as { special?: string }).special !== undefined
    ? undefined
    : value

const shown = (row: readonly SqlValue[]): readonly (string | null)[] =>
  row.map((value, i) => (value === null ? null : print(columns[i]!.type, value, settings)))

function expectedRow(text: string): readonly (string | null)[] | undefined {
  const sources = new Map<string, string>()
  let record: unknown
  try {
    record = JSON.parse(text, function (this: unknown, key, value, context?: { source?: string }) {
      if (typeof value === 'number') sources.set(key, context!.source!)
      return value as unknown
    } as (key: string, value: unknown) => unknown)
  } catch {
    return undefined
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return undefined
  const members = new Map(Object.entries(record))
  const values = columns.map(({ name, type }) => expectedValue(type, members.get(name), sources.get(name) ?? ''))
  return values.includes(undefined) ? undefined : shown(values as SqlValue[])
}

const numbers = fc.oneof(
  fc.integer({ min: -40_000, max: 40_000 }).map(String),
  fc.maxSafeInteger().map(String),
  fc.bigInt({ min: -(1n << 65n), max: 1n << 65n }).map(String),
  fc.constantFrom(
    ...['9007199254740993', '-9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808'],
    ...[
      '-0',
      '0',
      '-0.0',
      '1e3',
      '12E-1',
      '1.5e+2',
      '1e400',
      '0.1',
      '123456789.1234',
      '999999999.999',
      '1e-7',
      '01',
      '.5',
    ],
    ...[
      '1.',
      '-',
      '+1',
      '0x10',
      '999999999999999',
      '1000000000000000',
      '999999999999999999',
      '1.000',
      '32768',
      '-32768',
    ],
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.maxSafeInteger(), fc.nat(999_999)).map(([whole, part]) => `${whole}.${part}`),
)
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 9 }).map((text) => JSON.stringify(text)),
  fc.string({ maxLength: 40 }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    ...[
      '""',
      '"\\u0041\\ud83d\\ude00"',
      '"\\ud800"',
      '"\\u0000"',
      '"a\\/b\\n"',
      '"\\x"',
      '"\t"',
      '"true"',
      '"f"',
      '"12"',
    ],
    ...[
      '"2026-02-29"',
      '"2024-02-29"',
      '"2026-12-31T23:59:59.999999Z"',
      '"2026-01-01 00:00:00"',
      '"2026-01-01T24:00:00"',
    ],
    ...[
      '"2026-01-01T10:00:00.5+02:00"',
      '"infinity"',
      '"NaN"',
      '"1999-01-01T00:00:60"',
      '"2026-1-2"',
      '"0001-01-01 BC"',
    ],
    ...['"2026-01-01T00:00:00.1234567"', '"2300-01-01 00:00:00.000001"', '"1600-02-03T04:05:06"', '"éé"', '"日本語x"'],
    ...['"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"', '"\\u0061"', '"1970-01-01T00:00:00"', '"1969-12-31 23:59:59.9"'],
  ),
)
const scalars = fc.oneof(numbers, texts, fc.constantFrom('true', 'false', 'null', 'nul', 'True', '{}', '[1,{"a":[]}]'))
const nested = fc.constantFrom(
  '[]',
  '[1,"]"]',
  '{"a":{"b":[1e5,"\\""]}}',
  '[,]',
  '{"a"}',
  '[1 2]',
  '{"a":1,}',
  '[[[]]]',
)
const names = fc.oneof(
  fc.constantFrom(...columns.map(({ name }) => JSON.stringify(name))),
  fc.constantFrom('"x"', '"at_t"', '"bbb"', '"\\u0061"', '"fla\\u0067"', '""', '"日本"', '"\\ud800"'),
)
const member = fc
  .tuple(names, fc.constantFrom('', ' ', '\n\t'), fc.oneof({ weight: 6, arbitrary: scalars }, nested))
  .map(([name, blank, value]) => `${blank}${name}${blank}:${blank}${value}${blank}`)
const record = fc.array(member, { maxLength: 6 }).map((members) => `{${members.join(',')}}`)

/** Each column's name with a value that is likely to be good. */
const likely: Readonly<Record<string, fc.Arbitrary<string>>> = {
  int2: fc.integer({ min: -32_768, max: 32_767 }).map(String),
  int4: fc.integer().map(String),
  int8: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(String),
  numeric: fc.tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.nat(99_999)).map(([a, b]) => `${a}.${b}`),
  float8: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  boolean: fc.constantFrom('true', 'false', 'null', '"t"'),
  text: texts,
  varchar: fc.constantFrom('"abc"', '"ééé"', '"ab"', '"\\u00e9bc"', '"a   "'),
  date: fc
    .date({ noInvalidDate: true, min: new Date(0) })
    .map((date) => JSON.stringify(date.toISOString().slice(0, 10))),
  timestamp: fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => JSON.stringify(date)),
  timestamptz: fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => JSON.stringify(date)),
  uuid: fc.uuid().map((id) => JSON.stringify(id)),
}
const goodRecord = fc
  .tuple(...columns.map(({ name, type }) => likely[type.kind]!.map((value) => `${JSON.stringify(name)}:${value}`)))
  .chain((members) => fc.shuffledSubarray(members))
  .map((members) => `{${members.join(',')}}`)

function check(records: readonly string[]): void {
  const outcome = decodeAll(columns, records)
  const expected = records.map(expectedRow)
  expect(outcome.bad.map(([payload]) => payload)).toEqual([...records.keys()].filter((i) => expected[i] === undefined))
  expect(outcome.rows.map(shown)).toEqual(expected.filter((row) => row !== undefined))
}

describe('against JSON.parse', () => {
  test('good records', () => fc.assert(fc.property(fc.array(goodRecord, { minLength: 1, maxLength: 5 }), check)))

  test('any records', () => fc.assert(fc.property(fc.array(record, { maxLength: 8 }), check), { numRuns: 1000 }))

  test('cut at every byte', () => {
    fc.assert(
      fc.property(
        goodRecord.map((text) => text.replaceAll(/[^\x20-\x7f]/g, 'x')),
        (text) => {
          check(Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length)))
        },
      ),
      { numRuns: 20 },
    )
  })

  test('one character replaced', () => {
    const spoiled = fc
      .tuple(fc.oneof(record, goodRecord), fc.nat(), fc.constantFrom(...'"{}[]:,\\ 0-.e\u0001x'))
      .map(([text, place, by]) => {
        const at = place % text.length
        return (text.slice(0, at) + by + text.slice(at + 1)).toWellFormed()
      })
    fc.assert(
      fc.property(spoiled, (text) => check([text])),
      { numRuns: 1000 },
    )
  })

  test('more records than a block, good and bad mixed', () => {
    const records = Array.from({ length: 700 }, (_, i) => (i % 7 === 3 ? '{"a":' : `{"text":"n${i}","ccc":${i}}`))
    check(records)
  })

  test('columns that are not asked for are checked all the same', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), fc.subarray([...columns.keys()]), (records, wanted) => {
        const all = decodeAll(columns, records)
        const some = decodeAll(columns, records, { wanted })
        expect(some.bad).toEqual(all.bad)
        expect(some.rows).toEqual(all.rows.map((row) => wanted.map((i) => row[i])))
      }),
    )
  })
})

const single = (type: SqlType | SqlType['kind'], value: string, encode: Readonly<Record<string, string>> = {}) => {
  const { rows, bad } = decodeAll([column('c', type)], [`{"c":${value}}`], { encode })
  return bad.length > 0 ? bad[0]![1] : rows[0]![0]
}

describe('values', () => {
  test.each([
    ['s', '1767225600', 1_767_225_600_000_000n],
    ['s', '1.5', 1_500_000n],
    ['ms', '-1767225600123', -1_767_225_600_123_000n],
    ['us', '1767225600000001', 1_767_225_600_000_001n],
    ['us', '12e3', 12_000n],
    ['ms', '"1970-01-01T00:00:01Z"', 1_000_000n],
  ])('timestamp_unit %s: %s', (unit, value, expected) => {
    expect(single('timestamptz', value, { timestamp_unit: unit })).toBe(expected)
  })

  test('json, jsonb, arrays, rows', () => {
    expect(single('json', '{"b": [1.50, null]}')).toBe('{"b": [1.50, null]}')
    expect(single('jsonb', '"x"')).toEqual({ kind: 'json', value: 'x' })
    expect(single('jsonb', 'null')).toBeNull()
    const ints: SqlType = { kind: 'array', element: { kind: 'int4' } }
    expect(single(ints, '[[1,2],[null,4]]')).toMatchObject({ elements: [1, 2, null, 4], lengths: [2, 2] })
    expect(single(ints, '"{7,8}"')).toMatchObject({ elements: [7, 8] })
    expect(single(ints, '[]')).toMatchObject({ elements: [], lengths: [] })
    expect(single(ints, '[[1],[2,3]]')).toMatch('matching lengths')
    const fields = [
      { name: 'lat', type: { kind: 'float8' } as const },
      { name: 'lon', type: { kind: 'int8' } as const },
    ]
    expect(single({ kind: 'row', fields }, '{"lon":9007199254740993,"x":1}')).toMatchObject({
      fields: [null, 9_007_199_254_740_993n],
    })
  })
})

describe('reasons', () => {
  test.each([
    ['{"c": "x1"}', 'column "c": invalid input syntax for type integer: "x1", at byte 6'],
    ['{"c": true}', 'column "c": a boolean is no integer, at byte 6'],
    ['{"c": 1.5}', 'column "c": invalid input syntax for type integer: "1.5", at byte 6'],
    ['{"d": 1}', 'column "c" is NOT NULL and has no value'],
    ['{"c": null}', 'column "c" is NOT NULL and has no value'],
    ['{"c": 1', 'not a JSON object: it ends within a value, at byte 7'],
    ['{"c": 1}}', 'not a JSON object: unexpected character "}" at byte 8'],
    ['[1]', 'not a JSON object: unexpected character "[" at byte 0'],
    ['{"c": 1, "d": "a\u0001"}', 'not a JSON object: control character 0x01 at byte 16'],
    [`{"d": ${'['.repeat(600)}`, 'not a JSON object: nested deeper than 512 levels at byte 517'],
    [null, 'the record has no value'],
  ])('%s', (text, reason) => {
    expect(decodeAll([column('c', 'int4', false)], [text]).bad).toEqual([[0, reason]])
  })

  test.each([
    [[0xff], 'a byte that begins nothing'],
    [[0xc3], 'a cut sequence'],
    [[0xc0, 0x80], 'an overlong form'],
    [[0xed, 0xa0, 0x80], 'a surrogate'],
    [[0xf4, 0x90, 0x80, 0x80], 'beyond Unicode'],
  ])('invalid UTF-8 %o: %s', (sequence) => {
    const around = [...Buffer.from('{"c":1,"d":"')]
    const record = Uint8Array.from([...around, ...sequence, ...Buffer.from('"}')])
    expect(decodeAll([column('c', 'int4')], [record]).bad[0]![1]).toMatch('invalid UTF-8')
  })
})

test('what it does not know is refused at once', () => {
  const refused =
    (type: SqlType, options: Readonly<Record<string, string>> = {}) =>
    () =>
      jsonFormat([column('c', type)], definitionOf(options))
  expect(refused({ kind: 'reg', of: 'class' })).toThrow('type regclass of column "c" in JSON is not supported')
  expect(refused({ kind: 'int4' }, { timestamp_unit: 'ns' })).toThrow('timestamp_unit')
  expect(refused({ kind: 'int4' }, { compact: 'true' })).toThrow('unrecognized parameter "compact"')
})
