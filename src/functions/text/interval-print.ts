// Intervals as text, in the four styles of IntervalStyle (PostgreSQL's EncodeInterval).

import type { Interval } from '../../core/value.ts'
import type { TextSettings } from './settings.ts'

/** The parts of an interval as shown; each has the sign of what it is taken from. */
interface Shown {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: bigint
  readonly minute: number
  readonly second: number
  readonly micros: number
}

export function printInterval(value: Interval, style: TextSettings['intervalStyle']): string {
  const shown = shownParts(value)
  switch (style) {
    case 'postgres':
      return postgresStyle(shown)
    case 'postgres_verbose':
      return verboseStyle(shown)
    case 'sql_standard':
      return standardStyle(value, shown)
    case 'iso_8601':
      return isoStyle(shown)
  }
}

const SECOND = 1_000_000n

function shownParts({ months, days, micros }: Interval): Shown {
  const seconds = micros / SECOND
  return {
    year: Math.trunc(months / 12),
    month: months % 12,
    day: days,
    hour: seconds / 3600n,
    minute: Number((seconds / 60n) % 60n),
    second: Number(seconds % 60n),
    micros: Number(micros % SECOND),
  }
}

const size = (value: bigint): bigint => (value < 0n ? -value : value)
const twoDigits = (value: number | bigint): string => String(value).padStart(2, '0')

/** Seconds without sign, with up to six digits of fraction. */
function printSeconds({ second, micros }: Shown, width: number): string {
  const whole = String(Math.abs(second)).padStart(width, '0')
  if (micros === 0) return whole
  return `${whole}.${String(Math.abs(micros)).padStart(6, '0').replace(/0+$/, '')}`
}

const isTimeNegative = ({ hour, minute, second, micros }: Shown): boolean =>
  hour < 0n || minute < 0 || second < 0 || micros < 0
const isTimeZero = ({ hour, minute, second, micros }: Shown): boolean =>
  hour === 0n && minute === 0 && second === 0 && micros === 0

/** `1 year 2 mons -3 days +04:05:06`: a part after a negative one says its plus. */
function postgresStyle(shown: Shown): string {
  const words: string[] = []
  let afterNegative = false
  for (const [value, unit] of [
    [shown.year, 'year'],
    [shown.month, 'mon'],
    [shown.day, 'day'],
  ] as const) {
    if (value === 0) continue
    words.push(`${afterNegative && value > 0 ? '+' : ''}${value} ${unit}${value === 1 ? '' : 's'}`)
    afterNegative = value < 0
  }
  if (words.length === 0 || !isTimeZero(shown)) {
    const sign = isTimeNegative(shown) ? '-' : afterNegative ? '+' : ''
    const { hour, minute } = shown
    words.push(`${sign}${twoDigits(size(hour))}:${twoDigits(Math.abs(minute))}:${printSeconds(shown, 2)}`)
  }
  return words.join(' ')
}

/** `@ 1 year 2 mons -3 days 4 hours ago`: the first part's sign is the whole's. */
function verboseStyle(shown: Shown): string {
  const { year, month, day, hour, minute, second, micros } = shown
  let text = '@'
  let ago: boolean | undefined
  const parts = [
    [BigInt(year), 'year'],
    [BigInt(month), 'mon'],
    [BigInt(day), 'day'],
    [hour, 'hour'],
    [BigInt(minute), 'min'],
  ] as const
  for (const [value, unit] of parts) {
    if (value === 0n) continue
    ago ??= value < 0n
    const signed = ago ? -value : value
    text += ` ${signed} ${unit}${signed === 1n ? '' : 's'}`
  }
  if (second !== 0 || micros !== 0) {
    const negative = second < 0 || micros < 0
    ago ??= negative
    const one = Math.abs(second) === 1 && micros === 0
    text += ` ${negative === ago ? '' : '-'}${printSeconds(shown, 1)} sec${one ? '' : 's'}`
  }
  if (ago === undefined) return '@ 0'
  return ago ? `${text} ago` : text
}

/** `1-2`, `3 4:05:06`; with every sign written where parts differ in sign or both kinds occur. */
function standardStyle({ months, days, micros }: Interval, shown: Shown): string {
  const negative = months < 0 || days < 0 || micros < 0n
  const positive = months > 0 || days > 0 || micros > 0n
  if (!negative && !positive) return '0'
  const { year, month, day, hour, minute } = shown
  const yearMonth = `${Math.abs(year)}-${Math.abs(month)}`
  const clock = `${size(hour)}:${twoDigits(Math.abs(minute))}:${printSeconds(shown, 2)}`
  if ((negative && positive) || (months !== 0 && (days !== 0 || micros !== 0n))) {
    const sign = (isNegative: boolean): string => (isNegative ? '-' : '+')
    return `${sign(months < 0)}${yearMonth} ${sign(days < 0)}${Math.abs(day)} ${sign(micros < 0n)}${clock}`
  }
  const minus = negative ? '-' : ''
  if (months !== 0) return minus + yearMonth
  return days === 0 ? minus + clock : `${minus}${Math.abs(day)} ${clock}`
}

function isoStyle(shown: Shown): string {
  const { year, month, day, hour, minute, second, micros } = shown
  const part = (value: number | bigint, unit: string): string => (Number(value) === 0 ? '' : `${value}${unit}`)
  const date = part(year, 'Y') + part(month, 'M') + part(day, 'D')
  if (isTimeZero(shown)) return date === '' ? 'PT0S' : `P${date}`
  const seconds = second === 0 && micros === 0 ? '' : `${second < 0 || micros < 0 ? '-' : ''}${printSeconds(shown, 1)}S`
  return `P${date}T${part(hour, 'H')}${part(minute, 'M')}${seconds}`
}
