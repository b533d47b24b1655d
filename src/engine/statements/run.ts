// Which file runs which statement: one case a kind, so that a new statement fails to compile until it stands here.

import { unreachable } from '../../core/assert.ts'
import { notSupported } from '../../core/error.ts'
import type {
  Alter,
  AlterType,
  Comment,
  CreateIndex,
  CreateMaterializedView,
  CreateSchema,
  CreateSource,
  CreateTable,
  CreateTableAs,
  CreateType,
  CreateView,
  Discard,
  Drop,
  DropType,
  Flush,
  Reset,
  Savepoint,
  SetTransaction,
  SetVariable,
  Statement,
} from '../../parser/ast-statement.ts'
import type { CommandExecution, Execution } from '../session.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import { alter, comment } from './alter.ts'
import { copy } from './copy.ts'
import { createIndex } from './create-index.ts'
import { closeCursor, declareCursor, fetchCursor } from './cursor.ts'
import { runChange, runTruncate } from './dml.ts'
import { drop } from './drop.ts'
import { explain } from './explain.ts'
import { modifiesInWith, runModifying } from './modifying-with.ts'
import { deallocate, execute, prepare } from './prepare.ts'
import { createSchema } from './schema.ts'
import { select } from './select.ts'
import { discard, reset, set, setTransaction, show } from './settings.ts'
import { showColumns, showCreate, showObjects } from './show.ts'
import { createSource } from './source.ts'
import { subscribe } from './subscribe.ts'
import { createTable, createTableAs } from './table.ts'
import { begin, commit, rollback, savepoint } from './transaction.ts'
import { alterType, createType, dropType } from './type.ts'
import { createMaterializedView, createView } from './view.ts'

const command = (tag: string): CommandExecution => ({ kind: 'command', tag })

export async function runStatement(session: StatementSession, statement: Statement, call: Call): Promise<Execution> {
  if (modifiesInWith(statement)) return runModifying(session, statement, call)
  switch (statement.kind) {
    case 'query':
      return select(session, statement, call)
    case 'insert':
    case 'update':
    case 'delete':
      return runChange(session, statement, call)
    case 'truncate':
      return command(await runTruncate(session, statement))
    case 'begin':
      return command(begin(session, statement.modes))
    case 'commit':
      return command(await commit(session, statement))
    case 'rollback':
      return command(await rollback(session, statement))
    case 'show':
      return show(session, statement)
    case 'showObjects':
      return showObjects(session, statement)
    case 'showColumns':
      return showColumns(session, statement)
    case 'showCreate':
      return showCreate(session, statement)
    case 'prepare':
      return command(prepare(session, statement, call.text))
    case 'execute':
      return execute(session, statement)
    case 'deallocate':
      return command(deallocate(session, statement))
    case 'declare':
      return command(await declareCursor(session, statement, call))
    case 'fetch':
    case 'move':
      return fetchCursor(session, statement)
    case 'close':
      return command(closeCursor(session, statement))
    case 'subscribe':
      return subscribe(session, statement, call)
    case 'copy':
      return copy(session, statement, call)
    case 'explain':
      return explain(session, statement, call)
    case 'unsupported':
      throw notSupported(statement.feature, { position: statement.position })
    case 'savepoint':
    case 'release':
    case 'rollbackTo':
    case 'set':
    case 'setTransaction':
    case 'reset':
    case 'discard':
    case 'flush':
      return command(runAtOnce(session, statement))
    default:
      return command(await runDefinition(session, statement))
  }
}

/** Statements about the session and its block, which wait for nothing. */
type AtOnce = Savepoint | SetVariable | SetTransaction | Reset | Discard | Flush

function runAtOnce(session: StatementSession, statement: AtOnce): string {
  switch (statement.kind) {
    case 'savepoint':
    case 'release':
    case 'rollbackTo':
      return savepoint(session, statement.kind, statement.name)
    case 'set':
      return set(session, statement)
    case 'setTransaction':
      return setTransaction(session, statement)
    case 'reset':
      return reset(session, statement)
    case 'discard':
      return discard(session, statement)
    case 'flush':
      return 'FLUSH'
    default:
      return unreachable(statement)
  }
}

type Definition =
  | CreateTable
  | CreateTableAs
  | CreateSource
  | CreateView
  | CreateMaterializedView
  | CreateIndex
  | CreateSchema
  | CreateType
  | AlterType
  | DropType
  | Drop
  | Alter
  | Comment

/** DDL: changes the catalog; refused inside a transaction block that has changed rows (engine §8). */
async function runDefinition(session: StatementSession, statement: Definition): Promise<string> {
  switch (statement.kind) {
    case 'createTable':
      return createTable(session, statement)
    case 'createTableAs':
      return createTableAs(session, statement)
    case 'createSource':
      return createSource(session, statement)
    case 'createView':
      return createView(session, statement)
    case 'createMaterializedView':
      return createMaterializedView(session, statement)
    case 'createIndex':
      return createIndex(session, statement)
    case 'createSchema':
      return createSchema(session, statement)
    case 'createType':
      return createType(session, statement)
    case 'alterType':
      return alterType(session, statement)
    case 'dropType':
      return dropType(session, statement)
    case 'drop':
      return drop(session, statement)
    case 'alter':
      return alter(session, statement)
    case 'comment':
      return comment(session, statement)
    default:
      return unreachable(statement)
  }
}
