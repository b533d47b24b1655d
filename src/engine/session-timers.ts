// The timeouts of a session (PostgreSQL chapter 20.11.1): of the running statement, of waiting for a turn, of being
// idle.
//
// State: one timer for the statement and one for idleness; never both. A statement's time runs while it computes or
// hands out rows; it stands while a portal waits for its client between two messages.

import type { Timer, Timers } from '../core/clock.ts'
import { SqlError } from '../core/error.ts'
import type { Settings } from './settings.ts'

export class SessionTimers implements Disposable {
  readonly #timers: Timers
  readonly #settings: Settings
  #statement: Timer | undefined
  #idle: Timer | undefined

  constructor(timers: Timers, settings: Settings) {
    this.#timers = timers
    this.#settings = settings
  }

  /** The statement's time runs from now, unless it runs already. */
  run(abort: AbortController): void {
    this.active()
    const limit = this.#settings.milliseconds('statement_timeout')
    if (limit > 0) this.#statement ??= this.#timers.after(limit, () => abort.abort(statementTimeout()))
  }

  /** The statement has ended, or waits for its client. */
  rest(): void {
    this.#statement?.[Symbol.dispose]()
    this.#statement = undefined
  }

  /** The client has the word; `end` is called when it is silent for too long. */
  idle(inTransaction: boolean, end: (reason: SqlError) => void): void {
    this.rest()
    this.active()
    const name = inTransaction ? 'idle_in_transaction_session_timeout' : 'idle_session_timeout'
    const limit = this.#settings.milliseconds(name)
    if (limit > 0)
      this.#idle = this.#timers.after(limit, () => end(inTransaction ? idleInTransaction() : idleSession()))
  }

  /** Runs `wait` with a signal that aborts with `signal`, or once the wait has lasted for lock_timeout. */
  async patiently<T>(signal: AbortSignal, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = this.#settings.milliseconds('lock_timeout')
    if (limit === 0) return wait(signal)
    const lock = new AbortController()
    using _ = this.#timers.after(limit, () => lock.abort(lockTimeout()))
    return await wait(AbortSignal.any([signal, lock.signal]))
  }

  /** The client is not idle. */
  active(): void {
    this.#idle?.[Symbol.dispose]()
    this.#idle = undefined
  }

  [Symbol.dispose](): void {
    this.rest()
    this.active()
  }
}

/** 57014. */
const statementTimeout = (): SqlError =>
  new SqlError({ code: '57014', message: 'canceling statement due to statement timeout' })

/** 55P03. */
const lockTimeout = (): SqlError => new SqlError({ code: '55P03', message: 'canceling statement due to lock timeout' })

/** 25P03. */
const idleInTransaction = (): SqlError =>
  new SqlError({ code: '25P03', message: 'terminating connection due to idle-in-transaction timeout' })

/** 57P05. */
const idleSession = (): SqlError =>
  new SqlError({ code: '57P05', message: 'terminating connection due to idle-session timeout' })
