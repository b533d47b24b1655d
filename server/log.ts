// The structured log, one JSON line an event, on standard error.
//
// State: lines that were written before the logger was loaded. It is loaded with the first line that the level lets
// through: a server in good health writes none, and the logger would cost its start 40 ms and 10 MB.

import type { Logger } from 'pino'
import type { Clock } from '../src/core/clock.ts'

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const

export type Level = (typeof LEVELS)[number]

export interface Log extends AsyncDisposable {
  write(level: Level, message: string, facts?: Record<string, unknown>): void
}

/** `least`: the lowest level that is written. Disposing waits until every line is out. */
export function openLog(least: Level, clock: Clock): Log {
  let loading: Promise<Logger> | undefined
  return {
    write(level, message, facts = {}) {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return
      loading ??= load(least)
      const time = Number(clock.now() / 1000n)
      void loading.then((logger) => logger[level]({ time, ...facts }, message))
    },
    async [Symbol.asyncDispose]() {
      const logger = await loading
      await new Promise<void>((resolve) => {
        if (logger === undefined) resolve()
        else logger.flush(() => resolve())
      })
    },
  }
}

async function load(level: Level): Promise<Logger> {
  const { pino } = await import('pino')
  return pino({ level, base: null, timestamp: false }, pino.destination({ dest: 2, sync: false }))
}
