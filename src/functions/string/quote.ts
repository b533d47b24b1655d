// Quoting of identifiers and literals, as statements need them.

import { type Keyword, keywords } from '../../parser/keywords.ts'
import { lenientByType, strictByType } from '../polymorphic.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { lenient, strict } from '../registry.ts'
import { printerOf } from './printer.ts'

const plainName = /^[a-z_][a-z0-9_]*$/

/** The name as SQL reads it back: in double quotes unless it is small, plain and no keyword that could disturb. */
export function quoteIdentifier(name: string): string {
  const word = keywords.get(name as Keyword)
  if (plainName.test(name) && (word === undefined || word === 'unreserved')) return name
  return `"${name.replaceAll('"', '""')}"`
}

/** The text as a string literal; with backslashes as E'…'. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}

export const quoteFunctions: readonly ScalarFunction[] = [
  strict('quote_ident', ['text'], 'text', {
    doc: 'The text as an identifier, in double quotes where needed.',
    example: `quote_ident('Foo bar') = '"Foo bar"'`,
    fails: false,
    evaluate: quoteIdentifier,
  }),
  strict('quote_literal', ['text'], 'text', {
    doc: 'The text as a string literal.',
    example: "quote_literal('O''Reilly') = '''O''''Reilly'''",
    fails: false,
    evaluate: quoteLiteral,
  }),
  strictByType('quote_literal', ['anyelement'], 'text', {
    doc: 'The value’s text form as a string literal.',
    example: "quote_literal(42.5) = '''42.5'''",
    volatility: 'stable',
    fails: false,
    forTypes: ([type]) => {
      const print = printerOf(type!)
      return (value, context: EvaluationContext) => quoteLiteral(print(value, context))
    },
  }),
  lenient('quote_nullable', ['text'], 'text', {
    doc: 'The text as a string literal; the word NULL of NULL.',
    example: "quote_nullable(null::text) = 'NULL'",
    fails: false,
    evaluate: (text: string | null) => (text === null ? 'NULL' : quoteLiteral(text)),
  }),
  lenientByType('quote_nullable', ['anyelement'], 'text', {
    doc: 'The value’s text form as a string literal; the word NULL of NULL.',
    example: "quote_nullable(42.5) = '''42.5'''",
    volatility: 'stable',
    fails: false,
    forTypes: ([type]) => {
      const print = printerOf(type!)
      return (value, context: EvaluationContext) => (value === null ? 'NULL' : quoteLiteral(print(value, context)))
    },
  }),
]
