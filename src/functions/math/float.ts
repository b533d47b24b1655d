// REAL and DOUBLE arithmetic with PostgreSQL's errors: a finite argument must not give an infinity (overflow), a
// non-zero argument must not give zero (underflow), and division by zero is 22012 (NaN / 0 excepted).
//
// REAL computes in double and rounds once, which is exact for + − × ÷. −0 is normalised to 0 (operators spec §1.1).

import { addFloats, divideFloats, float4Result, multiplyFloats, subtractFloats } from '../arithmetic/float.ts'
import type { InlineArg, InlineCode, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

export type FloatKind = 'float4' | 'float8'
export const floatKinds = ['float4', 'float8'] as const

interface FloatOperator {
  readonly name: '+' | '-' | '*' | '/'
  readonly doc: string
  readonly compute: (a: number, b: number) => number
  readonly example: readonly [string, string, string]
}

const operators: readonly FloatOperator[] = [
  { name: '+', doc: 'The sum.', compute: addFloats, example: ['1.5', '0.25', '1.75'] },
  { name: '-', doc: 'The difference.', compute: subtractFloats, example: ['1.5', '2', '-0.5'] },
  { name: '*', doc: 'The product.', compute: multiplyFloats, example: ['1.5', '0.5', '0.75'] },
  { name: '/', doc: 'The quotient.', compute: divideFloats, example: ['1', '4', '0.25'] },
]

const evaluateOf = ({ compute }: FloatOperator, kind: FloatKind): ((a: number, b: number) => number) =>
  kind === 'float8' ? compute : (a, b) => float4Result(compute(a, b))

/** Suspicious results (infinite, zero, NaN) are left to the closure, which knows the rules. */
function inlineOperator(operator: FloatOperator, kind: FloatKind, args: readonly InlineArg[], code: InlineCode) {
  const [a, b] = args as readonly [InlineArg, InlineArg]
  if (a.physical.kind !== 'f64' || b.physical.kind !== 'f64') return undefined
  const exact = `${a.name} ${operator.name} ${b.name}`
  const result = code.local(kind === 'float4' ? `Math.fround(${exact}) + 0` : `(${exact}) + 0`)
  code.failIf(`${result} - ${result} !== 0`)
  if (operator.name === '*') code.failIf(`${result} === 0 && ${a.name} !== 0 && ${b.name} !== 0`)
  if (operator.name === '/') code.failIf(`${result} === 0 && ${a.name} !== 0`)
  return result
}

const pairs = floatKinds.flatMap((left) => floatKinds.map((right) => [left, right] as const))

const operatorEntries = operators.flatMap((operator) =>
  pairs.map(([left, right]) => {
    const result = left === 'float4' && right === 'float4' ? 'float4' : 'float8'
    const [a, b, value] = operator.example
    return strict(operator.name, [left, right], result, {
      doc: operator.doc,
      example: `'${a}'::${left} ${operator.name} '${b}'::${right} = '${value}'::${result}`,
      evaluate: evaluateOf(operator, result),
      inline: (args, code) => inlineOperator(operator, result, args, code),
    })
  }),
)

const signEntries = floatKinds.flatMap((kind) => [
  strict('-', [kind], kind, {
    doc: 'The negated value.',
    example: `- ('1.5'::${kind}) = '-1.5'::${kind}`,
    fails: false,
    evaluate: (a: number) => 0 - a,
    inline: ([a]) => (a!.physical.kind === 'f64' ? `(0 - ${a!.name})` : undefined),
  }),
  strict('+', [kind], kind, {
    doc: 'The value itself.',
    example: `+ ('1.5'::${kind}) = '1.5'::${kind}`,
    fails: false,
    evaluate: (a: number) => a,
    inline: ([a]) => (a!.physical.kind === 'f64' ? a!.name : undefined),
  }),
  ...['abs', '@'].map((name) =>
    strict(name, [kind], kind, {
      doc: 'The absolute value.',
      example: `abs('-1.5'::${kind}) = '1.5'::${kind}`,
      fails: false,
      evaluate: (a: number) => Math.abs(a),
      inline: ([a]) => (a!.physical.kind === 'f64' ? `Math.abs(${a!.name})` : undefined),
    }),
  ),
])

export const floatArithmetic: readonly ScalarFunction[] = [...operatorEntries, ...signEntries]
