// WATERMARK FOR column AS expression, with the options about late rows, of tables and sources
// (spec/windows-and-time.md §3.1, 4); and the relation `<name>$late` beside them.

import { SqlError } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import type { SqlType } from '../../core/type.ts'
import { typeName } from '../../core/type-name.ts'
import type { Interval } from '../../core/value.ts'
import { parse } from '../../functions/text/text.ts'
import type { Alter, AlterAction, Option, Watermark as WatermarkClause } from '../../parser/ast-statement.ts'
import { print } from '../../parser/print.ts'
import type { RelationInfo } from '../../planner/catalog.ts'
import { bindOverRow } from '../../planner/dml.ts'
import { isVolatile } from '../../planner/expr-walk.ts'
import { nearest } from '../../planner/nearest.ts'
import { canCoerce } from '../../planner/types/coerce.ts'
import type { CatalogColumn, SourceWatermark, TableObject, WatermarkDefinition } from '../../storage/catalog.ts'
import { evaluateArguments } from '../evaluate.ts'
import { findNamed, undefinedRelation } from '../names.ts'
import { planOptions } from '../planning.ts'
import type { StatementSession } from '../statement-session.ts'
import { optionText } from './options.ts'

export const watermarkOptions = ['late', 'allowed_lateness', 'late_retention'] as const

/** Of sources, whose partitions may be silent and whose records know when they were written. */
export const sourceWatermarkOptions = [...watermarkOptions, 'idle_timeout', 'all_idle', 'watermark_max_ahead'] as const

const POLICIES = ['error', 'divert', 'drop', 'apply'] as const

/** The clause over the relation's columns. Throws 42703, 42804, 22023. */
export function watermarkDefinition(
  session: StatementSession,
  clause: WatermarkClause,
  relation: RelationInfo,
  options: readonly Option[],
  policy: WatermarkDefinition['late'] = 'error',
): Omit<WatermarkDefinition, 'lateRows'> {
  const column = relation.columns.findIndex((def) => def.name === clause.column.name)
  if (column < 0) throw unknownColumn(clause, relation)
  const { type } = relation.columns[column]!
  if (!isTime(type)) throw notTime(clause, type)
  const expr = bindOverRow(clause.value, relation, planOptions(session, 'adhoc'))
  if (isVolatile(expr))
    throw new SqlError({
      code: '42P17',
      message: 'a watermark must follow from the row alone',
      position: clause.value.position,
      hint: 'Volatile and time-dependent functions would give another answer when the log is read again.',
    })
  if (!canCoerce(session.core.registry, expr.type, type, 'assignment'))
    throw new SqlError({
      code: '42804',
      message: `the watermark of "${clause.column.name}" is of type ${typeName(expr.type)}, not ${typeName(type)}`,
      position: clause.value.position,
    })
  return { column, expression: print(clause.value), ...lateOptions(session, options, type, policy) }
}

/** The options without a watermark mean nothing. */
export function refuseLateOptions(options: readonly Option[]): void {
  const option = options.find(({ name }) => (sourceWatermarkOptions as readonly string[]).includes(name))
  if (option !== undefined)
    throw new SqlError({
      code: '22023',
      message: `parameter "${option.name}" needs a watermark`,
      hint: 'Declare WATERMARK FOR column AS expression among the columns.',
      position: option.position,
    })
}

function lateOptions(
  session: StatementSession,
  options: readonly Option[],
  type: SqlType,
  otherwise: WatermarkDefinition['late'],
): Pick<WatermarkDefinition, 'late' | 'lateness'> {
  const find = (name: string): Option | undefined => options.find((option) => option.name === name)
  const late = find('late')
  const policy = late === undefined ? otherwise : optionText(late)
  if (!(POLICIES as readonly string[]).includes(policy)) {
    const near = nearest(policy, POLICIES)
    throw new SqlError({
      code: '22023',
      message: `invalid value for late: "${policy}"`,
      hint: near === undefined ? `It is one of ${POLICIES.join(', ')}.` : `Perhaps you meant "${near}".`,
      position: late!.position,
    })
  }
  const lateness = find('allowed_lateness')
  return {
    late: policy as WatermarkDefinition['late'],
    lateness: lateness === undefined ? '0' : String(ticksOf(session, lateness, type)),
  }
}

/** What only sources have. Throws 22023. */
export function sourceTimeOptions(
  session: StatementSession,
  options: readonly Option[],
  type: SqlType,
  hasTimestamps: boolean,
): Pick<SourceWatermark, 'idleTimeoutMs' | 'allIdle' | 'maxAhead'> {
  const find = (name: string): Option | undefined => options.find((option) => option.name === name)
  const isInstant = type.kind === 'timestamp' || type.kind === 'timestamptz'
  const idle = find('idle_timeout')
  const ahead = find('watermark_max_ahead')
  const whenAll = find('all_idle')
  const allIdle = whenAll === undefined ? 'hold' : optionText(whenAll)
  if (allIdle !== 'hold' && allIdle !== 'advance')
    throw invalidOption(whenAll!, `invalid value for all_idle: "${allIdle}"`, "It is 'hold' or 'advance'.")
  if (allIdle === 'advance' && !isInstant)
    throw invalidOption(
      whenAll!,
      "all_idle = 'advance' needs a timestamp column",
      'Other times do not go by the clock.',
    )
  if (ahead !== undefined && !isInstant)
    throw invalidOption(
      ahead,
      'watermark_max_ahead needs a timestamp column',
      "It is measured by the records' own time.",
    )
  if (ahead !== undefined && !hasTimestamps)
    throw invalidOption(ahead, 'watermark_max_ahead needs records that know when they were written')
  const timeout = idle === undefined ? IDLE_TIMEOUT_MICROS : durationOf(session, idle)
  return {
    idleTimeoutMs: Math.ceil(Number(timeout) / 1000),
    allIdle,
    maxAhead: ahead === undefined ? undefined : String(durationOf(session, ahead)),
  }
}

const IDLE_TIMEOUT_MICROS = 30_000_000n
const RETENTION_MICROS = 7n * 86_400_000_000n

/** How long rows are kept that are bad or late, µs. Throws 22023. */
export function retentionOption(session: StatementSession, options: readonly Option[], name: string): string {
  const option = options.find((one) => one.name === name)
  const micros = option === undefined ? RETENTION_MICROS : durationOf(session, option)
  if (micros === 0n)
    throw invalidOption(
      option!,
      `${name} must be greater than zero`,
      "late = 'drop' and on_error = 'skip' keep nothing.",
    )
  return String(micros)
}

/** An interval of days and time, or '0', that is not negative. */
function durationOf(session: StatementSession, option: Option): bigint {
  const text = optionText(option)
  if (/^\s*0+\s*$/.test(text)) return 0n
  const { months, days, micros } = parse({ kind: 'interval' }, text, session.context().text) as Interval
  if (months !== 0) throw invalidOption(option, `${option.name} must not have months: "${text}"`)
  const sum = BigInt(days) * 86_400_000_000n + micros
  if (sum < 0n) throw invalidOption(option, `${option.name} must not be negative: "${text}"`)
  return sum
}

const invalidOption = ({ position }: Option, message: string, hint?: string): SqlError =>
  new SqlError({ code: '22023', message, hint, position })

/** A duration in the column's unit: days of dates, µs of times. */
function ticksOf(session: StatementSession, option: Option, type: SqlType): bigint {
  const text = optionText(option)
  const wrong = (what: string): SqlError =>
    new SqlError({ code: '22023', message: `allowed_lateness ${what}: "${text}"`, position: option.position })
  if (type.kind !== 'date' && type.kind !== 'timestamp' && type.kind !== 'timestamptz') {
    if (!/^\d+$/.test(text)) throw wrong('must be a number that is not negative')
    return BigInt(text)
  }
  const { months, days, micros } = parse({ kind: 'interval' }, text, session.context().text) as Interval
  if (months !== 0) throw wrong('must not have months')
  const ticks = BigInt(days) * 86_400_000_000n + micros
  if (ticks < 0n) throw wrong('must not be negative')
  return type.kind === 'date' ? (ticks + 86_399_999_999n) / 86_400_000_000n : ticks
}

const isTime = ({ kind }: SqlType): boolean =>
  ['timestamp', 'timestamptz', 'date', 'int2', 'int4', 'int8'].includes(kind)

function unknownColumn({ column }: WatermarkClause, relation: RelationInfo): SqlError {
  const near = nearest(
    column.name,
    relation.columns.map((def) => def.name),
  )
  return new SqlError({
    code: '42703',
    message: `column "${column.name}" named in WATERMARK FOR does not exist`,
    hint: near === undefined ? undefined : `Perhaps you meant the column "${near}".`,
    position: column.position,
  })
}

const notTime = ({ column }: WatermarkClause, type: SqlType): SqlError =>
  new SqlError({
    code: '42804',
    message: `a watermark needs a timestamp, date or integer column; "${column.name}" is of type ${typeName(type)}`,
    position: column.position,
  })

/** `<name>$late`: the late rows, with what time had come to when each came, and when that was. */
export const lateRows = (
  id: RelationId,
  of: {
    readonly id: RelationId
    readonly schema: string
    readonly name: string
    readonly columns: readonly CatalogColumn[]
  },
  watermark: number,
  retention: string,
): TableObject => ({
  kind: 'table',
  id,
  schema: of.schema,
  name: `${of.name}$late`,
  columns: [
    ...of.columns.map(({ name, type, notNull }) => ({ name, type, notNull })),
    { name: '_watermark', type: of.columns[watermark]!.type, notNull: true },
    { name: '_ingested_at', type: { kind: 'timestamptz' }, notNull: true },
    { name: '_epoch', type: { kind: 'int8' }, notNull: true },
  ],
  uniques: [],
  checks: [],
  foreignKeys: [],
  appendOnly: true,
  deadLettersOf: of.id,
  retention,
})

/** ALTER … ADVANCE WATERMARK TO t: time comes to t, if it has not been there yet; what closes by it closes now. */
export async function advanceWatermark(
  session: StatementSession,
  statement: Alter,
  action: Extract<AlterAction, { kind: 'advanceWatermark' }>,
): Promise<string> {
  const { core } = session
  const object = findNamed(session, statement.name)
  if (object === undefined) throw undefinedRelation(statement.name)
  const done = await session.change(() => {
    const relation = core.graph.get(object.id)
    const watermark = relation?.kind === 'view' ? undefined : relation?.watermark
    if (relation === undefined || watermark === undefined) throw noWatermark(object.name, statement.name.position)
    const { type } = relation.schema[watermark.column]!
    const [value] = evaluateArguments(session, [action.to], [type])
    if (typeof value !== 'bigint' && typeof value !== 'number') throw nullWatermark(action.to.position)
    watermark.command(BigInt(value))
    relation.frontiers.set(watermark.frontiers)
    return { epoch: watermark.moved ? core.pump.collect() : undefined }
  })
  await done.epoch
  return `ALTER ${statement.type.toUpperCase()}`
}

const noWatermark = (name: string, position: number): SqlError =>
  new SqlError({
    code: '55000',
    message: `"${name}" has no watermark`,
    hint: 'Declare WATERMARK FOR column AS expression when it is created.',
    position,
  })

const nullWatermark = (position: number): SqlError =>
  new SqlError({ code: '22004', message: 'a watermark cannot be advanced to NULL', position })
