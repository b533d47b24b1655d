// A skeleton has the tokens of its text, with parameters for literals: checked against the real scanner.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tokenize } from '../../src/parser/lexer.ts'
import { skeletonOf } from '../../src/parser/skeleton.ts'

test.each([
  ['SELECT v FROM t1 WHERE id = 4711;', 'SELECT v FROM t1 WHERE id = $1;', ['4711']],
  ["a = 'x' AND b IN (1,22)", 'a = $1 AND b IN ($2,$3)', ['x', '1', '22']],
  ["a='é€' OR\n a=''", 'a=$1 OR\n a=$2', ['é€', '']],
])('%s', (text, skeleton, literals) => {
  const found = skeletonOf(text)
  expect(found?.text).toBe(skeleton)
  expect(found?.literals.map((literal) => literal.text)).toEqual(literals)
})

test.each([
  'a = b',
  'a = 1.5',
  'a = 1e5',
  'a = .5',
  'a = 1_000',
  'a = 0x1F',
  "a = 'it''s'",
  "a = E'x'",
  "a = 'b\\c'",
  "a = 'b'\n'c'",
  "a = 'b' 'c'",
  "a = 'open",
  'a = 1 -- b',
  'a = 1 /* b */',
  'a = $1',
  'a = $$b$$ || 1',
  'a = "b" || 1',
  "a = U&'x'",
  "a = B'1' || 1",
])('nothing is made of %s', (text) => expect(skeletonOf(text)).toBeUndefined())

const piece = fc.constantFrom(
  ...['a', 'B_1', ' ', '\n', '1', '007', '12', '.', ',', '(', ')', ';', '::', '=', '-', '--', '/', '/*', '*/', '+'],
  ...["'", "''", "'x'", "'1'", '"', '"q"', '$', '$1', 'E', 'e', '\\', 'é', '€', '<', '|', '[', ':'],
)

test('whatever the text', () => {
  let made = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const found = skeletonOf(text)
      if (found === undefined) return
      made++
      const shown = (one: string, types: readonly string[]) =>
        tokenize(one).map(({ tokenType, image }) =>
          types.includes(tokenType.name) ? '?' : `${tokenType.name} ${image}`,
        )
      expect(shown(found.text, ['Param'])).toEqual(shown(text, ['Integer', 'Text']))
      const values = tokenize(text).filter(({ tokenType }) => ['Integer', 'Text'].includes(tokenType.name))
      expect(found.literals.map((literal) => literal.text)).toEqual(values.map(({ image }) => image))
    }),
    { numRuns: 5000 },
  )
  expect(made).toBeGreaterThan(100)
})
