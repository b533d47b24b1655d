// The units of intervals: their names, and adding so many of one to an interval under construction, fractions included.

import { roundHalfEven } from '../arithmetic/float.ts'
import { type TimeUnit, timeUnit } from '../arithmetic/time-units.ts'
import { DatetimeFailure } from './datetime-errors.ts'

export type IntervalUnit = Exclude<TimeUnit, 'quarter'>

interface Size {
  readonly months?: number
  readonly days?: number
  readonly micros?: number
}

const unitSizes = {
  microsecond: { micros: 1 },
  millisecond: { micros: 1_000 },
  second: { micros: 1_000_000 },
  minute: { micros: 60_000_000 },
  hour: { micros: 3_600_000_000 },
  day: { days: 1 },
  week: { days: 7 },
  month: { months: 1 },
  year: { months: 12 },
  decade: { months: 120 },
  century: { months: 1_200 },
  millennium: { months: 12_000 },
} satisfies Record<IntervalUnit, Size>

/** The unit that a word such as `hours` or `mons` names. */
export function intervalUnit(word: string): IntervalUnit | undefined {
  const unit = timeUnit(word)
  return unit === 'quarter' ? undefined : unit
}

/** The interval under construction; years stay apart from months, as each has its own range. */
export interface Sum {
  years: number
  months: number
  days: number
  micros: bigint
}

export const newSum = (): Sum => ({ years: 0, months: 0, days: 0, micros: 0n })

export const isInt32 = (value: number): boolean => value >= -2147483648 && value <= 2147483647
export const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value

/** Adds `whole` + `fraction` units; a fraction that months or days cannot hold spills into the next smaller part. */
export function addUnits(sum: Sum, unit: IntervalUnit, { whole, fraction }: { whole: bigint; fraction: number }): void {
  const size: Size = unitSizes[unit]
  if (size.micros !== undefined) {
    sum.micros += whole * BigInt(size.micros)
    addMicros(sum, fraction * size.micros)
  } else if (size.days !== undefined) {
    sum.days += Number(whole) * size.days
    if (size.days === 1) addMicros(sum, fraction * MICROS_PER_DAY)
    else addDays(sum, fraction * size.days)
  } else if (unit === 'month') {
    sum.months += Number(whole)
    addDays(sum, fraction * DAYS_PER_MONTH)
  } else {
    sum.years += Number(whole) * (size.months! / 12)
    sum.months += roundHalfEven(fraction * size.months!)
  }
  if (![sum.years, sum.months, sum.days].every(isInt32) || !isInt64(sum.micros)) throw new DatetimeFailure('overflow')
}

const MICROS_PER_DAY = 86_400_000_000
const DAYS_PER_MONTH = 30

function addMicros(sum: Sum, micros: number): void {
  const whole = Math.trunc(micros)
  const rest = micros - whole
  sum.micros += BigInt(whole) + (rest > 0.5 ? 1n : rest < -0.5 ? -1n : 0n)
}

function addDays(sum: Sum, days: number): void {
  const whole = Math.trunc(days)
  sum.days += whole
  addMicros(sum, (days - whole) * MICROS_PER_DAY)
}
