// Reading jsonb trees: kinds of nodes, members, indexes that paths spell as text.

import { isJsonArray, isJsonNumber, isJsonObject } from '../../core/encoding/json-form.ts'
import type { Json, JsonNode, JsonObject } from '../../core/value.ts'

export const json = (value: JsonNode): Json => ({ kind: 'json', value })

export type JsonType = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

export function nodeType(node: JsonNode): JsonType {
  if (node === null) return 'null'
  if (typeof node === 'string') return 'string'
  if (typeof node === 'boolean') return 'boolean'
  if (isJsonArray(node)) return 'array'
  return isJsonNumber(node) ? 'number' : 'object'
}

export const isScalar = (node: JsonNode): boolean => !isJsonArray(node) && !isJsonObject(node)

export const memberOf = (object: JsonObject, key: string): JsonNode | undefined =>
  object.entries.find(([name]) => name === key)?.[1]

/** A path's text as an index into an array; undefined where it is no integer. */
export function arrayIndex(text: string): number | undefined {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) return undefined
  const index = Number(text)
  return Math.abs(index) <= 2147483647 ? index : undefined
}
