// Values of expressions without columns, evaluated by the same plans as everything else: EXECUTE's arguments, AS OF.

import { rowsOfBatch } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import { Region } from '../core/region.ts'
import { type SqlType, sameType } from '../core/type.ts'
import { typeName } from '../core/type-name.ts'
import type { SqlValue } from '../core/value.ts'
import { parse } from '../functions/text/text.ts'
import type { Expression } from '../parser/ast.ts'
import { planSelect, selectQuery } from './planning.ts'
import { runPlan, runToEnd } from './query.ts'
import { sealedReads } from './reads.ts'
import { readBase } from './session-reads.ts'
import type { StatementSession } from './statement-session.ts'

/** The values of expressions without columns, in one row: EXECUTE's arguments, AS OF. */
export function evaluateRow(session: StatementSession, values: readonly Expression[]): readonly TypedValue[] {
  const position = values[0]?.position ?? 0
  const query = selectQuery(values, undefined, position)
  const plan = planSelect(session, query, {})
  const run = { env: { context: session.context(), parameters: [] }, account: session.account }
  using region = new Region(session.account)
  const batches = runToEnd(runPlan(plan.physical, { ...run, region, reads: sealedReads(readBase(session)) }))
  const row = rowsOfBatch(plan.physical.schema, batches[0]!)[0]!
  return plan.output.map(({ type }, i) => ({ type, value: row[i] ?? null }))
}

export interface TypedValue {
  readonly type: SqlType
  readonly value: SqlValue
}

/** The values in the wanted types; a literal without a type is read as the wanted type's own text form. */
export function evaluateArguments(
  session: StatementSession,
  values: readonly Expression[],
  types: readonly SqlType[],
): readonly SqlValue[] {
  if (values.length === 0) return []
  return evaluateRow(session, values).map((one, i) =>
    values[i]!.kind === 'string' && typeof one.value === 'string'
      ? parse(types[i]!, one.value, session.context().text)
      : convert(session, one, types[i]!),
  )
}

/** Assignment conversion of a single value; 42804 where there is none. */
export function convert(session: StatementSession, { type, value }: TypedValue, to: SqlType): SqlValue {
  if (value === null || sameType(type, to)) return value
  const cast = session.core.registry.cast(type, to)
  if (cast === undefined || cast.context === 'explicit')
    throw new SqlError({
      code: '42804',
      message: `parameter of type ${typeName(type)} cannot be coerced to the expected type ${typeName(to)}`,
      hint: 'You will need to rewrite or cast the expression.',
    })
  const evaluate = cast.evaluate as (...args: readonly unknown[]) => SqlValue
  return evaluate(value, { from: type, to, explicit: false }, session.context())
}

export function evaluateInteger(session: StatementSession, value: Expression): number {
  const [one] = evaluateRow(session, [value])
  const number = one === undefined ? null : convert(session, one, { kind: 'int8' })
  if (typeof number !== 'bigint')
    throw new SqlError({ code: '22023', message: 'an epoch must be an integer', position: value.position })
  return Number(number)
}
