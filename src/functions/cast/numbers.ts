// Casts among booleans, integers, floats and object identifiers (pg_cast of PostgreSQL 15).
//
// A float becomes an integer by rounding half to even; what does not fit is 22003. Those from and to NUMERIC are in
// cast/numeric.ts.

import { outOfRange } from '../../core/error.ts'
import { float4Result, floatToInteger } from '../arithmetic/float.ts'
import { type IntegerKind, integerKinds, toInt2, toInt4, toInt8 } from '../math/integer-kind.ts'
import type { Cast, InlineArg, InlineCode } from '../registry.ts'
import { castEntry, passThrough, relabel } from './entry.ts'

const fromNumber = {
  int2: toInt2,
  int4: toInt4,
  int8: (value: number) => BigInt(value),
}
const fromBigInt = {
  int2: (value: bigint) => toInt2(Number(value)),
  int4: (value: bigint) => toInt4(Number(value)),
  int8: toInt8,
}

const width = { int2: 2, int4: 4, int8: 8 }

const inlineInteger = (to: IntegerKind) => (arg: InlineArg, code: InlineCode) => {
  if (to === 'int8')
    return arg.physical.kind === 'i32' ? code.local(`BigInt.asIntN(64, BigInt(${arg.name}))`) : undefined
  if (arg.physical.kind === 'i64') {
    const bits = to === 'int4' ? 32 : 16
    const narrow = code.local(`BigInt.asIntN(${bits}, ${arg.name})`)
    code.failIf(`${narrow} !== ${arg.name}`)
    return code.local(`Number(${narrow})`)
  }
  if (arg.physical.kind !== 'i32') return undefined
  if (to === 'int2') code.failIf(`(${arg.name} << 16) >> 16 !== ${arg.name}`)
  return arg.name
}

const betweenIntegers: readonly Cast[] = integerKinds.flatMap((from) =>
  integerKinds
    .filter((to) => to !== from)
    .map((to) =>
      castEntry({
        from,
        to,
        context: width[from] < width[to] ? 'implicit' : 'assignment',
        fails: width[from] > width[to],
        evaluate: from === 'int8' ? fromBigInt[to] : fromNumber[to],
        inline: inlineInteger(to),
      }),
    ),
)

const inlineToFloat = (arg: InlineArg, code: InlineCode, round: boolean): string | undefined => {
  if (arg.physical.kind !== 'i32' && arg.physical.kind !== 'i64') return undefined
  const value = arg.physical.kind === 'i32' ? arg.name : `Number(${arg.name})`
  return code.local(round ? `Math.fround(${value})` : value)
}

const integersToFloats: readonly Cast[] = integerKinds.flatMap((from) => [
  castEntry({
    from,
    to: 'float4',
    context: 'implicit',
    fails: false,
    evaluate: from === 'int8' ? bigIntToFloat4 : (value: number) => Math.fround(value),
    ...(from === 'int8' ? {} : { inline: (arg: InlineArg, code: InlineCode) => inlineToFloat(arg, code, true) }),
  }),
  castEntry({
    from,
    to: 'float8',
    context: 'implicit',
    fails: false,
    evaluate: (value: number | bigint) => Number(value),
    inline: (arg, code) => inlineToFloat(arg, code, false),
  }),
])

/** One rounding, not two: the low bits are folded into a sticky bit that a double can hold. */
function bigIntToFloat4(value: bigint): number {
  const magnitude = value < 0n ? -value : value
  const excess = BigInt(Math.max(0, magnitude.toString(2).length - 50))
  const top = magnitude >> excess
  const sticky = top << excess === magnitude ? top : top | 1n
  const rounded = Math.fround(Number(sticky)) * 2 ** Number(excess)
  return value < 0n ? -rounded : rounded
}

const sizes = { int2: [16, 'smallint'], int4: [32, 'integer'], int8: [64, 'bigint'] } as const

/** Rounds first, then checks, as PostgreSQL does; NaN is out of range too. */
function toInteger(to: IntegerKind): (value: number) => number | bigint {
  const [bits, name] = sizes[to]
  if (to === 'int8') return (value) => floatToInteger(value, bits, name)
  return (value) => Number(floatToInteger(value, bits, name))
}

const floatsToIntegers: readonly Cast[] = (['float4', 'float8'] as const).flatMap((from) =>
  integerKinds.map((to) => castEntry({ from, to, context: 'assignment', evaluate: toInteger(to) })),
)

const betweenFloats: readonly Cast[] = [
  castEntry({
    from: 'float4',
    to: 'float8',
    context: 'implicit',
    fails: false,
    evaluate: (value) => value,
    inline: passThrough,
  }),
  castEntry({ from: 'float8', to: 'float4', context: 'assignment', evaluate: float4Result }),
]

const booleans: readonly Cast[] = [
  castEntry({
    from: 'boolean',
    to: 'int4',
    context: 'explicit',
    fails: false,
    evaluate: (value: boolean) => Number(value),
    inline: passThrough,
  }),
  castEntry({
    from: 'int4',
    to: 'boolean',
    context: 'explicit',
    fails: false,
    evaluate: (value: number) => value !== 0,
    inline: (arg) => (arg.physical.kind === 'i32' ? `(${arg.name} !== 0 ? 1 : 0)` : undefined),
  }),
]

/** OIDs are unsigned 32-bit numbers; an INTEGER becomes one by its bits. */
const oidOf = {
  int2: (value: number) => value >>> 0,
  int4: (value: number) => value >>> 0,
  int8: (value: bigint) => {
    if (value < 0n || value > 0xffffffffn) throw outOfRange('OID')
    return Number(value)
  },
}

const identifiers: readonly Cast[] = (['oid', 'reg'] as const).flatMap((to) => [
  ...integerKinds.map((from) =>
    castEntry({ from, to, context: 'implicit', fails: from === 'int8', evaluate: oidOf[from] }),
  ),
  castEntry({
    from: to,
    to: 'int4',
    context: 'assignment',
    fails: false,
    evaluate: (value: number) => value | 0,
  }),
  castEntry({
    from: to,
    to: 'int8',
    context: 'assignment',
    fails: false,
    evaluate: (value: number) => BigInt(value >>> 0),
  }),
])

export const numberCasts: readonly Cast[] = [
  ...betweenIntegers,
  ...integersToFloats,
  ...floatsToIntegers,
  ...betweenFloats,
  ...booleans,
  ...identifiers,
  relabel('oid', 'reg', 'implicit'),
  relabel('reg', 'oid', 'implicit'),
]
