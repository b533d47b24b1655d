// EMIT of views and subscriptions: when what they compute shows (spec/windows-and-time.md §6).

import { SqlError } from '../../core/error.ts'
import { typeName } from '../../core/type-name.ts'
import type { Interval } from '../../core/value.ts'
import { parse } from '../../functions/text/text.ts'
import type { Emit } from '../../parser/ast-statement.ts'
import type { PlanOptions } from '../../planner/plan.ts'
import type { DelayDefinition } from '../../storage/catalog.ts'
import { evaluateRow } from '../evaluate.ts'
import type { StatementSession } from '../statement-session.ts'

/** EMIT CHANGES is what there is without the clause: undefined. Throws 22023 for what is no duration. */
export function emissionOf(session: StatementSession, emit: Emit | undefined): PlanOptions['emission'] {
  if (emit === undefined || (!emit.onWindowClose && emit.delay === undefined)) return undefined
  const { onWindowClose, position } = emit
  if (emit.delay === undefined) return { onWindowClose, position }
  return { onWindowClose, delay: delayOf(session, emit.delay), position }
}

const DAY_MICROS = 86_400_000_000n

function delayOf(session: StatementSession, { unit, duration }: NonNullable<Emit['delay']>): DelayDefinition {
  const { position } = duration
  const wrong = (message: string): SqlError =>
    new SqlError({
      code: '22023',
      message: `EMIT CHANGES ${unit.toUpperCase()}: ${message}`,
      hint: `Give an interval of days, hours or less that is greater than zero, as INTERVAL '10 seconds'.`,
      position,
    })
  const [given] = evaluateRow(session, [duration])
  const { type, value } = given!
  const isText = duration.kind === 'string' && typeof value === 'string'
  if (!isText && type.kind !== 'interval') throw wrong(`the duration is of type ${typeName(type)}, not interval`)
  if (value === null) throw wrong('the duration is NULL')
  const interval = isText ? parse({ kind: 'interval' }, value, session.context().text) : value
  const { months, days, micros } = interval as Interval
  if (months !== 0) throw wrong('a month has no fixed length')
  const ticks = BigInt(days) * DAY_MICROS + micros
  if (ticks <= 0n) throw wrong(ticks === 0n ? 'the duration is zero' : 'the duration is negative')
  return { unit, micros: String(ticks) }
}
