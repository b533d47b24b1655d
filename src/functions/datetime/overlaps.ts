// (start, end) OVERLAPS (start, end) as a function of four values; either end may be an interval from its start.
//
// Half-open periods, their ends in whatever order; a period of no length counts as its instant. NULLs are looked at as
// the standard says: the answer may be known without them (overlaps_timestamp).

import type { Interval, SqlValue, TimeTz } from '../../core/value.ts'
import { addToTime, addToTimestamp, addToTimestampTz } from '../arithmetic/datetime.ts'
import type { EvaluationContext, ParameterType, ScalarFunction } from '../registry.ts'
import { lenient } from '../registry.ts'

/** A period whose start is known; its end may be NULL. */
interface Period {
  readonly start: bigint
  readonly end: bigint | null
}

function periodOf(a: bigint | null, b: bigint | null): Period | undefined {
  if (a === null) return b === null ? undefined : { start: b, end: null }
  if (b === null) return { start: a, end: null }
  return a > b ? { start: b, end: a } : { start: a, end: b }
}

function overlaps(a: Period | undefined, b: Period | undefined): boolean | null {
  if (a === undefined || b === undefined) return null
  if (a.start === b.start) return a.end === null || b.end === null ? null : true
  const [earlier, later] = a.start > b.start ? [b, a] : [a, b]
  if (earlier.end === null) return null
  if (later.start < earlier.end) return true
  return later.end === null ? null : false
}

type Kind = 'timestamp' | 'timestamptz' | 'time' | 'timetz'

interface PeriodKind {
  readonly kind: Kind
  readonly place: (value: SqlValue) => bigint
  /** Undefined: PostgreSQL has no form with intervals for the type. */
  readonly move: ((value: bigint, span: Interval, context: EvaluationContext) => bigint) | undefined
  readonly example: readonly [string, string, string]
}

const kinds: readonly PeriodKind[] = [
  {
    kind: 'timestamp',
    place: (value) => value as bigint,
    move: addToTimestamp,
    example: ['2001-02-16', '2001-12-21', '2001-10-30'],
  },
  {
    kind: 'timestamptz',
    place: (value) => value as bigint,
    move: (value, span, { text }) => addToTimestampTz(value, span, text.timeZone),
    example: ['2001-02-16', '2001-12-21', '2001-10-30'],
  },
  { kind: 'time', place: (value) => value as bigint, move: addToTime, example: ['01:00', '04:00', '03:00'] },
  {
    kind: 'timetz',
    place: (value) => (value as TimeTz).micros - BigInt((value as TimeTz).zone) * 1_000_000n,
    move: undefined,
    example: ['01:00+00', '04:00+00', '03:00+00'],
  },
]

function entry(
  { kind, place, move, example }: PeriodKind,
  first: ParameterType,
  second: ParameterType,
): ScalarFunction {
  const end = (
    start: bigint | null,
    value: SqlValue,
    type: ParameterType,
    context: EvaluationContext,
  ): bigint | null => {
    if (value === null) return null
    if (type !== 'interval') return place(value)
    return start === null ? null : move!(start, value as Interval, context)
  }
  const [from, to, middle] = example
  const upTo = (type: ParameterType, bound: string): string =>
    type === 'interval' ? "interval '1 hour'" : `${kind} '${bound}'`
  const doc = 'True where the two periods have an instant in common.'
  return lenient('overlaps', [kind, first, kind, second], 'boolean', {
    doc,
    ...(first === 'interval'
      ? {}
      : { example: `(${kind} '${from}', ${upTo(first, to)}) overlaps (${kind} '${middle}', ${upTo(second, to)})` }),
    volatility: kind === 'timestamptz' && (first === 'interval' || second === 'interval') ? 'stable' : 'immutable',
    evaluate: (a: SqlValue, b: SqlValue, c: SqlValue, d: SqlValue, context: EvaluationContext) => {
      const startA = a === null ? null : place(a)
      const startC = c === null ? null : place(c)
      return overlaps(
        periodOf(startA, end(startA, b, first, context)),
        periodOf(startC, end(startC, d, second, context)),
      )
    },
  })
}

const entriesOf = (period: PeriodKind): readonly ScalarFunction[] => {
  const { kind } = period
  if (period.move === undefined) return [entry(period, kind, kind)]
  return [
    entry(period, kind, kind),
    entry(period, kind, 'interval'),
    entry(period, 'interval', kind),
    entry(period, 'interval', 'interval'),
  ]
}

export const overlapsFunctions: readonly ScalarFunction[] = kinds.flatMap(entriesOf)
