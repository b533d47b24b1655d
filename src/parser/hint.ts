// What could have stood where the grammar gave up, in a line a person can read.

import type { TokenType } from 'chevrotain'
import * as t from './tokens.ts'

const { K } = t

/** Longer lists say less. */
const itemsMax = 8

const expressionStarts = [t.Integer, t.Text, t.OpenParen, K.case]
/** Said by "an expression" if that is possible; the words among them are left out. */
const names = [t.ColumnId, t.FunctionId, t.NameStart, t.Identifier, t.AliasId, t.BareLabel, t.Label]
const signs = [t.Sign, t.AnyOperator, t.Operator, t.OperatorOf]

/** Undefined if too much could stand there to be of help. */
export const hintOf = (types: ReadonlySet<TokenType>): string | undefined => {
  const items = describe(types)
  if (items.length === 0 || items.length > itemsMax) return undefined
  return `Expected ${listed(items)}.`
}

const describe = (types: ReadonlySet<TokenType>): string[] => {
  const rest = new Set(types)
  const items: string[] = []
  if (expressionStarts.every((type) => types.has(type))) {
    items.push('an expression')
    for (const type of types) if (!followsExpression(type)) rest.delete(type)
  } else if (names.some((type) => types.has(type))) items.push('a name')
  for (const type of names) rest.delete(type)
  if (signs.some((type) => rest.has(type))) {
    for (const type of rest) if (isOperator(type)) rest.delete(type)
    items.push('an operator')
  }
  return [...items, ...new Set([...rest].map((type) => type.LABEL ?? type.name))]
}

/** Closing signs may stand where an expression may begin; all else then is a part of "an expression". */
const followsExpression = (type: TokenType): boolean =>
  type === t.CloseParen || type === t.CloseBracket || type === t.Asterisk || type === K.from

/** The words that go on with an expression are as many as they are seldom meant. */
const continuations = new Set<TokenType>([
  ...[t.NotBefore, t.AtTime, t.SimilarTo, t.TypeCast, t.OpenBracket],
  ...[K.and, K.or, K.is, K.isnull, K.notnull, K.in, K.between, K.like, K.ilike, K.collate, K.escape, K.overlaps],
])
const isOperator = (type: TokenType): boolean => continuations.has(type) || signs.includes(type)

const listed = (items: readonly string[]): string =>
  items.length === 1 ? items[0]! : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`
