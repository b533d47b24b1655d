// Rows out of JSON: each member, element or key.

import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { TableFunction } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'
import { tableFunction } from '../table.ts'
import { type JsonForm, jsonbForm, jsonForm } from './form.ts'
import type { JsonType } from './node.ts'

/** What PostgreSQL says where the value is of the wrong kind; json and jsonb say it differently. */
const wrongKind = {
  json: {
    each: (type: JsonType) => `cannot deconstruct ${type === 'array' ? 'an array as an object' : 'a scalar'}`,
    elements: (type: JsonType, name: string) =>
      `cannot call ${name} on ${type === 'object' ? 'a non-array' : 'a scalar'}`,
    keys: (type: JsonType, name: string) => `cannot call ${name} on ${type === 'array' ? 'an array' : 'a scalar'}`,
  },
  jsonb: {
    each: (_: JsonType, name: string) => `cannot call ${name} on a non-object`,
    elements: (type: JsonType) => `cannot extract elements from ${type === 'object' ? 'an object' : 'a scalar'}`,
    keys: (type: JsonType, name: string) => `cannot call ${name} on ${type === 'array' ? 'an array' : 'a scalar'}`,
  },
} as const

function setsOf<Part>(form: JsonForm<Part>): readonly TableFunction[] {
  const { type } = form
  const value: SqlType = { kind: type }
  const text: SqlType = { kind: 'text' }
  const column = (name: string, of: SqlType) => ({ name, type: of })

  const expect = (
    wanted: 'object' | 'array',
    given: SqlValue,
    what: 'each' | 'elements' | 'keys',
    name: string,
  ): Part => {
    const part = form.read(given)
    const actual = form.typeOf(part)
    if (actual !== wanted) throw invalidParameter(wrongKind[type][what](actual, name))
    return part
  }

  const each = (name: string, asText: boolean): TableFunction =>
    tableFunction(name, [type], {
      doc: asText ? 'The members of an object, values as text.' : 'The members of an object.',
      example:
        `(select string_agg(key || '=' || value::text, ',') from ${name}('{"a": "x", "b": 1}')) = ` +
        (asText ? "'a=x,b=1'" : `'a="x",b=1'`),
      columns: () => [column('key', text), column('value', asText ? text : value)],
      evaluate: function* (given: SqlValue): Iterable<readonly SqlValue[]> {
        for (const [key, part] of form.members(expect('object', given, 'each', name)))
          yield [key, asText ? form.text(part) : form.write(part)]
      },
    })

  const elements = (name: string, asText: boolean): TableFunction =>
    tableFunction(name, [type], {
      doc: asText ? 'The elements of an array as text.' : 'The elements of an array.',
      example: `(select string_agg(value::text, ';') from ${name}('["x", [1]]')) = '${asText ? 'x' : '"x"'};[1]'`,
      columns: () => [column('value', asText ? text : value)],
      evaluate: function* (given: SqlValue): Iterable<readonly SqlValue[]> {
        for (const part of form.elements(expect('array', given, 'elements', name)))
          yield [asText ? form.text(part) : form.write(part)]
      },
    })

  const keys = `${type}_object_keys`
  return [
    each(`${type}_each`, false),
    each(`${type}_each_text`, true),
    elements(`${type}_array_elements`, false),
    elements(`${type}_array_elements_text`, true),
    tableFunction(keys, [type], {
      doc: 'The keys of an object.',
      example: `(select string_agg(k, ',') from ${keys}('{"a": 1, "b": 2}') as t(k)) = 'a,b'`,
      columns: () => [column(keys, text)],
      evaluate: function* (given: SqlValue): Iterable<readonly SqlValue[]> {
        for (const [key] of form.members(expect('object', given, 'keys', keys))) yield [key]
      },
    }),
  ]
}

export const jsonSets: readonly TableFunction[] = [...setsOf(jsonForm), ...setsOf(jsonbForm)]
