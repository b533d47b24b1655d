// What an array contains: @>, <@, &&, positions, removal and replacement of elements.
//
// Elements are equal as `IS NOT DISTINCT FROM` says in positions, removal and replacement; in @> and && NULL equals
// nothing.

import { notSupported, SqlError } from '../../core/error.ts'
import { compareSql } from '../../core/order.ts'
import type { SqlType } from '../../core/type.ts'
import { type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import { lenientByType, strictByType } from '../polymorphic.ts'
import type { ScalarFunction } from '../registry.ts'
import { arrayFrom, dimensions, withElements } from './shape.ts'

type Same = (a: SqlValue, b: SqlValue) => boolean

const elementOf = (type: SqlType | undefined): SqlType => (type?.kind === 'array' ? type.element : { kind: 'void' })

const sameFor = (array: SqlType | undefined): Same => {
  const element = elementOf(array)
  return (a, b) => compareSql(element, a, b) === 0
}

const contains = (whole: SqlArray, part: SqlArray, same: Same): boolean =>
  part.elements.every((wanted) => wanted !== null && whole.elements.some((element) => same(element, wanted)))

const overlaps = (a: SqlArray, b: SqlArray, same: Same): boolean =>
  a.elements.some((x) => x !== null && b.elements.some((y) => same(x, y)))

const nullStart = (): SqlError => new SqlError({ code: '22004', message: 'initial position must not be null' })

function position(array: SqlArray | null, wanted: SqlValue, same: Same, start?: number | null): number | null {
  if (array === null) return null
  if (dimensions(array) > 1) throw notSupported('searching for elements in multidimensional arrays')
  if (dimensions(array) === 0) return null
  if (start === null) throw nullStart()
  const lower = array.lowerBounds[0] ?? 1
  const from = Math.max(0, (start ?? lower) - lower)
  for (let i = from; i < array.elements.length; i++) if (same(array.elements[i]!, wanted)) return i + lower
  return null
}

function positions(array: SqlArray | null, wanted: SqlValue, same: Same): SqlArray | null {
  if (array === null) return null
  if (dimensions(array) > 1) throw notSupported('searching for elements in multidimensional arrays')
  const lower = array.lowerBounds[0] ?? 1
  return sqlArray(array.elements.flatMap((element, i) => (same(element, wanted) ? [i + lower] : [])))
}

function remove(array: SqlArray | null, unwanted: SqlValue, same: Same): SqlArray | null {
  if (array === null) return null
  if (dimensions(array) > 1) throw notSupported('removing elements from multidimensional arrays')
  return arrayFrom(
    array.elements.filter((element) => !same(element, unwanted)),
    array.lowerBounds[0],
  )
}

const replace = (array: SqlArray | null, from: SqlValue, to: SqlValue, same: Same): SqlArray | null =>
  array &&
  withElements(
    array,
    array.elements.map((element) => (same(element, from) ? to : element)),
  )

export const searchFunctions: readonly ScalarFunction[] = [
  strictByType('@>', ['anyarray', 'anyarray'], 'boolean', {
    doc: 'True where every element of the second array occurs in the first one.',
    example: 'array[1, 4, 3] @> array[3, 1, 3]',
    fails: false,
    forTypes: ([array]) => {
      const same = sameFor(array)
      return (whole: SqlArray, part: SqlArray) => contains(whole, part, same)
    },
  }),
  strictByType('<@', ['anyarray', 'anyarray'], 'boolean', {
    doc: 'True where every element of the first array occurs in the second one.',
    example: 'array[2, 2, 7] <@ array[1, 7, 4, 2, 6]',
    fails: false,
    forTypes: ([array]) => {
      const same = sameFor(array)
      return (part: SqlArray, whole: SqlArray) => contains(whole, part, same)
    },
  }),
  strictByType('&&', ['anyarray', 'anyarray'], 'boolean', {
    doc: 'True where the arrays have an element in common.',
    example: 'array[1, 4, 3] && array[2, 1]',
    fails: false,
    forTypes: ([array]) => {
      const same = sameFor(array)
      return (a: SqlArray, b: SqlArray) => overlaps(a, b, same)
    },
  }),
  lenientByType('array_position', ['anycompatiblearray', 'anycompatible'], 'int4', {
    doc: 'The subscript of the first such element; NULL where there is none.',
    example: "array_position(array['sun', 'mon', 'tue'], 'mon') = 2",
    forTypes: ([array]) => {
      const same = sameFor(array)
      return (values: SqlArray | null, wanted: SqlValue) => position(values, wanted, same)
    },
  }),
  lenientByType('array_position', ['anycompatiblearray', 'anycompatible', 'int4'], 'int4', {
    doc: 'The subscript of the first such element from a subscript on; NULL where there is none.',
    example: 'array_position(array[1, 2, 1], 1, 2) = 3',
    forTypes: ([array]) => {
      const same = sameFor(array)
      return (values: SqlArray | null, wanted: SqlValue, start: number | null) => position(values, wanted, same, start)
    },
  }),
  lenientByType('array_positions', ['anycompatiblearray', 'anycompatible'], 'int4[]', {
    doc: 'The subscripts of all such elements.',
    example: "array_positions(array['A', 'A', 'B', 'A'], 'A') = '{1,2,4}'",
    forTypes: ([array]) => {
      const same = sameFor(array)
      return (values: SqlArray | null, wanted: SqlValue) => positions(values, wanted, same)
    },
  }),
  lenientByType('array_remove', ['anycompatiblearray', 'anycompatible'], 'anycompatiblearray', {
    doc: 'The array without all such elements.',
    example: "array_remove(array[1, 2, 3, 2], 2) = '{1,3}'",
    forTypes: ([array]) => {
      const same = sameFor(array)
      return (values: SqlArray | null, unwanted: SqlValue) => remove(values, unwanted, same)
    },
  }),
  lenientByType('array_replace', ['anycompatiblearray', 'anycompatible', 'anycompatible'], 'anycompatiblearray', {
    doc: 'The array with each such element replaced.',
    example: "array_replace(array[1, 2, 5, 4], 5, 3) = '{1,2,3,4}'",
    fails: false,
    forTypes: ([array]) => {
      const same = sameFor(array)
      return (values: SqlArray | null, from: SqlValue, to: SqlValue) => replace(values, from, to, same)
    },
  }),
]
