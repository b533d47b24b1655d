// Casts from, to and within NUMERIC.
//
// To integers by rounding half away from zero; from doubles by their first 15 significant digits (6 of REAL), as
// PostgreSQL does; within NUMERIC the declared precision and scale are applied.

import { SqlError } from '../../core/error.ts'
import type { Numeric } from '../../core/value.ts'
import { numeric } from '../../core/value.ts'
import { constrain, fromFloat, numericText, toFloat, toInteger } from '../arithmetic/numeric.ts'
import { type IntegerKind, integerKinds } from '../math/integer-kind.ts'
import { inlineFromInteger } from '../math/numeric-inline.ts'
import type { Cast, CastTarget } from '../registry.ts'
import { castEntry } from './entry.ts'

/** The value with the declared precision and scale of the target. */
function declared(value: Numeric, { to }: CastTarget): Numeric {
  if (to.kind !== 'numeric' || to.precision === undefined) return value
  return constrain(value, to.precision, to.scale ?? 0)
}

const fromIntegers: readonly Cast[] = integerKinds.map((from) =>
  castEntry({
    from,
    to: 'numeric',
    context: 'implicit',
    fails: false,
    evaluate: (value: number | bigint, target: CastTarget) => declared(numeric(BigInt(value)), target),
    inline: (arg, code, { to }) =>
      to.kind === 'numeric' && to.precision !== undefined ? undefined : inlineFromInteger(arg, code),
  }),
)

const sizes = { int2: [16, 'smallint'], int4: [32, 'integer'], int8: [64, 'bigint'] } as const

const toIntegers: readonly Cast[] = integerKinds.map((to: IntegerKind) => {
  const [bits, name] = sizes[to]
  return castEntry({
    from: 'numeric',
    to,
    context: 'assignment',
    evaluate:
      to === 'int8'
        ? (value: Numeric) => toInteger(value, bits, name)
        : (value: Numeric) => Number(toInteger(value, bits, name)),
  })
})

const notAFloat = (value: Numeric, type: string): SqlError =>
  new SqlError({ code: '22003', message: `"${numericText(value)}" is out of range for type ${type}` })

/** The nearest float; 22003 where it would be infinite, or zero of a value that is not. */
function float(value: Numeric, to: 'float4' | 'float8'): number {
  const type = to === 'float4' ? 'real' : 'double precision'
  const exact = to === 'float4' ? float4Of(value) : toFloat(value)
  if (value.special !== undefined) return exact
  if (!Number.isFinite(exact) || (exact === 0 && value.digits !== 0n)) throw notAFloat(value, type)
  return exact
}

/**
 * One rounding from the decimal to REAL. Math.fround of the nearest double would round twice where the double lies
 * exactly between two REALs and the decimal does not: then the decimal decides.
 */
function float4Of(value: Numeric): number {
  const double = toFloat(value)
  const single = Math.fround(double)
  if (value.special !== undefined || single === double || !Number.isFinite(single)) return single
  const other = neighbour(single, double > single)
  if (double - single !== other - double) return single
  const side = compareToDouble(value, double)
  if (side === 0) return single
  return side > 0 === other > single ? other : single
}

/** The next REAL above or below. */
function neighbour(single: number, above: boolean): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, single)
  view.setInt32(0, view.getInt32(0) + (above === single >= 0 ? 1 : -1))
  return view.getFloat32(0)
}

/** The sign of value − double, exactly. */
function compareToDouble(value: Numeric, double: number): number {
  const [digits, exponent] = exactDecimal(double)
  const left = value.digits * 10n ** BigInt(Math.max(0, exponent - value.scale))
  const right = digits * 10n ** BigInt(Math.max(0, value.scale - exponent))
  return left < right ? -1 : left > right ? 1 : 0
}

/** A finite double as digits / 10^exponent: halves become fives. */
function exactDecimal(double: number): readonly [digits: bigint, exponent: number] {
  let scaled = double
  let exponent = 0
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    exponent++
  }
  return [BigInt(scaled) * 5n ** BigInt(exponent), exponent]
}

const floats: readonly Cast[] = (['float4', 'float8'] as const).flatMap((kind) => [
  castEntry({
    from: 'numeric',
    to: kind,
    context: 'implicit',
    evaluate: (value: Numeric) => float(value, kind),
  }),
  castEntry({
    from: kind,
    to: 'numeric',
    context: 'assignment',
    evaluate: (value: number, target: CastTarget) => declared(fromFloat(value, kind === 'float4' ? 6 : 15), target),
  }),
])

export const numericCasts: readonly Cast[] = [
  ...fromIntegers,
  ...toIntegers,
  ...floats,
  castEntry({ from: 'numeric', to: 'numeric', context: 'implicit', evaluate: declared }),
]
