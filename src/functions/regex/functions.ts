// The regexp_ functions and substring by pattern (PostgreSQL 15, table 9.10).
//
// Positions count characters from 1. A pattern without groups stands for its whole match.

import { type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import type { ScalarFunction, TableFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { charactersBefore } from '../string/characters.ts'
import { invalidParameter } from '../string/limits.ts'
import { setOf } from '../table.ts'
import { offsetOfCharacter } from '../text/strings.ts'
import { regexOptions, rememberingCompiler, withoutGlobal } from './options.ts'
import type { Match, Regex } from './regex.ts'
import { replaceMatches } from './replace.ts'
import { similarToEscape } from './similar.ts'
import { plainFlags, type RegexFlags } from './syntax.ts'

type Compile = (pattern: string, flags: RegexFlags) => Regex

const first = (regex: Regex, text: string): Match | undefined => regex.find(regex.subject(text), 0)

const groupText = (text: string, match: Match, group: number): string | null => {
  const span = match.groups[group]
  return span === undefined ? null : text.slice(span.start, span.end)
}

/** The groups of a match as an array; without groups the match itself. */
function captured(regex: Regex, text: string, match: Match): SqlArray {
  if (regex.groups === 0) return sqlArray([groupText(text, match, 0)])
  return sqlArray(Array.from({ length: regex.groups }, (_, i) => groupText(text, match, i + 1)))
}

function substring(regex: Regex, text: string): string | null {
  const match = first(regex, text)
  return match === undefined ? null : groupText(text, match, regex.groups === 0 ? 0 : 1)
}

const badParameter = (name: string, value: number) =>
  invalidParameter(`invalid value for parameter "${name}": ${value}`)

/** The UTF-16 index of a character position from 1. */
function startIndex(text: string, start: number): number {
  if (start <= 0) throw badParameter('start', start)
  return offsetOfCharacter(text, start - 1) + (start - 1 > text.length ? 1 : 0)
}

function nth(regex: Regex, text: string, from: number, n: number): Match | undefined {
  let seen = 0
  for (const match of regex.all(text, from)) if (++seen === n) return match
  return undefined
}

function count(regex: Regex, text: string, start: number): number {
  let matches = 0
  for (const _ of regex.all(text, startIndex(text, start))) matches++
  return matches
}

interface Place {
  readonly start: number
  readonly n: number
  readonly group: number
}

function checkedNth(regex: Regex, text: string, { start, n, group }: Place): Match | undefined {
  const from = startIndex(text, start)
  if (n <= 0) throw badParameter('n', n)
  if (group < 0) throw badParameter('subexpr', group)
  return group > regex.groups ? undefined : nth(regex, text, from, n)
}

/** Where the n-th match (or a group of it) begins, or ends if asked; 0 where there is none. */
function position(regex: Regex, text: string, place: Place, atEnd: number): number {
  if (atEnd !== 0 && atEnd !== 1) throw badParameter('endoption', atEnd)
  const span = checkedNth(regex, text, place)?.groups[place.group]
  return span === undefined ? 0 : charactersBefore(text, atEnd === 1 ? span.end : span.start) + 1
}

function part(regex: Regex, text: string, place: Place): string | null {
  const match = checkedNth(regex, text, place)
  return match === undefined ? null : groupText(text, match, place.group)
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

const split = (compile: Compile, name: string, text: string, pattern: string, flags: string): Iterable<string> =>
  pieces(compile(pattern, withoutGlobal(name, flags)), text)

const matchHint = 'Use the regexp_matches function instead.'

function finders(): readonly ScalarFunction[] {
  const compile = rememberingCompiler()
  return [
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
        sqlArray([...split(compile, 'regexp_split_to_array', text, pattern, flags)]),
    }),
  ]
}

const matchOf = (regex: Regex, text: string): SqlArray | null => {
  const match = first(regex, text)
  return match === undefined ? null : captured(regex, text, match)
}

/** regexp_count, regexp_instr and regexp_substr take up to so many further arguments, from the left. */
function places(): readonly ScalarFunction[] {
  const compile = rememberingCompiler()
  const counts = [[], ['int4'], ['int4', 'text']] as const
  const instr = [[], ['int4'], ['int4', 'int4'], ['int4', 'int4', 'int4'], ['int4', 'int4', 'int4', 'text']] as const
  const substr = [[], ['int4'], ['int4', 'int4'], ['int4', 'int4', 'text'], ['int4', 'int4', 'text', 'int4']] as const
  return [
    ...counts.map((rest) =>
      strict('regexp_count', ['text', 'text', ...rest], 'int4', {
        doc: 'How often the regular expression matches, from a position on, with flags.',
        example: "regexp_count('123456789012', '\\d\\d\\d', 2) = 3",
        evaluate: (text: string, pattern: string, ...args: unknown[]) => {
          const [start = 1, flags = ''] = args.slice(0, rest.length) as [number?, string?]
          return count(compile(pattern, withoutGlobal('regexp_count', flags)), text, start)
        },
      }),
    ),
    ...[...instr, ['int4', 'int4', 'int4', 'text', 'int4'] as const].map((rest) =>
      strict('regexp_instr', ['text', 'text', ...rest], 'int4', {
        doc: 'Where the n-th match from a position on begins (0) or ends (1), with flags, of a group; 0: there is none.',
        example: "regexp_instr('ABCDEF', 'c(.)(..)', 1, 1, 0, 'i', 2) = 5",
        evaluate: (text: string, pattern: string, ...args: unknown[]) => {
          const given = args.slice(0, rest.length) as [number?, number?, number?, string?, number?]
          const [start = 1, n = 1, atEnd = 0, flags = '', group = 0] = given
          return position(compile(pattern, withoutGlobal('regexp_instr', flags)), text, { start, n, group }, atEnd)
        },
      }),
    ),
    ...substr.map((rest) =>
      strict('regexp_substr', ['text', 'text', ...rest], 'text', {
        doc: 'The n-th match from a position on, with flags, or a group of it; NULL: there is none.',
        example: "regexp_substr('ABCDEF', 'c(.)(..)', 1, 1, 'i', 2) = 'EF'",
        evaluate: (text: string, pattern: string, ...args: unknown[]) => {
          const given = args.slice(0, rest.length) as [number?, number?, string?, number?]
          const [start = 1, n = 1, flags = '', group = 0] = given
          return part(compile(pattern, withoutGlobal('regexp_substr', flags)), text, { start, n, group })
        },
      }),
    ),
  ]
}

function replacers(): readonly ScalarFunction[] {
  const compile = rememberingCompiler()
  const replaced = (text: string, pattern: string, replacement: string, { start = 1, n = 1, flags = '' }) => {
    const { flags: options } = regexOptions(flags)
    if (n < 0) throw badParameter('n', n)
    return replaceMatches(compile(pattern, options), text, replacement, { from: startIndex(text, start), n })
  }
  return [
    strict('regexp_replace', ['text', 'text', 'text'], 'text', {
      doc: 'Replaces the first match; \\1 to \\9 are its groups, \\& the match.',
      example: "regexp_replace('Thomas', '.[mN]a.', 'M') = 'ThM'",
      evaluate: (text: string, pattern: string, by: string) => replaced(text, pattern, by, {}),
    }),
    strict('regexp_replace', ['text', 'text', 'text', 'text'], 'text', {
      doc: 'Replaces the first match, or every one with the flag g.',
      example: "regexp_replace('foobarbaz', 'b(..)', 'X\\1Y', 'g') = 'fooXarYXazY'",
      evaluate: (text: string, pattern: string, by: string, flags: string) =>
        replaced(text, pattern, by, { flags, n: regexOptions(flags).global ? 0 : 1 }),
    }),
    ...([['int4'], ['int4', 'int4'], ['int4', 'int4', 'text']] as const).map((rest) =>
      strict('regexp_replace', ['text', 'text', 'text', ...rest], 'text', {
        doc: 'Replaces the n-th match (every one: 0) from a position on.',
        example: "regexp_replace('Thomas', '.', 'X', 3, 2) = 'ThoXas'",
        evaluate: (text: string, pattern: string, by: string, ...args: unknown[]) => {
          const [start = 1, n, flags = ''] = args.slice(0, rest.length) as [number?, number?, string?]
          return replaced(text, pattern, by, { start, n: n ?? 1, flags })
        },
      }),
    ),
  ]
}

const textArray = { kind: 'array', element: { kind: 'text' } } as const

function sets(): readonly TableFunction[] {
  const compile = rememberingCompiler()
  function* matches(text: string, pattern: string, options: string): Generator<readonly SqlValue[], void> {
    const { flags, global } = regexOptions(options)
    const regex = compile(pattern, flags)
    for (const match of regex.all(text)) {
      yield [captured(regex, text, match)]
      if (!global) return
    }
  }
  return [
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
        [...split(compile, 'regexp_split_to_table', text, pattern, flags)].map((one) => [one]),
    }),
  ]
}

export const regexFunctions: readonly ScalarFunction[] = [...finders(), ...places(), ...replacers()]
export const regexSets: readonly TableFunction[] = sets()
