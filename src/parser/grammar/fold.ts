// Operands and operators as they come, to a tree by precedence (PostgreSQL, gram.y's %left, %right and %nonassoc
// lines).
//
// The classic two stacks, so that a chain of any length needs no recursion. An operator first folds what is waiting and
// binds tighter; waiting operators of its own precedence are folded if it is left-associative and make it an error if
// it is not associative. AND and OR wait until something looser comes and become one node with all their operands.
//
// Each operand has a height, so that NOT NOT NOT … and x IS NULL IS NULL … fail instead of making a tree nobody can
// walk. The left side of a binary operator does not count: `a + b + c` is a spine (ast.ts).

import { nestedTooDeep, type SqlError, syntaxError } from '../../core/error.ts'
import type { Expression, RowConstructor } from '../ast.ts'
import { nonAssociative, type OperatorRef, precedence } from '../precedence.ts'

/** The greatest height of an expression. A level of nesting makes up to three nodes: call, argument, value. */
export const heightMax = 1_200

/** An operator that waits for its right operand. */
export type Pending = Readonly<{ precedence: number; position: number }> &
  (
    | Readonly<{ kind: 'or' | 'and' | 'not' | 'atTimeZone' | 'overlaps' }>
    | Readonly<{ kind: 'unary' | 'binary' } & OperatorRef>
    | Readonly<{ kind: 'isDistinct'; negated: boolean }>
    | Readonly<{ kind: 'between'; low: Expression; symmetric: boolean; negated: boolean }>
    | PendingLike
  )
type PendingLike = Readonly<{
  kind: 'like'
  precedence: number
  position: number
  operator: 'like' | 'ilike' | 'similar'
  negated: boolean
  /** Known once ESCAPE has come. */
  pattern: Expression | undefined
}>

export class Fold {
  readonly #operands: Expression[] = []
  readonly #heights: number[] = []
  readonly #waiting: Pending[] = []

  clear(): void {
    this.#operands.length = 0
    this.#heights.length = 0
    this.#waiting.length = 0
  }

  operand(expression: Expression, height: number): void {
    this.#operands.push(expression)
    this.#heights.push(height)
  }

  prefix(operator: Pending): void {
    this.#waiting.push(operator)
  }

  /** False if the operator cannot follow one of its own precedence: `a < b < c`. */
  infix(operator: Pending): boolean {
    const allowed = this.#before(operator.precedence)
    this.#waiting.push(operator)
    return allowed
  }

  /** The same for an operator that is complete with what follows it, like IN (…), whose height is `inside`. */
  postfix(level: number, complete: (operand: Expression) => Expression, inside = 0): boolean {
    const allowed = this.#before(level)
    const height = Math.max(inside, this.#heights.pop()!)
    this.#push(complete(this.#operands.pop()!), height + 1)
    return allowed
  }

  /** The operand so far was a pattern, and its escape character comes; false without a LIKE before. */
  escape(): boolean {
    while (this.#top() > precedence.escape) this.#reduce()
    const like = this.#waiting.pop()
    if (like?.kind !== 'like' || like.pattern !== undefined) return false
    this.#waiting.push({ ...like, pattern: this.#operands.pop()! })
    this.#heights.pop()
    return true
  }

  /** The finished left operand of OVERLAPS, which must be a row. */
  get last(): Expression | undefined {
    return this.#operands.at(-1)
  }

  result(): Expression {
    while (this.#waiting.length > 0) this.#reduce()
    this.#heights.pop()
    return this.#operands.pop()!
  }

  /** Of the result; to be asked before it is taken. */
  get height(): number {
    while (this.#waiting.length > 0) this.#reduce()
    return this.#heights.at(-1)!
  }

  #push(expression: Expression, height: number): void {
    if (height > heightMax) throw nestedTooDeep({ position: expression.position })
    this.operand(expression, height)
  }

  #top(): number {
    return this.#waiting.at(-1)?.precedence ?? 0
  }

  #before(level: number): boolean {
    while (this.#top() > level) this.#reduce()
    if (level <= precedence.not || this.#top() !== level) return true
    if (nonAssociative.includes(level)) return false
    this.#reduce()
    return true
  }

  #reduce(): void {
    const operator = this.#waiting.pop()!
    if (operator.kind === 'and' || operator.kind === 'or') {
      this.#reduceChain(operator.kind, operator.position)
      return
    }
    const right = this.#operands.pop()!
    const height = this.#heights.pop()!
    if (operator.kind === 'not' || operator.kind === 'unary') {
      this.#push(prefixed(operator, right), height + 1)
      return
    }
    const left = this.#heights.pop()!
    const spine = operator.kind === 'binary' ? left : left + 1
    this.#push(joined(operator, this.#operands.pop()!, right), Math.max(spine, height + 1))
  }

  #reduceChain(kind: 'and' | 'or', last: number): void {
    let count = 2
    let position = last
    while (this.#waiting.at(-1)?.kind === kind) {
      position = this.#waiting.pop()!.position
      count++
    }
    const operands = this.#operands.splice(-count)
    const height = this.#heights.splice(-count).reduce((most, each) => Math.max(most, each), 0)
    this.#push({ kind, position, operands }, height + 1)
  }
}

const prefixed = (operator: Pending, operand: Expression): Expression => {
  const { position } = operator
  if (operator.kind !== 'unary') return { kind: 'not', position, operand }
  const negates = operator.operator === '-' && operator.schema === undefined
  if (negates && operand.kind === 'number') {
    return { kind: 'number', position, text: negated(operand.text) }
  }
  return { kind: 'unary', position, operator: operator.operator, schema: operator.schema, operand }
}

const negated = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`)

const joined = (pending: Pending, left: Expression, right: Expression): Expression => {
  const { position } = pending
  switch (pending.kind) {
    case 'isDistinct':
      return { kind: 'isDistinct', position, left, right, negated: pending.negated }
    case 'between': {
      const { low, symmetric } = pending
      return { kind: 'between', position, operand: left, low, high: right, symmetric, negated: pending.negated }
    }
    case 'like':
      return {
        kind: 'like',
        position,
        operator: pending.operator,
        operand: left,
        pattern: pending.pattern ?? right,
        escape: pending.pattern === undefined ? undefined : right,
        negated: pending.negated,
      }
    case 'atTimeZone':
      return { kind: 'atTimeZone', position, operand: left, zone: right }
    case 'overlaps':
      return overlaps(left as RowConstructor, right, position)
    default: {
      const { operator, schema } = pending as Pending & OperatorRef
      return { kind: 'binary', position, operator, schema, left, right }
    }
  }
}

/** A function of four arguments, as in PostgreSQL. */
const overlaps = (left: RowConstructor, right: Expression, position: number): Expression => {
  if (left.items.length !== 2) throw wrongOverlaps('left', left.position)
  if (right.kind !== 'row' || right.items.length !== 2) throw wrongOverlaps('right', right.position)
  return call(['pg_catalog', 'overlaps'], [...left.items, ...right.items], position)
}

const wrongOverlaps = (side: 'left' | 'right', position: number): SqlError =>
  syntaxError(`wrong number of parameters on ${side} side of OVERLAPS expression`, { position })

/** A plain call with positional arguments: what special syntaxes stand for. */
export const call = (name: readonly string[], values: readonly Expression[], position: number): Expression => ({
  kind: 'call',
  position,
  name,
  arguments: values.map((value) => ({
    kind: 'argument',
    position: value.position,
    name: undefined,
    variadic: false,
    value,
  })),
  star: false,
  distinct: false,
  orderBy: [],
  withinGroup: [],
  filter: undefined,
  nulls: undefined,
  over: undefined,
})
