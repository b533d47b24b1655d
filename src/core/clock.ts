// Time and chance come in as arguments, so that tests and the simulation can decide them.

export interface Clock {
  /**
   * Wall-clock time in microseconds from 1970-01-01 00:00:00 UTC. May jump; epochs' times never go back all the same.
   */
  now(): bigint
  /** A monotonic time in milliseconds from an arbitrary start, for budgets and durations. */
  monotonicMs(): number
}

/** Uniform in [0, 1), as `Math.random`. */
export type Random = () => number

export interface Timer extends Disposable {}

export interface Timers {
  /** Calls `run` once after `delayMs`, unless disposed before. */
  after(delayMs: number, run: () => void): Timer
}
