// Changing jsonb values: ||, -, #-, jsonb_set, jsonb_insert, jsonb_strip_nulls, jsonb_pretty.
//
// Paths follow PostgreSQL's setPath: keys into objects, indexes (from the end where negative) into arrays; a path that
// leads nowhere changes nothing, except that its last step may be created.

import { isJsonArray, isJsonObject } from '../../core/encoding/json-form.ts'
import { SqlError } from '../../core/error.ts'
import type { Json, JsonNode, JsonObject, SqlArray, SqlValue } from '../../core/value.ts'
import type { ScalarFunction } from '../registry.ts'
import { lenient, strict } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'
import { jsonObject, printJson, quoteJson } from '../text/json.ts'
import { arrayIndex, isScalar, json, memberOf } from './node.ts'

type Change = 'replace' | 'create' | 'before' | 'after' | 'delete'

const existingKey = (): SqlError =>
  new SqlError({
    code: '22023',
    message: 'cannot replace existing key',
    hint: 'Try using the function jsonb_set to replace key value.',
  })
const nullStep = (position: number): SqlError =>
  new SqlError({ code: '22004', message: `path element at position ${position} is null` })
const noInteger = (position: number, text: string): SqlError =>
  new SqlError({ code: '22P02', message: `path element at position ${position} is not an integer: "${text}"` })

interface Edit {
  readonly path: readonly SqlValue[]
  readonly change: Change
  readonly value: JsonNode
}

function edit(node: JsonNode, level: number, task: Edit): JsonNode {
  if (isScalar(node)) return node
  const step = task.path[level] ?? null
  if (step === null) throw nullStep(level + 1)
  return isJsonArray(node)
    ? editArray(node, step as string, level, task)
    : editObject(node as JsonObject, step as string, level, task)
}

function editObject(object: JsonObject, key: string, level: number, task: Edit): JsonNode {
  const last = level === task.path.length - 1
  const own = memberOf(object, key)
  if (own === undefined) {
    if (!last || task.change === 'delete' || task.change === 'replace') return object
    return jsonObject([...object.entries, [key, task.value]])
  }
  if (!last) return withMember(object, key, edit(own, level + 1, task))
  if (task.change === 'delete') return { ...object, entries: object.entries.filter(([name]) => name !== key) }
  if (task.change === 'before' || task.change === 'after') throw existingKey()
  return withMember(object, key, task.value)
}

const withMember = (object: JsonObject, key: string, value: JsonNode): JsonObject => ({
  ...object,
  entries: object.entries.map(([name, old]) => [name, name === key ? value : old] as const),
})

function editArray(array: readonly JsonNode[], step: string, level: number, task: Edit): JsonNode {
  const index = arrayIndex(step)
  if (index === undefined) throw noInteger(level + 1, step)
  const at = index < 0 ? array.length + index : Math.min(index, array.length)
  if (level < task.path.length - 1)
    return array.map((element, i) => (i === at ? edit(element, level + 1, task) : element))
  const { change, value } = task
  if (at < 0 || at >= array.length) {
    if (change === 'delete' || change === 'replace') return array
    return at < 0 ? [value, ...array] : [...array, value]
  }
  const old = array[at]!
  const replacement = {
    delete: [],
    replace: [value],
    create: [value],
    before: [value, old],
    after: [old, value],
  }[change]
  return array.toSpliced(at, 1, ...replacement)
}

/** Paths and lists of keys have one dimension. */
function checkSteps(steps: SqlArray): void {
  if (steps.lengths.length > 1) throw new SqlError({ code: '2202E', message: 'wrong number of array subscripts' })
}

const isEmpty = (node: JsonNode): boolean =>
  isJsonArray(node) ? node.length === 0 : isJsonObject(node) && node.entries.length === 0

function change(target: Json, path: SqlArray, kind: Change, value: Json): Json {
  checkSteps(path)
  if (isScalar(target.value))
    throw invalidParameter(kind === 'delete' ? 'cannot delete path in scalar' : 'cannot set path in scalar')
  if (path.elements.length === 0 || (isEmpty(target.value) && (kind === 'delete' || kind === 'replace'))) return target
  return json(edit(target.value, 0, { path: path.elements, change: kind, value: value.value }))
}

function concatenate({ value: a }: Json, { value: b }: Json): Json {
  if (isJsonObject(a) && isJsonObject(b)) return json(jsonObject([...a.entries, ...b.entries]))
  return json([...(isJsonArray(a) ? a : [a]), ...(isJsonArray(b) ? b : [b])])
}

function withoutKeys({ value }: Json, keys: readonly SqlValue[]): Json {
  if (isJsonObject(value)) return json({ ...value, entries: value.entries.filter(([key]) => !keys.includes(key)) })
  if (isJsonArray(value)) return json(value.filter((element) => typeof element !== 'string' || !keys.includes(element)))
  throw invalidParameter('cannot delete from scalar')
}

function withoutIndex({ value }: Json, index: number): Json {
  if (isJsonObject(value)) throw invalidParameter('cannot delete from object using integer index')
  if (!isJsonArray(value)) throw invalidParameter('cannot delete from scalar')
  const at = index < 0 ? value.length + index : index
  return json(at < 0 || at >= value.length ? value : value.toSpliced(at, 1))
}

function stripNulls(node: JsonNode): JsonNode {
  if (isJsonArray(node)) return node.map(stripNulls)
  if (!isJsonObject(node)) return node
  return {
    ...node,
    entries: node.entries
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, stripNulls(value)] as const),
  }
}

function pretty(node: JsonNode, indent: string): string {
  const inner = `${indent}    `
  if (isJsonArray(node))
    return bracketed(
      node.map((element) => inner + pretty(element, inner)),
      '[',
      ']',
      indent,
    )
  if (isJsonObject(node))
    return bracketed(
      node.entries.map(([key, value]) => `${inner}${quoteJson(key)}: ${pretty(value, inner)}`),
      '{',
      '}',
      indent,
    )
  return printJson(node)
}

const bracketed = (lines: readonly string[], open: string, close: string, indent: string): string =>
  `${open}\n${lines.join(',\n')}${lines.length === 0 ? '' : '\n'}${indent}${close}`

const unknownTreatment = (): SqlError =>
  invalidParameter('null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"')

function setLax(
  target: Json,
  path: SqlArray,
  value: Json | null,
  create: boolean,
  treatment: string | null,
): Json | null {
  if (treatment === null) throw unknownTreatment()
  if (value !== null) return change(target, path, create ? 'create' : 'replace', value)
  switch (treatment) {
    case 'raise_exception':
      throw new SqlError({
        code: '22004',
        message: 'JSON value must not be null',
        detail: 'Exception was raised because null_value_treatment is "raise_exception".',
        hint: 'To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.',
      })
    case 'use_json_null':
      return change(target, path, create ? 'create' : 'replace', json(null))
    case 'delete_key':
      return change(target, path, 'delete', json(null))
    case 'return_target':
      return target
    default:
      throw unknownTreatment()
  }
}

const setters: readonly ScalarFunction[] = [
  strict('jsonb_set', ['jsonb', 'text[]', 'jsonb'], 'jsonb', {
    doc: 'Puts the new value at the end of the path; a missing last step is created.',
    example: `jsonb_set('{"a": 1}', '{b}', '2') = '{"a": 1, "b": 2}'`,
    evaluate: (target: Json, path: SqlArray, value: Json) => change(target, path, 'create', value),
  }),
  strict('jsonb_set', ['jsonb', 'text[]', 'jsonb', 'boolean'], 'jsonb', {
    doc: 'Puts the new value at the end of the path; a missing last step is created only if the last argument says so.',
    example: `jsonb_set('{"a": 1}', '{b}', '2', false) = '{"a": 1}'`,
    evaluate: (target: Json, path: SqlArray, value: Json, create: boolean) =>
      change(target, path, create ? 'create' : 'replace', value),
  }),
  strict('jsonb_insert', ['jsonb', 'text[]', 'jsonb'], 'jsonb', {
    doc: 'Inserts the new value before the element, or as the member, at the end of the path.',
    example: `jsonb_insert('{"a": [0, 1]}', '{a,1}', '9') = '{"a": [0, 9, 1]}'`,
    evaluate: (target: Json, path: SqlArray, value: Json) => change(target, path, 'before', value),
  }),
  strict('jsonb_insert', ['jsonb', 'text[]', 'jsonb', 'boolean'], 'jsonb', {
    doc: 'Inserts the new value before or after the element, or as the member, at the end of the path.',
    example: `jsonb_insert('{"a": [0, 1]}', '{a,1}', '9', true) = '{"a": [0, 1, 9]}'`,
    evaluate: (target: Json, path: SqlArray, value: Json, after: boolean) =>
      change(target, path, after ? 'after' : 'before', value),
  }),
  lenient('jsonb_set_lax', ['jsonb', 'text[]', 'jsonb', 'boolean', 'text'], 'jsonb', {
    doc: 'As jsonb_set; the last argument says what a NULL value does.',
    example: `jsonb_set_lax('{"a": 1}', '{a}', null, true, 'delete_key') = '{}'`,
    evaluate: (
      target: Json | null,
      path: SqlArray | null,
      value: Json | null,
      create: boolean | null,
      treatment: string | null,
    ) => (target === null || path === null || create === null ? null : setLax(target, path, value, create, treatment)),
  }),
  lenient('jsonb_set_lax', ['jsonb', 'text[]', 'jsonb'], 'jsonb', {
    doc: 'As jsonb_set; NULL becomes null.',
    example: `jsonb_set_lax('{"a": 1}', '{a}', null) = '{"a": null}'`,
    evaluate: (target: Json | null, path: SqlArray | null, value: Json | null) =>
      target === null || path === null ? null : setLax(target, path, value, true, 'use_json_null'),
  }),
]

export const jsonModify: readonly ScalarFunction[] = [
  ...setters,
  strict('||', ['jsonb', 'jsonb'], 'jsonb', {
    doc: 'Joins objects, the second one’s members winning, or arrays; anything else counts as an array of one.',
    example: `'{"a": 1, "b": 2}'::jsonb || '{"b": 3}' = '{"a": 1, "b": 3}'`,
    fails: false,
    evaluate: concatenate,
  }),
  strict('-', ['jsonb', 'text'], 'jsonb', {
    doc: 'The object without this key, or the array without this string.',
    example: `'{"a": 1, "b": 2}'::jsonb - 'b'::text = '{"a": 1}'`,
    evaluate: (value: Json, key: string) => withoutKeys(value, [key]),
  }),
  strict('-', ['jsonb', 'text[]'], 'jsonb', {
    doc: 'The object without these keys, or the array without these strings.',
    example: `'{"a": 1, "b": 2, "c": 3}'::jsonb - '{a,c}'::text[] = '{"b": 2}'`,
    evaluate: (value: Json, keys: SqlArray) => {
      checkSteps(keys)
      return withoutKeys(value, keys.elements)
    },
  }),
  strict('-', ['jsonb', 'int4'], 'jsonb', {
    doc: 'The array without the element at this index; from the end where it is negative.',
    example: `'["a", "b"]'::jsonb - 1 = '["a"]'`,
    evaluate: withoutIndex,
  }),
  strict('#-', ['jsonb', 'text[]'], 'jsonb', {
    doc: 'The value without what stands at the end of the path.',
    example: `'["a", {"b": 1}]'::jsonb #- '{1,b}' = '["a", {}]'`,
    evaluate: (target: Json, path: SqlArray) => change(target, path, 'delete', json(null)),
  }),
  strict('jsonb_strip_nulls', ['jsonb'], 'jsonb', {
    doc: 'The value without object members that are null, at any depth.',
    example: `jsonb_strip_nulls('[{"a": 1, "b": null}, null]') = '[{"a": 1}, null]'`,
    fails: false,
    evaluate: ({ value }: Json) => json(stripNulls(value)),
  }),
  strict('jsonb_pretty', ['jsonb'], 'text', {
    doc: 'The value as indented text.',
    example: `jsonb_pretty('{"a": []}') = E'{\\n    "a": [\\n    ]\\n}'`,
    fails: false,
    evaluate: ({ value }: Json) => pretty(value, ''),
  }),
]
