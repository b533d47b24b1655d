// Division for AVG, by PostgreSQL's rules: NUMERIC with the scale that its division selects, INTERVAL with its remainders.

import { type Interval, interval, type Numeric, numeric } from '../../core/value.ts'

const DISPLAY_SCALE_MAX = 1000
const SIGNIFICANT_DIGITS = 16

/**
 * dividend / divisor, the divisor not 0. At least 16 significant digits, counted in PostgreSQL's groups of four digits
 * (numeric.c, select_div_scale), and no fewer than either operand shows; rounded half away from zero.
 */
export function quotient(dividend: Numeric, divisor: Numeric): Numeric {
  const a = leadingGroup(dividend)
  const b = leadingGroup(divisor)
  const weight = a.weight - b.weight - (a.group <= b.group ? 1 : 0)
  const wanted = Math.max(SIGNIFICANT_DIGITS - weight * 4, dividend.scale, divisor.scale, 0)
  const scale = Math.min(wanted, DISPLAY_SCALE_MAX)
  // dividend/10^a ÷ divisor/10^b at `scale` digits = dividend · 10^(scale − a + b) ÷ divisor
  const power = scale - dividend.scale + divisor.scale
  const top = power >= 0 ? dividend.digits * 10n ** BigInt(power) : dividend.digits
  const bottom = power >= 0 ? divisor.digits : divisor.digits * 10n ** BigInt(-power)
  return numeric(divideRounded(top, bottom), scale)
}

function divideRounded(top: bigint, bottom: bigint): bigint {
  const negative = top < 0n !== bottom < 0n
  const [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom]
  const result = (2n * a + b) / (2n * b)
  return negative ? -result : result
}

/** The first non-zero group of four decimal digits, aligned at the point, and its place: 0 for the ones. */
function leadingGroup({ digits, scale }: Numeric): { readonly group: number; readonly weight: number } {
  if (digits === 0n) return { group: 0, weight: 0 }
  const text = (digits < 0n ? -digits : digits).toString()
  const before = text.length - scale
  const weight = Math.ceil(before / 4) - 1
  const length = before - weight * 4
  return { group: Number(text.slice(0, length).padEnd(length, '0')), weight }
}

const SECONDS_PER_DAY = 86_400

/** interval / count as PostgreSQL's interval_div: whole months and days first, their remainders in smaller units. */
export function averageInterval(sum: Interval, count: bigint): Interval {
  const divisor = Number(count)
  const months = Math.trunc(sum.months / divisor)
  const wholeDays = Math.trunc(sum.days / divisor)
  const restDays = toMicros((sum.months / divisor - months) * 30)
  let days = wholeDays
  let seconds = toMicros((sum.days / divisor - wholeDays + restDays - Math.trunc(restDays)) * SECONDS_PER_DAY)
  if (Math.abs(seconds) >= SECONDS_PER_DAY) {
    const more = Math.trunc(seconds / SECONDS_PER_DAY)
    days += more
    seconds -= more * SECONDS_PER_DAY
  }
  days += Math.trunc(restDays)
  return interval(months, days, BigInt(nearest(Number(sum.micros) / divisor + seconds * 1e6)))
}

const toMicros = (value: number): number => nearest(value * 1e6) / 1e6

/** C's rint: half to even. */
function nearest(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
