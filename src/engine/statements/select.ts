// SELECT: planned, read from one consistent set of contents, handed out in pieces.
//
// Small inputs are read in one slice from sealed contents. What may take longer holds snapshots of one epoch while it
// reads; so does everything inside a transaction. Computing gives way to sockets. Sources are read from their logs.

import { SqlError } from '../../core/error.ts'
import { memoryAccount } from '../../core/memory.ts'
import type { Schema } from '../../core/schema.ts'
import type { Query } from '../../parser/ast.ts'
import type { PlannedQuery } from '../../planner/plan.ts'
import { planSelect } from '../planning.ts'
import { pointScans } from '../point-read.ts'
import { inputRows, runPlan } from '../query.ts'
import type { Reads } from '../reads.ts'
import { ResultRows, SMALL_BLOCK_BYTES } from '../result.ts'
import type { ResultColumn, RowsExecution } from '../session.ts'
import { heldReads, readsFor } from '../session-reads.ts'
import { readSources } from '../source-read.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import { Transaction } from '../transaction.ts'
import { rowsExecution } from './rows.ts'

/** Rows of input up to which all of it is read in one slice. */
const ONE_SLICE_ROWS = 20_000
/** A query that takes less never gives way. */
const SHORT_MS = 4

export async function select(session: StatementSession, query: Query, call: Call): Promise<RowsExecution> {
  const parameters = { types: call.parameterTypes, values: call.parameters }
  const plan = planSelect(session, query, parameters)
  const rows = await runQuery(session, plan, call)
  return rowsExecution(rows, resultColumns(session, plan), (count) => `SELECT ${count}`)
}

export const resultColumns = (session: StatementSession, plan: Pick<PlannedQuery, 'output'>): readonly ResultColumn[] =>
  plan.output.map(({ name, type, origin }) => {
    const known = origin !== undefined && session.core.catalog.objects.has(origin.relation)
    return {
      name,
      type,
      tableOid: known ? origin.relation : 0,
      columnNumber: known ? origin.column + 1 : 0,
    }
  })

const queryParts = (session: StatementSession, parameters: Call['parameters']) => ({
  env: { context: session.context(), parameters },
  account: session.account,
})

const schemas = new WeakMap<PlannedQuery, Schema>()

/** One object a plan, so that the wire's encoders are made once. */
function resultSchema(plan: PlannedQuery): Schema {
  const known = schemas.get(plan)
  if (known !== undefined) return known
  const { output, physical } = plan
  const schema = output.map(({ name }, i) => ({ ...physical.schema[i]!, name }))
  schemas.set(plan, schema)
  return schema
}

/** Runs a plan to its rows. */
export async function runQuery(session: StatementSession, plan: PlannedQuery, call: Call): Promise<ResultRows> {
  const { core } = session
  const account = memoryAccount('a query', { parent: session.account })
  const schema = resultSchema(plan)
  const point = pointScans(plan.physical).direct !== undefined
  const rows = new ResultRows(schema, account, point ? SMALL_BLOCK_BYTES : undefined)
  const options = { schema, order: plan.order, limit: plan.limit, offset: plan.offset }
  try {
    const parts = { ...queryParts(session, call.parameters), region: rows.region }
    const sources = plan.dependencies.filter((id) => core.graph.get(id)?.kind === 'source')
    if (sources.length > 0) {
      if (session.transaction?.options.explicit === true) throw sourceInTransaction()
      return rows.finish(await readSources(session, plan, { ...parts, account }), options)
    }
    const reads = await readsFor(session, plan)
    const size = inputRows(plan.physical, reads)
    const enough = rowsWanted(plan)
    const run = (from: Reads) => inSlices(session, runPlan(plan.physical, { ...parts, account, reads: from, enough }))
    const large = size > ONE_SLICE_ROWS && session.transaction === undefined
    return rows.finish(await (large ? withSnapshots(session, run) : run(reads)), options)
  } catch (error) {
    rows[Symbol.dispose]()
    throw error
  }
}

/** LIMIT without an order is content with any rows. */
const rowsWanted = ({ order, limit, offset }: PlannedQuery): number | undefined =>
  order.length > 0 || limit === undefined ? undefined : Number(limit + offset)

/** Drives a query, giving way to others; a cancel ends it between two steps. */
export async function inSlices<T>(session: StatementSession, steps: Generator<void, T>): Promise<T> {
  const { clock } = session.core
  const start = clock.monotonicMs()
  try {
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
      if (clock.monotonicMs() - start < SHORT_MS) continue
      const turn = session.core.giveWay()
      if (turn !== undefined) await turn
      session.signal.throwIfAborted()
    }
  } finally {
    steps.return(undefined as T)
  }
}

/** A read of its own snapshots, all of one epoch. */
async function withSnapshots<T>(session: StatementSession, read: (held: Reads) => Promise<T>): Promise<T> {
  const { core } = session
  const options = { isolation: 'repeatable read', readOnly: true, explicit: false } as const
  const transaction = new Transaction({ ...options }, session.account, core.clock.now())
  try {
    await session.turn(async () => {
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
