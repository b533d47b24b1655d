// A database behind the Postgres wire: a running Millrace, or a PostgreSQL to compare with.
//
// The simple protocol is used and values are kept as the text that came. Each file gets an empty database: on Millrace
// every relation of schema public is dropped; on PostgreSQL (`--postgres`) a database of its own is created, and
// dropped with the connection. There, only a VIEW is always up to date: MATERIALIZED VIEW can be read as VIEW
// (`--as-views`).

import pg from 'pg'
import { type Answer, type Backend, type Connection, Lost } from './connection.ts'

export interface Address {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

const TEXT = { getTypeParser: () => (value: string) => value }

class WireConnection implements Connection {
  readonly #client: pg.Client
  readonly #rewrite: (sql: string) => string
  readonly #dispose: () => Promise<void>
  #gone: ((lost: Lost) => void) | undefined

  constructor(client: pg.Client, rewrite: (sql: string) => string, dispose: () => Promise<void>) {
    this.#client = client
    this.#rewrite = rewrite
    this.#dispose = dispose
    client.on('error', () => this.#lose())
    client.on('end', () => this.#lose())
  }

  #lose(): void {
    this.#gone?.(new Lost('the connection was closed'))
  }

  run(sql: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#gone = reject
      ask(this.#client, this.#rewrite(sql)).then(resolve, (error: Error) => reject(new Lost(error.message)))
    })
  }

  inTransaction(): boolean {
    const client = this.#client as pg.Client & { getTransactionStatus(): string | null }
    return (client.getTransactionStatus() ?? 'I') !== 'I'
  }

  async restart(): Promise<void> {
    throw new Error('a server elsewhere cannot be restarted from here')
  }

  async close(): Promise<void> {
    this.#gone = undefined
    destroy(this.#client)
    await this.#dispose()
  }
}

/** Ends a connection at once, also while the server is busy with its statement. */
function destroy(client: pg.Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
}

async function ask(client: pg.Client, sql: string): Promise<Answer> {
  try {
    const answer = await client.query<(string | null)[]>({ text: sql, rowMode: 'array', types: TEXT })
    const result = Array.isArray(answer) ? answer.at(-1) : answer
    const tag = result.rowCount === null ? `${result.command}` : `${result.command} ${result.rowCount}`
    if (result.fields.length === 0 && result.rows.length === 0 && !/^SELECT|^FETCH/.test(tag))
      return { kind: 'done', tag }
    return { kind: 'rows', columns: result.fields.map(({ name }: { name: string }) => name), rows: result.rows, tag }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !/^[0-9A-Z]{5}$/.test(String(error.code))) throw error
    return { kind: 'failed', code: String(error.code), message: error.message }
  }
}

async function connect(address: Address): Promise<pg.Client> {
  const client = new pg.Client({ ...address, password: '' })
  await client.connect()
  return client
}

export function millraceServer(address: Address): Backend {
  const open = async () => {
    const client = await connect(address)
    await emptyPublic(client)
    return new WireConnection(
      client,
      (sql) => sql,
      async () => {},
    )
  }
  return { name: `${address.host}:${address.port}`, open }
}

const KINDS: Readonly<Record<string, string>> = {
  m: 'MATERIALIZED VIEW',
  v: 'VIEW',
  r: 'TABLE',
  S: 'SEQUENCE',
  i: 'INDEX',
}

/** Drops what earlier files left: the schema at once, or relation by relation where that is not supported. */
async function emptyPublic(client: pg.Client): Promise<void> {
  const dropped = await ask(client, 'DROP SCHEMA public CASCADE')
  if (dropped.kind !== 'failed') {
    await client.query('CREATE SCHEMA public')
    return
  }
  const relations = await ask(
    client,
    `SELECT c.relkind, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('m', 'v', 'r') ORDER BY c.oid DESC`,
  )
  if (relations.kind !== 'rows') throw new Error('cannot list the relations of schema public')
  for (const [kind, name] of relations.rows) {
    const quoted = `"${name?.replaceAll('"', '""')}"`
    const answer = await ask(client, `DROP ${KINDS[kind ?? '']} IF EXISTS ${quoted} CASCADE`)
    const isSource = answer.kind === 'failed' && answer.code === '42809'
    if (isSource) await client.query(`DROP SOURCE ${quoted} CASCADE`)
    else if (answer.kind === 'failed') throw new Error(`cannot empty the database: ${answer.message}`)
  }
}

/** `prefix` names the databases that it makes; `asViews`: MATERIALIZED VIEW is read as VIEW. */
export function postgresServer(address: Address, { prefix, asViews }: { prefix: string; asViews: boolean }): Backend {
  let count = 0
  const open = async () => {
    const database = `${prefix}_${count++}`
    await administer(address, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    await administer(address, `CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
    const client = await connect({ ...address, database })
    await client.query("SET timezone TO 'UTC'")
    const rewrite = (sql: string) => (asViews ? sql.replace(/\bMATERIALIZED\s+VIEW\b/gi, 'VIEW') : sql)
    return new WireConnection(client, rewrite, () => administer(address, `DROP DATABASE ${database} WITH (FORCE)`))
  }
  return { name: `PostgreSQL at ${address.host}:${address.port}`, open }
}

async function administer(address: Address, sql: string): Promise<void> {
  const client = await connect(address)
  await client.query(sql)
  await client.end()
}
