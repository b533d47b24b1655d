// What the server (and the library's user) sees of the engine: sessions that run statements.
//
// Results are columnar batches with their schema, so that the wire encodes columns without values in between. Nothing
// is buffered beyond one batch: the reader pulls, and a slow client thereby pauses its own query and nobody else's.

import type { Batch } from '../core/batch.ts'
import type { SqlError } from '../core/error.ts'
import type { Schema } from '../core/schema.ts'
import type { SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { TextSettings } from '../functions/text/settings.ts'

/** At once where nothing has to be waited for: a promise costs as much as a small query. */
export type Soon<T> = T | Promise<T>

export interface Notice {
  readonly severity: 'NOTICE' | 'WARNING' | 'INFO'
  readonly code: string
  readonly message: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
}

/** Beside the results: notices, reported settings (ParameterStatus), the end of an idle session. */
export interface SessionEvents {
  notice(notice: Notice): void
  parameter(name: string, value: string): void
  /** The session was idle for too long: the client is told why, and its connection ends. */
  terminate(reason: SqlError): void
}

/** Column of a result, with the relation column it comes from where there is one (RowDescription). */
export interface ResultColumn {
  readonly name: string
  readonly type: SqlType
  readonly tableOid: number
  readonly columnNumber: number
}

export type Execution = RowsExecution | CommandExecution | CopyOutExecution | CopyInExecution | EmptyExecution

export interface RowsExecution {
  readonly kind: 'rows'
  readonly columns: readonly ResultColumn[]
  readonly schema: Schema
  /**
   * At most `maxRows` further rows (0: as many as come at once); undefined when there are no more. Valid until the next
   * call.
   */
  next(maxRows: number): Soon<Batch | undefined>
  /** Command tag once all rows are out: `SELECT 3`, `INSERT 0 1`, `FETCH 2`. */
  tag(): string
  /** Ends it early (portal closed, LIMIT of the client, cancel). */
  close(): void
}

export interface CommandExecution {
  readonly kind: 'command'
  readonly tag: string
}

/** An empty query string. */
export interface EmptyExecution {
  readonly kind: 'empty'
}

/** COPY … TO STDOUT: rows to be encoded in COPY text or CSV; a SUBSCRIBE never ends by itself. */
export interface CopyOutExecution {
  readonly kind: 'copyOut'
  readonly schema: Schema
  readonly format: CopyFormat
  next(): Promise<Batch | undefined>
  tag(): string
  close(): void
}

export interface CopyFormat {
  readonly name: 'text' | 'csv'
  readonly delimiter: string
  readonly null: string
  readonly header: boolean
  readonly quote: string
  readonly escape: string
}

export interface CopyInExecution {
  readonly kind: 'copyIn'
  readonly schema: Schema
  readonly format: CopyFormat
  /** Rows of text fields, as decoded by the server; null is NULL. */
  write(rows: readonly (readonly (string | null)[])[]): void
  /** CopyDone: applies the rows and commits. Rejects with SqlError. */
  finish(): Promise<string>
  /** CopyFail. */
  abort(reason: string): void
}

export interface PreparedStatement {
  readonly text: string
  readonly parameterTypes: readonly SqlType[]
  /** Undefined: returns no rows. */
  readonly columns: readonly ResultColumn[] | undefined
}

export interface Session extends AsyncDisposable {
  readonly id: number
  /** Idle, in a transaction block, in a failed one. */
  readonly transactionStatus: 'I' | 'T' | 'E'
  /**
   * The simple protocol: statements of a text run in order, several as one implicit transaction; each is executed when
   * its element is pulled, after the one before was read to its end. Ends with the first error (thrown).
   */
  simpleQuery(text: string): AsyncGenerator<Execution, void>
  /** The same for a text that is one query and need not wait; undefined: it is not so, and nothing was done. */
  queryAtOnce(text: string): Execution | undefined
  /** Extended protocol, Parse: one statement (or none). `undefined` types are inferred. */
  prepare(text: string, parameterTypes: readonly (SqlType | undefined)[]): Promise<PreparedStatement>
  /**
   * Bind and first Execute. Outside a transaction block a change is a transaction of its own where `alone` says so
   * (Sync follows); else it begins an implicit transaction, which ends at `sync`.
   */
  execute(statement: PreparedStatement, parameters: readonly SqlValue[], alone: () => Promise<boolean>): Soon<Execution>
  /** Extended protocol, Sync: commits or rolls back the implicit transaction. */
  sync(): Soon<void>
  /** An error occurred outside of the engine's sight (wire decoding): fails the transaction block. */
  fail(error: SqlError): void
  /** The client has the word (ReadyForQuery was sent): the idle timeouts run until it says something. */
  idle(): void
  /** CancelRequest: the running statement ends with 57014. */
  cancel(): void
  setting(name: string): string | undefined
  /** How values are shown as text now. */
  textSettings(): TextSettings
}

export interface SessionOptions {
  readonly user: string
  readonly database: string
  readonly settings: Readonly<Record<string, string>>
  readonly events: SessionEvents
}
