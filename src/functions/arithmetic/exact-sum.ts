// Exact sums of doubles and of products of doubles (operators spec §5.1): the result is the correctly rounded value
// of the exact real sum, so it does not depend on order, on how the work was divided, or on what was added and taken
// away again. NaN and infinities are counted apart: they too can be taken away.
//
// State: one expansion per scale. Ordinary values have scale 0; a factor beyond 2^±460 is multiplied by 2^∓600 first,
// so that no product and no sum over- or underflows. Averages and variances are exact rationals, rounded once.

import type { ByteWriter } from '../../core/byte-writer.ts'
import { addToExpansion, productError, roundExpansion, TERMS_MAX } from './expansion.ts'

export interface ExactSum {
  /** Weights of NaN, +∞ and −∞. */
  nan: bigint
  positive: bigint
  negative: bigint
  readonly parts: Part[]
}

/** The exact sum of the terms, times 2^-scale. */
interface Part {
  readonly scale: number
  terms: Float64Array
  length: number
}

export const exactSum = (): ExactSum => ({ nan: 0n, positive: 0n, negative: 0n, parts: [] })

const ORDINARY_MAX = 2 ** 460
const ORDINARY_MIN = 2 ** -460
const SHIFT = 600
const UP = 2 ** SHIFT
const DOWN = 2 ** -SHIFT

/** Which power of two brings a factor into the ordinary range. */
const scaleOf = (value: number): number => {
  const size = Math.abs(value)
  if (size > ORDINARY_MAX) return -SHIFT
  return size < ORDINARY_MIN && size !== 0 ? SHIFT : 0
}
const scaled = (value: number, scale: number): number => (scale === 0 ? value : value * (scale < 0 ? DOWN : UP))

/** Adds `weight` copies of `value`; a negative weight takes them away. */
export function addValue(sum: ExactSum, value: number, weight: bigint): void {
  if (Number.isFinite(value)) addProduct(sum, value, 1, weight)
  else if (Number.isNaN(value)) sum.nan += weight
  else if (value > 0) sum.positive += weight
  else sum.negative += weight
}

/** Adds `weight` times `a · b`, exactly; a factor that is not finite makes the sum NaN while it is in. */
export function addProduct(sum: ExactSum, a: number, b: number, weight: bigint): void {
  if (!Number.isFinite(a) || !Number.isFinite(b)) {
    sum.nan += weight
    return
  }
  const scaleA = scaleOf(a)
  const scaleB = scaleOf(b)
  const x = scaled(a, scaleA)
  const y = scaled(b, scaleB)
  const product = x * y
  const part = partOf(sum, scaleA + scaleB)
  addWeighted(part, product, weight)
  const error = b === 1 ? 0 : productError(x, y, product)
  if (error !== 0) addWeighted(part, error, weight)
}

function partOf(sum: ExactSum, scale: number): Part {
  for (const part of sum.parts) if (part.scale === scale) return part
  const part = { scale, terms: new Float64Array(4), length: 0 }
  sum.parts.push(part)
  return part
}

const LOW_BITS = 1n << 32n

function addWeighted(part: Part, value: number, weight: bigint): void {
  if (weight === 1n) addTerm(part, value)
  else if (weight === -1n) addTerm(part, -value)
  else {
    addMultiple(part, value, Number(weight % LOW_BITS))
    if (weight / LOW_BITS !== 0n) addMultiple(part, value * 2 ** 32, Number(weight / LOW_BITS))
  }
}

function addMultiple(part: Part, value: number, count: number): void {
  const product = value * count
  addTerm(part, product)
  addTerm(part, productError(value, count, product))
}

function addTerm(part: Part, value: number): void {
  if (value === 0) return
  if (part.length === part.terms.length) {
    const larger = new Float64Array(Math.min(2 * part.length, TERMS_MAX + 1))
    larger.set(part.terms)
    part.terms = larger
  }
  part.length = addToExpansion(part.terms, 0, part.length, value)
}

/** What the sum is where something in it is not finite; undefined where all is. */
function notFinite({ nan, positive, negative }: ExactSum): number | undefined {
  if (nan !== 0n || (positive !== 0n && negative !== 0n)) return Number.NaN
  if (positive !== 0n) return Number.POSITIVE_INFINITY
  return negative !== 0n ? Number.NEGATIVE_INFINITY : undefined
}

/** The correctly rounded sum; ±Infinity where it is beyond the range. */
export function roundedSum(sum: ExactSum): number {
  const known = notFinite(sum)
  if (known !== undefined) return known
  const parts = sum.parts.filter((part) => part.length > 0)
  const [only] = parts
  if (only === undefined) return 0
  if (parts.length === 1 && only.scale === 0) return roundExpansion(only.terms, 0, only.length)
  return roundedRatio(fixedPoint(sum), UNIT)
}

/** The exact average of `count` values, rounded once. */
export const roundedAverage = (sum: ExactSum, count: bigint): number =>
  notFinite(sum) ?? roundedRatio(fixedPoint(sum), count * UNIT)

/** (n·Σx² − (Σx)²) / (n·(n − 1)), or / n² of a whole population, rounded once; NaN where a value is not finite. */
export function roundedVariance(
  { sum, squares, count }: { readonly sum: ExactSum; readonly squares: ExactSum; readonly count: bigint },
  of: 'sample' | 'population',
): number {
  return roundedCovariance({ x: sum, y: sum, products: squares, count }, of)
}

/** (n·Σxy − Σx·Σy) / (n·(n − 1)), or / n² of a whole population, rounded once. */
export function roundedCovariance(
  { x, y, products, count }: Record<'x' | 'y' | 'products', ExactSum> & { readonly count: bigint },
  of: 'sample' | 'population',
): number {
  if ([x, y, products].some((sum) => notFinite(sum) !== undefined)) return Number.NaN
  const numerator = count * fixedPoint(products) * UNIT - fixedPoint(x) * fixedPoint(y)
  return roundedRatio(numerator, count * (of === 'sample' ? count - 1n : count) * UNIT * UNIT)
}

/** Finer than any bit of a product of doubles, as scaled here. */
const UNIT_BITS = 2400
export const UNIT = 1n << BigInt(UNIT_BITS)

/** The exact finite sum as an integer multiple of 1 / UNIT. */
export function fixedPoint(sum: ExactSum): bigint {
  let total = 0n
  for (const { scale, terms, length } of sum.parts)
    for (let i = 0; i < length; i++) total += fixedPointOf(terms[i]!, UNIT_BITS - scale)
  return total
}

const bits = new DataView(new ArrayBuffer(8))

/** value · 2^shift, a whole number. */
function fixedPointOf(value: number, shift: number): bigint {
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const biased = Number((raw >> 52n) & 0x7ffn)
  const fraction = raw & 0xf_ffff_ffff_ffffn
  const mantissa = biased === 0 ? fraction : fraction | 0x10_0000_0000_0000n
  const exponent = BigInt(Math.max(biased, 1) - 1075 + shift)
  const size = exponent >= 0n ? mantissa << exponent : mantissa >> -exponent
  return value < 0 ? -size : size
}

const bitLength = (value: bigint): number => value.toString(16).length * 4

/** Bits of the quotient before rounding: more than a double's 53, so that what is cut off only has to be noted. */
const QUOTIENT_BITS = 60
/** The exponent of the least subnormal, two bits further down. */
const LEAST_BITS = 1076

/** The double nearest to numerator / denominator (positive), half to even. */
export function roundedRatio(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0
  const size = numerator < 0n ? -numerator : numerator
  const shift = Math.min(QUOTIENT_BITS - bitLength(size) + bitLength(denominator), LEAST_BITS)
  const dividend = shift >= 0 ? size << BigInt(shift) : size
  const divisor = shift >= 0 ? denominator : denominator << BigInt(-shift)
  const quotient = dividend / divisor
  const sticky = dividend % divisor === 0n ? 0n : 1n
  const rounded = shift === LEAST_BITS ? nearestQuarter(quotient, sticky) : Number(quotient | sticky)
  const value = scaleByPower(rounded, shift === LEAST_BITS ? -1074 : -shift)
  return numerator < 0n ? -value : value
}

/** quotient / 4 (with `sticky` below it) as a whole number, half to even. */
function nearestQuarter(quotient: bigint, sticky: bigint): number {
  const whole = quotient >> 2n
  if (whole >> 53n !== 0n) return Number(quotient | sticky) / 4
  const rest = ((quotient & 3n) << 1n) | sticky
  const up = rest > 4n || (rest === 4n && (whole & 1n) === 1n)
  return Number(up ? whole + 1n : whole)
}

/** value · 2^exponent, in two steps where the power alone is no double. */
function scaleByPower(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2)
  return value * 2 ** half * 2 ** (exponent - half)
}

/** The sum's state as bytes; not canonical: equal sums may have different states. */
export function writeExactSum(sum: ExactSum, into: ByteWriter): void {
  into.i64(sum.nan)
  into.i64(sum.positive)
  into.i64(sum.negative)
  into.u8(sum.parts.length)
  for (const { scale, terms, length } of sum.parts) {
    into.i32(scale)
    into.u8(length)
    for (let i = 0; i < length; i++) into.f64(terms[i]!)
  }
}

export function readExactSum(source: Uint8Array, offset: number): ExactSum {
  const view = new DataView(source.buffer, source.byteOffset + offset)
  const sum = exactSum()
  sum.nan = view.getBigInt64(0)
  sum.positive = view.getBigInt64(8)
  sum.negative = view.getBigInt64(16)
  let at = 25
  for (let left = view.getUint8(24); left > 0; left--) {
    const length = view.getUint8(at + 4)
    const terms = new Float64Array(Math.max(4, length))
    for (let i = 0; i < length; i++) terms[i] = view.getFloat64(at + 5 + 8 * i)
    sum.parts.push({ scale: view.getInt32(at), terms, length })
    at += 5 + 8 * length
  }
  return sum
}
