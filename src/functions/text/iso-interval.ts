// Intervals in the forms of ISO 8601: `P1Y2M3DT4H5M6S` with designators, and the alternative `P0001-02-03T04:05:06`
// and `P00010203T040506`. Numbers may have a sign and a fraction, as PostgreSQL allows.

import { DatetimeFailure } from './datetime-errors.ts'
import { addUnits, type IntervalUnit, newSum, type Sum } from './interval-units.ts'

const dateUnits: Readonly<Record<string, IntervalUnit>> = { Y: 'year', M: 'month', W: 'week', D: 'day' }
const timeUnits: Readonly<Record<string, IntervalUnit>> = { H: 'hour', M: 'minute', S: 'second' }

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)`
const designated = new RegExp(`(${NUMBER})([A-Z])`, 'y')
const basicDate = /^(\d{4})(\d{2})(\d{2})(?:\.\d*)?$/
const basicTime = /^(\d{2})(\d{2})(\d{2}(?:\.\d*)?)$/
const extendedDate = new RegExp(`^(${NUMBER})(?:-(${NUMBER})(?:-(${NUMBER}))?)?$`)
const extendedTime = new RegExp(`^(${NUMBER})(?::(${NUMBER})(?::(${NUMBER}))?)?$`)

export function decodeIsoInterval(text: string): Sum {
  if (text.length < 2 || !text.startsWith('P')) throw new DatetimeFailure('format')
  const [date = '', ...times] = text.slice(1).split('T')
  if (times.length > 1) throw new DatetimeFailure('format')
  const sum = newSum()
  decodePart(sum, date, { units: dateUnits, alternative: ['year', 'month', 'day'], forms: [basicDate, extendedDate] })
  decodePart(sum, times[0] ?? '', {
    units: timeUnits,
    alternative: ['hour', 'minute', 'second'],
    forms: [basicTime, extendedTime],
  })
  return sum
}

interface PartForm {
  readonly units: Readonly<Record<string, IntervalUnit>>
  readonly alternative: readonly IntervalUnit[]
  readonly forms: readonly RegExp[]
}

function decodePart(sum: Sum, text: string, { units, alternative, forms }: PartForm): void {
  if (text === '') return
  if (!/[A-Z]$/.test(text)) {
    const match = forms.map((form) => form.exec(text)).find((found) => found !== null)
    if (match === undefined) throw new DatetimeFailure('format')
    for (const [i, unit] of alternative.entries()) if (match[i + 1] !== undefined) addNumber(sum, unit, match[i + 1]!)
    return
  }
  designated.lastIndex = 0
  while (designated.lastIndex < text.length) {
    const match = designated.exec(text)
    const unit = match === null ? undefined : units[match[2]!]
    if (match === null || unit === undefined) throw new DatetimeFailure('format')
    addNumber(sum, unit, match[1]!)
  }
}

function addNumber(sum: Sum, unit: IntervalUnit, text: string): void {
  const [, sign, digits, fraction = ''] = /^([+-]?)(\d*)(\.\d*)?$/.exec(text) ?? []
  const negative = sign === '-'
  const whole = BigInt(digits === '' || digits === undefined ? 0 : digits)
  const rest = fraction === '' || fraction === '.' ? 0 : Number(fraction)
  addUnits(sum, unit, { whole: negative ? -whole : whole, fraction: negative ? -rest : rest })
}
