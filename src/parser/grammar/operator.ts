// What may stand after an operand: binary operators, tests, IN, BETWEEN, LIKE, AT TIME ZONE, COLLATE, OVERLAPS.
//
// Each rule hands its operator to the fold (fold.ts) of the expression being read and, where it has one, reads its
// right operand.

import type { IOrAlt, IToken } from 'chevrotain'
import { nestedTooDeep, notSupported } from '../../core/error.ts'
import type { Expression, Query } from '../ast.ts'
import type { NormalForm } from '../ast-leaf.ts'
import { type OperatorRef, operatorLevel, precedence } from '../precedence.ts'
import * as t from '../tokens.ts'
import type { RuleOf } from './base.ts'
import { Fold, heightMax, type Pending } from './fold.ts'
import { TypeGrammar } from './type.ts'

const { K } = t

type LikeOperator = 'like' | 'ilike' | 'similar'
/** The operators that LIKE ANY (…) stands for. */
const likeSigns: Readonly<Record<LikeOperator, string>> = { like: '~~', ilike: '~~*', similar: '' }

export abstract class OperatorGrammar extends TypeGrammar {
  protected abstract readonly parenthesizedQuery: RuleOf<Query>
  protected abstract readonly rightOperand: RuleOf<void>

  /** Of the expression being read. */
  protected fold = new Fold()
  protected restricted = false
  /** The greatest height of what was read since its last operand began; see fold.ts. */
  protected height = 0

  override reset(): void {
    super.reset()
    this.restricted = false
    this.height = 0
  }

  protected addOperand(operand: Expression): void {
    this.fold.operand(operand, this.height + 1)
    this.height = 0
  }

  /** One more node around what was just read. */
  protected raise(position: number): void {
    if (++this.height > heightMax) throw nestedTooDeep({ position })
  }

  #infix(pending: Pending, token: IToken): void {
    if (!this.fold.infix(pending)) throw this.unexpected(token)
  }

  #postfix(level: number, token: IToken, make: (operand: Expression) => Expression): void {
    if (!this.fold.postfix(level, make, this.height)) throw this.unexpected(token)
    this.height = 0
  }

  /** Does what follows go on with a restricted expression? */
  protected continuesRestricted(): boolean {
    if (this.follows(1, K.is)) return this.#isDistinctNext()
    return this.follows(1, t.OperatorOf) || this.followsMember(1, t.AnyOperator)
  }

  #isDistinctNext(): boolean {
    return this.follows(this.follows(2, K.not) ? 3 : 2, K.distinct)
  }

  readonly operatorTail = this.RULE('operatorTail', () => {
    this.OR(this.#tailAlternatives)
  })

  readonly #tailAlternatives: IOrAlt<unknown>[] = [
    { ALT: () => this.SUBRULE(this.binaryTail) },
    { GATE: () => this.#isDistinctNext(), ALT: () => this.SUBRULE(this.distinctTail) },
    { GATE: () => !this.restricted, ALT: () => this.SUBRULE(this.isTail) },
    { GATE: () => !this.restricted, ALT: () => this.SUBRULE(this.connectiveTail) },
    { GATE: () => !this.restricted, ALT: () => this.SUBRULE(this.matchTail) },
    { GATE: () => !this.restricted, ALT: () => this.SUBRULE(this.wordTail) },
  ]

  /** `a + b`, `a = ANY (…)` */
  readonly binaryTail = this.RULE('binaryTail', () => {
    const token = this.LA(1)
    const ref = this.OR(this.#operatorRefs)
    const level = operatorLevel(ref)
    const quantified = this.OPTION(this.#optionalQuantified)
    if (quantified !== undefined && !this.RECORDING_PHASE) this.#quantify(quantified, ref, level, token)
    else {
      const { operator, schema } = ref
      this.#infix({ kind: 'binary', operator, schema, precedence: level, position: token.startOffset }, token)
      this.SUBRULE(this.rightOperand)
    }
  })

  readonly #operatorRefs: IOrAlt<OperatorRef>[] = [
    { ALT: () => ({ operator: this.CONSUME(t.AnyOperator).image, schema: undefined }) },
    { ALT: () => this.SUBRULE(this.qualifiedOperator) },
  ]

  readonly operatorRef = this.RULE('operatorRef', (): OperatorRef => this.OR(this.#operatorRefs))

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

  readonly #optionalQuantified = {
    GATE: () => !this.restricted,
    DEF: (): QuantifiedRight => this.SUBRULE(this.quantified),
  }

  /** ANY, SOME or ALL of a query or an array. */
  readonly quantified = this.RULE('quantified', (): QuantifiedRight => {
    const { image } = this.OR([
      { ALT: () => this.CONSUME(K.all) },
      { ALT: () => this.CONSUME(K.any) },
      { ALT: () => this.CONSUME(K.some) },
    ])
    const right = this.OR2([
      { ALT: () => this.SUBRULE(this.parenthesizedQuery) },
      { ALT: () => this.SUBRULE(this.parenthesizedExpression) },
    ])
    return { quantifier: image === 'all' ? 'all' : 'any', right }
  })

  #quantify({ quantifier, right }: QuantifiedRight, ref: OperatorRef, level: number, token: IToken): void {
    const common = { position: token.startOffset, ...ref, quantifier }
    this.#postfix(level, token, (left) =>
      right.kind === 'query'
        ? { kind: 'quantifiedSubquery', ...common, left, query: right }
        : { kind: 'quantified', ...common, left, array: right },
    )
  }

  readonly parenthesizedExpression = this.RULE('parenthesizedExpression', (): Expression => {
    this.CONSUME(t.OpenParen)
    const expression = this.SUBRULE(this.expression)
    this.CONSUME(t.CloseParen)
    return expression
  })

  /** IS [NOT] DISTINCT FROM */
  readonly distinctTail = this.RULE('distinctTail', () => {
    const token = this.CONSUME(K.is)
    const negated = this.has(10, K.not)
    this.CONSUME(K.distinct)
    this.CONSUME(K.from)
    this.#infix({ kind: 'isDistinct', precedence: precedence.is, position: token.startOffset, negated }, token)
    this.SUBRULE(this.rightOperand)
  })

  /** ISNULL, NOTNULL, IS [NOT] with one of `isWhat` */
  readonly isTail = this.RULE('isTail', () => {
    const token = this.LA(1)
    const { what, negated } = this.OR(this.#isAlternatives)
    const position = token.startOffset
    this.ACTION(() =>
      this.#postfix(precedence.is, token, (operand) =>
        what === 'nfc' || what === 'nfd' || what === 'nfkc' || what === 'nfkd'
          ? { kind: 'isNormalized', position, operand, form: what, negated }
          : { kind: 'isTest', position, operand, test: what, negated },
      ),
    )
  })

  readonly #isAlternatives: IOrAlt<{ what: IsWhat; negated: boolean }>[] = [
    { ALT: () => ({ what: 'null', negated: this.CONSUME(K.isnull) === undefined }) },
    { ALT: () => ({ what: 'null', negated: this.CONSUME(K.notnull) !== undefined }) },
    {
      ALT: () => {
        this.CONSUME(K.is)
        const negated = this.has(10, K.not)
        return { what: this.SUBRULE(this.isWhat), negated }
      },
    },
  ]

  readonly isWhat = this.RULE('isWhat', (): IsWhat => this.OR(this.#isWhats))

  readonly #isWhats: IOrAlt<IsWhat>[] = [
    { ALT: () => this.CONSUME(K.null).image as IsWhat },
    { ALT: () => this.CONSUME(K.true).image as IsWhat },
    { ALT: () => this.CONSUME(K.false).image as IsWhat },
    { ALT: () => this.CONSUME(K.unknown).image as IsWhat },
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
  ]

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
  readonly connectiveTail = this.RULE('connectiveTail', () => {
    const { startOffset: position, image } = this.OR(this.#connectives)
    const kind = image === 'and' ? 'and' : 'or'
    this.fold.infix({ kind, precedence: precedence[kind], position })
    this.SUBRULE(this.rightOperand)
  })

  readonly #connectives: IOrAlt<IToken>[] = [{ ALT: () => this.CONSUME(K.and) }, { ALT: () => this.CONSUME(K.or) }]

  /** [NOT] IN, BETWEEN, LIKE, ILIKE, SIMILAR TO */
  readonly matchTail = this.RULE('matchTail', () => {
    const token = this.LA(1)
    const negated = this.has(10, t.NotBefore)
    this.OR([
      { ALT: () => this.SUBRULE(this.inTail, { ARGS: [token, negated] }) },
      { ALT: () => this.SUBRULE(this.betweenTail, { ARGS: [token, negated] }) },
      { ALT: () => this.SUBRULE(this.likeTail, { ARGS: [token, negated] }) },
    ])
  })

  readonly inTail = this.RULE('inTail', (token: IToken, negated: boolean) => {
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
      this.#postfix(precedence.between, token, (operand) =>
        'kind' in right
          ? { kind: 'inSubquery', position, operand, query: right, negated }
          : { kind: 'inList', position, operand, items: right, negated },
      )
    })
  })

  readonly betweenTail = this.RULE('betweenTail', (token: IToken, negated: boolean) => {
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
      const { startOffset: position } = token
      const level = precedence.between
      this.#infix({ kind: 'between', precedence: level, position, low, symmetric: symmetric === true, negated }, token)
    })
    this.SUBRULE(this.rightOperand)
  })

  readonly likeTail = this.RULE('likeTail', (token: IToken, negated: boolean) => {
    const operator = this.SUBRULE(this.likeOperator)
    const level = precedence.between
    const quantified = this.OPTION({
      GATE: () => operator !== 'similar',
      DEF: () => this.SUBRULE(this.quantified),
    })
    if (quantified !== undefined && !this.RECORDING_PHASE) {
      const sign = `${negated ? '!' : ''}${likeSigns[operator]}`
      this.#quantify(quantified, { operator: sign, schema: undefined }, level, token)
    } else {
      this.ACTION(() => {
        const { startOffset: position } = token
        this.#infix({ kind: 'like', precedence: level, position, operator, negated, pattern: undefined }, token)
      })
      this.SUBRULE(this.rightOperand)
    }
  })

  readonly likeOperator = this.RULE(
    'likeOperator',
    (): LikeOperator =>
      this.OR([
        { ALT: () => this.CONSUME(K.like).image as LikeOperator },
        { ALT: () => this.CONSUME(K.ilike).image as LikeOperator },
        {
          ALT: () => {
            this.CONSUME(t.SimilarTo)
            this.CONSUME(K.to)
            return 'similar' as const
          },
        },
      ]),
  )

  /** AT TIME ZONE, COLLATE, ESCAPE, OVERLAPS */
  readonly wordTail = this.RULE('wordTail', () => {
    const token = this.LA(1)
    const position = token.startOffset
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.AtTime)
          this.CONSUME(K.time)
          this.CONSUME(K.zone)
          this.fold.infix({ kind: 'atTimeZone', precedence: precedence.at, position })
          this.SUBRULE(this.rightOperand)
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.collate)
          const collation = this.SUBRULE(this.qualifiedName)
          this.fold.postfix(precedence.collate, (operand) => ({ kind: 'collate', position, operand, collation }))
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.escape)
          this.ACTION(() => {
            if (!this.fold.escape()) throw this.unexpected(token)
          })
          this.SUBRULE2(this.rightOperand)
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.overlaps)
          this.ACTION(() => {
            if (this.fold.last?.kind !== 'row') throw this.unexpected(token)
          })
          this.fold.infix({ kind: 'overlaps', precedence: precedence.overlaps, position })
          this.SUBRULE3(this.rightOperand)
        },
      },
    ])
  })
}

type IsWhat = 'null' | 'true' | 'false' | 'unknown' | NormalForm
type QuantifiedRight = Readonly<{ quantifier: 'any' | 'all'; right: Query | Expression }>
