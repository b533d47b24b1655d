// Exact sums against exact rational arithmetic on bigints, whatever the order and the retractions.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/core/byte-writer.ts'
import {
  addProduct,
  addValue,
  type ExactSum,
  exactSum,
  readExactSum,
  roundedAverage,
  roundedCovariance,
  roundedSum,
  roundedVariance,
  writeExactSum,
} from '../../../src/functions/arithmetic/exact-sum.ts'

/** A double as a fraction: m / 2^1074. */
function exact(value: number): bigint {
  let mantissa = value
  let shift = 1074
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    shift--
  }
  return BigInt(mantissa) << BigInt(shift)
}

/** The nearest double to numerator / denominator, found by bisection over the doubles' own order. */
function nearest(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return 0 - nearest(-numerator, denominator)
  const bits = new DataView(new ArrayBuffer(8))
  const double = (index: bigint): number => {
    bits.setBigInt64(0, index)
    return bits.getFloat64(0)
  }
  // 2 · numerator / denominator against the sum of two neighbours, all in units of 2^-1074.
  const unit = 1n << 1074n
  let low = 0n
  let high = 0x7fefffffffffffffn
  const above = (index: bigint): boolean => exact(double(index)) * denominator > numerator * unit
  if (!above(high)) {
    const beyond = exact(double(high)) + (1n << BigInt(970 + 1074))
    return beyond * denominator <= numerator * unit ? Number.POSITIVE_INFINITY : double(high)
  }
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (above(middle)) high = middle
    else low = middle
  }
  const middle = (exact(double(low)) + exact(double(high))) * denominator
  const twice = 2n * numerator * unit
  if (twice === middle) return double(low % 2n === 0n ? low : high)
  return double(twice < middle ? low : high)
}

const ONE = 1n << 1074n
const awkward = fc.constantFrom(
  1e308,
  -1e308,
  1.7976931348623157e308,
  5e-324,
  -5e-324,
  1e16,
  -1e16,
  1,
  0.1,
  2 ** 53,
  2 ** -1022,
)
const double = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), awkward, fc.integer())
const weighted = fc.tuple(
  double,
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(1n, -1n) },
    { weight: 1, arbitrary: fc.bigInt({ min: -(1n << 62n), max: 1n << 62n }) },
  ),
)

function sumOf(entries: readonly (readonly [number, bigint])[]): ExactSum {
  const sum = exactSum()
  for (const [value, weight] of entries) addValue(sum, value, weight)
  return sum
}

describe('sum', () => {
  test('is the correctly rounded exact sum', () => {
    fc.assert(
      fc.property(fc.array(weighted, { maxLength: 12 }), (entries) => {
        const total = entries.reduce((sum, [value, weight]) => sum + exact(value) * weight, 0n)
        expect(roundedSum(sumOf(entries))).toBe(nearest(total, ONE))
      }),
      { numRuns: 400 },
    )
  })

  test('does not depend on order, nor on what came and went', () => {
    fc.assert(
      fc.property(fc.array(weighted, { maxLength: 12 }), fc.array(weighted, { maxLength: 8 }), (entries, passing) => {
        const history = [...entries, ...passing].reverse()
        for (const [value, weight] of passing) history.push([value, -weight])
        expect(roundedSum(sumOf(history))).toBe(roundedSum(sumOf(entries)))
      }),
    )
  })

  test.each([
    [[1e16, 1, -1e16], 1],
    [[0.1, 1e15, -1e15], 0.1],
    [[0.1, 0.2, 0.3], 0.6],
    [[1e308, 1e308, -1e308], 1e308],
    [[1e308, 1e308], Number.POSITIVE_INFINITY],
    [[1, -1], 0],
    [[], 0],
  ])('of %j is %d', (values, expected) => {
    expect(roundedSum(sumOf(values.map((value) => [value, 1n])))).toBe(expected)
  })

  test('NaN and infinities count, and leave', () => {
    const sum = sumOf([[1.5, 1n]])
    addValue(sum, Number.POSITIVE_INFINITY, 1n)
    expect(roundedSum(sum)).toBe(Number.POSITIVE_INFINITY)
    addValue(sum, Number.NEGATIVE_INFINITY, 1n)
    expect(roundedSum(sum)).toBeNaN()
    addValue(sum, Number.POSITIVE_INFINITY, -1n)
    expect(roundedSum(sum)).toBe(Number.NEGATIVE_INFINITY)
    addValue(sum, Number.NEGATIVE_INFINITY, -1n)
    expect(roundedSum(sum)).toBe(1.5)
  })

  test('survives its bytes', () => {
    fc.assert(
      fc.property(fc.array(weighted, { maxLength: 12 }), (entries) => {
        const writer = new ByteWriter()
        writer.u8(9)
        const sum = sumOf(entries)
        writeExactSum(sum, writer)
        expect(roundedSum(readExactSum(writer.slice(), 1))).toBe(roundedSum(sum))
      }),
    )
  })
})

test('the average is rounded once', () => {
  expect(roundedAverage(sumOf([[1e308, 2n]]), 2n)).toBe(1e308)
  fc.assert(
    fc.property(fc.array(double, { minLength: 1, maxLength: 8 }), (values) => {
      const total = values.reduce((sum, value) => sum + exact(value), 0n)
      const average = roundedAverage(sumOf(values.map((value) => [value, 1n])), BigInt(values.length))
      expect(average).toBe(nearest(total, ONE * BigInt(values.length)))
    }),
  )
})

function spread(values: readonly number[]) {
  const sum = exactSum()
  const squares = exactSum()
  for (const value of values) {
    addValue(sum, value, 1n)
    addProduct(squares, value, value, 1n)
  }
  return { sum, squares, count: BigInt(values.length) }
}

describe('variance', () => {
  test.each([
    [[1e9 + 1, 1e9 + 2, 1e9 + 3], 1],
    [[2, 4, 4, 4, 5, 5, 7, 9], 4.571428571428571],
    [[3, 3], 0],
  ])('of the sample %j is %d', (values, expected) => {
    expect(roundedVariance(spread(values), 'sample')).toBe(expected)
  })

  test('is the correctly rounded exact variance', () => {
    fc.assert(
      fc.property(fc.array(double, { minLength: 2, maxLength: 6 }), (values) => {
        const n = BigInt(values.length)
        const sum = values.reduce((total, value) => total + exact(value), 0n)
        const squares = values.reduce((total, value) => total + exact(value) ** 2n, 0n)
        const expected = nearest(n * squares - sum * sum, n * (n - 1n) * ONE * ONE)
        expect(roundedVariance(spread(values), 'sample')).toBe(expected)
      }),
      { numRuns: 200 },
    )
  })

  test('is NaN while a value is not finite', () => {
    expect(roundedVariance(spread([1, 2, Number.POSITIVE_INFINITY]), 'population')).toBeNaN()
  })
})

test('covariance uses exact products', () => {
  const pairs = [
    [1e200, 1e-200],
    [3, 5],
    [-1e200, 2],
  ] as const
  const [x, y, products] = [exactSum(), exactSum(), exactSum()]
  for (const [a, b] of pairs) {
    addValue(x, a, 1n)
    addValue(y, b, 1n)
    addProduct(products, a, b, 1n)
  }
  const sumX = pairs.reduce((total, [a]) => total + exact(a), 0n)
  const sumY = pairs.reduce((total, [, b]) => total + exact(b), 0n)
  const sumXY = pairs.reduce((total, [a, b]) => total + exact(a) * exact(b), 0n)
  expect(roundedCovariance({ x, y, products, count: 3n }, 'population')).toBe(
    nearest(3n * sumXY - sumX * sumY, 9n * ONE * ONE),
  )
})
