// Aggregates that collect: string_agg, array_agg, json(b)_agg, json(b)_object_agg.
//
// The rows come in the call's order, completed by the canonical one. NULLs are kept, except that string_agg skips them;
// of no rows the result is NULL.

import { SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { type JsonNode, type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import { jsonEncoder, keyEncoder } from '../json/encode.ts'
import { json } from '../json/node.ts'
import type { AggregateFunction, MultisetContext, WeightedRow } from '../registry.ts'
import { jsonObject, parseJson, quoteJson } from '../text/json.ts'
import { aggregate, type Final, multiset } from './entry.ts'
import { copies, RESULT_MAX, resultTooLarge } from './rows.ts'

/** The first separator is not used; a NULL one is empty. */
function joinTexts(rows: Iterable<WeightedRow>): string | null {
  let result: string | null = null
  for (const [value, separator] of copies(rows)) {
    if (value === null) continue
    const part = value as string
    result = result === null ? part : result + ((separator as string | null) ?? '') + part
    if (result.length > RESULT_MAX) throw resultTooLarge('string_agg')
  }
  return result
}

function joinBytes(rows: Iterable<WeightedRow>): Uint8Array | null {
  const parts: Uint8Array[] = []
  let size = 0
  for (const [value, separator] of copies(rows)) {
    if (value === null) continue
    if (parts.length > 0 && separator !== null) parts.push(separator as Uint8Array)
    parts.push(value as Uint8Array)
    size += (value as Uint8Array).length + ((separator as Uint8Array | null)?.length ?? 0)
    if (size > RESULT_MAX) throw resultTooLarge('string_agg')
  }
  return parts.length === 0 ? null : new Uint8Array(Buffer.concat(parts))
}

function collectArray(rows: Iterable<WeightedRow>): SqlArray | null {
  const elements: SqlValue[] = []
  for (const [value] of copies(rows)) {
    elements.push(value!)
    if (elements.length > RESULT_MAX / 8) throw resultTooLarge('array_agg')
  }
  return elements.length === 0 ? null : sqlArray(elements)
}

const nullArray = (): SqlError => new SqlError({ code: '22004', message: 'cannot accumulate null arrays' })
const emptyArray = (): SqlError => new SqlError({ code: '2202E', message: 'cannot accumulate empty arrays' })
const otherShape = (): SqlError =>
  new SqlError({ code: '2202E', message: 'cannot accumulate arrays of different dimensionality' })

/** Arrays of one shape become slices of an array of one dimension more. */
function stackArrays(rows: Iterable<WeightedRow>): SqlArray | null {
  const elements: SqlValue[] = []
  let first: SqlArray | undefined
  let count = 0
  for (const [value] of copies(rows)) {
    if (value === null) throw nullArray()
    const array = value as SqlArray
    if (array.lengths.length === 0) throw emptyArray()
    first ??= array
    if (array.lengths.join() !== first.lengths.join()) throw otherShape()
    for (const element of array.elements) elements.push(element)
    if (elements.length > RESULT_MAX / 8) throw resultTooLarge('array_agg')
    count++
  }
  if (first === undefined) return null
  return { kind: 'array', elements, lengths: [count, ...first.lengths], lowerBounds: [1, ...first.lowerBounds] }
}

const isComposite = (type: SqlType): boolean => type.kind === 'row' || type.kind === 'array'

/** The elements as JSON text; rows and arrays stand on lines of their own, as PostgreSQL writes them. */
function jsonArrayText(rows: Iterable<WeightedRow>, { argTypes, text }: MultisetContext): string | null {
  const encode = jsonEncoder(argTypes[0]!)
  const separator = isComposite(argTypes[0]!) ? ', \n ' : ', '
  let result = ''
  for (const [value] of copies(rows)) {
    result += (result === '' ? '[' : separator) + encode(value!, { text })
    if (result.length > RESULT_MAX) throw resultTooLarge('json_agg')
  }
  return result === '' ? null : `${result}]`
}

const nullKey = (): SqlError => new SqlError({ code: '22023', message: 'field name must not be null' })

type Member = readonly [key: string, value: string]

/** Keys and the JSON text of the values. */
function* members(rows: Iterable<WeightedRow>, { argTypes, text }: MultisetContext): Generator<Member, void> {
  const key = keyEncoder(argTypes[0]!)
  const value = jsonEncoder(argTypes[1]!)
  for (const [name, content] of copies(rows)) {
    if (name === null || name === undefined) throw nullKey()
    yield [key(name, { text }), value(content!, { text })]
  }
}

const jsonObjectText: Final = (rows, _direct, context) => {
  let result = ''
  for (const [key, value] of members(rows, context)) {
    result += `${result === '' ? '{ ' : ', '}${quoteJson(key)} : ${value}`
    if (result.length > RESULT_MAX) throw resultTooLarge('json_object_agg')
  }
  return result === '' ? null : `${result} }`
}

const jsonbArray: Final = (rows, _direct, context) => {
  const text = jsonArrayText(rows, context)
  return text === null ? null : json(parseJson(text))
}

/** Of equal keys the last one stays. */
const jsonbObject: Final = (rows, _direct, context) => {
  const entries: (readonly [string, JsonNode])[] = []
  for (const [key, value] of members(rows, context)) entries.push([key, parseJson(value)])
  return entries.length === 0 ? null : json(jsonObject(entries))
}

export const collectAggregates: readonly AggregateFunction[] = [
  aggregate('string_agg', ['text', 'text'], 'text', {
    doc: 'The texts that are not NULL, each but the first after its separator.',
    example: "(select string_agg(x, '-' order by x) from (values ('b'), (null), ('a')) as t(x)) = 'a-b'",
    ignoresNulls: false,
    state: multiset(joinTexts),
  }),
  aggregate('string_agg', ['bytea', 'bytea'], 'bytea', {
    doc: 'The byte strings that are not NULL, each but the first after its separator.',
    example: "(select string_agg(x, '\\x00'::bytea) from (values ('\\x01'::bytea), ('\\x01')) as t(x)) = '\\x010001'",
    ignoresNulls: false,
    state: multiset(joinBytes),
  }),
  aggregate('array_agg', ['anynonarray'], (args) => ({ kind: 'array', element: args[0]! }), {
    doc: 'An array of the values, NULLs included.',
    example: "(select array_agg(x order by x) from (values (2), (null), (1)) as t(x)) = '{1,2,NULL}'",
    ignoresNulls: false,
    state: multiset(collectArray),
  }),
  aggregate('array_agg', ['anyarray'], 'anyarray', {
    doc: 'The arrays, all of one shape, as slices of an array of one dimension more.',
    example: "(select array_agg(x order by x) from (values (array[3, 4]), (array[1, 2])) as t(x)) = '{{1,2},{3,4}}'",
    ignoresNulls: false,
    state: multiset(stackArrays),
  }),
  aggregate('json_agg', ['anyelement'], 'json', {
    doc: 'A JSON array of the values, NULLs as null.',
    example: "(select json_agg(x order by x) from (values (2), (null), (1)) as t(x))::text = '[1, 2, null]'",
    ignoresNulls: false,
    state: multiset((rows, _direct, context) => jsonArrayText(rows, context)),
  }),
  aggregate('jsonb_agg', ['anyelement'], 'jsonb', {
    doc: 'A JSON array of the values, NULLs as null.',
    example: "(select jsonb_agg(x order by x) from (values (2), (null), (1)) as t(x)) = '[1, 2, null]'",
    ignoresNulls: false,
    state: multiset(jsonbArray),
  }),
  aggregate('json_object_agg', ['any', 'any'], 'json', {
    doc: 'A JSON object of keys and values.',
    example: `(select json_object_agg(k, v) from (values ('a', 1)) as t(k, v))::text = '{ "a" : 1 }'`,
    ignoresNulls: false,
    state: multiset(jsonObjectText),
  }),
  aggregate('jsonb_object_agg', ['any', 'any'], 'jsonb', {
    doc: 'A JSON object of keys and values; of equal keys the last one stays.',
    example: `(select jsonb_object_agg(k, v) from (values ('a', 1), ('b', null)) as t(k, v)) = '{"a": 1, "b": null}'`,
    ignoresNulls: false,
    state: multiset(jsonbObject),
  }),
]
