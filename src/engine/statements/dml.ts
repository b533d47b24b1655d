// INSERT, UPDATE, DELETE, TRUNCATE: the plan computes rows, this applies them (planner/dml.ts says what the rows are).
//
//   autocommit    one turn of the pump: read what is collected, check, apply; returns when the epoch is durable
//   in a block    read the transaction's snapshot and changes, check, add to its changes

import type { Batch } from '../../core/batch.ts'
import { SqlError } from '../../core/error.ts'
import { concat, copyOut } from '../../core/primitives/concat.ts'
import { consolidate } from '../../core/primitives/consolidate.ts'
import { negate } from '../../core/primitives/weights.ts'
import { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlType } from '../../core/type.ts'
import type { Delete, Insert, Update } from '../../parser/ast.ts'
import type { Truncate } from '../../parser/ast-statement.ts'
import type { BindOptions } from '../../planner/binder/bind.ts'
import { type PlannedDml, planDelete, planInsert, planUpdate } from '../../planner/dml.ts'
import { ownerOf } from '../../storage/catalog.ts'
import { type BuiltChange, ChangeBuilder } from '../change-builder.ts'
import { referringTo } from '../foreign-keys.ts'
import type { LiveTable } from '../live-relation.ts'
import { findNamed, shownName, undefinedRelation } from '../names.ts'
import { type Parameters, plannedOnce } from '../planning.ts'
import { runPlan } from '../query.ts'
import { collectedReads, type Reads } from '../reads.ts'
import { ResultRows } from '../result.ts'
import type { Execution, PreparedStatement } from '../session.ts'
import { ensureSnapshot, heldReads, readBase } from '../session-reads.ts'
import { readSources } from '../source-read.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import { applyChange } from '../table-writer.ts'
import { readOnlyTransaction } from '../transaction.ts'
import { rowsExecution } from './rows.ts'
import { inSlices, resultColumns } from './select.ts'
import { addToTransaction, checkStatement, collectChanges } from './table-change.ts'

export type Change = Insert | Update | Delete

export function planFresh(statement: Change, options: BindOptions): PlannedDml {
  switch (statement.kind) {
    case 'insert':
      return planInsert(statement, options)
    case 'update':
      return planUpdate(statement, options)
    case 'delete':
      return planDelete(statement, options)
  }
}

const planChange = (session: StatementSession, statement: Change, parameters: Parameters): PlannedDml =>
  plannedOnce<PlannedDml>(session, statement, parameters, (options) => planFresh(statement, options))

export function describeChange(
  session: StatementSession,
  statement: Change,
  types: readonly (SqlType | undefined)[],
): Pick<PreparedStatement, 'parameterTypes' | 'columns'> {
  return describePlan(session, planChange(session, statement, { types }))
}

export const describePlan = (
  session: StatementSession,
  plan: PlannedDml,
): Pick<PreparedStatement, 'parameterTypes' | 'columns'> => ({
  parameterTypes: plan.parameters,
  columns: plan.returning === undefined ? undefined : resultColumns(session, plan.returning),
})

export async function runChange(session: StatementSession, statement: Change, call: Call): Promise<Execution> {
  const plan = planChange(session, statement, { types: call.parameterTypes, values: call.parameters })
  const table = changedTable(session, plan)
  using logRows = new Region(session.account)
  const fromLog = await sourceRows(session, plan, call, logRows)
  const work = { session, plan, table, call, fromLog }
  if (session.transaction === undefined) return autocommit(work)
  await ensureSnapshot(session)
  const { transaction } = session
  transaction.noteRead(plan.dependencies)
  const built = await changeInBlock(work, heldReads(session, transaction), transaction.changes(table.id))
  return runPlannedChange(session, { ...work, ...built })
}

/** What a statement that changed its rows answers. */
export function runPlannedChange(session: StatementSession, { plan, count, returned }: ChangeWork): Execution {
  const tag = plan.kind === 'insert' ? `INSERT 0 ${count}` : `${plan.kind.toUpperCase()} ${count}`
  const { returning } = plan
  if (returning === undefined) return { kind: 'command', tag }
  const schema = returnedSchema(returning)
  const rows = new ResultRows(schema, session.account)
  const copied = returned.length === 0 ? [] : [copyOut(returned, rows.region)]
  rows.finish(copied, { order: [], offset: 0n, limit: undefined })
  return rowsExecution(rows, resultColumns(session, returning), () => tag)
}

const returnedSchema = (returning: NonNullable<PlannedDml['returning']>): Schema =>
  returning.output.map(({ name, type }, i) => {
    const { physical, nullable } = returning.columns[i]!
    return { name, type, physical, nullable }
  })

interface Work {
  readonly session: StatementSession
  readonly plan: PlannedDml
  readonly table: LiveTable
  readonly call: Call
  /** Rows of the plan where it reads a source's log, which takes time and so comes before the turn. */
  readonly fromLog: readonly Batch[] | undefined
}

/** A change that was made, with what it gave back. */
export type ChangeWork = Work & BuiltChange

export function changedTable(session: StatementSession, plan: PlannedDml): LiveTable {
  const table = session.core.graph.get(plan.relation.id)
  if (table?.kind !== 'table')
    throw new SqlError({ code: '42809', message: `cannot change ${plan.relation.kind} "${plan.relation.name}"` })
  refuseOwned(session, table, plan.kind === 'delete')
  if (session.settings.show('default_transaction_read_only') === 'on' && session.transaction === undefined)
    throw readOnlyTransaction()
  if (session.transaction?.options.readOnly === true) throw readOnlyTransaction()
  refuseAppendOnly(table, plan)
  return table
}

/** Of the rows kept beside a source or table one may delete; those of a view are as derived as the view. */
function refuseOwned(session: StatementSession, { object }: LiveTable, isDelete: boolean): void {
  const owner = session.core.catalog.objects.get(ownerOf(object) ?? object.id)
  if (owner === undefined || owner.id === object.id) return
  if (object.errorsOf === undefined && isDelete) return
  throw new SqlError({ code: '42809', message: `"${object.name}" is written by ${owner.kind} "${owner.name}" only` })
}

function refuseAppendOnly(table: LiveTable, plan: PlannedDml): void {
  const updates = plan.kind === 'insert' && plan.conflict?.update !== undefined
  if (!table.object.appendOnly || (plan.kind === 'insert' && !updates)) return
  throw new SqlError({
    code: '55000',
    message: `table "${table.object.name}" is append only`,
    hint: 'It was created APPEND ONLY: rows can be inserted, not changed or deleted.',
  })
}

async function sourceRows(
  session: StatementSession,
  plan: PlannedDml,
  call: Call,
  region: Region,
): Promise<readonly Batch[] | undefined> {
  const { core, account } = session
  const sources = plan.dependencies.filter((id) => core.graph.get(id)?.kind === 'source')
  if (sources.length === 0) return undefined
  const env = { context: session.context(), parameters: call.parameters }
  return readSources(session, { physical: plan.source, dependencies: plan.dependencies }, { env, account, region })
}

/** One turn; the promise of the epoch is awaited outside of it. */
async function autocommit(work: Work): Promise<Execution> {
  const { session, plan, table } = work
  const { core } = session
  const readsViews = plan.dependencies.some((id) => core.graph.get(id)?.kind === 'view')
  const done = await session.change(async () => {
    if (readsViews) await core.pump.barrier()
    const { region } = core
    const built = await build(work, collectedReads(readBase(session)), region, [])
    const checked = checkStatement(session, table, built)
    const answer = runPlannedChange(session, { ...work, ...built })
    return { answer, epoch: collectChanges(session, checked) }
  })
  await done.epoch
  return done.answer
}

/** Adds the change to the running transaction, which has its snapshot; `before`: what the statement sees of its own. */
export async function changeInBlock(work: Work, reads: Reads, before: readonly Batch[]): Promise<BuiltChange> {
  const { session, table } = work
  const transaction = session.transaction!
  const { region } = transaction
  const built = await build(work, reads, region, before)
  addToTransaction(session, transaction, table, built)
  return built
}

async function build(work: Work, reads: Reads, region: Region, changes: readonly Batch[]): Promise<BuiltChange> {
  const { session, plan, table, call } = work
  const env = { context: session.context(), parameters: call.parameters }
  const run = { env, account: session.account, reads, region }
  const rows = work.fromLog ?? (await inSlices(session, runPlan(plan.source, run)))
  return new ChangeBuilder({ session, table, plan, env, reads, region, changes }).build(rows)
}

export async function runTruncate(session: StatementSession, statement: Truncate): Promise<string> {
  const named = statement.tables.map((name) => {
    const object = findNamed(session, name)
    if (object === undefined) throw undefinedRelation(name)
    const table = session.core.graph.get(object.id)
    if (table?.kind !== 'table')
      throw new SqlError({
        code: '42809',
        message: `"${shownName(name)}" is not a table`,
        position: name.position,
      })
    refuseOwned(session, table, true)
    return table
  })
  const tables = withReferring(session, named, statement.cascade)
  const { core } = session
  if (session.transaction !== undefined) {
    await ensureSnapshot(session)
    const transaction = session.transaction
    const reads = heldReads(session, transaction)
    for (const table of tables) transaction.add(table.id, contentsNegated(table, reads, transaction.region))
    return 'TRUNCATE TABLE'
  }
  const done = await session.change(() => {
    let changed = false
    for (const table of tables) {
      const delta = contentsNegated(table, collectedReads(readBase(session)), core.region)
      applyChange({ table, delta }, core.region)
      changed ||= delta.length > 0
    }
    return { epoch: changed ? core.pump.collect() : undefined }
  })
  await done.epoch
  return 'TRUNCATE TABLE'
}

/** TRUNCATE … CASCADE takes the tables that refer to the named ones along. Throws 0A000 where it is not said. */
function withReferring(session: StatementSession, named: readonly LiveTable[], cascade: boolean): readonly LiveTable[] {
  const tables = new Set(named)
  for (const table of tables)
    for (const { table: child } of referringTo(session.core.graph, table)) {
      if (tables.has(child)) continue
      if (!cascade)
        throw new SqlError({
          code: '0A000',
          message: 'cannot truncate a table referenced in a foreign key constraint',
          detail: `Table "${child.object.name}" references "${table.object.name}".`,
          hint: `Truncate table "${child.object.name}" at the same time, or use TRUNCATE ... CASCADE.`,
        })
      session.notice(`truncate cascades to table "${child.object.name}"`)
      tables.add(child)
    }
  return [...tables]
}

function contentsNegated(table: LiveTable, reads: Reads, region: Region): Batch {
  const all = table.schema.map((_, i) => i)
  const batches = [...reads.scan(table.id, all, region)]
  if (batches.length === 0) return { length: 0, weights: undefined, columns: [] }
  return negate(consolidate(concat(batches, region), region), region)
}
