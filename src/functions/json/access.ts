// Reading parts of json and jsonb: ->, ->>, #>, #>>, lengths, types (PostgreSQL 15, section 9.16).

import type { SqlArray, SqlValue } from '../../core/value.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'
import { type JsonForm, jsonbForm, jsonForm } from './form.ts'
import { arrayIndex } from './node.ts'

/** The element at an index that counts from the end where it is negative. */
function element<Part>(form: JsonForm<Part>, part: Part, index: number): Part | undefined {
  if (form.typeOf(part) !== 'array') return undefined
  if (index < 0) return [...form.elements(part)].at(index)
  let i = 0
  for (const item of form.elements(part)) if (i++ === index) return item
  return undefined
}

/** PostgreSQL stores a jsonb scalar as an array of one, and `->` with an index shows it. */
function topElement<Part>(form: JsonForm<Part>, part: Part, index: number): Part | undefined {
  const type = form.typeOf(part)
  if (form.type === 'json' || type === 'array' || type === 'object') return element(form, part, index)
  return index === 0 || index === -1 ? part : undefined
}

/** Follows keys and indexes; undefined where they lead nowhere. */
function follow<Part>(form: JsonForm<Part>, root: Part, path: readonly SqlValue[]): Part | undefined {
  let part: Part | undefined = root
  for (const step of path) {
    if (part === undefined || step === null) return undefined
    const type = form.typeOf(part)
    if (type === 'object') part = form.member(part, step as string)
    else if (type === 'array') {
      const index = arrayIndex(step as string)
      part = index === undefined ? undefined : element(form, part, index)
    } else return undefined
  }
  return part
}

const lengthOf = <Part>(form: JsonForm<Part>, part: Part): number => {
  const type = form.typeOf(part)
  if (type === 'array') {
    let length = 0
    for (const _ of form.elements(part)) length++
    return length
  }
  throw invalidParameter(
    type === 'object' ? 'cannot get array length of a non-array' : 'cannot get array length of a scalar',
  )
}

/** A step to a part, as a value (`->`) and as text (`->>`). */
function step<Part, Key>(form: JsonForm<Part>, find: (part: Part, key: Key) => Part | undefined) {
  return {
    value: (value: SqlValue, key: Key): SqlValue => {
      const found = find(form.read(value), key)
      return found === undefined ? null : form.write(found)
    },
    text: (value: SqlValue, key: Key): SqlValue => {
      const found = find(form.read(value), key)
      return found === undefined ? null : form.text(found)
    },
  }
}

/** -> and ->>: by key and by index. */
function steps<Part>(form: JsonForm<Part>): readonly ScalarFunction[] {
  const { type } = form
  const byKey = step(form, (part, key: string) => form.member(part, key))
  const byIndex = step(form, (part, index: number) => topElement(form, part, index))
  const names = (operator: string, word: string): readonly string[] => [operator, `${type}_${word}`]
  return [
    ...names('->', 'object_field').map((name) =>
      strict(name, [type, 'text'], type, {
        doc: 'The member of this name; NULL where there is none.',
        example: `('{"a": {"b": 1}}'::${type} -> 'a')::text = '{"b": 1}'`,
        fails: false,
        evaluate: byKey.value,
      }),
    ),
    ...names('->>', 'object_field_text').map((name) =>
      strict(name, [type, 'text'], 'text', {
        doc: 'The member of this name as text; NULL where there is none and of null.',
        example: `'{"a": "x"}'::${type} ->> 'a' = 'x'`,
        fails: false,
        evaluate: byKey.text,
      }),
    ),
    ...names('->', 'array_element').map((name) =>
      strict(name, [type, 'int4'], type, {
        doc: 'The element at an index from 0; from the end where it is negative.',
        example: `('[10, 20, 30]'::${type} -> -1)::text = '30'`,
        fails: false,
        evaluate: byIndex.value,
      }),
    ),
    ...names('->>', 'array_element_text').map((name) =>
      strict(name, [type, 'int4'], 'text', {
        doc: 'The element at an index from 0 as text; from the end where it is negative.',
        example: `'[10, 20, 30]'::${type} ->> 1 = '20'`,
        fails: false,
        evaluate: byIndex.text,
      }),
    ),
  ]
}

/** #> and #>>, lengths and types. */
function whole<Part>(form: JsonForm<Part>): readonly ScalarFunction[] {
  const { type } = form
  const byPath = step(form, (part, path: SqlArray) => follow(form, part, path.elements))
  return [
    strict('#>', [type, 'text[]'], type, {
      doc: 'The part at the end of a path of keys and indexes.',
      example: `('{"a": [1, {"b": 2}]}'::${type} #> '{a,1,b}')::text = '2'`,
      fails: false,
      evaluate: byPath.value,
    }),
    strict('#>>', [type, 'text[]'], 'text', {
      doc: 'The part at the end of a path of keys and indexes, as text.',
      example: `'{"a": [1, {"b": "x"}]}'::${type} #>> '{a,1,b}' = 'x'`,
      fails: false,
      evaluate: byPath.text,
    }),
    strict(`${type}_array_length`, [type], 'int4', {
      doc: 'The number of elements of an array.',
      example: `${type}_array_length('[1, 2, {"a": 1}]') = 3`,
      evaluate: (value: SqlValue) => lengthOf(form, form.read(value)),
    }),
    strict(`${type}_typeof`, [type], 'text', {
      doc: 'The type of the value: object, array, string, number, boolean or null.',
      example: `${type}_typeof('-12.5') = 'number'`,
      fails: false,
      evaluate: (value: SqlValue) => form.typeOf(form.read(value)),
    }),
  ]
}

/** Called with the steps of the path, and with the context last where there is one. */
function paths<Part>(form: JsonForm<Part>): readonly ScalarFunction[] {
  const { type } = form
  const find = (value: SqlValue, args: readonly SqlValue[]): Part | undefined =>
    follow(
      form,
      form.read(value),
      args.filter((arg) => arg === null || typeof arg === 'string'),
    )
  return [
    strict(`${type}_extract_path`, [type, 'text'], type, {
      doc: 'The part at the end of a path of keys and indexes.',
      example: `${type}_extract_path('{"a": {"b": 2}}', 'a', 'b')::text = '2'`,
      variadic: true,
      fails: false,
      evaluate: (value: SqlValue, ...args: SqlValue[]) => {
        const found = find(value, args)
        return found === undefined ? null : form.write(found)
      },
    }),
    strict(`${type}_extract_path_text`, [type, 'text'], 'text', {
      doc: 'The part at the end of a path of keys and indexes, as text.',
      example: `${type}_extract_path_text('{"a": {"b": "x"}}', 'a', 'b') = 'x'`,
      variadic: true,
      fails: false,
      evaluate: (value: SqlValue, ...args: SqlValue[]) => {
        const found = find(value, args)
        return found === undefined ? null : form.text(found)
      },
    }),
  ]
}

const accessTo = <Part>(form: JsonForm<Part>): readonly ScalarFunction[] => [
  ...steps(form),
  ...whole(form),
  ...paths(form),
]

export const jsonAccess: readonly ScalarFunction[] = [...accessTo(jsonForm), ...accessTo(jsonbForm)]
