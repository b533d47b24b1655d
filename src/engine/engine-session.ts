// A session: settings, prepared statements, cursors, and the transaction block around statements.
//
// State: as said, plus the abort signal of the running statement. One statement runs at a time; the server sees to
// that. In the simple protocol several statements of one text are one implicit transaction (PostgreSQL, "Multiple
// Statements in a Simple Query"); in the extended protocol what lies between two Syncs is. An error inside a block
// fails the block: only ROLLBACK, ROLLBACK TO and COMMIT (which then rolls back) are taken after it (25P02).

import { SqlError } from '../core/error.ts'
import { memoryAccount } from '../core/memory.ts'
import type { SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { CatalogFacts, EvaluationContext } from '../functions/registry.ts'
import type { ObjectNames, TextSettings } from '../functions/text/settings.ts'
import type { Statement } from '../parser/ast-statement.ts'
import type { ParsedStatement } from '../parser/parse.ts'
import { rulesWithout } from '../planner/optimizer.ts'
import type { Rule } from '../planner/rule.ts'
import { searchPathOf, statementContext, textSettings } from './context.ts'
import type { EngineCore } from './core.ts'
import type { Cursor } from './cursor.ts'
import type { Execution, PreparedStatement, Session, SessionEvents, SessionOptions, Soon } from './session.ts'
import { SessionTimers } from './session-timers.ts'
import { Settings } from './settings.ts'
import type { Call, NamedStatement, StatementSession } from './statement-session.ts'
import { StatementTemplates } from './statement-template.ts'
import { describe } from './statements/describe.ts'
import { modifiesInWith } from './statements/modifying-with.ts'
import { runStatement } from './statements/run.ts'
import { selectNow } from './statements/select.ts'
import { transactionSetting } from './statements/settings.ts'
import { beginBlock, endBlock } from './statements/transaction.ts'
import type { Transaction } from './transaction.ts'
import { watched } from './watched.ts'

interface Derived {
  readonly version: number
  readonly searchPath: readonly string[]
  readonly planKey: string
  readonly rules: readonly Rule[]
  readonly text: TextSettings
}

/** Settings beside the search path that plans, and constants in them, may depend on. */
const PLANNED_WITH = [
  'datestyle',
  'intervalstyle',
  'timezone',
  'extra_float_digits',
  'bytea_output',
  'disabled_rules',
] as const

/** What statements of a session share; `Session` is its face to the server. */
export class EngineSession implements Session, StatementSession {
  readonly id: number
  readonly core: EngineCore
  readonly settings: Settings
  readonly events: SessionEvents
  readonly user: string
  readonly database: string
  readonly account
  readonly prepared = new Map<string, NamedStatement>()
  readonly cursors = new Map<string, Cursor>()
  /** The running transaction: of a block, or of one statement. */
  transaction: Transaction | undefined
  /** The text that runs, for millrace.sessions. */
  query = ''
  readonly #templates = new StatementTemplates()
  #abort: AbortController | undefined
  readonly #timers: SessionTimers
  #facts: CatalogFacts | undefined
  #settled: Derived | undefined
  readonly #onClose: () => void

  constructor(core: EngineCore, id: number, options: SessionOptions, onClose: () => void) {
    this.core = core
    this.id = id
    this.user = options.user
    this.database = options.database
    this.account = memoryAccount(`session ${id}`, { parent: core.account })
    this.settings = new Settings(options.settings, (name, value) => options.events.parameter(name, value))
    this.#timers = new SessionTimers(core.host.timers, this.settings)
    this.events = {
      ...options.events,
      notice: (notice) => {
        if (this.settings.shows(notice.severity)) options.events.notice(notice)
      },
    }
    this.#onClose = onClose
  }

  get transactionStatus(): 'I' | 'T' | 'E' {
    if (this.transaction === undefined || !this.transaction.options.explicit) return 'I'
    return this.transaction.failed ? 'E' : 'T'
  }

  /** Of the running transaction, or what the next one will have. */
  get isolation(): string {
    return this.transaction?.options.isolation ?? this.settings.show('default_transaction_isolation')
  }

  get searchPath(): readonly string[] {
    return this.#derived().searchPath
  }

  get planKey(): string {
    return this.#derived().planKey
  }

  get rules(): readonly Rule[] {
    return this.#derived().rules
  }

  /** What statements ask of the settings, worked out again when one has changed. */
  #derived(): Derived {
    const { settings, user } = this
    if (this.#settled?.version === settings.version) return this.#settled
    const path = settings.show('search_path')
    this.#settled = {
      version: settings.version,
      searchPath: searchPathOf(path, user),
      planKey: JSON.stringify([user, path, ...PLANNED_WITH.map((name) => settings.show(name))]),
      rules: rulesWithout(settings.show('disabled_rules')),
      text: textSettings(settings, () => this.transaction?.time ?? this.core.clock.now(), this.#names()),
    }
    return this.#settled
  }

  #names(): ObjectNames {
    this.#facts ??= this.core.facts(() => this.searchPath)
    return this.core.names(this.#facts, this.user)
  }

  /** Aborted when the running statement is cancelled. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  context(): EvaluationContext {
    const { core } = this
    const { text, searchPath } = this.#derived()
    return statementContext({
      settings: this.settings,
      facts: this.#facts!,
      text,
      searchPath,
      now: this.transaction?.time ?? core.clock.now(),
      clock: () => core.clock.now(),
      random: core.host.random,
      user: this.user,
      database: this.database,
      setting: (name) => transactionSetting(this, name.toLowerCase()) ?? this.settings.get(name),
      backendPid: this.id,
    })
  }

  queryAtOnce(text: string): Execution | undefined {
    try {
      if (!this.core.statements.keeps(text)) return undefined
      const point = this.#templates.find(this, text)
      if (point !== undefined) return this.#now(point.query, { text, ...point })
      const [parsed, another] = this.core.statements.parse(text)
      return parsed === undefined || another !== undefined
        ? undefined
        : this.#now(parsed.statement, { text: parsed.text, parameters: [] })
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** A query that waits for nothing; undefined: what is to be run is none. */
  #now(statement: Statement, call: Call): Execution | undefined {
    if (statement.kind !== 'query' || this.transaction?.failed === true) return undefined
    this.#timers.active()
    this.#abort = undefined
    this.query = call.text
    return selectNow(this, statement, call)
  }

  async *simpleQuery(text: string): AsyncGenerator<Execution, void> {
    const statements = this.core.statements.parse(text)
    if (statements.length === 0) yield { kind: 'empty' }
    const several = statements.length > 1
    let finished = false
    try {
      for (const parsed of statements) {
        if (several && this.transaction === undefined) beginBlock(this, { explicit: false })
        yield* this.#guarded(parsed)
      }
      await this.#endImplicit(true)
      finished = true
    } finally {
      if (!finished) await this.#endImplicit(false)
    }
  }

  async *#guarded(parsed: ParsedStatement): AsyncGenerator<Execution, void> {
    try {
      yield await this.run(parsed.statement, parsed.text, [])
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** Runs one statement; its transaction, where it has none yet, ends with it or is left to `sync`. */
  async run(
    statement: Statement,
    text: string,
    parameters: readonly SqlValue[],
    types?: readonly SqlType[],
  ): Promise<Execution> {
    const abort = new AbortController()
    const { signal } = abort
    const timers = this.#timers
    this.#abort = abort
    this.query = text
    timers.rest()
    timers.run(abort)
    try {
      if (this.transaction?.failed === true && !endsFailure(statement)) throw inFailedTransaction()
      const call = { text, parameters, ...(types && { parameterTypes: types }) }
      const execution = await runStatement(this, statement, call)
      return watched(execution, { signal, run: () => timers.run(abort), end: () => timers.rest() })
    } catch (error) {
      timers.rest()
      throw signal.aborted ? signal.reason : error
    }
  }

  /** Waits for a turn of the pump; a cancel, the statement timeout or lock_timeout ends the wait. */
  turn<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#timers.patiently(this.signal, (signal) => this.core.pump.turn(work, signal))
  }

  /** The same for what changes tables or the catalog. */
  change<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#timers.patiently(this.signal, (signal) => this.core.pump.change(work, signal))
  }

  dispatch(statement: Statement, call: Call): Promise<Execution> {
    return runStatement(this, statement, call)
  }

  async prepare(text: string, parameterTypes: readonly (SqlType | undefined)[]): Promise<PreparedStatement> {
    try {
      const statements = this.core.statements.parse(text)
      if (statements.length > 1)
        throw new SqlError({ code: '42601', message: 'cannot insert multiple commands into a prepared statement' })
      const [parsed] = statements
      if (parsed === undefined) return { text, parameterTypes: [], columns: undefined }
      if (this.transaction?.failed === true && !endsFailure(parsed.statement)) throw inFailedTransaction()
      return describe(this, parsed.statement, text, parameterTypes)
    } catch (error) {
      throw this.#failed(error)
    }
  }

  execute(
    statement: PreparedStatement,
    parameters: readonly SqlValue[],
    alone: () => Promise<boolean>,
  ): Soon<Execution> {
    try {
      const [parsed] = this.core.statements.parse(statement.text)
      if (parsed === undefined) return { kind: 'empty' }
      const now = this.#now(parsed.statement, {
        text: statement.text,
        parameters,
        parameterTypes: statement.parameterTypes,
      })
      return now ?? this.#execute(parsed, statement, parameters, alone)
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async #execute(
    parsed: ParsedStatement,
    statement: PreparedStatement,
    parameters: readonly SqlValue[],
    alone: () => Promise<boolean>,
  ): Promise<Execution> {
    try {
      if (this.transaction === undefined && changesRows(parsed.statement) && !(await alone()))
        beginBlock(this, { explicit: false })
      return await this.run(parsed.statement, statement.text, parameters, statement.parameterTypes)
    } catch (error) {
      throw this.#failed(error)
    }
  }

  sync(): Soon<void> {
    this.#timers.rest()
    if (this.transaction !== undefined) return this.#endImplicit(!this.transaction.failed)
  }

  async #endImplicit(commit: boolean): Promise<void> {
    if (this.transaction !== undefined && !this.transaction.options.explicit) await endBlock(this, commit)
  }

  idle(): void {
    this.#timers.idle(this.transaction !== undefined, (reason) => this.events.terminate(reason))
  }

  fail(error: SqlError): void {
    this.#failed(error)
  }

  #failed(error: unknown): unknown {
    if (this.transaction !== undefined) this.transaction.failed = true
    return error
  }

  /** Cursors WITHOUT HOLD end with their transaction. */
  closeCursorsOfTransaction(): void {
    for (const [name, cursor] of this.cursors) {
      if (cursor.hold) continue
      cursor.close()
      this.cursors.delete(name)
    }
  }

  notice(message: string, code = '00000', hint?: string): void {
    this.events.notice({ severity: 'NOTICE', code, message, hint })
  }

  cancel(): void {
    this.#abort?.abort(cancelled())
  }

  setting(name: string): string | undefined {
    return this.settings.get(name)
  }

  textSettings(): TextSettings {
    return this.#derived().text
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel()
    this.#timers[Symbol.dispose]()
    if (this.transaction !== undefined) await endBlock(this, false)
    for (const cursor of this.cursors.values()) cursor.close()
    this.cursors.clear()
    this.#onClose()
  }
}

const endsFailure = (statement: Statement): boolean =>
  statement.kind === 'rollback' || statement.kind === 'commit' || statement.kind === 'rollbackTo'

const changesRows = (statement: Statement): boolean =>
  ['insert', 'update', 'delete', 'truncate', 'execute'].includes(statement.kind) || modifiesInWith(statement)

/** 57014. */
export const cancelled = (): SqlError =>
  new SqlError({ code: '57014', message: 'canceling statement due to user request' })

/** 25P02. */
const inFailedTransaction = (): SqlError =>
  new SqlError({
    code: '25P02',
    message: 'current transaction is aborted, commands ignored until end of transaction block',
  })
