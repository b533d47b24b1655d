// Building and reading jsonb trees.

import { isJsonArray, isJsonNumber, isJsonObject } from '../../core/encoding/json-form.ts'
import { compareText } from '../../core/order.ts'
import type { Json, JsonNode, JsonObject } from '../../core/value.ts'
import { byteCount } from '../string/characters.ts'

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

type Entry = JsonObject['entries'][number]

/** PostgreSQL's order of keys: the shorter one in bytes first, then by bytes. */
const compareKeys = (a: string, b: string): number => byteCount(a) - byteCount(b) || compareText(a, b)

/** The object of these members; of equal keys the last one stays. */
export function objectOf(members: Iterable<Entry>): JsonObject {
  const unique = new Map(members)
  return { kind: 'object', entries: [...unique].sort(([a], [b]) => compareKeys(a, b)) }
}

export const memberOf = (object: JsonObject, key: string): JsonNode | undefined =>
  object.entries.find(([name]) => name === key)?.[1]

/** The element at an index that counts from the end where it is negative. */
export const elementAt = <T>(elements: readonly T[], index: number): T | undefined => elements.at(index)

/** A path's text as an index into an array; undefined where it is no integer. */
export function arrayIndex(text: string): number | undefined {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) return undefined
  const index = Number(text)
  return Math.abs(index) <= 2147483647 ? index : undefined
}
