// Time, chance and processes of a simulation. Everything that happens comes from one queue of events in virtual time
// and from one seed, so that a run can be repeated exactly; nothing here waits for the real clock.
//
//   until(promise): microtasks run out → settled? → else the next event of the queue, its time becomes now
//
// State: the queue, two clocks (the wall clock can be set wrong), and the process that lives now. Killing it drops its
// events: its promises never settle, and nothing of it runs again.

import type { Clock, Random, Timers } from '../../src/core/clock.ts'

interface Event {
  readonly at: number
  readonly sequence: number
  readonly owner: Process | undefined
  readonly run: () => void
}

/** One life of the engine between two starts. */
export interface Process {
  alive: boolean
  readonly onKill: (() => void)[]
}

/** Mulberry32: small, and the same everywhere. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The process died while something was awaited. */
export class Killed extends Error {}

export class World {
  readonly random: Random
  /** Virtual milliseconds. */
  now = 0
  #wallMicros = 1_790_000_000_000_000n
  #sequence = 0
  readonly #queue: Event[] = []
  process: Process = { alive: true, onKill: [] }

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  /** A whole number, `least` ≤ n < `beyond`. */
  number(least: number, beyond: number): number {
    return least + Math.floor(this.random() * (beyond - least))
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[this.number(0, from.length)]!
  }

  /** The wall clock is set forward or back. */
  jump(milliseconds: number): void {
    this.#wallMicros += BigInt(Math.round(milliseconds * 1000))
  }

  readonly clock: Clock = {
    now: () => this.#wallMicros + BigInt(Math.floor(this.now * 1000)),
    // Work takes time, and how much is anybody's guess.
    monotonicMs: () => {
      this.now += this.random() * 0.5
      return this.now
    },
  }

  /** Timers of the process that lives now; those of a dead one never ring. */
  timers(): Timers {
    const { process } = this
    return { after: (delayMs, run) => this.#add(delayMs, run, process) }
  }

  /** Something outside of the process. */
  after(delayMs: number, run: () => void): Disposable {
    return this.#add(delayMs, run, undefined)
  }

  /** Resolves later, in the process that lives now, or never. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#add(delayMs, resolve, this.process))
  }

  #add(delayMs: number, run: () => void, owner: Process | undefined): Disposable {
    const event: Event = { at: this.now + Math.max(0, delayMs), sequence: this.#sequence++, owner, run }
    let at = this.#queue.length
    while (at > 0 && this.#queue[at - 1]!.at <= event.at) at--
    this.#queue.splice(at, 0, event)
    return {
      [Symbol.dispose]: () => {
        const place = this.#queue.indexOf(event)
        if (place >= 0) this.#queue.splice(place, 1)
      },
    }
  }

  kill(): void {
    const { process } = this
    process.alive = false
    for (const told of process.onKill) told()
    for (let i = this.#queue.length - 1; i >= 0; i--) if (this.#queue[i]!.owner === process) this.#queue.splice(i, 1)
  }

  /** A new process begins. */
  revive(): void {
    this.process = { alive: true, onKill: [] }
  }

  /** Lets the world run until the promise is settled. Throws Killed, or an error when `limitMs` have passed. */
  async until<T>(promise: PromiseLike<T>, limitMs = 120_000, what = 'something'): Promise<T> {
    const end = this.now + limitMs
    let settled = false
    const settle = (): void => {
      settled = true
    }
    promise.then(settle, settle)
    for (;;) {
      await flush()
      if (!this.process.alive) throw new Killed()
      if (settled) return await promise
      const event = this.#queue.pop()
      if (event === undefined) throw new Error(`nothing will happen any more, and ${what} has not ended`)
      if (event.at > end) throw new Error(`${what} has not ended after ${limitMs} ms`)
      this.now = Math.max(this.now, event.at)
      event.run()
    }
  }

  /** Lets so much time pass. */
  async run(milliseconds: number): Promise<void> {
    let timer: Disposable | undefined
    const passed = new Promise<void>((resolve) => {
      timer = this.after(milliseconds, resolve)
    })
    try {
      await this.until(passed, Number.POSITIVE_INFINITY)
    } finally {
      timer?.[Symbol.dispose]()
    }
  }
}

/** Microtasks run out. */
const flush = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
