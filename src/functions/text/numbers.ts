// Booleans, integers, floating-point numbers and NUMERIC as text: PostgreSQL's boolin, int4in, float8in, numeric_in and
// their counterparts. White space around a number is skipped; everything else must be part of it.

import { invalidText, SqlError } from '../../core/error.ts'
import { type Numeric, numeric } from '../../core/value.ts'
import { exponentialHalfEven } from '../arithmetic/float.ts'
import { checkedNumeric, INFINITY, MINUS_INFINITY, NAN, numericOverflow, SCALE_MAX } from '../arithmetic/numeric.ts'

const BLANKS = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g
export const trimBlanks = (text: string): string => text.replace(BLANKS, '')

/** 22003 for digits that make a number beyond the type. */
const valueOutOfRange = (type: string, text: string): SqlError =>
  new SqlError({ code: '22003', message: `value "${text}" is out of range for type ${type}` })

const floatOutOfRange = (type: string, text: string): SqlError =>
  new SqlError({ code: '22003', message: `"${text}" is out of range for type ${type}` })

const BOOLEANS = ['true', 'yes', 'on', '1', 'false', 'no', 'off', '0']
const TRUE_WORDS = 4

export function parseBoolean(text: string): boolean {
  const word = trimBlanks(text).toLowerCase()
  const found = word === 'o' || word === '' ? -1 : BOOLEANS.findIndex((known) => known.startsWith(word))
  if (found < 0) throw invalidText('boolean', text)
  return found < TRUE_WORDS
}

const SIZES = { smallint: 16, integer: 32, bigint: 64 } as const

/** `type` is the name in messages and decides the range. */
export function parseInteger(type: keyof typeof SIZES, text: string): bigint {
  const trimmed = trimBlanks(text)
  const digits = /^[+-]?\d+/.exec(trimmed)?.[0]
  if (digits === undefined) throw invalidText(type, text)
  const value = BigInt(digits.startsWith('+') ? digits.slice(1) : digits)
  if (BigInt.asIntN(SIZES[type], value) !== value) throw valueOutOfRange(type, text)
  if (digits.length < trimmed.length) throw invalidText(type, text)
  return value
}

/** Unsigned, 32 bits; a negative number wraps around, as strtoul does. */
export function parseOid(text: string): number {
  const digits = trimBlanks(text)
  if (!/^[+-]?\d+$/.test(digits)) throw invalidText('oid', text)
  const value = BigInt(digits.startsWith('+') ? digits.slice(1) : digits)
  if (value >= 1n << 32n || value < -(1n << 31n)) throw valueOutOfRange('oid', text)
  return Number(BigInt.asUintN(32, value))
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?/i
const FLOAT_WORDS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['+nan', Number.NaN],
  ['-nan', Number.NaN],
  ...['', '+'].flatMap((sign): [string, number][] => [
    [`${sign}inf`, Number.POSITIVE_INFINITY],
    [`${sign}infinity`, Number.POSITIVE_INFINITY],
  ]),
  ['-inf', Number.NEGATIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
])

export function parseFloat8(text: string, type: 'double precision' | 'real' = 'double precision'): number {
  const trimmed = trimBlanks(text)
  const word = FLOAT_WORDS.get(trimmed.toLowerCase())
  if (word !== undefined) return word
  const digits = (HEXADECIMAL.exec(trimmed) ?? DECIMAL.exec(trimmed))?.[0] ?? ''
  const value = hexadecimal(digits) ?? (DECIMAL.test(digits) ? Number(digits) : undefined)
  if (value === undefined) throw invalidText(type, text)
  const isZero = !/[1-9a-f]/i.test(digits.replace(/^[+-]?0x/i, '').replace(/[ep].*/i, ''))
  if (!Number.isFinite(value) || (value === 0 && !isZero)) throw floatOutOfRange(type, digits)
  if (digits.length < trimmed.length) throw invalidText(type, text)
  return value + 0
}

/** C's hexadecimal floats, `0x1.8p3`. */
function hexadecimal(text: string): number | undefined {
  const match = HEXADECIMAL.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const size = Number(BigInt(`0x0${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length)
  return sign === '-' ? -size : size
}

export function parseFloat4(text: string): number {
  const exact = parseFloat8(text, 'real')
  const value = Math.fround(exact)
  const lost = value === 0 && exact !== 0
  if ((Number.isFinite(exact) && !Number.isFinite(value)) || lost) throw floatOutOfRange('real', trimBlanks(text))
  return value
}

const NUMERIC_WORDS: ReadonlyMap<string, Numeric> = new Map([
  ['nan', NAN],
  ['inf', INFINITY],
  ['infinity', INFINITY],
  ['+inf', INFINITY],
  ['+infinity', INFINITY],
  ['-inf', MINUS_INFINITY],
  ['-infinity', MINUS_INFINITY],
])

const WHOLE_DIGITS_MAX = 131_072
const EXPONENT_MAX = 1_073_741_823

export function parseNumeric(text: string): Numeric {
  const trimmed = trimBlanks(text)
  const word = NUMERIC_WORDS.get(trimmed.toLowerCase())
  if (word !== undefined) return word
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?/i.exec(trimmed)!
  const [all, sign, whole = '', fraction = '', exponentText = '0'] = match
  const exponent = Number(exponentText)
  if (whole === '' && fraction === '') throw invalidText('numeric', text)
  if (Math.abs(exponent) >= EXPONENT_MAX) throw numericOverflow()
  if (all.length < trimmed.length) throw invalidText('numeric', text)
  const size = BigInt(whole + fraction)
  const digits = sign === '-' ? -size : size
  const scale = fraction.length - exponent
  if (scale > SCALE_MAX || (-scale > WHOLE_DIGITS_MAX && digits !== 0n)) throw numericOverflow()
  if (digits === 0n) return numeric(0n, Math.max(0, scale))
  return checkedNumeric(scale >= 0 ? numeric(digits, scale) : numeric(digits * 10n ** BigInt(-scale)))
}

/** The shortest digits that read back as the same number, set out as PostgreSQL does: 0.0001, 1e-05, 1e+15. */
export function printFloat8(value: number, extraFloatDigits: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (extraFloatDigits <= 0) return general(value, 15 + extraFloatDigits)
  const size = Math.abs(value)
  // Here JavaScript sets the same digits out in the same way.
  if (size < 1e15 && (size >= 1e-4 || size === 0)) return String(value)
  return layOut(shortestFloat8(value), SHORTEST_EXPONENT.float8)
}

export function printFloat4(value: number, extraFloatDigits: number): string {
  if (!Number.isFinite(value)) return String(value)
  return extraFloatDigits > 0
    ? layOut(shortestFloat4(value), SHORTEST_EXPONENT.float4)
    : general(value, 6 + extraFloatDigits)
}

/** The exponents from which numbers are written with one, where the shortest digits are asked for. */
const SHORTEST_EXPONENT = { float8: 15, float4: 6 } as const

/** JavaScript's digits, except that PostgreSQL takes none that lie halfway to the next double (only large ones can). */
function shortestFloat8(value: number): string {
  let text = value.toExponential()
  if (Math.abs(value) < 2 ** 53) return text
  for (let digits = text.replace(/e.*|[-.]/g, '').length; isHalfway(text, value); digits++)
    text = exponentialHalfEven(value, digits)
  return text
}

function isHalfway(text: string, value: number): boolean {
  const exact = BigInt(value)
  const shown = parseNumeric(text).digits
  if (shown === exact) return false
  // The mirror image of the shown digits is a neighbour of a number only if they lie halfway.
  const mirrored = 2n * shown - exact
  return BigInt(Number(mirrored)) === mirrored
}

function shortestFloat4(value: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = exponentialHalfEven(value, digits)
    if (readsAsFloat4(text, value)) return text
    const neighbour = nextAway(text)
    if (readsAsFloat4(neighbour, value)) return neighbour
  }
  return exponentialHalfEven(value, 8)
}

/** Whether `text` is nearer to this float4 than to any other. */
function readsAsFloat4(text: string, value: number): boolean {
  const read = Number(text)
  if (Math.fround(read) !== value) return false
  const mirrored = 2 * read - value
  return mirrored === value || Math.fround(mirrored) !== mirrored
}

/** One more in the last digit of the mantissa: beside a power of two the nearest digits can miss the interval. */
function nextAway(text: string): string {
  const [mantissa = '', exponent = ''] = text.split('e')
  const digits = mantissa.replace(/[-.]/g, '')
  const next = String(BigInt(digits) + 1n)
  return `${mantissa.startsWith('-') ? '-' : ''}${next}e${Number(exponent) - digits.length + 1}`
}

/** `%.{digits}g` of C. */
function general(value: number, digits: number): string {
  const precision = Math.max(1, digits)
  return layOut(exponentialHalfEven(value, precision - 1).replace(/\.?0*e/, 'e'), precision)
}

function layOut(scientific: string, exponentFrom: number): string {
  const [mantissa = '', exponentText = ''] = normalised(scientific).split('e')
  const exponent = Number(exponentText)
  if (exponent >= exponentFrom || exponent < -4) {
    const size = String(Math.abs(exponent)).padStart(2, '0')
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${size}`
  }
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return sign + whole + (fraction === '' ? '' : `.${fraction}`)
}

/** One digit before the point: `12e3` is `1.2e4`. */
function normalised(scientific: string): string {
  const match = /^(-?)(\d)(\d+)e(.*)$/.exec(scientific)
  if (match === null) return scientific
  const [, sign, first, rest = '', exponent] = match
  const fraction = rest.replace(/0+$/, '')
  return `${sign}${first}${fraction === '' ? '' : `.${fraction}`}e${Number(exponent) + rest.length}`
}
