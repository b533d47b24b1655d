// Views WITH (on_error = 'divert') over tables that change at random: each is its query over the rows that do not fail,
// and its $errors are those that do, through rollbacks, restarts, transactions that look at themselves, and lanes.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine | undefined
const folders: string[] = []

afterEach(async () => {
  await engine?.[Symbol.asyncDispose]()
  engine = undefined
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const ON_ERROR = "WITH (on_error = 'divert')"
const TABLES = ['CREATE TABLE t (id int, d int, g int)', 'CREATE TABLE u (g int, n int)']

/** The view, its query over the rows that can be computed, and those that cannot, as rows of `$errors`. */
const views: Readonly<Record<string, readonly [query: string, good: string, bad: string]>> = {
  ratio: [
    'SELECT id, 12 / d AS q FROM t',
    'SELECT id, 12 / d FROM t WHERE d <> 0 OR d IS NULL',
    "SELECT jsonb_build_object('id', id, 'd', d), count(*) FROM t WHERE d = 0 GROUP BY id, d",
  ],
  sums: [
    'SELECT g, count(*) AS n, sum(12 / d) AS s FROM t GROUP BY g',
    'SELECT g, count(*), sum(12 / d) FROM t WHERE d <> 0 OR d IS NULL GROUP BY g',
    "SELECT jsonb_build_object('d', d, 'g', g), count(*) FROM t WHERE d = 0 GROUP BY d, g",
  ],
  large: [
    'SELECT DISTINCT g FROM t WHERE 12 / d > 2',
    'SELECT DISTINCT g FROM t WHERE CASE WHEN d <> 0 THEN 12 / d > 2 END',
    "SELECT jsonb_build_object('d', d, 'g', g), count(*) FROM t WHERE d = 0 GROUP BY d, g",
  ],
  pairs: [
    'SELECT t.id, u.n FROM t LEFT JOIN u ON t.g = u.g AND u.n / t.d >= 0',
    'SELECT t.id, u.n FROM t LEFT JOIN u ON t.g = u.g AND CASE WHEN t.d <> 0 THEN u.n / t.d >= 0 END',
    `SELECT jsonb_build_object('id', id, 'd', d, 'g', t.g, 'g_2', u.g, 'n', n), count(*)
     FROM t JOIN u ON t.g = u.g WHERE d = 0 GROUP BY id, d, t.g, u.g, n`,
  ],
}

async function check(client: Client): Promise<void> {
  for (const [name, [, good, bad]] of Object.entries(views)) {
    expect(await client.sorted(`SELECT * FROM ${name}`)).toEqual(await client.sorted(good))
    expect(await client.sorted(`SELECT row, weight FROM ${name}$errors`)).toEqual(await client.sorted(bad))
  }
  expect(await client.run('SELECT n FROM failing')).toEqual(await client.run('SELECT count(*) FROM t WHERE d = 0'))
}

const small = fc.constantFrom('0', '0', '1', '3', '-4', 'NULL')
const statement = fc.oneof(
  fc.tuple(small, small, small).map((row) => `INSERT INTO t VALUES (${row.join()}), (${row.join()})`),
  fc.tuple(small, small).map((row) => `INSERT INTO u VALUES (${row.join()})`),
  fc.tuple(small, small).map(([d, id]) => `UPDATE t SET d = ${d} WHERE id = ${id}`),
  fc.tuple(fc.constantFrom('t', 'u'), small).map(([table, g]) => `DELETE FROM ${table} WHERE g = ${g}`),
)
const step = fc.oneof(
  { weight: 5, arbitrary: statement.map((text) => ({ kind: 'statement' as const, text })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.array(statement, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([texts, kept]) => ({ kind: 'transaction' as const, texts, end: kept ? 'COMMIT' : 'ROLLBACK' })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(views)).map((view) => ({ kind: 'again' as const, view })) },
)

async function create(client: Client, name: string): Promise<void> {
  await client.run(`CREATE MATERIALIZED VIEW ${name} ${ON_ERROR} AS ${views[name]![0]}`)
  if (name === 'ratio')
    await client.run('CREATE MATERIALIZED VIEW failing AS SELECT coalesce(sum(weight), 0) AS n FROM ratio$errors')
}

test('a view is its query over the rows that can be computed, $errors are the others', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), 'millrace-divert-'))
      folders.push(folder)
      engine = await openTestEngine(folder)
      let client = new Client(engine)
      await client.all(...TABLES)
      for (const name of Object.keys(views)) await create(client, name)
      for (const one of steps) {
        if (one.kind === 'statement') await client.run(one.text)
        else if (one.kind === 'again') {
          await client.run(`DROP MATERIALIZED VIEW ${one.view} CASCADE`)
          await create(client, one.view)
        } else if (one.kind === 'transaction') {
          await client.run('BEGIN')
          for (const text of one.texts) await client.run(text)
          await check(client)
          await client.run(one.end)
        } else {
          await engine[Symbol.asyncDispose]()
          engine = await openTestEngine(folder)
          client = new Client(engine)
        }
        await check(client)
      }
      await engine[Symbol.asyncDispose]()
    }),
    { numRuns: 12 },
  )
})

test('what reads $errors ends with them; a view that fails takes its $errors with it', async () => {
  engine = await openTestEngine()
  const client = new Client(engine)
  await client.all(
    'CREATE TABLE t (id int, d int)',
    `CREATE MATERIALIZED VIEW v ${ON_ERROR} AS SELECT 1 / d AS q FROM t`,
    'CREATE MATERIALIZED VIEW above AS SELECT count(*) AS n FROM v$errors',
    'INSERT INTO t VALUES (1, 0)',
  )
  const refused = await client.failure('DROP MATERIALIZED VIEW v')
  expect([refused.code, refused.detail]).toEqual(['2BP01', 'materialized view above depends on table v$errors'])
  await client.run('DROP MATERIALIZED VIEW v CASCADE')
  expect(await client.code('SELECT * FROM above')).toBe('42P01')
  expect(await client.run("SELECT count(*) FROM pg_class WHERE relnamespace = 2200 AND relkind = 'r'")).toEqual(['1'])
  await client.run(`CREATE MATERIALIZED VIEW v ${ON_ERROR} AS SELECT 1 / d AS q FROM t`)
  expect(await client.run('SELECT row, weight FROM v$errors')).toEqual(['{"d": 0}|1'])
})

test('in fail mode, the default, an input that fails makes what is above unreadable, its $errors too', async () => {
  engine = await openTestEngine()
  const client = new Client(engine)
  await client.all(
    'CREATE TABLE t (id int, d int)',
    'CREATE MATERIALIZED VIEW below AS SELECT id, 1 / d AS q FROM t',
    `CREATE MATERIALIZED VIEW v ${ON_ERROR} AS SELECT 10 / id AS p, q FROM below`,
    'INSERT INTO t VALUES (0, 1)',
  )
  expect(await client.run('SELECT row FROM v$errors')).toEqual(['{"q": 1, "id": 0}'])
  await client.run('INSERT INTO t VALUES (1, 0)')
  expect(await client.code('SELECT * FROM v')).toBe('22012')
  expect(await client.code('SELECT * FROM v$errors')).toBe('22012')
  await client.run('DELETE FROM t WHERE d = 0')
  expect(await client.run('SELECT row FROM v$errors')).toEqual(['{"q": 1, "id": 0}'])
})
