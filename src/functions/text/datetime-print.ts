// Dates, times and timestamps as text, in the styles of DateStyle (PostgreSQL's EncodeDateOnly, EncodeDateTime).
//
//   ISO       2024-01-15 10:20:30.5+01         SQL      01/15/2024 10:20:30.5 CET
//   German    15.01.2024 10:20:30.5 CET        Postgres Mon Jan 15 10:20:30.5 2024 CET

import { TIMESTAMP_INFINITY, type TimeTz } from '../../core/value.ts'
import {
  type CivilDate,
  civilFromDays,
  civilTime,
  dayOfWeek,
  isFiniteDate,
  isFiniteTimestamp,
  splitTimestamp,
} from '../arithmetic/calendar.ts'
import type { DateStyle, TextSettings } from './settings.ts'

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const twoDigits = (value: number): string => (value < 10 ? `0${value}` : String(value))
const shownYear = ({ year }: CivilDate): string => String(year > 0 ? year : 1 - year).padStart(4, '0')
const era = ({ year }: CivilDate): string => (year > 0 ? '' : ' BC')

export function printDate(days: number, style: DateStyle): string {
  if (!isFiniteDate(days)) return days > 0 ? 'infinity' : '-infinity'
  const date = civilFromDays(days)
  return (style.output === 'Postgres' ? dashed(date, style) : datePart(date, style)) + era(date)
}

function dashed(date: CivilDate, { order }: DateStyle): string {
  const [day, month] = [twoDigits(date.day), twoDigits(date.month)]
  return order === 'DMY' ? `${day}-${month}-${shownYear(date)}` : `${month}-${day}-${shownYear(date)}`
}

function datePart(date: CivilDate, { output, order }: DateStyle): string {
  const [day, month, year] = [twoDigits(date.day), twoDigits(date.month), shownYear(date)]
  if (output === 'ISO') return `${year}-${month}-${day}`
  if (output === 'German') return `${day}.${month}.${year}`
  return order === 'DMY' ? `${day}/${month}/${year}` : `${month}/${day}/${year}`
}

/** `hh:mm:ss[.f]` of the µs of a day, 24:00:00 included. */
export function printTime(micros: bigint | number): string {
  const { hour, minute, second, micros: fraction } = civilTime(Number(micros))
  const text = `${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}`
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`
}

/** `+05:30`: minutes and seconds only where there are any. */
export function printOffset(secondsEast: number): string {
  const size = Math.abs(secondsEast)
  const minutes = Math.floor(size / 60) % 60
  const seconds = size % 60
  let text = (secondsEast < 0 ? '-' : '+') + twoDigits(Math.floor(size / 3600))
  if (minutes !== 0 || seconds !== 0) text += `:${twoDigits(minutes)}`
  return seconds === 0 ? text : `${text}:${twoDigits(seconds)}`
}

export const printTimeTz = (value: TimeTz): string => printTime(value.micros) + printOffset(value.zone)

export const printTimestamp = (timestamp: bigint, style: DateStyle): string =>
  isFiniteTimestamp(timestamp) ? printLocal(timestamp, style, '') : printInfinity(timestamp)

/** The instant in the session's zone, with its offset (ISO) or the zone's name for itself (other styles). */
export function printTimestampTz(instant: bigint, { timeZone, dateStyle }: TextSettings): string {
  if (!isFiniteTimestamp(instant)) return printInfinity(instant)
  const offset = timeZone.offsetAt(instant)
  const zone = dateStyle.output === 'ISO' ? printOffset(offset) : ` ${timeZone.abbreviationAt(instant)}`
  return printLocal(instant + BigInt(offset) * 1_000_000n, dateStyle, zone)
}

const printInfinity = (timestamp: bigint): string => (timestamp === TIMESTAMP_INFINITY ? 'infinity' : '-infinity')

function printLocal(timestamp: bigint, style: DateStyle, zone: string): string {
  const { days, micros } = splitTimestamp(timestamp)
  const date = civilFromDays(days)
  const time = printTime(micros)
  if (style.output !== 'Postgres') return `${datePart(date, style)} ${time}${zone}${era(date)}`
  const month = MONTHS[date.month - 1]!
  const monthAndDay = style.order === 'DMY' ? `${twoDigits(date.day)} ${month}` : `${month} ${twoDigits(date.day)}`
  return `${WEEKDAYS[dayOfWeek(days)]} ${monthAndDay} ${time} ${shownYear(date)}${zone}${era(date)}`
}
