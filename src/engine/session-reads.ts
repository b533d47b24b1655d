// Which contents a session's statement reads: its transaction's, or those of the newest sealed epoch.

import type { Batch } from '../core/batch.ts'
import type { RelationId } from '../core/ids.ts'
import { buildDataflow } from '../executor/build.ts'
import type { PlannedQuery } from '../planner/plan.ts'
import { viewContext } from './context.ts'
import { divertedRows } from './diverted.ts'
import type { LiveView } from './live-relation.ts'
import { type QueryRun, runBuilt, runToEnd } from './query.ts'
import { type ReadBase, type Reads, sealedReads, transactionReads } from './reads.ts'
import type { StatementSession } from './statement-session.ts'
import { systemFacts } from './status.ts'
import type { Transaction } from './transaction.ts'

export const readBase = (session: StatementSession): ReadBase => ({
  graph: session.core.graph,
  system: session.core.system,
  facts: () => systemFacts(session.core, session.core.status, session),
})

/** Takes the transaction's snapshots at its first statement that reads or writes. */
export async function ensureSnapshot(session: StatementSession): Promise<void> {
  const { transaction, core } = session
  if (transaction === undefined || transaction.epoch !== undefined) return
  await session.turn(async () => {
    await core.pump.barrier()
    transaction.begin(core.graph, core.pump.last.epoch, core.writeLog)
  })
}

const sealed = new WeakMap<StatementSession, Reads>()

/** Made once a session. */
function sealedReadsOf(session: StatementSession): Reads {
  const known = sealed.get(session)
  if (known !== undefined) return known
  const reads = sealedReads(readBase(session))
  sealed.set(session, reads)
  return reads
}

/** The reads of the running transaction, or of the newest sealed epoch. */
export async function readsFor(session: StatementSession, plan: PlannedQuery): Promise<Reads> {
  await ensureSnapshot(session)
  return readsNow(session, plan)!
}

/** The same without waiting; undefined while the transaction has no snapshots yet. */
export function readsNow(session: StatementSession, plan: PlannedQuery): Reads | undefined {
  const { transaction } = session
  if (transaction === undefined) return sealedReadsOf(session)
  if (transaction.epoch === undefined) return undefined
  transaction.noteRead(plan.dependencies)
  return heldReads(session, transaction)
}

/** `changes`: those of the transaction that are seen, where not all of them are. */
export function heldReads(
  session: StatementSession,
  transaction: Transaction,
  changes?: ReadonlyMap<RelationId, readonly Batch[]>,
): Reads {
  const evaluate = (view: LiveView, reads: Reads, region: QueryRun['region']) => {
    const { core, account } = session
    const facts = core.facts(() => view.object.searchPath)
    const env = { context: viewContext(facts, core.names(facts), view.object), parameters: [] }
    const plan = view.plan.physical
    using dataflow = buildDataflow(plan, { env, account, oneShot: true, diverts: view.errors !== undefined })
    const rows = runToEnd(runBuilt(dataflow, plan, { env, account, reads, region }))
    return { rows, errors: divertedRows(dataflow.diverted?.take() ?? [], region) }
  }
  return transactionReads(readBase(session), {
    snapshot: (id) => transaction.snapshot(id),
    arrangement: (shared) => transaction.arrangement(shared),
    changes: (id) => (changes === undefined ? transaction.changes(id) : (changes.get(id) ?? [])),
    unreadable: (id) => transaction.unreadable(id),
    changed: transaction.changed,
    evaluate,
  })
}
