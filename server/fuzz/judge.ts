// Whether answers agree. Rows are multisets, or sequences where the query fixes their order; floating-point numbers
// agree to nine digits, all else to the character.
//
// Documented exceptions: an error of a row (classes 22, 21) may come or not where the query may fail at all, since
// which rows are evaluated is the planner's business in PostgreSQL too; two errors of a change of classes 21, 22 and 23
// count as the same, since which row or constraint is looked at first is nobody's promise.

import { show } from '../slt/compare.ts'
import type { Answer } from '../slt/connection.ts'
import type { Question } from './story.ts'
import { FLOATS } from './types.ts'

export interface Finding {
  /** What a smaller story must show too. */
  readonly kind: string
  readonly message: string
  /** Of the story's questions; undefined: a statement that changes rows. */
  readonly question: number | undefined
}

export const failedWith = (answer: Answer): string | undefined => (answer.kind === 'failed' ? answer.code : undefined)

/** Errors that depend on which rows are evaluated. */
export const isRowError = (code: string | undefined): boolean => code !== undefined && /^(22|21)/.test(code)

const DIGITS = 9

const approximate = (value: string | null): string | null =>
  value === null || !Number.isFinite(Number(value)) ? value : Number(value).toPrecision(DIGITS)

/** The rows as lines, in the order in which they are compared. */
function lines(answer: Answer, question: Question): readonly string[] {
  if (answer.kind !== 'rows') return []
  const floats = question.types.map((type) => FLOATS.includes(type))
  const written = answer.rows.map((row) =>
    JSON.stringify(row.map((value, i) => (floats[i] ? approximate(value) : value))),
  )
  return question.ordered ? written : written.toSorted()
}

const BY_CONTENTS = { ordered: false } as const

/** What differs, in words; undefined if nothing does. A view's contents have no order. */
export function differ(expected: Answer, got: Answer, question: Question, contents: boolean): string | undefined {
  const judged = contents ? { ...question, ...BY_CONTENTS } : question
  const [a, b] = [lines(expected, judged), lines(got, judged)]
  if (a.length === b.length && a.every((line, i) => line === b[i])) return undefined
  const first = a.findIndex((line, i) => line !== b[i])
  const at = first < 0 ? a.length : first
  return `${a.length} and ${b.length} rows; ${a[at] ?? '(end)'} against ${b[at] ?? '(end)'}`
}

/** Whether a statement did the same on both sides. */
export function sameOutcome(expected: Answer, got: Answer): string | undefined {
  const [a, b] = [failedWith(expected), failedWith(got)]
  if (a !== undefined || b !== undefined) {
    const alike = a === b || (/^2[123]/.test(a ?? '') && /^2[123]/.test(b ?? ''))
    return alike ? undefined : `${text(expected)} against ${text(got)}`
  }
  const rows = (answer: Answer): string =>
    answer.kind === 'rows'
      ? answer.rows
          .map((row) => JSON.stringify(row))
          .toSorted()
          .join('\n')
      : ''
  const count = (answer: Answer): string => (answer.kind === 'failed' ? '' : (/ (\d+)$/.exec(answer.tag)?.[1] ?? ''))
  if (rows(expected) !== rows(got)) return `${rows(expected)} against ${rows(got)}`
  return count(expected) === count(got) ? undefined : `${text(expected)} against ${text(got)}`
}

export const text = (answer: Answer): string =>
  answer.kind === 'failed'
    ? `${answer.code} ${answer.message}`
    : answer.kind === 'rows'
      ? `${answer.rows.length} rows`
      : answer.tag

/** A row in the form of an .slt file. */
export const written = (row: readonly (string | null)[]): string => row.map(show).join('\t')
