// PostgreSQL as a library (PGlite), as a back end of the slt runner: an independent answer in every test run, without a
// server. Values are taken from the protocol's messages, so they are PostgreSQL's own text.

import { PGlite } from '@electric-sql/pglite'
import { serialize } from 'pg-protocol'
import type { Answer, Backend, Connection } from '../../server/slt/connection.ts'

type Message = Awaited<ReturnType<PGlite['execProtocol']>>['messages'][number]

class PgliteConnection implements Connection {
  readonly #database: PGlite
  #status = 'I'

  constructor(database: PGlite) {
    this.#database = database
  }

  async run(sql: string): Promise<Answer> {
    const { messages } = await this.#database.execProtocol(serialize.query(sql), { throwOnError: false })
    for (const message of messages) {
      if (message.name === 'readyForQuery') this.#status = String(Reflect.get(message, 'status'))
    }
    return answerOf(messages)
  }

  inTransaction(): boolean {
    return this.#status !== 'I'
  }

  async restart(): Promise<void> {
    throw new Error('PGlite is not restarted here')
  }

  async close(): Promise<void> {
    if (this.inTransaction()) await this.run('ROLLBACK')
  }
}

function answerOf(messages: readonly Message[]): Answer {
  let columns: string[] | undefined
  const rows: (string | null)[][] = []
  let tag = ''
  for (const message of messages) {
    const fields: unknown = Reflect.get(message, 'fields')
    if (message.name === 'error') {
      return {
        kind: 'failed',
        code: String(Reflect.get(message, 'code')),
        message: String(Reflect.get(message, 'message')),
      }
    }
    if (message.name === 'rowDescription') columns = (fields as { name: string }[]).map(({ name }) => name)
    if (message.name === 'dataRow') rows.push(fields as (string | null)[])
    if (message.name === 'commandComplete') tag = String(Reflect.get(message, 'text'))
  }
  return columns === undefined ? { kind: 'done', tag } : { kind: 'rows', columns, rows, tag }
}

/** One PGlite, emptied for each connection: starting another takes a second. Connections must not overlap. */
export class Pglite implements Backend, AsyncDisposable {
  readonly name = 'PGlite'
  #database: PGlite | undefined

  async open(): Promise<Connection> {
    this.#database ??= await PGlite.create()
    const connection = new PgliteConnection(this.#database)
    for (const sql of ['DISCARD ALL', 'DROP SCHEMA public CASCADE', 'CREATE SCHEMA public', "SET timezone TO 'UTC'"]) {
      await connection.run(sql)
    }
    return connection
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database?.close()
  }
}
