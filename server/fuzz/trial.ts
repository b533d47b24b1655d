// One story told to the databases, and what they say after each batch:
//
//   ad hoc      the query on Millrace          view   the same as a maintained view
//   plain plan  ad hoc without rules of the optimizer        PostgreSQL   the query there, if there is one
//
// All must agree. Each trial has a schema of its own, dropped at the end.

import { type Answer, type Connection, Lost } from '../slt/connection.ts'
import { cutInsert } from '../slt/statement.ts'
import type { Coverage } from './coverage.ts'
import { differ, type Finding, failedWith, isRowError, sameOutcome, text } from './judge.ts'
import { createView, type Question, type Story, viewName } from './story.ts'

const ROWS_MAX = 2000

export interface Databases {
  readonly ours: Connection
  readonly theirs: Connection | undefined
}

/** The databases hold different rows from here on: there is nothing left to compare. */
class Parted extends Error {}

export class Trial {
  readonly #story: Story
  readonly #databases: Databases
  readonly #schema: string
  readonly #coverage: Coverage | undefined
  readonly #findings: Finding[] = []
  /** Questions that are not asked any more: found wrong, refused, too large. */
  readonly #done = new Set<number>()
  readonly #viewed = new Set<number>()
  #found = (_finding: Finding): void => {}

  constructor(story: Story, databases: Databases, schema: string, coverage?: Coverage) {
    this.#story = story
    this.#databases = databases
    this.#schema = schema
    this.#coverage = coverage
    this.#found = (finding) => {
      this.#findings.push(finding)
      if (finding.question !== undefined) this.#done.add(finding.question)
    }
  }

  /** Rejects with `Lost` only where a database does not even take a schema. */
  async run(): Promise<readonly Finding[]> {
    const { ours, theirs } = this.#databases
    const both = theirs === undefined ? [ours] : [theirs, ours]
    for (const one of both) {
      await one.run(`CREATE SCHEMA ${this.#schema}`)
      await one.run(`SET search_path = ${this.#schema}`)
    }
    let doing = 'create tables'
    try {
      for (const sql of this.#story.tables) await this.#change(sql)
      await this.#refuseWrong()
      for (const [index, batch] of this.#story.batches.entries()) {
        doing = `batch ${index}`
        await this.#createViews(index)
        if (this.#story.cut === 'restart' && index === Math.ceil(this.#story.batches.length / 2)) await this.#restart()
        await this.#apply(batch)
        doing = `questions after batch ${index}`
        await this.#ask(index === this.#story.batches.length - 1)
      }
    } catch (error) {
      if (error instanceof Lost)
        this.#found({ kind: 'lost', message: `${doing}: ${error.message}`, question: undefined })
      else if (!(error instanceof Parted)) throw error
    }
    if (this.#findings.every(({ kind }) => kind !== 'lost')) await this.#leave(both)
    return this.#findings
  }

  async #leave(databases: readonly Connection[]): Promise<void> {
    for (const one of databases) {
      await one.run('ROLLBACK')
      await one.run(`DROP SCHEMA ${this.#schema} CASCADE`)
    }
  }

  async #restart(): Promise<void> {
    await this.#databases.ours.restart()
    await this.#databases.ours.run(`SET search_path = ${this.#schema}`)
  }

  /** Errors of the statement itself must be the same ones; such a question is done. */
  async #refuseWrong(): Promise<void> {
    const { ours, theirs } = this.#databases
    for (const [index, question] of this.#story.questions.entries()) {
      if (theirs === undefined) break
      const expected = await theirs.run(question.sql)
      const code = failedWith(expected)
      if (code === undefined || isRowError(code)) continue
      this.#coverage?.add({ constructs: question.constructs, outcome: 'failed' })
      const got = await ours.run(question.sql)
      this.#coverage?.note(`PostgreSQL refuses: ${text(expected)}`)
      // What PostgreSQL cannot do, we may.
      if (code !== '0A000' && code !== '57014' && failedWith(got) !== code)
        this.#found({
          kind: 'other error',
          message: `PostgreSQL: ${text(expected)}; ours: ${text(got)}`,
          question: index,
        })
      this.#done.add(index)
    }
  }

  async #createViews(batch: number): Promise<void> {
    for (const [index, question] of this.#story.questions.entries()) {
      if (this.#done.has(index) || question.viewAfter !== batch) continue
      const answer = await this.#databases.ours.run(createView(question.sql, index))
      if (answer.kind !== 'failed') this.#viewed.add(index)
      else if (answer.code === '0A000') this.#refused(index, answer)
      else this.#found({ kind: `view ${answer.code}`, message: text(answer), question: index })
    }
  }

  #refused(index: number, answer: Answer): void {
    this.#coverage?.note(`refused: ${text(answer)}`)
    this.#done.add(index)
  }

  async #apply(batch: readonly string[]): Promise<void> {
    const { ours } = this.#databases
    const blocks = batch.some((sql) => sql === 'BEGIN')
    const { cut } = this.#story
    const together = cut === 'epoch' && !blocks && !(await this.#anyFails(batch))
    if (together) await ours.run('BEGIN')
    for (const sql of batch) await this.#change(sql, !blocks && cut === 'rows')
    if (together) await ours.run('COMMIT')
  }

  /** Whether a batch cannot be one transaction: one of its statements fails. Tried, and rolled back. */
  async #anyFails(batch: readonly string[]): Promise<boolean> {
    const { ours } = this.#databases
    await ours.run('BEGIN')
    let failed = false
    for (const sql of batch) failed ||= (await ours.run(sql)).kind === 'failed'
    await ours.run('ROLLBACK')
    return failed
  }

  async #change(sql: string, byRow = false): Promise<void> {
    const { ours, theirs } = this.#databases
    const expected = theirs === undefined ? undefined : await theirs.run(sql)
    const pieces = byRow && expected?.kind === 'done' && !sql.includes('ON CONFLICT') ? cutInsert(sql, 1) : undefined
    if (pieces !== undefined) {
      for (const piece of pieces) {
        const answer = await ours.run(piece)
        if (answer.kind === 'failed')
          this.#found({ kind: 'change', message: `${piece}: ${text(answer)}`, question: undefined })
      }
      return
    }
    const got = await ours.run(sql)
    if (expected !== undefined && expected.kind !== 'failed' && failedWith(got) === '0A000') {
      this.#coverage?.note(`refused: ${text(got)}`)
      throw new Parted()
    }
    const internal = failedWith(got) === 'XX000' ? text(got) : undefined
    const message = internal ?? (expected === undefined ? undefined : sameOutcome(expected, got))
    if (message !== undefined)
      this.#found({ kind: `change ${failedWith(got) ?? ''}`, message: `${sql}: ${message}`, question: undefined })
  }

  async #ask(last: boolean): Promise<void> {
    const { questions } = this.#story
    for (const [index, question] of questions.entries()) {
      if (this.#done.has(index)) continue
      const expected = await this.#reference(question)
      if (expected === 'drop') {
        this.#done.add(index)
        continue
      }
      const first = await this.#answers(index, question, expected)
      if (!last || first === undefined) continue
      const outcome = first.kind !== 'rows' ? 'failed' : first.rows.length > 0 ? 'rows' : 'empty'
      this.#coverage?.add({ constructs: question.constructs, outcome })
    }
  }

  /** PostgreSQL's answer; `drop`: it took too long or too many rows. */
  async #reference(question: Question): Promise<Answer | undefined | 'drop'> {
    const { theirs } = this.#databases
    if (theirs === undefined) return undefined
    const answer = await theirs.run(question.sql)
    if (answer.kind === 'rows' && answer.rows.length > ROWS_MAX) return 'drop'
    const code = failedWith(answer)
    if (code === undefined) return answer
    if (code === '57014') return 'drop'
    this.#coverage?.note(`${question.risky ? '' : 'unforeseen: '}PostgreSQL: ${text(answer)}`)
    return answer
  }

  /** Compares all ways of asking; gives PostgreSQL's answer, or ours. */
  async #answers(index: number, question: Question, expected: Answer | undefined): Promise<Answer | undefined> {
    const { ours } = this.#databases
    const ways: [way: string, answer: Answer][] = [['ad hoc', await ours.run(question.sql)]]
    if (this.#viewed.has(index)) ways.push(['view', await ours.run(`SELECT * FROM ${viewName(index)}`)])
    await ours.run(`SET disabled_rules = '${this.#story.rulesOff}'`)
    ways.push(['plain plan', await ours.run(question.sql)])
    await ours.run('RESET disabled_rules')
    const mayFail = question.risky || (expected !== undefined && isRowError(failedWith(expected)))
    let agreed = expected?.kind === 'rows' ? expected : undefined
    for (const [way, answer] of ways) {
      const code = failedWith(answer)
      if (code === '0A000') {
        this.#refused(index, answer)
        return undefined
      }
      if (code !== undefined) {
        if (mayFail && isRowError(code)) continue
        this.#found({ kind: `${way} ${code}`, message: `${way}: ${text(answer)}`, question: index })
        return undefined
      }
      const difference = agreed === undefined ? undefined : differ(agreed, answer, question, way === 'view')
      if (difference !== undefined) {
        this.#found({ kind: `${way} rows`, message: `${way}: ${difference}`, question: index })
        return undefined
      }
      agreed ??= way === 'view' ? undefined : (answer as Extract<Answer, { kind: 'rows' }>)
    }
    return expected ?? ways[0]![1]
  }
}
