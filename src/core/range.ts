// Ranges and multiranges: which types there are and over what, the order of bounds, and the arithmetic of ranges that
// everything else is made of (PostgreSQL 15, rangetypes.c and multirangetypes.c).
//
// A bound is compared as the point just before or after its value: an exclusive lower bound lies above the value, an
// exclusive upper bound below it. Infinite bounds are absent.

import type { MultirangeKind, RangeKind, SqlType, TypeKind } from './type.ts'
import type { RangeBound, SqlMultirange, SqlRange } from './value.ts'

const subtypes = {
  int4range: { kind: 'int4' },
  int8range: { kind: 'int8' },
  numrange: { kind: 'numeric' },
  tsrange: { kind: 'timestamp' },
  tstzrange: { kind: 'timestamptz' },
  daterange: { kind: 'date' },
} as const satisfies Record<RangeKind, SqlType>

const multiranges = {
  int4range: 'int4multirange',
  int8range: 'int8multirange',
  numrange: 'nummultirange',
  tsrange: 'tsmultirange',
  tstzrange: 'tstzmultirange',
  daterange: 'datemultirange',
} as const satisfies Record<RangeKind, MultirangeKind>

export const rangeKinds = Object.keys(subtypes) as readonly RangeKind[]
export const multirangeKinds = Object.values(multiranges) as readonly MultirangeKind[]
const rangeOfMultirange = new Map<string, RangeKind>(rangeKinds.map((kind) => [multiranges[kind], kind]))

export const isRangeKind = (kind: TypeKind): kind is RangeKind => kind in subtypes
export const isMultirangeKind = (kind: TypeKind): kind is MultirangeKind => rangeOfMultirange.has(kind)

/** What a range is over. */
export const subtypeOf = (kind: RangeKind): SqlType => subtypes[kind]
export const multirangeKindOf = (kind: RangeKind): MultirangeKind => multiranges[kind]
export const rangeKindOf = (kind: MultirangeKind): RangeKind => rangeOfMultirange.get(kind)!

export const EMPTY_RANGE: SqlRange = { kind: 'range', empty: true, lower: undefined, upper: undefined }

/** How two values of the subtype compare. */
export type CompareValues = (a: RangeBound['value'], b: RangeBound['value']) => number

type Side = 'lower' | 'upper'
type Bound = RangeBound | undefined

/** Of two bounds, each of its side. */
export function compareBounds(compare: CompareValues, a: Bound, sideA: Side, b: Bound, sideB: Side): number {
  if (a === undefined || b === undefined) {
    const at = (bound: Bound, side: Side): number => (bound !== undefined ? 0 : side === 'lower' ? -1 : 1)
    return at(a, sideA) - at(b, sideB)
  }
  return compare(a.value, b.value) || beside(a, sideA) - beside(b, sideB)
}

/** Where the bound lies beside its value: −1 before, 1 after. */
const beside = (bound: RangeBound, side: Side): number => {
  if (bound.inclusive) return 0
  return side === 'lower' ? 1 : -1
}

export function compareRanges(compare: CompareValues, a: SqlRange, b: SqlRange): number {
  if (a.empty || b.empty) return Number(b.empty) - Number(a.empty)
  return (
    compareBounds(compare, a.lower, 'lower', b.lower, 'lower') ||
    compareBounds(compare, a.upper, 'upper', b.upper, 'upper')
  )
}

export function compareMultiranges(compare: CompareValues, a: SqlMultirange, b: SqlMultirange): number {
  const length = Math.min(a.ranges.length, b.ranges.length)
  for (let i = 0; i < length; i++) {
    const order = compareRanges(compare, a.ranges[i]!, b.ranges[i]!)
    if (order !== 0) return order
  }
  return a.ranges.length - b.ranges.length
}
