// Ad-hoc joins and reads that look rows up in stores and indexes: the same answers as without, over any changes, inside
// transaction blocks and outside, and after a restart; and they do look up, as EXPLAIN says.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SqlError } from '../../src/core/error.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

const SETUP = [
  'CREATE TABLE big (id int PRIMARY KEY, k int, v int, t text)',
  'CREATE TABLE small (k int, v int)',
  'CREATE MATERIALIZED VIEW g AS SELECT k, count(*) AS n, sum(v) AS s FROM big GROUP BY k',
  `INSERT INTO big SELECT i, nullif(i % 20, 7), i % 3, 't' || i % 5 FROM generate_series(1, 200) AS i`,
  'CREATE INDEX big_k ON big (k)',
  'CREATE INDEX big_tv ON big (v, t)',
]

/** Queries, and the same where nothing can be looked up: the keys are computed. */
const pairs: readonly (readonly [string, string])[] = [
  [
    'big.id, small.v FROM small JOIN big ON big.k = small.k',
    'big.id, small.v FROM small JOIN big ON big.k + 0 = small.k',
  ],
  [
    'big.t, small.v FROM big JOIN small ON big.id = small.k',
    'big.t, small.v FROM big JOIN small ON big.id + 0 = small.k',
  ],
  [
    'b.id, s.v FROM small s JOIN big b ON b.k = s.k AND b.id > s.v * 20',
    'b.id, s.v FROM small s JOIN big b ON b.k + 0 = s.k AND b.id > s.v * 20',
  ],
  [
    'a.id, b.id AS other FROM big a JOIN big b ON a.k = b.id WHERE a.id = 5',
    'a.id, b.id AS other FROM big a JOIN big b ON a.k = b.id + 0 WHERE a.id + 0 = 5',
  ],
  [
    's.k, b.t, c.id FROM small s JOIN big b ON s.v = b.id JOIN big c ON c.k = b.k',
    's.k, b.t, c.id FROM small s JOIN big b ON s.v = b.id + 0 JOIN big c ON c.k + 0 = b.k',
  ],
  ['g.n, g.s, small.v FROM small JOIN g ON g.k = small.k', 'g.n, g.s, small.v FROM small JOIN g ON g.k + 0 = small.k'],
  [
    'b.id FROM small s JOIN big b ON b.k IS NOT DISTINCT FROM s.k',
    'b.id FROM small s JOIN big b ON b.k + 0 IS NOT DISTINCT FROM s.k',
  ],
  ['id, t FROM big WHERE k = 3', 'id, t FROM big WHERE k + 0 = 3'],
  ["id FROM big WHERE v = 1 AND t = 't2'", "id FROM big WHERE v + 0 = 1 AND t || '' = 't2'"],
]

const value = fc.oneof(fc.integer({ min: 0, max: 21 }).map(String), fc.constant('NULL'))
const id = fc.integer({ min: 1, max: 210 })
const anyChange = fc.oneof(
  fc.tuple(value, value).map(([k, v]) => `INSERT INTO small VALUES (${k}, ${v})`),
  value.map((k) => `DELETE FROM small WHERE k IS NOT DISTINCT FROM ${k}`),
  fc.tuple(id, value).map(([i, k]) => `UPDATE big SET k = ${k} WHERE id = ${i}`),
  fc
    .tuple(id, value)
    .map(([i, k]) => `INSERT INTO big VALUES (${i}, ${k}, 1, 't2') ON CONFLICT (id) DO UPDATE SET v = 1`),
  id.map((i) => `DELETE FROM big WHERE id = ${i}`),
  fc.constantFrom('BEGIN', 'COMMIT', 'ROLLBACK', 'restart', 'DROP INDEX big_k; CREATE INDEX big_k ON big (k)'),
)

/** A commit may meet what another session has committed. */
async function committed(client: Client, change: string): Promise<void> {
  try {
    await client.run(change)
  } catch (error) {
    if (change !== 'COMMIT' || !(error instanceof SqlError) || error.code !== '40001') throw error
  }
}

test('joins that look up agree with joins that read, whatever happens in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyChange, { minLength: 4, maxLength: 12 }), async (changes) => {
      const folder = mkdtempSync(join(tmpdir(), 'millrace-index-joins-'))
      let engine = await openTestEngine(folder)
      try {
        let client = new Client(engine)
        let other = new Client(engine)
        await client.all(...SETUP, 'INSERT INTO small VALUES (3, 1), (3, 1), (8, 40), (NULL, 2), (7, NULL)')
        let inBlock = false
        for (const change of changes) {
          if (change === 'restart') {
            await engine[Symbol.asyncDispose]()
            engine = await openTestEngine(folder)
            ;[client, other, inBlock] = [new Client(engine), new Client(engine), false]
          } else if (change.startsWith('DROP')) {
            if (!inBlock) await other.run(change)
          } else {
            if (change === 'BEGIN' || change === 'COMMIT' || change === 'ROLLBACK') inBlock = change === 'BEGIN'
            // What another session changes is not seen in a block.
            if (inBlock && change.startsWith('UPDATE')) await other.run(change)
            else await committed(client, change)
          }
          for (const [fast, plain] of pairs)
            expect(await client.sorted(`SELECT ${fast}`), `${change}: ${fast}`).toEqual(
              await client.sorted(`SELECT ${plain}`),
            )
        }
      } finally {
        await engine[Symbol.asyncDispose]()
        rmSync(folder, { recursive: true })
      }
    }),
    { numRuns: 6 },
  )
})

test('the small side looks rows of the large one up, by index and by key', async () => {
  const engine = await openTestEngine()
  const client = new Client(engine)
  await client.all(...SETUP, 'INSERT INTO small VALUES (3, 1)')
  const lookedUp = async (query: string) =>
    (await client.run(`EXPLAIN SELECT ${query}`))
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('join looks'))
  expect(await lookedUp(pairs[0]![0])).toEqual(['join looks up: big by (k) in index big_k'])
  expect(await lookedUp(pairs[1]![0])).toEqual(['join looks up: big by its key (id)'])
  expect(await lookedUp(pairs[0]![1])).toEqual([])
  await client.run('INSERT INTO small SELECT i, i FROM generate_series(1, 100) AS i')
  expect(await lookedUp(pairs[0]![0])).toEqual([])
  await engine[Symbol.asyncDispose]()
})
