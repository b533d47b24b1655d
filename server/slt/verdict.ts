// What became of one record or one view check.
//
//   passed     as expected
//   refused    0A000 where something else was expected: not supported, and said so
//   wrong      an answer, and not the right one: other rows, another count, no error where one is due
//   error      an error where none or another one is due
//   followOn   wrong or error, but the statement names something that was not made because a statement was refused
//   lost       no answer: it took too long, or the database went down

import { compareRows, type Difference, type Style } from './compare.ts'
import { type Answer, rowsOfTag } from './connection.ts'
import type { Place, SltRecord } from './record.ts'
import { namesIn, targetOf } from './statement.ts'

export const VERDICTS = ['passed', 'refused', 'wrong', 'error', 'followOn', 'lost'] as const
export type Verdict = (typeof VERDICTS)[number]

/** `record`: the file as written. `view`: the same SELECT as a maintained view. */
export type Check = 'record' | 'view'

export interface Result {
  readonly place: Place
  readonly check: Check
  readonly sql: string
  readonly verdict: Verdict
  /** What happened, in a line. Empty if passed. */
  readonly message: string
  readonly difference?: Difference | undefined
}

export type Outcome = Pick<Result, 'verdict' | 'message' | 'difference'>

export const PASSED: Outcome = { verdict: 'passed', message: '' }
const NOT_SUPPORTED = '0A000'

export const wrong = (message: string, difference?: Difference): Outcome => ({ verdict: 'wrong', message, difference })

export function judgeError(code: string, message: string): Outcome {
  return { verdict: code === NOT_SUPPORTED ? 'refused' : 'error', message: `${code} ${message}` }
}

export function judge({ expectation }: SltRecord, answer: Answer, style: Style): Outcome {
  if (expectation.kind === 'error') {
    if (answer.kind !== 'failed') return wrong(`succeeded (${answer.tag}); an error was due`)
    const isDue = expectation.code === undefined || expectation.code === answer.code
    if (isDue && answer.message.includes(expectation.message)) return PASSED
    const due = `${expectation.code ?? 'an error'} ${expectation.message}`.trim()
    const outcome = judgeError(answer.code, answer.message)
    return { ...outcome, message: `${outcome.message}; ${due} was due` }
  }
  if (answer.kind === 'failed') return judgeError(answer.code, answer.message)
  switch (expectation.kind) {
    case 'ok':
      return PASSED
    case 'count':
      return rowsOfTag(answer.tag) === expectation.rows
        ? PASSED
        : wrong(`${answer.tag}; ${expectation.rows} rows were due`)
    case 'rows': {
      // A statement without a result, such as an INSERT without RETURNING, counts as a query without rows.
      const difference = compareRows(expectation, answer.kind === 'rows' ? answer.rows : [], style)
      return difference === undefined ? PASSED : wrong('other rows', difference)
    }
  }
}

/** Knows what was not made or changed in a file because a statement was refused, and tells what follows from that. */
export class Consequences {
  readonly #missing = new Set<string>()

  /** The outcome, as a follow-on where it is one. To be called for each record in turn. */
  trace(record: SltRecord, outcome: Outcome): Outcome {
    const { verdict, message } = outcome
    if (verdict === 'passed' || verdict === 'lost') return outcome
    const target = record.expectation.kind === 'error' ? undefined : targetOf(record.sql)
    const follows = [...namesIn(record.sql)].some((name) => this.#missing.has(name)) || message.startsWith('25P02')
    if (target !== undefined && (verdict === 'refused' || follows)) this.#missing.add(target)
    return follows && verdict !== 'refused' ? { ...outcome, verdict: 'followOn' } : outcome
  }
}
