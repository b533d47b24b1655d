// Walking the text of a json value without changing it: members and elements as slices of the original text.
//
// The text was checked when the value was made, so that this only has to find where each part ends.

import { quoteJson } from '../text/json.ts'
import type { JsonType } from './node.ts'

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

function skipBlanks(text: string, at: number): number {
  let place = at
  while (place < text.length && isBlank(text.charCodeAt(place))) place++
  return place
}

/** The end of the string literal that starts at `at`. */
function endOfString(text: string, at: number): number {
  let place = at + 1
  while (text.charCodeAt(place) !== 0x22) place += text.charCodeAt(place) === 0x5c ? 2 : 1
  return place + 1
}

/** The end of the value that starts at `at`; nesting is counted, not followed by calls. */
function endOfValue(text: string, at: number): number {
  let depth = 0
  let place = at
  while (place < text.length) {
    const code = text.charCodeAt(place)
    if (code === 0x22) {
      place = endOfString(text, place)
      if (depth === 0) return place
      continue
    }
    if (code === 0x7b || code === 0x5b) depth++
    else if (code === 0x7d || code === 0x5d) {
      if (depth === 0) return place
      depth--
      if (depth === 0) return place + 1
    } else if (depth === 0 && (code === 0x2c || isBlank(code))) return place
    place++
  }
  return place
}

export function textType(text: string): JsonType {
  switch (text.charAt(skipBlanks(text, 0))) {
    case '{':
      return 'object'
    case '[':
      return 'array'
    case '"':
      return 'string'
    case 't':
    case 'f':
      return 'boolean'
    case 'n':
      return 'null'
    default:
      return 'number'
  }
}

/** The members of an object in the order and number they are written. */
export function* membersOf(text: string): Generator<readonly [key: string, value: string]> {
  let at = skipBlanks(text, skipBlanks(text, 0) + 1)
  while (text.charCodeAt(at) !== 0x7d) {
    const keyEnd = endOfString(text, at)
    const key = stringOf(text.slice(at, keyEnd))
    const start = skipBlanks(text, skipBlanks(text, keyEnd) + 1)
    const end = endOfValue(text, start)
    yield [key, text.slice(start, end)]
    at = afterSeparator(text, end)
  }
}

export function* elementsOf(text: string): Generator<string> {
  let at = skipBlanks(text, skipBlanks(text, 0) + 1)
  while (text.charCodeAt(at) !== 0x5d) {
    const end = endOfValue(text, at)
    yield text.slice(at, end)
    at = afterSeparator(text, end)
  }
}

function afterSeparator(text: string, end: number): number {
  const at = skipBlanks(text, end)
  return text.charCodeAt(at) === 0x2c ? skipBlanks(text, at + 1) : at
}

/** What a string literal says. */
export const stringOf = (literal: string): string => JSON.parse(literal) as string

/** The text without blanks and without object members that are null. Strings and numbers stay as they are written. */
export function stripNulls(text: string): string {
  switch (textType(text)) {
    case 'object': {
      const members: string[] = []
      for (const [key, value] of membersOf(text))
        if (textType(value) !== 'null') members.push(`${quoteJson(key)}:${stripNulls(value)}`)
      return `{${members.join(',')}}`
    }
    case 'array':
      return `[${Array.from(elementsOf(text), stripNulls).join(',')}]`
    default:
      return text.trim()
  }
}
