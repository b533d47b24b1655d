// What may stand after an operand: binary operators, tests, IN, BETWEEN, LIKE, AT TIME ZONE, COLLATE, OVERLAPS.
//
// Each rule hands its operator to the fold (fold.ts) and, where it has a right operand, reads that.

import type { IToken } from 'chevrotain'
import { notSupported } from '../../core/error.ts'
import type { Expression, Query } from '../ast.ts'
import type { NormalForm } from '../ast-leaf.ts'
import { type OperatorRef, operatorLevel, precedence } from '../precedence.ts'
import * as t from '../tokens.ts'
import type { RuleOf } from './base.ts'
import type { Fold, Pending } from './fold.ts'
import { TypeGrammar } from './type.ts'

const { K } = t

type LikeOperator = 'like' | 'ilike' | 'similar'
/** The operators that LIKE ANY (…) stands for. */
const likeSigns: Readonly<Record<LikeOperator, string>> = { like: '~~', ilike: '~~*', similar: '' }

type IsWhat = 'null' | 'true' | 'false' | 'unknown' | NormalForm

export abstract class OperatorGrammar extends TypeGrammar {
  protected abstract readonly parenthesizedQuery: RuleOf<Query>
  protected abstract readonly rightOperand: RuleOf<void, [fold: Fold, restricted: boolean]>

  /** The greatest height of what was read since the last operand began; see fold.ts. */
  protected height = 0

  override reset(): void {
    super.reset()
    this.height = 0
  }

  /** Does what follows go on with a restricted expression? */
  protected continuesRestricted(): boolean {
    if (this.follows(1, K.is)) return this.isDistinctNext()
    return this.follows(1, t.OperatorOf) || this.followsMember(1, t.AnyOperator)
  }

  protected isDistinctNext(): boolean {
    return this.follows(this.follows(2, K.not) ? 3 : 2, K.distinct)
  }

  readonly operatorTail = this.RULE('operatorTail', (fold: Fold, restricted: boolean) => {
    this.OR([
      { ALT: () => this.SUBRULE(this.binaryTail, { ARGS: [fold, restricted] }) },
      {
        GATE: () => this.isDistinctNext(),
        ALT: () => this.SUBRULE(this.distinctTail, { ARGS: [fold, restricted] }),
      },
      { GATE: () => !restricted, ALT: () => this.SUBRULE(this.isTail, { ARGS: [fold] }) },
      { GATE: () => !restricted, ALT: () => this.SUBRULE(this.connectiveTail, { ARGS: [fold] }) },
      { GATE: () => !restricted, ALT: () => this.SUBRULE(this.matchTail, { ARGS: [fold] }) },
      { GATE: () => !restricted, ALT: () => this.SUBRULE(this.wordTail, { ARGS: [fold] }) },
    ])
  })

  /** `a + b`, `a = ANY (…)` */
  readonly binaryTail = this.RULE('binaryTail', (fold: Fold, restricted: boolean) => {
    const token = this.LA(1)
    const operator = this.SUBRULE(this.operatorRef)
    this.OR([
      {
        GATE: () => !restricted,
        ALT: () => this.SUBRULE(this.quantified, { ARGS: [fold, operator, operatorLevel(operator), token] }),
      },
      {
        ALT: () => {
          this.ACTION(() => {
            const position = token.startOffset
            this.#infix(fold, { kind: 'binary', ...operator, precedence: operatorLevel(operator), position }, token)
          })
          this.SUBRULE(this.rightOperand, { ARGS: [fold, restricted] })
        },
      },
    ])
  })

  #infix(fold: Fold, pending: Pending, token: IToken): void {
    if (!fold.infix(pending)) throw this.unexpected(token)
  }

  #postfix(fold: Fold, level: number, token: IToken, make: (operand: Expression) => Expression): void {
    if (!fold.postfix(level, make, this.height)) throw this.unexpected(token)
    this.height = 0
  }

  readonly operatorRef = this.RULE(
    'operatorRef',
    (): OperatorRef =>
      this.OR([
        { ALT: () => ({ operator: this.CONSUME(t.AnyOperator).image, schema: undefined }) },
        { ALT: () => this.SUBRULE(this.qualifiedOperator) },
      ]),
  )

  /** OPERATOR(schema.+) */
  readonly qualifiedOperator = this.RULE('qualifiedOperator', (): OperatorRef => {
    this.CONSUME(t.OperatorOf)
    this.CONSUME(t.OpenParen)
    const schema = this.OPTION(() => {
      const { image } = this.CONSUME(t.ColumnId)
      this.CONSUME(t.Dot)
      return image
    })
    const operator = this.CONSUME(t.AnyOperator).image
    this.CONSUME(t.CloseParen)
    return { operator, schema }
  })

  /** ANY, SOME or ALL of a query or an array. */
  readonly quantified = this.RULE('quantified', (fold: Fold, ref: OperatorRef, level: number, token: IToken) => {
    const quantifier = this.OR([
      { ALT: () => this.CONSUME(K.all).image },
      { ALT: () => this.CONSUME(K.any).image },
      { ALT: () => this.CONSUME(K.some).image },
    ])
    const right = this.OR2([
      { ALT: () => this.SUBRULE(this.parenthesizedQuery) },
      { ALT: () => this.SUBRULE(this.parenthesizedExpression) },
    ])
    this.ACTION(() => {
      const position = token.startOffset
      const common = { position, ...ref, quantifier: quantifier === 'all' ? ('all' as const) : ('any' as const) }
      this.#postfix(fold, level, token, (left) =>
        right.kind === 'query'
          ? { kind: 'quantifiedSubquery', ...common, left, query: right }
          : { kind: 'quantified', ...common, left, array: right },
      )
    })
  })

  readonly parenthesizedExpression = this.RULE('parenthesizedExpression', (): Expression => {
    this.CONSUME(t.OpenParen)
    const expression = this.SUBRULE(this.expression)
    this.CONSUME(t.CloseParen)
    return expression
  })

  /** IS [NOT] DISTINCT FROM */
  readonly distinctTail = this.RULE('distinctTail', (fold: Fold, restricted: boolean) => {
    const token = this.CONSUME(K.is)
    const negated = this.has(10, K.not)
    this.CONSUME(K.distinct)
    this.CONSUME(K.from)
    this.ACTION(() => {
      const position = token.startOffset
      this.#infix(fold, { kind: 'isDistinct', precedence: precedence.is, position, negated }, token)
    })
    this.SUBRULE(this.rightOperand, { ARGS: [fold, restricted] })
  })

  /** ISNULL, NOTNULL, IS [NOT] with one of `isWhat` */
  readonly isTail = this.RULE('isTail', (fold: Fold) => {
    const token = this.LA(1)
    const test = this.OR([
      { ALT: () => ({ what: 'null', negated: this.CONSUME(K.isnull) === undefined }) as const },
      { ALT: () => ({ what: 'null', negated: this.CONSUME(K.notnull) !== undefined }) as const },
      {
        ALT: () => {
          this.CONSUME(K.is)
          const negated = this.has(10, K.not)
          return { what: this.SUBRULE(this.isWhat), negated }
        },
      },
    ])
    this.ACTION(() => {
      const { what, negated } = test
      const position = token.startOffset
      this.#postfix(fold, precedence.is, token, (operand) =>
        what === 'nfc' || what === 'nfd' || what === 'nfkc' || what === 'nfkd'
          ? { kind: 'isNormalized', position, operand, form: what, negated }
          : { kind: 'isTest', position, operand, test: what, negated },
      )
    })
  })

  readonly isWhat = this.RULE(
    'isWhat',
    (): IsWhat =>
      this.OR([
        { ALT: () => this.#test('null', this.CONSUME(K.null)) },
        { ALT: () => this.#test('true', this.CONSUME(K.true)) },
        { ALT: () => this.#test('false', this.CONSUME(K.false)) },
        { ALT: () => this.#test('unknown', this.CONSUME(K.unknown)) },
        {
          ALT: () => {
            const form = this.OPTION(() => this.SUBRULE(this.normalForm)) ?? 'nfc'
            this.CONSUME(K.normalized)
            return form
          },
        },
        {
          ALT: () => {
            const { startOffset } = this.CONSUME(K.document)
            return this.ACTION(() => {
              throw notSupported('IS DOCUMENT', { position: startOffset })
            })
          },
        },
      ]),
  )

  #test(test: IsWhat, _token: unknown): IsWhat {
    return test
  }

  readonly normalForm = this.RULE(
    'normalForm',
    (): NormalForm =>
      this.OR([
        { ALT: () => this.CONSUME(K.nfc) },
        { ALT: () => this.CONSUME(K.nfd) },
        { ALT: () => this.CONSUME(K.nfkc) },
        { ALT: () => this.CONSUME(K.nfkd) },
      ]).image as NormalForm,
  )

  /** AND, OR */
  readonly connectiveTail = this.RULE('connectiveTail', (fold: Fold) => {
    const { startOffset: position, image } = this.OR([
      { ALT: () => this.CONSUME(K.and) },
      { ALT: () => this.CONSUME(K.or) },
    ])
    this.ACTION(() => {
      const kind = image === 'and' ? 'and' : 'or'
      fold.infix({ kind, precedence: precedence[kind], position })
    })
    this.SUBRULE(this.rightOperand, { ARGS: [fold, false] })
  })

  /** [NOT] IN, BETWEEN, LIKE, ILIKE, SIMILAR TO */
  readonly matchTail = this.RULE('matchTail', (fold: Fold) => {
    const token = this.LA(1)
    const negated = this.has(10, t.NotBefore)
    this.OR([
      { ALT: () => this.SUBRULE(this.inTail, { ARGS: [fold, token, negated] }) },
      { ALT: () => this.SUBRULE(this.betweenTail, { ARGS: [fold, token, negated] }) },
      { ALT: () => this.SUBRULE(this.likeTail, { ARGS: [fold, token, negated] }) },
    ])
  })

  readonly inTail = this.RULE('inTail', (fold: Fold, token: IToken, negated: boolean) => {
    this.CONSUME(K.in)
    const right = this.OR([
      { ALT: () => this.SUBRULE(this.parenthesizedQuery) },
      {
        ALT: () => {
          this.CONSUME(t.OpenParen)
          const items = this.SUBRULE(this.expressions)
          this.CONSUME(t.CloseParen)
          return items
        },
      },
    ])
    this.ACTION(() => {
      const position = token.startOffset
      this.#postfix(fold, precedence.between, token, (operand) =>
        'kind' in right
          ? { kind: 'inSubquery', position, operand, query: right, negated }
          : { kind: 'inList', position, operand, items: right, negated },
      )
    })
  })

  readonly betweenTail = this.RULE('betweenTail', (fold: Fold, token: IToken, negated: boolean) => {
    this.CONSUME(K.between)
    const symmetric = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(K.symmetric) !== undefined },
        { ALT: () => this.CONSUME(K.asymmetric) === undefined },
      ]),
    )
    const low = this.SUBRULE(this.expression, { ARGS: [true] })
    this.CONSUME(K.and)
    this.ACTION(() => {
      const position = token.startOffset
      const level = precedence.between
      this.#infix(
        fold,
        { kind: 'between', precedence: level, position, low, symmetric: symmetric === true, negated },
        token,
      )
    })
    this.SUBRULE(this.rightOperand, { ARGS: [fold, false] })
  })

  readonly likeTail = this.RULE('likeTail', (fold: Fold, token: IToken, negated: boolean) => {
    const operator = this.OR([
      { ALT: () => this.CONSUME(K.like).image as LikeOperator },
      { ALT: () => this.CONSUME(K.ilike).image as LikeOperator },
      {
        ALT: () => {
          this.CONSUME(t.SimilarTo)
          this.CONSUME(K.to)
          return 'similar' as const
        },
      },
    ])
    this.OR2([
      {
        GATE: () => operator !== 'similar',
        ALT: () => {
          const ref = { operator: `${negated ? '!' : ''}${likeSigns[operator]}`, schema: undefined }
          this.SUBRULE(this.quantified, { ARGS: [fold, ref, precedence.between, token] })
        },
      },
      {
        ALT: () => {
          this.ACTION(() => {
            const { startOffset: position } = token
            const level = precedence.between
            this.#infix(
              fold,
              { kind: 'like', precedence: level, position, operator, negated, pattern: undefined },
              token,
            )
          })
          this.SUBRULE(this.rightOperand, { ARGS: [fold, false] })
        },
      },
    ])
  })

  /** AT TIME ZONE, COLLATE, ESCAPE, OVERLAPS */
  readonly wordTail = this.RULE('wordTail', (fold: Fold) => {
    const token = this.LA(1)
    const position = token.startOffset
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.AtTime)
          this.CONSUME(K.time)
          this.CONSUME(K.zone)
          this.ACTION(() => fold.infix({ kind: 'atTimeZone', precedence: precedence.at, position }))
          this.SUBRULE(this.rightOperand, { ARGS: [fold, false] })
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.collate)
          const collation = this.SUBRULE(this.qualifiedName)
          this.ACTION(() =>
            fold.postfix(precedence.collate, (operand) => ({ kind: 'collate', position, operand, collation })),
          )
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.escape)
          this.ACTION(() => {
            if (!fold.escape()) throw this.unexpected(token)
          })
          this.SUBRULE2(this.rightOperand, { ARGS: [fold, false] })
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.overlaps)
          this.ACTION(() => {
            if (fold.last?.kind !== 'row') throw this.unexpected(token)
            fold.infix({ kind: 'overlaps', precedence: precedence.overlaps, position })
          })
          this.SUBRULE3(this.rightOperand, { ARGS: [fold, false] })
        },
      },
    ])
  })
}
