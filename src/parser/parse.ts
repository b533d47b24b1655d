// SQL text to syntax trees.
//
//   parseStatements("select 1; select 2")   two statements, with their places in the text
//   parseExpression("a + 1")
//
// Both throw a SqlError 42601 that names the unexpected token and what could stand there, or what the lexer found. To
// know what could stand there the text is parsed a second time, with the decisions at the failing token noted
// (lookahead.ts). One grammar object serves all calls: parsing is synchronous and never calls itself.

import type { IRecognitionException, IToken } from 'chevrotain'
import { nestedTooDeep, type SqlError } from '../core/error.ts'
import type { Expression } from './ast.ts'
import type { Statement } from './ast-statement.ts'
import { Grammar } from './grammar/statement.ts'
import { hintOf } from './hint.ts'
import { tokenize, UnreadableToken } from './lexer.ts'
import type { Expected } from './lookahead.ts'
import { OpenParen, OpenQuery, type Token } from './tokens.ts'

/** `text` is the statement without the semicolon; `start`…`end` is where it stands in the whole text. */
export interface ParsedStatement {
  readonly statement: Statement
  readonly text: string
  readonly start: number
  readonly end: number
}

const expected: Expected = { at: Number.NaN, types: new Set() }
const grammar = new Grammar(expected)

/** Empty statements are left out: `;;` has none. Positions in the trees are offsets into the whole text. */
export const parseStatements = (text: string): readonly ParsedStatement[] =>
  run(text, () => grammar.statements()).map(({ statement, start, end }) => ({
    statement,
    text: text.slice(start, end),
    start,
    end,
  }))

export const parseExpression = (text: string): Expression => run(text, () => grammar.wholeExpression())

const run = <Result>(text: string, rule: () => Result): Result => {
  const tokens = tokenize(text)
  const result = attempt(text, tokens, rule)
  const [failure] = grammar.errors
  if (failure === undefined) return result
  throw syntaxErrorAt(failure, text, tokens, rule)
}

/** Recursive descent has the stack as its limit; what it needs depends on how far the code was compiled. */
const attempt = <Result>(text: string, tokens: Token[], rule: () => Result): Result => {
  grammar.text = text
  grammar.input = tokens
  try {
    return rule()
  } catch (error) {
    throw error instanceof RangeError ? nestedTooDeep({ hint: 'Nest fewer expressions and subqueries.' }) : error
  }
}

const syntaxErrorAt = (
  failure: IRecognitionException,
  text: string,
  tokens: Token[],
  rule: () => unknown,
): SqlError => {
  const { token } = failure
  if (token instanceof UnreadableToken) return token.error
  expected.at = token.startOffset
  expected.types.clear()
  try {
    attempt(text, tokens, rule)
  } finally {
    expected.at = Number.NaN
  }
  const index = tokens.findIndex(({ startOffset }) => startOffset === token.startOffset)
  return grammar.unexpected(
    blamed(token, tokens),
    hintOf(expected.types, token as Token, tokens[(index < 0 ? tokens.length : index) - 1]),
  )
}

/**
 * The lexer told two parentheses apart by what follows them (refine.ts). If the other kind could have stood here, it is
 * not the parenthesis that is wrong, but the first token behind it.
 */
const blamed = (token: IToken, tokens: readonly Token[]): IToken => {
  const other = token.tokenType === OpenParen ? OpenQuery : token.tokenType === OpenQuery ? OpenParen : undefined
  if (other === undefined || !expected.types.has(other)) return token
  let index = tokens.findIndex(({ startOffset }) => startOffset === token.startOffset)
  while (tokens[index]?.tokenType === OpenParen || tokens[index]?.tokenType === OpenQuery) index++
  return tokens[index] ?? { ...token, startOffset: -1 }
}
