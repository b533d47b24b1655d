// What the runner needs of a database: a fresh one for each file, statements in, answers as text out.
//
// A statement that never answers, or takes its database down, is a `Lost`: the runner then opens a new database and
// goes on without that record. Answers hold PostgreSQL's text output, null for NULL.

import type { Rows } from './compare.ts'

export type Answer =
  | { readonly kind: 'rows'; readonly columns: readonly string[]; readonly rows: Rows; readonly tag: string }
  | { readonly kind: 'done'; readonly tag: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/** One session on a database that was empty when it was opened. */
export interface Connection {
  /** One statement. Rejects with `Lost` if there will be no answer. */
  run(sql: string): Promise<Answer>
  inTransaction(): boolean
  /** Stops the database in good order, if it has a place to keep its data, and opens it again. */
  restart(): Promise<void>
  /** Gives up the session and what it made, also while a statement runs. */
  close(): Promise<void>
}

export interface Backend {
  readonly name: string
  open(): Promise<Connection>
}

export class Lost extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Lost'
  }
}

/** The number of rows that a command tag names: 3 for `INSERT 0 3` and `SELECT 3`. */
export const rowsOfTag = (tag: string): number | undefined => {
  const count = / (\d+)$/.exec(tag)?.[1]
  return count === undefined ? undefined : Number(count)
}
