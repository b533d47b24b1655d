// Templates of to_char and to_number over numbers (PostgreSQL 15, table 9.27), and what they say together.
//
//   FM9G990D99MI   →   fields FM 9 G 9 9 0 D 9 9 MI; 4 digits before the point, 2 after, zeros from the 4th, sign after
//
// The counts and flags are those of PostgreSQL's NUMDesc; so are the combinations that are refused (42601).

import { SqlError } from '../../core/error.ts'

export type NumberField =
  | ','
  | '.'
  | '0'
  | '9'
  | 'B'
  | 'C'
  | 'D'
  | 'EEEE'
  | 'FM'
  | 'G'
  | 'L'
  | 'MI'
  | 'PL'
  | 'PR'
  | 'RN'
  | 'SG'
  | 'SP'
  | 'S'
  | 'TH'
  | 'V'

export type NumberPart =
  | { readonly kind: 'field'; readonly name: NumberField; readonly lower: boolean }
  | { readonly kind: 'text'; readonly text: string }

export interface NumberTemplate {
  readonly parts: readonly NumberPart[]
  /** Digits before and after the point, and those that V adds. */
  readonly before: number
  readonly after: number
  readonly shifted: number
  /** The digit, from 1, from which zeros are shown; 0: none. The last digit that is one. */
  readonly zeroStart: number
  readonly zeroEnd: number
  /** S before or after the number, and after how many digits it stands. */
  readonly sign: 'before' | 'after' | undefined
  readonly digitsBeforeSign: number
  readonly fill: boolean
  readonly blank: boolean
  readonly decimal: boolean
  readonly minus: boolean
  readonly plus: boolean
  readonly brackets: boolean
  readonly roman: boolean
  readonly scientific: boolean
  readonly shift: boolean
}

type Building = { -readonly [Key in keyof NumberTemplate]: NumberTemplate[Key] }

/** Longer spellings first. */
const fields: readonly NumberField[] = [
  'EEEE',
  'FM',
  'MI',
  'PL',
  'PR',
  'RN',
  'SG',
  'SP',
  'TH',
  ',',
  '.',
  '0',
  '9',
  'B',
  'C',
  'D',
  'G',
  'L',
  'S',
  'V',
]

const refused = (message: string, detail?: string): SqlError => new SqlError({ code: '42601', message, detail })

function fieldAt(template: string, at: number): { readonly name: NumberField; readonly text: string } | undefined {
  for (const name of fields)
    for (const text of [name, name.toLowerCase()]) if (template.startsWith(text, at)) return { name, text }
  return undefined
}

export function parseNumberTemplate(template: string): NumberTemplate {
  const parts: NumberPart[] = []
  const result: Building = {
    parts,
    before: 0,
    after: 0,
    shifted: 0,
    zeroStart: 0,
    zeroEnd: 0,
    sign: undefined,
    digitsBeforeSign: 0,
    fill: false,
    blank: false,
    decimal: false,
    minus: false,
    plus: false,
    brackets: false,
    roman: false,
    scientific: false,
    shift: false,
  }
  let at = 0
  while (at < template.length) {
    const found = fieldAt(template, at)
    if (found !== undefined) {
      add(result, found.name)
      parts.push({ kind: 'field', name: found.name, lower: found.text !== found.name })
      at += found.text.length
    } else at = literalAt(template, at, parts)
  }
  return result
}

function literalAt(template: string, start: number, parts: NumberPart[]): number {
  let at = start
  if (template[at] === '"') {
    at++
    while (at < template.length && template[at] !== '"') {
      if (template[at] === '\\' && at + 1 < template.length) at++
      const character = String.fromCodePoint(template.codePointAt(at)!)
      parts.push({ kind: 'text', text: character })
      at += character.length
    }
    return at + 1
  }
  if (template[at] === '\\' && template[at + 1] === '"') at++
  const character = String.fromCodePoint(template.codePointAt(at)!)
  parts.push({ kind: 'text', text: character })
  return at + character.length
}

function add(template: Building, name: NumberField): void {
  if (template.scientific && name !== 'EEEE') throw refused('"EEEE" must be the last pattern used')
  switch (name) {
    case '9':
    case '0':
      addDigit(template, name)
      break
    case 'B':
      if (template.before === 0 && template.after === 0 && template.zeroStart === 0) template.blank = true
      break
    case 'D':
    case '.':
      if (template.decimal) throw refused('multiple decimal points')
      if (template.shift) throw refused('cannot use "V" and decimal point together')
      template.decimal = true
      break
    case 'FM':
      template.fill = true
      break
    case 'S':
    case 'MI':
    case 'PL':
    case 'SG':
    case 'PR':
      addSign(template, name)
      break
    case 'RN':
      template.roman = true
      break
    case 'V':
      if (template.decimal) throw refused('cannot use "V" and decimal point together')
      template.shift = true
      break
    case 'EEEE':
      addScientific(template)
      break
    default:
  }
}

function addDigit(template: Building, name: '9' | '0'): void {
  if (template.brackets) throw refused(`"${name}" must be ahead of "PR"`)
  if (name === '9' && template.shift) {
    template.shifted++
    return
  }
  if (name === '0' && template.zeroStart === 0 && !template.decimal) template.zeroStart = template.before + 1
  if (template.decimal) template.after++
  else template.before++
  if (name === '0') template.zeroEnd = template.before + template.after
}

function addSign(template: Building, name: 'S' | 'MI' | 'PL' | 'SG' | 'PR'): void {
  const { sign, minus, plus, brackets } = template
  if (name === 'S') {
    if (sign !== undefined) throw refused('cannot use "S" twice')
    if (plus || minus || brackets) throw refused('cannot use "S" and "PL"/"MI"/"SG"/"PR" together')
    template.sign = template.decimal ? 'after' : 'before'
    if (!template.decimal) template.digitsBeforeSign = template.before
    return
  }
  if (name === 'PR') {
    if (sign !== undefined || plus || minus) throw refused('cannot use "PR" and "S"/"PL"/"MI"/"SG" together')
    template.brackets = true
    return
  }
  if (sign !== undefined) throw refused(`cannot use "S" and "${name}" together`)
  if (name !== 'PL') template.minus = true
  if (name !== 'MI') template.plus = true
}

function addScientific(template: Building): void {
  const { blank, fill, sign, brackets, minus, plus, roman, shift } = template
  if (template.scientific) throw refused('cannot use "EEEE" twice')
  if (blank || fill || sign !== undefined || brackets || minus || plus || roman || shift)
    throw refused(
      '"EEEE" is incompatible with other formats',
      '"EEEE" may only be used together with digit and decimal point patterns.',
    )
  template.scientific = true
}
