// PostgreSQL as the judge of single expressions: many a statement, the error of each caught by itself.

import { createHash } from 'node:crypto'
import { characterCount } from '../../../src/functions/string/characters.ts'
import type { Connection } from '../../slt/connection.ts'

/** Longer texts are compared by their length and digest. */
const LONG = 1_000_000

/** An answer as the judge gives it. */
export function shortened(text: string): string {
  if (text.length <= LONG) return text
  const characters = characterCount(text)
  return characters <= LONG ? text : `LONG ${characters} ${createHash('md5').update(text).digest('hex')}`
}

/** Runs a query and gives its text, or `ERROR` and the SQLSTATE, without ending the transaction. */
const ATTEMPT = `
create or replace function pg_temp.attempt(query text) returns text language plpgsql as $$
declare result text;
begin
  execute 'select (' || query || ')::text' into result;
  if length(result) > ${LONG} then
    return 'LONG ' || length(result) || ' ' || md5(result);
  end if;
  return coalesce(result, 'NULL');
exception when others then
  return 'ERROR ' || sqlstate;
end $$`

const BATCH = 500

export class Judge {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async begin(): Promise<void> {
    await this.#connection.run("SET timezone = 'UTC'")
    await this.#connection.run('SET max_stack_depth = 2048')
    await this.#connection.run(ATTEMPT)
  }

  /** The text of each expression, or its SQLSTATE. */
  async answers(expressions: readonly string[]): Promise<readonly string[]> {
    const answers: string[] = []
    for (let at = 0; at < expressions.length; at += BATCH)
      answers.push(...(await this.#batch(expressions.slice(at, at + BATCH))))
    return answers
  }

  async #batch(expressions: readonly string[]): Promise<readonly string[]> {
    const list = expressions.map((one) => `'${one.replaceAll("'", "''")}'`).join(', ')
    const answer = await this.#connection.run(
      `SELECT pg_temp.attempt(query) FROM unnest(array[${list}]::text[]) WITH ORDINALITY AS t(query, place)
       ORDER BY place`,
    )
    if (answer.kind !== 'rows') throw new Error(`the judge answered ${JSON.stringify(answer)}`)
    return answer.rows.map(([text]) => String(text))
  }
}
