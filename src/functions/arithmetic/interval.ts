// Interval arithmetic on single values (PostgreSQL's interval_pl, interval_mul, interval_div, interval_justify_*).
//
// The three fields are independent: a month is not thirty days and a day not 24 hours, except where a fraction of a
// month or day has to go somewhere (mul, div) or where justify_* asks for it. Overflow: 22008 "interval out of range".

import { divisionByZero, SqlError } from '../../core/error.ts'
import { type Interval, interval } from '../../core/value.ts'
import { roundHalfEven } from './float.ts'

const DAYS_PER_MONTH = 30
const SECONDS_PER_DAY = 86_400
const DAY = 86_400_000_000n

export const intervalOutOfRange = (): SqlError => new SqlError({ code: '22008', message: 'interval out of range' })

const isInt32 = (value: number): boolean => value >= -2147483648 && value <= 2147483647

/** The interval of these fields, or 22008 where one does not fit. */
export function checkedInterval(months: number, days: number, micros: bigint): Interval {
  if (!isInt32(months) || !isInt32(days) || BigInt.asIntN(64, micros) !== micros) throw intervalOutOfRange()
  return interval(months, days, micros)
}

export const addIntervals = (a: Interval, b: Interval): Interval =>
  checkedInterval(a.months + b.months, a.days + b.days, a.micros + b.micros)

export const subtractIntervals = (a: Interval, b: Interval): Interval =>
  checkedInterval(a.months - b.months, a.days - b.days, a.micros - b.micros)

export const negateInterval = (value: Interval): Interval =>
  checkedInterval(0 - value.months, 0 - value.days, -value.micros)

export function multiplyInterval(value: Interval, factor: number): Interval {
  return scale(value.months * factor, value.days * factor, Number(value.micros) * factor)
}

export function divideInterval(value: Interval, divisor: number): Interval {
  if (divisor === 0) throw divisionByZero()
  return scale(value.months / divisor, value.days / divisor, Number(value.micros) / divisor)
}

/** PostgreSQL's TSROUND: to the microsecond, half to even. */
const roundMicro = (value: number): number => roundHalfEven(value * 1e6) / 1e6

/** Fractions of months become days, fractions of days become time. */
function scale(exactMonths: number, exactDays: number, exactMicros: number): Interval {
  if (![exactMonths, exactDays].every((value) => isInt32(Math.trunc(value)))) throw intervalOutOfRange()
  const months = Math.trunc(exactMonths)
  let days = Math.trunc(exactDays)
  const monthDays = roundMicro((exactMonths - months) * DAYS_PER_MONTH)
  let seconds = roundMicro((exactDays - days + monthDays - Math.trunc(monthDays)) * SECONDS_PER_DAY)
  if (Math.abs(seconds) >= SECONDS_PER_DAY) {
    const whole = Math.trunc(seconds / SECONDS_PER_DAY)
    days += whole
    seconds -= whole * SECONDS_PER_DAY
  }
  const micros = roundHalfEven(exactMicros + seconds * 1e6)
  if (!(Math.abs(micros) < 2 ** 63)) throw intervalOutOfRange()
  return checkedInterval(months + 0, days + Math.trunc(monthDays) + 0, BigInt(micros))
}

/** Whole days out of the time. */
export function justifyHours({ months, days, micros }: Interval): Interval {
  return signsOfDayAndTime(months, days + Number(micros / DAY), micros % DAY)
}

/** Whole months of thirty days out of the days. */
export function justifyDays({ months, days, micros }: Interval): Interval {
  let wholeMonths = months + Math.trunc(days / DAYS_PER_MONTH)
  let rest = days % DAYS_PER_MONTH
  if (wholeMonths > 0 && rest < 0) {
    rest += DAYS_PER_MONTH
    wholeMonths--
  } else if (wholeMonths < 0 && rest > 0) {
    rest -= DAYS_PER_MONTH
    wholeMonths++
  }
  return checkedInterval(wholeMonths, rest + 0, micros)
}

/** Both, and all fields of one sign. */
export function justifyInterval({ months, days, micros }: Interval): Interval {
  const allDays = days + Number(micros / DAY)
  const time = micros % DAY
  let wholeMonths = months + Math.trunc(allDays / DAYS_PER_MONTH)
  let rest = allDays % DAYS_PER_MONTH
  if (wholeMonths > 0 && (rest < 0 || (rest === 0 && time < 0n))) {
    rest += DAYS_PER_MONTH
    wholeMonths--
  } else if (wholeMonths < 0 && (rest > 0 || (rest === 0 && time > 0n))) {
    rest -= DAYS_PER_MONTH
    wholeMonths++
  }
  return signsOfDayAndTime(wholeMonths, rest + 0, time)
}

function signsOfDayAndTime(months: number, days: number, micros: bigint): Interval {
  if (days > 0 && micros < 0n) return checkedInterval(months, days - 1, micros + DAY)
  if (days < 0 && micros > 0n) return checkedInterval(months, days + 1, micros - DAY)
  return checkedInterval(months, days, micros)
}

export interface IntervalParts {
  readonly years: number
  readonly months: number
  readonly weeks: number
  readonly days: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
}

export function makeInterval({ years, months, weeks, days, hours, minutes, seconds }: IntervalParts): Interval {
  if (!Number.isFinite(seconds)) throw intervalOutOfRange()
  const micros = BigInt(hours) * 3_600_000_000n + BigInt(minutes) * 60_000_000n + BigInt(roundHalfEven(seconds * 1e6))
  return checkedInterval(years * 12 + months, weeks * 7 + days, micros)
}
