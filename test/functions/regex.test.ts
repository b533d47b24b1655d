// Regular expressions: PostgreSQL's rules on random patterns, patterns that ruin backtracking engines, errors.

import { describe, expect, test } from 'vitest'
import { testContext } from '../../server/fuzz/functions/context.ts'
import { randomFrom } from '../../server/fuzz/functions/literals.ts'
import { SqlError } from '../../src/core/error.ts'
import type { SqlValue } from '../../src/core/value.ts'
import { scalarFunctions } from '../../src/functions/all.ts'
import { compileRegex } from '../../src/functions/regex/regex.ts'
import { similarToEscape } from '../../src/functions/regex/similar.ts'
import { plainFlags } from '../../src/functions/regex/syntax.ts'
import { print } from '../../src/functions/text/text.ts'
import { postgresMissing } from '../support/pg.ts'
import { postgres } from './support/postgres.ts'

type Random = () => number
const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)]!

const atoms = ['a', 'b', 'c', '.', '[ab]', '[^a]', '\\d', '\\w', 'x', '[[:alpha:]]']
const constraints = ['\\m', '\\M', '\\y', '^', '$', '(?=b)', '(?!a)', '(?<=a)', '(?<!b)']
const quantifiers = ['', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{1,2}?', '{0,1}', '{2,}']

function patternOf(depth: number, random: Random): string {
  const choice = random()
  if (depth === 0 || choice < 0.35) return pick(atoms, random) + pick(quantifiers, random)
  if (choice < 0.45) return pick(constraints, random)
  const part = (): string => patternOf(depth - 1, random)
  if (choice < 0.6) return `(${part()}${part()})${pick(quantifiers, random)}`
  if (choice < 0.7) return `(${part()}|${part()})${pick(['', '*', '+?', '?'], random)}`
  if (choice < 0.76) return `(?:${part()}|${part()})${pick(quantifiers, random)}`
  if (choice < 0.8) return `(${part()})${part()}\\1`
  return part() + part()
}

const textOf = (random: Random): string =>
  Array.from({ length: Math.floor(random() * 9) }, () => pick([...'aabbcx1 '], random)).join('')

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

interface Use {
  readonly name: string
  /** Further arguments after the text and the pattern. */
  readonly rest: readonly string[]
}

const uses: readonly Use[] = [
  { name: 'regexp_like', rest: [] },
  { name: 'substring', rest: [] },
  { name: 'regexp_match', rest: [] },
  { name: 'regexp_match', rest: ['i'] },
  { name: 'regexp_replace', rest: ['<\\&>', 'g'] },
  { name: 'regexp_split_to_array', rest: [] },
]

function ours({ name, rest }: Use, text: string, pattern: string): string {
  const count = 2 + rest.length
  const entry = scalarFunctions.find(
    (one) => one.name === name && one.args.join() === Array(count).fill('text').join(),
  )!
  try {
    const value = (entry.evaluate as (...args: unknown[]) => SqlValue)(text, pattern, ...rest, testContext)
    if (value === null) return 'NULL'
    if (typeof value !== 'object') return String(value)
    return print({ kind: 'array', element: { kind: 'text' } }, value, testContext.text)
  } catch (error) {
    if (error instanceof SqlError) return `ERROR ${error.code}`
    throw error
  }
}

const missing = postgresMissing()

describe('random patterns', () => {
  test.skipIf(missing !== undefined)(`match as on PostgreSQL ${missing ?? ''}`, async () => {
    const judge = (await postgres())!
    const random = randomFrom(2)
    const calls = Array.from({ length: 250 }, () => [textOf(random), patternOf(3, random)] as const).flatMap(
      ([text, pattern]) =>
        uses.map((use) => ({
          sql: `${use.name}(${[text, pattern, ...use.rest].map(literal).join(', ')})`,
          answer: ours(use, text, pattern),
        })),
    )
    const answers = await judge.answers(calls.map(({ sql }) => sql))
    await judge.end()
    expect(
      calls.flatMap(({ sql, answer }, i) => (answer === answers[i] ? [] : [`${sql}: ${answer}, ${answers[i]}`])),
    ).toEqual([])
  })
})

describe('cost', () => {
  const long = 'a'.repeat(50_000)

  // Each of these takes a backtracking matcher longer than the sun lasts.
  test.each(['(a*)*b', '(a|a)*b', '(a|aa)+$b', '(?:a?){200}b', '^(([a-z])+.)+[A-Z]([a-z])+$'])('%s', (pattern) => {
    expect(compileRegex(pattern).test(long)).toBe(false)
  })

  test('patterns of too many states are refused', () => {
    expect(() => compileRegex('((a{255}){255}){255}').test('a')).toThrow('regular expression is too complex')
  })

  test('deep nesting is refused', () => {
    expect(() => compileRegex(`${'('.repeat(100_000)}${')'.repeat(100_000)}`)).toThrow('too complex')
  })
})

describe('matches', () => {
  const found = (pattern: string, text: string): readonly (string | undefined)[] | undefined => {
    const regex = compileRegex(pattern)
    const match = regex.find(regex.subject(text), 0)
    return match?.groups.map((span) => span && text.slice(span.start, span.end))
  }

  test('the longest of the first, unless the pattern prefers the shortest', () => {
    expect(found('foo|foobar', 'a foobar')).toEqual(['foobar'])
    expect(found('X.*Y', 'aXbYcY')).toEqual(['XbYcY'])
    expect(found('X.*?Y', 'aXbYcY')).toEqual(['XbY'])
    expect(found('XY*?', 'XYYY')).toEqual(['X'])
    expect(found('(?:X.*?Y){1,1}', 'aXbYcY')).toEqual(['XbYcY'])
  })

  test('groups follow the first parts’ preferences', () => {
    expect(found('(a|ab)(c|bcd)(d*)', 'abcd')).toEqual(['abcd', 'ab', 'c', 'd'])
    expect(found('(a*?)(a*)', 'aaa')).toEqual(['', '', ''])
    expect(found('(\\w+) (\\w+)', 'two words')).toEqual(['two words', 'two', 'words'])
    expect(found('(?:(a)|b)*', 'ab')).toEqual(['ab', undefined])
  })

  test('characters beyond the basic plane are one', () => {
    expect(found('^.$', '😀')).toEqual(['😀'])
    expect(found('[😀-😂]+', 'x😁😂')).toEqual(['😁😂'])
  })

  test('flags', () => {
    expect(compileRegex('straße', { ...plainFlags, caseless: true }).test('STRAßE')).toBe(true)
    expect(compileRegex('^b$', { ...plainFlags, lineAnchors: true }).test('a\nb\nc')).toBe(true)
    expect(compileRegex('a.c', { ...plainFlags, newlineStops: true }).test('a\nc')).toBe(false)
    expect(compileRegex('a b # c', { ...plainFlags, expanded: true }).test('ab')).toBe(true)
    expect(compileRegex('a.c', { ...plainFlags, literal: true }).test('abc')).toBe(false)
    expect(compileRegex('(?i)ABC').test('abc')).toBe(true)
    expect(compileRegex('***=a.c').test('a.c')).toBe(true)
  })
})

describe('errors', () => {
  test.each([
    ['(', 'parentheses () not balanced'],
    [')', 'parentheses () not balanced'],
    ['[a', 'brackets [] not balanced'],
    ['[b-a]', 'invalid character range'],
    ['[[:none:]]', 'invalid character class'],
    ['*a', 'quantifier operand invalid'],
    ['a**', 'quantifier operand invalid'],
    ['a{2,1}', 'invalid repetition count(s)'],
    ['a{300}', 'invalid repetition count(s)'],
    ['(a)\\2', 'invalid backreference number'],
    ['a\\', 'invalid escape \\ sequence'],
    ['(?z)a', 'invalid embedded option'],
  ])('%s', (pattern, message) => {
    expect(() => compileRegex(pattern)).toThrow(`invalid regular expression: ${message}`)
  })
})

test('SIMILAR TO', () => {
  expect(similarToEscape('a_c%', '\\')).toBe('^(?:a.c.*)$')
  expect(similarToEscape('[^]%]#_', '#')).toBe('^(?:[^]%]\\_)$')
  expect(similarToEscape('%#"o_b#"%', '#')).toBe('^(?:.*){1,1}?(o.b){1,1}(?:.*)$')
  expect(() => similarToEscape('#"#"#"', '#')).toThrow('more than two')
})
