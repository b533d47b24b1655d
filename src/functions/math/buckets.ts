// width_bucket in its three forms (exact over NUMERIC), and random().

import { SqlError } from '../../core/error.ts'
import { compareNumerics, compareSql } from '../../core/order.ts'
import type { SqlType } from '../../core/type.ts'
import type { Numeric, SqlArray, SqlValue } from '../../core/value.ts'
import { strictByType } from '../polymorphic.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { toInt4 } from './integer-kind.ts'

const bucketError = (message: string): SqlError => new SqlError({ code: '2201G', message })
const notPositive = (): SqlError => bucketError('count must be greater than zero')
const notANumber = (): SqlError => bucketError('operand, lower bound, and upper bound cannot be NaN')
const notFinite = (): SqlError => bucketError('lower and upper bounds must be finite')
const noWidth = (): SqlError => bucketError('lower bound cannot equal upper bound')

/** Below the range 0, above it count + 1; `inside` is the bucket from 0 within it, the bounds being in order. */
function bucket<T>(
  { value, low, high, count }: { value: T; low: T; high: T; count: number },
  compare: (a: T, b: T) => number,
  inside: () => number,
): number {
  const ascending = compare(low, high) < 0
  const side = (a: T, b: T): number => (ascending ? compare(a, b) : compare(b, a))
  if (side(value, low) < 0) return 0
  if (side(value, high) >= 0) return toInt4(count + 1)
  return inside() + 1
}

function floatBucket(value: number, low: number, high: number, count: number): number {
  if (count <= 0) throw notPositive()
  if (Number.isNaN(value) || Number.isNaN(low) || Number.isNaN(high)) throw notANumber()
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw notFinite()
  if (low === high) throw noWidth()
  const width = high - low
  const part = Number.isFinite(width) ? (value - low) / width : (value / 2 - low / 2) / (high / 2 - low / 2)
  return bucket(
    { value, low, high, count },
    (a, b) => a - b,
    () => Math.min(Math.trunc(count * part), count - 1),
  )
}

function numericBucket(value: Numeric, low: Numeric, high: Numeric, count: number): number {
  if (count <= 0) throw notPositive()
  if ([value, low, high].some((number) => number.special === 'NaN')) throw notANumber()
  if (low.special !== undefined || high.special !== undefined) throw notFinite()
  if (compareNumerics(low, high) === 0) throw noWidth()
  return bucket({ value, low, high, count }, compareNumerics, () => {
    const scale = Math.max(value.scale, low.scale, high.scale)
    const at = (number: Numeric): bigint => number.digits * 10n ** BigInt(scale - number.scale)
    return Number(((at(value) - at(low)) * BigInt(count)) / (at(high) - at(low)))
  })
}

const notOneDimensional = (): SqlError =>
  new SqlError({ code: '2202E', message: 'thresholds must be one-dimensional array' })
const nullThreshold = (): SqlError =>
  new SqlError({ code: '22004', message: 'thresholds array must not contain NULLs' })

/** How many of the ascending thresholds are not above the value: binary search. */
function thresholdBucket(type: SqlType, value: SqlValue, thresholds: SqlArray): number {
  if (thresholds.lengths.length > 1) throw notOneDimensional()
  if (thresholds.elements.includes(null)) throw nullThreshold()
  let low = 0
  let high = thresholds.elements.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareSql(type, value, thresholds.elements[middle]!) < 0) high = middle
    else low = middle + 1
  }
  return low
}

export const bucketFunctions: readonly ScalarFunction[] = [
  strict('width_bucket', ['float8', 'float8', 'float8', 'int4'], 'int4', {
    doc: 'The number of the bucket of equal width, from 1, that the first argument falls in.',
    example: "width_bucket('5.35'::float8, 0.024, 10.06, 5) = 3",
    evaluate: floatBucket,
  }),
  strict('width_bucket', ['numeric', 'numeric', 'numeric', 'int4'], 'int4', {
    doc: 'The number of the bucket of equal width, from 1, that the first argument falls in.',
    example: 'width_bucket(5.35, 0.024, 10.06, 5) = 3',
    evaluate: numericBucket,
  }),
  strictByType('width_bucket', ['anycompatible', 'anycompatiblearray'], 'int4', {
    doc: 'The number of ascending thresholds that are not above the first argument.',
    example: 'width_bucket(25, array[10, 20, 30]) = 2',
    forTypes:
      ([type]) =>
      (value: SqlValue, thresholds: SqlArray) =>
        thresholdBucket(type!, value, thresholds),
  }),
  strict('random', [], 'float8', {
    doc: 'A random number, at least 0 and below 1.',
    example: 'random() >= 0 and random() < 1',
    volatility: 'volatile',
    fails: false,
    evaluate: ({ random }: EvaluationContext) => random(),
  }),
]
