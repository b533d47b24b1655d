// From the fields of a text to a date, a time of day, a zone: PostgreSQL's DecodeDateTime and DecodeTimeOnly.
//
// Fields come in any sensible order. A field that fills what another has filled is a failure of format. What "now" and
// "today" mean, and the zone of a text that names none, comes from the session's settings.

import {
  civilFromDays,
  civilTime,
  daysFromCivil,
  JULIAN_1970,
  joinTimestamp,
  MICROS_PER_DAY,
  microsOfTime,
  splitTimestamp,
} from '../arithmetic/calendar.ts'
import { localOfInstant, type TimeZone, timeZone } from '../arithmetic/time-zone.ts'
import { zoneAbbreviation } from '../arithmetic/zone-abbreviations.ts'
import { DatetimeFailure, unknownTimeZone } from './datetime-errors.ts'
import * as number from './datetime-numbers.ts'
import { DATE, DAY, HOUR, MONTH, type Parts, TIME, ZONE } from './datetime-numbers.ts'
import { cutFields, type TextField, type Unit, type Word, wordMeaning } from './datetime-tokens.ts'
import { decodeIso, type Moment, sessionOffset } from './moment.ts'
import type { TextSettings } from './settings.ts'

/** The decoder's state for one text. */
interface Decoding {
  readonly settings: TextSettings
  readonly parts: Parts
  readonly fields: readonly TextField[]
  special: 'epoch' | 'infinity' | '-infinity' | undefined
  meridian: 'am' | 'pm' | undefined
  zone: number | undefined
  namedZone: TimeZone | undefined
  /** A label such as the J of J2451187 that says what the next number is. */
  label: Unit | undefined
}

function newDecoding(text: string, settings: TextSettings): Decoding {
  return {
    settings,
    parts: number.newParts(settings.dateStyle.order),
    fields: cutFields(text),
    special: undefined,
    meridian: undefined,
    zone: undefined,
    namedZone: undefined,
    label: undefined,
  }
}

/** A date with or without time and zone; a time alone is a failure of format. */
export function decodeDateTime(text: string, settings: TextSettings): Moment {
  const plain = decodeIso(text, settings.timeZone)
  if (plain !== undefined) return plain
  const state = newDecoding(text, settings)
  if (state.fields.length === 0) throw new DatetimeFailure('format')
  decodeAll(state, dateTimeField)
  if (state.special !== undefined) return { kind: state.special }
  const { parts } = state
  number.validateDate(parts)
  applyMeridian(state)
  if ((parts.seen & DATE) !== DATE) throw new DatetimeFailure('format')
  const days = daysFromCivil(parts)
  const micros = microsOfTime(parts)
  return { kind: 'civil', days, micros, zone: zoneOf(state, joinTimestamp(days, micros)) }
}

/** A time of day with or without zone; a date beside it only says which offset a named zone has. */
export function decodeTimeOfDay(
  text: string,
  settings: TextSettings,
): { readonly micros: number; readonly zone: number } {
  const state = newDecoding(text, settings)
  if (state.fields.length === 0) throw new DatetimeFailure('format')
  decodeAll(state, timeField)
  const { parts } = state
  const dated = (parts.seen & DATE) === DATE
  number.validateDate(parts)
  applyMeridian(state)
  if (number.timeOverflows(parts)) throw new DatetimeFailure('overflow')
  if ((parts.seen & TIME) !== TIME) throw new DatetimeFailure('format')
  const micros = microsOfTime(parts)
  if (!dated && state.namedZone !== undefined && !isFixed(state.namedZone)) throw new DatetimeFailure('format')
  const today = splitTimestamp(localOfInstant(settings.now(), settings.timeZone)).days
  return { micros, zone: zoneOf(state, joinTimestamp(dated ? daysFromCivil(parts) : today, micros)) }
}

const isFixed = (zone: TimeZone): boolean => zone.offsetAt(0n) === zone.offsetAt(15_638_400_000_000n)

function zoneOf({ zone, namedZone, settings, parts }: Decoding, local: bigint): number {
  const summer = (parts.seen & number.DST) !== 0
  if (summer && zone === undefined) throw new DatetimeFailure('format')
  if (zone !== undefined) return zone + (summer ? 3600 : 0)
  return sessionOffset(namedZone ?? settings.timeZone, local)
}

function applyMeridian({ meridian, parts }: Decoding): void {
  if (meridian === undefined) return
  if (parts.hour > 12) throw new DatetimeFailure('overflow')
  if (meridian === 'am' && parts.hour === 12) parts.hour = 0
  else if (meridian === 'pm' && parts.hour !== 12) parts.hour += 12
}

type DecodeField = (state: Decoding, field: TextField, index: number) => number

function decodeAll(state: Decoding, decode: DecodeField): void {
  const { parts } = state
  for (const [i, field] of state.fields.entries()) {
    const filled = decode(state, field, i)
    if ((filled & parts.seen) !== 0) throw new DatetimeFailure('format')
    parts.seen |= filled
  }
}

function dateTimeField(state: Decoding, field: TextField, index: number): number {
  const { parts } = state
  switch (field.kind) {
    case 'date':
      if (state.label === 'julian') return julianWithZone(state, field.text)
      if (state.label !== undefined || (parts.seen & (MONTH | DAY)) === (MONTH | DAY))
        return zoneOrTimeWithZone(state, field.text, parts.seen)
      return number.decodeDate(field.text, parts)
    case 'time': {
      const filled = clock(state, field.text)
      if (number.timeOverflows(parts)) throw new DatetimeFailure('overflow')
      return filled
    }
    case 'zone':
      state.zone = number.decodeZone(field.text)
      return ZONE
    case 'number':
      return state.label === undefined ? plainNumber(field.text, parts) : labelledNumber(state, field.text)
    case 'string':
    case 'special':
      return dateWord(state, field.text, index)
  }
}

function clock(state: Decoding, text: string): number {
  if (state.label !== undefined && state.label !== 'time') throw new DatetimeFailure('format')
  state.label = undefined
  return number.decodeTime(text, state.parts)
}

function plainNumber(text: string, parts: Parts): number {
  const point = text.indexOf('.')
  if (point >= 0 && (parts.seen & DATE) === 0) return number.decodeDate(text, parts)
  if (point > 2) return number.decodeNumberField(text, parts)
  const open = (parts.seen & DATE) === 0 || (parts.seen & TIME) === 0
  if (text.length >= 6 && open) return number.decodeNumberField(text, parts)
  return number.decodeNumber(text, parts)
}

/** `J2451187`, `y2001 m02 d04`, `T040506`. */
function labelledNumber(state: Decoding, text: string): number {
  const { parts, label } = state
  const { value, rest } = number.leadingInteger(text)
  const fractional = rest.startsWith('.')
  if (fractional ? label !== 'julian' && label !== 'time' && label !== 'second' : rest !== '')
    throw new DatetimeFailure('format')
  state.label = undefined
  switch (label) {
    case 'year':
      parts.year = value
      return number.YEAR
    case 'month':
      if ((parts.seen & (MONTH | HOUR)) === (MONTH | HOUR)) {
        parts.minute = value
        return number.MINUTE
      }
      parts.month = value
      return MONTH
    case 'day':
      parts.day = value
      return DAY
    case 'hour':
      parts.hour = value
      return HOUR
    case 'minute':
      parts.minute = value
      return number.MINUTE
    case 'second':
      parts.second = value
      if (!fractional) return number.SECOND
      parts.micros = number.fractionMicros(rest)
      return number.SECOND | number.FRACTION
    case 'julian':
      setJulian(parts, value)
      if (!fractional) return DATE
      if (!/^\.\d*$/.test(rest)) throw new DatetimeFailure('format')
      Object.assign(parts, civilTime(Math.trunc(Number(`0${rest}`) * MICROS_PER_DAY)))
      return DATE | TIME
    case 'time': {
      const filled = number.decodeNumberField(text, parts, parts.seen | DATE)
      if (filled !== TIME) throw new DatetimeFailure('format')
      return filled
    }
    default:
      throw new DatetimeFailure('format')
  }
}

function setJulian(parts: Parts, day: number): void {
  Object.assign(parts, civilFromDays(day - JULIAN_1970))
  parts.julian = true
}

/** `J2451187-0800`. */
function julianWithZone(state: Decoding, text: string): number {
  const { value, rest } = number.leadingInteger(text)
  setJulian(state.parts, value)
  state.label = undefined
  state.zone = number.decodeZone(rest)
  return DATE | TIME | ZONE
}

/** After the date: the name of a zone, or a time run together with a zone (`040506-08`). */
function zoneOrTimeWithZone(state: Decoding, text: string, seen: number): number {
  if (!/^\d/.test(text) && state.label === undefined) {
    state.namedZone = timeZone(text)
    if (state.namedZone === undefined) throw unknownTimeZone(text)
    return ZONE
  }
  if (state.label !== undefined && state.label !== 'time') throw new DatetimeFailure('format')
  state.label = undefined
  const dash = text.indexOf('-')
  if ((state.parts.seen & TIME) === TIME || dash < 0) throw new DatetimeFailure('format')
  state.zone = number.decodeZone(text.slice(dash))
  return number.decodeNumberField(text.slice(0, dash), state.parts, seen) | ZONE
}

function dateWord(state: Decoding, text: string, index: number): number {
  const { parts } = state
  const abbreviation = zoneAbbreviation(text)
  if (abbreviation !== undefined) {
    state.zone = abbreviation
    return ZONE
  }
  const word = wordMeaning(text)
  switch (word?.kind) {
    case 'ignore':
      return 0
    case 'month':
      return textMonth(parts, word.month)
    case 'now':
      setLocal(state, state.settings.now())
      return DATE | TIME | ZONE
    case 'today':
    case 'tomorrow':
    case 'yesterday':
      return relativeDay(state, word.kind)
    case 'allballs':
      Object.assign(parts, civilTime(0))
      state.zone = 0
      return TIME | ZONE
    case 'epoch':
    case 'infinity':
    case '-infinity':
      state.special = word.kind
      return DATE | TIME | ZONE
    case 'unit':
      state.label = word.unit
      return 0
    case 'isoTime':
      if ((parts.seen & DATE) !== DATE) throw new DatetimeFailure('format')
      return expectTime(state, index)
    default:
      return sharedWord(state, text, word)
  }
}

/** The `T` of ISO 8601: a time must follow. */
function expectTime(state: Decoding, index: number): number {
  const next = state.fields[index + 1]?.kind
  if (next !== 'number' && next !== 'time' && next !== 'date') throw new DatetimeFailure('format')
  state.label = 'time'
  return 0
}

/** Words that dates and times of day have in common. */
function sharedWord(state: Decoding, text: string, word: Word | undefined): number {
  if (word === undefined) {
    state.namedZone = timeZone(text)
    if (state.namedZone === undefined) throw new DatetimeFailure('format')
    return ZONE
  }
  if (word.kind === 'weekday') return number.WEEKDAY
  if (word.kind === 'dst') return number.DST
  if (word.kind === 'meridian') {
    state.meridian = word.pm ? 'pm' : 'am'
    return number.MERIDIAN
  }
  if (word.kind !== 'era') throw new DatetimeFailure('format')
  state.parts.bc = word.bc
  return number.ERA
}

/** A month's name; a number that was taken for the month before becomes the day. */
function textMonth(parts: Parts, month: number): number {
  const displaced =
    (parts.seen & MONTH) !== 0 && !parts.textMonth && (parts.seen & DAY) === 0 && parts.month >= 1 && parts.month <= 31
  if (displaced) parts.day = parts.month
  parts.textMonth = true
  parts.month = month
  return displaced ? DAY : MONTH
}

function setLocal(state: Decoding, instant: bigint): void {
  const local = localOfInstant(instant, state.settings.timeZone)
  const { days, micros } = splitTimestamp(local)
  Object.assign(state.parts, civilFromDays(days), civilTime(micros))
  state.zone = Number((local - instant) / 1_000_000n)
}

const DAY_SHIFT = { yesterday: -1, today: 0, tomorrow: 1 } as const

function relativeDay(state: Decoding, day: keyof typeof DAY_SHIFT): number {
  const { days } = splitTimestamp(localOfInstant(state.settings.now(), state.settings.timeZone))
  Object.assign(state.parts, civilFromDays(days + DAY_SHIFT[day]))
  return DATE
}

function timeField(state: Decoding, field: TextField, index: number): number {
  const { parts, fields } = state
  switch (field.kind) {
    case 'date': {
      const dateFirst =
        index === 0 && fields.length >= 2 && (fields.at(-1)!.kind === 'date' || fields[1]!.kind === 'time')
      if (dateFirst) return number.decodeDate(field.text, parts)
      return zoneOrTimeWithZone(state, field.text, parts.seen | DATE)
    }
    case 'time':
      return clock(state, field.text)
    case 'zone':
      return dateTimeField(state, field, index)
    case 'number':
      return state.label === undefined ? timeNumber(field.text, parts) : labelledNumber(state, field.text)
    case 'string':
    case 'special':
      return timeWord(state, field.text, index)
  }
}

function timeNumber(text: string, parts: Parts): number {
  const point = text.indexOf('.')
  if (point >= 0 && point <= 2) throw new DatetimeFailure('format')
  if (point < 0 && text.length <= 4) {
    const seen = parts.seen
    parts.seen |= DATE
    const filled = number.decodeNumber(text, parts)
    parts.seen = seen
    return filled
  }
  return number.decodeNumberField(text, parts, parts.seen | DATE)
}

function timeWord(state: Decoding, text: string, index: number): number {
  const abbreviation = zoneAbbreviation(text)
  if (abbreviation !== undefined) {
    state.zone = abbreviation
    return ZONE
  }
  const word = wordMeaning(text)
  switch (word?.kind) {
    case 'ignore':
      return 0
    case 'now':
      setLocal(state, state.settings.now())
      return TIME
    case 'allballs':
      Object.assign(state.parts, civilTime(0))
      state.zone = 0
      return TIME | ZONE
    case 'unit':
      state.label = word.unit
      return 0
    case 'isoTime':
      return expectTime(state, index)
    default:
      return sharedWord(state, text, word)
  }
}
