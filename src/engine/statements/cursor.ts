// DECLARE, FETCH, MOVE, CLOSE: cursors over queries and over SUBSCRIBE.

import type { Batch } from '../../core/batch.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import { copyOut } from '../../core/primitives/concat.ts'
import type { CloseCursor, DeclareCursor, FetchCursor } from '../../parser/ast-statement.ts'
import type { Cursor } from '../cursor.ts'
import { ResultRows } from '../result.ts'
import type { Execution, RowsExecution } from '../session.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import type { Subscription } from '../subscription.ts'
import { rowsExecution } from './rows.ts'
import { select } from './select.ts'
import { closeSubscription, openSubscription } from './subscribe.ts'

export async function declareCursor(session: StatementSession, statement: DeclareCursor, call: Call): Promise<string> {
  const { name, query, hold } = statement
  if (statement.scroll === true) throw notSupported('SCROLL cursors', { position: statement.position })
  if (statement.binary) throw notSupported('BINARY cursors', { position: statement.position })
  if (session.cursors.has(name)) throw new SqlError({ code: '42P03', message: `cursor "${name}" already exists` })
  if (!hold && query.kind === 'query' && session.transactionStatus === 'I')
    throw new SqlError({ code: '25P01', message: 'DECLARE CURSOR can only be used in transaction blocks' })
  if (query.kind === 'subscribe') {
    const subscription = await openSubscription(session, query, call)
    session.cursors.set(name, subscriptionCursor(session, subscription))
  } else {
    const execution = await select(session, query, call)
    session.cursors.set(name, queryCursor(execution, hold))
  }
  return 'DECLARE CURSOR'
}

function queryCursor(execution: RowsExecution, hold: boolean): Cursor {
  return {
    hold,
    columns: execution.columns,
    schema: execution.schema,
    async fetch(count) {
      const batch = count === 0 ? undefined : await execution.next(count)
      return batch === undefined ? [] : [batch]
    },
    close: () => execution.close(),
  }
}

/** FETCH gives what is there, without waiting, in whole batches up to the count. */
function subscriptionCursor(session: StatementSession, subscription: Subscription): Cursor {
  return {
    hold: true,
    columns: subscription.schema.map(({ name, type }) => ({ name, type, tableOid: 0, columnNumber: 0 })),
    schema: subscription.schema,
    async fetch(count) {
      return subscription.take(count)
    },
    close: () => closeSubscription(session, subscription),
  }
}

export async function fetchCursor(session: StatementSession, statement: FetchCursor): Promise<Execution> {
  const cursor = session.cursors.get(statement.name)
  if (cursor === undefined) throw undefinedCursor(statement.name)
  const { kind, count } = statement.direction
  const backward = kind === 'backward' && count > 0
  if (backward || kind === 'absolute' || kind === 'relative' || count < 0)
    throw new SqlError({
      code: '55000',
      message: 'cursor can only scan forward',
      hint: 'Declare it with SCROLL option to enable backward scan.',
    })
  const rows = new ResultRows(cursor.schema, session.account)
  const batches: Batch[] = []
  let left = Math.min(count, Number.MAX_SAFE_INTEGER)
  while (left > 0) {
    const more = await cursor.fetch(left)
    if (more.length === 0) break
    for (const batch of more) {
      batches.push(copyOut([batch], rows.region))
      left -= batch.length
    }
  }
  rows.finish(batches, { order: [], limit: undefined, offset: 0n })
  if (statement.kind === 'move') {
    const total = rows.total
    rows[Symbol.dispose]()
    return { kind: 'command', tag: `MOVE ${total}` }
  }
  return rowsExecution(rows, cursor.columns, (fetched) => `FETCH ${fetched}`)
}

export function closeCursor(session: StatementSession, statement: CloseCursor): string {
  if (statement.name === undefined) {
    for (const cursor of session.cursors.values()) cursor.close()
    session.cursors.clear()
    return 'CLOSE CURSOR ALL'
  }
  const cursor = session.cursors.get(statement.name)
  if (cursor === undefined) throw undefinedCursor(statement.name)
  cursor.close()
  session.cursors.delete(statement.name)
  return 'CLOSE CURSOR'
}

/** 34000. */
const undefinedCursor = (name: string): SqlError =>
  new SqlError({ code: '34000', message: `cursor "${name}" does not exist` })
