// Runs the records of one file on one connection, in one of three ways (suites' README §4):
//
//   plain      as written
//   mv         and each SELECT that passed also as a materialized view over the same data
//   mv-first   CREATE statements and such views first, on empty tables; then the changes; each view is judged where its
//              query stood, against the rows that the query gave in a plain run before
//
// A record that is lost ends the run of the file; `skip` names those that are left out of the next try (runner.ts).

import { compareMultisets, hashValues, type Rows, type Style, sqliteValues } from './compare.ts'
import { type Answer, type Connection, rowsOfTag } from './connection.ts'
import type { SltRecord } from './record.ts'
import { canBeView, cutInsert, moving, withoutSemicolon } from './statement.ts'
import { type Check, Consequences, judge, judgeError, type Outcome, PASSED, type Result, wrong } from './verdict.ts'

export type Mode = 'plain' | 'mv' | 'mv-first'

export interface FileOptions {
  readonly mode: Mode
  readonly style: Style
  /** Rows of an INSERT … VALUES that go in at once where no transaction is open; 0: all. */
  readonly insertRows: number
  /** Restart the database before each query (or each statement) where no transaction is open. */
  readonly restart: 'never' | 'queries' | 'statements'
}

/** What a record of the file gave: its result, and the rows if it was a query that passed. */
export interface Ran {
  readonly record: SltRecord
  readonly result: Result
  readonly rows: Rows | undefined
  readonly columns: number
  /** Its SELECT must be possible as a view. */
  readonly viewed: boolean
}

/** Records that are left out: altogether, or only as views. */
export type Losses = ReadonlyMap<SltRecord, Check>

/** One pass over a file. `report` gets each result as it comes. */
export class FileRun {
  readonly #connection: Connection
  readonly #options: FileOptions
  readonly #skip: Losses
  readonly #report: (result: Result) => void
  readonly #consequences = new Consequences()
  readonly #labels = new Map<string, string>()
  /** What is running, for the one who has to tell what was lost. */
  current: { readonly record: SltRecord; readonly check: Check } | undefined

  constructor(connection: Connection, options: FileOptions, skip: Losses, report: (result: Result) => void) {
    this.#connection = connection
    this.#options = options
    this.#skip = skip
    this.#report = report
  }

  /** Plain, or with a view beside each query. Returns what `mvFirst` needs. */
  async plain(records: readonly SltRecord[]): Promise<Ran[]> {
    const all: Ran[] = []
    for (const record of records) {
      if (this.#skip.get(record) === 'record') continue
      this.current = { record, check: 'record' }
      const ran = await this.#record(record)
      all.push(ran)
      this.#report(ran.result)
      if (this.#options.mode === 'mv' && ran.viewed && !this.#skip.has(record)) {
        this.current = { record, check: 'view' }
        this.#report({ ...ran.result, check: 'view', ...(await this.#viewBeside(ran)) })
      }
    }
    return all
  }

  /** Views before changes. `plain`: what a plain run gave on another, equal database. */
  async viewsFirst(plain: readonly Ran[]): Promise<void> {
    for (const segment of segments(plain)) {
      const isFront = ({ record }: Ran) => record.expectation.kind !== 'error' && moving(record.sql) === 'front'
      for (const { record } of segment.filter(isFront)) await this.#silently(record)
      const views = new Map<Ran, { name: string; outcome: Outcome }>()
      for (const ran of segment.filter(({ viewed, record }) => viewed && !this.#skip.has(record))) {
        const name = `slt_view_${views.size}`
        this.current = { record: ran.record, check: 'view' }
        views.set(ran, { name, outcome: await this.#createView(name, ran) })
      }
      for (const ran of segment.filter((each) => !isFront(each))) {
        const view = views.get(ran)
        if (view === undefined) await this.#silently(ran.record)
        else this.#report({ ...ran.result, check: 'view', ...(await this.#readView(view, ran)) })
      }
      for (const { name, outcome } of [...views.values()].reverse()) {
        if (outcome === PASSED) await this.#connection.run(`DROP MATERIALIZED VIEW ${name}`)
      }
    }
  }

  async #record(record: SltRecord): Promise<Ran> {
    const answer = await this.#answer(record)
    const judged = this.#judgeLabel(record, answer, judge(record, answer, this.#options.style))
    const outcome = this.#consequences.trace(record, await this.#judgeRules(record, judged))
    const isQuery = record.expectation.kind === 'rows' && answer.kind === 'rows' && outcome.verdict === 'passed'
    return {
      record,
      result: { place: record.place, check: 'record', sql: record.sql, ...outcome },
      rows: isQuery ? answer.rows : undefined,
      columns: answer.kind === 'rows' ? answer.columns.length : 0,
      viewed: isQuery && !this.#connection.inTransaction() && canBeView(record.sql),
    }
  }

  async #answer(record: SltRecord): Promise<Answer> {
    const { restart, insertRows } = this.#options
    const free = !this.#connection.inTransaction()
    if (free && (restart === 'statements' || (restart === 'queries' && record.expectation.kind === 'rows'))) {
      await this.#connection.restart()
    }
    const cut =
      free && insertRows > 0 && record.expectation.kind !== 'error' ? cutInsert(record.sql, insertRows) : undefined
    if (cut === undefined) return this.#connection.run(record.sql)
    let count = 0
    for (const sql of cut) {
      const answer = await this.#connection.run(sql)
      if (answer.kind === 'failed') return answer
      count += rowsOfTag(answer.tag) ?? 0
    }
    return { kind: 'done', tag: `INSERT 0 ${count}` }
  }

  /** Queries with one label must give the same values. */
  #judgeLabel({ expectation }: SltRecord, answer: Answer, outcome: Outcome): Outcome {
    if (expectation.kind !== 'rows' || expectation.label === undefined) return outcome
    if (outcome !== PASSED || answer.kind !== 'rows' || this.#options.style !== 'sqlite') return outcome
    const hash = hashValues(sqliteValues(expectation, answer.rows))
    const first = this.#labels.get(expectation.label) ?? hash
    this.#labels.set(expectation.label, first)
    return hash === first ? outcome : wrong(`other values than the query with the same label ${expectation.label}`)
  }

  /** Whether the optimizer applied the rules it should, and none it should not: a line `rules: a, b` of the plan. */
  async #judgeRules({ sql, fires, silent }: SltRecord, outcome: Outcome): Promise<Outcome> {
    if (outcome !== PASSED || fires.length + silent.length === 0) return outcome
    const plan = await this.#connection.run(`EXPLAIN (OPTIMIZED) ${sql}`)
    if (plan.kind === 'failed') return judgeError(plan.code, plan.message)
    const lines = plan.kind === 'rows' ? plan.rows.map(([line]) => line ?? '') : []
    const applied = lines.flatMap((line) => /^rules: (.*)$/.exec(line)?.[1]?.split(', ') ?? [])
    const missing = fires.find((rule) => !applied.includes(rule))
    if (missing !== undefined) return wrong(`rule ${missing} was not applied (${applied.join(', ') || 'none was'})`)
    const surplus = silent.find((rule) => applied.includes(rule))
    return surplus === undefined ? outcome : wrong(`rule ${surplus} was applied`)
  }

  async #createView(name: string, { record, columns }: Ran): Promise<Outcome> {
    const names = Array.from({ length: columns }, (_, i) => `c${i + 1}`).join(', ')
    const sql = `CREATE MATERIALIZED VIEW ${name} (${names}) AS ${withoutSemicolon(record.sql)}`
    const answer = await this.#connection.run(sql)
    return answer.kind === 'failed' ? judgeError(answer.code, answer.message) : PASSED
  }

  async #readView({ name, outcome }: { name: string; outcome: Outcome }, ran: Ran): Promise<Outcome> {
    if (outcome !== PASSED) return outcome
    this.current = { record: ran.record, check: 'view' }
    const answer = await this.#connection.run(`SELECT * FROM ${name}`)
    if (answer.kind === 'failed') return judgeError(answer.code, answer.message)
    if (answer.kind === 'done') return wrong(`${answer.tag}: no rows`)
    const difference = compareMultisets(ran.rows ?? [], answer.rows)
    return difference === undefined ? PASSED : wrong('the view has other rows than its query', difference)
  }

  async #viewBeside(ran: Ran): Promise<Outcome> {
    const name = 'slt_view'
    const created = await this.#createView(name, ran)
    if (created !== PASSED) return created
    const outcome = await this.#readView({ name, outcome: created }, ran)
    await this.#connection.run(`DROP MATERIALIZED VIEW ${name}`)
    return outcome
  }

  /** Runs a record again whose result was already reported by the plain run. */
  async #silently(record: SltRecord): Promise<void> {
    if (this.#skip.get(record) === 'record') return
    this.current = { record, check: 'record' }
    await this.#answer(record)
  }
}

/** Cuts before and after each barrier. */
function segments(all: readonly Ran[]): Ran[][] {
  const cuts: Ran[][] = [[]]
  for (const ran of all) {
    const isBarrier = moving(ran.record.sql) === 'barrier'
    if (isBarrier) cuts.push([])
    cuts.at(-1)!.push(ran)
    if (isBarrier) cuts.push([])
  }
  return cuts
}
