// EMIT CHANGES EVERY and AFTER (windows spec §6, 9.5): the whole view as of one earlier epoch, timers without input,
// restarts between a change and its release, subscriptions.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'
import { ManualTime } from '../support/manual-time.ts'

const SECOND = 1_000_000n

let folder: string
let time: ManualTime
let engine: Engine
let client: Client

async function open(): Promise<void> {
  engine = await openTestEngine(folder, { host: time.host })
  client = new Client(engine)
  // A snapshot is taken in a turn, and a turn waits for the running epoch.
  const other = new Client(engine)
  time.settle = () => other.all('BEGIN', 'SELECT count(*) FROM millrace.views', 'COMMIT')
}

async function restart(): Promise<void> {
  await engine[Symbol.asyncDispose]()
  await open()
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-emit-'))
  time = new ManualTime(0n)
  await open()
})

afterEach(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const shown = async (view: string): Promise<readonly string[]> => client.sorted(`SELECT * FROM ${view}`)

/** At second `at`: a change. */
async function at(second: number, sql: string): Promise<void> {
  await time.pass(BigInt(second) * SECOND - time.now)
  await client.run(sql)
}

describe('the example of the specification', () => {
  test('EVERY: an epoch that crosses a multiple shows itself', async () => {
    await client.all(
      'CREATE TABLE t (a int)',
      "CREATE MATERIALIZED VIEW v AS SELECT sum(a) AS s, count(*) AS n FROM t EMIT CHANGES EVERY INTERVAL '60' SECOND",
    )
    expect(await shown('v')).toEqual([])
    expect(await client.run("SELECT shown_epoch FROM millrace.views WHERE name = 'v'")).toEqual(['∅'])
    await at(58, 'INSERT INTO t VALUES (1)')
    await at(59, 'INSERT INTO t VALUES (2)')
    expect(await shown('v')).toEqual([])
    time.jump(61n * SECOND)
    await client.run('INSERT INTO t VALUES (4)')
    expect(await shown('v')).toEqual(['7|3'])
    const sigma = await client.run('SELECT max(epoch) FROM millrace.epochs')
    expect(await client.run("SELECT shown_epoch FROM millrace.views WHERE name = 'v'")).toEqual(sigma)
    await at(90, 'INSERT INTO t VALUES (8)')
    expect(await shown('v')).toEqual(['7|3'])
    expect(await client.run("SELECT shown_epoch FROM millrace.views WHERE name = 'v'")).toEqual(sigma)
    time.jump(120n * SECOND)
    await client.run('INSERT INTO t VALUES (16)')
    expect(await shown('v')).toEqual(['31|5'])
  })

  test('AFTER: what is pending waits for the first of it, and goes together', async () => {
    await client.all(
      'CREATE TABLE t (a int)',
      "CREATE MATERIALIZED VIEW v AS SELECT a FROM t EMIT CHANGES AFTER INTERVAL '10' SECOND",
    )
    await at(100, 'INSERT INTO t VALUES (1)')
    await at(104, 'INSERT INTO t VALUES (2)')
    await time.pass(5_900_000n)
    expect(await shown('v')).toEqual([])
    await time.pass(200_000n)
    expect(await shown('v')).toEqual(['1', '2'])
    await at(112, 'INSERT INTO t VALUES (3)')
    await time.pass(9_900_000n)
    expect(await shown('v')).toEqual(['1', '2'])
    await time.pass(200_000n)
    expect(await shown('v')).toEqual(['1', '2', '3'])
  })

  test('a view is empty before its first σ, then has what was there before it', async () => {
    await client.all(
      'CREATE TABLE t (a int)',
      'INSERT INTO t VALUES (1), (1), (2)',
      "CREATE MATERIALIZED VIEW v AS SELECT a FROM t EMIT CHANGES EVERY '10 seconds'",
      'CREATE MATERIALIZED VIEW w AS SELECT count(*) AS n FROM v',
    )
    expect(await shown('v')).toEqual([])
    expect(await shown('w')).toEqual(['0'])
    await time.pass(10n * SECOND)
    expect(await shown('v')).toEqual(['1', '1', '2'])
    expect(await shown('w')).toEqual(['3'])
  })
})

test('a transaction that changed a table reads what the view shows', async () => {
  await client.all(
    'CREATE TABLE t (a int)',
    "CREATE MATERIALIZED VIEW v AS SELECT a FROM t EMIT CHANGES EVERY '10 seconds'",
    'INSERT INTO t VALUES (1)',
  )
  await time.pass(10n * SECOND)
  await client.all('BEGIN', 'INSERT INTO t VALUES (2)')
  expect(await shown('v')).toEqual(['1'])
  await client.run('COMMIT')
  expect(await shown('v')).toEqual(['1'])
})

test('errors show with the epoch in which they are shown', async () => {
  await client.all(
    'CREATE TABLE t (a int)',
    "CREATE MATERIALIZED VIEW v AS SELECT 10 / a AS q FROM t EMIT CHANGES EVERY '10 seconds'",
    'INSERT INTO t VALUES (5)',
  )
  await time.pass(10n * SECOND)
  await client.run('INSERT INTO t VALUES (0)')
  expect(await shown('v')).toEqual(['2'])
  await time.pass(10n * SECOND)
  expect(await client.code('SELECT * FROM v')).toBe('22012')
  await client.run('DELETE FROM t WHERE a = 0')
  expect(await client.code('SELECT * FROM v')).toBe('22012')
  await time.pass(10n * SECOND)
  expect(await shown('v')).toEqual(['2'])
})

test('ON WINDOW CLOSE AND CHANGES EVERY: early panes, and whatever closes at once', async () => {
  await client.all(
    'CREATE TABLE t (ts int, WATERMARK FOR ts AS ts - 5)',
    `CREATE MATERIALIZED VIEW v AS SELECT window_start AS w, count(*) AS n FROM TUMBLE(t, ts, 10)
       GROUP BY window_start, window_end EMIT ON WINDOW CLOSE AND CHANGES EVERY '10 seconds'`,
    'INSERT INTO t VALUES (1), (4)',
  )
  expect(await shown('v')).toEqual([])
  await time.pass(10n * SECOND)
  expect(await shown('v')).toEqual(['0|2'])
  await client.run('INSERT INTO t VALUES (3), (12)')
  expect(await shown('v')).toEqual(['0|2'])
  await restart()
  expect(await shown('v')).toEqual(['0|2'])
  await client.run('INSERT INTO t VALUES (15)')
  expect(await shown('v')).toEqual(['0|3', '10|2'])
  await client.run('INSERT INTO t VALUES (16)')
  expect(await shown('v')).toEqual(['0|3', '10|2'])
  await time.pass(10n * SECOND)
  expect(await shown('v')).toEqual(['0|3', '10|3'])
  expect(
    await client.code(`CREATE MATERIALIZED VIEW w AS SELECT count(*) FROM t
    EMIT ON WINDOW CLOSE AND CHANGES EVERY '10 seconds'`),
  ).toBe('0A000')
})

test('late rows that are applied correct a view, but nothing closes over them', async () => {
  await client.all(
    "CREATE TABLE t (ts int, WATERMARK FOR ts AS ts) WITH (late = 'apply')",
    `CREATE MATERIALIZED VIEW v AS SELECT window_start AS w, count(*) AS n FROM TUMBLE(t, ts, 10)
       GROUP BY window_start, window_end`,
    'INSERT INTO t VALUES (1), (25)',
    'INSERT INTO t VALUES (2)',
  )
  expect(await shown('v')).toEqual(['0|2', '20|1'])
  const error = await client.failure('CREATE MATERIALIZED VIEW c AS SELECT ts FROM t EMIT ON WINDOW CLOSE')
  const message = 'EMIT ON WINDOW CLOSE over "t", whose late rows are applied, is not supported'
  expect([error.code, error.message]).toEqual(['0A000', message])
})

test('what reads a delayed view closes windows by what it shows', async () => {
  await client.all(
    'CREATE TABLE t (ts int, WATERMARK FOR ts AS ts)',
    "CREATE MATERIALIZED VIEW v AS SELECT ts FROM t EMIT CHANGES EVERY '10 seconds'",
    `CREATE MATERIALIZED VIEW c AS SELECT window_start AS w, count(*) AS n FROM TUMBLE(v, ts, 10)
       GROUP BY window_start, window_end EMIT ON WINDOW CLOSE`,
    'INSERT INTO t VALUES (1)',
  )
  await time.pass(10n * SECOND)
  await client.run('INSERT INTO t VALUES (5), (11)')
  expect(await shown('c')).toEqual([])
  await restart()
  expect(await shown('c')).toEqual([])
  await time.pass(10n * SECOND)
  expect(await shown('c')).toEqual(['0|2'])
  await restart()
  expect(await shown('c')).toEqual(['0|2'])
})

test('SUBSCRIBE: the contents at once, then bursts', async () => {
  await client.all('CREATE TABLE t (a int PRIMARY KEY, b int)', 'INSERT INTO t VALUES (1, 1)')
  const changes = await new Client(engine).subscribe("SUBSCRIBE (SELECT a, b FROM t) EMIT CHANGES EVERY '10 seconds'")
  const first = await changes.next()
  expect(first!.map((line) => line.slice(line.indexOf('|')))).toEqual(['|1|1|1'])
  await client.all('UPDATE t SET b = 2', 'UPDATE t SET b = 3', 'INSERT INTO t VALUES (2, 2)')
  await time.pass(10n * SECOND)
  const burst = await changes.next()
  expect(burst!.map((line) => line.slice(line.indexOf('|')))).toEqual(['|-1|1|1', '|1|1|3', '|1|2|2'])
  changes.close()
})

test.each([
  ["EVERY INTERVAL '0' SECOND", '22023', 'EMIT CHANGES EVERY: the duration is zero'],
  ["AFTER '-1 second'", '22023', 'EMIT CHANGES AFTER: the duration is negative'],
  ["EVERY '1 month'", '22023', 'EMIT CHANGES EVERY: a month has no fixed length'],
  ['EVERY 5', '22023', 'EMIT CHANGES EVERY: the duration is of type integer, not interval'],
  ['AFTER NULL::interval', '22023', 'EMIT CHANGES AFTER: the duration is NULL'],
  ["EVERY 'soon'", '22007', 'invalid input syntax for type interval: "soon"'],
  ['EVERY a', '42703', 'column "a" does not exist'],
])('EMIT CHANGES %s is refused', async (clause, code, message) => {
  await client.run('CREATE TABLE t (a int)')
  const error = await client.failure(`CREATE MATERIALIZED VIEW v AS SELECT a FROM t EMIT CHANGES ${clause}`)
  expect([error.code, error.message]).toEqual([code, message])
})

// Random histories: after every step a delayed view is what its query was when σ was last taken.

type Step = { readonly pass: number } | { readonly insert: number } | { readonly remove: number } | 'restart'

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ insert: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ pass: fc.integer({ min: 100, max: 25_000 }) }) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
)

const QUERIES = { grouped: 'SELECT a % 3 AS g, count(*) AS n FROM t GROUP BY a % 3', plain: 'SELECT a FROM t' }
const queried = (view: string) => client.sorted(QUERIES[view.split('_')[0] as keyof typeof QUERIES])
const UNITS = { every: 'EVERY', after: 'AFTER' }

test('contents are the query at σ, through silence, jumps and restarts', async () => {
  const property = fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 16 }), async (steps) => {
    await client.all('DROP TABLE IF EXISTS t CASCADE', 'CREATE TABLE t (a int)')
    const expected = new Map<string, readonly string[]>()
    for (const [name, query] of Object.entries(QUERIES))
      for (const [unit, clause] of Object.entries(UNITS)) {
        await client.run(`CREATE MATERIALIZED VIEW ${name}_${unit} AS ${query} EMIT CHANGES ${clause} '10 seconds'`)
        expected.set(`${name}_${unit}`, [])
      }
    const sigmas = new Map<string, string>([...expected.keys()].map((view) => [view, '∅']))
    for (const step of steps) {
      if (step === 'restart') await restart()
      else if ('pass' in step) await time.pass(BigInt(step.pass) * 1000n)
      else if ('insert' in step) await client.run(`INSERT INTO t VALUES (${step.insert})`)
      else await client.run(`DELETE FROM t WHERE a = ${step.remove}`)
      for (const [view, before] of expected) {
        const [sigma] = await client.run(`SELECT shown_epoch FROM millrace.views WHERE name = '${view}'`)
        const now = await queried(view)
        const wanted = sigma === sigmas.get(view) ? before : now
        expect(await shown(view), `${view} after ${JSON.stringify(step)}`).toEqual(wanted)
        expected.set(view, wanted)
        sigmas.set(view, sigma!)
      }
      if (typeof step === 'object' && 'pass' in step && step.pass > 10_000)
        for (const view of expected.keys())
          if (view.endsWith('every')) expect(await shown(view)).toEqual(await queried(view))
    }
  })
  await fc.assert(property, { numRuns: 5 })
})
