// A host whose clock moves when a test says so, and whose timers run then: for everything that waits for its time.

import type { ConnectorHost } from '../../src/connectors/source.ts'
import { testHost } from './engine.ts'

export class ManualTime {
  #now: bigint
  #timers: { at: bigint; run: () => void }[] = []
  readonly host: ConnectorHost
  /** Waits for what a timer has begun. */
  settle: () => Promise<void> = async () => {}

  /** `start`: µs from 1970. */
  constructor(start = 1_700_000_000_000_000n) {
    this.#now = start
    this.host = {
      ...testHost,
      clock: { now: () => this.#now, monotonicMs: () => performance.now() },
      timers: {
        after: (delayMs, run) => {
          const timer = { at: this.#now + BigInt(Math.ceil(delayMs * 1000)), run }
          this.#timers.push(timer)
          return { [Symbol.dispose]: () => this.#remove(timer) }
        },
      },
    }
  }

  get now(): bigint {
    return this.#now
  }

  /** The clock jumps, back too; no timer runs. */
  jump(to: bigint): void {
    this.#now = to
  }

  /** Time passes; timers that are due by then run, and what they begin comes to its end. */
  async pass(micros: bigint): Promise<void> {
    this.#now += micros
    for (let due = this.#due(); due !== undefined; due = this.#due()) {
      this.#remove(due)
      due.run()
      await this.settle()
    }
    await this.settle()
  }

  #due() {
    return this.#timers.filter(({ at }) => at <= this.#now).sort((a, b) => (a.at < b.at ? -1 : 1))[0]
  }

  #remove(timer: { at: bigint; run: () => void }): void {
    this.#timers = this.#timers.filter((one) => one !== timer)
  }
}
