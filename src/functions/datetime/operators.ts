// + − × ÷ on dates, times, timestamps and intervals: every pair that PostgreSQL has (section 9.9, table 9.32).
//
// TIMESTAMPTZ takes months and days in the session's zone, hence stable. date ± integer has generated code; the other
// results are intervals or depend on months.

import { type Interval, interval, type TimeTz } from '../../core/value.ts'
import { checkedTimestamp, isFiniteTimestamp, MICROS_PER_DAY_BIG } from '../arithmetic/calendar.ts'
import {
  addDays,
  addToTime,
  addToTimestamp,
  addToTimestampTz,
  dateDifference,
  subtractFromTimestamp,
  subtractFromTimestampTz,
  timestampDifference,
  timestampOfDate,
} from '../arithmetic/datetime.ts'
import {
  addIntervals,
  divideInterval,
  multiplyInterval,
  negateInterval,
  subtractIntervals,
} from '../arithmetic/interval.ts'
import type { Evaluate, EvaluationContext, InlineArg, InlineCode, ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

/** Far inside the range of dates: closures do what lies outside, infinities and errors. */
const dateBound = 2_000_000_000
const firstDate = -2_440_588

function inlineDays(date: InlineArg, days: InlineArg, sign: '+' | '-', code: InlineCode): string | undefined {
  if (date.physical.kind !== 'i32' || days.physical.kind !== 'i32') return undefined
  const result = code.local(`${date.name} ${sign} ${days.name}`)
  code.failIf(`${date.name} > ${dateBound} || ${date.name} < ${firstDate}`)
  code.failIf(`${result} > ${dateBound} || ${result} < ${firstDate}`)
  return result
}

/** A sum and the same with its sides exchanged. */
const both = (
  left: ParameterType,
  right: ParameterType,
  result: ParameterType,
  examples: readonly [a: string, b: string, sum: string],
  evaluate: (a: never, b: never, context: EvaluationContext) => ReturnType<Evaluate>,
  volatility: 'immutable' | 'stable' = 'immutable',
): readonly ScalarFunction[] => {
  const [a, b, sum] = examples
  const doc = 'The first value moved by the second one.'
  return [
    strict('+', [left, right], result, { doc, example: `${a} + ${b} = ${sum}`, volatility, evaluate }),
    strict('+', [right, left], result, {
      doc,
      example: `${b} + ${a} = ${sum}`,
      volatility,
      evaluate: (y: never, x: never, context: EvaluationContext) => evaluate(x, y, context),
    }),
  ]
}

/** A date and a time of day are a timestamp. */
const withTime = (date: number, time: bigint): bigint => {
  const start = timestampOfDate(date)
  return isFiniteTimestamp(start) ? start + time : start
}

const withTimeTz = (date: number, time: TimeTz): bigint => {
  const start = timestampOfDate(date)
  return isFiniteTimestamp(start) ? checkedTimestamp(start + time.micros - BigInt(time.zone) * 1_000_000n) : start
}

const moveTimeTz = (time: TimeTz, span: Interval): TimeTz => ({ ...time, micros: addToTime(time.micros, span) })

const sums: readonly ScalarFunction[] = [
  strict('+', ['date', 'int4'], 'date', {
    doc: 'So many days later.',
    example: "date '2001-09-28' + 7 = date '2001-10-05'",
    evaluate: addDays,
    inline: ([date, days], code) => inlineDays(date!, days!, '+', code),
  }),
  strict('+', ['int4', 'date'], 'date', {
    doc: 'So many days later.',
    example: "7 + date '2001-09-28' = date '2001-10-05'",
    evaluate: (days: number, date: number) => addDays(date, days),
    inline: ([days, date], code) => inlineDays(date!, days!, '+', code),
  }),
  ...both(
    'date',
    'interval',
    'timestamp',
    ["date '2001-09-28'", "interval '1 hour'", "timestamp '2001-09-28 01:00'"],
    (date: number, span: Interval) => addToTimestamp(timestampOfDate(date), span),
  ),
  ...both('date', 'time', 'timestamp', ["date '2001-09-28'", "time '03:00'", "timestamp '2001-09-28 03:00'"], withTime),
  ...both(
    'date',
    'timetz',
    'timestamptz',
    ["date '2001-09-28'", "timetz '03:00+01'", "timestamptz '2001-09-28 02:00+00'"],
    withTimeTz,
  ),
  ...both(
    'timestamp',
    'interval',
    'timestamp',
    ["timestamp '2001-01-31 01:00'", "interval '1 month'", "timestamp '2001-02-28 01:00'"],
    addToTimestamp,
  ),
  ...both(
    'timestamptz',
    'interval',
    'timestamptz',
    ["timestamptz '2001-01-31 01:00+00'", "interval '23 hours'", "timestamptz '2001-02-01 00:00+00'"],
    (instant: bigint, span: Interval, context) => addToTimestampTz(instant, span, context.text.timeZone),
    'stable',
  ),
  ...both('time', 'interval', 'time', ["time '01:00'", "interval '3 hours'", "time '04:00'"], addToTime),
  ...both('timetz', 'interval', 'timetz', ["timetz '23:00+01'", "interval '3 hours'", "timetz '02:00+01'"], moveTimeTz),
  strict('+', ['interval', 'interval'], 'interval', {
    doc: 'The sum, part by part.',
    example: "interval '1 day' + interval '1 hour' = interval '1 day 01:00'",
    evaluate: addIntervals,
  }),
]

const differences: readonly ScalarFunction[] = [
  strict('-', ['date', 'int4'], 'date', {
    doc: 'So many days earlier.',
    example: "date '2001-10-01' - 7 = date '2001-09-24'",
    evaluate: (date: number, days: number) => addDays(date, -days),
    inline: ([date, days], code) => inlineDays(date!, days!, '-', code),
  }),
  strict('-', ['date', 'date'], 'int4', {
    doc: 'The days from the second date to the first one.',
    example: "date '2001-10-01' - date '2001-09-28' = 3",
    evaluate: dateDifference,
  }),
  strict('-', ['date', 'interval'], 'timestamp', {
    doc: 'Midnight of the date, moved back.',
    example: "date '2001-09-28' - interval '1 hour' = timestamp '2001-09-27 23:00'",
    evaluate: (date: number, span: Interval) => subtractFromTimestamp(timestampOfDate(date), span),
  }),
  strict('-', ['time', 'time'], 'interval', {
    doc: 'The time from the second value to the first one.',
    example: "time '05:00' - time '03:00' = interval '2 hours'",
    fails: false,
    evaluate: (a: bigint, b: bigint) => interval(0, 0, a - b),
  }),
  strict('-', ['time', 'interval'], 'time', {
    doc: 'The time moved back around the clock.',
    example: "time '05:00' - interval '6 hours' = time '23:00'",
    evaluate: (time: bigint, span: Interval) => addToTime(time, negatedTime(span)),
  }),
  strict('-', ['timetz', 'interval'], 'timetz', {
    doc: 'The time moved back around the clock.',
    example: "timetz '05:00+01' - interval '6 hours' = timetz '23:00+01'",
    evaluate: (time: TimeTz, span: Interval) => moveTimeTz(time, negatedTime(span)),
  }),
  strict('-', ['timestamp', 'interval'], 'timestamp', {
    doc: 'The timestamp moved back.',
    example: "timestamp '2001-09-28 23:00' - interval '23 hours' = timestamp '2001-09-28'",
    evaluate: subtractFromTimestamp,
  }),
  strict('-', ['timestamptz', 'interval'], 'timestamptz', {
    doc: 'The instant moved back; months and days in the session’s zone.',
    example: "timestamptz '2001-09-28 23:00+00' - interval '1 day' = timestamptz '2001-09-27 23:00+00'",
    volatility: 'stable',
    evaluate: (instant: bigint, span: Interval, context: EvaluationContext) =>
      subtractFromTimestampTz(instant, span, context.text.timeZone),
  }),
  ...(['timestamp', 'timestamptz'] as const).map((kind) =>
    strict('-', [kind, kind], 'interval', {
      doc: 'Days and time from the second value to the first one.',
      example: `${kind} '2001-09-29 03:00' - ${kind} '2001-07-27 12:00' = interval '63 days 15:00'`,
      evaluate: timestampDifference,
    }),
  ),
  strict('-', ['interval', 'interval'], 'interval', {
    doc: 'The difference, part by part.',
    example: "interval '1 day' - interval '1 hour' = interval '1 day -01:00'",
    evaluate: subtractIntervals,
  }),
  strict('-', ['interval'], 'interval', {
    doc: 'The negated interval, part by part.',
    example: "- interval '23 hours' = interval '-23:00'",
    evaluate: negateInterval,
  }),
]

/** Only the time counts around the clock. */
const negatedTime = ({ micros }: Interval): Interval => interval(0, 0, -(micros % MICROS_PER_DAY_BIG))

const products: readonly ScalarFunction[] = [
  strict('*', ['interval', 'float8'], 'interval', {
    doc: 'The interval so many times; fractions of months and days cascade downwards.',
    example: "interval '1 hour' * 3.5 = interval '03:30'",
    evaluate: multiplyInterval,
  }),
  strict('*', ['float8', 'interval'], 'interval', {
    doc: 'The interval so many times; fractions of months and days cascade downwards.',
    example: "900 * interval '1 second' = interval '00:15'",
    evaluate: (factor: number, span: Interval) => multiplyInterval(span, factor),
  }),
  strict('/', ['interval', 'float8'], 'interval', {
    doc: 'The interval divided; fractions of months and days cascade downwards.',
    example: "interval '1 hour' / 1.5 = interval '00:40'",
    evaluate: divideInterval,
  }),
]

export const datetimeOperators: readonly ScalarFunction[] = [...sums, ...differences, ...products]
