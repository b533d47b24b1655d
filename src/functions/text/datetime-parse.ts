// Dates, times and timestamps read from text: the decoded moment made a value of the type, rounded to its precision and
// checked against its range.

import { SqlError } from '../../core/error.ts'
import { DATE_INFINITY, TIMESTAMP_INFINITY, type TimeTz } from '../../core/value.ts'
import {
  DAYS_1970_TO_2000,
  isDateInRange,
  isTimestampInRange,
  joinTimestamp,
  MICROS_PER_DAY_BIG,
  MINUS_DATE_INFINITY,
  MINUS_TIMESTAMP_INFINITY,
} from '../arithmetic/calendar.ts'
import { decodeDateTime, decodeTimeOfDay } from './datetime-decode.ts'
import { withDatetimeErrors } from './datetime-errors.ts'
import type { Moment } from './moment.ts'
import type { TextSettings } from './settings.ts'

/** Microseconds rounded to `precision` digits of a second, half away from zero. */
export function roundMicros(micros: bigint, precision: number | undefined): bigint {
  if (precision === undefined || precision >= 6) return micros
  const step = 10n ** BigInt(6 - precision)
  return ((micros + (micros < 0n ? -step : step) / 2n) / step) * step
}

const EPOCH_2000 = BigInt(DAYS_1970_TO_2000) * MICROS_PER_DAY_BIG

/** A finite timestamp rounded to `precision`; half goes away from 2000-01-01, PostgreSQL's zero. */
export const roundTimestamp = (timestamp: bigint, precision: number | undefined): bigint =>
  roundMicros(timestamp - EPOCH_2000, precision) + EPOCH_2000

const infiniteDate = { infinity: DATE_INFINITY, '-infinity': MINUS_DATE_INFINITY } as const

export function parseDate(text: string, settings: TextSettings): number {
  const moment = withDatetimeErrors('date', text, () => decodeDateTime(text, settings))
  if (moment.kind !== 'civil') return moment.kind === 'epoch' ? 0 : infiniteDate[moment.kind]
  if (!isDateInRange(moment.days)) throw textOutOfRange('date', text)
  return moment.days
}

export function parseTimestamp(text: string, precision: number | undefined, settings: TextSettings): bigint {
  const moment = withDatetimeErrors('timestamp', text, () => decodeDateTime(text, settings))
  return moment.kind === 'civil' ? finite(moment, 0, precision, text) : special(moment.kind)
}

export function parseTimestampTz(text: string, precision: number | undefined, settings: TextSettings): bigint {
  const moment = withDatetimeErrors('timestamp with time zone', text, () => decodeDateTime(text, settings))
  return moment.kind === 'civil' ? finite(moment, moment.zone, precision, text) : special(moment.kind)
}

function special(kind: Exclude<Moment['kind'], 'civil'>): bigint {
  if (kind === 'epoch') return 0n
  return kind === 'infinity' ? TIMESTAMP_INFINITY : MINUS_TIMESTAMP_INFINITY
}

type Civil = Extract<Moment, { kind: 'civil' }>

function finite({ days, micros }: Civil, zone: number, precision: number | undefined, text: string): bigint {
  const timestamp = joinTimestamp(days, micros) - BigInt(zone) * 1_000_000n
  if (!isTimestampInRange(timestamp)) throw textOutOfRange('timestamp', text)
  return roundTimestamp(timestamp, precision)
}

export function parseTime(text: string, precision: number | undefined, settings: TextSettings): bigint {
  const { micros } = withDatetimeErrors('time', text, () => decodeTimeOfDay(text, settings))
  return roundMicros(BigInt(micros), precision)
}

export function parseTimeTz(text: string, precision: number | undefined, settings: TextSettings): TimeTz {
  const { micros, zone } = withDatetimeErrors('time with time zone', text, () => decodeTimeOfDay(text, settings))
  return { kind: 'timetz', micros: roundMicros(BigInt(micros), precision), zone }
}

const textOutOfRange = (type: string, text: string): SqlError =>
  new SqlError({ code: '22008', message: `${type} out of range: "${text}"` })
