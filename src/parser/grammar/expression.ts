// Expressions: operands and operators in one flat rule, folded by precedence (fold.ts).
//
// A *restricted* expression is PostgreSQL's b_expr: without AND, OR, NOT, IN, LIKE, BETWEEN, AT TIME ZONE, COLLATE and
// tests of truth, so that it can stand before those words: BETWEEN low AND high, POSITION(a IN b), DEFAULT 1 NOT NULL.

import { nestedTooDeep } from '../../core/error.ts'
import type { Expression } from '../ast.ts'
import { type OperatorRef, precedence } from '../precedence.ts'
import * as t from '../tokens.ts'
import type { RuleOf } from './base.ts'
import { Fold, heightMax, type Pending } from './fold.ts'
import { OperatorGrammar } from './operator.ts'

const { K } = t

export abstract class ExpressionGrammar extends OperatorGrammar {
  protected abstract readonly primary: RuleOf<Expression>

  readonly expressions = this.RULE('expressions', (): Expression[] => {
    const items: Expression[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) })
    return items
  })

  readonly expression = this.RULE('expression', (restricted = false): Expression => {
    const outside = this.height
    this.height = 0
    this.ACTION(() => this.enter())
    let fold: Fold | undefined
    this.OPTION(() => {
      fold = new Fold()
      this.SUBRULE(this.prefixes, { ARGS: [fold, restricted] })
    })
    let result = this.SUBRULE(this.operand)
    const tail = (): void => {
      fold = this.ACTION(() => this.#begun(fold, result))
      this.SUBRULE(this.operatorTail, { ARGS: [fold as Fold, restricted] })
    }
    this.MANY(restricted ? { GATE: () => this.continuesRestricted(), DEF: tail } : tail)
    this.ACTION(() => {
      result = this.#finished(fold, result)
      this.height = Math.max(outside, this.height)
      this.leave()
    })
    return result
  })

  /** The fold with its first operand in it: there is none while a plain operand may be all. */
  #begun(fold: Fold | undefined, operand: Expression): Fold {
    if (fold?.last !== undefined) return fold
    const begun = fold ?? new Fold()
    this.#operand(begun, operand)
    return begun
  }

  #finished(fold: Fold | undefined, operand: Expression): Expression {
    if (fold === undefined) {
      this.height++
      return operand
    }
    this.#begun(fold, operand)
    this.height = fold.height + 1
    return fold.result()
  }

  #operand(fold: Fold, operand: Expression): void {
    fold.operand(operand, this.height + 1)
    this.height = 0
  }

  /** NOT, signs and other operators before an operand. */
  readonly prefixes = this.RULE('prefixes', (fold: Fold, restricted: boolean) => {
    this.AT_LEAST_ONE(() =>
      this.OR([
        {
          GATE: () => !restricted,
          ALT: () => {
            const { startOffset } = this.CONSUME(K.not)
            this.ACTION(() => fold.prefix({ kind: 'not', precedence: precedence.not, position: startOffset }))
          },
        },
        {
          ALT: () => {
            const { startOffset, image } = this.CONSUME(t.Sign)
            this.ACTION(() => fold.prefix(unary({ operator: image, schema: undefined }, precedence.sign, startOffset)))
          },
        },
        {
          ALT: () => {
            const { startOffset, image } = this.CONSUME(t.Operator)
            this.ACTION(() =>
              fold.prefix(unary({ operator: image, schema: undefined }, precedence.operator, startOffset)),
            )
          },
        },
        {
          ALT: () => {
            const position = this.place()
            const operator = this.SUBRULE(this.qualifiedOperator)
            this.ACTION(() => fold.prefix(unary(operator, precedence.operator, position)))
          },
        },
      ]),
    )
  })

  /** The right operand of a binary operator, with its own prefixes. */
  readonly rightOperand = this.RULE('rightOperand', (fold: Fold, restricted: boolean) => {
    this.OPTION(() => this.SUBRULE(this.prefixes, { ARGS: [fold, restricted] }))
    const operand = this.SUBRULE(this.operand)
    this.ACTION(() => this.#operand(fold, operand))
  })

  /** A primary with what binds closest: `::type`. Indirection belongs to the primaries that may have it. */
  readonly operand = this.RULE('operand', (): Expression => {
    let result = this.SUBRULE(this.primary)
    this.MANY(() => {
      const { startOffset: position } = this.CONSUME(t.TypeCast)
      const type = this.SUBRULE(this.typeName)
      this.ACTION(() => {
        this.raise(position)
        result = { kind: 'cast', position, operand: result, type }
      })
    })
    return result
  })

  /** One more node around what was just read. */
  protected raise(position: number): void {
    if (++this.height > heightMax) throw nestedTooDeep({ position })
  }
}

const unary = (ref: OperatorRef, level: number, position: number): Pending => ({
  kind: 'unary',
  ...ref,
  precedence: level,
  position,
})
