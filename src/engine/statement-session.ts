// A session as statements see it: settings, names, the transaction block, and the core behind them. engine-session.ts
// implements it.

import type { MemoryAccount } from '../core/memory.ts'
import type { SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { EvaluationContext } from '../functions/registry.ts'
import type { TextSettings } from '../functions/text/settings.ts'
import type { Statement } from '../parser/ast-statement.ts'
import type { Rule } from '../planner/rule.ts'
import type { EngineCore } from './core.ts'
import type { Cursor } from './cursor.ts'
import type { Execution, SessionEvents } from './session.ts'
import type { Settings } from './settings.ts'
import type { Transaction } from './transaction.ts'

/** One execution of a statement. */
export interface Call {
  /** The statement's text, for messages and plans. */
  readonly text: string
  readonly parameters: readonly SqlValue[]
  readonly parameterTypes?: readonly SqlType[]
}

export interface NamedStatement {
  readonly name: string
  readonly statement: Statement
  readonly text: string
  readonly parameterTypes: readonly SqlType[]
}

export interface StatementSession {
  readonly id: number
  readonly core: EngineCore
  readonly settings: Settings
  readonly events: SessionEvents
  readonly user: string
  readonly database: string
  readonly account: MemoryAccount
  readonly prepared: Map<string, NamedStatement>
  readonly cursors: Map<string, Cursor>
  /** The running transaction: of a block, or of one statement. */
  transaction: Transaction | undefined
  /** The text that runs, for millrace.sessions. */
  readonly query: string
  readonly transactionStatus: 'I' | 'T' | 'E'
  /** Of the running transaction, or what the next one will have. */
  readonly isolation: string
  readonly searchPath: readonly string[]
  /** User and settings that plans depend on. */
  readonly planKey: string
  /** Rules of the optimizer that plans are made with. */
  readonly rules: readonly Rule[]
  /** Aborted when the running statement is cancelled. */
  readonly signal: AbortSignal
  context(): EvaluationContext
  /** A turn of the pump (pump.ts); the wait for it ends with a cancel or at a timeout. */
  turn<T>(work: () => T | Promise<T>): Promise<T>
  /** The same for what changes tables or the catalog: refused once the journal has failed. */
  change<T>(work: () => T | Promise<T>): Promise<T>
  /** How values are read and shown as text now. */
  textSettings(): TextSettings
  /** Runs a statement within the running one: EXECUTE. */
  dispatch(statement: Statement, call: Call): Promise<Execution>
  /** Cursors WITHOUT HOLD end with their transaction. */
  closeCursorsOfTransaction(): void
  notice(message: string, code?: string, hint?: string): void
}
