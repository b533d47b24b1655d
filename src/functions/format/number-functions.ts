// to_char of numbers and to_number. Integers and NUMERIC are exact; doubles show no more digits than they have.

import { type Numeric, numeric } from '../../core/value.ts'
import { roundHalfEven } from '../arithmetic/float.ts'
import { multiply, numericText, round, toInteger } from '../arithmetic/numeric.ts'
import { integerOutOfRange } from '../math/integer-kind.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { type NumberTemplate, parseNumberTemplate } from './number-template.ts'
import { type Digits, NumberPrinter } from './print-number.ts'
import { NumberReader } from './read-number.ts'

/** A template that stays the same is read once. */
function remembering(): (template: string) => NumberTemplate {
  let last: { readonly text: string; readonly template: NumberTemplate } | undefined
  return (text) => {
    if (last === undefined || last.text !== text) last = { text, template: parseNumberTemplate(text) }
    return last.template
  }
}

const templateOf = remembering()

/** Digits before the point that do not fit become #. */
function laidOut(text: string, template: NumberTemplate): Digits {
  const negative = text.startsWith('-')
  const unsigned = negative ? text.slice(1) : text
  const point = unsigned.indexOf('.')
  const length = point < 0 ? unsigned.length : point
  if (length > template.before)
    return { text: `${'#'.repeat(template.before)}.${'#'.repeat(template.after)}`, negative, blanks: 0 }
  return { text: unsigned, negative, blanks: template.before - length }
}

const romanDigits = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
] as const

function roman(value: number): Digits {
  if (value > 3999 || value < 1) return { text: '#'.repeat(15), negative: false, blanks: 0 }
  let text = ''
  let rest = value
  for (const [size, digit] of romanDigits)
    while (rest >= size) {
      text += digit
      rest -= size
    }
  return { text, negative: false, blanks: 0 }
}

/** What cannot be shown with an exponent. */
const crossed = ({ before, after }: NumberTemplate): string => ` ${'#'.repeat(before)}.${'#'.repeat(after + 4)}`

/** d.ddde+xx with at least two digits of exponent and a blank for +; 9.995 rounds to 10e+00, as in PostgreSQL. */
function scientific(value: Numeric, template: NumberTemplate): Digits {
  const done = (text: string): Digits => ({ text, negative: false, blanks: 0 })
  if (value.special !== undefined) return done(crossed(template))
  const negative = value.digits < 0n
  const digits = (negative ? -value.digits : value.digits).toString()
  const exponent = value.digits === 0n ? 0 : digits.length - 1 - value.scale
  const mantissa = round(numeric(BigInt(digits), digits.length - 1), template.after)
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return done(`${negative ? '-' : ' '}${numericText(mantissa)}e${exponent < 0 ? '-' : '+'}${size}`)
}

/** V multiplies by a power of ten. */
const shifted = (template: NumberTemplate): NumberTemplate =>
  template.shift ? { ...template, before: template.before + template.shifted } : template

function numericDigits(value: Numeric, template: NumberTemplate): Digits {
  if (template.roman) return roman(Number(toInteger(round(value), 32, 'integer')))
  if (template.scientific) return scientific(value, template)
  const product = template.shift ? multiply(value, numeric(10n ** BigInt(template.shifted))) : value
  return laidOut(numericText(round(product, template.after)), shifted(template))
}

/** What V makes of an integer must be one of the type. */
function integerDigits(value: bigint, template: NumberTemplate, kind: 'int4' | 'int8'): Digits {
  const product = value * 10n ** BigInt(template.shifted)
  if (template.shift && BigInt.asIntN(kind === 'int4' ? 32 : 64, product) !== product) throw integerOutOfRange(kind)
  if (template.scientific && kind === 'int4')
    return { text: exponential(Number(value), template.after), negative: false, blanks: 0 }
  return numericDigits(numeric(value), template)
}

function print(text: string, digitsOf: (template: NumberTemplate) => Digits): string {
  if (text === '') return ''
  const template = templateOf(text)
  const digits = digitsOf(template)
  return new NumberPrinter(shifted(template), digits).print()
}

/** Significant digits that doubles and REALs surely have. */
const PRECISION = { float8: 15, float4: 6 } as const

function floatDigits(value: number, template: NumberTemplate, precision: number): Digits & { readonly after: number } {
  if (template.roman) {
    const whole = roundHalfEven(value)
    return { ...roman(whole >= 1 && whole <= 3999 ? whole : 0), after: template.after }
  }
  if (template.scientific) {
    const text = Number.isFinite(value) ? exponential(value, template.after) : crossed(template)
    return { text, negative: false, blanks: 0, after: template.after }
  }
  const wide = template.shift ? value * 10 ** template.shifted : value
  const product = precision === PRECISION.float4 ? Math.fround(wide) : wide
  if (!Number.isFinite(product)) {
    const name = Number.isNaN(product) ? 'NaN' : 'Infinity'
    const after = digitsAfter(name.length, template, precision)
    return { ...laidOut(product < 0 ? `-${name}` : name, { ...shifted(template), after }), after }
  }
  const after = digitsAfter(fixed(Math.abs(product), 0).length, template, precision)
  return { ...laidOut(fixed(product, after), { ...shifted(template), after }), after }
}

/** No more than the type has beside those before the point. */
const digitsAfter = (before: number, template: NumberTemplate, precision: number): number =>
  before >= precision ? 0 : Math.min(template.after, precision - before)

function exponential(value: number, after: number): string {
  const [mantissa, exponent] = value.toExponential(Math.min(after, 100)).split('e') as [string, string]
  const sign = exponent.startsWith('-') ? '-' : '+'
  return `${value < 0 ? '' : ' '}${mantissa}e${sign}${exponent.slice(1).padStart(2, '0')}`
}

/** C's %.nf: the exact value rounded half to even, in full. */
function fixed(value: number, after: number): string {
  const exact = exactDecimal(Math.abs(value))
  const rounded = roundHalfEvenTo(exact, after)
  return (value < 0 ? '-' : '') + numericText(rounded)
}

/** A double is a whole number over a power of two, which is a power of five over one of ten. */
function exactDecimal(value: number): Numeric {
  let scaled = value
  let scale = 0
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    scale++
  }
  return numeric(BigInt(scaled) * 5n ** BigInt(scale), scale)
}

function roundHalfEvenTo({ digits, scale }: Numeric, after: number): Numeric {
  if (scale <= after) return numeric(digits * 10n ** BigInt(after - scale), after)
  const unit = 10n ** BigInt(scale - after)
  const whole = digits / unit
  const rest = (digits % unit) * 2n
  const up = rest > unit || (rest === unit && whole % 2n === 1n)
  return numeric(up ? whole + 1n : whole, after)
}

function printFloat(value: number, text: string, precision: number): string {
  if (text === '') return ''
  const template = templateOf(text)
  const digits = floatDigits(value, template, precision)
  return new NumberPrinter({ ...shifted(template), after: digits.after }, digits).print()
}

function readNumber(text: string, template: string): Numeric | null {
  return template === '' ? null : new NumberReader(templateOf(template), text).read()
}

export const numberFormatFunctions: readonly ScalarFunction[] = [
  strict('to_char', ['numeric', 'text'], 'text', {
    doc: 'The number by a template.',
    example: "to_char(-125.8, '999D99S') = '125.80-'",
    evaluate: (value: Numeric, text: string) => print(text, (template) => numericDigits(value, template)),
  }),
  ...(['int4', 'int8'] as const).map((kind) =>
    strict('to_char', [kind, 'text'], 'text', {
      doc: 'The number by a template.',
      example: `to_char(1485::${kind}, '9,999') = ' 1,485'`,
      evaluate: (value: number | bigint, text: string) =>
        print(text, (template) => integerDigits(BigInt(value), template, kind)),
    }),
  ),
  ...(['float4', 'float8'] as const).map((kind) =>
    strict('to_char', [kind, 'text'], 'text', {
      doc: 'The number by a template.',
      example: `to_char('125.5'::${kind}, 'FM999D9') = '125.5'`,
      evaluate: (value: number, text: string) => printFloat(value, text, PRECISION[kind]),
    }),
  ),
  strict('to_number', ['text', 'text'], 'numeric', {
    doc: 'The number that a text means by a template.',
    example: "to_number('12,454.8-', '99G999D9S') = -12454.8",
    evaluate: readNumber,
  }),
]
