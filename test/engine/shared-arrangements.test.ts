// Arrangements shared between views (engine.md §4, §6): whatever views come and go in the middle of whatever history,
// each equals its query run from scratch; and what nobody reads any more is gone.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

const SETUP = [
  'CREATE TABLE a (id int PRIMARY KEY, k int, v int, t text)',
  'CREATE TABLE b (k int, v int, t text)',
  'CREATE MATERIALIZED VIEW g AS SELECT k, sum(v) AS s, count(*) AS n FROM b GROUP BY k',
]

/** Queries that look rows of `a`, `b` and `g` up by their keys, with other columns, key orders and NULL rules. */
const queries = [
  'SELECT a.id, a.v, b.t FROM a JOIN b ON a.k = b.k',
  'SELECT a.id, b.v FROM a JOIN b ON a.k = b.k AND a.v = b.v',
  'SELECT b.t, a.t AS u FROM b JOIN a ON a.v = b.v AND b.k = a.k',
  'SELECT x.id, y.id AS other FROM a x JOIN a y ON x.k = y.k',
  'SELECT x.id, y.v FROM a x LEFT JOIN b y ON x.k = y.k',
  'SELECT x.id, y.v FROM a x RIGHT JOIN b y ON x.k = y.k',
  'SELECT x.id, y.v FROM a x FULL JOIN b y ON x.k = y.k',
  'SELECT x.id, y.v FROM a x FULL JOIN b y ON x.k = y.k AND x.v > y.v',
  'SELECT x.id, y.v FROM a x JOIN b y ON x.k IS NOT DISTINCT FROM y.k',
  'SELECT id, t FROM a WHERE k IN (SELECT k FROM b)',
  'SELECT id FROM a WHERE k NOT IN (SELECT k FROM b WHERE v > 1)',
  'SELECT id FROM a WHERE k NOT IN (SELECT k FROM b WHERE b.v = a.v)',
  'SELECT id, EXISTS (SELECT 1 FROM b WHERE b.k = a.k) AS e FROM a',
  'SELECT k, v FROM b WHERE NOT EXISTS (SELECT 1 FROM a WHERE a.k = b.k AND a.v < b.v)',
  'SELECT b.k, b.v, a.t FROM b JOIN a ON b.v = a.id',
  'SELECT a.id, g.s, g.n FROM a LEFT JOIN g ON a.k = g.k',
  'SELECT x.k, y.s FROM g x JOIN g y ON x.s = y.s',
  'SELECT a.id FROM a JOIN b ON a.k = b.k WHERE NOT EXISTS (SELECT 1 FROM g WHERE g.s = a.v)',
  'SELECT x.v FROM b x WHERE x.k IN (SELECT y.k FROM a y WHERE y.v IN (SELECT z.v FROM b z))',
  'SELECT k, (SELECT max(v) FROM a WHERE a.k = b.k) AS m FROM b',
  'SELECT x.id, y.v, z.t FROM a x JOIN b y ON x.k = y.k JOIN a z ON y.v = z.v',
]

const indexes = ['ON a (k)', 'ON a (v, k)', 'ON b (k)', 'ON b (k, v)', 'ON g (s)', 'ON g (k)']

/** Look-ups, and the same as scans. */
const lookUps: readonly (readonly [string, string])[] = [
  ['SELECT * FROM a WHERE k = 1', 'SELECT * FROM a WHERE k + 0 = 1'],
  ['SELECT id FROM a WHERE k = 2 AND v = 1', 'SELECT id FROM a WHERE k + 0 = 2 AND v + 0 = 1'],
  ['SELECT * FROM b WHERE k = 1', 'SELECT * FROM b WHERE k + 0 = 1'],
  ["SELECT v FROM b WHERE k = 1 AND v = 2 AND t <> 'y'", "SELECT v FROM b WHERE k + 0 = 1 AND v + 0 = 2 AND t <> 'y'"],
  ['SELECT * FROM g WHERE s = 3', 'SELECT * FROM g WHERE s + 0 = 3'],
  ['SELECT * FROM g WHERE k = 1', 'SELECT * FROM g WHERE k + 0 = 1'],
]

type Step =
  | { readonly kind: 'create' | 'drop'; readonly query: number }
  | { readonly kind: 'change'; readonly sql: string }
  | { readonly kind: 'restart' }

const number = fc.oneof(fc.integer({ min: 0, max: 3 }).map(String), fc.constant('NULL'))
const id = fc.integer({ min: 0, max: 9 })
const anyChange: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(id, number, number)
    .map(
      ([i, k, v]) =>
        `INSERT INTO a VALUES (${i}, ${k}, ${v}, 'x${i}') ON CONFLICT (id) DO UPDATE SET k = ${k}, v = ${v}`,
    ),
  fc
    .array(fc.tuple(number, number), { minLength: 1, maxLength: 4 })
    .map((rows) => `INSERT INTO b VALUES ${rows.map(([k, v]) => `(${k}, ${v}, 'y${v}')`).join(', ')}`),
  id.map((i) => `DELETE FROM a WHERE id = ${i}`),
  number.map((k) => `DELETE FROM b WHERE k IS NOT DISTINCT FROM ${k}`),
  fc.tuple(number, number).map(([k, v]) => `UPDATE b SET v = ${v} WHERE k = ${k}`),
  fc
    .tuple(number, number)
    .map(([k, v]) => `BEGIN; UPDATE a SET k = ${k} WHERE v = ${v}; DELETE FROM b WHERE v = ${k}; COMMIT`),
  fc.nat({ max: indexes.length - 1 }).map((i) => `CREATE INDEX IF NOT EXISTS i${i} ${indexes[i]}`),
  fc.nat({ max: indexes.length - 1 }).map((i) => `DROP INDEX IF EXISTS i${i}`),
  // Given up: nothing of it may stay anywhere.
  fc.constant("INSERT INTO a SELECT 1, 1, 1, 'z' FROM generate_series(1, 2)"),
)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: anyChange.map((sql) => ({ kind: 'change', sql }) as const) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('create' as const), query: fc.nat({ max: queries.length - 1 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drop' as const), query: fc.nat({ max: queries.length - 1 }) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'restart' } as const) },
)

async function checkViews(client: Client, views: ReadonlySet<number>): Promise<void> {
  for (const query of views) {
    const kept = await client.sorted(`SELECT * FROM q${query}`)
    expect(kept, queries[query]).toEqual(await client.sorted(queries[query]!))
  }
}

async function checkLookUps(client: Client): Promise<void> {
  for (const [lookUp, scan] of lookUps) expect(await client.sorted(lookUp), lookUp).toEqual(await client.sorted(scan))
}

const arrangements = (client: Client): Promise<readonly string[]> =>
  client.sorted("SELECT relation || ' ' || label FROM millrace.arrangements WHERE label LIKE 'by (%'")

test('views that come and go in any history equal their queries, also after restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 14 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), 'millrace-shared-'))
      let engine: Engine = await openTestEngine(folder)
      try {
        let client = new Client(engine)
        await client.all(...SETUP)
        const views = new Set<number>()
        for (const step of steps) {
          if (step.kind === 'change') await client.run(step.sql).catch(() => client.run('ROLLBACK'))
          else if (step.kind === 'create' && !views.has(step.query)) {
            await client.run(`CREATE MATERIALIZED VIEW q${step.query} AS ${queries[step.query]}`)
            views.add(step.query)
          } else if (step.kind === 'drop' && views.delete(step.query)) {
            await client.run(`DROP MATERIALIZED VIEW q${step.query}`)
          } else if (step.kind === 'restart') {
            await engine[Symbol.asyncDispose]()
            engine = await openTestEngine(folder)
            client = new Client(engine)
          }
          await checkViews(client, views)
          await checkLookUps(client)
        }
        for (const query of views) await client.run(`DROP MATERIALIZED VIEW q${query}`)
        for (const i of indexes.keys()) await client.run(`DROP INDEX IF EXISTS i${i}`)
        expect(await arrangements(client)).toEqual([])
      } finally {
        await engine[Symbol.asyncDispose]()
        rmSync(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: Number(process.env.SHARED_RUNS ?? 12) },
  )
}, 120_000)

test('a view made under load equals its query, whether it makes what it reads or shares it', async () => {
  await using engine = await openTestEngine()
  const client = new Client(engine)
  const writer = new Client(engine)
  await client.all(
    'CREATE TABLE l (id int PRIMARY KEY, k int, v int)',
    'CREATE TABLE r (k int, v int)',
    'INSERT INTO l SELECT i, i % 1000, i % 7 FROM generate_series(1, 6000) AS i',
    'INSERT INTO r SELECT i % 1200, i % 5 FROM generate_series(1, 2000) AS i',
  )
  const kinds = {
    inner: 'SELECT l.v, count(*) AS n, sum(r.v) AS s FROM l JOIN r ON l.k = r.k GROUP BY l.v',
    left: 'SELECT l.v, count(*) AS n, sum(r.v) AS s FROM l LEFT JOIN r ON l.k = r.k GROUP BY l.v',
    anti: 'SELECT v, count(*) AS n FROM l WHERE NOT EXISTS (SELECT 1 FROM r WHERE r.k = l.k) GROUP BY v',
    self: 'SELECT x.v, count(*) AS n FROM l x JOIN l y ON x.id = y.k GROUP BY x.v',
  }
  const create = async (suffix: string): Promise<void> => {
    for (const [name, query] of Object.entries(kinds))
      await client.run(`CREATE MATERIALIZED VIEW ${name}_${suffix} AS ${query}`)
  }
  // Each round of changes is more than what a lane takes into its last turn.
  let writing = true
  const load = (async () => {
    for (let i = 0; writing; i++) {
      await writer.all('UPDATE l SET k = k + 1', `UPDATE r SET v = v + 1 WHERE k % 5 = ${i % 5}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  await create('made')
  await create('shared')
  writing = false
  await load
  for (const [name, query] of Object.entries(kinds)) {
    const expected = await client.sorted(query)
    expect(await client.sorted(`SELECT * FROM ${name}_made`), name).toEqual(expected)
    expect(await client.sorted(`SELECT * FROM ${name}_shared`), name).toEqual(expected)
  }
}, 120_000)

test('two views share an arrangement, a wider one takes its place, and it goes with its last reader', async () => {
  await using engine = await openTestEngine()
  const client = new Client(engine)
  await client.all(...SETUP, "INSERT INTO a VALUES (1, 1, 1, 'x'), (2, 2, 1, 'y')", "INSERT INTO b VALUES (1, 1, 'z')")
  const facts = "SELECT relation, label, readers FROM millrace.arrangements WHERE label LIKE 'by (%'"
  await client.run('CREATE MATERIALIZED VIEW narrow AS SELECT a.id, b.v FROM a JOIN b ON a.k = b.k')
  await client.run('CREATE MATERIALIZED VIEW wide AS SELECT a.id, b.t FROM a JOIN b ON a.k = b.k')
  const both = '{"materialized view \\"narrow\\"","materialized view \\"wide\\""}'
  expect(await client.sorted(facts)).toEqual([`a|by (k)|${both}`, `b|by (k)|${both}`])
  await client.run("INSERT INTO b VALUES (2, 5, 'w')")
  expect(await client.sorted('SELECT * FROM narrow')).toEqual(['1|1', '2|5'])
  expect(await client.sorted('SELECT * FROM wide')).toEqual(['1|z', '2|w'])
  // By its primary key a table is looked up as it is stored.
  await client.run('CREATE MATERIALIZED VIEW keyed AS SELECT a.t, b.v FROM a JOIN b ON a.id = b.k')
  expect(await client.sorted(facts)).toHaveLength(2)
  await client.run('DROP MATERIALIZED VIEW narrow')
  await client.run('DROP MATERIALIZED VIEW wide')
  expect(await client.sorted(facts)).toEqual(['b|by (k)|{"materialized view \\"keyed\\""}'])
  await client.run('DROP MATERIALIZED VIEW keyed')
  expect(await client.sorted(facts)).toEqual([])
})
