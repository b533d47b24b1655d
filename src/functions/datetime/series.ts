// generate_series over timestamps and NUMERIC.

import { compareNumerics } from '../../core/order.ts'
import type { Interval, Numeric, SqlValue } from '../../core/value.ts'
import { isFiniteTimestamp } from '../arithmetic/calendar.ts'
import { addToTimestamp, addToTimestampTz } from '../arithmetic/datetime.ts'
import { add, ONE, signOf } from '../arithmetic/numeric.ts'
import type { EvaluationContext, TableFunction } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'
import { setOf } from '../table.ts'

const zeroStep = () => invalidParameter('step size cannot equal zero')

/** The sign of an interval by its estimate, a month being 30 days. */
function intervalSign({ months, days, micros }: Interval): number {
  const estimate = (BigInt(months) * 30n + BigInt(days)) * 86_400_000_000n + micros
  return estimate > 0n ? 1 : estimate < 0n ? -1 : 0
}

function* moments(
  start: bigint,
  stop: bigint,
  step: Interval,
  next: (moment: bigint) => bigint,
): Iterable<readonly SqlValue[]> {
  const sign = intervalSign(step)
  if (sign === 0) throw zeroStep()
  for (let moment = start; sign > 0 ? moment <= stop : moment >= stop; moment = next(moment)) {
    yield [moment]
    if (!isFiniteTimestamp(moment)) return
  }
}

const notANumber = (what: string) => invalidParameter(`${what} value cannot be NaN`)
const infinite = (what: string) => invalidParameter(`${what} value cannot be infinity`)

function checkFinite(value: Numeric, what: string): void {
  if (value.special === 'NaN') throw notANumber(what)
  if (value.special !== undefined) throw infinite(what)
}

function* numbers(start: Numeric, stop: Numeric, step: Numeric): Iterable<readonly SqlValue[]> {
  checkFinite(start, 'start')
  checkFinite(stop, 'stop')
  checkFinite(step, 'step size')
  const sign = signOf(step)
  if (sign === 0) throw zeroStep()
  for (let value = start; compareNumerics(value, stop) * sign <= 0; value = add(value, step)) yield [value]
}

const doc = 'The values from the first to the second argument, a step apart.'

export const timeSeries: readonly TableFunction[] = [
  setOf('generate_series', ['timestamp', 'timestamp', 'interval'], 'timestamp', {
    doc,
    example: "(select count(*) from generate_series(timestamp '2008-03-01 00:00', '2008-03-04 12:00', '10 hours')) = 9",
    evaluate: (start: bigint, stop: bigint, step: Interval) =>
      moments(start, stop, step, (moment) => addToTimestamp(moment, step)),
  }),
  setOf('generate_series', ['timestamptz', 'timestamptz', 'interval'], 'timestamptz', {
    doc: `${doc} Months and days are counted in the session’s zone.`,
    example:
      "(select count(*) from generate_series(timestamptz '2008-03-01 00:00+00', '2008-03-04 12:00+00', '10 h')) = 9",
    volatility: 'stable',
    evaluate: (start: bigint, stop: bigint, step: Interval, { text }: EvaluationContext) =>
      moments(start, stop, step, (moment) => addToTimestampTz(moment, step, text.timeZone)),
  }),
  setOf('generate_series', ['numeric', 'numeric'], 'numeric', {
    doc,
    example: "array(select generate_series(1.1, 3)) = '{1.1,2.1}'",
    evaluate: (start: Numeric, stop: Numeric) => numbers(start, stop, ONE),
  }),
  setOf('generate_series', ['numeric', 'numeric', 'numeric'], 'numeric', {
    doc,
    example: "array(select generate_series(1.0, 2, 0.5)) = '{1.0,1.5,2.0}'",
    evaluate: numbers,
  }),
]
