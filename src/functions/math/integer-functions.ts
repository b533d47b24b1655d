// Integer functions of one width: sign changes, abs, mod, gcd, lcm, bit operators and shifts.
//
// Shift counts are taken modulo the width, as PostgreSQL's C does on the machines it runs on; bits shifted out are lost
// without an error.

import { divisionByZero } from '../../core/error.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { asBigInt, inlineNegation } from './integer-inline.ts'
import { type IntegerKind, integerKinds, toInt2, toInt4, toInt8 } from './integer-kind.ts'

/** What the small (number) and the big (BigInt) form of one function are. */
interface Forms {
  readonly small: (...args: number[]) => number
  readonly big: (...args: bigint[]) => bigint
}

const fit = { int2: (value: number) => toInt2(value + 0), int4: (value: number) => toInt4(value + 0) }

const evaluateOf = (kind: IntegerKind, { small, big }: Forms, arity: number) => {
  if (kind === 'int8') return arity === 1 ? (a: bigint) => toInt8(big(a)) : (a: bigint, b: bigint) => toInt8(big(a, b))
  const check = fit[kind]
  return arity === 1 ? (a: number) => check(small(a)) : (a: number, b: number) => check(small(a, b))
}

interface Family extends Forms {
  readonly names: readonly string[]
  readonly arity: 1 | 2
  readonly doc: string
  readonly example: (kind: IntegerKind) => string
  readonly kinds?: readonly IntegerKind[]
  readonly fails?: boolean
}

function gcdSmall(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}

export function gcdBig(a: bigint, b: bigint): bigint {
  let [x, y] = [absBig(a), absBig(b)]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

const absBig = (a: bigint): bigint => (a < 0n ? -a : a)

const nonZero = <T extends number | bigint>(divisor: T, zero: T): T => {
  if (divisor === zero) throw divisionByZero()
  return divisor
}

const families: readonly Family[] = [
  {
    names: ['abs', '@'],
    arity: 1,
    small: (a) => Math.abs(a!),
    big: (a) => absBig(a!),
    doc: 'The absolute value.',
    example: (kind) => `abs((-5)::${kind}) = 5`,
  },
  {
    names: ['mod'],
    arity: 2,
    small: (a, b) => a! % nonZero(b!, 0),
    big: (a, b) => a! % nonZero(b!, 0n),
    doc: 'The remainder of the division; it has the sign of the dividend.',
    example: (kind) => `mod((-7)::${kind}, 3::${kind}) = -1`,
  },
  {
    names: ['gcd'],
    arity: 2,
    kinds: ['int4', 'int8'],
    small: (a, b) => gcdSmall(a!, b!),
    big: (a, b) => gcdBig(a!, b!),
    doc: 'The greatest common divisor; 0 only where both are 0.',
    example: (kind) => `gcd(1071::${kind}, 462::${kind}) = 21`,
  },
  {
    names: ['lcm'],
    arity: 2,
    kinds: ['int4', 'int8'],
    small: (a, b) => (a === 0 || b === 0 ? 0 : Math.abs((a! / gcdSmall(a!, b!)) * b!)),
    big: (a, b) => (a === 0n || b === 0n ? 0n : absBig((a! / gcdBig(a!, b!)) * b!)),
    doc: 'The least common multiple; 0 where one of them is 0.',
    example: (kind) => `lcm(1071::${kind}, 462::${kind}) = 23562`,
  },
]

const entriesOf = (family: Family): readonly ScalarFunction[] =>
  (family.kinds ?? integerKinds).flatMap((kind) =>
    family.names.map((name) =>
      strict(name, Array(family.arity).fill(kind), kind, {
        doc: family.doc,
        example: family.example(kind),
        evaluate: evaluateOf(kind, family, family.arity),
      }),
    ),
  )

interface BitOperator {
  readonly name: '&' | '|' | '#'
  readonly javascript: '&' | '|' | '^'
  readonly small: (a: number, b: number) => number
  readonly doc: string
  readonly example: readonly [a: number, b: number, result: number]
}

const bitOperators: readonly BitOperator[] = [
  { name: '&', javascript: '&', small: (a, b) => a & b, doc: 'Bitwise AND.', example: [91, 15, 11] },
  { name: '|', javascript: '|', small: (a, b) => a | b, doc: 'Bitwise OR.', example: [32, 3, 35] },
  { name: '#', javascript: '^', small: (a, b) => a ^ b, doc: 'Bitwise exclusive OR.', example: [17, 5, 20] },
]

const bigBits = {
  '&': (a: bigint, b: bigint) => a & b,
  '|': (a: bigint, b: bigint) => a | b,
  '#': (a: bigint, b: bigint) => a ^ b,
} as const

const bitwise = (kind: IntegerKind): readonly ScalarFunction[] =>
  bitOperators.map(({ name, javascript, small, doc, example: [a, b, result] }) =>
    strict(name, [kind, kind], kind, {
      doc,
      example: `${a}::${kind} ${name} ${b}::${kind} = ${result}`,
      fails: false,
      evaluate: kind === 'int8' ? bigBits[name] : small,
      inline: ([x, y], code) => {
        if (kind !== 'int8')
          return x!.physical.kind === 'i32' && y!.physical.kind === 'i32'
            ? `(${x!.name} ${javascript} ${y!.name})`
            : undefined
        const [left, right] = [asBigInt(x!, code), asBigInt(y!, code)]
        return left && right && code.local(`BigInt.asIntN(64, ${left} ${javascript} ${right})`)
      },
    }),
  )

const shifts = (kind: IntegerKind): readonly ScalarFunction[] => {
  const left =
    kind === 'int8'
      ? (a: bigint, b: number) => BigInt.asIntN(64, a << BigInt(b & 63))
      : kind === 'int4'
        ? (a: number, b: number) => a << (b & 31)
        : (a: number, b: number) => ((a << (b & 31)) << 16) >> 16
  const right =
    kind === 'int8' ? (a: bigint, b: number) => a >> BigInt(b & 63) : (a: number, b: number) => a >> (b & 31)
  return [
    strict('<<', [kind, 'int4'], kind, {
      doc: 'Shifts the bits left; what leaves the width is lost.',
      example: `1::${kind} << 4 = 16`,
      fails: false,
      evaluate: left,
    }),
    strict('>>', [kind, 'int4'], kind, {
      doc: 'Shifts the bits right and keeps the sign.',
      example: `(-8)::${kind} >> 2 = -2`,
      fails: false,
      evaluate: right,
    }),
  ]
}

const signs = (kind: IntegerKind): readonly ScalarFunction[] => [
  strict('-', [kind], kind, {
    doc: 'The negated value.',
    example: `- (5::${kind}) = -5`,
    evaluate: kind === 'int8' ? (a: bigint) => toInt8(-a) : (a: number) => fit[kind](0 - a),
    inline: ([a], code) => inlineNegation(kind, a!, code),
  }),
  strict('+', [kind], kind, {
    doc: 'The value itself.',
    example: `+ (5::${kind}) = 5`,
    fails: false,
    evaluate: (a: number | bigint) => a,
    inline: ([a]) => (a!.physical.kind === (kind === 'int8' ? 'i64' : 'i32') ? a!.name : undefined),
  }),
  strict('~', [kind], kind, {
    doc: 'Bitwise NOT.',
    example: `~ (1::${kind}) = -2`,
    fails: false,
    evaluate: kind === 'int8' ? (a: bigint) => ~a : (a: number) => ~a,
    inline: ([a]) => (kind !== 'int8' && a!.physical.kind === 'i32' ? `(~${a!.name})` : undefined),
  }),
]

export const integerFunctions: readonly ScalarFunction[] = [
  ...families.flatMap(entriesOf),
  ...integerKinds.flatMap((kind) => [...signs(kind), ...bitwise(kind), ...shifts(kind)]),
]
