// NUMERIC roots, exponentials, logarithms and powers, to PostgreSQL's number of digits: at least 16 significant ones,
// never fewer after the point than the input shows, at most 1000.
//
// Inside, numbers are integers scaled by 10^p with p a few digits beyond what is asked for; series are summed until
// their terms vanish and the result is rounded once, half away from zero.

import { divisionByZero, SqlError } from '../../core/error.ts'
import { compareNumerics } from '../../core/order.ts'
import { type Numeric, numeric } from '../../core/value.ts'
import {
  divideToScale,
  INFINITY,
  leadingGroup,
  multiply,
  NAN,
  negate,
  numericOverflow,
  ONE,
  RESULT_SCALE_MAX,
  roundedQuotient,
  roundNumeric,
  signOf,
  subtract,
  toFloat,
  ZERO,
} from './numeric.ts'

const SIGNIFICANT_DIGITS = 16
const GUARD_DIGITS = 12
// PostgreSQL's own truncated constants: how many digits are shown hangs on them.
const LOG10_E = 434_294_481_903_252e-15
const LN_10 = 2_302_585_092_994_046e-15
const RESULT_LIMIT = 2000

const boundedScale = (...scales: readonly number[]): number => Math.min(Math.max(0, ...scales), RESULT_SCALE_MAX)
const power10 = (exponent: number): bigint => 10n ** BigInt(exponent)

const invalidPower = (message: string): SqlError => new SqlError({ code: '2201F', message })
const invalidLogarithm = (message: string): SqlError => new SqlError({ code: '2201E', message })

export function squareRoot(value: Numeric): Numeric {
  if (value.special !== undefined && value.special !== '-Infinity') return value
  if (signOf(value) < 0) throw invalidPower('cannot take square root of a negative number')
  const wholeDigits = leadingGroup(value).weight * 2 + 1
  const scale = boundedScale(SIGNIFICANT_DIGITS - wholeDigits, value.scale)
  // One digit more than asked for, cut off; then rounded: exact, as a root is never halfway unless it is exact.
  const root = integerRoot(atPrecision(value, 2 * (scale + 1)))
  return numeric(roundedQuotient(root, 10n), scale)
}

/** The largest integer whose square is not above `value`: Newton's method. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** The mantissa of a value at `precision` digits after the point, cut off. */
function atPrecision(value: Numeric, precision: number): bigint {
  return precision >= value.scale
    ? value.digits * power10(precision - value.scale)
    : value.digits / power10(value.scale - precision)
}

export function exponential(value: Numeric): Numeric {
  if (value.special !== undefined) return value.special === '-Infinity' ? ZERO : value
  const weight = Math.max(-RESULT_LIMIT, Math.min(toFloat(value) * LOG10_E, RESULT_LIMIT))
  return exponentialTo(value, boundedScale(SIGNIFICANT_DIGITS - Math.trunc(weight), value.scale))
}

/** e^value with `scale` digits after the point. */
function exponentialTo(value: Numeric, scale: number): Numeric {
  const estimate = toFloat(value)
  if (Math.abs(estimate) >= 3 * RESULT_LIMIT) {
    if (estimate > 0) throw numericOverflow()
    return numeric(0n, scale)
  }
  // The result has about estimate·log10(e) digits before the point: the argument must be that much finer.
  const precision = Math.max(scale + Math.ceil(Math.max(0, estimate * LOG10_E)) + GUARD_DIGITS, GUARD_DIGITS)
  // e^x = (e^(x / 2^k))^(2^k), with the inner argument small.
  const halvings = Math.max(0, Math.ceil(Math.log2(Math.abs(estimate) + 1)) + 8)
  const inner = precision + halvings
  const one = power10(inner)
  const argument = atPrecision(value, inner) >> BigInt(halvings)
  let sum = one
  let term = one
  for (let n = 1n; term !== 0n; n++) {
    term = (term * argument) / (one * n)
    sum += term
  }
  for (let i = 0; i < halvings; i++) sum = (sum * sum) / one
  return roundNumeric(numeric(sum, inner), scale)
}

export function naturalLogarithm(value: Numeric): Numeric {
  const known = logarithmOfSpecial(value)
  if (known !== undefined) return known
  return logarithmTo(value, boundedScale(SIGNIFICANT_DIGITS - logarithmWeight(value), value.scale))
}

function logarithmOfSpecial(value: Numeric): Numeric | undefined {
  if (value.special === 'NaN') return value
  if (signOf(value) === 0) throw invalidLogarithm('cannot take logarithm of zero')
  if (signOf(value) < 0) throw invalidLogarithm('cannot take logarithm of a negative number')
  return value.special === undefined ? undefined : INFINITY
}

/** PostgreSQL's estimate of the decimal weight of ln(value), on which the number of digits shown depends. */
function logarithmWeight(value: Numeric): number {
  const near = compareNumerics(value, numeric(9n, 1)) >= 0 && compareNumerics(value, numeric(11n, 1)) <= 0
  if (near) {
    const rest = subtract(value, ONE)
    if (rest.digits === 0n) return 0
    const { weight, group } = leadingGroup(rest)
    return weight * 4 + Math.trunc(Math.log10(group))
  }
  const text = value.digits.toString()
  const { weight } = leadingGroup(value)
  const width = text.length - value.scale - weight * 4 + 4
  const digits = Number(text.slice(0, width).padEnd(width, '0'))
  return Math.trunc(Math.log10(Math.abs(Math.log(digits) + (weight * 4 - 4) * LN_10)))
}

/** ln(value) with `scale` digits after the point; value > 0 and finite. */
function logarithmTo(value: Numeric, scale: number): Numeric {
  const precision = scale + GUARD_DIGITS + String(value.digits).length.toString().length * 2
  return roundNumeric(numeric(scaledLogarithm(value, precision), precision), scale)
}

/** ln(value) · 10^precision, to within a few units. */
function scaledLogarithm(value: Numeric, precision: number): bigint {
  const digits = value.digits.toString().length
  // value = m · 10^k with 0.1 ≤ m < 1; then m · 2^j in [√½, √2).
  const exponent = digits - value.scale
  const working = precision + 10
  const one = power10(working)
  let mantissa = atPrecision(numeric(value.digits, digits), working)
  let doublings = 0n
  while (mantissa * 10n < one * 7n) {
    mantissa *= 2n
    doublings++
  }
  const ln2 = arctanhSeries(one / 3n, one)
  const sum =
    arctanhSeries(((mantissa - one) * one) / (mantissa + one), one) -
    doublings * ln2 +
    BigInt(exponent) * ln10(ln2, one)
  return sum / power10(10)
}

/** ln 10 = 3 ln 2 + ln 1.25. */
const ln10 = (ln2: bigint, one: bigint): bigint => 3n * ln2 + arctanhSeries(one / 9n, one)

/** 2 · artanh(x), scaled by `one`: ln((1 + x) / (1 − x)). */
function arctanhSeries(x: bigint, one: bigint): bigint {
  const square = (x * x) / one
  let power = x
  let sum = 0n
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n
    power = (power * square) / one
  }
  return 2n * sum
}

/** log(base, value) */
export function logarithm(base: Numeric, value: Numeric): Numeric {
  if (base.special === 'NaN' || value.special === 'NaN') return NAN
  logarithmOfSpecial(value.special === '-Infinity' ? value : base)
  logarithmOfSpecial(value)
  if (base.special !== undefined) return value.special === undefined ? ZERO : NAN
  if (value.special !== undefined) return INFINITY
  if (compareNumerics(base, ONE) === 0) throw divisionByZero()
  const baseWeight = logarithmWeight(base)
  const valueWeight = logarithmWeight(value)
  const scale = boundedScale(SIGNIFICANT_DIGITS - valueWeight + baseWeight, base.scale, value.scale)
  const precision = scale + GUARD_DIGITS + Math.max(0, -baseWeight) * 2 + Math.max(0, valueWeight) + 10
  const divisor = scaledLogarithm(base, precision)
  return numeric(roundedQuotient(scaledLogarithm(value, precision) * power10(scale), divisor), scale)
}

export const logarithm10 = (value: Numeric): Numeric => logarithm(numeric(10n), value)

export function power(base: Numeric, exponent: Numeric): Numeric {
  if (base.special !== undefined || exponent.special !== undefined) return powerOfSpecials(base, exponent)
  const whole = wholeNumber(exponent)
  if (signOf(base) === 0 && signOf(exponent) < 0) throw invalidPower('zero raised to a negative power is undefined')
  if (signOf(base) < 0 && whole === undefined)
    throw invalidPower('a negative number raised to a non-integer power yields a complex result')
  if (whole !== undefined && whole >= -2147483648n && whole <= 2147483647n)
    return integerPower(base, Number(whole), boundedScale(SIGNIFICANT_DIGITS, base.scale))
  if (signOf(base) === 0) return numeric(0n, SIGNIFICANT_DIGITS)
  const odd = whole !== undefined && whole % 2n !== 0n
  const result = fractionalPower(signOf(base) < 0 ? negate(base) : base, exponent)
  return signOf(base) < 0 && odd ? negate(result) : result
}

function wholeNumber({ digits, scale }: Numeric): bigint | undefined {
  const unit = power10(scale)
  return digits % unit === 0n ? digits / unit : undefined
}

function integerPower(base: Numeric, exponent: number, scale: number): Numeric {
  if (exponent === 0) return numeric(power10(scale), scale)
  if (exponent === 1) return roundNumeric(base, scale)
  if (exponent === -1) return divideToScale(ONE, base, scale)
  if (exponent === 2) return roundNumeric(multiply(base, base), scale)
  if (signOf(base) === 0) return numeric(0n, scale)
  const weight = exponent * decimalLogarithm(base)
  if (weight > 131_073) throw numericOverflow()
  if (weight + 1 < -scale || weight + 1 < -RESULT_SCALE_MAX) return numeric(0n, scale)
  const significant =
    Math.max(1, scale + Math.trunc(weight) + 1) + Math.ceil(Math.log10(Math.abs(exponent))) + GUARD_DIGITS
  const size = scaledPower(base, Math.abs(exponent), significant)
  return exponent < 0 ? divideToScale(ONE, size, scale) : roundNumeric(size, scale)
}

/** log10 of the size of a finite value that is not 0. */
function decimalLogarithm(value: Numeric): number {
  const text = value.digits.toString().replace('-', '')
  return Math.log10(Number(`0.${text.slice(0, 17)}`)) + text.length - value.scale
}

/** By squaring, each product cut to `significant` digits. */
function scaledPower(base: Numeric, exponent: number, significant: number): Numeric {
  let result = ONE
  let factor = base
  for (let left = exponent; ; factor = cut(square(factor), significant)) {
    if (left % 2 === 1) result = cut(unbounded(result, factor), significant)
    left = Math.floor(left / 2)
    if (left === 0) return result
  }
}

const unbounded = (a: Numeric, b: Numeric): Numeric => numeric(a.digits * b.digits, a.scale + b.scale)
const square = (value: Numeric): Numeric => unbounded(value, value)

/** The value with no more digits than asked for; its scale may become negative. */
function cut(value: Numeric, significant: number): Numeric {
  const excess = value.digits.toString().length - significant
  return excess <= 0 ? value : numeric(value.digits / power10(excess), value.scale - excess)
}

/** base^exponent = e^(exponent · ln base), base > 0. */
function fractionalPower(base: Numeric, exponent: Numeric): Numeric {
  const baseWeight = logarithmWeight(base)
  const estimateScale = Math.max(0, 8 - baseWeight)
  const estimate = toFloat(roundNumeric(multiply(logarithmTo(base, estimateScale), exponent), estimateScale))
  if (Math.abs(estimate) > RESULT_LIMIT * 3.01) {
    if (estimate > 0) throw numericOverflow()
    return numeric(0n, RESULT_SCALE_MAX)
  }
  const weight = estimate * LOG10_E
  const scale = boundedScale(SIGNIFICANT_DIGITS - Math.trunc(weight), base.scale, exponent.scale)
  const digits = Math.max(0, scale + Math.trunc(weight)) + exponent.digits.toString().length + GUARD_DIGITS
  const logarithm = logarithmTo(base, digits + Math.max(0, -baseWeight))
  return exponentialTo(multiply(logarithm, exponent), scale)
}

function powerOfSpecials(base: Numeric, exponent: Numeric): Numeric {
  const isOne = (value: Numeric): boolean => value.special === undefined && compareNumerics(value, ONE) === 0
  const isZero = (value: Numeric): boolean => signOf(value) === 0
  if (base.special === 'NaN') return isZero(exponent) ? ONE : NAN
  if (exponent.special === 'NaN') return isOne(base) ? base : NAN
  if (isZero(base) && signOf(exponent) < 0) throw invalidPower('zero raised to a negative power is undefined')
  if (signOf(base) < 0 && exponent.special === undefined && wholeNumber(exponent) === undefined)
    throw invalidPower('a negative number raised to a non-integer power yields a complex result')
  if (isOne(base)) return ONE
  if (isZero(exponent)) return ONE
  if (isZero(base)) return ZERO
  if (exponent.special !== undefined) {
    const size = compareNumerics(signOf(base) < 0 ? negate(base) : base, ONE)
    if (size === 0) return ONE
    return size > 0 === (exponent.special === 'Infinity') ? INFINITY : ZERO
  }
  if (signOf(exponent) < 0) return ZERO
  return signOf(base) < 0 && wholeNumber(exponent)! % 2n !== 0n ? base : INFINITY
}

/** n! */
export function factorial(n: bigint): Numeric {
  if (n < 0n) throw new SqlError({ code: '22003', message: 'factorial of a negative number is undefined' })
  if (n > 32_177n) throw numericOverflow()
  let product = 1n
  for (let i = 2n; i <= n; i++) product *= i
  return numeric(product)
}
