// to_date and to_timestamp: a text read by a template (PostgreSQL's DCH_from_char).
//
// Without FX, blanks before fields are skipped, and a blank or separator of the template matches one of the text or
// nothing; other literal characters match any character. Numbers take the digits of their field, or all there are where
// no digit can follow.

import { SqlError } from '../../core/error.ts'
import { days, months, romanMonths } from './names.ts'
import { endsWithDigits, type FieldName, type TemplateField, type TemplatePart } from './template.ts'

/** What a text said, each field once; 0 or undefined where it said nothing. */
export interface Reading {
  mode: 'gregorian' | 'iso' | undefined
  values: Map<string, number>
  /** Width of the year: 4 for YYYY, 2 for YY. */
  yearWidth: number
  twelveHours: boolean
  zoneSign: number
  /** Digits of the fraction by FF1 … FF6; 0: not asked. */
  precision: number
}

const wrong = (message: string, detail?: string, hint?: string): SqlError =>
  new SqlError({ code: '22007', message, detail, hint })
const tooShort = (field: string, wanted: number, left: number): SqlError =>
  wrong(
    `source string too short for "${field}" formatting field`,
    `Field requires ${wanted} characters, but only ${left} remain.`,
    'If your source string is not fixed-width, try using the "FM" modifier.',
  )
const tooFewDigits = (text: string, field: string, wanted: number, found: number): SqlError =>
  wrong(
    `invalid value "${text}" for "${field}"`,
    `Field requires ${wanted} characters, but only ${found} could be parsed.`,
    'If your source string is not fixed-width, try using the "FM" modifier.',
  )
const noInteger = (text: string, field: string): SqlError =>
  wrong(`invalid value "${text}" for "${field}"`, 'Value must be an integer.')
const outOfRange = (field: string): SqlError =>
  new SqlError({
    code: '22008',
    message: `value for "${field}" in source string is out of range`,
    detail: 'Value must be in the range -2147483648 to 2147483647.',
  })
const conflict = (field: string): SqlError =>
  wrong(
    `conflicting values for "${field}" field in formatting string`,
    'This value contradicts a previous setting for the same field type.',
  )
const noName = (text: string, field: string): SqlError =>
  wrong(
    `invalid value "${text}" for "${field}"`,
    'The given value did not match any of the allowed values for this field.',
  )
const mixedConventions = (): SqlError =>
  wrong(
    'invalid combination of date conventions',
    undefined,
    'Do not mix Gregorian and ISO week date conventions in a formatting template.',
  )
const onlyInToChar = (field: string): SqlError =>
  new SqlError({ code: '0A000', message: `formatting field "${field}" is only supported in to_char` })
const badThousands = (): SqlError => wrong('invalid input string for "Y,YYY"')

const isoFields: ReadonlySet<FieldName> = new Set<FieldName>(['ID', 'IDDD', 'IW', 'IYYY'])
const gregorianFields: ReadonlySet<FieldName> = new Set<FieldName>([
  'DDD',
  'DD',
  'D',
  'MM',
  'MONTH',
  'MON',
  'RM',
  'WW',
  'W',
  'Y,YYY',
  'YYYY',
])

export class TemplateReader {
  readonly reading: Reading = {
    mode: undefined,
    values: new Map(),
    yearWidth: 0,
    twelveHours: false,
    zoneSign: 0,
    precision: 0,
  }
  readonly #text: string
  readonly #parts: readonly TemplatePart[]
  #at = 0
  #exact = false
  /** Characters of the text that were skipped beyond what the template asks. */
  #skipped = 0

  constructor(text: string, parts: readonly TemplatePart[]) {
    this.#text = text
    this.#parts = parts
  }

  read(): Reading {
    for (const [i, part] of this.#parts.entries()) {
      if (this.#at >= this.#text.length) break
      const isField = part.kind === 'field'
      if (!this.#exact && !(isField && part.name === 'FX') && (isField || i === 0)) this.#skipBlanks()
      if (!isField) this.#literal(part.kind)
      else {
        this.#field(part, i)
        if (!this.#exact) {
          this.#skipped = 0
          this.#skipBlanks()
        }
      }
    }
    return this.reading
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) {
      this.#at++
      this.#skipped++
    }
  }

  #literal(kind: 'character' | 'separator' | 'space'): void {
    const character = this.#text.codePointAt(this.#at)
    const width = character !== undefined && character > 0xffff ? 2 : 1
    if (this.#exact) this.#at += width
    else if (kind === 'character') {
      if (this.#skipped > 0) this.#skipped--
      else this.#at += width
    } else {
      this.#skipped--
      if (/[\s!-/:-@[-`{-~]/.test(this.#text[this.#at] ?? '')) {
        this.#at++
        this.#skipped++
      }
    }
  }

  #field(field: TemplateField, index: number): void {
    this.#convention(field.name)
    switch (field.name) {
      case 'FX':
        this.#exact = true
        return
      case 'TZ':
      case 'OF':
        throw onlyInToChar(field.text)
      case 'AM':
        this.#set('PM', this.#name(['am', 'pm', 'a.m.', 'p.m.'], field, 4) % 2, field)
        this.reading.twelveHours = true
        return
      case 'AD':
        this.#set('BC', this.#name(['ad', 'bc', 'a.d.', 'b.c.'], field, 4) % 2, field)
        return
      case 'MONTH':
        this.#set('MM', this.#name(months, field) + 1, field)
        return
      case 'MON':
        this.#set('MM', this.#name(months, field, 3) + 1, field)
        return
      case 'RM':
        this.#set('MM', 12 - this.#name(romanMonths, field), field)
        return
      case 'DAY':
        this.#day(this.#name(days, field), field)
        return
      case 'DY':
        this.#day(this.#name(days, field, 3), field)
        return
      case 'TZH':
        this.#zoneHours(field, index)
        return
      default:
        this.#number(field, index)
        if (field.ordinal !== undefined) this.#at = Math.min(this.#at + 2, this.#text.length)
    }
  }

  #convention(name: FieldName): void {
    const mode = isoFields.has(name) ? 'iso' : gregorianFields.has(name) ? 'gregorian' : undefined
    if (mode === undefined) return
    if (this.reading.mode !== undefined && this.reading.mode !== mode) throw mixedConventions()
    this.reading.mode = mode
  }

  /** A field may be given twice, but not with two values. What is kept may differ from what was read. */
  #set(name: string, value: number, field: TemplateField, kept = value): void {
    const { values } = this.reading
    const known = values.get(name) ?? 0
    if (known !== 0 && known !== value) throw conflict(field.text)
    values.set(name, kept)
  }

  /** The index of the first name that stands here in whatever case; `length` cuts the names. */
  #name(names: readonly string[], field: TemplateField, length = 99): number {
    const rest = this.#text.slice(this.#at).toLowerCase()
    // Names with dots stand after those without.
    const index = names.findIndex((name) => rest.startsWith(name.slice(0, length).toLowerCase()))
    const dotted = names.findIndex((name) => name.includes('.') && rest.startsWith(name))
    const found = field.text.includes('.') ? dotted : index
    if (found < 0) throw noName(this.#word(), field.text)
    this.#at += names[found]!.slice(0, length).length
    return found
  }

  #day(index: number, field: TemplateField): void {
    this.#set('D', index, field, index + 1)
  }

  #word(): string {
    return /^\S*/.exec(this.#text.slice(this.#at))![0]
  }

  #zoneHours(field: TemplateField, index: number): void {
    const sign = this.#text[this.#at]
    if (sign === '+' || sign === '-' || sign === ' ') {
      this.reading.zoneSign = sign === '-' ? -1 : 1
      this.#at++
    } else this.reading.zoneSign = this.#skipped > 0 && this.#text[this.#at - 1] === '-' ? -1 : 1
    this.#set('TZH', this.#integer(field, index, 2).value, field)
  }

  #number(field: TemplateField, index: number): void {
    switch (field.name) {
      case 'MS':
      case 'US':
      case 'FF': {
        const digits = field.name === 'MS' ? 3 : field.name === 'US' ? 6 : field.digits
        if (field.name === 'FF') this.reading.precision = digits
        const { value, length } = this.#integer(field, index, digits)
        const scaled = value * 10 ** Math.max(0, (field.name === 'MS' ? 3 : 6) - length)
        this.#set(field.name === 'MS' ? 'MS' : 'US', value, field, scaled)
        return
      }
      case 'TZM':
        this.reading.zoneSign ||= 1
        this.#set('TZM', this.#integer(field, index, 2).value, field)
        return
      case 'Y,YYY':
        this.#thousands(field)
        return
      case 'YYYY':
      case 'IYYY':
        this.#year(field, index)
        return
      case 'ID': {
        // Monday is 1 in ISO's count, Sunday in the other.
        const { value } = this.#integer(field, index, 1)
        this.#set('D', value, field, value >= 7 ? 1 : value + 1)
        return
      }
      case 'Q':
        this.#integer(field, index, 1)
        return
      case 'HH12':
        this.reading.twelveHours = true
        this.#set('HH', this.#integer(field, index, 2).value, field)
        return
      case 'HH24':
        this.#set('HH', this.#integer(field, index, 2).value, field)
        return
      case 'IDDD':
        this.#set('DDD', this.#integer(field, index, 3).value, field)
        return
      case 'IW':
        this.#set('WW', this.#integer(field, index, 2).value, field)
        return
      default:
        this.#set(field.name, this.#integer(field, index, field.text.length).value, field)
        return
    }
  }

  #thousands(field: TemplateField): void {
    const match = /^\s*([+-]?\d+),(\d{1,3})/.exec(this.#text.slice(this.#at))
    if (match === null) throw badThousands()
    this.#at += match[0].length
    this.#set('YYYY', Number(match[1]) * 1000 + Number(match[2]), field)
    this.reading.yearWidth = 4
  }

  #year(field: TemplateField, index: number): void {
    const { value, length } = this.#integer(field, index, field.digits)
    this.#set('YYYY', value, field, field.digits < 4 && length < 4 ? nearestYear(value) : value)
    this.reading.yearWidth = field.digits
  }

  #integer(field: TemplateField, index: number, width: number): { readonly value: number; readonly length: number } {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
    const start = this.#at
    const rest = this.#text.slice(start)
    const free = field.fill || endsWithDigits(this.#parts, index)
    const source = free ? rest : rest.slice(0, width)
    if (!free && source.length < width) throw tooShort(field.text, width, source.length)
    const digits = /^\s*[+-]?\d+/.exec(source)?.[0]
    if (digits === undefined) throw noInteger(free ? this.#word().slice(0, width) : source, field.text)
    if (!free && digits.length < width) throw tooFewDigits(source, field.text, width, digits.length)
    const value = Number(digits)
    if (value > 2147483647 || value < -2147483648) throw outOfRange(field.text)
    this.#at = start + digits.length
    return { value, length: digits.length }
  }
}

/** The year nearest to 2020 that ends in these digits. */
function nearestYear(year: number): number {
  if (year < 70) return year + 2000
  if (year < 100) return year + 1900
  if (year < 520) return year + 2000
  return year < 1000 ? year + 1000 : year
}
