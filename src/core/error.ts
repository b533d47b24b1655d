// The one error type a user may see, and the builders that more than one room needs.
//
// A user's mistake is a `SqlError`: SQLSTATE, message in PostgreSQL's words where it has them, and where known the
// position in the statement, a detail and a hint. Our own mistake is a failed assertion (assert.ts), never a SqlError.
// Builders that belong to one room live there; those below are said by several.

export interface ErrorFields {
  /** SQLSTATE, five characters (PostgreSQL, Appendix A). */
  readonly code: string
  readonly message: string
  /** Offset into the statement's text, in UTF-16 units, from 0. The wire protocol counts characters from 1. */
  readonly position?: number | undefined
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  readonly schema?: string | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
  readonly constraint?: string | undefined
}

export class SqlError extends Error {
  readonly code: string
  readonly position: number | undefined
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly constraint: string | undefined

  constructor(fields: ErrorFields) {
    super(fields.message)
    this.name = 'SqlError'
    this.code = fields.code
    this.position = fields.position
    this.detail = fields.detail
    this.hint = fields.hint
    this.schema = fields.schema
    this.table = fields.table
    this.column = fields.column
    this.constraint = fields.constraint
  }

  /** The same error blamed on a place in the statement, unless it names one already. */
  at(position: number | undefined): SqlError {
    if (this.position !== undefined || position === undefined) return this
    return new SqlError({ ...this, message: this.message, position })
  }
}

interface Blame {
  readonly position?: number | undefined
  readonly detail?: string | undefined
  readonly hint?: string | undefined
}

/** 0A000: something that SQL or PostgreSQL has and Millrace does not. `what` is a plural or a clause's name. */
export const notSupported = (what: string, blame: Blame = {}): SqlError =>
  new SqlError({ code: '0A000', message: `${what} is not supported`, ...blame })

/** 42601: the text is not a statement. */
export const syntaxError = (message: string, blame: Blame = {}): SqlError =>
  new SqlError({ code: '42601', message, ...blame })

/** 22012. */
export const divisionByZero = (): SqlError => new SqlError({ code: '22012', message: 'division by zero' })

/** 22003 for a value that `type` cannot hold, in PostgreSQL's words: "integer out of range". */
export const outOfRange = (type: string): SqlError => new SqlError({ code: '22003', message: `${type} out of range` })

/** 22P02: `text` is no value of `type`. */
export const invalidText = (type: string, text: string, blame: Blame = {}): SqlError =>
  new SqlError({ code: '22P02', message: `invalid input syntax for type ${type}: "${text}"`, ...blame })

/** 53200: `owner` came to a stated limit. */
export const limitReached = (message: string, blame: Blame = {}): SqlError =>
  new SqlError({ code: '53200', message, ...blame })

/** 54001: an expression, statement or value nested deeper than we follow. */
export const nestedTooDeep = (blame: Blame = {}): SqlError =>
  new SqlError({ code: '54001', message: 'stack depth limit exceeded', ...blame })
