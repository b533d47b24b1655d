// The operators of ranges and multiranges. A range is the multirange of itself, an empty one that of nothing, so that
// each operator is written once, over lists of ranges in order that neither are empty nor touch.

import { SqlError } from '../../core/error.ts'
import { type CompareValues, compareBounds, EMPTY_RANGE } from '../../core/range.ts'
import type { RangeKind } from '../../core/type.ts'
import type { RangeBound, SqlMultirange, SqlRange } from '../../core/value.ts'
import { makeMultirange, touches } from './make.ts'

export type Ranges = readonly SqlRange[]

export const rangesOf = (value: SqlRange | SqlMultirange): Ranges => {
  if (value.kind === 'multirange') return value.ranges
  return value.empty ? [] : [value]
}

export function containsElement(compare: CompareValues, ranges: Ranges, element: RangeBound['value']): boolean {
  return ranges.some(({ lower, upper }) => {
    const above = lower === undefined ? 1 : compare(element, lower.value)
    const below = upper === undefined ? -1 : compare(element, upper.value)
    return (above > 0 || (above === 0 && lower!.inclusive)) && (below < 0 || (below === 0 && upper!.inclusive))
  })
}

const covers = (compare: CompareValues, a: SqlRange, b: SqlRange): boolean =>
  compareBounds(compare, a.lower, 'lower', b.lower, 'lower') <= 0 &&
  compareBounds(compare, a.upper, 'upper', b.upper, 'upper') >= 0

const meet = (compare: CompareValues, a: SqlRange, b: SqlRange): boolean =>
  compareBounds(compare, a.lower, 'lower', b.upper, 'upper') <= 0 &&
  compareBounds(compare, b.lower, 'lower', a.upper, 'upper') <= 0

export type Test = (compare: CompareValues, a: Ranges, b: Ranges) => boolean

/** False where one of the two is empty. */
const between =
  (
    test: (compare: CompareValues, firstA: SqlRange, lastA: SqlRange, firstB: SqlRange, lastB: SqlRange) => boolean,
  ): Test =>
  (compare, a, b) =>
    a.length > 0 && b.length > 0 && test(compare, a[0]!, a.at(-1)!, b[0]!, b.at(-1)!)

export const contains: Test = (compare, a, b) => b.every((part) => a.some((whole) => covers(compare, whole, part)))
export const overlaps: Test = (compare, a, b) => a.some((x) => b.some((y) => meet(compare, x, y)))
export const before: Test = between(
  (compare, _a, lastA, firstB) => compareBounds(compare, lastA.upper, 'upper', firstB.lower, 'lower') < 0,
)
export const overLeft: Test = between(
  (compare, _a, lastA, _b, lastB) => compareBounds(compare, lastA.upper, 'upper', lastB.upper, 'upper') <= 0,
)
export const overRight: Test = between(
  (compare, firstA, _a, firstB) => compareBounds(compare, firstA.lower, 'lower', firstB.lower, 'lower') >= 0,
)
export const adjacent: Test = between(
  (compare, firstA, lastA, firstB, lastB) =>
    touches(compare, lastA.upper, firstB.lower) || touches(compare, lastB.upper, firstA.lower),
)

export function intersection(compare: CompareValues, a: Ranges, b: Ranges): Ranges {
  return a.flatMap((x) =>
    b.flatMap((y) => {
      if (!meet(compare, x, y)) return []
      const lower = compareBounds(compare, x.lower, 'lower', y.lower, 'lower') >= 0 ? x.lower : y.lower
      const upper = compareBounds(compare, x.upper, 'upper', y.upper, 'upper') <= 0 ? x.upper : y.upper
      return [{ ...x, lower, upper }]
    }),
  )
}

const flipped = (bound: RangeBound): RangeBound => ({ ...bound, inclusive: !bound.inclusive })

export function difference(compare: CompareValues, a: Ranges, b: Ranges): Ranges {
  return b.reduce<Ranges>((left, part) => left.flatMap((range) => without(compare, range, part)), a)
}

function without(compare: CompareValues, range: SqlRange, part: SqlRange): Ranges {
  if (!meet(compare, range, part)) return [range]
  const left =
    part.lower !== undefined && compareBounds(compare, range.lower, 'lower', part.lower, 'lower') < 0
      ? [{ ...range, upper: flipped(part.lower) }]
      : []
  const right =
    part.upper !== undefined && compareBounds(compare, range.upper, 'upper', part.upper, 'upper') > 0
      ? [{ ...range, lower: flipped(part.upper) }]
      : []
  return [...left, ...right]
}

export const union = (kind: RangeKind, a: Ranges, b: Ranges): Ranges => makeMultirange(kind, [...a, ...b]).ranges

/** The least range that holds them all. */
export function hull(compare: CompareValues, ranges: Ranges): SqlRange {
  const [first, ...rest] = ranges
  if (first === undefined) return EMPTY_RANGE
  let { lower, upper } = first
  for (const range of rest) {
    if (compareBounds(compare, range.lower, 'lower', lower, 'lower') < 0) lower = range.lower
    if (compareBounds(compare, range.upper, 'upper', upper, 'upper') > 0) upper = range.upper
  }
  return { kind: 'range', empty: false, lower, upper }
}

/** The ranges as one; 22000 where there are two. */
export function single(ranges: Ranges, operation: 'union' | 'difference'): SqlRange {
  if (ranges.length > 1)
    throw new SqlError({ code: '22000', message: `result of range ${operation} would not be contiguous` })
  return ranges[0] ?? EMPTY_RANGE
}
