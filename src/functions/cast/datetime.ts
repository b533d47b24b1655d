// Casts among dates, times, timestamps and intervals (pg_cast of PostgreSQL 15), and their precision.
//
// What crosses between civil time and instants uses the session's zone, hence stable.

import type { Interval, SqlValue, TimeTz } from '../../core/value.ts'
import { isFiniteTimestamp, MICROS_PER_DAY_BIG } from '../arithmetic/calendar.ts'
import { dateOfTimestamp, timeOfTimestamp, timestampOfDate, toInstant, toLocal } from '../arithmetic/datetime.ts'
import type { Cast, CastTarget, EvaluationContext } from '../registry.ts'
import { roundMicros, roundTimestamp } from '../text/datetime-parse.ts'
import { restrictInterval } from '../text/interval-parse.ts'
import { castEntry } from './entry.ts'

type Convert<From> = (value: From, target: CastTarget, context: EvaluationContext) => SqlValue

const zoneOf = (context: EvaluationContext) => context.text.timeZone

/** The time of day and offset that an instant has in a zone; NULL where it is infinite. */
function timeTzOf(instant: bigint, context: EvaluationContext): TimeTz | null {
  const zone = zoneOf(context)
  const micros = timeOfTimestamp(toLocal(instant, zone))
  return micros === null ? null : { kind: 'timetz', micros, zone: zone.offsetAt(instant) }
}

/** The time of day that an interval's time part says, around the clock. */
function timeOfInterval({ micros }: Interval): bigint {
  const time = micros % MICROS_PER_DAY_BIG
  return time < 0n ? time + MICROS_PER_DAY_BIG : time
}

/** A time of day means one of the current date where its zone has rules. */
const withZone = (micros: bigint, context: EvaluationContext): TimeTz => ({
  kind: 'timetz',
  micros,
  zone: zoneOf(context).offsetAt(context.now),
})

const betweenTypes: readonly Cast[] = [
  castEntry({
    from: 'date',
    to: 'timestamp',
    context: 'implicit',
    evaluate: timestampOfDate,
    inline: (arg, code) => {
      if (arg.physical.kind !== 'i32') return undefined
      code.failIf(`${arg.name} > 100000000 || ${arg.name} < -2440588`)
      return code.local(`BigInt.asIntN(64, BigInt.asIntN(64, BigInt(${arg.name})) * 86400000000n)`)
    },
  }),
  castEntry({
    from: 'date',
    to: 'timestamptz',
    context: 'implicit',
    volatility: 'stable',
    evaluate: (date: number, _: CastTarget, context: EvaluationContext) =>
      toInstant(timestampOfDate(date), zoneOf(context)),
  }),
  castEntry({
    from: 'timestamp',
    to: 'date',
    context: 'assignment',
    fails: false,
    evaluate: dateOfTimestamp,
  }),
  castEntry({
    from: 'timestamptz',
    to: 'date',
    context: 'assignment',
    volatility: 'stable',
    evaluate: (instant: bigint, _: CastTarget, context: EvaluationContext) =>
      dateOfTimestamp(toLocal(instant, zoneOf(context))),
  }),
  castEntry({
    from: 'timestamp',
    to: 'timestamptz',
    context: 'implicit',
    volatility: 'stable',
    evaluate: (local: bigint, _: CastTarget, context: EvaluationContext) => toInstant(local, zoneOf(context)),
  }),
  castEntry({
    from: 'timestamptz',
    to: 'timestamp',
    context: 'assignment',
    volatility: 'stable',
    evaluate: (instant: bigint, _: CastTarget, context: EvaluationContext) => toLocal(instant, zoneOf(context)),
  }),
  castEntry({
    from: 'timestamp',
    to: 'time',
    context: 'assignment',
    fails: false,
    evaluate: (timestamp: bigint) => timeOfTimestamp(timestamp),
  }),
  castEntry({
    from: 'timestamptz',
    to: 'time',
    context: 'assignment',
    volatility: 'stable',
    evaluate: (instant: bigint, _: CastTarget, context: EvaluationContext) =>
      timeTzOf(instant, context)?.micros ?? null,
  }),
  castEntry({
    from: 'timestamptz',
    to: 'timetz',
    context: 'assignment',
    volatility: 'stable',
    evaluate: (instant: bigint, _: CastTarget, context: EvaluationContext) => timeTzOf(instant, context),
  }),
  castEntry({
    from: 'time',
    to: 'timetz',
    context: 'implicit',
    fails: false,
    volatility: 'stable',
    evaluate: (micros: bigint, _: CastTarget, context: EvaluationContext) => withZone(micros, context),
  }),
  castEntry({
    from: 'timetz',
    to: 'time',
    context: 'assignment',
    fails: false,
    evaluate: ({ micros }: TimeTz) => micros,
  }),
  castEntry({
    from: 'time',
    to: 'interval',
    context: 'implicit',
    fails: false,
    evaluate: (micros: bigint): Interval => ({ kind: 'interval', months: 0, days: 0, micros }),
  }),
  castEntry({
    from: 'interval',
    to: 'time',
    context: 'assignment',
    fails: false,
    evaluate: timeOfInterval,
  }),
]

const precisionOf = ({ to }: CastTarget): number | undefined => ('precision' in to ? to.precision : undefined)

const roundFinite: Convert<bigint> = (timestamp, target) =>
  isFiniteTimestamp(timestamp) ? roundTimestamp(timestamp, precisionOf(target)) : timestamp

/** What a declared precision (or the fields of an interval) leaves of a value. */
const withinTypes: readonly Cast[] = [
  castEntry({ from: 'timestamp', to: 'timestamp', context: 'implicit', evaluate: roundFinite }),
  castEntry({ from: 'timestamptz', to: 'timestamptz', context: 'implicit', evaluate: roundFinite }),
  castEntry({
    from: 'time',
    to: 'time',
    context: 'implicit',
    fails: false,
    evaluate: (micros: bigint, target: CastTarget) => roundMicros(micros, precisionOf(target)),
  }),
  castEntry({
    from: 'timetz',
    to: 'timetz',
    context: 'implicit',
    fails: false,
    evaluate: (time: TimeTz, target: CastTarget): TimeTz => ({
      ...time,
      micros: roundMicros(time.micros, precisionOf(target)),
    }),
  }),
  castEntry({
    from: 'interval',
    to: 'interval',
    context: 'implicit',
    fails: false,
    evaluate: (value: Interval, { to }: CastTarget) => (to.kind === 'interval' ? restrictInterval(to, value) : value),
  }),
]

export const datetimeCasts: readonly Cast[] = [...betweenTypes, ...withinTypes]
