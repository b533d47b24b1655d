// What all definitions have in common: where in a transaction they may stand. A definition commits by itself; inside a
// block it does so at once, as long as the block has changed no rows.

import { notSupported } from '../../core/error.ts'
import type { StatementSession } from '../statement-session.ts'

/** DDL after DML in one transaction is 0A000 (engine §8). */
export function outsideTransactionWithChanges(session: StatementSession, what: string): void {
  if (session.transaction?.changed === true)
    throw notSupported(`${what} after INSERT, UPDATE or DELETE in one transaction`, {
      hint: 'COMMIT first: definitions are transactions of their own here.',
    })
}
