// NUMERIC operators and rounding. The arithmetic itself is in arithmetic/numeric.ts; here are its names, the digits of
// its results (numeric-physical.ts) and its generated code (numeric-inline.ts).

import { type Numeric, numeric } from '../../core/value.ts'
import {
  add,
  ceiling,
  divide,
  divideWhole,
  floor,
  magnitude,
  modulo,
  multiply,
  NAN,
  negate,
  round,
  signOf,
  subtract,
  trimScale,
  truncate,
} from '../arithmetic/numeric.ts'
import { factorial } from '../arithmetic/numeric-power.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { gcdBig } from './integer-functions.ts'
import { inlineAbsolute, inlineNegated, inlineProduct, inlineSum } from './numeric-inline.ts'
import { integralPhysical, productPhysical, remainderPhysical, samePhysical, sumPhysical } from './numeric-physical.ts'

const operators: readonly ScalarFunction[] = [
  strict('+', ['numeric', 'numeric'], 'numeric', {
    doc: 'The sum, exact.',
    example: "(1.10 + 2.2)::text = '3.30'",
    evaluate: add,
    physical: sumPhysical,
    inline: (args, code) => inlineSum('+', args, code),
  }),
  strict('-', ['numeric', 'numeric'], 'numeric', {
    doc: 'The difference, exact.',
    example: "(1.10 - 2.2)::text = '-1.10'",
    evaluate: subtract,
    physical: sumPhysical,
    inline: (args, code) => inlineSum('-', args, code),
  }),
  strict('*', ['numeric', 'numeric'], 'numeric', {
    doc: 'The product, exact.',
    example: "(1.10 * 2.2)::text = '2.420'",
    evaluate: multiply,
    physical: productPhysical,
    inline: inlineProduct,
  }),
  strict('/', ['numeric', 'numeric'], 'numeric', {
    doc: 'The quotient with at least 16 significant digits.',
    example: "(1.0 / 3)::text = '0.33333333333333333333'",
    evaluate: divide,
  }),
  ...['%', 'mod'].map((name) =>
    strict(name, ['numeric', 'numeric'], 'numeric', {
      doc: 'The remainder of the division; it has the sign of the dividend.',
      example: 'mod(-7.5, 2) = -1.5',
      evaluate: modulo,
      physical: remainderPhysical,
    }),
  ),
  strict('-', ['numeric'], 'numeric', {
    doc: 'The negated value.',
    example: '- (1.5) = 0 - 1.5',
    fails: false,
    evaluate: negate,
    physical: samePhysical,
    inline: inlineNegated,
  }),
  strict('+', ['numeric'], 'numeric', {
    doc: 'The value itself.',
    example: '+ (1.5) = 1.5',
    fails: false,
    evaluate: (value: Numeric) => value,
    physical: samePhysical,
  }),
  ...['abs', '@'].map((name) =>
    strict(name, ['numeric'], 'numeric', {
      doc: 'The absolute value.',
      example: 'abs(-17.4) = 17.4',
      fails: false,
      evaluate: magnitude,
      physical: samePhysical,
      inline: inlineAbsolute,
    }),
  ),
]

const rounding: readonly ScalarFunction[] = [
  strict('round', ['numeric'], 'numeric', {
    doc: 'The nearest integer, halves away from zero.',
    example: 'round(42.5) = 43 and round(-42.5) = -43',
    evaluate: (value: Numeric) => round(value),
    physical: integralPhysical,
  }),
  strict('round', ['numeric', 'int4'], 'numeric', {
    doc: 'Rounded to n digits after the point, or before it where n is negative, halves away from zero.',
    example: "round(42.4382, 2)::text = '42.44' and round(1234.56, -1)::text = '1230'",
    evaluate: round,
  }),
  strict('trunc', ['numeric'], 'numeric', {
    doc: 'The value without its fraction.',
    example: 'trunc(42.8) = 42 and trunc(-42.8) = -42',
    fails: false,
    evaluate: (value: Numeric) => truncate(value),
    physical: integralPhysical,
  }),
  strict('trunc', ['numeric', 'int4'], 'numeric', {
    doc: 'Cut off after n digits after the point, or before it where n is negative.',
    example: "trunc(42.4382, 2)::text = '42.43'",
    evaluate: truncate,
  }),
  ...['ceil', 'ceiling'].map((name) =>
    strict(name, ['numeric'], 'numeric', {
      doc: 'The least integer that is not below the value.',
      example: `${name}(42.2) = 43 and ${name}(-42.8) = -42`,
      evaluate: ceiling,
      physical: integralPhysical,
    }),
  ),
  strict('floor', ['numeric'], 'numeric', {
    doc: 'The greatest integer that is not above the value.',
    example: 'floor(42.8) = 42 and floor(-42.8) = -43',
    evaluate: floor,
    physical: integralPhysical,
  }),
  strict('sign', ['numeric'], 'numeric', {
    doc: 'The sign: −1, 0 or 1; NaN of NaN.',
    example: 'sign(-8.4) = -1',
    fails: false,
    evaluate: (value: Numeric) => (value.special === 'NaN' ? value : numeric(BigInt(signOf(value)))),
  }),
  strict('div', ['numeric', 'numeric'], 'numeric', {
    doc: 'The quotient without its fraction.',
    example: 'div(9, 4) = 2 and div(-9, 4) = -2',
    evaluate: divideWhole,
  }),
]

/** Both as integers of one scale. */
function atCommonScale(a: Numeric, b: Numeric): readonly [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale)
  return [a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale), scale]
}

function greatestDivisor(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return NAN
  const [x, y, scale] = atCommonScale(a, b)
  return numeric(gcdBig(x, y), scale)
}

function leastMultiple(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return NAN
  const [x, y, scale] = atCommonScale(a, b)
  if (x === 0n || y === 0n) return numeric(0n, scale)
  const multiple = (x / gcdBig(x, y)) * y
  return numeric(multiple < 0n ? -multiple : multiple, scale)
}

/** Digits after the point that are not trailing zeros. */
const minScale = (value: Numeric): number | null => (value.special === undefined ? trimScale(value).scale : null)

const numberTheory: readonly ScalarFunction[] = [
  strict('gcd', ['numeric', 'numeric'], 'numeric', {
    doc: 'The greatest common divisor; 0 only where both are 0.',
    example: 'gcd(10.5, 4.2) = 2.1',
    fails: false,
    evaluate: greatestDivisor,
  }),
  strict('lcm', ['numeric', 'numeric'], 'numeric', {
    doc: 'The least common multiple; 0 where one of them is 0.',
    example: 'lcm(10.5, 4.2) = 21',
    evaluate: leastMultiple,
  }),
  strict('factorial', ['int8'], 'numeric', {
    doc: 'The product of the integers from 1 to n.',
    example: 'factorial(5) = 120',
    evaluate: factorial,
  }),
  strict('scale', ['numeric'], 'int4', {
    doc: 'The number of digits after the point that are shown; NULL of NaN and infinities.',
    example: 'scale(8.4100) = 4',
    fails: false,
    evaluate: (value: Numeric) => (value.special === undefined ? value.scale : null),
  }),
  strict('min_scale', ['numeric'], 'int4', {
    doc: 'The number of digits after the point that the value needs; NULL of NaN and infinities.',
    example: 'min_scale(8.4100) = 2',
    fails: false,
    evaluate: minScale,
  }),
  strict('trim_scale', ['numeric'], 'numeric', {
    doc: 'The value without trailing zeros after the point.',
    example: "trim_scale(8.4100)::text = '8.41'",
    fails: false,
    evaluate: trimScale,
  }),
]

export const numericFunctions: readonly ScalarFunction[] = [...operators, ...rounding, ...numberTheory]
