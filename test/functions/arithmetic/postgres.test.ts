// Arithmetic on single values, exactly as a real PostgreSQL does it: every function over lists of awkward operands.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SqlError } from '../../../src/core/error.ts'
import type { SqlType } from '../../../src/core/type.ts'
import type { Interval, Numeric, SqlValue } from '../../../src/core/value.ts'
import * as parts from '../../../src/functions/arithmetic/date-parts.ts'
import * as trunc from '../../../src/functions/arithmetic/date-trunc.ts'
import * as datetime from '../../../src/functions/arithmetic/datetime.ts'
import * as float from '../../../src/functions/arithmetic/float.ts'
import * as intervals from '../../../src/functions/arithmetic/interval.ts'
import * as numeric from '../../../src/functions/arithmetic/numeric.ts'
import * as powers from '../../../src/functions/arithmetic/numeric-power.ts'
import { timeZone } from '../../../src/functions/arithmetic/time-zone.ts'
import { defaultTextSettings } from '../../../src/functions/text/settings.ts'
import { parse, print } from '../../../src/functions/text/text.ts'
import { connectPostgres } from '../text/postgres.ts'

const zone = timeZone('Europe/Berlin')!
const settings = { ...defaultTextSettings(() => 0n), timeZone: zone }

const postgres = await connectPostgres()
beforeAll(() => postgres?.run("SET timezone = 'Europe/Berlin'"))
afterAll(() => postgres?.close())

type Operand = 'numeric' | 'float8' | 'int4' | 'int8' | 'timestamp' | 'timestamptz' | 'date' | 'time' | 'interval'

const operands: Readonly<Record<Operand, string>> = {
  numeric: `0|1|-1|2|10|100|0.5|0.00|-2.50|3|7|NaN|Infinity|-Infinity|0.1|1.0000001|0.9999
    |12345678901234567890.123456789|-0.000000012345|99999|0.33333333333333333333|1e25|1234.5678|-987654.321|0.0001
    |2.718281828459045`,
  float8: `0|1|-1|0.5|2|1e308|-1e308|1e-308|NaN|Infinity|-Infinity|3|0.1|1.5|-2.5|2147483647.5|-142857.142857
    |46190751832005.25`,
  int4: '0|1|-1|2|5|-3|12',
  int8: '0|1|5|20|33',
  timestamp: `2024-01-31 10:20:30.123456|2024-02-29|1999-12-31 23:59:59.999999|infinity|-infinity|0001-01-01|2001-01-01
    |0044-03-15 12:00 BC|2024-03-31 02:30|2024-10-27 02:30|1582-10-15|150000-12-31 23:59:59.999999|4714-11-24 BC`,
  timestamptz: `2024-01-31 10:20:30.123456|2024-03-31 00:59:59+00|2024-03-31 01:00+00|2024-10-27 00:30+00
    |2024-10-27 01:30+00|infinity|1890-01-01|0001-01-01 BC|3000-07-01`,
  date: '2024-02-29|2023-12-31|2021-01-03|infinity|-infinity|0001-01-01 BC|2000-01-01|1900-03-01|0100-12-31|1001-01-01',
  time: '00:00|10:20:30.123456|23:59:59.999999|24:00',
  interval: `0|1 mon|-1 mon|1 day|-1 day|25:00:00|1 year 2 mons 3 days 04:05:06.789|-13 mons -40 days -30:00:00|30 days
    |1 mon -1 days 24:00:00|0.000001 sec|-1 years 3 mons|178000000 years|1 day -25 hours`,
}

const listOf = (operand: Operand): string[] => operands[operand].split('|').map((text) => text.trim())

interface Case {
  /** `$1->>0` and so on are the operands. */
  readonly sql: string
  readonly of: readonly Operand[]
  readonly result: SqlType['kind']
  readonly run: (...values: never[]) => SqlValue
}

const unary = (sql: string, of: Operand, result: Case['result'], run: Case['run']): Case => ({
  sql: sql.replace('$a', `($1::json->>0)::${of}`),
  of: [of],
  result,
  run,
})
const binary = (sql: string, of: readonly [Operand, Operand], result: Case['result'], run: Case['run']): Case => ({
  sql: sql.replace('$a', `($1::json->>0)::${of[0]}`).replace('$b', `($1::json->>1)::${of[1]}`),
  of,
  result,
  run,
})

const numbers = ['numeric', 'numeric'] as const
const floats = ['float8', 'float8'] as const

const cases: readonly Case[] = [
  binary('$a + $b', numbers, 'numeric', numeric.add),
  binary('$a - $b', numbers, 'numeric', numeric.subtract),
  binary('$a * $b', numbers, 'numeric', numeric.multiply),
  binary('$a / $b', numbers, 'numeric', numeric.divide),
  binary('$a % $b', numbers, 'numeric', numeric.modulo),
  binary('div($a, $b)', numbers, 'numeric', numeric.divideWhole),
  binary('$a ^ $b', numbers, 'numeric', powers.power),
  binary('log($a, $b)', numbers, 'numeric', powers.logarithm),
  binary('round($a, $b)', ['numeric', 'int4'], 'numeric', numeric.round),
  binary('trunc($a, $b)', ['numeric', 'int4'], 'numeric', numeric.truncate),
  unary('sqrt($a)', 'numeric', 'numeric', powers.squareRoot),
  unary('exp($a)', 'numeric', 'numeric', powers.exponential),
  unary('ln($a)', 'numeric', 'numeric', powers.naturalLogarithm),
  unary('log($a)', 'numeric', 'numeric', powers.logarithm10),
  unary('factorial($a)', 'int8', 'numeric', powers.factorial),
  unary('ceil($a)', 'numeric', 'numeric', numeric.ceiling),
  unary('floor($a)', 'numeric', 'numeric', numeric.floor),
  unary('trim_scale($a)', 'numeric', 'numeric', numeric.trimScale),
  unary('$a::int', 'numeric', 'int8', (value: Numeric) => numeric.toInteger(value, 32, 'integer')),
  unary('$a::float8', 'numeric', 'float8', numeric.toFloat),
  unary('$a::numeric', 'float8', 'numeric', (value: number) => numeric.fromFloat(value)),
  binary('$a + $b', floats, 'float8', float.addFloats),
  binary('$a - $b', floats, 'float8', float.subtractFloats),
  binary('$a * $b', floats, 'float8', float.multiplyFloats),
  binary('$a / $b', floats, 'float8', float.divideFloats),
  unary('$a::int', 'float8', 'int8', (value: number) => float.floatToInteger(value, 32, 'integer')),
  binary('$a + $b', ['interval', 'interval'], 'interval', intervals.addIntervals),
  binary('$a - $b', ['interval', 'interval'], 'interval', intervals.subtractIntervals),
  binary('$a * $b', ['interval', 'float8'], 'interval', intervals.multiplyInterval),
  binary('$a / $b', ['interval', 'float8'], 'interval', intervals.divideInterval),
  unary('-$a', 'interval', 'interval', intervals.negateInterval),
  unary('justify_hours($a)', 'interval', 'interval', intervals.justifyHours),
  unary('justify_days($a)', 'interval', 'interval', intervals.justifyDays),
  unary('justify_interval($a)', 'interval', 'interval', intervals.justifyInterval),
  binary('$a + $b', ['timestamp', 'interval'], 'timestamp', datetime.addToTimestamp),
  binary('$a - $b', ['timestamp', 'interval'], 'timestamp', datetime.subtractFromTimestamp),
  binary('$a + $b', ['timestamptz', 'interval'], 'timestamptz', (instant: bigint, span: Interval) =>
    datetime.addToTimestampTz(instant, span, zone),
  ),
  binary('$a + $b', ['time', 'interval'], 'time', datetime.addToTime),
  binary('$a - $b', ['timestamp', 'timestamp'], 'interval', datetime.timestampDifference),
  binary('$a - $b', ['date', 'date'], 'int4', datetime.dateDifference),
  unary('$a::timestamptz', 'timestamp', 'timestamptz', (local: bigint) => datetime.toInstant(local, zone)),
  unary('$a::timestamp', 'timestamptz', 'timestamp', (instant: bigint) => datetime.toLocal(instant, zone)),
  unary('$a::date', 'timestamp', 'date', datetime.dateOfTimestamp),
  unary('$a::timestamp', 'date', 'timestamp', datetime.timestampOfDate),
  unary("date_bin('15 min', $a, '2001-01-01')", 'timestamp', 'timestamp', (timestamp: bigint) =>
    trunc.dateBin(parse({ kind: 'interval' }, '15 min', settings) as Interval, timestamp, 978_307_200_000_000n),
  ),
]

/** PostgreSQL 15 computes with the number that stands for infinity here. */
const finite = (text: string): boolean => !text.includes('infinity')

const age = binary('age($a, $b)', ['timestamp', 'timestamp'], 'interval', datetime.age)

const FIELDS =
  'microseconds milliseconds second minute hour day week month quarter year decade century millennium dow isodow doy ' +
  'isoyear julian epoch timezone timezone_hour timezone_minute nonsense'

function fieldCases(field: string): readonly Case[] {
  const cut = field === 'nonsense' || !/^(dow|isodow|doy|isoyear|julian|epoch|timezone)/.test(field)
  const extract = (of: Operand, run: Case['run']): Case => unary(`extract(${field} from $a)`, of, 'numeric', run)
  const cutTo = (of: 'timestamp' | 'timestamptz' | 'interval', run: Case['run']): Case =>
    unary(`date_trunc('${field}', $a)`, of, of, run)
  return [
    extract('timestamp', (value: bigint) => parts.extractFromTimestamp(field, value)),
    extract('timestamptz', (value: bigint) => parts.extractFromTimestampTz(field, value, zone.offsetAt(value))),
    extract('date', (value: number) => parts.extractFromDate(field, value)),
    extract('time', (value: bigint) => parts.extractFromTime(field, value)),
    extract('interval', (value: Interval) => parts.extractFromInterval(field, value)),
    ...(cut
      ? [
          cutTo('timestamp', (value: bigint) => trunc.truncateTimestamp(field, value)),
          cutTo('timestamptz', (value: bigint) => trunc.truncateTimestampTz(field, value, zone)),
          cutTo('interval', (value: Interval) => trunc.truncateInterval(field, value)),
        ]
      : []),
  ]
}

function product(lists: readonly string[][]): string[][] {
  return lists.reduce<string[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])
}

function compute({ of, result, run }: Case, texts: readonly string[]): string {
  const values = texts.map((text, i) => parse({ kind: of[i]! } as SqlType, text, settings))
  try {
    const value = run(...(values as never[]))
    return value === null ? '' : print({ kind: result } as SqlType, value, settings)
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.message}`
    throw error
  }
}

async function compare(subject: Case, rows: readonly string[][]): Promise<void> {
  const answers = await postgres!.ask(
    subject.sql,
    rows.map((row) => JSON.stringify(row)),
  )
  // −0 is normalised here, wherever it arises.
  const expected = answers.map((answer, i) => [rows[i], answer === '-0' ? '0' : answer])
  expect(rows.map((row) => [row, compute(subject, row)])).toEqual(expected)
}

describe.skipIf(postgres === undefined)('as PostgreSQL', () => {
  test.each(cases)('$sql', (subject) => compare(subject, product(subject.of.map(listOf))))

  test(age.sql, () => compare(age, product(age.of.map((operand) => listOf(operand).filter(finite)))))

  test.each(FIELDS.split(' '))('extract and date_trunc: %s', async (field) => {
    for (const subject of fieldCases(field)) await compare(subject, product(subject.of.map(listOf)))
  })
})
