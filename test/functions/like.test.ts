// LIKE: the matcher against a definition written as plainly as possible; escapes; patterns that ruin backtracking.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { likeEscape, likeMatcher } from '../../src/functions/string/like-matcher.ts'

/** By definition: one character of the pattern at a time, over code points. */
function defined(text: readonly string[], pattern: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return text.length === 0
  if (first === '%') return text.some((_, i) => defined(text.slice(i), rest)) || defined([], rest)
  if (text.length === 0) return false
  if (first === '\\') return rest.length > 0 && text[0] === rest[0] && defined(text.slice(1), rest.slice(1))
  return (first === '_' || first === text[0]) && defined(text.slice(1), rest)
}

const character = fc.constantFrom('a', 'b', 'ä', '😀', '%', '_')
const text = fc.array(character, { maxLength: 7 })
const pattern = fc.array(fc.constantFrom('a', 'b', '😀', '%', '_', '\\%', '\\_', '\\a'), { maxLength: 6 })

describe('LIKE', () => {
  test('matches what the definition matches', () => {
    fc.assert(
      fc.property(text, pattern, (characters, parts) => {
        const joined = parts.join('')
        expect(likeMatcher(joined)(characters.join(''))).toBe(defined(characters, [...joined]))
      }),
      { numRuns: 2000 },
    )
  })

  test('many wildcards cost no more than the product of the lengths', () => {
    expect(likeMatcher('%a'.repeat(200))('a'.repeat(20_000))).toBe(true)
    expect(likeMatcher(`${'%a'.repeat(200)}b`)('a'.repeat(20_000))).toBe(false)
  })

  test('a pattern that ends with its escape fails only where it is reached', () => {
    expect(likeMatcher('x\\')('abc')).toBe(false)
    expect(() => likeMatcher('a\\')('abc')).toThrow('LIKE pattern must not end with escape character')
    expect(() => likeMatcher('%\\')('abc')).toThrow('LIKE pattern must not end with escape character')
  })
})

describe('ESCAPE', () => {
  test.each([
    ['a#%', '#', 'a\\%'],
    ['a##', '#', 'a\\#'],
    ['a\\%', '', 'a\\\\%'],
    ['a\\%', '\\', 'a\\%'],
    ['a\\#%', '#', 'a\\\\\\%'],
  ])('%s with %s', (given, mark, expected) => {
    expect(likeEscape(given, mark)).toBe(expected)
  })

  test('one character at most', () => {
    expect(() => likeEscape('a', 'ab')).toThrow('invalid escape string')
  })
})
