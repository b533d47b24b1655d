// Expressions: operands and operators in one flat rule, folded by precedence (fold.ts).
//
// A *restricted* expression is PostgreSQL's b_expr: without AND, OR, NOT, IN, LIKE, BETWEEN, AT TIME ZONE, COLLATE and
// tests of truth, so that it can stand before those words: BETWEEN low AND high, POSITION(a IN b), DEFAULT 1 NOT NULL.
// The fold, the restriction and the height of the expression being read are fields, saved while one inside it is read,
// so that the hot alternatives capture nothing and are built once.

import type { IOrAlt } from 'chevrotain'
import type { Expression } from '../ast.ts'
import { type OperatorRef, precedence } from '../precedence.ts'
import * as t from '../tokens.ts'
import type { RuleOf } from './base.ts'
import { Fold } from './fold.ts'
import { OperatorGrammar } from './operator.ts'

const { K } = t

export abstract class ExpressionGrammar extends OperatorGrammar {
  protected abstract readonly primary: RuleOf<Expression>

  /** One fold for each level of nesting, used again and again. */
  readonly #folds: Fold[] = []

  readonly expressions = this.RULE('expressions', (): Expression[] => {
    const items: Expression[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) })
    return items
  })

  readonly expression = this.RULE('expression', (restricted = false): Expression => {
    const outer = this.fold
    const wasRestricted = this.restricted
    const outsideHeight = this.height
    this.enter()
    this.fold = this.#foldAt(this.depth)
    this.restricted = restricted
    this.height = 0

    this.OPTION(this.#prefixes)
    this.addOperand(this.SUBRULE(this.primary))
    this.MANY(restricted ? this.#restrictedTails : this.#tails)

    const { height } = this.fold
    const result = this.fold.result()
    this.leave()
    this.fold = outer
    this.restricted = wasRestricted
    this.height = Math.max(outsideHeight, height + 1)
    return result
  })

  readonly #prefixes = (): unknown => this.SUBRULE(this.prefixes)
  readonly #tails = (): unknown => this.SUBRULE(this.operatorTail)
  readonly #restrictedTails = { GATE: () => this.continuesRestricted(), DEF: this.#tails }

  #foldAt(depth: number): Fold {
    const known = this.#folds[depth]
    if (known !== undefined) {
      known.clear()
      return known
    }
    const fold = new Fold()
    this.#folds[depth] = fold
    return fold
  }

  /** NOT, signs and other operators before an operand. */
  readonly prefixes = this.RULE('prefixes', () => {
    this.AT_LEAST_ONE(this.#prefix)
  })

  readonly #prefix = (): unknown => this.OR(this.#prefixAlternatives)

  readonly #prefixAlternatives: IOrAlt<unknown>[] = [
    {
      GATE: () => !this.restricted,
      ALT: () => {
        const { startOffset: position } = this.CONSUME(K.not)
        this.fold.prefix({ kind: 'not', precedence: precedence.not, position })
      },
    },
    {
      ALT: () => {
        const { startOffset, image } = this.CONSUME(t.Sign)
        this.#unary({ operator: image, schema: undefined }, precedence.sign, startOffset)
      },
    },
    {
      ALT: () => {
        const { startOffset, image } = this.CONSUME(t.Operator)
        this.#unary({ operator: image, schema: undefined }, precedence.operator, startOffset)
      },
    },
    {
      ALT: () => {
        const position = this.place()
        this.#unary(this.SUBRULE(this.qualifiedOperator), precedence.operator, position)
      },
    },
  ]

  #unary({ operator, schema }: OperatorRef, level: number, position: number): void {
    this.fold.prefix({ kind: 'unary', operator, schema, precedence: level, position })
  }

  /** The right operand of a binary operator, with its own prefixes. */
  override readonly rightOperand = this.RULE('rightOperand', () => {
    this.OPTION(this.#prefixes)
    this.addOperand(this.SUBRULE(this.primary))
  })
}
