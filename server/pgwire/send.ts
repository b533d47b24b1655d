// Sending what an execution yields: rows, COPY in both directions, tags. Shared by both query protocols.

import { SqlError } from '../../src/core/error.ts'
import type { CopyInExecution, CopyOutExecution, Execution, RowsExecution, Session } from '../../src/engine/session.ts'
import type { TextSettings } from '../../src/functions/text/settings.ts'
import { commandComplete, copyDone, copyResponse, emptyQueryResponse, rowDescription } from './backend.ts'
import { CopyDecoder } from './copy-decoder.ts'
import { CopyEncoder, dataRows, rowEncoders } from './encode.ts'
import { protocolViolation } from './framing.ts'
import type { FrontendMessage } from './frontend.ts'
import type { Outlet } from './outlet.ts'

export interface ProtocolParts {
  readonly session: Session
  readonly outlet: Outlet
  readonly next: () => Promise<FrontendMessage | undefined>
  /** Whether the message after the running one is Sync; waits for it. */
  readonly syncFollows: () => Promise<boolean>
}

/** Rows that one piece holds: enough to amortise, few enough for a first row soon. */
const PIECE_ROWS = 1024

/** Everything of an execution in the simple protocol. */
export async function sendAll(parts: ProtocolParts, execution: Execution, settings: TextSettings): Promise<void> {
  const { outlet } = parts
  switch (execution.kind) {
    case 'empty':
      emptyQueryResponse(outlet.writer)
      break
    case 'command':
      commandComplete(outlet.writer, execution.tag)
      break
    case 'rows':
      rowDescription(outlet.writer, execution.columns, [])
      await sendRows(outlet, execution, { settings, formats: [], maxRows: 0 })
      commandComplete(outlet.writer, execution.tag())
      break
    case 'copyOut':
      await sendCopy(outlet, execution, settings)
      break
    case 'copyIn':
      await receiveCopy(parts, execution)
      break
  }
}

/** At most `maxRows` rows (0: all); returns whether that was the end, and how many. */
export async function sendRows(
  outlet: Outlet,
  execution: RowsExecution,
  how: { readonly settings: TextSettings; readonly formats: readonly number[]; readonly maxRows: number },
): Promise<{ readonly ended: boolean; readonly rows: number }> {
  const { settings, formats, maxRows } = how
  const encoders = rowEncoders(execution.schema, settings, formats)
  let rows = 0
  for (;;) {
    const wanted = maxRows === 0 ? PIECE_ROWS : Math.min(PIECE_ROWS, maxRows - rows)
    if (wanted === 0) return { ended: false, rows }
    const batch = await execution.next(wanted)
    if (batch === undefined) return { ended: true, rows }
    dataRows(batch, encoders, outlet.writer)
    rows += batch.length
    if (outlet.full) await outlet.flush()
  }
}

export async function sendCopy(outlet: Outlet, execution: CopyOutExecution, settings: TextSettings): Promise<void> {
  copyResponse(outlet.writer, 'H', execution.schema.length)
  const encoder = new CopyEncoder(execution.schema, settings, execution.format)
  encoder.header(execution.schema, outlet.writer)
  try {
    await outlet.flush()
    for (let batch = await execution.next(); batch !== undefined; batch = await execution.next()) {
      encoder.rows(batch, outlet.writer)
      await outlet.flush()
    }
  } finally {
    execution.close()
  }
  copyDone(outlet.writer)
  commandComplete(outlet.writer, execution.tag())
}

/** COPY FROM STDIN: data until CopyDone; what else arrives meanwhile is a violation, but Flush and Sync (ignored). */
export async function receiveCopy(parts: ProtocolParts, execution: CopyInExecution): Promise<void> {
  const { outlet } = parts
  copyResponse(outlet.writer, 'G', execution.schema.length)
  await outlet.flush()
  const decoder = new CopyDecoder(execution.format)
  let failure: unknown
  for (;;) {
    const message = await parts.next()
    if (message === undefined) {
      execution.abort('the connection was lost')
      return
    }
    if (message.kind === 'copyDone') break
    if (message.kind === 'copyFail') throw copyFailed(execution, message.reason)
    if (message.kind === 'flush' || message.kind === 'sync') continue
    if (message.kind !== 'copyData')
      throw protocolViolation(`unexpected message ${message.kind} during COPY from stdin`)
    try {
      if (failure === undefined) execution.write(decoder.rows(message.bytes))
    } catch (error) {
      failure = error
    }
  }
  if (failure !== undefined) {
    execution.abort('error')
    throw failure
  }
  execution.write(decoder.end())
  commandComplete(outlet.writer, await execution.finish())
}

/** 57014. */
function copyFailed(execution: CopyInExecution, reason: string): SqlError {
  execution.abort(reason)
  return new SqlError({ code: '57014', message: `COPY from stdin failed: ${reason}` })
}
