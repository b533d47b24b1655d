// Runs many files, some at a time, whatever happens to one of them. A record without an answer within the time limit,
// or whose database goes down, is `lost`: the file is run again on a new database without it. After three lost records
// the rest of the file counts as lost too.

import type { Timers } from '../../src/core/clock.ts'
import type { Style } from './compare.ts'
import { type Answer, type Backend, type Connection, Lost } from './connection.ts'
import { parseRecords, type ReadText, type SltRecord } from './record.ts'
import { type FileOptions, FileRun, type Losses } from './run-file.ts'
import type { Check, Result } from './verdict.ts'

export interface RunOptions extends Omit<FileOptions, 'style'> {
  readonly timeoutMs: number
  readonly jobs: number
}

/** A file to run: what it is called in reports, and the rules its rows are compared by. */
export interface SltFile {
  readonly path: string
  readonly suite: string
  readonly style: Style
}

export interface FileResults {
  readonly file: SltFile
  readonly results: readonly Result[]
}

const LOST_MAX = 3

export class Runner {
  readonly #backend: Backend
  readonly #options: RunOptions
  readonly #read: ReadText
  readonly #timers: Timers

  constructor(backend: Backend, options: RunOptions, host: { read: ReadText; timers: Timers }) {
    this.#backend = backend
    this.#options = options
    this.#read = host.read
    this.#timers = host.timers
  }

  /** Calls `done` for each file as it ends, in whatever order. */
  async run(files: readonly SltFile[], done: (results: FileResults) => void): Promise<void> {
    const queue = [...files]
    const worker = async () => {
      for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
        done({ file, results: await this.runFile(file) })
      }
    }
    await Promise.all(Array.from({ length: this.#options.jobs }, worker))
  }

  async runFile(file: SltFile): Promise<Result[]> {
    const records = parseRecords(file.path, this.#read)
    const plain = await this.#repeat(file, records, new Map(), (run) => run.plain(records))
    if (this.#options.mode !== 'mv-first' || plain.value === undefined) return plain.results
    const ran = plain.value
    const viewed = ran.filter((each) => each.viewed).map(({ record }) => record)
    const views = await this.#repeat(file, viewed, plain.lost, (run) => run.viewsFirst(ran))
    return [...plain.results, ...views.results]
  }

  /** Repeats a pass on new databases, each time without what was lost, until it comes to its end or too much was. */
  async #repeat<T>(file: SltFile, records: readonly SltRecord[], known: Losses, pass: (run: FileRun) => Promise<T>) {
    const lost = new Map(known)
    const results: Result[] = []
    for (let losses = 1; ; losses++) {
      const found: Result[] = []
      const outcome = await this.#try(file, lost, found, pass)
      if ('value' in outcome) return { value: outcome.value, lost, results: [...found, ...results] }
      const { record, check } = outcome
      lost.set(record, check)
      results.push(lostResult(record, check, outcome.reason))
      if (losses < LOST_MAX) continue
      const rest = records.slice(records.indexOf(record) + 1).filter((each) => !lost.has(each))
      const missing = rest.map((each) => lostResult(each, check, 'not run: too much of the file was lost'))
      return { value: undefined, lost, results: [...found, ...results, ...missing] }
    }
  }

  async #try<T>(file: SltFile, lost: Losses, found: Result[], pass: (run: FileRun) => Promise<T>) {
    const connection = new TimedConnection(await this.#backend.open(), this.#options.timeoutMs, this.#timers)
    const options = { ...this.#options, style: file.style }
    const run = new FileRun(connection, options, lost, (result) => void found.push(result))
    try {
      return { value: await pass(run) }
    } catch (error) {
      if (!(error instanceof Lost) || run.current === undefined) throw error
      return { ...run.current, reason: error.message }
    } finally {
      await connection.close()
    }
  }
}

const lostResult = ({ place, sql }: SltRecord, check: Check, message: string): Result => ({
  place,
  check,
  sql,
  verdict: 'lost',
  message,
})

/** A connection on which every statement has the same time limit. */
export class TimedConnection implements Connection {
  readonly #inner: Connection
  readonly #timeoutMs: number
  readonly #timers: Timers

  constructor(inner: Connection, timeoutMs: number, timers: Timers) {
    this.#inner = inner
    this.#timeoutMs = timeoutMs
    this.#timers = timers
  }

  run(sql: string): Promise<Answer> {
    return this.#within(this.#inner.run(sql))
  }

  restart(): Promise<void> {
    return this.#within(this.#inner.restart())
  }

  inTransaction(): boolean {
    return this.#inner.inTransaction()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    using _timer = this.#timers.after(this.#timeoutMs, () => reject(new Lost(`no answer within ${this.#timeoutMs} ms`)))
    return await Promise.race([work, late])
  }
}
