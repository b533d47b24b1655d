// The PostgreSQL that tests compare with: the one that MILLRACE_TEST_PG names by its URL (a superuser, no password), as
// `.ci/run` starts it. Without it such tests are skipped by name; PGlite (pglite.ts) is always there.

import pg from 'pg'

export interface PostgresAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

export function postgresAddress(): PostgresAddress | undefined {
  const url = process.env.MILLRACE_TEST_PG
  if (url === undefined || url === '') return undefined
  const { hostname, port, username, pathname } = new URL(url)
  return { host: hostname, port: Number(port || 5432), user: username, database: pathname.slice(1) || 'postgres' }
}

/** Why tests against PostgreSQL do not run here, for their names; undefined if they do. */
export const postgresMissing = (): string | undefined =>
  postgresAddress() === undefined ? 'no PostgreSQL: MILLRACE_TEST_PG is not set' : undefined

/** A database of its own on that PostgreSQL; dropped when disposed. */
export async function freshDatabase(
  address: PostgresAddress,
  name: string,
): Promise<AsyncDisposable & PostgresAddress> {
  const administer = async (sql: string): Promise<void> => {
    const client = new pg.Client(address)
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  const database = `millrace_${name}_${process.pid}`
  await administer(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
  await administer(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
  return {
    ...address,
    database,
    [Symbol.asyncDispose]: () => administer(`DROP DATABASE ${database} WITH (FORCE)`),
  }
}
