// to_number: a number read by a template (PostgreSQL's NUM_processor, input half).
//
// Digit fields take digits and the point where the text has them; a comma or G is skipped where one stands, but not
// with FM; other characters of the template skip one of the text each. A sign may stand before the first or after the
// last digit.

import { notSupported } from '../../core/error.ts'
import { type Numeric, numeric } from '../../core/value.ts'
import { constrain, multiply } from '../arithmetic/numeric.ts'
import { power } from '../arithmetic/numeric-power.ts'
import { parseNumeric } from '../text/numbers.ts'
import type { NumberField, NumberTemplate } from './number-template.ts'

const isDigit = (character: string | undefined): boolean => character !== undefined && /^[0-9]$/.test(character)

export class NumberReader {
  readonly #template: NumberTemplate
  readonly #text: string
  #at = 0
  #sign = ' '
  #digits = ''
  #before = 0
  #after = 0
  #pointRead = false

  constructor(template: NumberTemplate, text: string) {
    this.#template = template
    this.#text = text
  }

  read(): Numeric {
    const { parts, scientific, roman, before, shifted, shift } = this.#template
    if (scientific) throw notSupported('"EEEE" for input')
    if (roman) throw notSupported('"RN" for input')
    for (const part of parts) {
      if (this.#at >= this.#text.length) break
      if (part.kind === 'text') this.#skipCharacter()
      else this.#field(part.name)
    }
    const digits = this.#digits.endsWith('.') ? this.#digits.slice(0, -1) : this.#digits
    const value = constrain(parseNumeric(this.#sign + digits), before + shifted + this.#after, this.#after)
    return shift ? multiply(value, power(numeric(10n), numeric(BigInt(-shifted)))) : value
  }

  #skipCharacter(): void {
    this.#at += (this.#text.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1
  }

  /** Passes over so many characters that belong to no number. */
  #skipOther(count: number): void {
    for (let left = count; left > 0 && this.#at < this.#text.length; left--) {
      if ('0123456789.,+-'.includes(this.#text[this.#at]!)) return
      this.#skipCharacter()
    }
  }

  #field(name: NumberField): void {
    const next = this.#text[this.#at]
    switch (name) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.#digit(name === '9' || name === '0')
        this.#at++
        break
      case ',':
      case 'G':
        if (next === ',' && !this.#template.fill) this.#at++
        break
      case 'L':
        this.#skipOther(1)
        break
      case 'TH':
        if (this.#sign !== '-' && !this.#template.decimal) this.#skipOther(2)
        break
      case 'MI':
        this.#signField(next === '-')
        break
      case 'PL':
        this.#signField(next === '+')
        break
      case 'SG':
        this.#signField(next === '-' || next === '+')
        break
      default:
    }
  }

  #signField(found: boolean): void {
    if (!found) {
      this.#skipOther(1)
      return
    }
    this.#sign = this.#text[this.#at]!
    this.#at++
  }

  #digit(takesSign: boolean): void {
    if (this.#text[this.#at] === ' ') this.#at++
    if (takesSign && this.#sign === ' ' && this.#before + this.#after === 0) this.#leadingSign()
    const read = this.#digitOrPoint()
    if (read === 'full') return
    if (this.#sign === ' ' && this.#before + this.#after > 0) this.#trailingSign(read === 'read')
  }

  #leadingSign(): void {
    const { sign, brackets } = this.#template
    const next = this.#text[this.#at]
    const local = sign === 'before'
    if (next === '-' || (!local && brackets && next === '<')) this.#sign = '-'
    else if (next === '+') this.#sign = '+'
    else return
    this.#at++
  }

  /** `full`: no more digits belong after the point. */
  #digitOrPoint(): 'read' | 'nothing' | 'full' {
    const next = this.#text[this.#at]
    if (next === undefined) return 'full'
    if (isDigit(next)) {
      if (this.#pointRead && this.#after === this.#template.after) return 'full'
      this.#digits += next
      if (this.#pointRead) this.#after++
      else this.#before++
      return 'read'
    }
    if (!this.#template.decimal || this.#pointRead || next !== '.') return 'nothing'
    this.#digits += '.'
    this.#pointRead = true
    return 'read'
  }

  /** S is anchored to the last digit; MI, PL and SG may be met early. */
  #trailingSign(read: boolean): void {
    const { sign, plus, minus } = this.#template
    const next = this.#text[this.#at + 1]
    if (sign !== undefined) {
      if (!read || next === undefined || isDigit(next)) return
      if (next !== '-' && next !== '+') return
      this.#sign = next
      this.#at++
    } else if (!read && (plus || minus)) {
      const here = this.#text[this.#at]
      if (here === '-' || here === '+') this.#sign = here
    }
  }
}
