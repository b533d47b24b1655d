// An execution whose time is watched: a cancel or the statement timeout ends it between two pieces, and the timer
// stands while nobody asks for a piece after Sync (session-timers.ts).

import { unreachable } from '../core/assert.ts'
import type { Execution } from './session.ts'

export interface Watch {
  readonly signal: AbortSignal
  /** A piece is wanted: the time runs. */
  run(): void
  /** The statement has ended. */
  end(): void
}

/** The same execution under the watch. */
export function watched(execution: Execution, watch: Watch): Execution {
  const piece = async <T>(work: () => T | Promise<T>): Promise<T> => {
    watch.run()
    watch.signal.throwIfAborted()
    return await work()
  }
  const close = (): void => {
    watch.end()
    if (execution.kind === 'rows' || execution.kind === 'copyOut') execution.close()
  }
  switch (execution.kind) {
    case 'empty':
    case 'command':
      watch.end()
      return execution
    case 'rows':
      return { ...execution, next: (maxRows) => piece(() => execution.next(maxRows)), close }
    case 'copyOut':
      return { ...execution, next: () => piece(() => execution.next()), close }
    case 'copyIn':
      return {
        kind: 'copyIn',
        schema: execution.schema,
        format: execution.format,
        write(rows) {
          watch.signal.throwIfAborted()
          execution.write(rows)
        },
        finish: () => piece(() => execution.finish()).finally(() => watch.end()),
        abort(reason) {
          watch.end()
          execution.abort(reason)
        },
      }
    default:
      return unreachable(execution)
  }
}
