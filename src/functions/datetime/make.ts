// Dates, times and intervals out of numbers: make_*, to_timestamp(seconds), justify_*, age, isfinite.

import { SqlError } from '../../core/error.ts'
import { type Interval, TIMESTAMP_INFINITY } from '../../core/value.ts'
import {
  isFiniteDate,
  isFiniteTimestamp,
  isTimestampInRange,
  MINUS_TIMESTAMP_INFINITY,
  splitTimestamp,
} from '../arithmetic/calendar.ts'
import { age, makeDate, makeTime, makeTimestamp, timestampOfDate, toInstant, toLocal } from '../arithmetic/datetime.ts'
import { roundHalfEven } from '../arithmetic/float.ts'
import { intervalOutOfRange, justifyDays, justifyHours, justifyInterval, makeInterval } from '../arithmetic/interval.ts'
import type { EvaluationContext, ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { printFloat8 } from '../text/numbers.ts'
import { zoneNamed } from './zone.ts'

type Parts = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number]

const timestampOf = ([year, month, day, hour, minute, second]: Parts): bigint =>
  makeTimestamp({ year, month, day, hour, minute, second })

const timestampArgs: readonly ParameterType[] = ['int4', 'int4', 'int4', 'int4', 'int4', 'float8']

const makers: readonly ScalarFunction[] = [
  strict('make_date', ['int4', 'int4', 'int4'], 'date', {
    doc: 'The date of a year (BC where negative), month and day.',
    example: "make_date(2013, 7, 15) = date '2013-07-15'",
    evaluate: makeDate,
  }),
  strict('make_time', ['int4', 'int4', 'float8'], 'time', {
    doc: 'The time of hour, minute and seconds.',
    example: "make_time(8, 15, 23.5) = time '08:15:23.5'",
    evaluate: makeTime,
  }),
  strict('make_timestamp', timestampArgs, 'timestamp', {
    doc: 'The timestamp of year, month, day, hour, minute and seconds.',
    example: "make_timestamp(2013, 7, 15, 8, 15, 23.5) = timestamp '2013-07-15 08:15:23.5'",
    evaluate: (...args: number[]) => timestampOf(args as unknown as Parts),
  }),
  strict('make_timestamptz', timestampArgs, 'timestamptz', {
    doc: 'The instant of a civil time in the session’s zone.',
    example: "make_timestamptz(2013, 7, 15, 8, 15, 23.5) = timestamp '2013-07-15 08:15:23.5'::timestamptz",
    volatility: 'stable',
    evaluate: (...args: unknown[]) =>
      toInstant(timestampOf(args as unknown as Parts), (args[6] as EvaluationContext).text.timeZone),
  }),
  strict('make_timestamptz', [...timestampArgs, 'text'], 'timestamptz', {
    doc: 'The instant of a civil time in a zone.',
    example: "make_timestamptz(2013, 7, 15, 8, 15, 23.5, 'America/New_York') = timestamptz '2013-07-15 12:15:23.5+00'",
    evaluate: (...args: unknown[]) => toInstant(timestampOf(args as unknown as Parts), zoneNamed(args[6] as string)),
  }),
]

const intervalArgs: readonly ParameterType[] = ['int4', 'int4', 'int4', 'int4', 'int4', 'int4', 'float8']

/** More do not fit into 64 bits of microseconds. */
const SECONDS_MAX = 9_223_372_036_854

/** Trailing parts default to 0: one entry for each number of arguments. */
const intervalMakers: readonly ScalarFunction[] = Array.from({ length: 8 }, (_, count) =>
  strict('make_interval', intervalArgs.slice(0, count), 'interval', {
    doc: 'The interval of years, months, weeks, days, hours, minutes and seconds; what is left out is 0.',
    example: `make_interval(${[1, 2, 3, 4, 5, 6, 7.5].slice(0, count).join(', ')}) = interval '${
      ['1 year', '2 months', '3 weeks', '4 days', '5 hours', '6 minutes', '7.5 seconds'].slice(0, count).join(' ') ||
      '0'
    }'`,
    evaluate: (...args: unknown[]) => {
      const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = args.slice(
        0,
        count,
      ) as number[]
      if (Math.abs(seconds) > SECONDS_MAX) throw intervalOutOfRange()
      return makeInterval({ years, months, weeks, days, hours, minutes, seconds })
    },
  }),
)

const justifiers = (
  [
    ['justify_days', justifyDays, 'Every 30 days become a month.', "'35 days'", "'1 mon 5 days'"],
    ['justify_hours', justifyHours, 'Every 24 hours become a day.', "'27 hours'", "'1 day 03:00'"],
    ['justify_interval', justifyInterval, 'Both, and all parts of one sign.', "'1 mon -1 hour'", "'29 days 23:00'"],
  ] as const
).map(([name, evaluate, doc, input, output]) =>
  strict(name, ['interval'], 'interval', {
    doc,
    example: `${name}(interval ${input})::text = (interval ${output})::text`,
    evaluate,
  }),
)

const ages: readonly ScalarFunction[] = [
  strict('age', ['timestamp', 'timestamp'], 'interval', {
    doc: 'Years, months, days and time from the second timestamp to the first one.',
    example: "age(timestamp '2001-04-10', timestamp '1957-06-13')::text = '43 years 9 mons 27 days'",
    evaluate: age,
  }),
  strict('age', ['timestamptz', 'timestamptz'], 'interval', {
    doc: 'Years, months, days and time from the second instant to the first one, in the session’s zone.',
    example:
      "age(timestamptz '2001-04-10 00:00+00', timestamptz '1957-06-13 00:00+00')::text = '43 years 9 mons 27 days'",
    volatility: 'stable',
    evaluate: (a: bigint, b: bigint, { text }: EvaluationContext) =>
      age(toLocal(a, text.timeZone), toLocal(b, text.timeZone)),
  }),
  strict('age', ['timestamp'], 'interval', {
    doc: 'Years, months, days and time from the timestamp to midnight of the current date.',
    volatility: 'stable',
    evaluate: (value: bigint, context: EvaluationContext) => age(today(context), value),
  }),
  strict('age', ['timestamptz'], 'interval', {
    doc: 'Years, months, days and time from the instant to midnight of the current date, in the session’s zone.',
    volatility: 'stable',
    evaluate: (value: bigint, context: EvaluationContext) => age(today(context), toLocal(value, context.text.timeZone)),
  }),
]

const today = ({ now, text }: EvaluationContext): bigint =>
  timestampOfDate(splitTimestamp(toLocal(now, text.timeZone)).days)

const finiteness: readonly ScalarFunction[] = [
  strict('isfinite', ['date'], 'boolean', {
    doc: 'False of infinity and -infinity.',
    example: "isfinite(date '2001-02-16') and not isfinite(date 'infinity')",
    fails: false,
    evaluate: isFiniteDate,
  }),
  ...(['timestamp', 'timestamptz'] as const).map((kind) =>
    strict('isfinite', [kind], 'boolean', {
      doc: 'False of infinity and -infinity.',
      example: `isfinite(${kind} '2001-02-16') and not isfinite(${kind} '-infinity')`,
      fails: false,
      evaluate: isFiniteTimestamp,
    }),
  ),
  strict('isfinite', ['interval'], 'boolean', {
    doc: 'Always true: intervals are finite.',
    example: "isfinite(interval '4 hours')",
    fails: false,
    evaluate: (_: Interval) => true,
  }),
]

const secondsOutOfRange = (seconds: number): SqlError =>
  new SqlError({ code: '22008', message: `timestamp out of range: "${printFloat8(seconds, 0)}"` })
const notANumber = (): SqlError => new SqlError({ code: '22008', message: 'timestamp cannot be NaN' })

/** The second from 1970 on; the fraction is rounded to microseconds after PostgreSQL's shift to 2000. */
function fromSeconds(seconds: number): bigint {
  if (Number.isNaN(seconds)) throw notANumber()
  if (!Number.isFinite(seconds)) return seconds > 0 ? TIMESTAMP_INFINITY : MINUS_TIMESTAMP_INFINITY
  if (seconds < -210_866_803_200 || seconds >= 9_224_318_016_000) throw secondsOutOfRange(seconds)
  const instant = BigInt(roundHalfEven((seconds - EPOCH_2000) * 1e6)) + BigInt(EPOCH_2000) * 1_000_000n
  if (!isTimestampInRange(instant)) throw secondsOutOfRange(seconds)
  return instant
}

const EPOCH_2000 = 946_684_800

export const makeFunctions: readonly ScalarFunction[] = [
  ...makers,
  ...intervalMakers,
  ...justifiers,
  ...ages,
  ...finiteness,
  strict('to_timestamp', ['float8'], 'timestamptz', {
    doc: 'The instant so many seconds after 1970-01-01 00:00 UTC.',
    example: "to_timestamp(1284352323.5) = timestamptz '2010-09-13 04:32:03.5+00'",
    evaluate: fromSeconds,
  }),
]
