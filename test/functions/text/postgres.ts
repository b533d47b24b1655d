// A real PostgreSQL to compare with, where one can be reached: MILLRACE_TEST_PG or the local default. Tests that need
// it say when they are skipped.

import pg from 'pg'

const DEFAULT_URL = 'postgresql://postgres@127.0.0.1:55432/postgres'

export interface Postgres {
  /** The text PostgreSQL gives for each expression (`$1` is the text), or `SQLSTATE message`. */
  ask(expression: string, inputs: readonly string[]): Promise<string[]>
  run(statement: string): Promise<void>
  close(): Promise<void>
}

const PROBE = `
  CREATE OR REPLACE FUNCTION pg_temp.probe(expression text, input text) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE result text;
  BEGIN
    EXECUTE replace('SELECT concat(' || expression || ')', '$1', quote_literal(input)) INTO result;
    RETURN result;
  EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
  END $$`

export async function connectPostgres(): Promise<Postgres | undefined> {
  const client = new pg.Client({ connectionString: process.env.MILLRACE_TEST_PG ?? DEFAULT_URL })
  try {
    await client.connect()
  } catch {
    console.log('skipped: no PostgreSQL to compare with (MILLRACE_TEST_PG)')
    return undefined
  }
  await client.query(PROBE)
  return {
    async ask(expression, inputs) {
      const { rows } = await client.query(
        'SELECT pg_temp.probe($1, input) AS result FROM unnest($2::text[]) WITH ORDINALITY AS t (input, n) ORDER BY n',
        [expression, inputs],
      )
      return rows.map((row) => row.result)
    },
    async run(statement) {
      await client.query(statement)
    },
    close: () => client.end(),
  }
}
