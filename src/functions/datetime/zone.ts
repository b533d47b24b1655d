// AT TIME ZONE: timezone(zone, x), the zone being a name, an abbreviation or an interval east of UTC.

import { SqlError } from '../../core/error.ts'
import type { Interval, TimeTz } from '../../core/value.ts'
import { isFiniteTimestamp, MICROS_PER_DAY_BIG } from '../arithmetic/calendar.ts'
import { toInstant, toLocal } from '../arithmetic/datetime.ts'
import { fixedZone, type TimeZone, timeZone } from '../arithmetic/time-zone.ts'
import { zoneAbbreviation } from '../arithmetic/zone-abbreviations.ts'
import type { Evaluate, EvaluationContext, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { unknownTimeZone } from '../text/datetime-errors.ts'

/** The zone that a name, an abbreviation or an offset means; offsets count west, as POSIX does. Throws 22023. */
export function zoneNamed(name: string): TimeZone {
  const seconds = zoneAbbreviation(name)
  const known = seconds === undefined ? timeZone(name) : fixedZone(seconds)
  if (known !== undefined) return known
  const offset = posixOffset(name)
  if (offset === undefined) throw unknownTimeZone(name)
  return fixedZone(offset)
}

const POSIX_HOURS_MAX = 167

/** Seconds east of UTC of `+03`, `-5:30`, `FOO+3`, `<+03>-3`: POSIX specifications without summer time. */
function posixOffset(name: string): number | undefined {
  const match = /^(?:<[^>]*>|[^\d,+<-][^\d,+-]*)?([+-]?)(\d{1,3})(?::(\d{1,2}))?(?::(\d{1,2}))?$/.exec(name)
  if (match === null || Number(match[2]) > POSIX_HOURS_MAX) return undefined
  const [, sign, hours, minutes = '0', seconds = '0'] = match
  const west = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? west : 0 - west
}

const monthsInZone = (): SqlError =>
  new SqlError({ code: '22023', message: 'interval time zone must not include months or days' })

function zoneOfInterval({ months, days, micros }: Interval): TimeZone {
  if (months !== 0 || days !== 0) throw monthsInZone()
  return fixedZone(Number(micros / 1_000_000n))
}

/** The same instant's time of day in another zone; zones with rules use the offset in force now. */
function timeInZone(zone: TimeZone, time: TimeTz, context: EvaluationContext): TimeTz {
  const offset = zone.offsetAt(context.now)
  const moved = (time.micros + BigInt(offset - time.zone) * 1_000_000n) % MICROS_PER_DAY_BIG
  return { kind: 'timetz', micros: moved < 0n ? moved + MICROS_PER_DAY_BIG : moved, zone: offset }
}

interface Conversion {
  readonly from: 'timestamp' | 'timestamptz' | 'timetz'
  readonly to: 'timestamp' | 'timestamptz' | 'timetz'
  readonly doc: string
  readonly byName: string
  readonly byInterval: string
  readonly convert: (zone: TimeZone, value: never, context: EvaluationContext) => bigint | TimeTz
}

const conversions: readonly Conversion[] = [
  {
    from: 'timestamp',
    to: 'timestamptz',
    doc: 'The instant that the civil time means in the zone.',
    byName: "timestamp '2001-02-16 20:38' at time zone 'America/Denver' = timestamptz '2001-02-17 03:38+00'",
    byInterval: "timestamp '2001-02-16 20:00' at time zone interval '-07:00' = timestamptz '2001-02-17 03:00+00'",
    convert: (zone, local: bigint) => toInstant(local, zone),
  },
  {
    from: 'timestamptz',
    to: 'timestamp',
    doc: 'The civil time of the instant in the zone.',
    byName: "timestamptz '2001-02-17 03:38+00' at time zone 'America/Denver' = timestamp '2001-02-16 20:38'",
    byInterval: "timestamptz '2001-02-17 03:00+00' at time zone interval '-07:00' = timestamp '2001-02-16 20:00'",
    convert: (zone, instant: bigint) => toLocal(instant, zone),
  },
  {
    from: 'timetz',
    to: 'timetz',
    doc: 'The same time of day in another zone.',
    byName: "timetz '05:34:17-05' at time zone 'UTC' = timetz '10:34:17+00'",
    byInterval: "timetz '05:34:17-05' at time zone interval '00:00' = timetz '10:34:17+00'",
    convert: timeInZone,
  },
]

/** Infinity is the same in every zone; PostgreSQL does not ask whether there is such a zone. */
const isInfinite = (value: bigint | TimeTz): boolean => typeof value === 'bigint' && !isFiniteTimestamp(value)

const entriesOf = ({ from, to, doc, byName, byInterval, convert }: Conversion): readonly ScalarFunction[] => {
  const volatility = from === 'timetz' ? 'stable' : 'immutable'
  return [
    strict('timezone', ['text', from], to, {
      doc,
      example: byName,
      volatility,
      evaluate: (name: string, value: never, context: EvaluationContext) =>
        isInfinite(value) ? value : convert(zoneNamed(name), value, context),
      prepare: ([name]): Evaluate | undefined => {
        if (typeof name !== 'string') return undefined
        const zone = zoneNamed(name)
        return (_: string, value: never, context: EvaluationContext) => convert(zone, value, context)
      },
    }),
    strict('timezone', ['interval', from], to, {
      doc,
      example: byInterval,
      volatility,
      evaluate: (offset: Interval, value: never, context: EvaluationContext) =>
        isInfinite(value) ? value : convert(zoneOfInterval(offset), value, context),
    }),
  ]
}

export const zoneFunctions: readonly ScalarFunction[] = conversions.flatMap(entriesOf)
