// PostgreSQL as the judge of single expressions.

import pg from 'pg'
import { postgresAddress } from '../../support/pg.ts'

/** Runs a query and gives its text, or `ERROR` and the SQLSTATE, without ending the transaction. */
const attempt = `
create or replace function pg_temp.attempt(query text) returns text language plpgsql as $$
declare result text;
begin
  execute 'select (' || query || ')::text' into result;
  return coalesce(result, 'NULL');
exception when others then
  return 'ERROR ' || sqlstate;
end $$`

export interface Judge {
  /** The text of each expression, or its SQLSTATE. */
  answers(expressions: readonly string[]): Promise<readonly string[]>
  end(): Promise<void>
}

/** A session in UTC with the "C" collation, or undefined where the tests have no PostgreSQL. */
export async function postgres(): Promise<Judge | undefined> {
  const address = postgresAddress()
  if (address === undefined) return undefined
  const client = new pg.Client(address)
  await client.connect()
  await client.query("set timezone = 'UTC'")
  await client.query(attempt)
  return {
    async answers(expressions) {
      const { rows } = await client.query<{ answer: string }>(
        `select pg_temp.attempt(query) as answer
         from unnest($1::text[]) with ordinality as t(query, place) order by place`,
        [expressions],
      )
      // −0 is 0 here (operators spec §1.1).
      return rows.map((row) => (row.answer === '-0' ? '0' : row.answer))
    },
    end: () => client.end(),
  }
}
