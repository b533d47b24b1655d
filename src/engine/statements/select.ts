// SELECT: planned, read from one consistent set of contents, handed out in pieces.
//
// Small inputs are read in one slice from sealed contents, without a copy. What may take longer holds snapshots of one
// epoch and gives way to sockets; so does everything inside a transaction. Sources are read from their logs.

import type { Batch } from '../../core/batch.ts'
import { SqlError } from '../../core/error.ts'
import { memoryAccount } from '../../core/memory.ts'
import type { Query } from '../../parser/ast.ts'
import type { PlannedQuery } from '../../planner/plan.ts'
import type { EngineSession } from '../engine-session.ts'
import type { LiveView } from '../live-relation.ts'
import { planSelect } from '../planning.ts'
import { type QueryRun, runPlan, runToEnd } from '../query.ts'
import { type ReadBase, type Reads, sealedReads, transactionReads } from '../reads.ts'
import { ResultRows } from '../result.ts'
import type { ResultColumn, RowsExecution } from '../session.ts'
import { readSources } from '../source-read.ts'
import { systemFacts } from '../status.ts'
import { Transaction } from '../transaction.ts'
import { rowsExecution } from './rows.ts'
import type { Call } from './run.ts'
import { ensureSnapshot } from './transaction.ts'

/** Rows of input up to which a query runs in one slice. */
const ONE_SLICE_ROWS = 20_000

export async function select(session: EngineSession, query: Query, call: Call): Promise<RowsExecution> {
  const parameters = { types: call.parameterTypes, values: call.parameters }
  const plan = planSelect(session, query, parameters)
  const rows = await runQuery(session, plan, call)
  return rowsExecution(rows, resultColumns(session, plan), (count) => `SELECT ${count}`)
}

export const resultColumns = (session: EngineSession, plan: Pick<PlannedQuery, 'output'>): readonly ResultColumn[] =>
  plan.output.map(({ name, type, origin }) => {
    const known = origin !== undefined && session.core.catalog.objects.has(origin.relation)
    return {
      name,
      type,
      tableOid: known ? origin.relation : 0,
      columnNumber: known ? origin.column + 1 : 0,
    }
  })

export const readBase = (session: EngineSession): ReadBase => ({
  graph: session.core.graph,
  system: session.core.system,
  facts: () => systemFacts(session.core, session.core.status, session),
})

/** The reads of the running transaction, or of the newest sealed epoch. */
export async function readsFor(session: EngineSession, plan: PlannedQuery): Promise<Reads> {
  const base = readBase(session)
  const { transaction } = session
  if (transaction === undefined) return sealedReads(base)
  await ensureSnapshot(session)
  transaction.noteRead(plan.dependencies)
  return heldReads(session, transaction)
}

export function heldReads(session: EngineSession, transaction: Transaction): Reads {
  const evaluate = (view: LiveView, reads: Reads, region: QueryRun['region']): readonly Batch[] =>
    runToEnd(runPlan(view.plan.physical, { ...queryParts(session, []), reads, region }))
  return transactionReads(readBase(session), {
    snapshot: (id) => transaction.snapshot(id),
    changes: (id) => transaction.changes(id),
    changed: transaction.changed,
    evaluate,
  })
}

const queryParts = (session: EngineSession, parameters: Call['parameters']) => ({
  env: { context: session.context(), parameters },
  account: session.account,
})

/** Runs a plan to its rows. */
export async function runQuery(session: EngineSession, plan: PlannedQuery, call: Call): Promise<ResultRows> {
  const { core } = session
  const account = memoryAccount('a query', { parent: session.account })
  const schema = plan.physical.schema
    .slice(0, plan.output.length)
    .map((column, i) => ({ ...column, name: plan.output[i]!.name }))
  const rows = new ResultRows(schema, account)
  const options = { schema, order: plan.order, limit: plan.limit, offset: plan.offset }
  try {
    const parts = { ...queryParts(session, call.parameters), region: rows.region }
    const sources = plan.dependencies.filter((id) => core.graph.get(id)?.kind === 'source')
    if (sources.length > 0) {
      if (session.transaction?.options.explicit === true) throw sourceInTransaction()
      return rows.finish(await readSources(session, plan, { ...parts, account }), options)
    }
    const reads = await readsFor(session, plan)
    const size = plan.dependencies.reduce((sum, id) => sum + reads.size(id), 0)
    const steps = (from: Reads) => runPlan(plan.physical, { ...parts, account, reads: from })
    if (size <= ONE_SLICE_ROWS) return rows.finish(runToEnd(steps(reads)), options)
    if (session.transaction !== undefined) return rows.finish(await inSlices(session, steps(reads)), options)
    return rows.finish(await withSnapshots(session, (held) => inSlices(session, steps(held))), options)
  } catch (error) {
    rows[Symbol.dispose]()
    throw error
  }
}

/** Drives a query, giving way to others; a cancel ends it between two steps. */
export async function inSlices<T>(session: EngineSession, steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    const turn = session.core.giveWay()
    if (turn !== undefined) await turn
    session.signal.throwIfAborted()
  }
}

/** A read of its own snapshots, all of one epoch. */
async function withSnapshots<T>(session: EngineSession, read: (held: Reads) => Promise<T>): Promise<T> {
  const { core } = session
  const options = { isolation: 'repeatable read', readOnly: true, explicit: false } as const
  const transaction = new Transaction({ ...options }, session.account, core.clock.now())
  try {
    await core.pump.turn(async () => {
      await core.pump.barrier()
      transaction.begin(core.graph, core.pump.last.epoch, core.writeLog)
    })
    return await read(heldReads(session, transaction))
  } finally {
    transaction.end(core.writeLog)
    transaction[Symbol.dispose]()
  }
}

const sourceInTransaction = (): SqlError =>
  new SqlError({
    code: '0A000',
    message: 'a source cannot be read in a transaction block',
    hint: 'Read it outside, or create a materialized view over it.',
  })
