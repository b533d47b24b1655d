// Token types: one for each keyword, operator sign and kind of literal, and the categories that say where a word is a
// name.
//
// The lexer decides types alone: it also tells apart, by looking one token ahead or at the closing parenthesis, the few
// signs and words on which a grammar with one token of look-ahead would stumble ("Told apart by what follows", below;
// PostgreSQL does the same between its scanner and its grammar). Chevrotain's own lexer is not used.

import { createToken, type IToken, Lexer, type TokenType } from 'chevrotain'
import { asLabelOnly, type Keyword, keywords, type Reservedness } from './keywords.ts'

/** A token: `image` is the value (a name folded, a string decoded), `startOffset`…`end` the place in the text. */
export class Token implements IToken {
  image: string
  startOffset: number
  end: number
  tokenType: TokenType
  tokenTypeIdx: number

  constructor(tokenType: TokenType, image: string, startOffset: number, end: number) {
    this.image = image
    this.startOffset = startOffset
    this.end = end
    this.tokenType = tokenType
    this.tokenTypeIdx = tokenType.tokenTypeIdx as number
  }
}

const category = (name: string): TokenType => createToken({ name, pattern: Lexer.NA })
const token = (name: string, label: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, label, pattern: Lexer.NA, categories })

// ---- Categories ----

/** A column, relation, alias after AS, new name. */
export const ColumnId = category('ColumnId')
/** A function or type. */
export const FunctionId = category('FunctionId')
/** Any of the two: the first word of a name of which it is not yet known what it names. */
export const NameStart = category('NameStart')
/** Any word: after AS in a select list, after a dot. */
export const Label = category('Label')
/** An output column's name without AS. */
export const BareLabel = category('BareLabel')
/** A relation's alias without AS. */
export const AliasId = category('AliasId')
export const Sign = category('Sign')
/** What may stand in OPERATOR(…) or ORDER BY USING. */
export const AnyOperator = category('AnyOperator')

const categoriesOf: Record<Reservedness, readonly TokenType[]> = {
  unreserved: [ColumnId, FunctionId, NameStart, Label, AliasId],
  colName: [ColumnId, NameStart, Label, AliasId],
  typeFunc: [FunctionId, NameStart, Label],
  reserved: [Label],
}

const keywordType = (word: Keyword, kind: Reservedness): TokenType => {
  const categories = categoriesOf[kind].filter((each) => word !== 'qualify' || each !== AliasId)
  if (!asLabelOnly.has(word)) categories.push(BareLabel)
  return token(`Key_${word}`, word.toUpperCase(), ...categories)
}

/** The keywords' types: `K.select`. */
export const K = Object.fromEntries([...keywords].map(([word, kind]) => [word, keywordType(word, kind)])) as Record<
  Keyword,
  TokenType
>

// ---- Names and literals ----

export const Identifier = token('Identifier', 'a name', ColumnId, FunctionId, NameStart, Label, BareLabel, AliasId)
export const Text = token('Text', 'a string')
export const Bits = token('Bits', 'a bit string')
export const HexBits = token('HexBits', 'a bit string')
export const Integer = token('Integer', 'a number')
export const Decimal = token('Decimal', 'a number')
export const Param = token('Param', 'a parameter')

// ---- Signs ----

export const Comma = token('Comma', '","')
export const Semicolon = token('Semicolon', '";"')
export const Dot = token('Dot', '"."')
export const Colon = token('Colon', '":"')
export const TypeCast = token('TypeCast', '"::"')
export const ColonEquals = token('ColonEquals', '":="')
export const Arrow = token('Arrow', '"=>"')
export const OpenParen = token('OpenParen', '"("')
export const CloseParen = token('CloseParen', '")"')
export const OpenBracket = token('OpenBracket', '"["')
export const CloseBracket = token('CloseBracket', '"]"')
export const Plus = token('Plus', '"+"', Sign, AnyOperator)
export const Minus = token('Minus', '"-"', Sign, AnyOperator)
export const Asterisk = token('Asterisk', '"*"', AnyOperator)
export const Slash = token('Slash', '"/"', AnyOperator)
export const Percent = token('Percent', '"%"', AnyOperator)
export const Caret = token('Caret', '"^"', AnyOperator)
export const Less = token('Less', '"<"', AnyOperator)
export const Greater = token('Greater', '">"', AnyOperator)
export const Equals = token('Equals', '"="', AnyOperator)
export const LessEquals = token('LessEquals', '"<="', AnyOperator)
export const GreaterEquals = token('GreaterEquals', '">="', AnyOperator)
export const NotEquals = token('NotEquals', '"<>"', AnyOperator)
/** Every other operator: `||`, `->`, `@>`, … */
export const Operator = token('Operator', 'an operator', AnyOperator)

// ---- Told apart by what follows ----

/** `(` before a query: the expression or FROM item that it opens is a subquery. */
export const OpenQuery = token('OpenQuery', '"("')
/** NOT before BETWEEN, IN, LIKE, ILIKE, SIMILAR. */
export const NotBefore = token('NotBefore', 'NOT', Label, BareLabel)
/** NULLS before FIRST or LAST. */
export const NullsBefore = token('NullsBefore', 'NULLS', ...categoriesOf.unreserved, BareLabel)
/** WITH before TIME; WITH before ORDINALITY; WITHOUT before TIME. */
export const WithTime = token('WithTime', 'WITH TIME', Label)
export const WithOrdinality = token('WithOrdinality', 'WITH ORDINALITY', Label)
export const WithoutTime = token('WithoutTime', 'WITHOUT TIME', ...categoriesOf.unreserved)
/** SIMILAR before TO. */
export const SimilarTo = token('SimilarTo', 'SIMILAR TO', Label, BareLabel)
/** FOR before SYSTEM_TIME. */
export const ForSystemTime = token('ForSystemTime', 'FOR SYSTEM_TIME', Label)
/** ASOF before JOIN, INNER or LEFT. */
export const AsofJoin = token('AsofJoin', 'ASOF JOIN', Label)
/** EMIT before CHANGES or ON WINDOW. */
export const EmitClause = token('EmitClause', 'EMIT', Label)

/** IGNORE and RESPECT before NULLS. */
export const IgnoreNulls = token('IgnoreNulls', 'IGNORE NULLS', Label)
export const RespectNulls = token('RespectNulls', 'RESPECT NULLS', Label)
/** OPERATOR before a parenthesis. */
export const OperatorOf = token('OperatorOf', 'OPERATOR', ...categoriesOf.unreserved, BareLabel)
/** AT before TIME. */
export const AtTime = token('AtTime', 'AT TIME ZONE', ...categoriesOf.unreserved, BareLabel)

/** Ends the tokens of a text that cannot be read on; no rule takes it. */
export const Unreadable = token('Unreadable', 'the end of the text')

export const allTokens: readonly TokenType[] = [
  ...[ColumnId, FunctionId, NameStart, Label, BareLabel, AliasId, Sign, AnyOperator],
  ...Object.values(K),
  ...[Identifier, Text, Bits, HexBits, Integer, Decimal, Param],
  ...[Comma, Semicolon, Dot, Colon, TypeCast, ColonEquals, Arrow, OpenParen, CloseParen, OpenBracket, CloseBracket],
  ...[Plus, Minus, Asterisk, Slash, Percent, Caret, Less, Greater, Equals, LessEquals, GreaterEquals, NotEquals],
  ...[Operator, OpenQuery, NotBefore, NullsBefore, WithTime, WithOrdinality, WithoutTime, SimilarTo, ForSystemTime],
  ...[AsofJoin, EmitClause, IgnoreNulls, RespectNulls, OperatorOf, AtTime, Unreadable],
]
