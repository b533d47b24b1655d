// The two representations of JSON behind one face, so that each access function is written once.
//
//   json    the text as given: parts are slices, duplicate keys and blanks are kept      jsonb   a tree

import { isJsonArray, isJsonObject } from '../../core/encoding/json-form.ts'
import type { Json, JsonNode, SqlValue } from '../../core/value.ts'
import { printJson } from '../text/json.ts'
import { type JsonType, json, memberOf, nodeType } from './node.ts'
import { elementsOf, membersOf, stringOf, textType } from './scan.ts'

export interface JsonForm<Part> {
  readonly type: 'json' | 'jsonb'
  readonly read: (value: SqlValue) => Part
  readonly write: (part: Part) => SqlValue
  readonly typeOf: (part: Part) => JsonType
  /** The members of an object, else none. */
  readonly members: (part: Part) => Iterable<readonly [key: string, value: Part]>
  /** The last member of this name. */
  readonly member: (part: Part, key: string) => Part | undefined
  readonly elements: (part: Part) => Iterable<Part>
  /** What ->> shows: a string as it is, NULL of null, other parts as JSON text. */
  readonly text: (part: Part) => string | null
}

function lastMember(text: string, key: string): string | undefined {
  let found: string | undefined
  for (const [name, value] of membersOf(text)) if (name === key) found = value
  return found
}

export const jsonForm: JsonForm<string> = {
  type: 'json',
  read: (value) => value as string,
  write: (part) => part.trim(),
  typeOf: textType,
  members: (part) => (textType(part) === 'object' ? membersOf(part) : []),
  member: (part, key) => (textType(part) === 'object' ? lastMember(part, key) : undefined),
  elements: (part) => (textType(part) === 'array' ? elementsOf(part) : []),
  text: (part) => {
    const type = textType(part)
    return type === 'null' ? null : type === 'string' ? stringOf(part.trim()) : part.trim()
  },
}

export const jsonbForm: JsonForm<JsonNode> = {
  type: 'jsonb',
  read: (value) => (value as Json).value,
  write: json,
  typeOf: nodeType,
  members: (part) => (isJsonObject(part) ? part.entries : []),
  member: (part, key) => (isJsonObject(part) ? memberOf(part, key) : undefined),
  elements: (part) => (isJsonArray(part) ? part : []),
  text: (part) => (part === null || typeof part === 'string' ? part : printJson(part)),
}
