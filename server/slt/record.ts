// The record format of sqllogictest files: a directive line, SQL up to `----` or a blank line, and for queries the
// expected rows up to a blank line. `include` runs another file's records in its place.
//
//   statement ok | statement count N | statement error [CODE | (CODE)] [part of the message]
//   query TYPES [nosort|rowsort|valuesort] [label]
//   expect RULE | expect-not RULE          before a query: the optimizer must (not) apply the rule to it
//
// Anything else is an error of the file, never skipped. Paths and reading are the caller's (`ReadText`).

export type Sort = 'nosort' | 'rowsort' | 'valuesort'

export interface Place {
  readonly file: string
  readonly line: number
}

export interface ExpectedRows {
  readonly kind: 'rows'
  /** One letter a column: I integer, R other number, T anything else. */
  readonly types: string
  readonly sort: Sort
  readonly label: string | undefined
  readonly lines: readonly string[]
}

export type Expectation =
  | { readonly kind: 'ok' }
  | { readonly kind: 'count'; readonly rows: number }
  | { readonly kind: 'error'; readonly code: string | undefined; readonly message: string }
  | ExpectedRows

export interface SltRecord {
  readonly place: Place
  readonly sql: string
  readonly expectation: Expectation
  /** Optimizer rules that must have been applied, and those that must not. */
  readonly fires: readonly string[]
  readonly silent: readonly string[]
}

/** Text of a file by its path; throws if there is none. */
export type ReadText = (path: string) => string

export class SltSyntaxError extends Error {
  readonly place: Place

  constructor(place: Place, message: string) {
    super(`${place.file}:${place.line}: ${message}`)
    this.name = 'SltSyntaxError'
    this.place = place
  }
}

const INCLUDES_MAX = 20

/** The records of a file, includes in their places. */
export function parseRecords(file: string, read: ReadText, depth = 0): SltRecord[] {
  if (depth > INCLUDES_MAX) throw new SltSyntaxError({ file, line: 1 }, 'includes itself')
  const reader = new LineReader(file, read(file))
  const records: SltRecord[] = []
  let fires: string[] = []
  let silent: string[] = []
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [word, ...rest] = line.trim().split(/\s+/)
    if (word === 'include') records.push(...parseRecords(besideOf(file, rest[0] ?? ''), read, depth + 1))
    else if (word === 'expect') fires.push(...rest)
    else if (word === 'expect-not') silent.push(...rest)
    else {
      records.push({ ...readRecord(reader, line.trim()), fires, silent })
      fires = []
      silent = []
    }
  }
  if (fires.length + silent.length > 0) throw reader.error('expect without a query after it')
  return records
}

/** A path relative to the file that names it. */
function besideOf(file: string, path: string): string {
  const parts = file.split('/').slice(0, -1)
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

class LineReader {
  readonly #file: string
  readonly #lines: readonly string[]
  #at = 0

  constructor(file: string, text: string) {
    this.#file = file
    this.#lines = text.split('\n')
  }

  next(): string | undefined {
    return this.#lines[this.#at++]
  }

  /** Lines up to a blank one or, if asked, `----`; tells which it was. */
  block(endsAtDashes: boolean): { lines: string[]; dashes: boolean } {
    const lines: string[] = []
    for (let line = this.next(); line !== undefined && line !== ''; line = this.next()) {
      if (endsAtDashes && line === '----') return { lines, dashes: true }
      lines.push(line)
    }
    return { lines, dashes: false }
  }

  place(): Place {
    return { file: this.#file, line: this.#at }
  }

  error(message: string): SltSyntaxError {
    return new SltSyntaxError(this.place(), message)
  }
}

function readRecord(reader: LineReader, directive: string): Omit<SltRecord, 'fires' | 'silent'> {
  const place = reader.place()
  const expectation = parseDirective(reader, directive)
  const { lines, dashes } = reader.block(true)
  const sql = lines.join('\n')
  if (sql.trim() === '') throw reader.error('a directive without SQL')
  if (expectation.kind !== 'rows') {
    if (dashes) throw reader.error('a statement has no expected rows')
    return { place, sql, expectation }
  }
  if (!dashes) throw reader.error('a query needs ---- and its expected rows')
  return { place, sql, expectation: { ...expectation, lines: reader.block(false).lines } }
}

function parseDirective(reader: LineReader, directive: string): Expectation {
  const query = /^query(?:\s+([A-Z]+))?(?:\s+(nosort|rowsort|valuesort))?(?:\s+(\S+))?$/.exec(directive)
  if (query !== null) {
    const [, types = '', sort = 'nosort', label] = query
    return { kind: 'rows', types, sort: sort as Sort, label, lines: [] }
  }
  if (directive === 'statement ok') return { kind: 'ok' }
  const count = /^statement count (\d+)$/.exec(directive)
  if (count !== null) return { kind: 'count', rows: Number(count[1]) }
  const error = /^statement error(?:\s+\(?([0-9A-Z]{5})\)?)?(?:\s+(.+))?$/.exec(directive)
  if (error !== null) return { kind: 'error', code: error[1], message: error[2] ?? '' }
  throw reader.error(`unknown directive: ${directive}`)
}
