// The shape of arrays: dimensions, bounds, and the functions that show them.
//
// Elements lie row-major. An empty array has no dimension at all; all its bounds are NULL.

import { SqlError } from '../../core/error.ts'
import { type SqlArray, sqlArray } from '../../core/value.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

/** 2202E. */
export const subscriptError = (message: string, detail?: string): SqlError =>
  new SqlError({ code: '2202E', message, detail })

export const DIMENSIONS_MAX = 6
/** PostgreSQL's MaxArraySize. */
export const ELEMENTS_MAX = 134217727

export const arraySizeExceeded = (): SqlError =>
  new SqlError({ code: '54000', message: `array size exceeds the maximum allowed (${ELEMENTS_MAX})` })

export const dimensions = (array: SqlArray): number => array.lengths.length

/** The same shape with other elements. */
export const withElements = (array: SqlArray, elements: SqlArray['elements']): SqlArray => ({ ...array, elements })

/** A one-dimensional array whose first subscript is `lower`. */
export const arrayFrom = (elements: SqlArray['elements'], lower = 1): SqlArray =>
  elements.length === 0 ? sqlArray([]) : { kind: 'array', elements, lengths: [elements.length], lowerBounds: [lower] }

const dimensionText = (array: SqlArray): string | null =>
  dimensions(array) === 0
    ? null
    : array.lengths.map((length, i) => `[${array.lowerBounds[i]}:${array.lowerBounds[i]! + length - 1}]`).join('')

const upper = (array: SqlArray, dimension: number): number | null => {
  const length = array.lengths[dimension - 1]
  return length === undefined ? null : array.lowerBounds[dimension - 1]! + length - 1
}

function trimArray(array: SqlArray, count: number): SqlArray {
  const length = array.lengths[0] ?? 0
  if (count < 0 || count > length) throw subscriptError(`number of elements to trim must be between 0 and ${length}`)
  const kept = length - count
  if (kept === 0) return sqlArray([])
  const each = array.elements.length / length
  return {
    ...array,
    elements: array.elements.slice(0, kept * each),
    lengths: [kept, ...array.lengths.slice(1)],
    lowerBounds: array.lowerBounds.map((lower, i) => (i === 0 ? 1 : lower)),
  }
}

export const shapeFunctions: readonly ScalarFunction[] = [
  strict('array_ndims', ['anyarray'], 'int4', {
    doc: 'The number of dimensions; NULL of an empty array.',
    example: 'array_ndims(array[[1, 2], [3, 4]]) = 2',
    fails: false,
    evaluate: (array: SqlArray) => dimensions(array) || null,
  }),
  strict('array_dims', ['anyarray'], 'text', {
    doc: 'The bounds of each dimension; NULL of an empty array.',
    example: "array_dims(array[[1, 2, 3], [4, 5, 6]]) = '[1:2][1:3]'",
    fails: false,
    evaluate: dimensionText,
  }),
  strict('array_length', ['anyarray', 'int4'], 'int4', {
    doc: 'The length of a dimension; NULL where the array has no such dimension.',
    example: 'array_length(array[1, 2, 3], 1) = 3 and array_length(array[]::int[], 1) is null',
    fails: false,
    evaluate: (array: SqlArray, dimension: number) => array.lengths[dimension - 1] ?? null,
  }),
  strict('array_lower', ['anyarray', 'int4'], 'int4', {
    doc: 'The first subscript of a dimension.',
    example: "array_lower('[0:2]={1,2,3}'::int[], 1) = 0",
    fails: false,
    evaluate: (array: SqlArray, dimension: number) => array.lowerBounds[dimension - 1] ?? null,
  }),
  strict('array_upper', ['anyarray', 'int4'], 'int4', {
    doc: 'The last subscript of a dimension.',
    example: "array_upper('[0:2]={1,2,3}'::int[], 1) = 2",
    fails: false,
    evaluate: upper,
  }),
  strict('cardinality', ['anyarray'], 'int4', {
    doc: 'The number of elements in all dimensions; 0 of an empty array.',
    example: 'cardinality(array[[1, 2], [3, 4]]) = 4',
    fails: false,
    evaluate: (array: SqlArray) => array.elements.length,
  }),
  strict('trim_array', ['anyarray', 'int4'], 'anyarray', {
    doc: 'The array without its last n elements (of the first dimension).',
    example: "trim_array(array[1, 2, 3, 4], 2) = '{1,2}'",
    evaluate: trimArray,
  }),
]
