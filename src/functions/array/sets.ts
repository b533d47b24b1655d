// Rows out of arrays, texts and ranges of integers: unnest, generate_subscripts, string_to_table, generate_series.

import type { SqlType } from '../../core/type.ts'
import type { SqlArray, SqlRow, SqlValue } from '../../core/value.ts'
import type { TableFunction } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'
import { setOf, tableFunction } from '../table.ts'
import { splitText } from './text.ts'

const elementType = (type: SqlType | undefined): SqlType => (type?.kind === 'array' ? type.element : { kind: 'text' })

/** An array of rows gives their fields as columns. */
function* unnestRows(array: SqlArray): Iterable<readonly SqlValue[]> {
  const width = (array.elements.find((element) => element !== null) as SqlRow | undefined)?.fields.length ?? 0
  for (const element of array.elements)
    yield element === null ? Array<SqlValue>(width).fill(null) : (element as SqlRow).fields
}

function* unnest(array: SqlArray): Iterable<readonly SqlValue[]> {
  for (const element of array.elements) yield [element]
}

const isRows = (array: SqlArray): boolean => {
  const element = array.elements.find((value) => value !== null)
  return (
    element !== undefined &&
    element !== null &&
    typeof element === 'object' &&
    'kind' in element &&
    element.kind === 'row'
  )
}

function* subscripts(array: SqlArray, dimension: number, reverse: boolean): Iterable<readonly SqlValue[]> {
  const length = array.lengths[dimension - 1]
  if (length === undefined) return
  const lower = array.lowerBounds[dimension - 1]!
  for (let i = 0; i < length; i++) yield [reverse ? lower + length - 1 - i : lower + i]
}

const zeroStep = () => invalidParameter('step size cannot equal zero')

function* series4(start: number, stop: number, step: number): Iterable<readonly SqlValue[]> {
  if (step === 0) throw zeroStep()
  for (let value = start; step > 0 ? value <= stop : value >= stop; value += step) yield [value]
}

function* series8(start: bigint, stop: bigint, step: bigint): Iterable<readonly SqlValue[]> {
  if (step === 0n) throw zeroStep()
  for (let value = start; step > 0n ? value <= stop : value >= stop; value += step) yield [value]
}

const seriesDoc = 'The values from the first to the second argument, a step apart.'

export const arraySets: readonly TableFunction[] = [
  tableFunction('unnest', ['anyarray'], {
    doc: 'The elements of the array, one a row; the fields of an array of rows as columns.',
    example: "array(select * from unnest(array[1, 2])) = '{1,2}'",
    columns: ([type]) => {
      const element = elementType(type)
      return element.kind === 'row' ? element.fields : [{ name: 'unnest', type: element }]
    },
    evaluate: (array: SqlArray) => (isRows(array) ? unnestRows(array) : unnest(array)),
  }),
  setOf('generate_subscripts', ['anyarray', 'int4'], 'int4', {
    doc: 'The subscripts of a dimension of the array.',
    example: "array(select generate_subscripts('{NULL,1,NULL,2}'::int[], 1)) = '{1,2,3,4}'",
    evaluate: (array: SqlArray, dimension: number) => subscripts(array, dimension, false),
  }),
  setOf('generate_subscripts', ['anyarray', 'int4', 'boolean'], 'int4', {
    doc: 'The subscripts of a dimension of the array, the last one first where the third argument is true.',
    example: "array(select generate_subscripts('{a,b}'::text[], 1, true)) = '{2,1}'",
    evaluate: subscripts,
  }),
  setOf('string_to_table', ['text', 'text'], 'text', {
    doc: 'The fields of the text between separators, one a row.',
    example: "array(select string_to_table('xx~^~yy', '~^~')) = '{xx,yy}'",
    strict: false,
    evaluate: (text: string | null, separator: string | null) =>
      text === null ? [] : splitText(text, separator, null).map((part) => [part]),
  }),
  setOf('string_to_table', ['text', 'text', 'text'], 'text', {
    doc: 'The fields of the text between separators, one a row; fields equal to the third argument are NULL.',
    example: "array(select string_to_table('xx,yy', ',', 'yy')) = '{xx,NULL}'",
    strict: false,
    evaluate: (text: string | null, separator: string | null, forNull: string | null) =>
      text === null ? [] : splitText(text, separator, forNull).map((part) => [part]),
  }),
  setOf('generate_series', ['int4', 'int4'], 'int4', {
    doc: seriesDoc,
    example: "array(select generate_series(2, 4)) = '{2,3,4}'",
    evaluate: (start: number, stop: number) => series4(start, stop, 1),
  }),
  setOf('generate_series', ['int4', 'int4', 'int4'], 'int4', {
    doc: seriesDoc,
    example: "array(select generate_series(5, 1, -2)) = '{5,3,1}'",
    evaluate: series4,
  }),
  setOf('generate_series', ['int8', 'int8'], 'int8', {
    doc: seriesDoc,
    example: "array(select generate_series(2::int8, 4)) = '{2,3,4}'",
    evaluate: (start: bigint, stop: bigint) => series8(start, stop, 1n),
  }),
  setOf('generate_series', ['int8', 'int8', 'int8'], 'int8', {
    doc: seriesDoc,
    example: "array(select generate_series(5::int8, 1, -2)) = '{5,3,1}'",
    evaluate: series8,
  }),
]
