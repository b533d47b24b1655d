// Arithmetic on dates, times and timestamps: adding intervals, differences, age, conversions, and making them of
// parts.
//
// A month added keeps the day of the month, or takes the month's last day where there is none; then days, then time.
// For TIMESTAMPTZ months and days are civil in a zone, time is physical. Infinite values stay what they are. Results
// out of range: 22008.

import { SqlError } from '../../core/error.ts'
import { DATE_INFINITY, type Interval, interval, TIMESTAMP_INFINITY, TIMESTAMP_MAX } from '../../core/value.ts'
import {
  type CivilDate,
  checkedDate,
  checkedTimestamp,
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  isFiniteDate,
  isFiniteTimestamp,
  joinTimestamp,
  MICROS_PER_DAY,
  MICROS_PER_DAY_BIG,
  MINUS_DATE_INFINITY,
  MINUS_TIMESTAMP_INFINITY,
  splitTimestamp,
} from './calendar.ts'
import { roundHalfEven } from './float.ts'
import { justifyHours, negateInterval } from './interval.ts'
import { instantOfLocal, localOfInstant, type TimeZone } from './time-zone.ts'

/** `date` so many months on, in a shorter month on its last day. */
export function addMonths(date: CivilDate, months: number): CivilDate {
  const month = date.year * 12 + date.month - 1 + months
  const year = Math.floor(month / 12)
  const inYear = month - year * 12 + 1
  return { year, month: inYear, day: Math.min(date.day, daysInMonth(year, inYear)) }
}

function shiftMonths(timestamp: bigint, months: number): bigint {
  if (months === 0) return timestamp
  const { days, micros } = splitTimestamp(timestamp)
  return checkedTimestamp(joinTimestamp(daysFromCivil(addMonths(civilFromDays(days), months)), micros))
}

export function addToTimestamp(timestamp: bigint, { months, days, micros }: Interval): bigint {
  if (!isFiniteTimestamp(timestamp)) return timestamp
  const dated = checkedTimestamp(shiftMonths(timestamp, months) + BigInt(days) * MICROS_PER_DAY_BIG)
  return checkedTimestamp(dated + micros)
}

export function addToTimestampTz(instant: bigint, { months, days, micros }: Interval, zone: TimeZone): bigint {
  if (!isFiniteTimestamp(instant)) return instant
  let result = instant
  if (months !== 0) result = instantOfLocal(shiftMonths(localOfInstant(result, zone), months), zone)
  if (days !== 0)
    result = checkedTimestamp(instantOfLocal(localOfInstant(result, zone) + BigInt(days) * MICROS_PER_DAY_BIG, zone))
  return checkedTimestamp(result + micros)
}

export const subtractFromTimestamp = (timestamp: bigint, span: Interval): bigint =>
  addToTimestamp(timestamp, negateInterval(span))

export const subtractFromTimestampTz = (instant: bigint, span: Interval, zone: TimeZone): bigint =>
  addToTimestampTz(instant, negateInterval(span), zone)

/** A time of day moved by the interval's time alone, around the clock. */
export function addToTime(time: bigint, { micros }: Interval): bigint {
  const moved = (time + micros) % MICROS_PER_DAY_BIG
  return moved < 0n ? moved + MICROS_PER_DAY_BIG : moved
}

export function addDays(date: number, days: number): number {
  return isFiniteDate(date) ? checkedDate(date + days) : date
}

/** Days and time between two timestamps, as PostgreSQL's `-` gives them: no months. */
export function timestampDifference(a: bigint, b: bigint): Interval {
  if (!isFiniteTimestamp(a) || !isFiniteTimestamp(b)) throw infiniteDifference('timestamps')
  return justifyHours(interval(0, 0, a - b))
}

export function dateDifference(a: number, b: number): number {
  if (!isFiniteDate(a) || !isFiniteDate(b)) throw infiniteDifference('dates')
  return a - b
}

const infiniteDifference = (what: string): SqlError =>
  new SqlError({ code: '22008', message: `cannot subtract infinite ${what}` })

/** Years, months, days and time from `b` to `a`: age(a, b). Of two instants pass the local times. */
export function age(a: bigint, b: bigint): Interval {
  if (!isFiniteTimestamp(a) || !isFiniteTimestamp(b)) throw infiniteAge()
  const negative = a < b
  const later = splitTimestamp(negative ? b : a)
  const earlier = splitTimestamp(negative ? a : b)
  const to = civilFromDays(later.days)
  const from = civilFromDays(earlier.days)
  let months = (to.year - from.year) * 12 + to.month - from.month
  let days = to.day - from.day
  let micros = later.micros - earlier.micros
  if (micros < 0) {
    micros += MICROS_PER_DAY
    days--
  }
  for (; days < 0; months--) days += daysInMonth(from.year, from.month)
  const sign = negative ? -1 : 1
  return interval(sign * months + 0, sign * days + 0, BigInt(sign * micros))
}

const infiniteAge = (): SqlError => new SqlError({ code: '22008', message: 'timestamp out of range' })

/** The day of a timestamp, or of an instant's local time. */
export function dateOfTimestamp(timestamp: bigint): number {
  if (isFiniteTimestamp(timestamp)) return splitTimestamp(timestamp).days
  return timestamp > 0n ? DATE_INFINITY : MINUS_DATE_INFINITY
}

export function timestampOfDate(date: number): bigint {
  if (!isFiniteDate(date)) return date > 0 ? TIMESTAMP_INFINITY : MINUS_TIMESTAMP_INFINITY
  const timestamp = joinTimestamp(date, 0)
  if (timestamp > TIMESTAMP_MAX) throw dateTooLate()
  return timestamp
}

const dateTooLate = (): SqlError => new SqlError({ code: '22008', message: 'date out of range for timestamp' })

/** The civil time that an instant has in a zone: `instant AT TIME ZONE zone`, and the cast to TIMESTAMP. */
export const toLocal = (instant: bigint, zone: TimeZone): bigint =>
  isFiniteTimestamp(instant) ? checkedTimestamp(localOfInstant(instant, zone)) : instant

/** The instant that a civil time means in a zone: `timestamp AT TIME ZONE zone`, and the cast to TIMESTAMPTZ. */
export const toInstant = (local: bigint, zone: TimeZone): bigint =>
  isFiniteTimestamp(local) ? checkedTimestamp(instantOfLocal(local, zone)) : local

export const timeOfTimestamp = (timestamp: bigint): bigint | null =>
  isFiniteTimestamp(timestamp) ? BigInt(splitTimestamp(timestamp).micros) : null

const fieldOutOfRange = (message: string): SqlError => new SqlError({ code: '22008', message })

/** A negative year is BC; there is no year 0. */
export function makeDate(year: number, month: number, day: number): number {
  const astronomical = year < 0 ? year + 1 : year
  const shown = `${astronomical}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  const valid = year !== 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(astronomical, month)
  if (!valid) throw fieldOutOfRange(`date field value out of range: ${shown}`)
  return checkedDate(daysFromCivil({ year: astronomical, month, day }))
}

/** Microseconds of the day; `second` may have a fraction. */
export function makeTime(hour: number, minute: number, second: number): bigint {
  const micros = roundHalfEven(second * 1e6)
  const total = (hour * 60 + minute) * 60e6 + micros
  const valid = hour >= 0 && minute >= 0 && minute <= 59 && micros >= 0 && micros <= 60e6 && total <= MICROS_PER_DAY
  if (!valid) {
    const two = (value: number): string => String(value).padStart(2, '0')
    throw fieldOutOfRange(`time field value out of range: ${hour}:${two(minute)}:${two(second)}`)
  }
  return BigInt(total)
}

export interface TimestampParts {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

export const makeTimestamp = ({ year, month, day, hour, minute, second }: TimestampParts): bigint =>
  checkedTimestamp(BigInt(makeDate(year, month, day)) * MICROS_PER_DAY_BIG + makeTime(hour, minute, second))
