// INSERT, UPDATE and DELETE inside the WITH clause of a statement (PostgreSQL §7.8.4).
//
// All parts of the statement read the same contents, those from before it; what a part returns is a relation to the
// parts after it and to the statement itself. Each part is planned as a statement of its own that has the earlier
// tables of the clause in its own WITH. The whole is one transaction. A row that two parts would change is refused:
// PostgreSQL changes it once, and does not say which time.

import type { Batch } from '../../core/batch.ts'
import { notSupported } from '../../core/error.ts'
import { type RelationId, relationId } from '../../core/ids.ts'
import type { CommonTable, Delete, Insert, Query, Update, With } from '../../parser/ast.ts'
import type { Statement } from '../../parser/ast-statement.ts'
import type { RelationInfo } from '../../planner/catalog.ts'
import type { PlannedDml, Returning } from '../../planner/dml.ts'
import { planQuery } from '../../planner/plan.ts'
import { type Parameters, planOptions } from '../planning.ts'
import type { Reads } from '../reads.ts'
import { rowKeys } from '../row-keys.ts'
import type { Execution } from '../session.ts'
import { ensureSnapshot, heldReads } from '../session-reads.ts'
import { project } from '../sparse-batch.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import { type Change, type ChangeWork, changedTable, changeInBlock, planFresh, runPlannedChange } from './dml.ts'
import { rowsExecution } from './rows.ts'
import { resultColumns, runQuery } from './select.ts'
import { beginBlock, endBlock } from './transaction.ts'

type Whole = (Query | Change) & { readonly with: With }
type Returned = Map<CommonTable['statement'], RelationInfo>

export const modifiesInWith = (statement: Statement): statement is Whole =>
  (statement.kind === 'query' ||
    statement.kind === 'insert' ||
    statement.kind === 'update' ||
    statement.kind === 'delete') &&
  statement.with?.tables.some((table) => table.statement.kind !== 'query') === true

interface Part {
  readonly plan: PlannedDml
  /** The relation that its rows are to later parts. */
  readonly id: RelationId
}

interface Planned {
  readonly parts: readonly Part[]
  readonly returned: Returned
}

/** Plans the changes of the clause in order, each seeing the tables before it. */
export function planParts(session: StatementSession, statement: Whole, parameters: Parameters): Planned {
  const returned: Returned = new Map()
  const parts: Part[] = []
  const { tables } = statement.with
  tables.forEach((table, i) => {
    if (table.statement.kind === 'query') return
    const node = withEarlier(table.statement, { ...statement.with, tables: tables.slice(0, i) })
    const plan = planFresh(node, { ...planOptions(session, 'adhoc', parameters), returned })
    const id = relationId(-1 - i)
    returned.set(table.statement, returnedRelation(id, table.name.name, plan.returning))
    parts.push({ plan, id })
  })
  return { parts, returned }
}

function withEarlier(change: Insert | Update | Delete, earlier: With): Insert | Update | Delete {
  return { ...change, with: { ...earlier, tables: [...earlier.tables, ...(change.with?.tables ?? [])] } }
}

const returnedRelation = (id: RelationId, name: string, returning: Returning | undefined): RelationInfo => ({
  id,
  schema: '',
  name,
  kind: 'system',
  columns: (returning?.output ?? []).map((column, i) => {
    const { physical, nullable } = returning!.columns[i]!
    return { name: column.name, type: column.type, physical, nullable }
  }),
  hidden: [],
  primaryKey: undefined,
  uniqueKeys: [],
  insertOnly: false,
  view: undefined,
  timed: [],
  settled: [],
  details: undefined,
})

/** Runs all parts and the statement as one transaction, or within the running one. */
export async function runModifying(session: StatementSession, statement: Whole, call: Call): Promise<Execution> {
  const own = session.transaction === undefined
  if (own) beginBlock(session, { explicit: false })
  let done = false
  try {
    const execution = await runParts(session, statement, call)
    done = true
    return execution
  } finally {
    if (own) await endBlock(session, done)
  }
}

async function runParts(session: StatementSession, statement: Whole, call: Call): Promise<Execution> {
  const parameters = { types: call.parameterTypes, values: call.parameters }
  const { parts, returned } = planParts(session, statement, parameters)
  await ensureSnapshot(session)
  const transaction = session.transaction!
  const before = transaction.changesNow()
  const rows = new Map<RelationId, readonly Batch[]>()
  const reads = withReturned(heldReads(session, transaction, before), rows)
  const changed = new ChangedRows()
  const change = async (plan: PlannedDml): Promise<ChangeWork> => {
    const work = { session, plan, table: changedTable(session, plan), call, fromLog: undefined }
    const built = await changeInBlock(work, reads, before.get(work.table.id) ?? [])
    changed.add(work.table.id, built.delta, rowKeys(work.table.schema, [...work.table.schema.keys()]))
    return { ...work, ...built }
  }
  for (const { plan, id } of parts) rows.set(id, (await change(plan)).returned)
  const options = { ...planOptions(session, 'adhoc', parameters), returned }
  if (statement.kind !== 'query') return runPlannedChange(session, await change(planFresh(statement, options)))
  const plan = planQuery(statement, options)
  transaction.noteRead(plan.dependencies)
  const result = await runQuery(session, plan, call, reads)
  return rowsExecution(result, resultColumns(session, plan), (count) => `SELECT ${count}`)
}

/** The same reads, with the rows of parts that have run. */
const withReturned = (reads: Reads, rows: ReadonlyMap<RelationId, readonly Batch[]>): Reads => ({
  lasting: reads.lasting,
  size: (id) => (rows.has(id) ? 0 : reads.size(id)),
  by: (wish) => (rows.has(wish.relation) ? undefined : reads.by(wish)),
  key: (id, given, read) => (rows.has(id) ? undefined : reads.key(id, given, read)),
  find: (by, values, columns, region) => reads.find(by, values, columns, region),
  scan: (id, columns, region) =>
    rows.get(id)?.map((batch) => project(batch, columns)) ?? reads.scan(id, columns, region),
})

/** The rows that parts have taken away or replaced. */
class ChangedRows {
  readonly #keys = new Map<RelationId, Set<string>>()

  add(table: RelationId, delta: Batch, keyOf: (batch: Batch, row: number) => string): void {
    const keys = this.#keys.get(table) ?? new Set()
    const own = new Set<string>()
    for (let row = 0; row < delta.length; row++) if ((delta.weights?.[row] ?? 1) < 0) own.add(keyOf(delta, row))
    for (const key of own) {
      if (keys.has(key)) throw notSupported('changing a row twice in one statement')
      keys.add(key)
    }
    this.#keys.set(table, keys)
  }
}
