// EXTRACT: the fields of dates, times, timestamps and intervals as NUMERIC, with PostgreSQL's scales (seconds 6,
// milliseconds 3, the rest whole numbers; julian of a timestamp as a quotient).
//
// Of an infinite value the fields that grow with time are infinite and the cyclic ones NULL. A field that the type does
// not have is 0A000, an unknown one 22023.

import { SqlError } from '../../core/error.ts'
import { type Interval, type Numeric, numeric, type TimeTz } from '../../core/value.ts'
import {
  type CivilDate,
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  isFiniteDate,
  isFiniteTimestamp,
  JULIAN_1970,
  MICROS_PER_DAY_BIG,
  splitTimestamp,
} from './calendar.ts'
import { add, divide, INFINITY, MINUS_INFINITY } from './numeric.ts'
import { type DateField, dateField } from './time-units.ts'

export const unknownUnit = (unit: string, type: string): SqlError =>
  new SqlError({ code: '22023', message: `unit "${unit}" not recognized for type ${type}` })
export const unsupportedUnit = (unit: string, type: string, detail?: string): SqlError =>
  new SqlError({ code: '0A000', message: `unit "${unit}" not supported for type ${type}`, detail })

const MONOTONIC: ReadonlySet<DateField> = new Set<DateField>([
  'year',
  'decade',
  'century',
  'millennium',
  'isoyear',
  'julian',
  'epoch',
])

const whole = (value: number | bigint): Numeric => numeric(BigInt(value))

function fieldOf(unit: string, type: string): DateField {
  const field = dateField(unit)
  if (field === undefined) throw unknownUnit(unit.toLowerCase(), type)
  return field
}

const ofInfinite = (field: DateField, positive: boolean): Numeric | null =>
  MONOTONIC.has(field) ? (positive ? INFINITY : MINUS_INFINITY) : null

/** ISO 8601 week and the year it belongs to (astronomical). */
export function isoWeek(days: number): { readonly year: number; readonly week: number } {
  const thursday = days - ((dayOfWeek(days) + 6) % 7) + 3
  const { year } = civilFromDays(thursday)
  const first = daysFromCivil({ year, month: 1, day: 1 })
  return { year, week: Math.floor((thursday - first) / 7) + 1 }
}

/** Years as shown: the year before 1 is −1. */
const shownYear = (year: number): number => (year > 0 ? year : year - 1)

/** Which group of so many years a year is in, counted from 1 and −1 as centuries are. */
function ordinal(year: number, size: number): number {
  return year > 0 ? Math.floor((year + size - 1) / size) : -Math.floor((size - year) / size)
}

/** The fields of a day; undefined for those that a day alone does not have. */
function dayField(field: DateField, days: number): number | undefined {
  const { year, month, day }: CivilDate = civilFromDays(days)
  switch (field) {
    case 'day':
      return day
    case 'month':
      return month
    case 'quarter':
      return Math.floor((month - 1) / 3) + 1
    case 'week':
      return isoWeek(days).week
    case 'year':
      return shownYear(year)
    case 'decade':
      return Math.floor(year / 10)
    case 'century':
      return ordinal(year, 100)
    case 'millennium':
      return ordinal(year, 1000)
    case 'isoyear':
      return shownYear(isoWeek(days).year)
    case 'dow':
      return dayOfWeek(days)
    case 'isodow':
      return dayOfWeek(days) || 7
    case 'doy':
      return days - daysFromCivil({ year, month: 1, day: 1 }) + 1
    default:
      return undefined
  }
}

const MINUTE = 60_000_000n
const HOUR = 3_600_000_000n

/** The fields of a time of day or of an interval's time; each has the sign of the whole. */
function clockField(field: DateField, micros: bigint): Numeric | undefined {
  switch (field) {
    case 'microsecond':
      return numeric(micros % MINUTE)
    case 'millisecond':
      return numeric(micros % MINUTE, 3)
    case 'second':
      return numeric(micros % MINUTE, 6)
    case 'minute':
      return numeric((micros / MINUTE) % 60n)
    case 'hour':
      return numeric(micros / HOUR)
    default:
      return undefined
  }
}

export function extractFromDate(unit: string, date: number): Numeric | null {
  const field = fieldOf(unit, 'date')
  if (!isFiniteDate(date)) {
    if (dayField(field, 0) === undefined && field !== 'julian' && field !== 'epoch')
      throw unsupportedUnit(unit.toLowerCase(), 'date')
    return ofInfinite(field, date > 0)
  }
  if (field === 'julian') return whole(date + JULIAN_1970)
  if (field === 'epoch') return whole(date * 86_400)
  const value = dayField(field, date)
  if (value === undefined) throw unsupportedUnit(unit.toLowerCase(), 'date')
  return whole(value)
}

export function extractFromTimestamp(unit: string, timestamp: bigint): Numeric | null {
  const type = 'timestamp without time zone'
  const field = fieldOf(unit, type)
  return timestampField({ field, unit, type }, timestamp, timestamp)
}

/** `offset` is the zone's, in seconds east, at that instant. */
export function extractFromTimestampTz(unit: string, instant: bigint, offset: number): Numeric | null {
  const type = 'timestamp with time zone'
  const field = fieldOf(unit, type)
  return (
    (isFiniteTimestamp(instant) ? zoneField(field, offset) : undefined) ??
    timestampField({ field, unit, type }, instant + BigInt(offset) * 1_000_000n, instant)
  )
}

interface Wanted {
  readonly field: DateField
  readonly unit: string
  readonly type: string
}

function timestampField({ field, unit, type }: Wanted, local: bigint, instant: bigint): Numeric | null {
  if (!isFiniteTimestamp(instant)) return ofInfinite(field, instant > 0n)
  if (field === 'epoch') return numeric(instant, 6)
  const { days, micros } = splitTimestamp(local)
  if (field === 'julian') return add(whole(days + JULIAN_1970), divide(whole(micros), numeric(MICROS_PER_DAY_BIG)))
  const day = dayField(field, days)
  const value = day === undefined ? clockField(field, BigInt(micros)) : whole(day)
  if (value === undefined) throw unsupportedUnit(unit.toLowerCase(), type)
  return value
}

function zoneField(field: DateField, offset: number): Numeric | undefined {
  switch (field) {
    case 'timezone':
      return whole(offset)
    case 'timezone_hour':
      return whole(Math.trunc(offset / 3600))
    case 'timezone_minute':
      return whole(Math.trunc((offset % 3600) / 60))
    default:
      return undefined
  }
}

export function extractFromTime(unit: string, time: bigint): Numeric {
  const type = 'time without time zone'
  const field = fieldOf(unit, type)
  const value = field === 'epoch' ? numeric(time, 6) : clockField(field, time)
  if (value === undefined) throw unsupportedUnit(unit.toLowerCase(), type)
  return value
}

export function extractFromTimeTz(unit: string, { micros, zone }: TimeTz): Numeric {
  const type = 'time with time zone'
  const field = fieldOf(unit, type)
  const value =
    field === 'epoch'
      ? numeric(micros - BigInt(zone) * 1_000_000n, 6)
      : (zoneField(field, zone) ?? clockField(field, micros))
  if (value === undefined) throw unsupportedUnit(unit.toLowerCase(), type)
  return value
}

export function extractFromInterval(unit: string, value: Interval): Numeric {
  const field = fieldOf(unit, 'interval')
  const result = clockField(field, value.micros) ?? intervalField(field, value)
  if (result === undefined) throw unsupportedUnit(unit.toLowerCase(), 'interval')
  return result
}

function intervalField(field: DateField, { months, days, micros }: Interval): Numeric | undefined {
  const years = Math.trunc(months / 12)
  const rest = months % 12
  switch (field) {
    case 'day':
      return whole(days)
    case 'month':
      return whole(rest)
    case 'quarter':
      return whole(Math.trunc(rest / 3) + 1)
    case 'year':
      return whole(years)
    case 'decade':
      return whole(Math.trunc(years / 10))
    case 'century':
      return whole(Math.trunc(years / 100))
    case 'millennium':
      return whole(Math.trunc(years / 1000))
    case 'epoch': {
      // A year counts 365.25 days, a month 30.
      const quarterDays = BigInt(years) * 1461n + BigInt(rest) * 120n + BigInt(days) * 4n
      return numeric(quarterDays * 21_600_000_000n + micros, 6)
    }
    default:
      return undefined
  }
}
