// Errors in rows are data (consistency §7, §9.6): they fail reads of the view and of views above it, for as long as
// their rows stand, and nothing else.

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine
let client: Client

beforeEach(async () => {
  engine = await openTestEngine()
  client = new Client(engine)
  await client.all(
    'CREATE TABLE t (k int PRIMARY KEY, a int, b int)',
    'CREATE MATERIALIZED VIEW q AS SELECT k, a / b AS q FROM t',
    'CREATE MATERIALIZED VIEW above AS SELECT sum(q) AS s FROM q',
    'CREATE MATERIALIZED VIEW beside AS SELECT count(*) AS n FROM t',
    'INSERT INTO t VALUES (1, 10, 2)',
  )
})

afterEach(async () => {
  await engine[Symbol.asyncDispose]()
})

test('the history of 9.6: reads of the view fail while the row stands, and only those', async () => {
  expect(await client.run('INSERT INTO t VALUES (2, 1, 0)')).toEqual(['INSERT 0 1'])
  const error = await client.failure('SELECT * FROM q')
  expect(error).toMatchObject({ code: '22012', message: 'division by zero' })
  expect(error.detail).toContain('1 row of materialized view "q"')
  expect(await client.code('SELECT * FROM above')).toBe('22012')
  expect(await client.sorted('SELECT * FROM t')).toEqual(['1|10|2', '2|1|0'])
  expect(await client.run('SELECT n FROM beside')).toEqual(['2'])
  await client.run('DELETE FROM t WHERE k = 2')
  expect(await client.run('SELECT * FROM q')).toEqual(['1|5'])
  expect(await client.run('SELECT s FROM above')).toEqual(['5'])
})

test('a row that is corrected heals the view; each bad row counts', async () => {
  await client.run('INSERT INTO t VALUES (2, 1, 0), (3, 1, 0)')
  expect((await client.failure('SELECT * FROM q')).detail).toContain('2 rows')
  await client.run('UPDATE t SET b = 1 WHERE k = 2')
  expect(await client.code('SELECT * FROM q')).toBe('22012')
  await client.run('UPDATE t SET b = 1 WHERE k = 3')
  expect(await client.sorted('SELECT * FROM q')).toEqual(['1|5', '2|1', '3|1'])
})

test('an error that comes and goes in one transaction was never there', async () => {
  await client.all('BEGIN', 'INSERT INTO t VALUES (2, 1, 0)')
  expect(await client.code('SELECT * FROM q')).toBe('22012')
  await client.all('ROLLBACK', 'BEGIN', 'INSERT INTO t VALUES (2, 1, 0)', 'UPDATE t SET b = 1 WHERE k = 2', 'COMMIT')
  expect(await client.sorted('SELECT * FROM q')).toEqual(['1|5', '2|1'])
})

test('a view made while errors stand is readable once they are gone', async () => {
  await client.all('INSERT INTO t VALUES (2, 1, 0)', 'CREATE MATERIALIZED VIEW r AS SELECT 100 % b AS r FROM t')
  expect(await client.code('SELECT * FROM r')).toBe('22012')
  await client.run('DELETE FROM t WHERE k = 2')
  expect(await client.run('SELECT * FROM r')).toEqual(['0'])
})

test('an aggregate that overflows fails while it does', async () => {
  await client.all(
    'CREATE TABLE w (g int, v bigint)',
    'CREATE MATERIALIZED VIEW over AS SELECT g, sum(v)::bigint AS s FROM w GROUP BY g',
    'INSERT INTO w VALUES (1, 9223372036854775807), (2, 1)',
  )
  expect(await client.sorted('SELECT * FROM over')).toEqual(['1|9223372036854775807', '2|1'])
  await client.run('INSERT INTO w VALUES (1, 1)')
  expect(await client.code('SELECT * FROM over')).toBe('22003')
  await client.run('INSERT INTO w VALUES (1, -5)')
  expect(await client.sorted('SELECT * FROM over')).toEqual(['1|9223372036854775803', '2|1'])
})
