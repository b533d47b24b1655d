// Integer arithmetic: + − × ÷ % and friends on SMALLINT, INTEGER and BIGINT, with PostgreSQL's overflow errors (22003).
//
// Every pair of widths has its own entry, as in PostgreSQL; the wider one is the result. SMALLINT and INTEGER are
// numbers and exact in double arithmetic until they are checked (a product of two int32 has 62 bits: that one is
// checked as a double first). Division truncates towards zero; −2³¹ / −1 overflows; −2³¹ % −1 is 0.

import { divisionByZero } from '../../core/error.ts'
import type { Evaluate, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { inlineIntegerOperator } from './integer-inline.ts'
import { type IntegerKind, integerKinds, toInt2, toInt4, toInt8 } from './integer-kind.ts'

/** −0 must not come out of a product or a negation. */
const narrow = { int2: (value: number) => toInt2(value + 0), int4: (value: number) => toInt4(value + 0) }

export interface IntegerOperator {
  readonly name: '+' | '-' | '*' | '/' | '%'
  readonly doc: string
  readonly small: (a: number, b: number) => number
  readonly big: (a: bigint, b: bigint) => bigint
  readonly example: readonly [a: number, b: number, result: number]
}

const operators: readonly IntegerOperator[] = [
  { name: '+', doc: 'The sum.', small: (a, b) => a + b, big: (a, b) => a + b, example: [2, 3, 5] },
  { name: '-', doc: 'The difference.', small: (a, b) => a - b, big: (a, b) => a - b, example: [2, 3, -1] },
  { name: '*', doc: 'The product.', small: (a, b) => a * b, big: (a, b) => a * b, example: [2, 3, 6] },
  {
    name: '/',
    doc: 'The quotient, truncated towards zero.',
    small: (a, b) => {
      if (b === 0) throw divisionByZero()
      return Math.trunc(a / b)
    },
    big: (a, b) => {
      if (b === 0n) throw divisionByZero()
      return a / b
    },
    example: [-7, 2, -3],
  },
  {
    name: '%',
    doc: 'The remainder of the division; it has the sign of the dividend.',
    small: (a, b) => {
      if (b === 0) throw divisionByZero()
      return a % b
    },
    big: (a, b) => {
      if (b === 0n) throw divisionByZero()
      return a % b
    },
    example: [-7, 2, -1],
  },
]

export const wider = (a: IntegerKind, b: IntegerKind): IntegerKind =>
  a === 'int8' || b === 'int8' ? 'int8' : a === 'int4' || b === 'int4' ? 'int4' : 'int2'

function evaluateFor(operator: IntegerOperator, left: IntegerKind, right: IntegerKind): Evaluate {
  const result = wider(left, right)
  if (result !== 'int8') {
    const check = narrow[result]
    return (a: number, b: number) => check(operator.small(a, b))
  }
  const { big } = operator
  if (left === 'int8' && right === 'int8') return (a: bigint, b: bigint) => toInt8(big(a, b))
  return (a: bigint | number, b: bigint | number) => toInt8(big(BigInt(a), BigInt(b)))
}

function entryOf(operator: IntegerOperator, left: IntegerKind, right: IntegerKind): ScalarFunction {
  const [a, b, result] = operator.example
  return strict(operator.name, [left, right], wider(left, right), {
    doc: operator.doc,
    example: `(${a})::${left} ${operator.name} ${b}::${right} = ${result}`,
    evaluate: evaluateFor(operator, left, right),
    inline: (args, code) => inlineIntegerOperator(operator.name, wider(left, right), args, code),
  })
}

/** PostgreSQL has % and mod() for equal widths only; the narrower argument is cast. */
const pairs = (operator: IntegerOperator): readonly (readonly [IntegerKind, IntegerKind])[] =>
  integerKinds.flatMap((left) =>
    integerKinds.filter((right) => operator.name !== '%' || left === right).map((right) => [left, right] as const),
  )

export const integerOperators: readonly ScalarFunction[] = operators.flatMap((operator) =>
  pairs(operator).map(([left, right]) => entryOf(operator, left, right)),
)
