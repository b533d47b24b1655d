// A statement's change of a table, with what foreign keys make of it, into the collecting epoch or the transaction.

import type { Batch } from '../../core/batch.ts'
import { concat } from '../../core/primitives/concat.ts'
import type { Region } from '../../core/region.ts'
import { constantOf } from '../../executor/expr/closures.ts'
import { parseExpression } from '../../parser/parse.ts'
import { bindDefault } from '../../planner/dml.ts'
import { type BuiltChange, ChangeBuilder } from '../change-builder.ts'
import { type Changes, checkForeignKeys, type ForeignKeyReads } from '../foreign-keys.ts'
import type { LiveTable } from '../live-relation.ts'
import { planOptions } from '../planning.ts'
import { collectedReads, type Reads } from '../reads.ts'
import { followReferences } from '../referential-actions.ts'
import { heldReads, readBase } from '../session-reads.ts'
import type { StatementSession } from '../statement-session.ts'
import { applyChange, type CheckedChange, checkChange, isChange } from '../table-writer.ts'
import type { Transaction } from '../transaction.ts'

type Built = Pick<BuiltChange, 'delta' | 'replaced'>

const placeOf = (session: StatementSession, reads: Reads, region: Region): ForeignKeyReads => ({
  graph: session.core.graph,
  reads,
  region,
  text: session.context().text,
})

/** The statement's change and all that ON DELETE and ON UPDATE add. */
function withActions(
  session: StatementSession,
  table: LiveTable,
  { delta, replaced }: Built,
  place: ForeignKeyReads,
): Changes {
  const changes: Changes = new Map(delta.length === 0 ? [] : [[table, [delta]]])
  if (delta.length === 0 || replaced === undefined || replaced.old.length === 0) return changes
  const env = { context: session.context(), parameters: [] }
  const { reads, region } = place
  followReferences([{ table, ...replaced }], changes, {
    ...place,
    defaults: (of, column) => {
      const text = of.object.columns[column]!.default
      if (text === undefined) return null
      const relation = session.core.lookup.info(of.object)
      return constantOf(bindDefault(parseExpression(text), relation, column, planOptions(session, 'adhoc')), env)
    },
    checkRows: (of, rows) => {
      const plan = { kind: 'update', mayRepeat: false, returning: undefined } as const
      new ChangeBuilder({ session, table: of, plan, env, reads, region, changes: [] }).checkRows(rows)
    },
  })
  return changes
}

/** Inside a turn: the statement's changes of all tables, checked; nothing is applied yet. */
export function checkStatement(session: StatementSession, table: LiveTable, built: Built): readonly CheckedChange[] {
  const { region } = session.core
  const place = placeOf(session, collectedReads(readBase(session)), region)
  const changes = withActions(session, table, built, place)
  const checked = [...changes].map(([one, batches]) =>
    checkChange(one, batches.length === 1 ? batches[0]! : concat(batches, region), region, place.text),
  )
  checkForeignKeys(new Map(checked.map((change) => [change.table, [change.delta]])), place, true)
  return checked
}

/** Applies what was checked; the end of the epoch where something changed. */
export function collectChanges(
  { core }: StatementSession,
  checked: readonly CheckedChange[],
): Promise<unknown> | undefined {
  for (const change of checked) applyChange(change, core.region)
  return checked.some(isChange) ? core.pump.collect() : undefined
}

/** Checks the transaction's contents with the change, and adds it. Deferred keys wait for COMMIT. */
export function addToTransaction(
  session: StatementSession,
  transaction: Transaction,
  table: LiveTable,
  built: Built,
): void {
  const { region } = transaction
  const place = placeOf(session, heldReads(session, transaction), region)
  const changes = withActions(session, table, built, place)
  for (const [one, batches] of changes)
    checkChange(one, concat([...transaction.changes(one.id), ...batches], region), region, place.text)
  checkForeignKeys(changes, place, false)
  for (const [one, batches] of changes) for (const batch of batches as readonly Batch[]) transaction.add(one.id, batch)
}
