// A session of an engine in this process, for tests: statements in, rows as lines of text out.

import type { Batch } from '../../src/core/batch.ts'
import { ByteWriter } from '../../src/core/byte-writer.ts'
import { SqlError } from '../../src/core/error.ts'
import type { Schema } from '../../src/core/schema.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { CopyOutExecution, Execution, Notice, RowsExecution, Session } from '../../src/engine/session.ts'
import { textAppender } from '../../src/functions/text/columns.ts'

const decoder = new TextDecoder()

export class Client {
  readonly session: Session
  readonly notices: Notice[] = []
  readonly terminated: SqlError[] = []
  readonly parameters: (readonly [string, string])[] = []

  constructor(engine: Engine, settings: Readonly<Record<string, string>> = {}) {
    this.session = engine.openSession({
      user: 'tester',
      database: 'millrace',
      settings,
      events: {
        notice: (notice) => this.notices.push(notice),
        parameter: (name, value) => this.parameters.push([name, value]),
        terminate: (reason) => this.terminated.push(reason),
      },
    })
  }

  /** Rows of the last statement: fields separated by `|`, NULL as `∅`; for a command its tag. */
  async run(text: string): Promise<readonly string[]> {
    let answer: readonly string[] = []
    for await (const execution of this.session.simpleQuery(text)) answer = await this.read(execution)
    return answer
  }

  /** Each statement's own text, in turn. */
  async all(...texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.run(text)
  }

  /** The same, without an order. */
  async sorted(text: string): Promise<readonly string[]> {
    return [...(await this.run(text))].sort()
  }

  /** The error that the text ends with. */
  async failure(text: string): Promise<SqlError> {
    try {
      await this.run(text)
    } catch (error) {
      if (error instanceof SqlError) return error
      throw error
    }
    throw new Error(`"${text}" did not fail`)
  }

  async code(text: string): Promise<string> {
    return (await this.failure(text)).code
  }

  /** Begins `COPY (SUBSCRIBE …) TO STDOUT`. */
  async subscribe(subscribe: string): Promise<Changes> {
    for await (const execution of this.session.simpleQuery(`COPY (${subscribe}) TO STDOUT`)) {
      if (execution.kind !== 'copyOut') throw new Error('a subscription is copied out')
      return new Changes(execution, this)
    }
    throw new Error('nothing ran')
  }

  lines(batch: Batch, schema: Schema): readonly string[] {
    const settings = this.session.textSettings()
    const appenders = schema.map((column) => textAppender(column, settings))
    const writer = new ByteWriter(256)
    return Array.from({ length: batch.length }, (_, row) =>
      batch.columns
        .slice(0, schema.length)
        .map((column, i) => {
          if (column.nulls !== undefined && column.nulls[row] !== 0) return '∅'
          writer.clear()
          appenders[i]!(column, row, writer)
          return decoder.decode(writer.bytes.subarray(0, writer.length))
        })
        .join('|'),
    )
  }

  /** The same lines of an execution that was begun elsewhere. */
  async read(execution: Execution): Promise<readonly string[]> {
    if (execution.kind === 'command') return [execution.tag]
    if (execution.kind === 'rows') return this.#rows(execution)
    return []
  }

  async #rows(execution: RowsExecution): Promise<readonly string[]> {
    const rows: string[] = []
    try {
      for (let batch = await execution.next(0); batch !== undefined; batch = await execution.next(0))
        rows.push(...this.lines(batch, execution.schema))
    } finally {
      execution.close()
    }
    return rows
  }
}

/** What a subscription has sent: lines `epoch|[progress|]diff|columns…`, times left out. */
export class Changes {
  readonly #execution: CopyOutExecution
  readonly #client: Client

  constructor(execution: CopyOutExecution, client: Client) {
    this.#execution = execution
    this.#client = client
  }

  /** The next batch; undefined at the end. */
  async next(): Promise<readonly string[] | undefined> {
    const batch = await this.#execution.next()
    if (batch === undefined) return undefined
    return this.#client.lines(batch, this.#execution.schema).map((line) => {
      const [epoch, , ...rest] = line.split('|')
      return [epoch, ...rest].join('|')
    })
  }

  /** So many lines, however they come. */
  async take(count: number): Promise<readonly string[]> {
    const lines: string[] = []
    while (lines.length < count) {
      const more = await this.next()
      if (more === undefined) break
      lines.push(...more)
    }
    return lines
  }

  close(): void {
    this.#execution.close()
  }
}
