// Arithmetic on doubles as PostgreSQL's float8 does it: IEEE 754, but a result that overflows, or that underflows to
// zero, from finite operands is an error, and so is division by zero. −0 is normalised to 0 at every store.
//
// For float4 pass the result through `float4Result`, which rounds and checks again.

import { divisionByZero, outOfRange, SqlError } from '../../core/error.ts'

export const floatOverflow = (): SqlError => new SqlError({ code: '22003', message: 'value out of range: overflow' })
export const floatUnderflow = (): SqlError => new SqlError({ code: '22003', message: 'value out of range: underflow' })

const isInfinite = (value: number): boolean => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY

/** `result` of a sum of finite operands must be finite; 0 for −0. */
function checked(result: number, a: number, b: number): number {
  if (isInfinite(result) && !isInfinite(a) && !isInfinite(b)) throw floatOverflow()
  return result + 0
}

export const addFloats = (a: number, b: number): number => checked(a + b, a, b)
export const subtractFloats = (a: number, b: number): number => checked(a - b, a, b)

export function multiplyFloats(a: number, b: number): number {
  const result = a * b
  if (result === 0 && a !== 0 && b !== 0) throw floatUnderflow()
  return checked(result, a, b)
}

export function divideFloats(a: number, b: number): number {
  if (b === 0 && !Number.isNaN(a)) throw divisionByZero()
  const result = a / b
  if (result === 0 && a !== 0 && !isInfinite(b)) throw floatUnderflow()
  return checked(result, a, b)
}

/** A double as float4 holds it; 22003 where a finite one overflows or vanishes. */
export function float4Result(value: number): number {
  const rounded = Math.fround(value)
  if (isInfinite(rounded) && !isInfinite(value)) throw floatOverflow()
  if (rounded === 0 && value !== 0) throw floatUnderflow()
  return rounded + 0
}

/** C's rint: to the nearest integer, half to even. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1
  return rest < 0.5 || !Number.isFinite(value) ? floor : floor + 1
}

/** The nearest integer, half to even; 22003 beyond `bits` or for NaN, naming `type`. */
export function floatToInteger(value: number, bits: 16 | 32 | 64, type: string): bigint {
  const rounded = roundHalfEven(value)
  const limit = 2 ** (bits - 1)
  if (!(rounded >= -limit && rounded < limit)) throw outOfRange(type)
  return BigInt(rounded)
}

const invalidPower = (message: string): SqlError => new SqlError({ code: '2201F', message })
const invalidLogarithm = (message: string): SqlError => new SqlError({ code: '2201E', message })

export function squareRoot(value: number): number {
  if (value < 0) throw invalidPower('cannot take square root of a negative number')
  return Math.sqrt(value)
}

/** PostgreSQL's dpow: NaN only from NaN, 0 to a negative power and fractional powers of negatives are errors. */
export function power(base: number, exponent: number): number {
  if (base === 1 || exponent === 0) return 1
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN
  if (base === 0 && exponent < 0) throw invalidPower('zero raised to a negative power is undefined')
  if (base < 0 && Number.isFinite(exponent) && !Number.isInteger(exponent))
    throw invalidPower('a negative number raised to a non-integer power yields a complex result')
  if (base === -1 && isInfinite(exponent)) return 1
  const result = base ** exponent
  if (isInfinite(base) || isInfinite(exponent)) return result + 0
  if (isInfinite(result)) throw floatOverflow()
  if (result === 0 && base !== 0) throw floatUnderflow()
  return result + 0
}

export function exponential(value: number): number {
  const result = Math.exp(value)
  if (isInfinite(result) && !isInfinite(value)) throw floatOverflow()
  if (result === 0 && !isInfinite(value)) throw floatUnderflow()
  return result
}

function checkLogarithm(value: number): void {
  if (value === 0) throw invalidLogarithm('cannot take logarithm of zero')
  if (value < 0) throw invalidLogarithm('cannot take logarithm of a negative number')
}

export function naturalLogarithm(value: number): number {
  checkLogarithm(value)
  return Math.log(value) + 0
}

export function logarithm10(value: number): number {
  checkLogarithm(value)
  return Math.log10(value) + 0
}

const EXACT_DIGITS = 100

/** As JavaScript's, but of two equally near numbers the even one, as in C. */
export function exponentialHalfEven(value: number, digits: number): string {
  const text = value.toExponential(digits)
  const [mantissa = '', exponent = ''] = text.split('e')
  if (!/[13579]$/.test(mantissa)) return text
  const [exact = ''] = value.toExponential(EXACT_DIGITS).split('e')
  const point = digits === 0 ? 1 : 0 // no point was written, one stands in the exact digits
  const tie = /^50*$/.test(exact.slice(mantissa.length + point))
  return tie ? `${mantissa.slice(0, -1)}${Number(mantissa.at(-1)) - 1}e${exponent}` : text
}
