// Cuts the text of a date, time or interval into fields, and says what words in it mean.
//
//   "Mon Feb 10 17:32:01 1997 PST"  →  string date-part number time number string
//
// The cutting is PostgreSQL's (ParseDateTime): it looks only at characters, so '2024-01-02', '10.5', '-08:00' and
// 'America/New_York' are one field each, and what a field is in its place is decided later (datetime-decode.ts).

import { DatetimeFailure } from './datetime-errors.ts'

export type FieldKind = 'number' | 'string' | 'date' | 'time' | 'zone' | 'special'

export interface TextField {
  readonly kind: FieldKind
  /** Words in lower case. */
  readonly text: string
}

const FIELDS_MAX = 25

/** The fields in order; a failure of format where a character has no place. */
export function cutFields(text: string): TextField[] {
  const fields: TextField[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const blank = /^[\s]+/.exec(rest)
    if (blank !== null) {
      at += blank[0].length
      continue
    }
    const cut = cutField(rest)
    if (cut === undefined) {
      if (!/^[!-/:-@[-`{-~]/.test(rest)) throw new DatetimeFailure('format')
      at++ // stray punctuation
      continue
    }
    at += cut.length
    fields.push(cut.field)
    if (fields.length > FIELDS_MAX) throw new DatetimeFailure('format')
  }
  return fields
}

interface Cut {
  readonly length: number
  readonly field: TextField
}

const cut = (kind: FieldKind, match: string, text = match.toLowerCase()): Cut => ({
  length: match.length,
  field: { kind, text },
})

function cutField(rest: string): Cut | undefined {
  if (/^\d/.test(rest)) return cutNumber(rest)
  const fraction = /^\.\d*/.exec(rest)
  if (fraction !== null) return cut('number', fraction[0])
  if (/^[a-z]/i.test(rest)) return cutWord(rest)
  const sign = /^([+-])\s*(\d[\d:.-]*|[a-z]+)?/i.exec(rest)
  if (sign === null) return undefined
  const [match, plusMinus, body] = sign
  if (body === undefined) throw new DatetimeFailure('format')
  return cut(/^\d/.test(body) ? 'zone' : 'special', match, plusMinus! + body.toLowerCase())
}

function cutNumber(rest: string): Cut {
  const digits = /^\d+/.exec(rest)![0]
  const next = rest[digits.length]
  if (next === ':') return cut('time', /^\d+[\d:.]*/.exec(rest)![0])
  if (next !== '-' && next !== '/' && next !== '.') return cut('number', digits)
  const separator = next === '.' ? '\\.' : next
  const numeric = new RegExp(`^\\d+${separator}\\d+`).exec(rest)
  if (numeric === null) return cut('date', new RegExp(`^\\d+${separator}[a-z0-9${separator}]*`, 'i').exec(rest)![0])
  if (rest[numeric[0].length] === next)
    return cut('date', new RegExp(`^\\d+${separator}\\d+[\\d${separator}]+`).exec(rest)![0])
  return cut(next === '.' ? 'number' : 'date', numeric[0])
}

function cutWord(rest: string): Cut {
  const letters = /^[a-z]+/i.exec(rest)![0]
  const next = rest[letters.length] ?? ''
  const compound = /[-/.]/.test(next) || (/[+\d]/.test(next) && wordMeaning(letters.toLowerCase()) === undefined)
  if (!compound) return cut('string', letters)
  return cut('date', /^[a-z]+[-+/_.:a-z0-9]*/i.exec(rest)![0])
}

export type Unit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'julian' | 'time' | 'dow' | 'doy'

export type Word =
  | { readonly kind: 'month'; readonly month: number }
  | { readonly kind: 'weekday' }
  | { readonly kind: 'meridian'; readonly pm: boolean }
  | { readonly kind: 'era'; readonly bc: boolean }
  | { readonly kind: 'unit'; readonly unit: Unit }
  | { readonly kind: 'isoTime' }
  | { readonly kind: 'dst' }
  | { readonly kind: 'ignore' }
  | { readonly kind: 'now' | 'today' | 'tomorrow' | 'yesterday' | 'allballs' | 'epoch' | 'infinity' | '-infinity' }

const MONTHS = 'january february march april may june july august september october november december'.split(' ')
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ')

const words = new Map<string, Word>()
for (const [i, name] of MONTHS.entries()) {
  words.set(name, { kind: 'month', month: i + 1 })
  words.set(name.slice(0, 3), { kind: 'month', month: i + 1 })
}
words.set('sept', { kind: 'month', month: 9 })
for (const name of [...WEEKDAYS, 'tues', 'weds', 'thur', 'thurs'])
  for (const form of [name, name.slice(0, 3)]) words.set(form, { kind: 'weekday' })
for (const special of ['now', 'today', 'tomorrow', 'yesterday', 'allballs', 'epoch', 'infinity', '-infinity'] as const)
  words.set(special, { kind: special })
const UNITS: Readonly<Record<string, Unit>> = {
  d: 'day',
  dow: 'dow',
  doy: 'doy',
  isodow: 'dow',
  isoyear: 'year',
  h: 'hour',
  j: 'julian',
  jd: 'julian',
  julian: 'julian',
  m: 'month',
  mm: 'minute',
  s: 'second',
  y: 'year',
}
for (const [name, unit] of Object.entries(UNITS)) words.set(name, { kind: 'unit', unit })
words.set('am', { kind: 'meridian', pm: false })
words.set('pm', { kind: 'meridian', pm: true })
words.set('ad', { kind: 'era', bc: false })
words.set('bc', { kind: 'era', bc: true })
words.set('t', { kind: 'isoTime' })
words.set('dst', { kind: 'dst' })
words.set('at', { kind: 'ignore' })
words.set('on', { kind: 'ignore' })

/** Words are told apart by their first ten letters. */
const WORD_LENGTH = 10

/** What a word (in lower case) of a date or time means; undefined where it is none. */
export const wordMeaning = (word: string): Word | undefined => words.get(word.slice(0, WORD_LENGTH))
