// Exact arithmetic on doubles: a finite double is an integer times 2⁻¹⁰⁷⁴, so a sum of them is one big integer, and what is
// shown is rounded once (operators spec §5.1).
//
// Round half to even, as IEEE 754 does; beyond the range ±Infinity; an exact zero is +0.

/** The finite `value` in units of 2⁻¹⁰⁷⁴. */
export function unitsOf(value: number): bigint {
  bits.setFloat64(0, value)
  const high = bits.getUint32(0)
  const exponent = (high >>> 20) & 0x7ff
  const fraction = BigInt.asUintN(52, bits.getBigUint64(0))
  const magnitude = exponent === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponent - 1)
  return high >>> 31 === 1 ? -magnitude : magnitude
}
const bits = new DataView(new ArrayBuffer(8))

/** How a floating-point type rounds: significant bits, and the exponent of its least unit. */
export interface FloatFormat {
  readonly digits: number
  readonly leastExponent: number
}

export const DOUBLE: FloatFormat = { digits: 53, leastExponent: -1074 }
export const SINGLE: FloatFormat = { digits: 24, leastExponent: -149 }

/** units · 2⁻¹⁰⁷⁴ / divisor, rounded once. */
export function rounded(units: bigint, divisor: bigint, format: FloatFormat): number {
  if (units === 0n) return 0
  const magnitude = units < 0n ? -units : units
  // Enough quotient bits that what is cut off only matters as "more than zero": a sticky bit.
  const shift = Math.max(0, 66 + bitLength(divisor) - bitLength(magnitude))
  const numerator = magnitude << BigInt(shift)
  const quotient = numerator / divisor
  const sticky = quotient * divisor === numerator ? 0n : 1n
  const result = roundBits((quotient << 1n) | sticky, -1075 - shift, format)
  return units < 0n ? -result : result
}

/** mantissa · 2^exponent in the format's digits. */
function roundBits(mantissa: bigint, exponent: number, { digits, leastExponent }: FloatFormat): number {
  const length = bitLength(mantissa)
  const precision = Math.min(digits, exponent + length - leastExponent)
  if (precision < 0) return 0
  const dropped = length - precision
  if (dropped <= 0) return scaled(mantissa, exponent)
  const cut = BigInt(dropped)
  let kept = mantissa >> cut
  const rest = mantissa - (kept << cut)
  const half = 1n << (cut - 1n)
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n
  const result = scaled(kept, exponent + dropped)
  return digits === SINGLE.digits ? Math.fround(result) : result
}

/** A mantissa of at most 54 bits times a power of two, in two exact steps where one would leave the range. */
function scaled(mantissa: bigint, exponent: number): number {
  const value = Number(mantissa)
  if (exponent > 900) return value * 2 ** 900 * 2 ** (exponent - 900)
  return value * 2 ** exponent
}

const bitLength = (value: bigint): number => value.toString(2).length
