// What a client is told of an error: SqlErrors as they are, cancels as 57014, our own mistakes as XX000 without a
// stack.

import { SqlError } from '../../src/core/error.ts'

type Log = (level: 'error', message: string, facts?: Record<string, unknown>) => void

export function asSqlError(error: unknown, log: Log): SqlError {
  if (error instanceof SqlError) return error
  const shown = error instanceof Error ? error : new Error(String(error))
  if (shown instanceof RangeError && /call stack/i.test(shown.message))
    return new SqlError({ code: '54001', message: 'stack depth limit exceeded' })
  log('error', 'internal error', { error: shown.message, stack: shown.stack })
  return new SqlError({
    code: 'XX000',
    message: `internal error: ${shown.message}`,
    hint: 'This is a mistake of the server. The log has more about it.',
  })
}
