// The regexp_ functions and substring by pattern (PostgreSQL 15, table 9.10).
//
// Positions count characters from 1. A pattern without groups stands for its whole match.

import { type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import type { ScalarFunction, TableFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { setOf } from '../table.ts'
import { regexOptions, rememberingCompiler, withoutGlobal } from './options.ts'
import { placeFunctions, replaceFunctions } from './places.ts'
import { groupText, type Match, type Regex } from './regex.ts'
import { similarToEscape } from './similar.ts'
import { plainFlags } from './syntax.ts'

const compile = rememberingCompiler()

const first = (regex: Regex, text: string): Match | undefined => regex.find(regex.subject(text), 0)

/** The groups of a match as an array; without groups the match itself. */
function captured(regex: Regex, text: string, match: Match): SqlArray {
  if (regex.groups === 0) return sqlArray([groupText(text, match, 0)])
  return sqlArray(Array.from({ length: regex.groups }, (_, i) => groupText(text, match, i + 1)))
}

function substring(regex: Regex, text: string): string | null {
  const match = first(regex, text)
  return match === undefined ? null : groupText(text, match, regex.groups === 0 ? 0 : 1)
}

/** The texts between matches; an empty match splits between characters, but not at the ends or after a match. */
function* pieces(regex: Regex, text: string): Generator<string, void> {
  let from = 0
  let last = 0
  for (const { start, end } of regex.all(text)) {
    if (start < text.length && end > last) {
      yield text.slice(from, start)
      from = end
    }
    last = end
  }
  yield text.slice(from)
}

const split = (name: string, text: string, pattern: string, flags: string): Iterable<string> =>
  pieces(compile(pattern, withoutGlobal(name, flags)), text)

const matchHint = 'Use the regexp_matches function instead.'

const finders: readonly ScalarFunction[] = [
  strict('regexp_like', ['text', 'text'], 'boolean', {
    doc: 'True where the regular expression matches somewhere in the text.',
    example: "regexp_like('Hello World', 'w..ld$', 'i') and not regexp_like('Hello World', 'w..ld$')",
    evaluate: (text: string, pattern: string) => compile(pattern, plainFlags).test(text),
  }),
  strict('regexp_like', ['text', 'text', 'text'], 'boolean', {
    doc: 'True where the regular expression, with these flags, matches somewhere in the text.',
    example: "regexp_like('Hello World', 'world$', 'i')",
    evaluate: (text: string, pattern: string, flags: string) =>
      compile(pattern, withoutGlobal('regexp_like', flags)).test(text),
  }),
  strict('regexp_match', ['text', 'text'], 'text[]', {
    doc: 'The groups of the first match; NULL where there is none.',
    example: "regexp_match('foobarbequebaz', '(bar)(beque)') = '{bar,beque}'",
    evaluate: (text: string, pattern: string) => matchOf(compile(pattern, plainFlags), text),
  }),
  strict('regexp_match', ['text', 'text', 'text'], 'text[]', {
    doc: 'The groups of the first match with these flags; NULL where there is none.',
    example: "regexp_match('foobar', 'B.R', 'i') = '{bar}'",
    evaluate: (text: string, pattern: string, flags: string) =>
      matchOf(compile(pattern, withoutGlobal('regexp_match', flags, matchHint)), text),
  }),
  strict('substring', ['text', 'text'], 'text', {
    doc: 'The first match of a regular expression, or what its first group matched; NULL where there is none.',
    example: "substring('Thomas' from '...$') = 'mas' and substring('foobar', 'o(.)b') = 'o'",
    evaluate: (text: string, pattern: string) => substring(compile(pattern, plainFlags), text),
  }),
  strict('substring', ['text', 'text', 'text'], 'text', {
    doc: 'What an SQL regular expression with this escape character has between its separators.',
    example: `substring('Thomas' similar '%#"o_a#"_' escape '#') = 'oma'`,
    evaluate: (text: string, pattern: string, mark: string) =>
      substring(compile(similarToEscape(pattern, mark), plainFlags), text),
  }),
  strict('regexp_split_to_array', ['text', 'text'], 'text[]', {
    doc: 'The texts between matches.',
    example: "regexp_split_to_array('hello world', '\\s+') = '{hello,world}'",
    evaluate: (text: string, pattern: string) => sqlArray([...pieces(compile(pattern, plainFlags), text)]),
  }),
  strict('regexp_split_to_array', ['text', 'text', 'text'], 'text[]', {
    doc: 'The texts between matches with these flags.',
    example: "regexp_split_to_array('1x2X3', 'x', 'i') = '{1,2,3}'",
    evaluate: (text: string, pattern: string, flags: string) =>
      sqlArray([...split('regexp_split_to_array', text, pattern, flags)]),
  }),
]

const matchOf = (regex: Regex, text: string): SqlArray | null => {
  const match = first(regex, text)
  return match === undefined ? null : captured(regex, text, match)
}

const textArray = { kind: 'array', element: { kind: 'text' } } as const

function* matches(text: string, pattern: string, options: string): Generator<readonly SqlValue[], void> {
  const { flags, global } = regexOptions(options)
  const regex = compile(pattern, flags)
  for (const match of regex.all(text)) {
    yield [captured(regex, text, match)]
    if (!global) return
  }
}
export const regexSets: readonly TableFunction[] = [
  setOf('regexp_matches', ['text', 'text'], textArray, {
    doc: 'The groups of the first match, as one row; none where there is no match.',
    example: "(select regexp_matches('foobar', 'o(.)')) = '{o}'",
    evaluate: (text: string, pattern: string) => matches(text, pattern, ''),
  }),
  setOf('regexp_matches', ['text', 'text', 'text'], textArray, {
    doc: 'The groups of the first match, or of each one with the flag g.',
    example: "array(select m[1] from regexp_matches('ab12', '.', 'g') as t(m)) = '{a,b,1,2}'",
    evaluate: (text: string, pattern: string, options: string) => matches(text, pattern, options),
  }),
  setOf('regexp_split_to_table', ['text', 'text'], 'text', {
    doc: 'The texts between matches, one a row.',
    example: "array(select regexp_split_to_table('hello world', '\\s+')) = '{hello,world}'",
    evaluate: (text: string, pattern: string) => [...pieces(compile(pattern, plainFlags), text)].map((one) => [one]),
  }),
  setOf('regexp_split_to_table', ['text', 'text', 'text'], 'text', {
    doc: 'The texts between matches with these flags, one a row.',
    example: "array(select regexp_split_to_table('1x2X3', 'x', 'i')) = '{1,2,3}'",
    evaluate: (text: string, pattern: string, flags: string) =>
      [...split('regexp_split_to_table', text, pattern, flags)].map((one) => [one]),
  }),
]

export const regexFunctions: readonly ScalarFunction[] = [...finders, ...placeFunctions, ...replaceFunctions]
