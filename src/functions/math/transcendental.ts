// Roots, powers, exponentials and logarithms of DOUBLE and NUMERIC, and the rounding functions of DOUBLE.
//
// DOUBLE follows the runtime's library and may differ from PostgreSQL's in the last digit; NUMERIC gives PostgreSQL's
// digits.

import * as float from '../arithmetic/float.ts'
import * as power from '../arithmetic/numeric-power.ts'
import type { Evaluate, ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { cubeRoot } from './cube-root.ts'

interface Family {
  readonly names: readonly string[]
  readonly doc: string
  readonly forms: readonly {
    readonly type: 'float8' | 'numeric'
    readonly arity?: 2
    readonly evaluate: Evaluate
    readonly example: string
  }[]
}

const families: readonly Family[] = [
  {
    names: ['sqrt'],
    doc: 'The square root.',
    forms: [
      { type: 'numeric', evaluate: power.squareRoot, example: 'sqrt(2::numeric)::text = 1.414213562373095::text' },
      { type: 'float8', evaluate: float.squareRoot, example: "sqrt('2.25'::float8) = 1.5" },
    ],
  },
  {
    names: ['exp'],
    doc: 'The exponential: e to this power.',
    forms: [
      { type: 'numeric', evaluate: power.exponential, example: "exp(1.0)::text = '2.7182818284590452'" },
      { type: 'float8', evaluate: float.exponential, example: "exp('0'::float8) = 1" },
    ],
  },
  {
    names: ['ln'],
    doc: 'The natural logarithm.',
    forms: [
      { type: 'numeric', evaluate: power.naturalLogarithm, example: "ln(2.0)::text = '0.6931471805599453'" },
      { type: 'float8', evaluate: float.naturalLogarithm, example: "ln('1'::float8) = 0" },
    ],
  },
  {
    names: ['log', 'log10'],
    doc: 'The logarithm to base 10.',
    forms: [
      { type: 'numeric', evaluate: power.logarithm10, example: 'log(100.0) = 2' },
      { type: 'float8', evaluate: float.logarithm10, example: "log('1000'::float8) = 3" },
    ],
  },
  {
    names: ['power', 'pow', '^'],
    doc: 'The first argument to the power of the second one.',
    forms: [
      { type: 'numeric', arity: 2, evaluate: power.power, example: "power(9.0, 3)::text = '729.0000000000000000'" },
      { type: 'float8', arity: 2, evaluate: float.power, example: "power('9'::float8, 3) = 729" },
    ],
  },
]

const entriesOf = ({ names, doc, forms }: Family): readonly ScalarFunction[] =>
  names.flatMap((name) =>
    forms.map(({ type, arity = 1, evaluate, example }) =>
      strict(name, Array<ParameterType>(arity).fill(type), type, { doc, example, evaluate }),
    ),
  )

interface Rounding {
  readonly names: readonly string[]
  readonly doc: string
  readonly evaluate: (value: number) => number
  readonly javascript: string | undefined
  readonly example: string
}

/** −0 becomes 0. */
const roundings: readonly Rounding[] = [
  {
    names: ['ceil', 'ceiling'],
    doc: 'The least integer that is not below the value.',
    evaluate: (value) => Math.ceil(value) + 0,
    javascript: 'Math.ceil',
    example: "ceil('-42.8'::float8) = -42",
  },
  {
    names: ['floor'],
    doc: 'The greatest integer that is not above the value.',
    evaluate: (value) => Math.floor(value),
    javascript: 'Math.floor',
    example: "floor('-42.8'::float8) = -43",
  },
  {
    names: ['trunc'],
    doc: 'The value without its fraction.',
    evaluate: (value) => Math.trunc(value) + 0,
    javascript: 'Math.trunc',
    example: "trunc('-42.8'::float8) = -42",
  },
  {
    names: ['round'],
    doc: 'The nearest integer, halves to the even one.',
    evaluate: (value) => float.roundHalfEven(value) + 0,
    javascript: undefined,
    example: "round('2.5'::float8) = 2 and round('3.5'::float8) = 4",
  },
  {
    names: ['sign'],
    doc: 'The sign: −1, 0 or 1.',
    evaluate: (value) => (value > 0 ? 1 : value < 0 ? -1 : 0),
    javascript: undefined,
    example: "sign('-8.4'::float8) = -1",
  },
]

const roundingEntries = roundings.flatMap(({ names, doc, evaluate, javascript, example }) =>
  names.map((name) =>
    strict(name, ['float8'], 'float8', {
      doc,
      example,
      fails: false,
      evaluate,
      inline: ([arg]) =>
        javascript !== undefined && arg!.physical.kind === 'f64' ? `(${javascript}(${arg!.name}) + 0)` : undefined,
    }),
  ),
)

export const transcendentalFunctions: readonly ScalarFunction[] = [
  ...families.flatMap(entriesOf),
  ...roundingEntries,
  strict('log', ['numeric', 'numeric'], 'numeric', {
    doc: 'The logarithm of the second argument to the base of the first one.',
    example: "log(2.0, 64.0)::text = '6.0000000000000000'",
    evaluate: power.logarithm,
  }),
  strict('|/', ['float8'], 'float8', {
    doc: 'The square root.',
    example: '|/ 25.0 = 5',
    evaluate: float.squareRoot,
  }),
  ...['cbrt', '||/'].map((name) =>
    strict(name, ['float8'], 'float8', {
      doc: 'The cube root.',
      example: "cbrt('27'::float8)::text = '3.0000000000000004'",
      fails: false,
      evaluate: cubeRoot,
    }),
  ),
]
