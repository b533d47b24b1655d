// TPC-H in small: its 22 queries as views that stand while orders come and go, against PostgreSQL's answers and our own
// ad hoc ones before the flows and after them.

import { expect, test } from 'vitest'
import { insertOf, rowsOf, sizesOf, tables } from '../../bench/tpch/data.ts'
import { flowOf } from '../../bench/tpch/flows.ts'
import { queriesOf } from '../../bench/tpch/queries.ts'
import type { Connection } from '../../server/slt/connection.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'
import { Pglite } from '../support/pglite.ts'

const SCALE = 0.0004
const FLOWS = 2
const BATCH = 40
const ROWS_AN_INSERT = 500
const sizes = sizesOf(SCALE)
const queries = Object.entries(queriesOf(SCALE))

function inserts(): readonly string[] {
  const lines = new Map<string, string[]>()
  for (const [table, line] of rowsOf(sizes)) {
    const all = lines.get(table)
    if (all === undefined) lines.set(table, [line])
    else all.push(line)
  }
  return [...lines].flatMap(([table, all]) =>
    Array.from({ length: Math.ceil(all.length / ROWS_AN_INSERT) }, (_, i) =>
      insertOf(table, all.slice(i * ROWS_AN_INSERT, (i + 1) * ROWS_AN_INSERT)),
    ),
  )
}

async function reference(connection: Connection, sql: string): Promise<readonly string[]> {
  const answer = await connection.run(sql)
  if (answer.kind === 'failed') throw new Error(`${answer.message}: ${sql}`)
  return answer.kind === 'rows' ? answer.rows.map((row) => row.map((value) => value ?? '∅').join('|')) : []
}

test('22 queries as views while orders come and go', async () => {
  await using engine = await openTestEngine()
  await using pglite = new Pglite()
  const postgres = await pglite.open()
  const client = new Client(engine)
  const both = async (sql: string): Promise<void> => {
    await client.run(sql)
    await reference(postgres, sql)
  }
  for (const [table, columns] of Object.entries(tables)) await both(`CREATE TABLE ${table} (${columns})`)
  for (const insert of inserts()) await both(insert)
  for (const [name, query] of queries) await client.run(`CREATE MATERIALIZED VIEW ${name} AS ${query}`)
  const check = async (): Promise<void> => {
    for (const [name, query] of queries) {
      const expected = await reference(postgres, query)
      expect(await client.run(query), name).toEqual(expected)
      expect(await client.sorted(`SELECT * FROM ${name}`), `${name} as a view`).toEqual([...expected].sort())
    }
  }
  await check()
  for (let n = 0; n < FLOWS; n++) for (const sql of flowOf(n, BATCH, sizes)) await both(sql)
  await check()
}, 240_000)
