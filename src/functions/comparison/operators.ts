// The six comparison operators of one pair of types, made from one three-way comparison.
//
// A type says how two of its values compare (PostgreSQL's btree order, core/order.ts), gives two literals for the
// examples and, where generated code can compare it, snippets. Nothing here can fail.

import type { Evaluate, EvaluationContext, InlineArg, InlineCode, ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export type Compare = (a: never, b: never, context: EvaluationContext) => number

export interface Comparable {
  readonly left: ParameterType
  readonly right: ParameterType
  readonly compare: Compare
  /** Two SQL literals of the types, the first one below the second. */
  readonly below: string
  readonly above: string
  readonly inline?: ComparisonInline
  readonly volatility?: 'stable'
  /** Faster forms of single operators where the type has them. */
  readonly direct?: Partial<Record<Operator, Evaluate>>
}

/** Generated code of `a <operator> b`, or undefined for physical kinds it cannot do. */
export type ComparisonInline = (operator: Operator, args: readonly InlineArg[], code: InlineCode) => string | undefined

export type Operator = '=' | '<>' | '<' | '<=' | '>' | '>='

interface OperatorFacts {
  readonly holds: (order: number) => boolean
  readonly doc: string
  readonly example: (below: string, above: string) => string
}

const operators = {
  '=': {
    holds: (order) => order === 0,
    doc: 'True where both values are equal.',
    example: (below, above) => `(${below} = ${below}) and not (${below} = ${above})`,
  },
  '<>': {
    holds: (order) => order !== 0,
    doc: 'True where the values differ.',
    example: (below, above) => `(${below} <> ${above}) and not (${above} <> ${above})`,
  },
  '<': {
    holds: (order) => order < 0,
    doc: 'True where the left value sorts before the right one.',
    example: (below, above) => `(${below} < ${above}) and not (${below} < ${below})`,
  },
  '<=': {
    holds: (order) => order <= 0,
    doc: 'True where the left value does not sort after the right one.',
    example: (below, above) => `(${below} <= ${above}) and (${above} <= ${above})`,
  },
  '>': {
    holds: (order) => order > 0,
    doc: 'True where the left value sorts after the right one.',
    example: (below, above) => `(${above} > ${below}) and not (${above} > ${above})`,
  },
  '>=': {
    holds: (order) => order >= 0,
    doc: 'True where the left value does not sort before the right one.',
    example: (below, above) => `(${above} >= ${below}) and (${below} >= ${below})`,
  },
} satisfies Record<Operator, OperatorFacts>

export const operatorNames = Object.keys(operators) as readonly Operator[]

/** `compare` as the operator's answer. */
export const answerOf = (operator: Operator, compare: Compare): Evaluate => {
  const { holds } = operators[operator]
  return (a: never, b: never, context: EvaluationContext) => holds(compare(a, b, context))
}

/** A pair of different types needs examples whose sides have those types: the left is cast, the right is cast. */
function exampleOf(operator: Operator, { left, right, below, above }: Comparable): string {
  if (left === right) return operators[operator].example(below, above)
  const cast = (literal: string, type: ParameterType): string => `cast(${literal} as ${sqlName(type)})`
  const [low, high] = operator === '>' || operator === '>=' ? [above, below] : [below, above]
  if (operator === '=') return `not (${cast(low, left)} = ${cast(high, right)})`
  return `${cast(low, left)} ${operator} ${cast(high, right)}`
}

/** Catalog names are type names in SQL too, except the one that needs its quotes. */
const sqlName = (type: ParameterType): string => (type === 'char' ? '"char"' : type)

export function comparisonsOf(type: Comparable): readonly ScalarFunction[] {
  const { inline } = type
  return operatorNames.map((operator) =>
    strict(operator, [type.left, type.right], 'boolean', {
      doc: operators[operator].doc,
      example: exampleOf(operator, type),
      fails: false,
      volatility: type.volatility ?? 'immutable',
      evaluate: type.direct?.[operator] ?? answerOf(operator, type.compare),
      inline: inline && ((args, code) => inline(operator, args, code)),
    }),
  )
}
