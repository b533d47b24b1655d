// SQL values as JSON text (to_json and everything built on it), by the type of the value.
//
// Numbers stay numbers where JSON can say them (NaN and the infinities become strings), booleans booleans, arrays
// arrays, rows objects; json and jsonb are put in as they are; everything else is its text form as a string, dates and
// timestamps in ISO 8601 with a T.

import type { SqlType } from '../../core/type.ts'
import type { SqlArray, SqlRow, SqlValue } from '../../core/value.ts'
import type { TextContext } from '../registry.ts'
import { quoteJson } from '../text/json.ts'
import { print } from '../text/text.ts'

/** The JSON text of a value; NULL is null. */
export type JsonEncoder = (value: SqlValue, context: TextContext) => string

type NotNull = Exclude<SqlValue, null>

const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

export function jsonEncoder(type: SqlType): JsonEncoder {
  const encode = encoderOf(type)
  return (value, context) => (value === null ? 'null' : encode(value, context))
}

function encoderOf(type: SqlType): (value: NotNull, context: TextContext) => string {
  switch (type.kind) {
    case 'boolean':
    case 'int2':
    case 'int4':
    case 'int8':
      return String
    case 'float4':
    case 'float8':
    case 'numeric':
      return (value, context) => {
        const text = print(type, value, context.text)
        return jsonNumber.test(text) ? text : quoteJson(text)
      }
    case 'json':
    case 'jsonb':
      return (value, context) => print(type, value, context.text)
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return (value, context) => quoteJson(isoText(type, value, context))
    case 'array':
      return arrayEncoder(type.element)
    case 'row':
      return rowEncoder(type)
    default:
      return (value, context) => quoteJson(print(type, value, context.text))
  }
}

/** `2024-01-31T10:00:00+00:00`, whatever DateStyle says. */
function isoText(type: SqlType, value: NotNull, context: TextContext): string {
  const text = print(type, value, { ...context.text, dateStyle: { output: 'ISO', order: 'YMD' } })
  const iso = text.replace(' ', 'T').replace('TBC', ' BC')
  return type.kind === 'timestamptz' ? iso.replace(/([+-]\d\d)( BC)?$/, '$1:00$2') : iso
}

/** `separator` stands between the elements of the outermost dimension. */
export function arrayEncoder(element: SqlType, separator = ','): (value: NotNull, context: TextContext) => string {
  const encode = jsonEncoder(element)
  const slice = (array: SqlArray, dimension: number, start: number, count: number, context: TextContext): string => {
    const length = array.lengths[dimension]
    if (length === undefined) return encode(array.elements[start]!, context)
    const each = count / length
    const parts = Array.from({ length }, (_, i) => slice(array, dimension + 1, start + i * each, each, context))
    return `[${parts.join(dimension === 0 ? separator : ',')}]`
  }
  return (value, context) => {
    const array = value as SqlArray
    return array.lengths.length === 0 ? '[]' : slice(array, 0, 0, array.elements.length, context)
  }
}

export function rowEncoder(
  type: Extract<SqlType, { kind: 'row' }>,
  separator = ',',
): (value: NotNull, context: TextContext) => string {
  const fields = type.fields.map(({ name, type }) => ({ key: quoteJson(name), encode: jsonEncoder(type) }))
  return (value, context) => {
    const values = (value as SqlRow).fields
    return `{${fields.map(({ key, encode }, i) => `${key}:${encode(values[i] ?? null, context)}`).join(separator)}}`
  }
}

/** Object keys: the text form of a scalar value. */
export function keyEncoder(type: SqlType): (value: NotNull, context: TextContext) => string {
  if (type.kind === 'boolean') return String
  if (type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'timestamptz')
    return (value, context) => isoText(type, value, context)
  return (value, context) => print(type, value, context.text)
}
