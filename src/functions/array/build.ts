// Arrays from parts: append, prepend, concatenate (||), fill.
//
// Concatenation follows array_cat: equal numbers of dimensions join along the first one; an array of one dimension less
// becomes one more slice. NULL stands for no array.

import { SqlError } from '../../core/error.ts'
import { type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import type { ScalarFunction } from '../registry.ts'
import { lenient } from '../registry.ts'
import { arrayFrom, arraySizeExceeded, DIMENSIONS_MAX, dimensions, ELEMENTS_MAX, subscriptError } from './shape.ts'

const incompatible = (detail: string): SqlError => subscriptError('cannot concatenate incompatible arrays', detail)
const notOneDimensional = (): SqlError =>
  new SqlError({ code: '22000', message: 'argument must be empty or one-dimensional array' })

function checkAppendable(array: SqlArray): void {
  if (dimensions(array) > 1) throw notOneDimensional()
}

export function append(array: SqlArray | null, element: SqlValue): SqlArray {
  if (array === null || dimensions(array) === 0) return sqlArray([element])
  checkAppendable(array)
  return arrayFrom([...array.elements, element], array.lowerBounds[0])
}

export function prepend(element: SqlValue, array: SqlArray | null): SqlArray {
  if (array === null || dimensions(array) === 0) return sqlArray([element])
  checkAppendable(array)
  return arrayFrom([element, ...array.elements], array.lowerBounds[0])
}

export function concatenate(a: SqlArray | null, b: SqlArray | null): SqlArray | null {
  if (a === null) return b
  if (b === null || dimensions(b) === 0) return a
  if (dimensions(a) === 0) return b
  const difference = dimensions(a) - dimensions(b)
  if (Math.abs(difference) > 1)
    throw incompatible(
      `Arrays of ${dimensions(a)} and ${dimensions(b)} dimensions are not compatible for concatenation.`,
    )
  const elements = [...a.elements, ...b.elements]
  if (difference === 0) {
    checkSame(
      innerBounds(a, 1),
      innerBounds(b, 1),
      'Arrays with differing element dimensions are not compatible for concatenation.',
    )
    return { ...a, elements, lengths: [a.lengths[0]! + b.lengths[0]!, ...a.lengths.slice(1)] }
  }
  const [outer, inner] = difference > 0 ? [a, b] : [b, a]
  checkSame(
    innerBounds(outer, 1),
    innerBounds(inner, 0),
    'Arrays with differing dimensions are not compatible for concatenation.',
  )
  return { ...outer, elements, lengths: [outer.lengths[0]! + 1, ...outer.lengths.slice(1)] }
}

/** Lengths and lower bounds from a dimension on: both must agree. */
const innerBounds = ({ lengths, lowerBounds }: SqlArray, from: number): readonly number[] => [
  ...lengths.slice(from),
  ...lowerBounds.slice(from),
]

function checkSame(a: readonly number[], b: readonly number[], detail: string): void {
  if (a.some((length, i) => length !== b[i])) throw incompatible(detail)
}

const nullDimensions = (): SqlError =>
  new SqlError({ code: '22004', message: 'dimension array or low bound array cannot be null' })
const nullDimension = (): SqlError => new SqlError({ code: '22004', message: 'dimension values cannot be null' })

function bounds(array: SqlArray, what: string): readonly number[] {
  if (dimensions(array) > 1)
    throw subscriptError('wrong number of array subscripts', `${what} array must be one dimensional.`)
  if (array.elements.includes(null)) throw nullDimension()
  return array.elements as readonly number[]
}

function fill(value: SqlValue, lengthsArray: SqlArray | null, lowersArray?: SqlArray | null): SqlArray {
  if (lengthsArray === null || lowersArray === null) throw nullDimensions()
  const lengths = bounds(lengthsArray, 'Dimension')
  if (lengths.length > DIMENSIONS_MAX)
    throw new SqlError({
      code: '54000',
      message: `number of array dimensions (${lengths.length}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
    })
  const lowers = lowersArray === undefined ? lengths.map(() => 1) : bounds(lowersArray, 'Low bound')
  if (lowers.length !== lengths.length)
    throw subscriptError(
      'wrong number of array subscripts',
      'Low bound array has different size than dimensions array.',
    )
  if (lengths.some((length) => length < 0)) throw arraySizeExceeded()
  const count = lengths.length === 0 ? 0 : lengths.reduce((product, length) => product * length, 1)
  if (count > ELEMENTS_MAX) throw arraySizeExceeded()
  if (count === 0) return sqlArray([])
  return { kind: 'array', elements: Array<SqlValue>(count).fill(value), lengths, lowerBounds: lowers }
}

const names = (...list: readonly string[]): readonly string[] => list

export const buildFunctions: readonly ScalarFunction[] = [
  ...names('array_append', '||').map((name) =>
    lenient(name, ['anycompatiblearray', 'anycompatible'], 'anycompatiblearray', {
      doc: 'The array with one more element at its end.',
      example: "array_append(array[1, 2], 3) = '{1,2,3}' and array[1, 2] || 3 = '{1,2,3}'",
      evaluate: append,
    }),
  ),
  ...names('array_prepend', '||').map((name) =>
    lenient(name, ['anycompatible', 'anycompatiblearray'], 'anycompatiblearray', {
      doc: 'The array with one more element at its start.',
      example: "array_prepend(1, array[2, 3]) = '{1,2,3}' and 1 || array[2, 3] = '{1,2,3}'",
      evaluate: prepend,
    }),
  ),
  ...names('array_cat', '||').map((name) =>
    lenient(name, ['anycompatiblearray', 'anycompatiblearray'], 'anycompatiblearray', {
      doc: 'The elements of both arrays.',
      example: "array_cat(array[1, 2], array[3]) = '{1,2,3}' and array[1, 2] || array[[3, 4]] = '{{1,2},{3,4}}'",
      evaluate: concatenate,
    }),
  ),
  lenient('array_fill', ['anyelement', 'int4[]'], 'anyarray', {
    doc: 'An array of these lengths, every element being the same value.',
    example: "array_fill(11, array[2, 3]) = '{{11,11,11},{11,11,11}}'",
    evaluate: (value: SqlValue, lengths: SqlArray | null) => fill(value, lengths),
  }),
  lenient('array_fill', ['anyelement', 'int4[]', 'int4[]'], 'anyarray', {
    doc: 'An array of these lengths and lower bounds, every element being the same value.',
    example: "array_fill(7, array[2], array[2]) = '[2:3]={7,7}'",
    evaluate: (value: SqlValue, lengths: SqlArray | null, lowers: SqlArray | null) => fill(value, lengths, lowers),
  }),
]
