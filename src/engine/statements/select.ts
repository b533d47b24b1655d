// SELECT: planned, read from one consistent set of contents, handed out in pieces.
//
// Small inputs are read in one slice from sealed contents. What may take longer holds snapshots of one epoch while it
// reads; so does everything inside a transaction. Computing gives way to sockets. Sources are read from their logs.

import { SqlError } from '../../core/error.ts'
import { memoryAccount } from '../../core/memory.ts'
import type { Schema } from '../../core/schema.ts'
import type { Query } from '../../parser/ast.ts'
import { isVolatile } from '../../planner/expr-walk.ts'
import type { PlannedQuery } from '../../planner/plan.ts'
import { exprsOf, somePlan } from '../../planner/plan-walk.ts'
import { indexJoins, inputRows } from '../index-joins.ts'
import { planSelect } from '../planning.ts'
import { pointScans } from '../point-read.ts'
import { runPlan } from '../query.ts'
import type { Reads } from '../reads.ts'
import { ResultRows, SMALL_BLOCK_BYTES } from '../result.ts'
import type { ResultColumn, RowsExecution } from '../session.ts'
import { ensureSnapshot, heldReads, readsNow } from '../session-reads.ts'
import { readSources } from '../source-read.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import { Transaction } from '../transaction.ts'
import { rowsExecution } from './rows.ts'

/** Rows of input up to which all of it is read in one slice. */
const ONE_SLICE_ROWS = 20_000
/** Rows of input, and of output, up to which a query is tried without a promise. */
const AT_ONCE_ROWS = 1000
/** A query that takes less never gives way. */
const SHORT_MS = 4

export async function select(session: StatementSession, query: Query, call: Call): Promise<RowsExecution> {
  const plan = planned(session, query, call)
  return execution(session, plan, await runQuery(session, plan, call))
}

/** The same where it need not wait and its rows are few; else undefined, and nothing was done. */
export function selectNow(session: StatementSession, query: Query, call: Call): RowsExecution | undefined {
  const plan = planned(session, query, call)
  const rows = queryNow(session, plan, call)
  return rows === undefined ? undefined : execution(session, plan, rows)
}

const planned = (session: StatementSession, query: Query, call: Call): PlannedQuery =>
  planSelect(session, query, { types: call.parameterTypes, values: call.parameters })

const execution = (session: StatementSession, plan: PlannedQuery, rows: ResultRows): RowsExecution =>
  rowsExecution(rows, resultColumns(session, plan), selected)

const selected = (count: number): string => `SELECT ${count}`

type Output = Pick<PlannedQuery, 'output'>

const columnsOf = new WeakMap<Output, readonly ResultColumn[]>()

/** One object a plan (which belongs to one catalog version), so that the wire describes it once. */
export function resultColumns(session: StatementSession, plan: Output): readonly ResultColumn[] {
  const known = columnsOf.get(plan)
  if (known !== undefined) return known
  const columns = plan.output.map(({ name, type, origin }) => {
    const stored = origin !== undefined && session.core.catalog.objects.has(origin.relation)
    return {
      name,
      type,
      tableOid: stored ? origin.relation : 0,
      columnNumber: stored ? origin.column + 1 : 0,
    }
  })
  columnsOf.set(plan, columns)
  return columns
}

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

const readsSource = ({ core }: StatementSession, { dependencies }: PlannedQuery): boolean =>
  dependencies.some((id) => core.graph.get(id)?.kind === 'source')

function emptyResult(session: StatementSession, plan: PlannedQuery) {
  const account = memoryAccount('a query', { parent: session.account })
  const point = pointScans(plan.physical).direct !== undefined
  return { account, rows: new ResultRows(resultSchema(plan), account, point ? SMALL_BLOCK_BYTES : undefined) }
}

/** The rows of a plan whose inputs are here and few, and which is soon at its end; else undefined. */
function queryNow(session: StatementSession, plan: PlannedQuery, call: Call): ResultRows | undefined {
  if (readsSource(session, plan) || hasEffects(plan)) return undefined
  const reads = readsNow(session, plan)
  if (reads === undefined) return undefined
  const joins = indexJoins(plan.physical, reads)
  if (inputRows(plan.physical, reads, joins) > AT_ONCE_ROWS) return undefined
  const { account, rows } = emptyResult(session, plan)
  try {
    const run = { ...queryParts(session, call.parameters), account, region: rows.region, reads, joins }
    const batches = shortly(session, runPlan(plan.physical, { ...run, enough: rowsWanted(plan) }))
    if (batches !== undefined && rows.finish(batches, plan).total <= AT_ONCE_ROWS) return rows
  } catch (error) {
    rows[Symbol.dispose]()
    throw error
  }
  rows[Symbol.dispose]()
  return undefined
}

const effects = new WeakMap<PlannedQuery, boolean>()

/** Calls of volatile functions may do something, or give another value each time: such a query is not begun twice. */
function hasEffects(plan: PlannedQuery): boolean {
  const known = effects.get(plan)
  if (known !== undefined) return known
  const found = somePlan(plan.optimized, (node) => exprsOf(node).some(isVolatile))
  effects.set(plan, found)
  return found
}

/** Drives a query to its end; undefined, and it is given up, when that takes longer than anybody should wait. */
function shortly<T>(session: StatementSession, steps: Generator<void, T>): T | undefined {
  let step = steps.next()
  if (step.done === true) return step.value
  const { clock } = session.core
  const start = clock.monotonicMs()
  for (; step.done !== true; step = steps.next()) {
    if (clock.monotonicMs() - start < SHORT_MS) continue
    steps.return(undefined as T)
    return undefined
  }
  return step.value
}

/** Runs a plan to its rows; over the contents that the session reads, where no others are given. */
export async function runQuery(
  session: StatementSession,
  plan: PlannedQuery,
  call: Call,
  given?: Reads,
): Promise<ResultRows> {
  const fromLog = readsSource(session, plan)
  if (fromLog && session.transaction?.options.explicit === true) throw sourceInTransaction()
  if (!fromLog) await ensureSnapshot(session)
  const { account, rows } = emptyResult(session, plan)
  try {
    const parts = { ...queryParts(session, call.parameters), account, region: rows.region }
    if (fromLog) return rows.finish(await readSources(session, plan, parts), plan)
    const run = (reads: Reads) =>
      inSlices(
        session,
        runPlan(plan.physical, {
          ...parts,
          reads,
          joins: reads.lasting ? indexJoins(plan.physical, reads) : undefined,
          enough: rowsWanted(plan),
        }),
      )
    const reads = given ?? readsNow(session, plan)!
    const joins = reads.lasting ? undefined : indexJoins(plan.physical, reads)
    // Sealed contents may be others after the first slice, and joins look into them until the end.
    const large = joins !== undefined && (joins.size > 0 || inputRows(plan.physical, reads, joins) > ONE_SLICE_ROWS)
    return rows.finish(await (large ? withSnapshots(session, run) : run(reads)), plan)
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
