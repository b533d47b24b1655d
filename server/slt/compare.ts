// Whether rows are those that a record expects, by the rules of its suite.
//
//   exact      one line a row, columns parted by a TAB; every character counts
//   lenient    runs of white space count as one blank; numbers under R are equal to 12 significant digits
//   aligned    exact where the line has a TAB or the result one column (indentation counts); else runs of blanks part
//              the columns, so that a person can align them
//   sqlite     one value a line; I truncates to an integer, R prints three decimals; a hash may stand for the values
//
// NULL is `NULL` and the empty string `(empty)` in all of them. Sorting is by bytes, both sides alike.

import { createHash } from 'node:crypto'
import type { ExpectedRows, Sort } from './record.ts'

export type Style = 'exact' | 'lenient' | 'aligned' | 'sqlite'
export type Rows = readonly (readonly (string | null)[])[]

/** Both sides as they were compared, in the order in which they were compared. */
export interface Difference {
  readonly expected: readonly string[]
  readonly got: readonly string[]
}

export const show = (value: string | null): string => (value === null ? 'NULL' : value === '' ? '(empty)' : value)

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const sorted = (lines: readonly string[], sort: Sort): readonly string[] =>
  sort === 'nosort' ? lines : lines.toSorted(byBytes)

const collapse = (line: string): string => line.trim().replace(/\s+/g, ' ')

export function compareRows(expectation: ExpectedRows, rows: Rows, style: Style): Difference | undefined {
  if (style === 'sqlite') return compareValues(expectation, rows)
  const columns = rows[0]?.length ?? 0
  const tidy = (line: string): string =>
    style === 'exact' || (style === 'aligned' && (columns === 1 || line.includes('\t'))) ? line : collapse(line)
  const lines = rows.map((row) => row.map(show).join('\t'))
  const expected = sorted(expectation.lines.map(tidy), expectation.sort)
  // In `aligned` what the line looks like decides, so ours is brought to the form of theirs.
  const tabs = style === 'aligned' && expectation.lines.some((line) => line.includes('\t'))
  const got = sorted(
    tabs ? lines : lines.map((line) => tidy(style === 'aligned' ? line.replaceAll('\t', '  ') : line)),
    expectation.sort,
  )
  const equal = style === 'lenient' ? sameNumbers(expectation.types) : (a: string, b: string) => a === b
  if (expected.length === got.length && expected.every((line, i) => equal(line, got[i]!))) return undefined
  return { expected, got }
}

/** Lines equal but for numbers in R columns that agree to 12 significant digits. */
function sameNumbers(types: string): (a: string, b: string) => boolean {
  return (a, b) => {
    if (a === b) return true
    const left = a.split(' ')
    const right = b.split(' ')
    if (left.length !== right.length || left.length !== types.length) return false
    return left.every((value, i) => value === right[i] || (types[i] === 'R' && sameNumber(value, right[i]!)))
  }
}

function sameNumber(a: string, b: string): boolean {
  const [x, y] = [Number(a), Number(b)]
  return Number.isFinite(x) && Number.isFinite(y) && x.toPrecision(12) === y.toPrecision(12)
}

function compareValues(expectation: ExpectedRows, rows: Rows): Difference | undefined {
  const got = sqliteValues(expectation, rows)
  const hash = /^(\d+) values hashing to ([0-9a-f]{32})$/.exec(expectation.lines[0] ?? '')
  if (hash !== null) {
    const digest = hashValues(got)
    const same = Number(hash[1]) === got.length && hash[2] === digest
    return same ? undefined : { expected: expectation.lines, got: [`${got.length} values hashing to ${digest}`] }
  }
  const { lines } = expectation
  if (lines.length === got.length && lines.every((line, i) => line === got[i])) return undefined
  return { expected: lines, got }
}

/** The values of a result, one by one, as sqlite's own runner wrote and sorted them. */
export function sqliteValues(expectation: ExpectedRows, rows: Rows): readonly string[] {
  const rendered = rows.map((row) => row.map((value, i) => renderSqlite(value, expectation.types[i] ?? 'T')))
  if (expectation.sort === 'rowsort') return rendered.toSorted(byRow).flat()
  return expectation.sort === 'valuesort' ? rendered.flat().toSorted(byBytes) : rendered.flat()
}

export const hashValues = (values: readonly string[]): string =>
  createHash('md5')
    .update(values.map((value) => `${value}\n`).join(''))
    .digest('hex')

function renderSqlite(value: string | null, type: string): string {
  if (value === null) return 'NULL'
  if (type === 'I') return renderInteger(value)
  if (type === 'R') return Number(value).toFixed(3)
  if (value === '') return '(empty)'
  return Buffer.from(value)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '@')
}

/** Truncates; booleans count as 1 and 0. */
function renderInteger(value: string): string {
  if (/^-?\d+$/.test(value)) return value
  if (value === 't' || value === 'f') return value === 't' ? '1' : '0'
  return String(Math.trunc(Number(value)) + 0)
}

function byRow(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = byBytes(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return 0
}

/** Equal as multisets of rows, NULL and text kept apart; undefined if so. */
export function compareMultisets(expected: Rows, got: Rows): Difference | undefined {
  const lines = (rows: Rows) => rows.map((row) => JSON.stringify(row)).toSorted(byBytes)
  const [left, right] = [lines(expected), lines(got)]
  if (left.length === right.length && left.every((line, i) => line === right[i])) return undefined
  const plain = (rows: Rows) => rows.map((row) => row.map(show).join('\t')).toSorted(byBytes)
  return { expected: plain(expected), got: plain(got) }
}
