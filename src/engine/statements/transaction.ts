// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and what statements do for a transaction of their own (consistency §4).

import { SqlError } from '../../core/error.ts'
import type { Region } from '../../core/region.ts'
import type { TextSettings } from '../../functions/text/settings.ts'
import type { Commit, Rollback, TransactionModes } from '../../parser/ast-statement.ts'
import { collectedReads } from '../reads.ts'
import { readBase } from '../session-reads.ts'
import type { StatementSession } from '../statement-session.ts'
import { type Isolation, Transaction } from '../transaction.ts'

interface BlockOptions {
  readonly explicit: boolean
  readonly modes?: TransactionModes
}

export function beginBlock(session: StatementSession, { explicit, modes }: BlockOptions): void {
  const { settings, core } = session
  const isolation = isolationOf(modes?.isolation ?? settings.show('default_transaction_isolation'))
  const readOnly = modes?.readOnly ?? settings.show('default_transaction_read_only') === 'on'
  session.transaction = new Transaction({ isolation, readOnly, explicit }, session.account, core.clock.now())
  settings.begin()
}

/** Levels below repeatable read are given repeatable read, as the standard allows. */
const isolationOf = (level: string): Isolation => (level === 'serializable' ? 'serializable' : 'repeatable read')

/** BEGIN inside a block is a warning; inside an implicit one it makes the block explicit. */
export function begin(session: StatementSession, modes: TransactionModes): string {
  const running = session.transaction
  if (running === undefined) beginBlock(session, { explicit: true, modes })
  else if (running.options.explicit) warn(session, '25001', 'there is already a transaction in progress')
  else {
    running.setModes(modes)
    running.options.explicit = true
  }
  return 'BEGIN'
}

export async function commit(session: StatementSession, { chain }: Commit): Promise<string> {
  const running = runningBlock(session, chain ? 'COMMIT AND CHAIN' : undefined)
  if (running === undefined) return 'COMMIT'
  const failed = running.failed
  await endBlock(session, !failed)
  if (chain) chainBlock(session, running)
  return failed ? 'ROLLBACK' : 'COMMIT'
}

export async function rollback(session: StatementSession, { chain }: Rollback): Promise<string> {
  const running = runningBlock(session, chain ? 'ROLLBACK AND CHAIN' : undefined)
  await endBlock(session, false)
  if (chain && running !== undefined) chainBlock(session, running)
  return 'ROLLBACK'
}

/** The block that COMMIT or ROLLBACK ends. Without one: a warning, or 25P01 for what `needing` says. */
function runningBlock(session: StatementSession, needing: string | undefined): Transaction | undefined {
  const running = session.transaction
  if (running?.options.explicit === true) return running
  if (needing !== undefined) throw outsideBlock(needing)
  warn(session, '25P01', 'there is no transaction in progress')
  return running
}

/** AND CHAIN: a new block with the modes of the one that has ended. */
const chainBlock = (session: StatementSession, { options }: Transaction): void =>
  beginBlock(session, {
    explicit: true,
    modes: { isolation: options.isolation, readOnly: options.readOnly, deferrable: undefined },
  })

/**
 * Ends the running transaction; resolves when its changes are durable and visible. Throws 40001, 23505 …: then it is
 * undone.
 */
export async function endBlock(session: StatementSession, committed: boolean): Promise<void> {
  const { transaction, core } = session
  if (transaction === undefined) return
  session.transaction = undefined
  let done = false
  try {
    if (committed && transaction.changed) {
      const text = session.context().text
      const reads = collectedReads(readBase(session))
      await durable(session, ({ region }) => transaction.commit(core.graph, core.writeLog, { region, text, reads }))
    }
    done = committed
  } finally {
    transaction.end(core.writeLog)
    transaction[Symbol.dispose]()
    session.settings.end(done)
    session.closeCursorsOfTransaction()
  }
}

/** Runs `change` in a turn; where it has changed tables, waits until their epoch is durable and visible. */
export async function durable(
  session: StatementSession,
  change: (target: { readonly region: Region; readonly text: TextSettings }) => boolean,
): Promise<void> {
  const { core } = session
  const text = session.context().text
  const epoch = await session.change(() => {
    const changed = change({ region: core.region, text })
    return { done: changed ? core.pump.collect() : undefined }
  })
  await epoch.done
}

export function savepoint(
  session: StatementSession,
  kind: 'savepoint' | 'release' | 'rollbackTo',
  name: string,
): string {
  const { transaction } = session
  if (transaction === undefined || !transaction.options.explicit) throw outsideBlock(statementNames[kind])
  switch (kind) {
    case 'savepoint':
      transaction.savepoint(name)
      return 'SAVEPOINT'
    case 'release':
      transaction.release(name)
      return 'RELEASE'
    case 'rollbackTo':
      transaction.rollbackTo(name)
      return 'ROLLBACK'
  }
}

function warn(session: StatementSession, code: string, message: string): void {
  session.events.notice({ severity: 'WARNING', code, message })
}

const statementNames = { savepoint: 'SAVEPOINT', release: 'RELEASE SAVEPOINT', rollbackTo: 'ROLLBACK TO SAVEPOINT' }

/** 25P01. */
const outsideBlock = (statement: string): SqlError =>
  new SqlError({ code: '25P01', message: `${statement} can only be used in transaction blocks` })
