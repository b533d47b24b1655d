// to_char of numbers: the digits of a rounded number laid into a template (PostgreSQL's NUM_processor).
//
// The number comes as digits with a point; it was rounded to the template's digits, and is all # where it does not fit.
// Each digit field takes one character: a blank or zero while the number has not begun, then a digit or the point. The
// sign is written where the first digit stands, unless a field of its own says where.

import { SqlError } from '../../core/error.ts'
import { ordinalOf } from './names.ts'
import type { NumberPart, NumberTemplate } from './number-template.ts'

export interface Digits {
  /** `12.50`, without a sign; `##.##` where it does not fit; a Roman number; a complete number with exponent. */
  readonly text: string
  readonly negative: boolean
  /** How many digit fields before the point stay empty. */
  readonly blanks: number
}

const noNumber = (text: string): SqlError => new SqlError({ code: '22P02', message: `"${text}" is not a number` })

/** The last digit after the point that is not a trailing zero, or the point; −1 without a point. */
function lastRelevant(text: string): number {
  const point = text.indexOf('.')
  if (point < 0) return -1
  let last = point
  for (let i = point + 1; i < text.length; i++) if (text[i] !== '0') last = i
  return last
}

export class NumberPrinter {
  readonly #template: NumberTemplate
  readonly #digits: Digits
  readonly #zeroStart: number
  readonly #brackets: boolean
  readonly #sign: NumberTemplate['sign']
  readonly #relevant: number
  readonly #count: number
  #signWritten: boolean
  /** Digit fields done, characters of the number taken, and whether a digit was written just now. */
  #fields = 0
  #at = 0
  #inNumber = false
  #output = ''
  /** A digit field beyond the number's end ends the text, as the zero byte does that PostgreSQL writes there. */
  #ended = false

  constructor(template: NumberTemplate, digits: Digits) {
    const { plus, minus, fill, sign, brackets } = template
    this.#template = template
    this.#digits = digits
    this.#zeroStart = template.zeroStart - 1
    this.#brackets = brackets && !(fill && !digits.negative)
    this.#sign = sign === 'before' && template.before === template.digitsBeforeSign ? 'after' : sign
    this.#signWritten = plus || minus ? minus : !digits.negative && fill && sign === undefined
    this.#relevant = fill && template.decimal ? this.#lastShown() : -1
    this.#count = template.after + template.before - 1 + (!this.#signWritten && digits.blanks === 0 ? 1 : 0)
  }

  /** Zeros that a 0 field asks for are shown, too. */
  #lastShown(): number {
    const { text, blanks } = this.#digits
    const last = lastRelevant(text)
    const { zeroEnd } = this.#template
    return last >= 0 && zeroEnd > blanks ? Math.max(last, Math.min(text.length - 1, zeroEnd - blanks)) : last
  }

  print(): string {
    const { scientific, roman, parts } = this.#template
    if (scientific) return this.#digits.text
    for (const part of parts) {
      if (this.#ended) break
      if (part.kind === 'text') this.#output += part.text
      else if (roman) this.#roman(part)
      else this.#field(part)
    }
    return this.#output
  }

  /** A Roman number stands alone; ordinals and signs do not go with it. */
  #roman({ name, lower }: Extract<NumberPart, { kind: 'field' }>): void {
    const { text } = this.#digits
    const fill = this.#template.fill
    if (name === 'RN') this.#output += (lower ? text.toLowerCase() : text).padStart(fill ? 0 : 15)
    else if (name === ',' || name === 'G' || name === 'MI' || name === 'PL') this.#output += fill ? '' : ' '
    else if (name === 'L') this.#output += ' '
    else if (name === 'SG') this.#ended = true
  }

  #field({ name, lower }: Extract<NumberPart, { kind: 'field' }>): void {
    const { fill, decimal } = this.#template
    const { text, negative } = this.#digits
    switch (name) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.#digit(name === '0')
        break
      case ',':
      case 'G':
        this.#output += this.#inNumber ? ',' : fill ? '' : ' '
        break
      case 'L':
        this.#output += ' '
        break
      case 'TH':
        if (text[0] === '#' || negative || decimal) break
        if (!/\d$/.test(text)) throw noNumber(text)
        this.#output += ordinalOf(text, lower ? 'th' : 'TH')
        break
      case 'MI':
        this.#output += negative ? '-' : fill ? '' : ' '
        break
      case 'PL':
        this.#output += negative ? (fill ? '' : ' ') : '+'
        break
      case 'SG':
        this.#output += negative ? '-' : '+'
        break
      default:
    }
  }

  /** `9.9` shows a 0 before the point as a blank. */
  #isSilentZero(): boolean {
    const { zeroStart, after } = this.#template
    return zeroStart === 0 && this.#at === 0 && this.#digits.text[0] === '0' && after !== 0
  }

  #digit(zeroField: boolean): void {
    const { fill, zeroStart } = this.#template
    const { text, blanks } = this.#digits
    const zeros = zeroStart !== 0
    this.#inNumber = false
    this.#writeSign()
    if (this.#fields < blanks && (!zeros || this.#zeroStart > this.#fields)) this.#output += fill ? '' : ' '
    else if (this.#fields < blanks) {
      this.#output += '0'
      this.#inNumber = true
    } else {
      if (text[this.#at] === '.') this.#output += '.'
      else this.#writeDigit(zeroField)
      if (this.#at < text.length) this.#at++
    }
    if (!this.#ended) this.#closeSign()
    this.#fields++
  }

  #writeDigit(zeroField: boolean): void {
    const { fill } = this.#template
    const { text } = this.#digits
    if (this.#relevant >= 0 && this.#at > this.#relevant && !zeroField) return
    if (this.#isSilentZero()) {
      if (!fill) this.#output += ' '
      else if (text[this.#relevant] === '.') this.#output += '0'
      return
    }
    this.#output += text[this.#at] ?? ''
    this.#ended = this.#at >= text.length
    this.#inNumber = true
  }

  /** Before the first digit, or the first zero. */
  #writeSign(): void {
    const { fill, zeroStart } = this.#template
    const { text, negative, blanks } = this.#digits
    const begins = this.#fields >= blanks || (zeroStart !== 0 && this.#zeroStart === this.#fields)
    const pointAlone = this.#relevant >= 0 && text[this.#relevant] === '.'
    if (this.#signWritten || !begins || (this.#isSilentZero() && !pointAlone)) return
    if (this.#sign !== undefined) {
      if (this.#sign === 'after') return
      this.#output += negative ? '-' : '+'
    } else if (this.#brackets) this.#output += negative ? '<' : ' '
    else if (negative) this.#output += '-'
    else if (!fill) this.#output += ' '
    this.#signWritten = true
  }

  /** After the last digit. */
  #closeSign(): void {
    const { decimal } = this.#template
    const { negative, blanks } = this.#digits
    let end = this.#count + (blanks > 0 ? 1 : 0) + (decimal ? 1 : 0)
    if (this.#relevant >= 0 && this.#relevant === this.#at) end = this.#fields
    if (this.#fields + 1 !== end) return
    if (this.#signWritten && this.#brackets) this.#output += negative ? '>' : ' '
    else if (this.#sign === 'after') this.#output += negative ? '-' : '+'
  }
}
