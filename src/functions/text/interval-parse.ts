// Intervals read from text: PostgreSQL's traditional and SQL-standard forms (DecodeInterval), then ISO 8601
// (iso-interval.ts); at last the field restriction and precision of the type.
//
// Fields are read from right to left, so that a unit is known before its number: '1 day 02:03', '1-2', '-1.5 hours
// ago'.

import type { SqlType } from '../../core/type.ts'
import type { Interval } from '../../core/value.ts'
import { intervalOutOfRange } from '../arithmetic/interval.ts'
import { DatetimeFailure, withDatetimeErrors } from './datetime-errors.ts'
import { fractionMicros, leadingInteger } from './datetime-numbers.ts'
import { cutFields, type TextField } from './datetime-tokens.ts'
import { addUnits, type IntervalUnit, intervalUnit, isInt32, isInt64, newSum, type Sum } from './interval-units.ts'
import { decodeIsoInterval } from './iso-interval.ts'
import type { TextSettings } from './settings.ts'

export type IntervalType = Extract<SqlType, { kind: 'interval' }>

/** Throws 22007 for what is no interval, 22015 for a field out of range, 22008 for a sum out of range. */
export function parseInterval(type: IntervalType, text: string, settings: TextSettings): Interval {
  const sum = withDatetimeErrors('interval', text, () => decodeInterval(type, text, settings))
  const months = sum.years * 12 + sum.months
  if (!isInt32(months)) throw intervalOutOfRange()
  return restrictInterval(type, { kind: 'interval', months, days: sum.days, micros: sum.micros })
}

function decodeInterval(type: IntervalType, text: string, settings: TextSettings): Sum {
  try {
    return traditional(type, text, settings) ?? decodeIsoInterval(text)
  } catch (error) {
    const overflow = error instanceof DatetimeFailure && error.fault === 'overflow'
    throw overflow ? new DatetimeFailure('interval') : error
  }
}

/** Undefined where the text has no traditional form. */
function traditional(type: IntervalType, text: string, settings: TextSettings): Sum | undefined {
  try {
    return decodeFields(type, cutFields(text), settings)
  } catch (error) {
    if (error instanceof DatetimeFailure && error.fault === 'format') return undefined
    throw error
  }
}

/** The state of the right-to-left walk: `unit` is that of the next number. */
interface Walk {
  readonly sum: Sum
  readonly type: IntervalType
  /** In style sql_standard a leading minus with no other sign holds for all fields. */
  readonly allNegative: boolean
  unit: IntervalUnit | undefined
  seen: Set<string>
  ago: boolean
}

function decodeFields(type: IntervalType, fields: readonly TextField[], settings: TextSettings): Sum {
  const signs = fields.map((field) => /^[+-]/.exec(field.text)?.[0])
  const allNegative =
    settings.intervalStyle === 'sql_standard' && signs[0] === '-' && signs.slice(1).every((sign) => sign === undefined)
  const walk: Walk = { sum: newSum(), type, allNegative, unit: undefined, seen: new Set(), ago: false }
  for (const field of fields.toReversed()) decodeField(walk, field)
  if (walk.seen.size === 0) throw new DatetimeFailure('format')
  const { sum } = walk
  if (!walk.ago) return sum
  return { years: 0 - sum.years, months: 0 - sum.months, days: 0 - sum.days, micros: -sum.micros }
}

function see(walk: Walk, ...bits: readonly string[]): void {
  for (const bit of bits) {
    if (walk.seen.has(bit)) throw new DatetimeFailure('format')
    walk.seen.add(bit)
  }
}

function decodeField(walk: Walk, { kind, text }: TextField): void {
  if (kind === 'time') decodeClock(walk, text, walk.allNegative)
  else if (kind === 'zone' && text.includes(':')) decodeSignedClock(walk, text)
  else if (kind === 'string' || kind === 'special') decodeWord(walk, text)
  else decodeAmount(walk, text)
}

/** `-04:05`; with minutes or seconds out of range it is no clock, and nothing else either. */
function decodeSignedClock(walk: Walk, text: string): void {
  try {
    decodeClock(walk, text.slice(1), text.startsWith('-'))
  } catch (error) {
    throw error instanceof DatetimeFailure ? new DatetimeFailure('format') : error
  }
}

function decodeClock(walk: Walk, text: string, negative: boolean): void {
  const sum = clockMicros(walk.type, text)
  walk.sum.micros += negative ? -sum : sum
  see(walk, 'hour', 'minute', 'second')
  walk.unit = 'day'
}

/** `hh:mm[:ss][.f]`. Of two numbers with a fraction, or for INTERVAL MINUTE TO SECOND, the first is the minutes. */
function clockMicros({ fields }: IntervalType, text: string): bigint {
  const match = /^(\d*):(\d*)(?::(\d*))?(\.\d*)?$/.exec(text)
  if (match === null) throw new DatetimeFailure('format')
  const [, first = '', second = '', third, fraction] = match
  const shifted = third === undefined && (fraction !== undefined || fields === 'minute to second')
  const [hours, minutes, seconds] = shifted ? ['', first, second] : [first, second, third ?? '']
  const minute = leadingInteger(minutes).value
  const secondsValue = leadingInteger(seconds).value
  if (minute > 59 || secondsValue > 60) throw new DatetimeFailure('overflow')
  const micros =
    BigInt(hours) * 3_600_000_000n +
    BigInt(minute * 60 + secondsValue) * 1_000_000n +
    BigInt(fraction === undefined ? 0 : fractionMicros(fraction))
  if (!isInt64(micros)) throw new DatetimeFailure('overflow')
  return micros
}

function decodeWord(walk: Walk, text: string): void {
  const unit = intervalUnit(text)
  if (unit !== undefined) walk.unit = unit
  else if (text === 'ago') walk.ago = true
  else if (text !== 'at' && text !== 'on') throw new DatetimeFailure('format')
}

const INTEGER_MAX = 1n << 63n

function decodeAmount(walk: Walk, text: string): void {
  const match = /^([+-]?\d*)(?:-(\d*)|(\.\d*))?$/.exec(text)
  if (match === null) throw new DatetimeFailure('format')
  const [, digits = '', monthText, fractionText] = match
  const negative = text.startsWith('-')
  const sign = walk.allNegative && !negative ? -1 : 1
  const whole = BigInt(/\d/.test(digits) ? digits : 0)
  if (whole >= INTEGER_MAX || whole < -INTEGER_MAX) throw new DatetimeFailure('overflow')
  if (monthText !== undefined) {
    const months = BigInt(monthText)
    if (months > 11n) throw new DatetimeFailure('overflow')
    const total = whole * 12n + (negative ? -months : months)
    addUnits(walk.sum, 'month', { whole: BigInt(sign) * total, fraction: 0 })
    see(walk, 'month')
    return
  }
  const fraction = fractionText === undefined || fractionText === '.' ? 0 : Number(fractionText)
  const unit = walk.unit ?? impliedUnit(walk.type)
  walk.unit = unit === 'hour' ? 'day' : unit
  addUnits(walk.sum, unit, { whole: BigInt(sign) * whole, fraction: (negative ? -1 : sign) * fraction })
  if (unit === 'second' && fraction !== 0) see(walk, 'second', 'millisecond', 'microsecond')
  else see(walk, unit)
}

/** What a number without a unit counts: the last field that the type keeps. */
function impliedUnit({ fields }: IntervalType): IntervalUnit {
  return fields === undefined ? 'second' : (intervalUnit(fields.split(' ').at(-1)!) ?? 'second')
}

const UNIT_MICROS: Readonly<Record<string, bigint>> = { hour: 3_600_000_000n, minute: 60_000_000n }

/** Drops what a type such as INTERVAL DAY TO MINUTE or INTERVAL(2) does not keep. */
export function restrictInterval({ fields, precision }: IntervalType, value: Interval): Interval {
  let { months, days, micros } = value
  const last = fields?.split(' ').at(-1)
  if (last === 'year') months -= months % 12
  if (last === 'year' || last === 'month') days = 0
  if (last === 'year' || last === 'month' || last === 'day') micros = 0n
  const keep = last === undefined ? undefined : UNIT_MICROS[last]
  if (keep !== undefined) micros -= micros % keep
  if (precision !== undefined && precision < 6) {
    const step = 10n ** BigInt(6 - precision)
    micros = ((micros + (micros < 0n ? -step : step) / 2n) / step) * step
  }
  return { kind: 'interval', months, days, micros }
}
