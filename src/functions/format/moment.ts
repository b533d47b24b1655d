// What a text said by a template, put together to a date and time (PostgreSQL's do_to_timestamp).
//
// What was not said is that of 0001-01-01 BC, midnight. Weekdays and quarters are read over; where several fields say
// the day, the Julian day, the week, the day of the year decide in this order.

import { SqlError } from '../../core/error.ts'
import {
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  daysInMonth,
  isLeapYear,
  JULIAN_1970,
} from '../arithmetic/calendar.ts'
import type { Reading } from './read-date.ts'

export interface ReadMoment {
  readonly days: number
  readonly micros: number
  /** Seconds east of UTC, where the text said so. */
  readonly zone: number | undefined
  /** Digits of a second to round to, where the template said so. */
  readonly precision: number | undefined
}

const overflow = (text: string): SqlError =>
  new SqlError({ code: '22008', message: `date/time field value out of range: "${text}"` })
const zoneOverflow = (text: string): SqlError => overflow(text)
const badHour = (hour: number): SqlError =>
  new SqlError({
    code: '22007',
    message: `hour "${hour}" is invalid for the 12-hour clock`,
    hint: 'Use the 24-hour clock, or give an hour between 1 and 12.',
  })
const noYear = (): SqlError =>
  new SqlError({ code: '22007', message: 'cannot calculate day of year without year information' })

interface Day {
  year: number
  month: number
  day: number
}

/** The order of the checks is PostgreSQL's: the clock's half, the date, the time, the zone. */
export function momentOfReading(reading: Reading, text: string): ReadMoment {
  const clock = clockOf(reading)
  const civil = dayOf(reading, text)
  const { month, day } = civil
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(civil.year, month)) throw overflow(text)
  return {
    days: daysFromCivil(civil),
    micros: microsOf(clock, text),
    zone: zoneOf(reading, text),
    precision: reading.precision || undefined,
  }
}

interface Clock {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly micros: number
}

const said = ({ values }: Reading, name: string): number => values.get(name) ?? 0

const beforeChrist = (reading: Reading): boolean => said(reading, 'BC') === 1
const afternoon = (reading: Reading): boolean => said(reading, 'PM') === 1

function clockOf(reading: Reading): Clock {
  const seconds = said(reading, 'SSSS')
  let hour = said(reading, 'HH') || Math.trunc(seconds / 3600)
  if (reading.twelveHours) {
    if (hour < 1 || hour > 12) throw badHour(hour)
    if (afternoon(reading) && hour < 12) hour += 12
    else if (!afternoon(reading) && hour === 12) hour = 0
  }
  return {
    hour,
    minute: said(reading, 'MI') || Math.trunc((seconds % 3600) / 60),
    second: said(reading, 'SS') || seconds % 60,
    micros: said(reading, 'MS') * 1000 + said(reading, 'US'),
  }
}

const isBelow = (value: number, limit: number): boolean => value >= 0 && value < limit

function microsOf({ hour, minute, second, micros }: Clock, text: string): number {
  if (!isBelow(hour, 24) || !isBelow(minute, 60) || !isBelow(second, 60) || !isBelow(micros, 1e6)) throw overflow(text)
  return (hour * 3600 + minute * 60 + second) * 1e6 + micros
}

function zoneOf(reading: Reading, text: string): number | undefined {
  if (reading.zoneSign === 0) return undefined
  const hours = said(reading, 'TZH')
  const minutes = said(reading, 'TZM')
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) throw zoneOverflow(text)
  return reading.zoneSign * (hours * 3600 + minutes * 60)
}

/** Astronomical: 1 BC is 0. */
function yearOf(reading: Reading): number | undefined {
  const year = said(reading, 'YYYY')
  const century = beforeChrist(reading) ? -said(reading, 'CC') : said(reading, 'CC')
  if (year !== 0 && said(reading, 'CC') !== 0 && reading.yearWidth <= 2) {
    const rest = year % 100
    if (rest === 0) return century * 100 + (century >= 0 ? 0 : 1)
    return century >= 0 ? rest + (century - 1) * 100 : (century + 1) * 100 - rest + 1
  }
  if (year !== 0) {
    const signed = beforeChrist(reading) ? -year : year
    return signed < 0 ? signed + 1 : signed
  }
  if (said(reading, 'CC') === 0) return undefined
  return century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1
}

function dayOf(reading: Reading, text: string): Day {
  const year = yearOf(reading)
  let civil: Day = { year: year ?? 0, month: 1, day: 1 }
  if (said(reading, 'J') !== 0) civil = civilFromDays(said(reading, 'J') - JULIAN_1970)
  let dayOfYear = said(reading, 'DDD')
  const week = said(reading, 'WW')
  if (week !== 0) {
    if (reading.mode === 'iso') civil = isoDay(civil.year, week, said(reading, 'D'))
    else dayOfYear = (week - 1) * 7 + 1
  }
  if (said(reading, 'DD') !== 0) civil = { ...civil, day: said(reading, 'DD') }
  if (said(reading, 'W') !== 0) civil = { ...civil, day: (said(reading, 'W') - 1) * 7 + 1 }
  if (said(reading, 'MM') !== 0) civil = { ...civil, month: said(reading, 'MM') }
  if (dayOfYear !== 0 && (civil.month <= 1 || civil.day <= 1)) {
    if (civil.year === 0 && !beforeChrist(reading)) throw noYear()
    civil = byDayOfYear(reading, civil, dayOfYear, text)
  }
  return civil
}

/** The Monday of the ISO week, or the day of it that is counted from Sunday = 1. */
function isoDay(year: number, week: number, day: number): Day {
  const monday = isoYearStart(year) + (week - 1) * 7
  if (day === 0) return civilFromDays(monday)
  return civilFromDays(monday + (day > 1 ? day - 2 : 6))
}

function isoYearStart(year: number): number {
  const fourth = daysFromCivil({ year, month: 1, day: 4 })
  return fourth - ((dayOfWeek(fourth) + 6) % 7)
}

/** Fills in the month and the day that were not said. */
function byDayOfYear(reading: Reading, { year, month, day }: Day, dayOfYear: number, text: string): Day {
  if (reading.mode === 'iso') return civilFromDays(isoYearStart(year) + dayOfYear - 1)
  if (dayOfYear < 1 || dayOfYear > (isLeapYear(year) ? 366 : 365)) throw overflow(text)
  const civil = civilFromDays(daysFromCivil({ year, month: 1, day: 1 }) + dayOfYear - 1)
  return { year, month: month <= 1 ? civil.month : month, day: day <= 1 ? civil.day : day }
}
