// How long to wait before the next try, and waiting itself, on injected timers.
//
// Delays double from 50 to 500 ms, each cut by up to a half at random, so that many readers of one broker that comes
// back do not ask it in step. The first retry is quick because most errors last milliseconds (a topic just created, a
// leader just moved); the last is short because a source is to resume within a second of its broker.

import type { Random, Timers } from '../../core/clock.ts'

const FIRST_MS = 50
const MAX_MS = 500

/** `failures`: how many in a row, from 1. */
export const backoffMs = (failures: number, random: Random): number =>
  Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10)) * (1 - random() / 2)

/** Resolves after `delayMs`, or at once when the signal aborts; never rejects. */
export function pause(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = timers.after(delayMs, () => done())
    const done = () => {
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
