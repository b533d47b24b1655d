// ISO dates and timestamps straight from bytes: `YYYY-MM-DD`, then `T` or a blank, `hh:mm:ss`, a fraction of up to six
// digits, maybe `Z`. Whatever else a type's input function would read is left to it (NaN here).

import { daysInMonth } from '../../functions/arithmetic/calendar.ts'
import { DASH, DOT } from './json-syntax.ts'

const DATE_BYTES = 10
const SECOND_BYTES = 19
const T = 84
const BLANK = 32
const Z = 90
const COLON = 58
/** Years whose microseconds a double holds exactly. */
const YEAR_MIN = 1700
const YEAR_MAX = 2250
const DAY_MICROS = 86_400_000_000

/** Two digits, or less than 0. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48
  const ones = bytes[at + 1]! - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1000
}

/** Days from 1970-01-01 of the date at `at`, or NaN. */
function daysAt(bytes: Uint8Array, at: number): number {
  const year = pair(bytes, at) * 100 + pair(bytes, at + 2)
  const month = pair(bytes, at + 5)
  const day = pair(bytes, at + 8)
  if (bytes[at + 4] !== DASH || bytes[at + 7] !== DASH || year < YEAR_MIN || year > YEAR_MAX) return Number.NaN
  if (month < 1 || month > 12 || day < 1 || (day > 28 && day > daysInMonth(year, month))) return Number.NaN
  // Years that begin in March, so that the odd day comes last.
  const shifted = month > 2 ? year : year - 1
  const dayOfYear = ((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) | 0
  const leaps = ((shifted / 4) | 0) - ((shifted / 100) | 0) + ((shifted / 400) | 0)
  return 365 * shifted + leaps + dayOfYear + day - 1 - 719_468
}

export const isoDays = (bytes: Uint8Array, at: number, end: number): number =>
  end - at === DATE_BYTES ? daysAt(bytes, at) : Number.NaN

/** Microseconds from 1970; UTC where there is a zone. */
export function isoMicros(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at
  if (length < SECOND_BYTES || bytes[at + 13] !== COLON || bytes[at + 16] !== COLON) return Number.NaN
  if (bytes[at + DATE_BYTES] !== T && bytes[at + DATE_BYTES] !== BLANK) return Number.NaN
  const hour = pair(bytes, at + 11)
  const minute = pair(bytes, at + 14)
  const second = pair(bytes, at + 17)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return Number.NaN
  let micros = 0
  let place = at + SECOND_BYTES
  if (place < end && bytes[place] === DOT) {
    let step = 100_000
    for (place++; place < end && step >= 1; place++, step = (step / 10) | 0) {
      const digit = bytes[place]! - 48
      if (digit < 0 || digit > 9) break
      micros += digit * step
    }
    if (bytes[place - 1] === DOT) return Number.NaN
  }
  if (place < end && bytes[place] === Z) place++
  if (place !== end) return Number.NaN
  return daysAt(bytes, at) * DAY_MICROS + (hour * 3600 + minute * 60 + second) * 1_000_000 + micros
}
