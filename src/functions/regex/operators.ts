// Regular expression operators: ~, ~*, !~, !~*; and SIMILAR TO's translation.

import type { ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { rememberingCompiler } from './options.ts'
import { compileRegex } from './regex.ts'
import { similarToEscape } from './similar.ts'
import { plainFlags, type RegexFlags } from './syntax.ts'

interface MatchOperator {
  readonly name: string
  readonly caseless: boolean
  readonly negated: boolean
  readonly doc: string
  readonly example: string
}

const operators: readonly MatchOperator[] = [
  {
    name: '~',
    caseless: false,
    negated: false,
    doc: 'True where the regular expression matches somewhere in the text.',
    example: "'thomas' ~ 't.*ma'",
  },
  {
    name: '~*',
    caseless: true,
    negated: false,
    doc: 'True where the regular expression matches somewhere in the text, in whatever case.',
    example: "'thomas' ~* 'T.*ma'",
  },
  {
    name: '!~',
    caseless: false,
    negated: true,
    doc: 'True where the regular expression matches nowhere in the text.',
    example: "'thomas' !~ 't.*max'",
  },
  {
    name: '!~*',
    caseless: true,
    negated: true,
    doc: 'True where the regular expression matches nowhere in the text, in whatever case.',
    example: "'thomas' !~* 'T.*max'",
  },
]

const entry = ({ name, caseless, negated, doc, example }: MatchOperator, left: ParameterType): ScalarFunction => {
  const flags: RegexFlags = { ...plainFlags, caseless }
  const compile = rememberingCompiler()
  return strict(name, [left, 'text'], 'boolean', {
    doc,
    example,
    evaluate: (text: string, pattern: string) => compile(pattern, flags).test(text) !== negated,
    prepare: ([, pattern]) => {
      if (typeof pattern !== 'string') return undefined
      const regex = compileRegex(pattern, flags)
      return (text: string) => regex.test(text) !== negated
    },
  })
}

export const regexOperators: readonly ScalarFunction[] = [
  ...operators.flatMap((operator) => (['text', 'name', 'bpchar'] as const).map((left) => entry(operator, left))),
  strict('similar_to_escape', ['text'], 'text', {
    doc: 'The regular expression that means the same as a SIMILAR TO pattern whose escape character is the backslash.',
    example: "'abc' ~ similar_to_escape('a(b|d)%')",
    evaluate: (pattern: string) => similarToEscape(pattern, '\\'),
  }),
  strict('similar_to_escape', ['text', 'text'], 'text', {
    doc: 'The regular expression that means the same as a SIMILAR TO pattern with this escape character.',
    example: "'a%' ~ similar_to_escape('a#%', '#')",
    evaluate: similarToEscape,
  }),
]
