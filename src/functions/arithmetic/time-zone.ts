// Time zones: which offset from UTC is in force at an instant, and which instant a civil time means.
//
// Rules come from the runtime's own copy of the IANA database through Intl.DateTimeFormat, which answers one instant in
// about a microsecond; so each zone remembers the transitions of the spans of time it was asked about (SPAN seconds,
// probed in steps of PROBE, then bisected). Before 1800 and after 2400 the rules of those years apply, shifted by whole
// 400-year cycles. A zone's memory is a memo of a pure function: at most 600 years of spans, a few KB a zone.

import { SECONDS_PER_DAY } from './calendar.ts'
import { abbreviationFor } from './zone-abbreviations.ts'

/** A set of rules that maps instants to civil time. */
export interface TimeZone {
  readonly name: string
  /** Its offset never changes. */
  readonly fixed: boolean
  /** Seconds east of UTC in force at an instant (µs from 1970 UTC). */
  offsetAt(instant: bigint): number
  /** The same of an instant in seconds. */
  offsetAtSecond(seconds: number): number
  /** What the zone calls itself at an instant (`CET`); a numeric offset where it has no name. */
  abbreviationAt(instant: bigint): string
}

/** A zone that never changes, as `SET TIME ZONE 3` makes; named in POSIX's style, whose sign is reversed. */
export function fixedZone(secondsEast: number, name = posixName(secondsEast)): TimeZone {
  const abbreviation = /^<?([A-Za-z]{3,}|[+-]?\d+[\d:]*)>?/.exec(name)?.[1] ?? name
  return {
    name,
    fixed: true,
    offsetAt: () => secondsEast,
    offsetAtSecond: () => secondsEast,
    abbreviationAt: () => abbreviation,
  }
}

export const utcZone: TimeZone = fixedZone(0, 'UTC')

function posixName(secondsEast: number): string {
  const size = Math.abs(secondsEast)
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = Math.floor(size / 60) % 60
  const text = `${two(Math.floor(size / 3600))}${minutes > 0 || size % 60 > 0 ? `:${two(minutes)}` : ''}`
  const full = size % 60 > 0 ? `${text}:${two(size % 60)}` : text
  return secondsEast < 0 ? `<-${full}>+${full}` : `<+${full}>-${full}`
}

const zones = new Map<string, TimeZone | undefined>()
const ZONES_MAX = 2000

/** The zone of an IANA name (in any case) or of a POSIX specification without daylight saving (`UTC+3`). */
export function timeZone(name: string): TimeZone | undefined {
  const key = name.toLowerCase()
  if (!zones.has(key) && zones.size < ZONES_MAX) zones.set(key, makeZone(name))
  return zones.get(key) ?? (zones.has(key) ? undefined : makeZone(name))
}

const UTC_NAMES = new Set(['utc', 'gmt', 'uct', 'zulu', 'universal', 'greenwich'])

function makeZone(name: string): TimeZone | undefined {
  const lower = name.toLowerCase()
  if (UTC_NAMES.has(lower) || /^etc\/(utc|gmt|uct|zulu|universal|greenwich)$/.test(lower))
    return fixedZone(0, canonicalName(name))
  return posixZone(name) ?? ruledZone(name)
}

/** `ABC+3`, `<+03>-3:30`: hours west of UTC, the opposite of ISO 8601. */
function posixZone(name: string): TimeZone | undefined {
  const match = /^(?:[^\d\s,<+-][^\d\s,+-]*|<[^\s>]+>)([+-]?)(\d{1,3})(?::(\d{1,2})(?::(\d{1,2}))?)?$/.exec(name)
  if (match === null) return undefined
  const [, sign, hours, minutes = '0', seconds = '0'] = match
  if (Number(hours) > 167 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const west = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  return fixedZone(sign === '-' ? west : 0 - west, name)
}

function ruledZone(name: string): TimeZone | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return undefined
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
  const offsets = offsetTable(format)
  const shown = canonicalName(name)
  const offsetAt = (instant: bigint): number => offsets(floorSeconds(instant))
  return {
    name: shown,
    fixed: false,
    offsetAt,
    offsetAtSecond: offsets,
    abbreviationAt: (instant) => {
      const january = offsetAt(instant - (instant % YEAR_MICROS))
      const july = offsetAt(instant - (instant % YEAR_MICROS) + YEAR_MICROS / 2n)
      return abbreviationFor(shown, offsetAt(instant), Math.min(january, july))
    },
  }
}

const YEAR_MICROS = 31_556_952_000_000n

/** The name as the IANA database writes it, as far as the runtime knows. */
function canonicalName(name: string): string {
  const lower = name.toLowerCase()
  if (UTC_NAMES.has(lower) || !lower.includes('/')) return lower.length <= 3 ? name.toUpperCase() : name
  return Intl.supportedValuesOf('timeZone').find((known) => known.toLowerCase() === lower) ?? titleCase(name)
}

const titleCase = (name: string): string =>
  name === name.toLowerCase()
    ? name.replace(/(^|[/_-])([a-z])/g, (_, before, letter) => before + letter.toUpperCase())
    : name

function floorSeconds(instant: bigint): number {
  const seconds = instant / 1_000_000n
  return Number(instant % 1_000_000n < 0n ? seconds - 1n : seconds)
}

const SPAN = 1 << 25
const PROBE = 7 * SECONDS_PER_DAY
const FIRST = -5_364_662_400 // 1800-01-01
const LAST = 13_569_465_600 // 2400-01-01
const CYCLE = 12_622_780_800 // 400 years

interface Span {
  /** Instants in seconds at which the offset changes, ascending; `offsets[i]` holds before `changes[i]`. */
  readonly changes: readonly number[]
  readonly offsets: readonly number[]
}

function offsetTable(format: Intl.DateTimeFormat): (seconds: number) => number {
  const spans = new Map<number, Span>()
  return (seconds) => {
    let at = Math.max(seconds, FIRST)
    if (at >= LAST) at -= CYCLE * Math.ceil((at - LAST + 1) / CYCLE)
    const number = Math.floor(at / SPAN)
    let span = spans.get(number)
    if (span === undefined) {
      span = probeSpan(format, number * SPAN)
      spans.set(number, span)
    }
    let i = 0
    while (i < span.changes.length && span.changes[i]! <= at) i++
    return span.offsets[i]!
  }
}

function probeSpan(format: Intl.DateTimeFormat, start: number): Span {
  const changes: number[] = []
  const offsets = [readOffset(format, start)]
  for (let from = start; from < start + SPAN; ) {
    const to = Math.min(from + PROBE, start + SPAN)
    const before = offsets.at(-1)!
    if (readOffset(format, to) === before) {
      from = to
      continue
    }
    from = firstChange(format, { from, to, before })
    changes.push(from)
    offsets.push(readOffset(format, from))
  }
  return { changes, offsets }
}

/** The first second after `from` and not after `to` whose offset is not `before`; `to`'s is not. */
function firstChange(
  format: Intl.DateTimeFormat,
  { from, to, before }: Record<'from' | 'to' | 'before', number>,
): number {
  let low = from
  let high = to
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (readOffset(format, middle) === before) low = middle
    else high = middle
  }
  return high
}

/** Reads `… GMT+05:30:10`. */
function readOffset(format: Intl.DateTimeFormat, seconds: number): number {
  const match = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(format.format(seconds * 1000))
  const [, sign, hours = '0', minutes = '0', rest = '0'] = match ?? []
  const size = (Number(hours) * 60 + Number(minutes)) * 60 + Number(rest)
  return sign === '-' ? -size : size
}

export const localOfInstant = (instant: bigint, zone: TimeZone): bigint =>
  instant + BigInt(zone.offsetAt(instant)) * 1_000_000n

const DAY = 86_400_000_000n

/**
 * The instant that a civil time means, as PostgreSQL decides: a skipped time is read with the offset before the gap
 * (and so lands after it), a repeated one with the offset after the change (its later instant).
 */
export function instantOfLocal(local: bigint, zone: TimeZone): bigint {
  const { before, after } = candidates(local, zone)
  if (before === after) return before
  const beforeHolds = localOfInstant(before, zone) === local
  const afterHolds = localOfInstant(after, zone) === local
  if (beforeHolds !== afterHolds) return beforeHolds ? before : after
  if (before > after) return before
  return after
}

/** The same, but the earlier instant of a repeated time and the end of the gap for a skipped one (windows §2.4). */
export function firstInstantOfLocal(local: bigint, zone: TimeZone): bigint {
  const { before, after } = candidates(local, zone)
  if (localOfInstant(before, zone) === local) return before
  if (localOfInstant(after, zone) === local) return after
  let low = after - 1n
  let high = before
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (localOfInstant(middle, zone) < local) low = middle
    else high = middle
  }
  return high
}

function candidates(local: bigint, zone: TimeZone): { readonly before: bigint; readonly after: bigint } {
  return {
    before: local - BigInt(zone.offsetAt(local - DAY)) * 1_000_000n,
    after: local - BigInt(zone.offsetAt(local + DAY)) * 1_000_000n,
  }
}
