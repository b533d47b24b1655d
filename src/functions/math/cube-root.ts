// The cube root of a double as glibc computes it, so that cbrt gives PostgreSQL's digits: a polynomial over the
// mantissa in [0.5, 1), one step of Halley's method, and a factor for what the exponent leaves over when divided by
// three.
//
// The error is below one unit in the last place, not half of one: cbrt(27) is 3.0000000000000004.

const CUBE_ROOT_2 = 1.2599210498948732
const CUBE_ROOT_4 = 1.5874010519681996
const FACTORS = [1 / CUBE_ROOT_4, 1 / CUBE_ROOT_2, 1, CUBE_ROOT_2, CUBE_ROOT_4]

const view = new DataView(new ArrayBuffer(8))
const EXPONENT_BIAS = 1022
const EXPONENT_BITS = 0x7ff
const SUBNORMAL_FACTOR = 2 ** 54

/** `value` > 0 as mantissa × 2^exponent with the mantissa in [0.5, 1). */
function split(value: number): { readonly mantissa: number; readonly exponent: number } {
  const isSubnormal = value < 2 ** -1022
  view.setFloat64(0, isSubnormal ? value * SUBNORMAL_FACTOR : value)
  const high = view.getUint32(0)
  const exponent = ((high >>> 20) & EXPONENT_BITS) - EXPONENT_BIAS - (isSubnormal ? 54 : 0)
  view.setUint32(0, (high & 0x800fffff) | (EXPONENT_BIAS << 20))
  return { mantissa: view.getFloat64(0), exponent }
}

const estimate = (x: number): number =>
  0.35489576504391984 +
  (1.508191937815849 -
    (2.114994941673713 -
      (2.4469312256353444 - (1.8346927748361308 - (0.7849323449766392 - 0.14526389938548637 * x) * x) * x) * x) *
      x) *
    x

export function cubeRoot(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value
  const { mantissa, exponent } = split(Math.abs(value))
  const u = estimate(mantissa)
  const cube = u * u * u
  const root = ((u * (cube + 2 * mantissa)) / (2 * cube + mantissa)) * FACTORS[2 + (exponent % 3)]!
  const result = root * 2 ** Math.trunc(exponent / 3)
  return value > 0 ? result : -result
}
