// Trigonometric and hyperbolic functions, in radians and in degrees.
//
// The forms in degrees are exact where the answer is (sind(30) = 0.5): the angle is brought into the first quadrant and
// the result is scaled by what the library gives for the exact angle, as in PostgreSQL's float.c.

import { SqlError } from '../../core/error.ts'
import { floatOverflow, multiplyFloats } from '../arithmetic/float.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

const outOfDomain = (): SqlError => new SqlError({ code: '22003', message: 'input is out of range' })

const RADIANS = Math.PI / 180
const sin30 = Math.sin(30 * RADIANS)
const cosGap60 = 1 - Math.cos(60 * RADIANS)
const asinHalf = Math.asin(0.5)
const acosHalf = Math.acos(0.5)
const atanOne = Math.atan(1)

const sinTo30 = (x: number): number => Math.sin(x * RADIANS) / sin30 / 2
const cosTo60 = (x: number): number => 1 - (1 - Math.cos(x * RADIANS)) / cosGap60 / 2
const sinQuadrant = (x: number): number => (x <= 30 ? sinTo30(x) : cosTo60(90 - x))
const cosQuadrant = (x: number): number => (x <= 60 ? cosTo60(x) : sinTo30(90 - x))
const tan45 = sinQuadrant(45) / cosQuadrant(45)
const cot45 = cosQuadrant(45) / sinQuadrant(45)

/** The angle in the first quadrant, and by what signs sine, cosine and tangent differ there. */
function quadrant(degrees: number) {
  if (!Number.isFinite(degrees) && !Number.isNaN(degrees)) throw outOfDomain()
  let angle = degrees % 360
  let sine = 1
  let cosine = 1
  if (angle < 0) {
    angle = -angle
    sine = -sine
  }
  if (angle > 180) {
    angle = 360 - angle
    sine = -sine
  }
  if (angle > 90) {
    angle = 180 - angle
    cosine = -cosine
  }
  return { angle, sine, cosine }
}

function sinDegrees(x: number): number {
  const { angle, sine } = quadrant(x)
  return sine * sinQuadrant(angle)
}

function cosDegrees(x: number): number {
  const { angle, cosine } = quadrant(x)
  return cosine * cosQuadrant(angle)
}

function tanDegrees(x: number): number {
  const { angle, sine, cosine } = quadrant(x)
  return sine * cosine * (sinQuadrant(angle) / cosQuadrant(angle) / tan45)
}

function cotDegrees(x: number): number {
  const { angle, sine, cosine } = quadrant(x)
  return sine * cosine * (cosQuadrant(angle) / sinQuadrant(angle) / cot45)
}

const asinQuadrant = (x: number): number =>
  x <= 0.5 ? (Math.asin(x) / asinHalf) * 30 : 90 - (Math.acos(x) / acosHalf) * 60
const acosQuadrant = (x: number): number =>
  x <= 0.5 ? 90 - (Math.asin(x) / asinHalf) * 30 : (Math.acos(x) / acosHalf) * 60

function unit(x: number): number {
  if (x < -1 || x > 1) throw outOfDomain()
  return x
}

function finite(x: number): number {
  if (x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY) throw outOfDomain()
  return x
}

function notOverflown(result: number, x: number): number {
  if (!Number.isFinite(result) && Number.isFinite(x)) throw floatOverflow()
  return result
}

interface Entry {
  readonly name: string
  readonly doc: string
  readonly evaluate: (x: number) => number
  readonly example: string
}

const unary: readonly Entry[] = [
  { name: 'sin', doc: 'Sine, argument in radians.', evaluate: (x) => Math.sin(finite(x)), example: 'sin(0) = 0' },
  { name: 'cos', doc: 'Cosine, argument in radians.', evaluate: (x) => Math.cos(finite(x)), example: 'cos(0) = 1' },
  { name: 'tan', doc: 'Tangent, argument in radians.', evaluate: (x) => Math.tan(finite(x)), example: 'tan(0) = 0' },
  {
    name: 'cot',
    doc: 'Cotangent, argument in radians.',
    evaluate: (x) => 1 / Math.tan(finite(x)),
    example: 'abs(cot(0.5) - 1.830487721712452) < 1e-14',
  },
  { name: 'asin', doc: 'Inverse sine in radians.', evaluate: (x) => Math.asin(unit(x)), example: 'asin(0) = 0' },
  { name: 'acos', doc: 'Inverse cosine in radians.', evaluate: (x) => Math.acos(unit(x)), example: 'acos(1) = 0' },
  { name: 'atan', doc: 'Inverse tangent in radians.', evaluate: Math.atan, example: 'atan(0) = 0' },
  { name: 'sind', doc: 'Sine, argument in degrees.', evaluate: sinDegrees, example: 'sind(30) = 0.5' },
  { name: 'cosd', doc: 'Cosine, argument in degrees.', evaluate: cosDegrees, example: 'cosd(60) = 0.5' },
  { name: 'tand', doc: 'Tangent, argument in degrees.', evaluate: tanDegrees, example: 'tand(45) = 1' },
  { name: 'cotd', doc: 'Cotangent, argument in degrees.', evaluate: cotDegrees, example: 'cotd(45) = 1' },
  {
    name: 'asind',
    doc: 'Inverse sine in degrees.',
    evaluate: (x) => (unit(x) >= 0 ? asinQuadrant(x) : -asinQuadrant(-x)),
    example: 'asind(0.5) = 30',
  },
  {
    name: 'acosd',
    doc: 'Inverse cosine in degrees.',
    evaluate: (x) => (unit(x) >= 0 ? acosQuadrant(x) : 90 + asinQuadrant(-x)),
    example: 'acosd(0.5) = 60',
  },
  {
    name: 'atand',
    doc: 'Inverse tangent in degrees.',
    evaluate: (x) => (Math.atan(x) / atanOne) * 45,
    example: 'atand(1) = 45',
  },
  {
    name: 'sinh',
    doc: 'Hyperbolic sine.',
    evaluate: (x) => Math.sinh(x),
    example: 'sinh(0) = 0',
  },
  {
    name: 'cosh',
    doc: 'Hyperbolic cosine.',
    evaluate: (x) => Math.cosh(x),
    example: 'cosh(0) = 1',
  },
  { name: 'tanh', doc: 'Hyperbolic tangent.', evaluate: Math.tanh, example: 'tanh(0) = 0' },
  { name: 'asinh', doc: 'Inverse hyperbolic sine.', evaluate: Math.asinh, example: 'asinh(0) = 0' },
  {
    name: 'acosh',
    doc: 'Inverse hyperbolic cosine.',
    evaluate: (x) => {
      if (x < 1) throw outOfDomain()
      return Math.acosh(x)
    },
    example: 'acosh(1) = 0',
  },
  {
    name: 'atanh',
    doc: 'Inverse hyperbolic tangent.',
    evaluate: (x) => Math.atanh(unit(x)),
    example: 'atanh(0) = 0',
  },
  {
    name: 'degrees',
    doc: 'Radians as degrees.',
    evaluate: (x) => notOverflown(x / RADIANS, x),
    example: 'degrees(pi()) = 180',
  },
  {
    name: 'radians',
    doc: 'Degrees as radians.',
    evaluate: (x) => multiplyFloats(x, RADIANS),
    example: 'radians(180) = pi()',
  },
]

export const trigonometricFunctions: readonly ScalarFunction[] = [
  ...unary.map(({ name, doc, evaluate, example }) =>
    strict(name, ['float8'], 'float8', { doc, example, evaluate: (x: number) => evaluate(x) + 0 }),
  ),
  strict('atan2', ['float8', 'float8'], 'float8', {
    doc: 'Inverse tangent of the quotient, in the right quadrant, in radians.',
    example: 'atan2(0, 1) = 0',
    fails: false,
    evaluate: (y: number, x: number) => Math.atan2(y, x) + 0,
  }),
  strict('atan2d', ['float8', 'float8'], 'float8', {
    doc: 'Inverse tangent of the quotient, in the right quadrant, in degrees.',
    example: 'atan2d(1, 0) = 90',
    fails: false,
    evaluate: (y: number, x: number) => (Math.atan2(y, x) / atanOne) * 45 + 0,
  }),
  strict('pi', [], 'float8', {
    doc: 'The number π.',
    example: 'abs(pi() - 3.141592653589793) < 1e-15',
    fails: false,
    evaluate: () => Math.PI,
  }),
]
