// to_char, to_date, to_timestamp and to_number with random templates, against PostgreSQL.

import { describe, expect, test } from 'vitest'
import { testContext } from '../../server/fuzz/functions/context.ts'
import { randomFrom } from '../../server/fuzz/functions/literals.ts'
import { SqlError } from '../../src/core/error.ts'
import type { SqlType, TypeKind } from '../../src/core/type.ts'
import type { SqlValue } from '../../src/core/value.ts'
import { scalarFunctions } from '../../src/functions/all.ts'
import { parse, print } from '../../src/functions/text/text.ts'
import { postgresMissing } from '../support/pg.ts'
import { postgres } from './support/postgres.ts'

type Random = () => number
const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)]!
const many = (count: number, draw: () => string): string => Array.from({ length: count }, draw).join('')

const fields =
  'A.D. A.M. AD AM B.C. BC CC DAY DDD DD DY Day Dy D FF1 FF3 FF6 HH24 HH12 HH IDDD ID IW IYYY IYY IY I J MI MM MONTH ' +
  'MON MS Month Mon OF P.M. PM Q RM SSSSS SSSS SS TZH TZM TZ US WW W Y,YYY YYYY YYY YY Y a.d. am bc cc day dd dy ff2 ' +
  'hh24 hh12 iw iyyy j mi mm month mon ms of pm q rm ss tz us ww w y,yyy yyyy yy y'
const fieldNames = fields.split(' ')
const readable = 'YYYY YYY YY Y MM MON Month DD DDD HH24 HH12 MI SS MS US FF3 AM BC J IYYY IW ID WW W D DY Day CC Q RM'
const readNames = readable.split(' ')
const between = [' ', '-', '/', ':', ', ', '"x"', 'T', '', '.', '  ']

const dateTemplate = (names: readonly string[], random: Random): string =>
  many(
    1 + Math.floor(random() * 4),
    () =>
      pick(['', '', 'FM', 'TM'], random) + pick(names, random) + pick(['', '', 'th'], random) + pick(between, random),
  )

const timestamps = [
  '2024-02-29 13:04:05.678901',
  '1999-12-31 00:00:00',
  '0044-03-15 23:59:59.999999 BC',
  '0001-01-01',
  '2009-12-28 01:02:03',
  '12345-06-07 08:09:10',
]
const intervals = ['1 year 2 mons 3 days 04:05:06.789', '-1 year -2 mons -3 days -04:05:06.789', '0', '100 days']
const scraps = ['2024', '12', '5', '31', 'Feb', 'March', 'PM', 'BC', '99', '0', '-5', '2,024', '12345678', 'XII', ' 7 ']

function numberTemplate(random: Random): string {
  const digits = many(Math.floor(random() * 6), () => pick(['9', '9', '9', '0', ',', 'G', '"x"', ' '], random))
  const rest = random() < 0.5 ? pick(['.', 'D', 'V'], random) + many(2, () => pick(['9', '0'], random)) : ''
  const start = pick(['', '', 'FM', 'S', 'MI', 'PL', 'SG', 'B', 'L', '$'], random)
  return start + digits + rest + pick(['', '', '', 'S', 'MI', 'PL', 'PR', 'SG', 'TH', 'th', 'EEEE', 'RN'], random)
}

const numbers = [
  '0',
  '1',
  '-1',
  '0.5',
  '-0.5',
  '12.345',
  '-12.345',
  '1234567.891',
  '99.95',
  '0.001',
  '2024',
  'NaN',
  '9.995',
]
const integers = ['0', '1', '-1', '12', '-123', '2147483647', '2024', '4000', '11', '112']
const written = ['12', '-12', '12-', '+5', '1,234.5', '$ 1,234', '<5>', '  42', 'abc', '1 2 3', '.5', '5.', '12th']

interface Call {
  readonly sql: string
  readonly ours: string
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

function call(name: string, kinds: readonly TypeKind[], texts: readonly string[], result: TypeKind): Call {
  const entry = scalarFunctions.find((one) => one.name === name && one.args.join() === kinds.join())!
  const sql = `${name}(${texts.map((text, i) => `${quoted(text)}::${kinds[i]}`).join(', ')})`
  try {
    const args = texts.map((text, i) => parse({ kind: kinds[i]! } as SqlType, text, testContext.text))
    const value = (entry.evaluate as (...args: unknown[]) => SqlValue)(...args, testContext)
    const ours = value === null ? 'NULL' : print({ kind: result } as SqlType, value, testContext.text)
    // The judge has no −0; to_char does.
    return { sql, ours: ours === '-0' ? '0' : ours }
  } catch (error) {
    if (error instanceof SqlError) return { sql, ours: `ERROR ${error.code}` }
    throw error
  }
}

const printDates = (random: Random): readonly Call[] => {
  const template = dateTemplate(fieldNames, random)
  return [
    call('to_char', ['timestamp', 'text'], [pick(timestamps, random), template], 'text'),
    call('to_char', ['timestamptz', 'text'], [pick(timestamps, random), template], 'text'),
    call('to_char', ['interval', 'text'], [pick(intervals, random), template], 'text'),
  ]
}

const readDates = (random: Random): readonly Call[] => {
  const template = dateTemplate(readNames, random)
  const shown = call('to_char', ['timestamp', 'text'], [pick(timestamps, random), template], 'text').ours
  const text = random() < 0.6 ? shown : many(3, () => pick(scraps, random) + pick([' ', '-', '/', ''], random))
  return [
    call('to_date', ['text', 'text'], [text, template], 'date'),
    call('to_timestamp', ['text', 'text'], [text, template], 'timestamptz'),
  ]
}

const printNumbers = (random: Random): readonly Call[] => {
  const template = numberTemplate(random)
  const text = pick(numbers, random)
  return [
    ...(['numeric', 'float8', 'float4'] as const).map((kind) =>
      call('to_char', [kind, 'text'], [text, template], 'text'),
    ),
    ...(['int4', 'int8'] as const).map((kind) =>
      call('to_char', [kind, 'text'], [pick(integers, random), template], 'text'),
    ),
  ]
}

const readNumbers = (random: Random): readonly Call[] => {
  const template = numberTemplate(random)
  const shown = call('to_char', ['numeric', 'text'], [pick(numbers, random), template], 'text').ours
  return [call('to_number', ['text', 'text'], [random() < 0.5 ? shown : pick(written, random), template], 'numeric')]
}

/** V multiplies an integer: PostgreSQL 15 lets the product wrap around 32 bits, here it is out of range. */
const wraps = (sql: string, ours: string): boolean => ours === 'ERROR 22003' && /::int4, '[^']*V/.test(sql)

const missing = postgresMissing()

describe.skipIf(missing !== undefined)(`templates as on PostgreSQL ${missing ?? ''}`, () => {
  test.each([
    ['dates printed', printDates, 250],
    ['dates read', readDates, 300],
    ['numbers printed', printNumbers, 250],
    ['numbers read', readNumbers, 300],
  ] as const)('%s', async (_, draw, count) => {
    const judge = (await postgres())!
    const random = randomFrom(1)
    const calls = Array.from({ length: count }, () => draw(random)).flat()
    const answers = await judge.answers(calls.map(({ sql }) => sql))
    await judge.end()
    expect(
      calls.flatMap(({ sql, ours }, i) =>
        ours === answers[i] || wraps(sql, ours) ? [] : [`${sql}: ${ours}, PostgreSQL ${answers[i]}`],
      ),
    ).toEqual([])
  })
})

test('intervals have no calendar', () => {
  expect(call('to_char', ['interval', 'text'], ['1 day', 'Month'], 'text').ours).toBe('ERROR 22007')
  expect(call('to_char', ['interval', 'text'], ['27:04:05', 'HH24:MI:SS'], 'text').ours).toBe('27:04:05')
})

test('fields that cannot go together are refused', () => {
  expect(call('to_char', ['int4', 'text'], ['1', '9.9.9'], 'text').ours).toBe('ERROR 42601')
  expect(call('to_char', ['int4', 'text'], ['1', 'S9MI'], 'text').ours).toBe('ERROR 42601')
  expect(call('to_date', ['text', 'text'], ['2024-01', 'YYYY-IW'], 'date').ours).toBe('ERROR 22007')
})
