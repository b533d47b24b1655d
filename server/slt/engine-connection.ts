// A session of an engine in this thread, as the runner sees it: rows become the text that the wire would carry.
//
// `start` opens an engine on the same data each time it is called: a restart closes the one that runs, in good order,
// and calls it again. Settings of the session do not survive that, as with a server.

import { assert } from '../../src/core/assert.ts'
import type { Batch } from '../../src/core/batch.ts'
import { ByteWriter } from '../../src/core/byte-writer.ts'
import { SqlError } from '../../src/core/error.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { Execution, RowsExecution, Session } from '../../src/engine/session.ts'
import { textAppender } from '../../src/functions/text/columns.ts'
import { type Answer, type Connection, Lost } from './connection.ts'

export type StartEngine = () => Promise<Engine>

export async function openEngineConnection(start: StartEngine): Promise<EngineConnection> {
  return new EngineConnection(await start(), start)
}

export class EngineConnection implements Connection {
  #engine: Engine
  #session: Session
  readonly #start: StartEngine

  constructor(engine: Engine, start: StartEngine) {
    this.#engine = engine
    this.#session = openSession(engine)
    this.#start = start
  }

  async run(sql: string): Promise<Answer> {
    let answer: Answer = { kind: 'done', tag: '' }
    try {
      for await (const execution of this.#session.simpleQuery(sql)) answer = await this.#read(execution)
    } catch (error) {
      // What is not the user's mistake is ours; the session goes on, as it would on the wire.
      if (error instanceof SqlError) return { kind: 'failed', code: error.code, message: error.message }
      return { kind: 'failed', code: 'XX000', message: error instanceof Error ? `${error.stack}` : String(error) }
    }
    return answer
  }

  inTransaction(): boolean {
    return this.#session.transactionStatus !== 'I'
  }

  async restart(): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
    await this.#engine[Symbol.asyncDispose]()
    this.#engine = await this.#start()
    this.#session = openSession(this.#engine)
  }

  async close(): Promise<void> {
    await this.#engine[Symbol.asyncDispose]()
  }

  async #read(execution: Execution): Promise<Answer> {
    switch (execution.kind) {
      case 'rows':
        return await this.#readRows(execution)
      case 'command':
        return { kind: 'done', tag: execution.tag }
      case 'empty':
        return { kind: 'done', tag: '' }
      case 'copyIn':
        execution.abort('records hold no data for COPY')
        throw new Lost('COPY FROM STDIN has no place in a record')
      case 'copyOut':
        execution.close()
        throw new Lost('COPY TO STDOUT has no place in a record')
    }
  }

  async #readRows(execution: RowsExecution): Promise<Answer> {
    const rows: (string | null)[][] = []
    try {
      for (let batch = await execution.next(0); batch !== undefined; batch = await execution.next(0)) {
        rows.push(...this.#textOf(batch, execution))
      }
      return { kind: 'rows', columns: execution.columns.map(({ name }) => name), rows, tag: execution.tag() }
    } finally {
      execution.close()
    }
  }

  #textOf({ columns, length, weights }: Batch, { schema }: RowsExecution): (string | null)[][] {
    assert(weights === undefined, 'results are written out')
    const settings = this.#session.textSettings()
    const appenders = schema.map((column) => textAppender(column, settings))
    const writer = new ByteWriter(256)
    return Array.from({ length }, (_, row) =>
      columns.map((column, i) => {
        if (column.nulls !== undefined && column.nulls[row] !== 0) return null
        writer.clear()
        appenders[i]!(column, row, writer)
        return decoder.decode(writer.bytes.subarray(0, writer.length))
      }),
    )
  }
}

const decoder = new TextDecoder()

const openSession = (engine: Engine): Session =>
  engine.openSession({
    user: 'postgres',
    database: 'postgres',
    settings: {},
    events: { notice: () => {}, parameter: () => {}, terminate: () => {} },
  })
