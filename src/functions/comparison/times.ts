// Comparison across dates, timestamps and instants: a date is its midnight, a civil time an instant of the session's
// zone.
//
// Nothing here fails: a date beyond the range of timestamps still compares right, for BigInts do not overflow.

import { isFiniteDate, isFiniteTimestamp, joinTimestamp } from '../arithmetic/calendar.ts'
import { instantOfLocal, type TimeZone } from '../arithmetic/time-zone.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { type Comparable, comparisonsOf } from './operators.ts'

type Kind = 'date' | 'timestamp' | 'timestamptz'

/** −1, 0 or 1 as the value is −infinity, finite or infinity. */
const finiteness = (kind: Kind, value: number | bigint): number => {
  const finite = kind === 'date' ? isFiniteDate(value as number) : isFiniteTimestamp(value as bigint)
  return finite ? 0 : value > 0 ? 1 : -1
}

const localOf = (kind: Kind, value: number | bigint): bigint =>
  kind === 'date' ? joinTimestamp(value as number, 0) : (value as bigint)

const instantOf = (kind: Kind, value: number | bigint, zone: TimeZone): bigint =>
  kind === 'timestamptz' ? (value as bigint) : instantOfLocal(localOf(kind, value), zone)

function compareTimes(left: Kind, right: Kind) {
  const zoned = left === 'timestamptz' || right === 'timestamptz'
  return (a: number | bigint, b: number | bigint, { text }: EvaluationContext): number => {
    const difference = finiteness(left, a) - finiteness(right, b)
    if (difference !== 0 || finiteness(left, a) !== 0) return difference
    const x = zoned ? instantOf(left, a, text.timeZone) : localOf(left, a)
    const y = zoned ? instantOf(right, b, text.timeZone) : localOf(right, b)
    return x < y ? -1 : x > y ? 1 : 0
  }
}

const kinds = ['date', 'timestamp', 'timestamptz'] as const

const pairs: readonly Comparable[] = kinds.flatMap((left) =>
  kinds
    .filter((right) => right !== left)
    .map(
      (right): Comparable => ({
        left,
        right,
        compare: compareTimes(left, right),
        below: "'2024-01-01'",
        above: "'2024-01-02'",
        ...(left === 'timestamptz' || right === 'timestamptz' ? { volatility: 'stable' as const } : {}),
      }),
    ),
)

export const timeComparisons: readonly ScalarFunction[] = pairs.flatMap(comparisonsOf)
