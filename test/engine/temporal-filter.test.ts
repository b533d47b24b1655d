// now() in the conditions of views (windows spec §5.1): boundary instants, boolean combinations, NULLs, month ends,
// retractions of rows that have expired or are not yet valid, silence, restarts.

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
const MINUTE = 60n * SECOND
/** 2024-01-31 10:00:00 UTC. */
const START = 1_706_695_200n * SECOND

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

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-temporal-'))
  time = new ManualTime(START)
  await open()
})

afterEach(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const rows = (view = 'v') => client.sorted(`SELECT k FROM ${view}`)

async function view(condition: string): Promise<void> {
  await client.all(
    'CREATE TABLE t (k int, ts timestamptz, d date, n int)',
    `CREATE MATERIALIZED VIEW v AS SELECT k FROM t WHERE ${condition}`,
  )
}

const insert = (k: number, ts: string, rest = 'NULL, 1') => client.run(`INSERT INTO t VALUES (${k}, '${ts}', ${rest})`)

test('a row is there until the instant before its end, and goes in silence', async () => {
  await view("ts > now() - INTERVAL '1 hour'")
  await insert(1, '2024-01-31 10:00:00Z')
  time.jump(START + 60n * MINUTE - 1n)
  await insert(2, '2020-01-01 00:00:00Z')
  expect(await rows()).toEqual(['1'])
  await time.pass(1000n)
  expect(await rows()).toEqual([])
})

test('present, absent and present again', async () => {
  await view("ts > now() - INTERVAL '2 hours' OR ts < now() - INTERVAL '6 hours'")
  await insert(1, '2024-01-31 10:00:00Z')
  expect(await rows()).toEqual(['1'])
  await time.pass(120n * MINUTE)
  expect(await rows()).toEqual([])
  await time.pass(240n * MINUTE)
  expect(await rows()).toEqual([])
  await time.pass(1000n)
  expect(await rows()).toEqual(['1'])
})

test('month ends: the least now whose month before is not before the row', async () => {
  await view("ts <= now() - INTERVAL '1 month'")
  await insert(1, '2024-01-31 10:00:00Z')
  await insert(2, '2024-01-29 10:00:00Z')
  // A month before Feb 29 is Jan 29, before Mar 1 it is Feb 1.
  await time.pass(29n * 1440n * MINUTE - 1n)
  expect(await rows()).toEqual([])
  await time.pass(1000n)
  expect(await rows()).toEqual(['2'])
  await time.pass(14n * 60n * MINUTE - 1001n)
  expect(await rows()).toEqual(['2'])
  await time.pass(2n)
  await time.pass(SECOND)
  expect(await rows()).toEqual(['1', '2'])
})

test('rows that are retracted after they expired, or before they are valid, are no more', async () => {
  await view("ts > now() - INTERVAL '1 hour' AND ts <= now()")
  await insert(1, '2024-01-31 10:00:00Z')
  await insert(2, '2024-01-31 11:30:00Z')
  await insert(3, '2024-01-31 11:30:00Z')
  expect(await rows()).toEqual(['1'])
  await client.run('DELETE FROM t WHERE k = 2')
  await time.pass(90n * MINUTE)
  expect(await rows()).toEqual(['3'])
  await client.run('DELETE FROM t WHERE k = 1')
  expect(await rows()).toEqual(['3'])
  await time.pass(120n * MINUTE)
  expect(await rows()).toEqual([])
  await client.run('DELETE FROM t')
  expect(await rows()).toEqual([])
})

test('aggregates, HAVING and joins over them follow', async () => {
  await client.all(
    'CREATE TABLE t (k int, ts timestamptz)',
    'CREATE TABLE u (k int, ts timestamptz)',
    "CREATE MATERIALIZED VIEW n AS SELECT count(*) AS k FROM t WHERE ts > now() - INTERVAL '1 hour'",
    "CREATE MATERIALIZED VIEW h AS SELECT k FROM t GROUP BY k HAVING max(ts) > now() - INTERVAL '1 hour'",
    `CREATE MATERIALIZED VIEW j AS
       SELECT t.k FROM t JOIN u ON t.k = u.k AND t.ts > now() - INTERVAL '1 hour' AND u.ts <= now()`,
    "INSERT INTO t VALUES (1, '2024-01-31 10:00:00Z'), (2, '2024-01-31 10:30:00Z')",
    "INSERT INTO u VALUES (1, '2024-01-31 10:10:00Z'), (2, '2024-01-31 11:10:00Z')",
  )
  expect([await rows('n'), await rows('h'), await rows('j')]).toEqual([['2'], ['1', '2'], []])
  await time.pass(15n * MINUTE)
  expect([await rows('n'), await rows('h'), await rows('j')]).toEqual([['2'], ['1', '2'], ['1']])
  await time.pass(60n * MINUTE)
  expect([await rows('n'), await rows('h'), await rows('j')]).toEqual([['1'], ['2'], ['2']])
  await time.pass(60n * MINUTE)
  expect([await rows('n'), await rows('h'), await rows('j')]).toEqual([['0'], [], []])
})

test('an error of the condition is there as long as the condition asks for it', async () => {
  await view("ts > now() - INTERVAL '1 hour' OR 10 / n > 1")
  await insert(1, '2024-01-31 10:00:00Z', 'NULL, 0')
  expect(await rows()).toEqual(['1'])
  await time.pass(60n * MINUTE + 1000n)
  expect(await client.code('SELECT * FROM v')).toBe('22012')
  await client.run('DELETE FROM t')
  expect(await rows()).toEqual([])
})

describe('refused by name', () => {
  test.each([
    ['SELECT now() FROM t', 'now() in a select list, join key or sort key of a maintained query is not supported'],
    [
      'SELECT k FROM t WHERE now() - ts < $$1 hour$$',
      'now() in this form in a condition of a maintained query is not supported',
    ],
    [
      "SELECT k FROM t WHERE ts > now() - n * INTERVAL '1 hour'",
      'now() in this form in a condition of a maintained query is not supported',
    ],
    [
      'SELECT t.k FROM t FULL JOIN u ON t.k = u.k AND u.ts > now()',
      'now() in the ON condition of an outer join of a maintained query is not supported',
    ],
    ['SELECT k FROM t WHERE k > random()', 'random() in a materialized view is not supported'],
  ])('%s', async (query, message) => {
    await client.all('CREATE TABLE t (k int, ts timestamptz, n int)', 'CREATE TABLE u (k int, ts timestamptz)')
    const error = await client.failure(`CREATE MATERIALIZED VIEW v AS ${query}`)
    expect([error.code, error.message]).toEqual(['0A000', message])
  })

  test('civil time where clocks go back', async () => {
    await client.all('CREATE TABLE t (k int, ts timestamptz)', "SET TimeZone = 'Europe/Berlin'")
    expect(await client.code("CREATE MATERIALIZED VIEW v AS SELECT k FROM t WHERE ts > now() - INTERVAL '1 day'")).toBe(
      '0A000',
    )
    await client.run("CREATE MATERIALIZED VIEW v AS SELECT k FROM t WHERE ts > now() - INTERVAL '24 hours'")
  })
})

// Random histories: after each step every view is its query with the time of the newest epoch for now().

const CONDITIONS = [
  "ts > now() - INTERVAL '1 hour'",
  "ts >= now() - INTERVAL '30 minutes' AND ts < now()",
  "ts BETWEEN now() - INTERVAL '2 hours' AND now() - INTERVAL '1 hour'",
  "NOT (ts > now() - INTERVAL '20 minutes' OR ts < now() - INTERVAL '80 minutes')",
  "(ts > now() - INTERVAL '10 minutes' AND n > 0) OR (ts < now() - INTERVAL '50 minutes' AND n < 2) OR n IS NULL",
  "ts < date_trunc('hour', now())",
  "now() - INTERVAL '1 month' < ts - INTERVAL '30 days'",
  "date_trunc('hour', now()) = ts",
  'd <> current_date AND ts IS NOT NULL',
  "d::timestamp <= now()::timestamp - INTERVAL '90 minutes'",
  "(ts > now()) IS NOT TRUE AND (ts > now() - INTERVAL '1 hour') IS DISTINCT FROM (n = 1)",
  "CASE WHEN n = 1 THEN ts > now() - INTERVAL '1 hour' ELSE ts <= now() - INTERVAL '15 minutes' END",
]

interface Row {
  readonly k: number
  readonly ts: number | null
  readonly n: number | null
}

const anyRow: fc.Arbitrary<Row> = fc.record({
  k: fc.nat({ max: 5 }),
  ts: fc.option(fc.integer({ min: -10, max: 30 }), { nil: null }),
  n: fc.option(fc.nat({ max: 2 }), { nil: null }),
})

type Step = { readonly add: Row } | { readonly remove: number } | { readonly pass: number } | 'restart'

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ add: anyRow }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.nat({ max: 5 }) }) },
  { weight: 4, arbitrary: fc.record({ pass: fc.constantFrom(1, 299_999, 300_000, 600_000, 3_600_000, 10_000_000) }) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
)

const quoted = (text: string) => `'${text}'`
const stamp = (minutes: number) => new Date(Number(START / 1000n) + minutes * 300_000).toISOString()

test('views are their queries at the time of the epoch', async () => {
  const property = fc.asyncProperty(fc.array(anyStep, { minLength: 8, maxLength: 20 }), async (steps) => {
    await client.all('DROP TABLE IF EXISTS t CASCADE', 'CREATE TABLE t (k int, ts timestamptz, d date, n int)')
    for (const [i, condition] of CONDITIONS.entries())
      await client.run(`CREATE MATERIALIZED VIEW v${i} AS SELECT k, ts, n FROM t WHERE ${condition}`)
    time.jump(START)
    for (const step of steps) {
      if (step === 'restart') {
        await engine[Symbol.asyncDispose]()
        await open()
      } else if ('pass' in step) await time.pass(BigInt(step.pass) * 1000n)
      else if ('remove' in step) await client.run(`DELETE FROM t WHERE k = ${step.remove}`)
      else {
        const { k, ts, n } = step.add
        const at = ts === null ? 'NULL' : quoted(stamp(ts))
        await client.run(`INSERT INTO t VALUES (${k}, ${at}, (${at}::timestamptz)::date, ${n ?? 'NULL'})`)
      }
      await client.run('INSERT INTO t VALUES (99, NULL, NULL, NULL)')
      const [now] = await client.run('SELECT max(time) FROM millrace.epochs')
      for (const [i, condition] of CONDITIONS.entries()) {
        const literal = `timestamptz '${now}'`
        const asked = condition.replaceAll('now()', literal).replaceAll('current_date', `(${literal})::date`)
        const expected = await client.sorted(`SELECT k, ts, n FROM t WHERE ${asked}`)
        expect(await client.sorted(`SELECT * FROM v${i}`), `${condition} at ${now}`).toEqual(expected)
      }
    }
  })
  await fc.assert(property, { numRuns: 4 })
}, 120_000)
