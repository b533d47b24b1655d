// Building ranges and multiranges: bounds are checked, discrete ranges are brought to `[lower, upper)`, ranges without
// a value become empty (PostgreSQL: make_range and the canonical functions).

import { outOfRange, SqlError } from '../../core/error.ts'
import { compareSql } from '../../core/order.ts'
import { type CompareValues, compareBounds, compareRanges, EMPTY_RANGE, subtypeOf } from '../../core/range.ts'
import type { RangeKind } from '../../core/type.ts'
import { DATE_INFINITY, type RangeBound, type SqlMultirange, type SqlRange } from '../../core/value.ts'
import { dateOutOfRange, isDateInRange } from '../arithmetic/calendar.ts'

type Value = RangeBound['value']

const INT4_MAX = 2147483647
const INT8_MAX = 9223372036854775807n

/** The next value of a discrete type; undefined for continuous ones. */
const successors: Partial<Record<RangeKind, (value: never) => Value>> = {
  int4range: (value: number) => {
    if (value === INT4_MAX) throw outOfRange('integer')
    return value + 1
  },
  int8range: (value: bigint) => {
    if (value === INT8_MAX) throw outOfRange('bigint')
    return value + 1n
  },
  daterange: (value: number) => {
    if (value === DATE_INFINITY || value === -DATE_INFINITY - 1) return value
    if (!isDateInRange(value + 1)) throw dateOutOfRange()
    return value + 1
  },
}

export const compareFor = (kind: RangeKind): CompareValues => {
  const type = subtypeOf(kind)
  return (a, b) => compareSql(type, a, b)
}

/** Throws 22000 where the lower bound lies above the upper one. */
export function makeRange(kind: RangeKind, lower: RangeBound | undefined, upper: RangeBound | undefined): SqlRange {
  if (hasNoValue(kind, lower, upper)) return EMPTY_RANGE
  const next = successors[kind] as ((value: Value) => Value) | undefined
  if (next === undefined) return { kind: 'range', empty: false, lower, upper }
  const from = lower === undefined || lower.inclusive ? lower : steppedLower(lower, next)
  const to = upper?.inclusive && isStepped(upper, next) ? { value: next(upper.value), inclusive: false } : upper
  return hasNoValue(kind, from, to) ? EMPTY_RANGE : { kind: 'range', empty: false, lower: from, upper: to }
}

/** Infinite dates have no next one and keep their bound as it is. */
const isStepped = (bound: RangeBound, next: (value: Value) => Value): boolean => next(bound.value) !== bound.value

const steppedLower = (bound: RangeBound, next: (value: Value) => Value): RangeBound =>
  isStepped(bound, next) ? { value: next(bound.value), inclusive: true } : bound

function hasNoValue(kind: RangeKind, lower: RangeBound | undefined, upper: RangeBound | undefined): boolean {
  if (lower === undefined || upper === undefined) return false
  const order = compareSql(subtypeOf(kind), lower.value, upper.value)
  if (order > 0)
    throw new SqlError({
      code: '22000',
      message: 'range lower bound must be less than or equal to range upper bound',
    })
  return order === 0 && !(lower.inclusive && upper.inclusive)
}

/** In order, without empty ones; those that overlap or touch become one. */
export function makeMultirange(kind: RangeKind, ranges: readonly SqlRange[]): SqlMultirange {
  const compare = compareFor(kind)
  const sorted = ranges.filter((range) => !range.empty).sort((a, b) => compareRanges(compare, a, b))
  const merged: SqlRange[] = []
  for (const range of sorted) {
    const last = merged.at(-1)
    if (last === undefined || !meets(compare, last, range)) merged.push(range)
    else if (compareBounds(compare, range.upper, 'upper', last.upper, 'upper') > 0)
      merged[merged.length - 1] = { ...last, upper: range.upper }
  }
  return { kind: 'multirange', ranges: merged }
}

/** Whether `b`, which does not begin before `a`, begins no later than right behind it. */
function meets(compare: CompareValues, a: SqlRange, b: SqlRange): boolean {
  if (compareBounds(compare, b.lower, 'lower', a.upper, 'upper') <= 0) return true
  return touches(compare, a.upper, b.lower)
}

/** Whether nothing lies between an upper and a lower bound, and they share no value. */
export const touches = (
  compare: CompareValues,
  upper: RangeBound | undefined,
  lower: RangeBound | undefined,
): boolean =>
  upper !== undefined &&
  lower !== undefined &&
  compare(upper.value, lower.value) === 0 &&
  upper.inclusive !== lower.inclusive
