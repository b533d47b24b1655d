// Computed columns of sources: the same values whoever reads them and whenever, and a record for which one cannot be
// computed is bad.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine
let client: Client

beforeEach(async () => {
  engine = await openTestEngine()
  client = new Client(engine)
})

afterEach(async () => {
  await client.session[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

const EVENTS = 5000

const create = (columns: string): string =>
  `CREATE SOURCE bid (${columns}) WITH (connector = 'nexmark', "table" = 'bid', events = ${EVENTS}, rate = 0)`

describe('values', () => {
  test('in a view, in an ad-hoc read and beside the columns they come from', async () => {
    await client.run(create('day date AS (datetime::date), cents AS (price * 100), shout text AS (upper(channel))'))
    await client.run(`CREATE MATERIALIZED VIEW days AS
      SELECT day, count(*) AS n, sum(cents) AS cents, min(shout) AS shout FROM bid GROUP BY day`)
    const query = (day: string, cents: string, shout: string) =>
      client.sorted(`SELECT ${day}, count(*), sum(${cents}), min(${shout}) FROM bid GROUP BY ${day}`)
    const found = await client.sorted('SELECT * FROM days')
    expect(found).toEqual(await query('datetime::date', 'price * 100', 'upper(channel)'))
    expect(found).toEqual(await query('day', 'cents', 'shout'))
    expect(found.length).toBeGreaterThan(0)
  })

  test('SELECT * shows them in their places; SHOW CREATE says what they are', async () => {
    await client.run(create('half AS (price / 2) NOT NULL'))
    const columns = await client.run(
      "SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = 'bid'::regclass AND attnum > 0 ORDER BY attnum",
    )
    expect(columns.at(-1)).toBe('half|t')
    expect((await client.run('SHOW CREATE SOURCE bid'))[0]).toContain('(half bigint AS (price / 2) NOT NULL)')
  })
})

describe('a record for which one cannot be computed', () => {
  test('is bad, whichever columns a view reads, with the reason', async () => {
    await client.run(create('odd int AS (10 / (price % 2)::int)'))
    await client.run('CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM bid')
    const [even] = await client.run('SELECT count(*) FROM "bid$bad"')
    const [odd] = await client.run('SELECT n FROM n')
    expect(Number(odd) + Number(even)).toBe((EVENTS / 50) * 46)
    expect(Number(even)).toBeGreaterThan(100)
    expect(await client.run('SELECT DISTINCT reason FROM "bid$bad"')).toEqual([
      'column "odd" cannot be computed: division by zero',
    ])
    expect(await client.run('SELECT count(*), count(odd) FROM bid')).toEqual([`${odd}|${odd}`])
  })

  test('also where it is NULL and must not be', async () => {
    await client.run(create('one bigint AS (nullif(price % 2, 0)) NOT NULL'))
    await client.run('CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n, sum(one) AS s FROM bid')
    const [line] = await client.run('SELECT n, s FROM n')
    const [n, s] = line!.split('|')
    expect(n).toBe(s)
    expect(await client.run('SELECT DISTINCT reason FROM "bid$bad"')).toEqual(['column "one" is null'])
  })
})

describe('refused', () => {
  test.each([
    ['x AS (random())', '0A000', 'random() in a computed column is not supported'],
    ['x AS (now())', '0A000', 'now() in a computed column is not supported'],
    ['x AS (proctime())', '0A000', 'proctime() in a source that is not stored is not supported'],
    ['x AS (nothing + 1)', '42703', 'column "nothing" does not exist'],
    ['x AS (price), y AS (x)', '42P17', 'cannot use generated column "x" in column generation expression'],
    ['x int AS (channel)', '42804', 'column "x" is of type integer but expression is of type text'],
    ['x AS (price), x AS (auction)', '42701', 'column "x" specified more than once'],
    ['price AS (auction)', '42701', 'column "price" specified more than once'],
  ])('%s', async (columns, code, message) => {
    const error = await client.failure(create(columns))
    expect([error.code, error.message]).toEqual([code, message])
    expect(error.position).toBeGreaterThan(0)
  })
})
