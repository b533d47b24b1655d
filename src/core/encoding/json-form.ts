// JSONB as bytes, in PostgreSQL's order: null < string < number < false < true < array < object, arrays and objects by
// their size first; and, a quirk kept, an empty array at the top is less than everything.
//
//   equality   01 top-level []    02 null    03 string text    04 number numeric-form    05 false    06 true
//              07 array count element…       08 object count (key value)…
//   identity   the numbers' display scales, in order
//
// Counts are 4 bytes, texts delimited (ordered.ts). Keys stand in PostgreSQL's stored order (value.ts).

import { assert } from '../assert.ts'
import type { ByteWriter } from '../byte-writer.ts'
import type { JsonNode, JsonObject, Numeric } from '../value.ts'
import { readNumeric, skipNumericForm, writeNumericForm, writeNumericIdentity } from './numeric-form.ts'
import { type Cursor, readDelimitedText, readU8, readU32, skipDelimited, writeDelimited } from './ordered.ts'

const EMPTY_ROOT = 1
const NULL = 2
const STRING = 3
const NUMBER = 4
const FALSE = 5
const TRUE = 6
const ARRAY = 7
const OBJECT = 8

export const isJsonArray = (node: JsonNode): node is readonly JsonNode[] => Array.isArray(node)
export const isJsonObject = (node: JsonNode): node is JsonObject =>
  typeof node === 'object' && node !== null && !isJsonArray(node) && node.kind === 'object'
export const isJsonNumber = (node: JsonNode): node is Numeric =>
  typeof node === 'object' && node !== null && !isJsonArray(node) && node.kind === 'numeric'

export function writeJsonForm(root: JsonNode, into: ByteWriter): void {
  if (isJsonArray(root) && root.length === 0) into.u8(EMPTY_ROOT)
  else writeNode(root, into)
}

function writeNode(node: JsonNode, into: ByteWriter): void {
  if (node === null) into.u8(NULL)
  else if (typeof node === 'boolean') into.u8(node ? TRUE : FALSE)
  else if (typeof node === 'string') {
    into.u8(STRING)
    writeText(node, into)
  } else if (isJsonArray(node)) {
    into.u8(ARRAY)
    into.i32(node.length)
    for (const element of node) writeNode(element, into)
  } else if (isJsonObject(node)) {
    into.u8(OBJECT)
    into.i32(node.entries.length)
    for (const [key, value] of node.entries) {
      writeText(key, into)
      writeNode(value, into)
    }
  } else {
    into.u8(NUMBER)
    writeNumericForm(node, into)
  }
}

const writeText = (text: string, into: ByteWriter): void => writeDelimited(into, (writer) => writer.utf8(text))

export function writeJsonIdentity(node: JsonNode, into: ByteWriter): void {
  if (isJsonArray(node)) for (const element of node) writeJsonIdentity(element, into)
  else if (isJsonObject(node)) for (const [, value] of node.entries) writeJsonIdentity(value, into)
  else if (isJsonNumber(node)) writeNumericIdentity(node, into)
}

export function skipJsonForm(cursor: Cursor): void {
  const tag = readU8(cursor)
  if (tag === STRING) skipDelimited(cursor)
  else if (tag === NUMBER) skipNumericForm(cursor)
  else if (tag === ARRAY || tag === OBJECT) {
    for (let left = readU32(cursor); left > 0; left--) {
      if (tag === OBJECT) skipDelimited(cursor)
      skipJsonForm(cursor)
    }
  }
}

export function readJson(cursor: Cursor): JsonNode {
  const tag = readU8(cursor)
  switch (tag) {
    case EMPTY_ROOT:
      return []
    case NULL:
      return null
    case STRING:
      return readDelimitedText(cursor)
    case NUMBER:
      return readNumeric(cursor)
    case FALSE:
    case TRUE:
      return tag === TRUE
    case ARRAY:
      return readMany(cursor, () => readJson(cursor))
    default:
      assert(tag === OBJECT, `unknown jsonb tag ${tag}`)
      return { kind: 'object', entries: readMany(cursor, () => [readDelimitedText(cursor), readJson(cursor)] as const) }
  }
}

function readMany<T>(cursor: Cursor, read: () => T): T[] {
  const count = readU32(cursor)
  const items: T[] = []
  for (let i = 0; i < count; i++) items.push(read())
  return items
}
