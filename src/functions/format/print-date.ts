// to_char of timestamps and intervals: each field of a template as text (PostgreSQL's DCH_to_char).
//
// An interval has no calendar: names, eras, weekdays and zones are error 22007; its years are not shifted for BC.

import { SqlError } from '../../core/error.ts'
import type { Interval } from '../../core/value.ts'
import {
  civilFromDays,
  civilTime,
  dayOfWeek,
  daysFromCivil,
  JULIAN_1970,
  splitTimestamp,
} from '../arithmetic/calendar.ts'
import { isoWeek } from '../arithmetic/date-parts.ts'
import { localOfInstant, type TimeZone } from '../arithmetic/time-zone.ts'
import { days, inCaseOf, months, ordinalOf, romanMonths } from './names.ts'
import type { FieldName, TemplateField, TemplatePart } from './template.ts'

/** What fields are printed from. Years are astronomical, except of an interval. */
export interface Moment {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly micros: number
  readonly dayOfYear: number
  /** Days from 1970; of an interval what its parts would be as a date. */
  readonly days: number
  readonly interval: boolean
  /** Seconds east and what the zone calls itself; undefined without a zone. */
  readonly zone: { readonly offset: number; readonly name: string } | undefined
}

export function momentOfTimestamp(timestamp: bigint): Moment {
  const { days: day, micros } = splitTimestamp(timestamp)
  const civil = civilFromDays(day)
  const dayOfYear = day - daysFromCivil({ year: civil.year, month: 1, day: 1 }) + 1
  return { ...civil, ...civilTime(micros), dayOfYear, days: day, interval: false, zone: undefined }
}

export function momentOfInstant(instant: bigint, zone: TimeZone): Moment {
  return {
    ...momentOfTimestamp(localOfInstant(instant, zone)),
    zone: { offset: zone.offsetAt(instant), name: zone.abbreviationAt(instant) },
  }
}

/** Every part has the interval's sign. */
export function momentOfInterval(value: Interval): Moment {
  const year = Math.trunc(value.months / 12)
  const month = value.months % 12
  const hour = Number(value.micros / 3_600_000_000n)
  const rest = Number(value.micros % 3_600_000_000n)
  const second = Math.trunc((rest % 60_000_000) / 1_000_000)
  return {
    year,
    month,
    day: value.days,
    hour,
    minute: Math.trunc(rest / 60_000_000),
    second,
    micros: rest % 1_000_000,
    dayOfYear: (year * 12 + month) * 30 + value.days,
    days: julianDay(year, month, value.days) - JULIAN_1970,
    interval: true,
    zone: undefined,
  }
}

/** PostgreSQL's formula, which also takes a month 0. */
function julianDay(year: number, month: number, day: number): number {
  const y = year + (month > 2 ? 4800 : 4799)
  const m = month + (month > 2 ? 1 : 13)
  const century = Math.trunc(y / 100)
  const leaps = Math.trunc(y / 4) - century + Math.trunc(century / 4)
  return y * 365 - 32_167 + leaps + Math.trunc((7834 * m) / 256) + day
}

const notForIntervals = (): SqlError =>
  new SqlError({
    code: '22007',
    message: 'invalid format specification for an interval value',
    hint: 'Intervals are not tied to specific calendar dates.',
  })

export function printMoment(parts: readonly TemplatePart[], moment: Moment): string {
  let result = ''
  for (const part of parts) result += part.kind === 'field' ? printField(part, moment) : part.text
  return result
}

function printField(field: TemplateField, moment: Moment): string {
  const text = fieldText(field, moment)
  const counts = field.ordinal !== undefined && !withoutOrdinal.has(field.name) && /\d$/.test(text)
  return counts ? text + ordinalOf(text, field.ordinal!) : text
}

/** Offsets are no counts. */
const withoutOrdinal: ReadonlySet<FieldName> = new Set<FieldName>(['OF', 'TZH', 'TZM'])

/** Zeros before the digits to a width in which the sign counts, as C's printf has it. */
function padded(value: number, width: number, { fill }: Pick<TemplateField, 'fill'>): string {
  const digits = String(Math.abs(value))
  if (fill) return value < 0 ? `-${digits}` : digits
  return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0')
}

/** Two digits, and the sign of an interval's part. */
const signed = (value: number, field: TemplateField): string => padded(value, value < 0 ? 3 : 2, field)

const calendarDay = ({ days: day, interval }: Moment): number => {
  if (interval) throw notForIntervals()
  return day
}

/** Names are filled with blanks to the longest one. */
function paddedName(name: string, { fill, localized, text }: TemplateField, width: number): string {
  const spelt = inCaseOf(name, text)
  return fill || localized ? spelt : spelt.padEnd(width)
}

const LONGEST_NAME = 9

function fieldText(field: TemplateField, moment: Moment): string {
  const { hour, minute, second, micros, month, day, dayOfYear } = moment
  switch (field.name) {
    case 'HH12':
      return padded(hour % 12 === 0 ? 12 : hour % 12, hour < 0 ? 3 : 2, field)
    case 'HH24':
      return signed(hour, field)
    case 'MI':
      return signed(minute, field)
    case 'SS':
      return signed(second, field)
    case 'FF':
      return plain(Math.trunc(micros / 10 ** (6 - field.digits)), field.digits)
    case 'MS':
      return plain(Math.trunc(micros / 1000), 3)
    case 'US':
      return plain(micros, 6)
    case 'SSSS':
      return String(hour * 3600 + minute * 60 + second)
    case 'AM':
      return halfOfDay(field.text, hour)
    case 'MM':
      return signed(month, field)
    case 'DD':
      return padded(day, 2, field)
    case 'DDD':
      return padded(dayOfYear, 3, field)
    case 'WW':
      return padded(Math.trunc((dayOfYear - 1) / 7) + 1, 2, field)
    case 'W':
      return String(Math.trunc((day - 1) / 7) + 1)
    case 'Q':
      return month === 0 ? '' : String(Math.trunc((month - 1) / 3) + 1)
    case 'RM':
      return romanMonth(field, moment)
    case 'FX':
      return ''
    default:
      return calendarText(field, moment)
  }
}

/** Always to its width, whatever FM says. */
const plain = (value: number, width: number): string =>
  (value < 0 ? '-' : '') + String(Math.abs(value)).padStart(value < 0 ? width - 1 : width, '0')

function halfOfDay(text: string, hour: number): string {
  const afternoon = hour % 24 >= 12
  const name = text.includes('.') ? (afternoon ? 'P.M.' : 'A.M.') : afternoon ? 'PM' : 'AM'
  return text === text.toLowerCase() ? name.toLowerCase() : name
}

/** Months of intervals: none is nothing, negative ones count from December. */
function romanMonth(field: TemplateField, { month, year, interval }: Moment): string {
  if (month === 0 && (!interval || year === 0)) return ''
  const index = month === 0 ? (year >= 0 ? 0 : 11) : month < 0 ? -month - 1 : 12 - month
  const name = romanMonths[index]!
  const spelt = field.text === 'rm' ? name.toLowerCase() : name
  return field.fill ? spelt : spelt.padEnd(4)
}

function calendarText(field: TemplateField, moment: Moment): string {
  switch (field.name) {
    case 'MONTH':
      calendarDay(moment)
      return paddedName(months[moment.month - 1]!, field, LONGEST_NAME)
    case 'MON':
      calendarDay(moment)
      return inCaseOf(months[moment.month - 1]!.slice(0, 3), field.text)
    case 'DAY':
      return paddedName(days[dayOfWeek(calendarDay(moment))]!, field, LONGEST_NAME)
    case 'DY':
      return inCaseOf(days[dayOfWeek(calendarDay(moment))]!.slice(0, 3), field.text)
    case 'D':
      return String(dayOfWeek(calendarDay(moment)) + 1)
    case 'ID':
      return String(dayOfWeek(calendarDay(moment)) || 7)
    case 'IW':
      return padded(isoWeek(moment.days).week, 2, field)
    case 'IDDD':
      return padded(isoDayOfYear(moment.days), 3, field)
    case 'J':
      return String(moment.days + JULIAN_1970)
    case 'AD':
      return era(field.text, moment)
    case 'TZ':
      return zoneName(field.text, moment)
    case 'TZH':
    case 'TZM':
    case 'OF':
      return offsetText(field, moment)
    default:
      return yearText(field, moment)
  }
}

function isoDayOfYear(day: number): number {
  const { week } = isoWeek(day)
  return (week - 1) * 7 + (dayOfWeek(day) || 7)
}

function era(text: string, moment: Moment): string {
  calendarDay(moment)
  const before = moment.year <= 0
  const name = text.includes('.') ? (before ? 'B.C.' : 'A.D.') : before ? 'BC' : 'AD'
  return text === text.toLowerCase() ? name.toLowerCase() : name
}

function zoneName(text: string, moment: Moment): string {
  calendarDay(moment)
  const name = moment.zone?.name ?? ''
  return text === 'tz' ? name.toLowerCase() : name
}

function offsetText(field: TemplateField, moment: Moment): string {
  calendarDay(moment)
  const offset = moment.zone?.offset ?? 0
  const minutes = Math.trunc((Math.abs(offset) % 3600) / 60)
  const two = (value: number): string => String(value).padStart(2, '0')
  if (field.name === 'TZM') return two(minutes)
  const hours = Math.trunc(Math.abs(offset) / 3600)
  const sign = offset >= 0 ? '+' : '-'
  if (field.name === 'TZH') return sign + two(hours)
  return sign + (field.fill ? String(hours) : two(hours)) + (minutes === 0 ? '' : `:${two(minutes)}`)
}

/** Years before Christ are counted from 1 and shown without a sign. */
function yearText(field: TemplateField, moment: Moment): string {
  const { interval } = moment
  const shown = (year: number): number => (interval || year > 0 ? year : 1 - year)
  if (field.name === 'CC') return centuryText(field, moment)
  const year = shown(field.name === 'IYYY' ? isoWeek(moment.days).year : moment.year)
  if (field.name === 'Y,YYY') return `${Math.trunc(year / 1000)},${padded(year % 1000, 3, { fill: false })}`
  const width = field.digits + (shown(moment.year) < 0 ? 1 : 0)
  return padded(field.digits === 4 ? year : year % 10 ** field.digits, width, field)
}

function centuryText(field: TemplateField, { year, interval }: Moment): string {
  const century = interval
    ? Math.trunc(year / 100)
    : year > 0
      ? Math.trunc((year - 1) / 100) + 1
      : Math.trunc(year / 100) - 1
  return Math.abs(century) <= 99 ? signed(century, field) : String(century)
}
