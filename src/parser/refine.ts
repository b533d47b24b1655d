// Tells apart the tokens whose meaning depends on what follows, so that the grammar decides by one token.
//
// Words: the next token or two settle it (NOT IN against NOT x). Parentheses: `(` opens a query if what it holds begins
// with SELECT, WITH, VALUES and a row, or TABLE, or if it begins with a parenthesis that opens a query and nothing but
// ), set operators or a query's clauses follow that one. So ((SELECT 1) UNION (SELECT 2)) is a query and ((SELECT 1) +
// 1) is not. One pass with a stack of open parentheses: O(tokens), whatever the nesting. PostgreSQL: base_yylex and the
// LALR tables.

import type { TokenType } from 'chevrotain'
import * as t from './tokens.ts'

const { K } = t

const afterNot = new Set([K.between, K.in, K.like, K.ilike, K.similar])
/**
 * After VALUES: a row, or a literal alone, as Trino writes rows of one column. After the column `values`: none of
 * these.
 */
const rowStarts = new Set([t.OpenParen, t.OpenQuery, t.Integer, t.Decimal, t.Text, K.null, K.true, K.false])
const afterQuery = new Set([
  t.CloseParen,
  ...[K.union, K.intersect, K.except, K.order, K.limit, K.offset, K.fetch, K.for, t.ForSystemTime],
])

type Kinds = (ahead: number) => TokenType | undefined
/** What a word becomes, given the types of the tokens after it (1 is the next). */
const refinements = new Map<TokenType, (kind: Kinds) => TokenType | undefined>([
  [K.not, (kind) => (afterNot.has(kind(1)!) ? t.NotBefore : undefined)],
  [K.nulls, (kind) => (kind(1) === K.first || kind(1) === K.last ? t.NullsBefore : undefined)],
  [K.with, (kind) => (kind(1) === K.time ? t.WithTime : kind(1) === K.ordinality ? t.WithOrdinality : undefined)],
  [K.without, (kind) => (kind(1) === K.time ? t.WithoutTime : undefined)],
  [K.ignore, (kind) => (kind(1) === K.nulls ? t.IgnoreNulls : undefined)],
  [K.respect, (kind) => (kind(1) === K.nulls ? t.RespectNulls : undefined)],
  [K.operator, (kind) => (kind(1) === t.OpenParen ? t.OperatorOf : undefined)],
  [K.at, (kind) => (kind(1) === K.time ? t.AtTime : undefined)],
  [K.similar, (kind) => (kind(1) === K.to ? t.SimilarTo : undefined)],
  [K.for, (kind) => (kind(1) === K.system_time ? t.ForSystemTime : undefined)],
  [K.asof, (kind) => (kind(1) === K.join || kind(1) === K.left || kind(1) === K.inner ? t.AsofJoin : undefined)],
  [K.emit, (kind) => (kind(1) === K.changes || (kind(1) === K.on && kind(2) === K.window) ? t.EmitClause : undefined)],
])

/** Changes the types of `tokens` in place and returns them. */
export const refine = (tokens: t.Token[]): t.Token[] => {
  const open: number[] = []
  /** By opening parenthesis: the index of the closing one. */
  const closing = new Map<number, number>()
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!
    const type = token.tokenType
    if (type === t.OpenParen) open.push(index)
    else if (type === t.CloseParen) {
      const start = open.pop()
      if (start !== undefined) close(tokens, start, index, closing)
    } else {
      const refined = refinements.get(type)?.((ahead) => tokens[index + ahead]?.tokenType)
      if (refined !== undefined) retype(token, refined)
    }
  }
  for (const start of open.reverse()) close(tokens, start, tokens.length, closing)
  return tokens
}

const retype = (token: t.Token, type: TokenType): void => {
  token.tokenType = type
  token.tokenTypeIdx = type.tokenTypeIdx as number
}

const close = (tokens: readonly t.Token[], start: number, end: number, closing: Map<number, number>): void => {
  if (!opensQuery(tokens, start, closing)) return
  retype(tokens[start]!, t.OpenQuery)
  closing.set(start, end)
}

const opensQuery = (tokens: readonly t.Token[], start: number, closing: ReadonlyMap<number, number>): boolean => {
  const first = tokens[start + 1]?.tokenType
  if (first === K.select || first === K.with || first === t.WithTime || first === t.WithOrdinality) return true
  const second = tokens[start + 2]?.tokenType
  if (first === K.values) return rowStarts.has(second!)
  if (first === K.table) return second !== t.OpenParen && second !== t.OpenQuery && endsAfterName(tokens, start + 2)
  if (first !== t.OpenQuery) return false
  const after = tokens[closing.get(start + 1)! + 1]?.tokenType
  if (after === K.union || after === K.intersect || after === K.except) return true
  return (after === undefined || afterQuery.has(after)) && !isCall(tokens, start)
}

/** TABLE t as a query, not as an argument of a table function: TUMBLE(TABLE t, …), SESSION(TABLE t PARTITION BY …). */
const endsAfterName = (tokens: readonly t.Token[], from: number): boolean => {
  let at = tokens[from]?.tokenType === K.only ? from + 2 : from + 1
  while (tokens[at]?.tokenType === t.Dot) at += 2
  if (tokens[at]?.tokenType === t.Asterisk) at++
  const after = tokens[at]?.tokenType
  return after === undefined || afterQuery.has(after)
}

const isName = (type: TokenType | undefined): boolean => type?.CATEGORIES?.includes(t.NameStart) === true

/** Does the parenthesis open the arguments of a function, as in f((SELECT 1)), or another list of expressions? */
const isCall = (tokens: readonly t.Token[], start: number): boolean => {
  const kind = (index: number): TokenType | undefined => tokens[index]?.tokenType
  if (kind(start - 1) === K.on) return kind(start - 2) === K.distinct
  if (notCalled.has(kind(start - 1)!) || !isName(kind(start - 1))) return false
  let name = start - 1
  while (kind(name - 1) === t.Dot) name -= 2
  return kind(name - 1) !== K.into
}

const notCalled = new Set([
  ...[K.exists, K.materialized, K.copy, K.subscribe, K.explain, K.join],
  ...[K.like, K.ilike, K.between, K.escape, K.zone, K.by],
])
