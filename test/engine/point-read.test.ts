import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { planSelect } from '../../src/engine/planning.ts'
import { pointScans } from '../../src/engine/point-read.ts'
import type { StatementSession } from '../../src/engine/statement-session.ts'
import type { Query } from '../../src/parser/ast.ts'
import { parseStatements } from '../../src/parser/parse.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine
let client: Client

beforeAll(async () => {
  engine = await openTestEngine()
  client = new Client(engine)
  await client.all(
    'CREATE TABLE item (id BIGINT PRIMARY KEY, v TEXT, n INT)',
    "INSERT INTO item SELECT i, 'v' || i, i % 7 FROM generate_series(1, 50) AS g (i)",
    'CREATE TABLE pair (a TEXT, b INT, c INT, PRIMARY KEY (a, b))',
    "INSERT INTO pair SELECT 'a' || (i % 3), i, i * i FROM generate_series(1, 12) AS g (i)",
    'CREATE MATERIALIZED VIEW by_n AS SELECT n, count(*) AS items FROM item GROUP BY n',
  )
})
afterAll(() => engine[Symbol.asyncDispose]())

const plan = (text: string) =>
  pointScans(
    planSelect(client.session as unknown as StatementSession, parseStatements(text)[0]!.statement as Query, {})
      .physical,
  )

describe('which plans are look-ups', () => {
  test.each([
    ['SELECT v, n FROM item WHERE id = 5', 1, true],
    ['SELECT v FROM item WHERE 5 = id', 1, true],
    ['SELECT n + 1 FROM item WHERE id = 5', 1, false],
    ['SELECT v FROM item WHERE id = 5 AND n > 3', 1, false],
    ["SELECT c FROM pair WHERE b = 4 AND a = 'a1'", 1, true],
    ['SELECT v FROM item WHERE id = n', 0, false],
    ['SELECT v FROM item WHERE id = 5 OR n = 3', 0, false],
    ['SELECT v FROM item WHERE id = 5.0', 0, false],
    ['SELECT v FROM item WHERE id > 5', 0, false],
    ['SELECT v FROM item WHERE id + 0 = 5', 0, false],
  ])('%s', (text, scans, direct) => {
    const found = plan(text)
    expect(found.scans.size).toBe(scans)
    expect(found.direct !== undefined).toBe(direct)
  })
})

describe('what they answer', () => {
  test.each([
    ['SELECT v, n FROM item WHERE id = 5', ['v5|5']],
    ['SELECT n, id, n FROM item WHERE id = 8', ['1|8|1']],
    ['SELECT v FROM item WHERE id = 500', []],
    ['SELECT v FROM item WHERE id = NULL', []],
    ['SELECT v FROM item WHERE id = 5 AND id = 6', []],
    ['SELECT v FROM item WHERE id = 5 AND n = 5', ['v5']],
    ['SELECT v FROM item WHERE id = 5 AND n = 6', []],
    ["SELECT c FROM pair WHERE a = 'a1' AND b = 4", ['16']],
    ["SELECT c FROM pair WHERE a = 'a2' AND b = 4", []],
    ["SELECT sum(c) FROM pair WHERE a = 'a1'", ['166']],
    ['SELECT c FROM pair WHERE b = 3000000000', []],
    ["SELECT c FROM pair WHERE b = 3000000000 AND a = 'a1'", []],
    ['SELECT items FROM by_n WHERE n = 1', ['8']],
    ['SELECT count(*) FROM item WHERE id = 700', ['0']],
    ['SELECT i.v, w.items FROM item AS i JOIN by_n AS w ON w.n = i.n WHERE i.id = 9', ['v9|7']],
    ['SELECT v FROM item WHERE id = (SELECT max(id) FROM item)', ['v50']],
    ['SELECT a.v, b.v FROM item AS a, item AS b WHERE a.id = 1 AND b.id = 2', ['v1|v2']],
  ])('%s', async (text, rows) => {
    expect(await client.run(text)).toEqual(rows)
    expect(await client.run(text)).toEqual(rows)
  })

  test('with parameters, of several types and values', async () => {
    const prepared = await client.session.prepare('SELECT v FROM item WHERE id = $1', [])
    const ask = async (value: bigint | null): Promise<readonly string[]> => {
      const execution = await client.session.execute(prepared, [value], async () => true)
      if (execution.kind !== 'rows') throw new Error('a query returns rows')
      const batch = await execution.next(0)
      const lines = batch === undefined ? [] : client.lines(batch, execution.schema)
      execution.close()
      return lines
    }
    expect(await ask(3n)).toEqual(['v3'])
    expect(await ask(4n)).toEqual(['v4'])
    expect(await ask(null)).toEqual([])
    expect(await ask(4_000_000_000n)).toEqual([])
  })
})

test('a plan is made again when the catalog, the path or a setting has changed', async () => {
  await client.all(
    'CREATE SCHEMA other',
    'CREATE TABLE t (id INT PRIMARY KEY, v TEXT)',
    "INSERT INTO t VALUES (1, 'a')",
  )
  const text = 'SELECT * FROM t WHERE id = 1'
  expect(await client.run(text)).toEqual(['1|a'])
  await client.run('ALTER TABLE t RENAME TO t_old')
  await client.all('CREATE TABLE t (id INT PRIMARY KEY, w INT, v TEXT)', "INSERT INTO t VALUES (1, 2, 'b')")
  expect(await client.run(text)).toEqual(['1|2|b'])
  await client.all(
    'CREATE TABLE other.t (id INT PRIMARY KEY)',
    'INSERT INTO other.t VALUES (1)',
    'SET search_path = other',
  )
  expect(await client.run(text)).toEqual(['1'])
  await client.run('SET search_path = public')
  expect(await client.run(text)).toEqual(['1|2|b'])
  const zoned = "SELECT TIMESTAMPTZ '2020-01-01 00:00' AT TIME ZONE 'UTC'"
  expect(await client.run(zoned)).toEqual(['2020-01-01 00:00:00'])
  await client.run("SET timezone = 'Asia/Tokyo'")
  expect(await client.run(zoned)).toEqual(['2019-12-31 15:00:00'])
  await client.run("SET timezone = 'UTC'")
})

test("'now' as a literal is read each time", async () => {
  const [first] = await client.run("SELECT TIMESTAMPTZ 'now'")
  await new Promise((resolve) => setTimeout(resolve, 2))
  const [second] = await client.run("SELECT TIMESTAMPTZ 'now'")
  expect(second).not.toBe(first)
})

type Step = { readonly kind: 'put' | 'set' | 'remove' | 'block' | 'end'; readonly id: number; readonly n: number }

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('put', 'set', 'set', 'remove', 'block', 'end'),
  id: fc.integer({ min: 1, max: 6 }),
  n: fc.integer({ min: 0, max: 3 }),
})

test('changes and reads by key agree with scans, inside blocks and outside', async () => {
  await client.run('CREATE TABLE small (id INT PRIMARY KEY, n INT)')
  const run = async (steps: readonly Step[]): Promise<void> => {
    await client.run('TRUNCATE small')
    const statements = {
      put: ({ id, n }: Step) => `INSERT INTO small VALUES (${id}, ${n}) ON CONFLICT (id) DO UPDATE SET n = small.n + 1`,
      set: ({ id, n }: Step) => `UPDATE small SET n = ${n}, id = ${id} WHERE id = ${id}`,
      remove: ({ id }: Step) => `DELETE FROM small WHERE id = ${id}`,
      block: () => 'BEGIN',
      end: ({ n }: Step) => (n === 0 ? 'ROLLBACK' : 'COMMIT'),
    }
    for (const one of steps) {
      const whole = await client.run('SELECT id, n FROM small')
      const [tag] = await client.run(statements[one.kind](one))
      const stood = whole.some((row) => row.startsWith(`${one.id}|`))
      if (one.kind === 'set') expect(tag).toBe(`UPDATE ${stood ? 1 : 0}`)
      if (one.kind === 'remove') expect(tag).toBe(`DELETE ${stood ? 1 : 0}`)
      const after = await client.run('SELECT id, n FROM small')
      for (let id = 1; id <= 6; id++) {
        const row = after.filter((line) => line.startsWith(`${id}|`))
        expect(await client.run(`SELECT id, n FROM small WHERE id = ${id}`)).toEqual(row)
      }
    }
    await client.run('ROLLBACK')
  }
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), run), { numRuns: 40 })
})
