// Trimming and padding, replace and translate.

import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { characterCount, characterSlice } from './characters.ts'
import { lengthTooLarge, TEXT_BYTES_MAX } from './limits.ts'

type Ends = 'both' | 'leading' | 'trailing'

function trim(text: string, set: string, ends: Ends): string {
  const characters = new Set(set)
  let start = 0
  let end = text.length
  if (ends !== 'trailing')
    while (start < end) {
      const character = String.fromCodePoint(text.codePointAt(start)!)
      if (!characters.has(character)) break
      start += character.length
    }
  if (ends !== 'leading')
    while (end > start) {
      const character = lastCharacter(text, end)
      if (!characters.has(character)) break
      end -= character.length
    }
  return text.slice(start, end)
}

const lastCharacter = (text: string, end: number): string =>
  (text.charCodeAt(end - 1) & 0xfc00) === 0xdc00 ? text.slice(end - 2, end) : text[end - 1]!

function trimBytes(bytes: Uint8Array, set: Uint8Array, ends: Ends): Uint8Array {
  let start = 0
  let end = bytes.length
  if (ends !== 'trailing') while (start < end && set.includes(bytes[start]!)) start++
  if (ends !== 'leading') while (end > start && set.includes(bytes[end - 1]!)) end--
  return bytes.slice(start, end)
}

/** Of five bytes in the examples. */
const bytesLeft = { both: 2, leading: 4, trailing: 3 } as const

const trims = (
  [
    ['btrim', 'both', 'at both ends', "'xyxtrimyyx'", "'trim'"],
    ['ltrim', 'leading', 'at the start', "'zzzytest'", "'test'"],
    ['rtrim', 'trailing', 'at the end', "'testxxzx'", "'test'"],
  ] as const
).flatMap(([name, ends, where, input, output]) => [
  strict(name, ['text', 'text'], 'text', {
    doc: `Removes all characters of the second text ${where}.`,
    example: `${name}(${input}, 'xyz') = ${output}`,
    fails: false,
    evaluate: (text: string, set: string) => trim(text, set, ends),
  }),
  strict(name, ['text'], 'text', {
    doc: `Removes blanks ${where}.`,
    example: `length(${name}(' a ')) = ${ends === 'both' ? 1 : 2}`,
    fails: false,
    evaluate: (text: string) => trim(text, ' ', ends),
  }),
  strict(name, ['bytea', 'bytea'], 'bytea', {
    doc: `Removes all bytes of the second string ${where}.`,
    example: `length(${name}('\\x1234569012'::bytea, '\\x9012'::bytea)) = ${bytesLeft[ends]}`,
    fails: false,
    evaluate: (bytes: Uint8Array, set: Uint8Array) => trimBytes(bytes, set, ends),
  }),
])

function pad(text: string, length: number, fill: string, side: 'left' | 'right'): string {
  if (length <= 0) return ''
  const count = characterCount(text)
  if (count >= length) return characterSlice(text, 0, length)
  if (fill === '') return text
  const missing = length - count
  if (missing * 4 > TEXT_BYTES_MAX) throw lengthTooLarge()
  const width = characterCount(fill)
  const padding = fill.repeat(Math.floor(missing / width)) + characterSlice(fill, 0, missing % width)
  return side === 'left' ? padding + text : text + padding
}

const pads = (
  [
    ['lpad', 'left', "'xyxhi'"],
    ['rpad', 'right', "'hixyx'"],
  ] as const
).flatMap(([name, side, output]) => [
  strict(name, ['text', 'int4', 'text'], 'text', {
    doc: `Fills the text on the ${side} to a length with the given characters; a longer text is cut on the right.`,
    example: `${name}('hi', 5, 'xy') = ${output}`,
    evaluate: (text: string, length: number, fill: string) => pad(text, length, fill, side),
  }),
  strict(name, ['text', 'int4'], 'text', {
    doc: `Fills the text on the ${side} to a length with blanks; a longer text is cut on the right.`,
    example: `${name}('hi', 4) = ${side === 'left' ? "'  hi'" : "'hi  '"}`,
    evaluate: (text: string, length: number) => pad(text, length, ' ', side),
  }),
])

function replaceAll(text: string, part: string, replacement: string): string {
  if (part === '') return text
  const pieces = text.split(part)
  if (text.length + (pieces.length - 1) * (replacement.length - part.length) > TEXT_BYTES_MAX / 3)
    throw lengthTooLarge()
  return pieces.join(replacement)
}

/** Characters of `from` become those at the same place of `to`; those beyond its end are removed. */
function translation(from: string, to: string): (text: string) => string {
  const targets = [...to]
  const map = new Map<string, string>()
  for (const [i, character] of [...from].entries()) if (!map.has(character)) map.set(character, targets[i] ?? '')
  return (text) => {
    let result = ''
    for (const character of text) result += map.get(character) ?? character
    return result
  }
}

export const trimPadFunctions: readonly ScalarFunction[] = [
  ...trims,
  ...pads,
  strict('replace', ['text', 'text', 'text'], 'text', {
    doc: 'Puts the third text in place of every occurrence of the second one.',
    example: "replace('abcdefabcdef', 'cd', 'XX') = 'abXXefabXXef'",
    evaluate: replaceAll,
  }),
  strict('translate', ['text', 'text', 'text'], 'text', {
    doc: 'Replaces each character of the second text by the one at the same place of the third, or removes it.',
    example: "translate('12345', '143', 'ax') = 'a2x5'",
    fails: false,
    evaluate: (text: string, from: string, to: string) => translation(from, to)(text),
    prepare: ([, from, to]) =>
      typeof from === 'string' && typeof to === 'string' ? withTranslation(translation(from, to)) : undefined,
  }),
]

const withTranslation = (translate: (text: string) => string) => (text: string) => translate(text)
