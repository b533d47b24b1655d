// Upper and lower case by Unicode's simple mappings: one character for one, whatever the locale (C.UTF-8).

import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

const ascii = /^[\x00-\x7f]*$/

/** 'ß' has no upper case of one character: it stays. */
function mapCharacters(text: string, map: (character: string) => string): string {
  let result = ''
  for (const character of text) {
    const mapped = map(character)
    result += mapped.length === character.length ? mapped : character
  }
  return result
}

export const lowerCase = (text: string): string =>
  ascii.test(text) ? text.toLowerCase() : mapCharacters(text, (character) => character.toLowerCase())

export const upperCase = (text: string): string =>
  ascii.test(text) ? text.toUpperCase() : mapCharacters(text, (character) => character.toUpperCase())

const wordCharacter = /[\p{L}\p{N}]/u

function initialCapitals(text: string): string {
  let inWord = false
  return mapCharacters(text, (character) => {
    const mapped = inWord ? character.toLowerCase() : character.toUpperCase()
    inWord = wordCharacter.test(character)
    return mapped
  })
}

export const caseFunctions: readonly ScalarFunction[] = [
  strict('lower', ['text'], 'text', {
    doc: 'Folds the text to lower case.',
    example: "lower('Ab') = 'ab'",
    fails: false,
    evaluate: lowerCase,
  }),
  strict('upper', ['text'], 'text', {
    doc: 'Folds the text to upper case.',
    example: "upper('Ab1') = 'AB1'",
    fails: false,
    evaluate: upperCase,
  }),
  strict('initcap', ['text'], 'text', {
    doc: 'Makes the first letter of each word a capital and the rest small; words are runs of letters and digits.',
    example: "initcap('hi THOMAS') = 'Hi Thomas'",
    fails: false,
    evaluate: initialCapitals,
  }),
]
