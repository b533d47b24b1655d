// The entries date_trunc and date_bin; the cutting itself is in arithmetic/date-trunc.ts.

import type { Interval } from '../../core/value.ts'
import { isFiniteTimestamp } from '../arithmetic/calendar.ts'
import { dateBin, truncateInterval, truncateTimestamp, truncateTimestampTz } from '../arithmetic/date-trunc.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { zoneNamed } from './zone.ts'

export const truncateFunctions: readonly ScalarFunction[] = [
  strict('date_trunc', ['text', 'timestamp'], 'timestamp', {
    doc: 'The timestamp cut down to a unit.',
    example: "date_trunc('hour', timestamp '2001-02-16 20:38:40') = timestamp '2001-02-16 20:00'",
    evaluate: truncateTimestamp,
  }),
  strict('date_trunc', ['text', 'timestamptz'], 'timestamptz', {
    doc: 'The instant cut down to a unit of civil time in the session’s zone.',
    example: "date_trunc('day', timestamptz '2001-02-16 20:38:40+00') = timestamptz '2001-02-16 00:00+00'",
    volatility: 'stable',
    evaluate: (unit: string, instant: bigint, context: EvaluationContext) =>
      truncateTimestampTz(unit, instant, context.text.timeZone),
  }),
  strict('date_trunc', ['text', 'timestamptz', 'text'], 'timestamptz', {
    doc: 'The instant cut down to a unit of civil time in a zone.',
    example:
      "date_trunc('day', timestamptz '2001-02-16 20:38:40+00', 'Australia/Sydney') = timestamptz '2001-02-16 13:00+00'",
    evaluate: (unit: string, instant: bigint, zone: string) =>
      isFiniteTimestamp(instant) ? truncateTimestampTz(unit, instant, zoneNamed(zone)) : instant,
    prepare: ([, name]) => {
      if (typeof name !== 'string') return undefined
      const zone = zoneNamed(name)
      return (unit: string, instant: bigint) => truncateTimestampTz(unit, instant, zone)
    },
  }),
  strict('date_trunc', ['text', 'interval'], 'interval', {
    doc: 'The interval cut down to a unit.',
    example: "date_trunc('hour', interval '2 days 3 hours 40 minutes') = interval '2 days 3 hours'",
    evaluate: (unit: string, value: Interval) => truncateInterval(unit, value),
  }),
  ...(['timestamp', 'timestamptz'] as const).map((kind) =>
    strict('date_bin', ['interval', kind, kind], kind, {
      doc: 'The start of the bin of this width, counted from the origin, that holds the value.',
      example:
        `date_bin('15 minutes', ${kind} '2001-02-16 20:38:40', ${kind} '2001-02-16 20:05') = ` +
        `${kind} '2001-02-16 20:35'`,
      evaluate: dateBin,
    }),
  ),
]
