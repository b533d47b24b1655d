// The proleptic Gregorian calendar over days and microseconds from 1970-01-01, and the ranges that PostgreSQL allows.
//
// Years are astronomical here: year 0 is 1 BC. Day numbers and times of day are exact doubles; timestamps are bigint.
// The civil algorithms are Howard Hinnant's ("chrono-compatible low-level date algorithms"): eras of 400 years that
// start on 1 March. Ranges: dates 4714-11-24 BC … 5874897-12-31; timestamps from the same day to 294247-01-10.

import { SqlError } from '../../core/error.ts'
import { DATE_INFINITY, TIMESTAMP_INFINITY, TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../core/value.ts'

export interface CivilDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

export interface CivilTime {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly micros: number
}

export const SECONDS_PER_DAY = 86_400
export const MICROS_PER_SECOND = 1_000_000
export const MICROS_PER_DAY = 86_400_000_000
export const MICROS_PER_DAY_BIG = 86_400_000_000n

/** Julian day of 1970-01-01, and its day in PostgreSQL's count from 2000-01-01. */
export const JULIAN_1970 = 2_440_588
export const DAYS_1970_TO_2000 = 10_957

export const MINUS_DATE_INFINITY = -DATE_INFINITY - 1
export const MINUS_TIMESTAMP_INFINITY = -TIMESTAMP_INFINITY - 1n

const DATE_MIN = -JULIAN_1970
const DATE_END = 2_147_483_494 - JULIAN_1970

export function daysFromCivil({ year, month, day }: CivilDate): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export function civilFromDays(days: number): CivilDate {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  }
}

export const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

export const daysInMonth = (year: number, month: number): number =>
  month === 2 && isLeapYear(year) ? 29 : MONTH_DAYS[month - 1]!

/** 0 is Sunday. */
export const dayOfWeek = (days: number): number => (((days + 4) % 7) + 7) % 7

/** Day and microsecond of the day, rounded towards the past. */
export function splitTimestamp(timestamp: bigint): { readonly days: number; readonly micros: number } {
  let days = timestamp / MICROS_PER_DAY_BIG
  let micros = timestamp % MICROS_PER_DAY_BIG
  if (micros < 0n) {
    micros += MICROS_PER_DAY_BIG
    days -= 1n
  }
  return { days: Number(days), micros: Number(micros) }
}

export const joinTimestamp = (days: number, micros: number): bigint =>
  BigInt(days) * MICROS_PER_DAY_BIG + BigInt(micros)

export function civilTime(micros: number): CivilTime {
  const seconds = Math.floor(micros / MICROS_PER_SECOND)
  return {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    micros: micros - seconds * MICROS_PER_SECOND,
  }
}

export const microsOfTime = (time: CivilTime): number =>
  ((time.hour * 60 + time.minute) * 60 + time.second) * MICROS_PER_SECOND + time.micros

export const isFiniteDate = (date: number): boolean => date !== DATE_INFINITY && date !== MINUS_DATE_INFINITY
export const isFiniteTimestamp = (timestamp: bigint): boolean =>
  timestamp !== TIMESTAMP_INFINITY && timestamp !== MINUS_TIMESTAMP_INFINITY

export const isDateInRange = (days: number): boolean => days >= DATE_MIN && days < DATE_END
export const isTimestampInRange = (timestamp: bigint): boolean =>
  timestamp >= TIMESTAMP_MIN && timestamp <= TIMESTAMP_MAX

/** The timestamp itself, or 22008 where PostgreSQL has none. */
export function checkedTimestamp(timestamp: bigint): bigint {
  if (!isTimestampInRange(timestamp)) throw timestampOutOfRange()
  return timestamp
}

export function checkedDate(days: number): number {
  if (!isDateInRange(days)) throw dateOutOfRange()
  return days
}

export const timestampOutOfRange = (): SqlError => new SqlError({ code: '22008', message: 'timestamp out of range' })
export const dateOutOfRange = (): SqlError => new SqlError({ code: '22008', message: 'date out of range' })
