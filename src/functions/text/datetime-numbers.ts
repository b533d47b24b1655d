// The numeric fields of dates and times: which of year, month, day, hour … a number is, given what came before it.
//
// PostgreSQL's rules (DecodeDate, DecodeNumber, DecodeNumberField, DecodeTime, DecodeTimezone, ValidateDate). `Parts`
// is filled field by field; each decoder returns the bits it has filled, and the caller refuses bits filled twice.

import { civilFromDays, daysFromCivil, daysInMonth } from '../arithmetic/calendar.ts'
import { roundHalfEven } from '../arithmetic/float.ts'
import { DatetimeFailure } from './datetime-errors.ts'
import { wordMeaning } from './datetime-tokens.ts'

export const YEAR = 1
export const MONTH = 2
export const DAY = 4
export const HOUR = 8
export const MINUTE = 16
export const SECOND = 32
export const ZONE = 64
export const DAY_OF_YEAR = 128
export const FRACTION = 256
export const WEEKDAY = 512
export const MERIDIAN = 1024
export const ERA = 2048
export const DST = 4096
export const DATE = YEAR | MONTH | DAY
export const TIME = HOUR | MINUTE | SECOND

/** What has been read so far. Mutable while a text is decoded; `seen` are the bits above. */
export interface Parts {
  readonly order: 'MDY' | 'DMY' | 'YMD'
  seen: number
  year: number
  month: number
  day: number
  dayOfYear: number
  hour: number
  minute: number
  second: number
  micros: number
  shortYear: boolean
  textMonth: boolean
  julian: boolean
  bc: boolean
}

export const newParts = (order: Parts['order']): Parts => ({
  order,
  seen: 0,
  year: 0,
  month: 0,
  day: 0,
  dayOfYear: 0,
  hour: 0,
  minute: 0,
  second: 0,
  micros: 0,
  shortYear: false,
  textMonth: false,
  julian: false,
  bc: false,
})

const INT_MAX = 2147483647

/** The integer that `text` starts with, and what follows it. */
export function leadingInteger(text: string): { readonly value: number; readonly rest: string } {
  const digits = /^[+-]?\d+/.exec(text)?.[0] ?? ''
  const value = Number(digits)
  if (Math.abs(value) > INT_MAX) throw new DatetimeFailure('overflow')
  return { value, rest: text.slice(digits.length) }
}

/** `.25` as microseconds, rounded half to even as rint does. */
export function fractionMicros(text: string): number {
  if (!/^\.\d*$/.test(text)) throw new DatetimeFailure('format')
  return text === '.' ? 0 : roundHalfEven(Number(text) * 1e6)
}

/** A whole date in one field: `2024-01-15`, `1/8/1999`, `08-Jan-99`. */
export function decodeDate(text: string, parts: Parts): number {
  const pieces = text.match(/\d+|[a-z]+/g) ?? []
  if (/[^a-z0-9]$/.test(text) && pieces.length < 3) throw new DatetimeFailure('format')
  let filled = 0
  const fill = (bits: number): void => {
    if (((parts.seen | filled) & bits) !== 0) throw new DatetimeFailure('format')
    filled |= bits
  }
  for (const piece of pieces) {
    const word = /^[a-z]/.test(piece) ? wordMeaning(piece) : undefined
    if (word?.kind === 'ignore' || /^\d/.test(piece)) continue
    if (word?.kind !== 'month') throw new DatetimeFailure('format')
    parts.month = word.month
    parts.textMonth = true
    fill(MONTH)
  }
  const before = parts.seen
  for (const piece of pieces) {
    if (!/^\d/.test(piece)) continue
    parts.seen = before | filled
    const bits = decodeNumber(piece, parts)
    parts.seen = before
    fill(bits)
  }
  if (((before | filled) & ~(DAY_OF_YEAR | ZONE)) !== DATE) throw new DatetimeFailure('format')
  return filled
}

/** One number by itself: the next part of the date in the session's order, or what DecodeNumberField makes of it. */
export function decodeNumber(text: string, parts: Parts): number {
  const { value, rest } = leadingInteger(text)
  if (rest.startsWith('.')) {
    if (text.length - rest.length > 2) return decodeNumberField(text, parts, parts.seen | DATE)
    parts.micros = fractionMicros(rest)
  } else if (rest !== '') throw new DatetimeFailure('format')
  const seen = parts.seen & DATE
  if (text.length === 3 && seen === YEAR && value >= 1 && value <= 366) {
    parts.dayOfYear = value
    return DAY_OF_YEAR | MONTH | DAY
  }
  if (seen === DATE) return decodeNumberField(text, parts)
  const part = nextPart(text.length, seen, parts)
  if (part === YEAR) {
    if (seen === (YEAR | MONTH)) {
      parts.day = parts.year // the first number was the day, this is the year
      parts.year = value
      parts.shortYear = false
      return DAY
    }
    parts.year = value
    parts.shortYear = text.length <= 2
  } else if (part === MONTH) parts.month = value
  else parts.day = value
  return part
}

/** Which part of the date a number of so many digits is; YEAR with YEAR and MONTH already seen: they change places. */
function nextPart(digits: number, seen: number, { order, textMonth, shortYear }: Parts): number {
  switch (seen) {
    case 0:
      if (digits >= 3 || order === 'YMD') return YEAR
      return order === 'DMY' ? DAY : MONTH
    case YEAR:
    case DAY:
      return MONTH
    case MONTH:
      return textMonth && (digits >= 3 || order === 'YMD') ? YEAR : DAY
    case YEAR | MONTH:
      return textMonth && digits >= 3 && shortYear ? YEAR : DAY
    case MONTH | DAY:
      return YEAR
    default:
      throw new DatetimeFailure('format')
  }
}

/** Digits run together: `20240115`, `040506`, `0405`, with or without a fraction. */
export function decodeNumberField(text: string, parts: Parts, seen = parts.seen): number {
  const point = text.indexOf('.')
  const digits = point < 0 ? text : text.slice(0, point)
  const { length } = digits
  if (point >= 0) parts.micros = fractionMicros(text.slice(point))
  else if ((seen & DATE) !== DATE && length >= 6) {
    parts.day = Number(digits.slice(-2))
    parts.month = Number(digits.slice(-4, -2))
    parts.year = leadingInteger(digits.slice(0, -4)).value
    if (length === 6) parts.shortYear = true
    return DATE
  }
  if ((seen & TIME) !== TIME && (length === 6 || length === 4)) {
    parts.hour = Number(digits.slice(0, 2))
    parts.minute = Number(digits.slice(2, 4))
    parts.second = length === 6 ? Number(digits.slice(4)) : 0
    return TIME
  }
  throw new DatetimeFailure('format')
}

/** `hh:mm`, `hh:mm:ss`, with a fraction; `mm:ss.f` where there is no third number. */
export function decodeTime(text: string, parts: Parts): number {
  const match = /^(\d*):(\d*)(?::(\d*))?(\.\d*)?$/.exec(text)
  if (match === null) throw new DatetimeFailure('format')
  const [, first = '', second = '', third, fraction] = match
  const numbers = [first, second, third ?? ''].map((digits) => leadingInteger(digits).value)
  const shifted = third === undefined && fraction !== undefined
  parts.hour = shifted ? 0 : numbers[0]!
  parts.minute = shifted ? numbers[0]! : numbers[1]!
  parts.second = shifted ? numbers[1]! : numbers[2]!
  parts.micros = fraction === undefined ? 0 : fractionMicros(fraction)
  if (parts.minute > 59 || parts.second > 60) throw new DatetimeFailure('overflow')
  return TIME
}

export function timeOverflows({ hour, minute, second, micros }: Parts): boolean {
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60) return true
  return ((hour * 60 + minute) * 60 + second) * 1e6 + micros > 86_400e6
}

const ZONE_HOURS_MAX = 15

/** `+05:30`, `-8`, `+0530`: seconds east of UTC. */
export function decodeZone(text: string): number {
  const match = /^[+-](\d+)(?::(\d*)(?::(\d*))?)?(.*)$/s.exec(text)
  if (match === null) throw new DatetimeFailure('format')
  const [, first = '', minuteText, secondText = '', rest] = match
  let hour = Number(first)
  let minute = Number(minuteText ?? '')
  if (minuteText === undefined && rest === '' && first.length > 2) {
    minute = hour % 100
    hour = Math.floor(hour / 100)
  }
  const second = Number(secondText)
  if (hour > ZONE_HOURS_MAX || minute > 59 || second > 59) throw new DatetimeFailure('zone')
  if (rest !== '') throw new DatetimeFailure('format')
  const east = (hour * 60 + minute) * 60 + second
  return text.startsWith('-') ? 0 - east : east
}

/** Years BC and of two digits, days of the year, and the bounds of months and days. */
export function validateDate(parts: Parts): void {
  const { seen } = parts
  if ((seen & YEAR) !== 0 && !parts.julian) parts.year = fullYear(parts)
  if ((seen & DAY_OF_YEAR) !== 0) {
    const first = daysFromCivil({ year: parts.year, month: 1, day: 1 })
    Object.assign(parts, civilFromDays(first + parts.dayOfYear - 1))
  }
  if ((seen & MONTH) !== 0 && (parts.month < 1 || parts.month > 12)) throw new DatetimeFailure('monthOrDay')
  if ((seen & DAY) !== 0 && (parts.day < 1 || parts.day > 31)) throw new DatetimeFailure('monthOrDay')
  if ((seen & DATE) === DATE && parts.day > daysInMonth(parts.year, parts.month)) throw new DatetimeFailure('overflow')
}

/** The astronomical year: there is no year zero in AD and BC, and two digits mean 1970 to 2069. */
function fullYear({ year, bc, shortYear }: Parts): number {
  if (!bc && shortYear && year >= 0) return year < 70 ? year + 2000 : year < 100 ? year + 1900 : year
  if (year <= 0) throw new DatetimeFailure('overflow')
  return bc ? 1 - year : year
}
