// What could have stood where the grammar gave up, in a line a person can read.
//
// A word that is nearly a keyword which could have stood there is most likely meant to be that keyword; it is looked
// for at the failing place and just before it, where it may have been taken for an alias. Else the possibilities are
// listed.

import type { TokenType } from 'chevrotain'
import * as t from './tokens.ts'

const { K } = t

/** Longer lists are cut. */
const itemsMax = 8

const expressionStarts = [t.Integer, t.Text, t.OpenParen, K.case]
const names = [t.ColumnId, t.FunctionId, t.NameStart, t.Identifier, t.AliasId, t.BareLabel, t.Label]

/** The words that go on with an expression are as many as they are seldom meant. */
const continuations = new Set<TokenType>([
  ...[t.Sign, t.AnyOperator, t.Operator, t.OperatorOf, t.NotBefore, t.AtTime, t.SimilarTo, t.TypeCast, t.OpenBracket],
  ...[K.and, K.or, K.is, K.isnull, K.notnull, K.in, K.between, K.like, K.ilike, K.collate, K.escape, K.overlaps],
])

/** Of the types that could stand at `token`, before which `previous` stands. */
export const hintOf = (
  types: ReadonlySet<TokenType>,
  token: t.Token,
  previous: t.Token | undefined,
): string | undefined => {
  const meant = meantKeyword(types, token) ?? meantKeyword(types, previous)
  if (meant !== undefined) return `Perhaps you meant ${meant}.`
  const items = describe(types)
  if (items.length === 0) return undefined
  const shown = items.slice(0, itemsMax)
  return `Expected ${listed(shown, items.length > itemsMax)}.`
}

// ---- Misspelt keywords ----

const meantKeyword = (types: ReadonlySet<TokenType>, token: t.Token | undefined): string | undefined => {
  if (token?.tokenType !== t.Identifier) return undefined
  const word = token.image.toUpperCase()
  const allowed = word.length >= 5 ? 2 : word.length >= 3 ? 1 : 0
  return keywordsOf(types).find((keyword) => keyword !== word && distanceAtMost(allowed, word, keyword))
}

const keywordsOf = (types: ReadonlySet<TokenType>): string[] =>
  [...types].map((type) => type.LABEL ?? '').filter((label) => /^[A-Z]{2,}$/.test(label))

/** Letters inserted, deleted, replaced, or swapped with their neighbour (optimal string alignment). */
const distanceAtMost = (limit: number, left: string, right: string): boolean => {
  if (Math.abs(left.length - right.length) > limit) return false
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= left.length; row++) {
    const [above, current] = [rows[row - 1]!, [row]]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current.push(
        Math.min(
          above[column]! + 1,
          current[column - 1]! + 1,
          above[column - 1]! + (same ? 0 : 1),
          swapped ? rows[row - 2]![column - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    rows.push(current)
  }
  return rows[left.length]![right.length]! <= limit
}

// ---- Lists ----

const describe = (types: ReadonlySet<TokenType>): string[] => {
  if (types.has(K.select) && types.has(K.create)) return ['a statement']
  const rest = new Set(types)
  const items: string[] = []
  if (expressionStarts.every((type) => types.has(type))) {
    items.push('an expression')
    for (const type of types) if (!standsBesideExpression(type)) rest.delete(type)
  } else if (names.some((type) => types.has(type))) items.push('a name')
  for (const type of names) rest.delete(type)
  const continues = [...rest].some((type) => continuations.has(type))
  for (const type of continuations) rest.delete(type)
  const labels = [...new Set([...rest].map((type) => type.LABEL ?? type.name))].sort((a, b) => rankOf(a) - rankOf(b))
  return [...items, ...labels, ...(continues ? ['an operator'] : [])]
}

/** Signs first, then the clauses that people write most, then the rest as the grammar has it. */
const usual = 'AS ON USING JOIN LEFT FROM SET VALUES SELECT WHERE GROUP ORDER LIMIT'.split(' ')
const rankOf = (label: string): number => {
  if (label.startsWith('"')) return -1
  const rank = usual.indexOf(label)
  return rank < 0 ? usual.length : rank
}

/** What else may stand where an expression may begin. */
const standsBesideExpression = (type: TokenType): boolean =>
  type === t.CloseParen || type === t.CloseBracket || type === t.Asterisk || type === K.from

const listed = (items: readonly string[], more: boolean): string => {
  if (more) return `${items.join(', ')}, …`
  return items.length === 1 ? items[0]! : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`
}
