// The PostgreSQL that benches compare with: the one that MILLRACE_TEST_PG names (postgresql://user@host:port/database).

import pg from 'pg'

export function postgresUrl(): URL {
  const given = process.env.MILLRACE_TEST_PG
  if (given === undefined) throw new Error('MILLRACE_TEST_PG does not name a PostgreSQL')
  return new URL(given)
}

export async function postgresClient(): Promise<{ readonly client: pg.Client; readonly address: URL }> {
  const address = postgresUrl()
  const client = new pg.Client({ connectionString: address.href })
  await client.connect()
  return { client, address }
}
