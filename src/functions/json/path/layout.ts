// Where a part of a jsonb would stand in PostgreSQL's stored form: keyvalue() shows it as an object's `id`.
//
//   container   header 4, one entry of 4 for each element (or key and value), then keys and elements one after another;
//               numbers and containers begin at a multiple of 4

import { isJsonArray, isJsonNumber, isJsonObject } from '../../../core/encoding/json-form.ts'
import type { JsonNode, Numeric } from '../../../core/value.ts'

const ENTRY = 4
const utf8 = new TextEncoder()
const bytesOf = (text: string): number => utf8.encode(text).length
const aligned = (offset: number): number => (offset + 3) & ~3

/** The offset of `wanted`, an array or object within `root`, from the root's own; 0 where it is no part of it. */
export function containerOffset(root: JsonNode, wanted: JsonNode): number {
  if (root === wanted) return 0
  let found: number | undefined
  const place = (node: JsonNode, start: number): number => {
    if (node === wanted) found ??= start
    if (isJsonArray(node)) return node.reduce<number>(put, start + ENTRY * (1 + node.length))
    if (!isJsonObject(node)) return start
    const keys = node.entries.reduce((sum, [key]) => sum + bytesOf(key), start + ENTRY * (1 + 2 * node.entries.length))
    return node.entries.reduce((at, [, value]) => put(at, value), keys)
  }
  const put = (at: number, node: JsonNode): number => {
    if (typeof node === 'string') return at + bytesOf(node)
    if (node === null || typeof node === 'boolean') return at
    if (isJsonNumber(node)) return aligned(at) + numericBytes(node)
    return place(node, aligned(at))
  }
  place(root, 0)
  return found ?? 0
}

const GROUP = 4

/** A NUMERIC with a 4-byte length and the short header: groups of four digits, zeros at both ends left out. */
function numericBytes({ digits, scale }: Numeric): number {
  const HEADER = 6
  if (digits === 0n) return HEADER
  const text = (digits < 0n ? -digits : digits).toString()
  const padded = text + '0'.repeat((GROUP - (scale % GROUP)) % GROUP)
  const whole = padded.padStart(Math.ceil(padded.length / GROUP) * GROUP, '0')
  const groups = whole.match(/\d{4}/g) ?? []
  let from = 0
  let to = groups.length
  while (groups[from] === '0000') from++
  while (groups[to - 1] === '0000') to--
  return HEADER + 2 * (to - from)
}
