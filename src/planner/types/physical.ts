// Physical kinds of derived columns (spec/engine.md §1). NUMERIC alone has a choice: where precision and scale of the
// operands are known, those of the result are, and it stays a machine integer; where values of different scale meet
// without arithmetic (UNION, CASE, COALESCE, arrays) the scale is unknown, hence bytes.

import { defaultPhysical, numericPhysical, type Physical, type SqlType } from '../../core/type.ts'
import type { Numeric, SqlValue } from '../../core/value.ts'
import type { AggregateFunction, ScalarFunction } from '../../functions/registry.ts'

const bytes: Physical = { kind: 'bytes' }

/** Digits that an integer type can have. */
const integerDigits: Partial<Record<SqlType['kind'], number>> = { int2: 5, int4: 10, int8: 19 }

/** The kind in which columns of these kinds, all of `type`, can be held together. */
export function commonPhysical(type: SqlType, physicals: readonly Physical[]): Physical {
  if (type.kind !== 'numeric') return defaultPhysical(type)
  const scaled = physicals.map(scaleAndPrecision)
  const first = scaled[0]
  if (first === undefined || scaled.some((one) => one?.scale !== first.scale)) return bytes
  return numericPhysical(Math.max(...scaled.map((one) => one!.precision)), first.scale)
}

function scaleAndPrecision(physical: Physical): { readonly precision: number; readonly scale: number } | undefined {
  if (physical.kind !== 'i64' && physical.kind !== 'i128') return undefined
  const { precision, scale } = physical
  return precision === undefined || scale === undefined ? undefined : { precision, scale }
}

/** What a cast makes of a value of this kind. */
export function physicalOfCast(from: SqlType, physical: Physical, to: SqlType): Physical {
  if (to.kind !== 'numeric' || to.precision !== undefined) return defaultPhysical(to)
  if (from.kind === 'numeric') return physical
  const digits = integerDigits[from.kind]
  return digits === undefined ? bytes : numericPhysical(digits, 0)
}

export function physicalOfConstant(type: SqlType, value: SqlValue): Physical {
  if (type.kind !== 'numeric' || type.precision !== undefined) return defaultPhysical(type)
  const number = value as Numeric | null
  if (number === null || number.special !== undefined) return bytes
  const digits = (number.digits < 0n ? -number.digits : number.digits).toString().length
  return numericPhysical(Math.max(digits, number.scale), number.scale)
}

export const physicalOfCall = (called: ScalarFunction, type: SqlType, args: readonly Physical[]): Physical =>
  called.physical?.(args) ?? defaultPhysical(type)

export function physicalOfAggregate(called: AggregateFunction, type: SqlType, args: readonly Physical[]): Physical {
  if (called.physical !== undefined) return called.physical(args)
  if (called.state.kind === 'extremum' && type.kind === 'numeric' && args[0] !== undefined) return args[0]
  return defaultPhysical(type)
}

/** The values lie in memory alike: same kind and, for NUMERIC, same scale. Precision is a bound, not a layout. */
export const sameLayout = (a: Physical, b: Physical): boolean =>
  a.kind === b.kind && scaleAndPrecision(a)?.scale === scaleAndPrecision(b)?.scale
