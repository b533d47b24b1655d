// regexp_count, regexp_instr, regexp_substr and regexp_replace: functions that take a place to start and a number.
//
// They take further arguments from the left; what is left out has its default. Numbers are checked before the pattern.

import type { ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { charactersBefore } from '../string/characters.ts'
import { invalidParameter } from '../string/limits.ts'
import { offsetOfCharacter } from '../text/strings.ts'
import { regexOptions, rememberingCompiler, withoutGlobal } from './options.ts'
import { groupText, type Match } from './regex.ts'
import { replaceMatches } from './replace.ts'

const badParameter = (name: string, value: number) =>
  invalidParameter(`invalid value for parameter "${name}": ${value}`)

const compile = rememberingCompiler()

/** The UTF-16 index of a character position from 1; beyond the text, one past its end. */
function startIndex(text: string, start: number): number {
  if (start <= 0) throw badParameter('start', start)
  return offsetOfCharacter(text, start - 1) + (start - 1 > text.length ? 1 : 0)
}

interface Search {
  readonly name: string
  readonly text: string
  readonly pattern: string
  readonly start: number
  readonly n: number
  readonly flags: string
  readonly group: number
}

/** The n-th match; undefined where there is none, or no such group. */
function nthMatch({ name, text, pattern, start, n, flags, group }: Search): Match | undefined {
  const from = startIndex(text, start)
  if (n <= 0) throw badParameter('n', n)
  if (group < 0) throw badParameter('subexpr', group)
  const regex = compile(pattern, withoutGlobal(name, flags))
  if (group > regex.groups) return undefined
  let seen = 0
  for (const match of regex.all(text, from)) if (++seen === n) return match
  return undefined
}

function count(text: string, pattern: string, [start = 1, flags = '']: [number?, string?]): number {
  const from = startIndex(text, start)
  let matches = 0
  for (const _ of compile(pattern, withoutGlobal('regexp_count', flags)).all(text, from)) matches++
  return matches
}

type InstrArgs = [start?: number, n?: number, atEnd?: number, flags?: string, group?: number]

/** Where the match (or a group of it) begins, or ends if asked; 0 where there is none. */
function position(
  text: string,
  pattern: string,
  [start = 1, n = 1, atEnd = 0, flags = '', group = 0]: InstrArgs,
): number {
  startIndex(text, start)
  if (n <= 0) throw badParameter('n', n)
  if (atEnd !== 0 && atEnd !== 1) throw badParameter('endoption', atEnd)
  const span = nthMatch({ name: 'regexp_instr', text, pattern, start, n, flags, group })?.groups[group]
  return span === undefined ? 0 : charactersBefore(text, atEnd === 1 ? span.end : span.start) + 1
}

type SubstrArgs = [start?: number, n?: number, flags?: string, group?: number]

function part(text: string, pattern: string, [start = 1, n = 1, flags = '', group = 0]: SubstrArgs): string | null {
  const match = nthMatch({ name: 'regexp_substr', text, pattern, start, n, flags, group })
  return match === undefined ? null : groupText(text, match, group)
}

interface Replacement {
  readonly start?: number
  /** 0: every match. */
  readonly n?: number
  readonly flags?: string
}

function replaced(text: string, pattern: string, by: string, { start = 1, n = 1, flags = '' }: Replacement): string {
  const from = startIndex(text, start)
  if (n < 0) throw badParameter('n', n)
  return replaceMatches(compile(pattern, regexOptions(flags).flags), text, by, { from, n })
}

/** All prefixes of the optional arguments. */
const prefixes = (types: readonly ParameterType[], least = 0): readonly (readonly ParameterType[])[] =>
  Array.from({ length: types.length + 1 - least }, (_, i) => types.slice(0, i + least))

export const placeFunctions: readonly ScalarFunction[] = [
  ...prefixes(['int4', 'text']).map((rest) =>
    strict('regexp_count', ['text', 'text', ...rest], 'int4', {
      doc: 'How often the regular expression matches, from a position on, with flags.',
      example: "regexp_count('123456789012', '\\d\\d\\d', 2) = 3",
      evaluate: (text: string, pattern: string, ...args: unknown[]) =>
        count(text, pattern, args.slice(0, rest.length) as [number?, string?]),
    }),
  ),
  ...prefixes(['int4', 'int4', 'int4', 'text', 'int4']).map((rest) =>
    strict('regexp_instr', ['text', 'text', ...rest], 'int4', {
      doc: 'Where the n-th match from a position on begins (0) or ends (1), with flags, of a group; 0: there is none.',
      example: "regexp_instr('ABCDEF', 'c(.)(..)', 1, 1, 0, 'i', 2) = 5",
      evaluate: (text: string, pattern: string, ...args: unknown[]) =>
        position(text, pattern, args.slice(0, rest.length) as InstrArgs),
    }),
  ),
  ...prefixes(['int4', 'int4', 'text', 'int4']).map((rest) =>
    strict('regexp_substr', ['text', 'text', ...rest], 'text', {
      doc: 'The n-th match from a position on, with flags, or a group of it; NULL: there is none.',
      example: "regexp_substr('ABCDEF', 'c(.)(..)', 1, 1, 'i', 2) = 'EF'",
      evaluate: (text: string, pattern: string, ...args: unknown[]) =>
        part(text, pattern, args.slice(0, rest.length) as SubstrArgs),
    }),
  ),
]

export const replaceFunctions: readonly ScalarFunction[] = [
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
  ...prefixes(['int4', 'int4', 'text'], 1).map((rest) =>
    strict('regexp_replace', ['text', 'text', 'text', ...rest], 'text', {
      doc: 'Replaces the n-th match (every one: 0) from a position on.',
      example: "regexp_replace('Thomas', '.', 'X', 3, 2) = 'ThoXas'",
      evaluate: (text: string, pattern: string, by: string, ...args: unknown[]) => {
        const [start = 1, n = 1, flags = ''] = args.slice(0, rest.length) as [number?, number?, string?]
        return replaced(text, pattern, by, { start, n, flags })
      },
    }),
  ),
]
