// jsonb containment and existence: @>, <@, ?, ?|, ?& (PostgreSQL 15, section 8.14.3).
//
// An object contains another one whose every member it has; an array another one whose every element it has, in
// whatever order; and, as the one exception, an array contains a scalar at the top.

import { isJsonArray, isJsonObject } from '../../core/encoding/json-form.ts'
import { compareJson } from '../../core/order.ts'
import type { Json, JsonNode, SqlArray } from '../../core/value.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { isScalar, memberOf } from './node.ts'

function contains(whole: JsonNode, part: JsonNode): boolean {
  if (isJsonObject(whole) && isJsonObject(part))
    return part.entries.every(([key, value]) => {
      const own = memberOf(whole, key)
      return own !== undefined && contains(own, value)
    })
  if (isJsonArray(whole) && isJsonArray(part))
    return part.every((wanted) => whole.some((element) => contains(element, wanted)))
  return isScalar(whole) && isScalar(part) && compareJson(whole, part) === 0
}

const containsAtTop = (whole: JsonNode, part: JsonNode): boolean =>
  isJsonArray(whole) && isScalar(part) ? contains(whole, [part]) : contains(whole, part)

/** A key of an object, a string of an array, or the string itself. */
function exists(node: JsonNode, key: string): boolean {
  if (isJsonObject(node)) return memberOf(node, key) !== undefined
  return isJsonArray(node) ? node.includes(key) : node === key
}

const keysOf = (keys: SqlArray): readonly string[] => keys.elements.filter((key) => key !== null) as readonly string[]

export const jsonContain: readonly ScalarFunction[] = [
  strict('@>', ['jsonb', 'jsonb'], 'boolean', {
    doc: 'True where the first value contains the second one.',
    example: `'{"a": 1, "b": [1, 2]}'::jsonb @> '{"b": [2]}'::jsonb`,
    fails: false,
    evaluate: (whole: Json, part: Json) => containsAtTop(whole.value, part.value),
  }),
  strict('<@', ['jsonb', 'jsonb'], 'boolean', {
    doc: 'True where the second value contains the first one.',
    example: `'{"b": 2}'::jsonb <@ '{"a": 1, "b": 2}'::jsonb`,
    fails: false,
    evaluate: (part: Json, whole: Json) => containsAtTop(whole.value, part.value),
  }),
  strict('?', ['jsonb', 'text'], 'boolean', {
    doc: 'True where the text is a key or a string element at the top of the value.',
    example: `'{"a": 1, "b": 2}'::jsonb ? 'b'`,
    fails: false,
    evaluate: (value: Json, key: string) => exists(value.value, key),
  }),
  strict('?|', ['jsonb', 'text[]'], 'boolean', {
    doc: 'True where one of the texts is a key or a string element at the top of the value.',
    example: `'{"a": 1, "b": 2}'::jsonb ?| array['b', 'd']`,
    fails: false,
    evaluate: (value: Json, keys: SqlArray) => keysOf(keys).some((key) => exists(value.value, key)),
  }),
  strict('?&', ['jsonb', 'text[]'], 'boolean', {
    doc: 'True where all of the texts are keys or string elements at the top of the value.',
    example: `'["a", "b", "c"]'::jsonb ?& array['a', 'b']`,
    fails: false,
    evaluate: (value: Json, keys: SqlArray) => keysOf(keys).every((key) => exists(value.value, key)),
  }),
]
