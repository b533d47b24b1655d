// The operators behind LIKE and ILIKE: ~~, !~~, ~~* and !~~*. `x LIKE y ESCAPE z` is `x ~~ like_escape(y, z)`.
//
// A constant pattern is compiled once; the matcher of a varying one costs about as much as one match.

import type { Evaluate, ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { lowerCase } from './case.ts'
import { type LikeMatcher, likeEscape, likeMatcher } from './like-matcher.ts'

type Compile = (pattern: string) => LikeMatcher

const caseless: Compile = (pattern) => {
  const matches = likeMatcher(lowerCase(pattern))
  return (text) => matches(lowerCase(text))
}

interface LikeOperator {
  readonly names: readonly string[]
  readonly compile: Compile
  readonly negated: boolean
  readonly doc: string
  readonly example: string
}

const operators: readonly LikeOperator[] = [
  {
    names: ['~~', 'like'],
    compile: likeMatcher,
    negated: false,
    doc: 'LIKE: the whole text matches the pattern, where % is any text and _ any character.',
    example: "'abc' ~~ 'a%' and not 'abc' ~~ 'b'",
  },
  {
    names: ['!~~', 'notlike'],
    compile: likeMatcher,
    negated: true,
    doc: 'NOT LIKE: the whole text does not match the pattern.',
    example: "'abc' !~~ 'c%'",
  },
  {
    names: ['~~*'],
    compile: caseless,
    negated: false,
    doc: 'ILIKE: the whole text matches the pattern in whatever case.',
    example: "'ABC' ~~* 'a_c'",
  },
  {
    names: ['!~~*'],
    compile: caseless,
    negated: true,
    doc: 'NOT ILIKE: the whole text does not match the pattern in any case.',
    example: "'ABC' !~~* 'c%'",
  },
]

const evaluateWith = (matcher: LikeMatcher, negated: boolean): Evaluate =>
  negated ? (text: string) => !matcher(text) : (text: string) => matcher(text)

const entry = ({ compile, negated, doc, example }: LikeOperator, name: string, left: ParameterType): ScalarFunction =>
  strict(name, [left, 'text'], 'boolean', {
    doc,
    example,
    evaluate: (text: string, pattern: string) => compile(pattern)(text) !== negated,
    // A pattern that ends in a single backslash.
    failsFor: ([, pattern]) => typeof pattern !== 'string' || /(?<!\\)(?:\\\\)*\\$/.test(pattern),
    prepare: ([, pattern]) => (typeof pattern === 'string' ? evaluateWith(compile(pattern), negated) : undefined),
  })

/** Bytes are matched as the characters U+0000–U+00FF. */
const latin = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

const bytesEntry = ({ compile, negated, doc }: LikeOperator, name: string): ScalarFunction =>
  strict(name, ['bytea', 'bytea'], 'boolean', {
    doc,
    example: negated ? `'\\x0102'::bytea ${name} '\\x03'::bytea` : `'\\x0102'::bytea ${name} '\\x0125'::bytea`,
    evaluate: (bytes: Uint8Array, pattern: Uint8Array) => compile(latin(pattern))(latin(bytes)) !== negated,
  })

const leftTypes = ['text', 'name', 'bpchar'] as const

export const likeFunctions: readonly ScalarFunction[] = [
  ...operators.flatMap((operator) =>
    operator.names.flatMap((name) =>
      leftTypes.filter((left) => left !== 'bpchar' || /\W/.test(name)).map((left) => entry(operator, name, left)),
    ),
  ),
  ...operators.slice(0, 2).map((operator) => bytesEntry(operator, operator.names[0]!)),
  strict('like_escape', ['text', 'text'], 'text', {
    doc: 'The LIKE pattern rewritten from this escape character to the backslash; empty: no escape character.',
    example: "like_escape('a#%', '#') = 'a\\%'",
    evaluate: likeEscape,
  }),
]
