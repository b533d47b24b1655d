// date_trunc and date_bin: timestamps and intervals cut down to a unit or to the start of a bin.

import { SqlError } from '../../core/error.ts'
import { type Interval, interval } from '../../core/value.ts'
import {
  checkedTimestamp,
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  isFiniteTimestamp,
  joinTimestamp,
  MICROS_PER_DAY_BIG,
  splitTimestamp,
} from './calendar.ts'
import { unknownUnit, unsupportedUnit } from './date-parts.ts'
import { type TimeUnit, timeUnit } from './time-units.ts'
import { instantOfLocal, localOfInstant, type TimeZone } from './time-zone.ts'

const clockUnits: Partial<Record<TimeUnit, bigint>> = {
  microsecond: 1n,
  millisecond: 1_000n,
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
}

const YEARS: Partial<Record<TimeUnit, number>> = { decade: 10, century: 100, millennium: 1000 }

function unitOf(name: string, type: string): TimeUnit {
  const unit = timeUnit(name)
  if (unit === undefined) throw unknownUnit(name.toLowerCase(), type)
  return unit
}

/** The first year of a decade, century or millennium; the latter two start in year 1, and in the years BC likewise. */
function firstYear(year: number, unit: 'decade' | 'century' | 'millennium'): number {
  const size = YEARS[unit]!
  return unit === 'decade' ? Math.floor(year / size) * size : Math.floor((year - 1) / size) * size + 1
}

function truncateDays(unit: TimeUnit, days: number): number {
  const { year, month } = civilFromDays(days)
  switch (unit) {
    case 'week':
      return days - ((dayOfWeek(days) + 6) % 7)
    case 'month':
      return daysFromCivil({ year, month, day: 1 })
    case 'quarter':
      return daysFromCivil({ year, month: month - ((month - 1) % 3), day: 1 })
    case 'year':
      return daysFromCivil({ year, month: 1, day: 1 })
    case 'decade':
    case 'century':
    case 'millennium':
      return daysFromCivil({ year: firstYear(year, unit), month: 1, day: 1 })
    default:
      return days
  }
}

function truncateCivil(unit: TimeUnit, timestamp: bigint): bigint {
  const { days, micros } = splitTimestamp(timestamp)
  const step = clockUnits[unit]
  if (step !== undefined) return joinTimestamp(days, Number(BigInt(micros) - (BigInt(micros) % step)))
  return joinTimestamp(truncateDays(unit, days), 0)
}

export function truncateTimestamp(name: string, timestamp: bigint): bigint {
  if (!isFiniteTimestamp(timestamp)) return timestamp
  return checkedTimestamp(truncateCivil(unitOf(name, 'timestamp without time zone'), timestamp))
}

/** In the zone's civil time; up to hours the offset in force is kept, so that both readings of a repeated hour stay. */
export function truncateTimestampTz(name: string, instant: bigint, zone: TimeZone): bigint {
  if (!isFiniteTimestamp(instant)) return instant
  const unit = unitOf(name, 'timestamp with time zone')
  const local = localOfInstant(instant, zone)
  const cut = truncateCivil(unit, local)
  return checkedTimestamp(clockUnits[unit] === undefined ? instantOfLocal(cut, zone) : instant - (local - cut))
}

export function truncateInterval(name: string, { months, days, micros }: Interval): Interval {
  const unit = unitOf(name, 'interval')
  if (unit === 'week') throw unsupportedUnit(name.toLowerCase(), 'interval', 'Months usually have fractional weeks.')
  const step = clockUnits[unit]
  if (step !== undefined) return interval(months, days, micros - (micros % step))
  if (unit === 'day') return interval(months, days, 0n)
  const size = unit === 'month' ? 1 : unit === 'quarter' ? 3 : 12 * (YEARS[unit] ?? 1)
  return interval(months - (months % size), 0, 0n)
}

/** The start of the bin of width `stride` that `timestamp` falls in, bins being laid from `origin`. */
export function dateBin(stride: Interval, timestamp: bigint, origin: bigint): bigint {
  if (!isFiniteTimestamp(timestamp)) return timestamp
  if (!isFiniteTimestamp(origin)) throw binError('22008', 'origin out of range')
  if (stride.months !== 0)
    throw binError('0A000', 'timestamps cannot be binned into intervals containing months or years')
  const width = BigInt(stride.days) * MICROS_PER_DAY_BIG + stride.micros
  if (width <= 0n) throw binError('22008', 'stride must be greater than zero')
  const distance = timestamp - origin
  if (BigInt.asIntN(64, distance) !== distance) throw binError('22008', 'interval out of range')
  const rest = distance % width
  return checkedTimestamp(timestamp - (rest < 0n ? rest + width : rest))
}

const binError = (code: string, message: string): SqlError => new SqlError({ code, message })
