// What the text of a date or timestamp says, and the commonest form of it, ISO 8601, read in one step: bulk loads are
// made of it. Every other form is datetime-decode.ts.

import { daysFromCivil, daysInMonth, joinTimestamp } from '../arithmetic/calendar.ts'
import { instantOfLocal, type TimeZone } from '../arithmetic/time-zone.ts'

/** What a text says. `days` and `micros` are civil; `zone` is seconds east of UTC. */
export type Moment =
  | { readonly kind: 'epoch' | 'infinity' | '-infinity' }
  | { readonly kind: 'civil'; readonly days: number; readonly micros: number; readonly zone: number }

const DATE = String.raw`(\d{4})-(\d\d)-(\d\d)`
const TIME = String.raw`([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?`
const ZONE = String.raw`Z|([+-])(0\d|1[0-5])(?::([0-5]\d))?`
const ISO = new RegExp(`^${DATE}(?:[ T]${TIME}(?:${ZONE})?)?$`)

/** The commonest form, read in one step; undefined for every other form and for dates that do not exist. */
export function decodeIso(text: string, session: TimeZone): Moment | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, years, months, day, hour = 0, minute = 0, second = 0, fraction = '', sign, zoneHour, zoneMinute = 0] = match
  const date = { year: Number(years), month: Number(months), day: Number(day) }
  const exists = date.year > 0 && date.month > 0 && date.month <= 12 && date.day > 0
  if (!exists || date.day > daysInMonth(date.year, date.month)) return undefined
  const days = daysFromCivil(date)
  const micros =
    (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1_000_000 + Number(fraction.padEnd(6, '0'))
  if (sign !== undefined) {
    const east = Number(zoneHour) * 3600 + Number(zoneMinute) * 60
    return { kind: 'civil', days, micros, zone: sign === '-' ? 0 - east : east }
  }
  if (text.endsWith('Z')) return { kind: 'civil', days, micros, zone: 0 }
  return { kind: 'civil', days, micros, zone: sessionOffset(session, joinTimestamp(days, micros)) }
}

/** Seconds east of UTC that a zone has at a civil time. */
export const sessionOffset = (zone: TimeZone, local: bigint): number =>
  Number((local - instantOfLocal(local, zone)) / 1_000_000n)
