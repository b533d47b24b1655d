// extract(field from x) as NUMERIC and date_part(field, x) as DOUBLE.

import type { Interval, Numeric, SqlValue, TimeTz } from '../../core/value.ts'
import { isFiniteTimestamp } from '../arithmetic/calendar.ts'
import {
  extractFromDate,
  extractFromInterval,
  extractFromTime,
  extractFromTimestamp,
  extractFromTimestampTz,
  extractFromTimeTz,
} from '../arithmetic/date-parts.ts'
import { timestampOfDate } from '../arithmetic/datetime.ts'
import { toFloat } from '../arithmetic/numeric.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

type Kind = 'date' | 'time' | 'timetz' | 'timestamp' | 'timestamptz' | 'interval'
type Extract = (unit: string, value: SqlValue, context: EvaluationContext) => Numeric | null

interface Source {
  readonly kind: Kind
  readonly extract: Extract
  readonly example: readonly [unit: string, source: string, result: string]
}

function ofInstant(unit: string, instant: bigint, { text }: EvaluationContext): Numeric | null {
  return extractFromTimestampTz(unit, instant, isFiniteTimestamp(instant) ? text.timeZone.offsetAt(instant) : 0)
}

const sources: readonly Source[] = [
  {
    kind: 'date',
    extract: (unit, value) => extractFromDate(unit, value as number),
    example: ['week', "date '2006-01-01'", '52'],
  },
  {
    kind: 'time',
    extract: (unit, value) => extractFromTime(unit, value as bigint),
    example: ['second', "time '17:12:28.5'", '28.5'],
  },
  {
    kind: 'timetz',
    extract: (unit, value) => extractFromTimeTz(unit, value as TimeTz),
    example: ['timezone_hour', "timetz '17:12:28+02'", '2'],
  },
  {
    kind: 'timestamp',
    extract: (unit, value) => extractFromTimestamp(unit, value as bigint),
    example: ['doy', "timestamp '2001-02-16 20:38:40'", '47'],
  },
  {
    kind: 'timestamptz',
    extract: (unit, value, context) => ofInstant(unit, value as bigint, context),
    example: ['epoch', "timestamptz '2001-02-16 20:38:40.12-08'", '982384720.12'],
  },
  {
    kind: 'interval',
    extract: (unit, value) => extractFromInterval(unit, value as Interval),
    example: ['month', "interval '2 years 13 months'", '1'],
  },
]

/** date_part of a date goes through its timestamp, which has hours; extract does not. */
const partOf = ({ kind, extract }: Source): Extract =>
  kind === 'date' ? (unit, value) => extractFromTimestamp(unit, timestampOfDate(value as number)) : extract

const entriesOf = (source: Source): readonly ScalarFunction[] => {
  const [unit, value, result] = source.example
  const { kind, extract } = source
  const part = partOf(source)
  const volatility = kind === 'timestamptz' ? 'stable' : 'immutable'
  return [
    strict('extract', ['text', kind], 'numeric', {
      doc: 'One field of the value, exact.',
      example: `extract(${unit} from ${value}) = ${result}`,
      volatility,
      evaluate: extract,
    }),
    strict('date_part', ['text', kind], 'float8', {
      doc: 'One field of the value as a double.',
      example: `date_part('${unit}', ${value}) = ${result}`,
      volatility,
      evaluate: (word: string, given: SqlValue, context: EvaluationContext) => {
        const field = part(word, given, context)
        return field === null ? null : toFloat(field)
      },
    }),
  ]
}

export const partFunctions: readonly ScalarFunction[] = sources.flatMap(entriesOf)
