// Operands: literals, names, parentheses, CASE, CAST, constructors, and what is written with keywords but is a
// function.
//
// Names and calls are in function.ts, the functions with a syntax of their own in special.ts. The alternatives of the
// hottest rule are built once, not at each visit.

import type { IOrAlt } from 'chevrotain'
import { notSupported } from '../../core/error.ts'
import type { Expression, RowConstructor, TypeName, When } from '../ast.ts'
import type { NumberLiteral, StringLiteral } from '../ast-leaf.ts'
import * as t from '../tokens.ts'
import type { RuleOf } from './base.ts'
import { ExpressionGrammar } from './expression.ts'

const { K } = t

/** Keywords that are a function only before a parenthesis, and a column's name otherwise. */
const callKeywords = [K.coalesce, K.greatest, K.least, K.nullif, K.grouping, K.row]

export abstract class PrimaryGrammar extends ExpressionGrammar {
  protected abstract readonly nameExpression: RuleOf<Expression>
  protected abstract readonly specialFunction: RuleOf<Expression>
  protected abstract readonly currentValue: RuleOf<Expression>
  protected abstract readonly xml: RuleOf<Expression>

  readonly #primaries: IOrAlt<Expression>[] = [
    { ALT: () => this.SUBRULE(this.numberLiteral) },
    { ALT: () => this.SUBRULE(this.stringLiteral) },
    { GATE: () => this.#isConstantType(), ALT: () => this.SUBRULE(this.typedLiteral) },
    { GATE: () => this.isCall(), ALT: () => this.SUBRULE(this.callKeyword) },
    { GATE: () => this.isCall(), ALT: () => this.SUBRULE(this.specialFunction) },
    { GATE: () => this.follows(2, t.OpenQuery), ALT: () => this.SUBRULE(this.exists) },
    { GATE: () => this.isCall(), ALT: () => this.SUBRULE(this.xml) },
    { GATE: () => this.isCurrentValue(), ALT: () => this.SUBRULE(this.currentValue) },
    { ALT: () => this.SUBRULE(this.nameExpression) },
    { ALT: () => this.SUBRULE(this.parenthesized) },
    { ALT: () => this.SUBRULE(this.wordLiteral) },
    { ALT: () => this.SUBRULE(this.parameter) },
    { ALT: () => this.SUBRULE(this.caseExpression) },
    { ALT: () => this.SUBRULE(this.castExpression) },
    { ALT: () => this.SUBRULE(this.arrayExpression) },
    { ALT: () => this.SUBRULE(this.bitLiteral) },
  ]

  /** With what binds closest: `::type`. Subscripts and fields belong to the primaries that may have them. */
  override readonly primary = this.RULE('primary', (): Expression => {
    let result = this.OR(this.#primaries)
    if (this.RECORDING_PHASE || this.follows(1, t.TypeCast)) result = this.SUBRULE(this.typeCasts, { ARGS: [result] })
    return result
  })

  readonly typeCasts = this.RULE('typeCasts', (inner: Expression): Expression => {
    let result = inner
    this.MANY(() => {
      const { startOffset: position } = this.CONSUME(t.TypeCast)
      const type = this.SUBRULE(this.typeName)
      this.raise(position)
      result = { kind: 'cast', position, operand: result, type }
    })
    return result
  })

  protected isCall(): boolean {
    return this.follows(2, t.OpenParen) || this.follows(2, t.OpenQuery)
  }

  /** INT '1', CHAR(3) 'x', TIMESTAMP WITH TIME ZONE '…'; without what may follow, the word is a column's name. */
  #isConstantType(): boolean {
    if (this.follows(1, K.double)) return this.follows(2, K.precision)
    return (
      this.follows(2, t.Text) ||
      this.follows(2, t.OpenParen) ||
      this.followsAny(2, t.WithTime, t.WithoutTime, K.varying, K.char, K.character)
    )
  }

  /** current_schema() is a plain call, COLLATION without FOR a name. */
  protected isCurrentValue(): boolean {
    if (this.follows(1, K.current_schema)) return !this.follows(2, t.OpenParen)
    return !this.follows(1, K.collation) || this.follows(2, K.for)
  }

  // ---- Literals ----

  readonly numberLiteral = this.RULE('numberLiteral', (): NumberLiteral => {
    const { image, startOffset } = this.OR([
      { ALT: () => this.CONSUME(t.Integer) },
      { ALT: () => this.CONSUME(t.Decimal) },
    ])
    return { kind: 'number', position: startOffset, text: image }
  })

  readonly stringLiteral = this.RULE('stringLiteral', (): StringLiteral => {
    const { image, startOffset } = this.CONSUME(t.Text)
    return { kind: 'string', position: startOffset, value: image }
  })

  readonly bitLiteral = this.RULE('bitLiteral', (): Expression => {
    const token = this.OR([{ ALT: () => this.CONSUME(t.Bits) }, { ALT: () => this.CONSUME(t.HexBits) }])
    const base = token.tokenType === t.Bits ? 'binary' : 'hexadecimal'
    return { kind: 'bitString', position: token.startOffset, base, digits: token.image }
  })

  readonly wordLiteral = this.RULE('wordLiteral', (): Expression => {
    const { image, startOffset: position } = this.OR([
      { ALT: () => this.CONSUME(K.null) },
      { ALT: () => this.CONSUME(K.true) },
      { ALT: () => this.CONSUME(K.false) },
      { ALT: () => this.CONSUME(K.default) },
    ])
    if (image === 'null' || image === 'default') return { kind: image, position }
    return { kind: 'boolean', position, value: image === 'true' }
  })

  readonly parameter = this.RULE('parameter', (): Expression => {
    const { image, startOffset: position } = this.CONSUME(t.Param)
    const parameter = { kind: 'parameter', position, index: Number(image) } as const
    return this.SUBRULE(this.indirection, { ARGS: [parameter] })
  })

  /** A type's name and a string: `date '2024-01-01'`, INTERVAL '1' DAY. */
  readonly typedLiteral = this.RULE('typedLiteral', (): Expression => {
    const position = this.place()
    return this.OR([
      { ALT: () => this.SUBRULE(this.intervalLiteral) },
      {
        ALT: () => {
          const type = this.OR2([
            { ALT: () => this.SUBRULE(this.constantType) },
            { ALT: () => this.SUBRULE(this.doublePrecision) },
          ])
          const operand = this.SUBRULE(this.stringLiteral)
          return this.ACTION(() => this.#literal({ ...type, arrayBounds: [] }, operand, position))
        },
      },
    ])
  })

  #literal(type: TypeName, operand: StringLiteral, position: number): Expression {
    return { kind: 'cast', position, operand, type }
  }

  /** The fields stand after the string, the precision before it. */
  readonly intervalLiteral = this.RULE('intervalLiteral', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.interval)
    const before = this.OPTION(() => this.SUBRULE(this.modifiers))
    const operand = this.SUBRULE(this.stringLiteral)
    const after = this.OPTION2({ GATE: () => before === undefined, DEF: () => this.SUBRULE(this.intervalFields) })
    return this.ACTION(() => {
      const modifiers = before ?? after?.modifiers ?? []
      const intervalFields = after?.fields
      const common = { kind: 'type', position, name: ['interval'], arrayBounds: [], fields: undefined } as const
      return this.#literal({ ...common, modifiers, intervalFields }, operand, position)
    })
  })

  // ---- Parentheses, rows, arrays ----

  /** `(a)`, `(a, b)`, a scalar subquery; each with subscripts and fields. */
  readonly parenthesized = this.RULE('parenthesized', (): Expression => {
    const position = this.place()
    const inside = this.OR([
      {
        ALT: (): Expression => {
          const query = this.SUBRULE(this.parenthesizedQuery)
          return { kind: 'scalarSubquery', position, query }
        },
      },
      {
        ALT: (): Expression => {
          this.CONSUME(t.OpenParen)
          const items = this.SUBRULE(this.expressions)
          this.CONSUME(t.CloseParen)
          return items.length === 1 ? items[0]! : row(items, false, position)
        },
      },
    ])
    return this.SUBRULE(this.indirection, { ARGS: [inside] })
  })

  /** `[i]`, `[a:b]`, `.field`, `.*`, as many as there are. */
  readonly indirection = this.RULE('indirection', (inner: Expression): Expression => {
    let result = inner
    this.MANY(() => {
      const { startOffset: position } = this.LA(1)
      this.ACTION(() => this.raise(position))
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Dot)
            this.OR2([
              {
                ALT: () => {
                  this.CONSUME(t.Asterisk)
                  result = { kind: 'fieldStar', position, operand: result }
                },
              },
              {
                ALT: () => (result = { kind: 'field', position, operand: result, field: this.CONSUME(t.Label).image }),
              },
            ])
          },
        },
        { ALT: () => (result = this.SUBRULE(this.subscript, { ARGS: [result, result !== inner] })) },
      ])
    })
    return result
  })

  readonly subscript = this.RULE('subscript', (operand: Expression, follows: boolean): Expression => {
    const { startOffset: position } = this.CONSUME(t.OpenBracket)
    const lower = this.OPTION(() => this.SUBRULE(this.expression))
    let slice = false
    const upper = this.OPTION2(() => {
      slice = this.CONSUME(t.Colon) !== undefined
      return this.OPTION3(() => this.SUBRULE2(this.expression))
    })
    const close = this.LA(1)
    this.CONSUME(t.CloseBracket)
    return this.ACTION(() => {
      const chained = follows && (operand.kind === 'subscript' || operand.kind === 'slice')
      if (slice) return { kind: 'slice', position, operand, chained, lower, upper }
      if (lower === undefined) throw this.unexpected(close)
      return { kind: 'subscript', position, operand, chained, index: lower }
    })
  })

  readonly arrayExpression = this.RULE('arrayExpression', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.array)
    return this.OR([
      { ALT: (): Expression => ({ kind: 'arraySubquery', position, query: this.SUBRULE(this.parenthesizedQuery) }) },
      { ALT: (): Expression => ({ ...this.SUBRULE(this.arrayItems), position }) },
    ])
  })

  /** `[a, b]`, `[[a], [b]]` */
  readonly arrayItems = this.RULE('arrayItems', (): Expression => {
    const { startOffset: position } = this.CONSUME(t.OpenBracket)
    this.ACTION(() => this.enter())
    const items: Expression[] = []
    this.OR([
      {
        ALT: () => this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.arrayItems)) }),
      },
      {
        ALT: () => this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) }),
      },
    ])
    this.CONSUME(t.CloseBracket)
    return this.ACTION(() => {
      this.leave()
      return { kind: 'array', position, items }
    })
  })

  readonly exists = this.RULE('exists', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.exists)
    return { kind: 'exists', position, query: this.SUBRULE(this.parenthesizedQuery) }
  })

  // ---- CASE, CAST, COALESCE … ----

  readonly caseExpression = this.RULE('caseExpression', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.case)
    const operand = this.OPTION(() => this.SUBRULE(this.expression))
    const whens: When[] = []
    this.AT_LEAST_ONE(() => whens.push(this.SUBRULE(this.when)))
    const otherwise = this.OPTION2(() => {
      this.CONSUME(K.else)
      return this.SUBRULE2(this.expression)
    })
    this.CONSUME(K.end)
    return { kind: 'case', position, operand, whens, otherwise }
  })

  readonly when = this.RULE('when', (): When => {
    const { startOffset: position } = this.CONSUME(K.when)
    const condition = this.SUBRULE(this.expression)
    this.CONSUME(K.then)
    return { kind: 'when', position, condition, result: this.SUBRULE2(this.expression) }
  })

  readonly castExpression = this.RULE('castExpression', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.cast)
    this.CONSUME(t.OpenParen)
    const operand = this.SUBRULE(this.expression)
    this.CONSUME(K.as)
    const type = this.SUBRULE(this.typeName)
    this.CONSUME(t.CloseParen)
    return { kind: 'cast', position, operand, type }
  })

  readonly callKeyword = this.RULE('callKeyword', (): Expression => {
    const { image, startOffset: position } = this.OR(
      callKeywords.map((type, index) => ({ ALT: () => this.consume(index, type) })),
    )
    this.CONSUME(t.OpenParen)
    const items: Expression[] = []
    const close = this.LA(1)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) })
    const last = this.LA(1)
    this.CONSUME(t.CloseParen)
    return this.ACTION(() => {
      if (items.length === 0 && image !== 'row') throw this.unexpected(close)
      if (items.length !== 2 && image === 'nullif') throw this.unexpected(last)
      return special(image, items, position)
    })
  })

  protected refuse(feature: string, position: number): never {
    throw notSupported(feature, { position })
  }
}

const row = (items: readonly Expression[], explicit: boolean, position: number): RowConstructor => ({
  kind: 'row',
  position,
  items,
  explicit,
})

const special = (word: string, items: readonly Expression[], position: number): Expression => {
  switch (word) {
    case 'row':
      return row(items, true, position)
    case 'coalesce':
    case 'grouping':
      return { kind: word, position, arguments: items }
    case 'nullif':
      return { kind: 'nullif', position, left: items[0]!, right: items[1]! }
    default:
      return { kind: 'extremum', position, function: word as 'greatest' | 'least', arguments: items }
  }
}
