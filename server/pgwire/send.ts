// Sending what an execution yields: rows, COPY in both directions, tags. Shared by both query protocols.

import type { Batch } from '../../src/core/batch.ts'
import { SqlError } from '../../src/core/error.ts'
import type {
  CopyInExecution,
  CopyOutExecution,
  Execution,
  RowsExecution,
  Session,
  Soon,
} from '../../src/engine/session.ts'
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
export function sendAll(parts: ProtocolParts, execution: Execution, settings: TextSettings): Soon<void> {
  const { outlet } = parts
  switch (execution.kind) {
    case 'empty':
      return emptyQueryResponse(outlet.writer)
    case 'command':
      return commandComplete(outlet.writer, execution.tag)
    case 'rows': {
      rowDescription(outlet.writer, execution.columns, allText)
      const complete = (): void => commandComplete(outlet.writer, execution.tag())
      const sent = sendRows(outlet, execution, { settings, formats: allText, maxRows: 0 })
      return sent instanceof Promise ? sent.then(complete) : complete()
    }
    case 'copyOut':
      return sendCopy(outlet, execution, settings)
    case 'copyIn':
      return receiveCopy(parts, execution)
  }
}

export const allText: readonly number[] = []

interface How {
  readonly settings: TextSettings
  readonly formats: readonly number[]
  readonly maxRows: number
}

interface Sent {
  readonly ended: boolean
  readonly rows: number
}

/** At most `maxRows` rows (0: all); returns whether that was the end, and how many. At once, if it need not wait. */
export function sendRows(outlet: Outlet, execution: RowsExecution, how: How): Soon<Sent> {
  const encoders = rowEncoders(execution.schema, how.settings, how.formats)
  let rows = 0
  for (;;) {
    const wanted = wantedRows(how, rows)
    if (wanted === 0) return { ended: false, rows }
    const batch = execution.next(wanted)
    if (batch instanceof Promise) return sendLater(outlet, execution, how, { rows, batch })
    if (batch === undefined) return { ended: true, rows }
    dataRows(batch, encoders, outlet.writer)
    rows += batch.length
    if (!outlet.full) continue
    const drained = outlet.flush()
    if (drained !== undefined) return drained.then(() => sendLater(outlet, execution, how, { rows, batch: undefined }))
  }
}

/** The rest of it: after `rows` rows, and with a batch on its way where there is one. */
async function sendLater(
  outlet: Outlet,
  execution: RowsExecution,
  how: How,
  sent: { readonly rows: number; readonly batch: Promise<Batch | undefined> | undefined },
): Promise<Sent> {
  const encoders = rowEncoders(execution.schema, how.settings, how.formats)
  let { rows } = sent
  let next: Soon<Batch | undefined> = sent.batch
  for (;;) {
    if (next === undefined) {
      const wanted = wantedRows(how, rows)
      if (wanted === 0) return { ended: false, rows }
      next = execution.next(wanted)
    }
    const batch = await next
    next = undefined
    if (batch === undefined) return { ended: true, rows }
    dataRows(batch, encoders, outlet.writer)
    rows += batch.length
    if (outlet.full) await outlet.flush()
  }
}

const wantedRows = ({ maxRows }: How, rows: number): number =>
  maxRows === 0 ? PIECE_ROWS : Math.min(PIECE_ROWS, maxRows - rows)

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
