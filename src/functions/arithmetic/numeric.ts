// NUMERIC arithmetic on single values, exact, with PostgreSQL's display scales and specials (numeric.c).
//
// A number is digits / 10^scale. Sums keep the larger scale, products add the scales, quotients take the scale that
// gives at least 16 significant digits (select_div_scale, which counts in groups of four digits). NaN and infinities
// follow PostgreSQL: NaN = NaN, ∞ − ∞ = NaN, x / ∞ = 0. Beyond 131,072 digits before the point: 22003.

import { rescaleDigits } from '../../core/convert.ts'
import { divisionByZero, outOfRange, SqlError } from '../../core/error.ts'
import { compareNumerics } from '../../core/order.ts'
import { type Numeric, numeric } from '../../core/value.ts'
import { exponentialHalfEven } from './float.ts'

/** Scales of results that are computed, not given: at most this. */
export const RESULT_SCALE_MAX = 1000
export const SCALE_MAX = 16383
const SIGNIFICANT_DIGITS = 16
const GROUP = 4

const special = (name: NonNullable<Numeric['special']>): Numeric => ({
  kind: 'numeric',
  digits: 0n,
  scale: 0,
  special: name,
})

export const NAN = special('NaN')
export const INFINITY = special('Infinity')
export const MINUS_INFINITY = special('-Infinity')
export const ZERO = numeric(0n)
export const ONE = numeric(1n)

const DIGITS_MAX = 131_072
const LIMIT = 10n ** BigInt(DIGITS_MAX)
const MINUS_LIMIT = -LIMIT

export const numericOverflow = (): SqlError =>
  new SqlError({ code: '22003', message: 'value overflows numeric format' })

/** The value itself; 22003 where it has more digits than NUMERIC can have. */
export function checkedNumeric(value: Numeric): Numeric {
  if (value.scale > SCALE_MAX) return roundNumeric(value, SCALE_MAX)
  const { digits, scale } = value
  const tooLong = digits >= LIMIT || digits <= MINUS_LIMIT
  if (tooLong && absolute(digits) >= LIMIT * 10n ** BigInt(scale)) throw numericOverflow()
  return value
}

const absolute = (digits: bigint): bigint => (digits < 0n ? -digits : digits)

/** −1, 0 or 1; NaN counts as positive. */
export function signOf(value: Numeric): -1 | 0 | 1 {
  if (value.special !== undefined) return value.special === '-Infinity' ? -1 : 1
  return value.digits < 0n ? -1 : value.digits > 0n ? 1 : 0
}

const signed = (sign: number): Numeric => (sign < 0 ? MINUS_INFINITY : INFINITY)

export function add(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === undefined) return b
    if (b.special === undefined) return a
    return a.special === b.special ? a : NAN
  }
  const scale = Math.max(a.scale, b.scale)
  return checkedNumeric(numeric(atScale(a, scale) + atScale(b, scale), scale))
}

export const subtract = (a: Numeric, b: Numeric): Numeric => add(a, negate(b))

export function negate(value: Numeric): Numeric {
  if (value.special === undefined) return numeric(-value.digits, value.scale)
  return value.special === 'NaN' ? NAN : value.special === 'Infinity' ? MINUS_INFINITY : INFINITY
}

export const magnitude = (value: Numeric): Numeric => (signOf(value) < 0 ? negate(value) : value)

export function multiply(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === 'NaN' || b.special === 'NaN') return NAN
    const sign = signOf(a) * signOf(b)
    return sign === 0 ? NAN : signed(sign)
  }
  return checkedNumeric(numeric(a.digits * b.digits, a.scale + b.scale))
}

export function divide(a: Numeric, b: Numeric): Numeric {
  return quotientOfSpecials(a, b) ?? divideToScale(a, b, divisionScale(a, b))
}

/** a / b with `scale` digits after the point, rounded half away from zero; both finite, b not 0. */
export function divideToScale(a: Numeric, b: Numeric, scale: number): Numeric {
  const shift = scale + b.scale - a.scale
  const dividend = shift >= 0 ? a.digits * 10n ** BigInt(shift) : a.digits
  const divisor = shift >= 0 ? b.digits : b.digits * 10n ** BigInt(-shift)
  return checkedNumeric(numeric(roundedQuotient(dividend, divisor), scale))
}

/** Half away from zero. */
export function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const size = absolute(divisor)
  const rounded = (2n * absolute(dividend) + size) / (2n * size)
  return dividend < 0n === divisor < 0n ? rounded : -rounded
}

function quotientOfSpecials(a: Numeric, b: Numeric): Numeric | undefined {
  if (a.special === 'NaN' || b.special === 'NaN') return NAN
  if (signOf(b) === 0) throw divisionByZero()
  if (a.special !== undefined) return b.special !== undefined ? NAN : signed(signOf(a) * signOf(b))
  return b.special !== undefined ? ZERO : undefined
}

/** The position of the first group of four digits (0: the last before the point) and that group. */
export function leadingGroup(value: Numeric): { readonly weight: number; readonly group: number } {
  if (value.digits === 0n) return { weight: 0, group: 0 }
  const text = absolute(value.digits).toString()
  const weight = Math.floor((text.length - value.scale - 1) / GROUP)
  // How many of the digits belong to the first group.
  const width = text.length - value.scale - weight * GROUP
  return { weight, group: Number(text.slice(0, width).padEnd(width, '0')) }
}

/** PostgreSQL's select_div_scale. */
export function divisionScale(a: Numeric, b: Numeric): number {
  const first = leadingGroup(a)
  const second = leadingGroup(b)
  const weight = first.weight - second.weight - (first.group <= second.group ? 1 : 0)
  const scale = Math.max(SIGNIFICANT_DIGITS - weight * GROUP, a.scale, b.scale, 0)
  return Math.min(scale, RESULT_SCALE_MAX)
}

/** The quotient without its fraction. */
export function divideWhole(a: Numeric, b: Numeric): Numeric {
  const known = quotientOfSpecials(a, b)
  if (known !== undefined) return known
  const scale = Math.max(a.scale, b.scale)
  return numeric(atScale(a, scale) / atScale(b, scale))
}

/** The remainder, with the sign of the dividend. */
export function modulo(a: Numeric, b: Numeric): Numeric {
  if (a.special === 'NaN' || b.special === 'NaN') return NAN
  if (signOf(b) === 0) throw divisionByZero()
  if (a.special !== undefined) return NAN
  if (b.special !== undefined) return a
  const scale = Math.max(a.scale, b.scale)
  return numeric(atScale(a, scale) % atScale(b, scale), scale)
}

const atScale = (value: Numeric, scale: number): bigint =>
  value.scale === scale ? value.digits : value.digits * 10n ** BigInt(scale - value.scale)

const bounded = (scale: number): number => Math.max(-DIGITS_MAX - 1, Math.min(scale, SCALE_MAX))

/** Rounded half away from zero to `scale` digits after the point; a negative scale rounds before it. */
export function roundNumeric(value: Numeric, scale: number): Numeric {
  if (value.special !== undefined) return value
  if (scale >= 0) return checkedNumeric(numeric(rescaleDigits(value.digits, value.scale, scale), scale))
  return checkedNumeric(numeric(rescaleDigits(value.digits, value.scale, scale) * 10n ** BigInt(-scale)))
}

/** round(value, digits) of SQL: the number of digits is bounded. */
export const round = (value: Numeric, digits = 0): Numeric => roundNumeric(value, bounded(digits))

/** Cut off, towards zero, after `digits` digits. */
export function truncate(value: Numeric, digits = 0): Numeric {
  if (value.special !== undefined) return value
  const scale = bounded(digits)
  if (scale >= value.scale) return numeric(atScale(value, scale), scale)
  const kept = value.digits / 10n ** BigInt(value.scale - scale)
  return scale >= 0 ? numeric(kept, scale) : numeric(kept * 10n ** BigInt(-scale))
}

export function floor(value: Numeric): Numeric {
  const whole = truncate(value)
  return signOf(value) < 0 && compareNumerics(whole, value) !== 0 ? subtract(whole, ONE) : whole
}

export function ceiling(value: Numeric): Numeric {
  const whole = truncate(value)
  return signOf(value) > 0 && compareNumerics(whole, value) !== 0 ? add(whole, ONE) : whole
}

/** Without trailing zeros after the point. */
export function trimScale(value: Numeric): Numeric {
  let { digits, scale } = value
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n
    scale--
  }
  return value.special === undefined ? numeric(digits, scale) : value
}

/** The value as numeric(precision, scale) holds it; 22003 where it does not fit. */
export function constrain(value: Numeric, precision: number, scale: number): Numeric {
  if (value.special === 'NaN') return value
  if (value.special !== undefined)
    throw fieldOverflow(`A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`)
  const rounded = roundNumeric(value, scale)
  const whole = precision - scale
  const bound = whole >= 0 ? numeric(10n ** BigInt(whole)) : numeric(1n, -whole)
  if (compareNumerics(magnitude(rounded), bound) < 0) return rounded
  const shown = whole === 0 ? '1' : `10^${whole}`
  throw fieldOverflow(
    `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${shown}.`,
  )
}

const fieldOverflow = (detail: string): SqlError =>
  new SqlError({ code: '22003', message: 'numeric field overflow', detail })

/** The nearest integer, half away from zero; 22003 beyond `bits`, 0A000 for NaN and infinities, naming `type`. */
export function toInteger(value: Numeric, bits: 16 | 32 | 64, type: string): bigint {
  if (value.special !== undefined) {
    const what = value.special === 'NaN' ? 'NaN' : 'infinity'
    throw new SqlError({ code: '0A000', message: `cannot convert ${what} to ${type}` })
  }
  const whole = rescaleDigits(value.digits, value.scale, 0)
  if (BigInt.asIntN(bits, whole) !== whole) throw outOfRange(type)
  return whole
}

/** The nearest double; ±Infinity or 0 beyond its range. */
export function toFloat(value: Numeric): number {
  if (value.special !== undefined) return Number(value.special)
  return Number(`${value.digits}e-${value.scale}`) + 0
}

/** As PostgreSQL casts: the first 15 significant digits of a double, 6 of a float4. */
export function fromFloat(value: number, significantDigits: 15 | 6 = 15): Numeric {
  if (Number.isNaN(value)) return NAN
  if (!Number.isFinite(value)) return signed(value)
  const [mantissa = '', exponent = '0'] = exponentialHalfEven(value, significantDigits - 1).split('e')
  const [whole = '', fraction = ''] = mantissa.replace(/0+$/, '').split('.')
  const digits = BigInt(whole + fraction)
  const scale = fraction.length - Number(exponent)
  return scale >= 0 ? numeric(digits, scale) : numeric(digits * 10n ** BigInt(-scale))
}

/** The digits with their point: 12.50, -0.001, NaN. */
export function numericText(value: Numeric): string {
  if (value.special !== undefined) return value.special
  if (value.scale === 0) return value.digits.toString()
  const text = absolute(value.digits)
    .toString()
    .padStart(value.scale + 1, '0')
  const point = text.length - value.scale
  return `${value.digits < 0n ? '-' : ''}${text.slice(0, point)}.${text.slice(point)}`
}
