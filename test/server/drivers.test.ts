// The drivers that people use, against the real server: pg and postgres.js.

import pg from 'pg'
import postgres from 'postgres'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Listener, listen } from '../../server/pgwire/listener.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine
let server: Listener
let client: pg.Client

beforeEach(async () => {
  engine = await openTestEngine()
  server = await listen({ host: '127.0.0.1', port: 0, engine, log: () => {}, random: Math.random, maxConnections: 20 })
  client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'tester', database: 'test' })
  await client.connect()
  await client.query(
    'CREATE TABLE t (a int PRIMARY KEY, b text, c numeric(10,2), d timestamptz, e bool, f bytea, g float8)',
  )
})

afterEach(async () => {
  await client.end()
  await server[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

test('pg: binary results and binary parameters are the values that text is', async () => {
  await client.query("INSERT INTO t VALUES (1, 'ä', 12345.67, '2024-02-29 12:34:56+00', true, '\\x00ff', 0.5)")
  const text = 'SELECT a, b, e, a::bigint AS h, a::smallint AS i FROM t WHERE a = $1'
  const query = { text, values: [1], binary: true }
  const { rows } = await client.query(query)
  expect(rows).toEqual([{ a: 1, b: 'ä', e: true, h: '1', i: 1 }])
})

test('pg: parameters of many types go in and come out as they were', async () => {
  const row = [1, "it's ä😀 \\", '12345.67', new Date('2024-02-29T12:34:56.789Z'), true, Buffer.from([0, 255, 39]), 0.1]
  const inserted = await client.query('INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *', row)
  expect(inserted.rowCount).toBe(1)
  expect(Object.values(inserted.rows[0])).toEqual(row)
  await client.query('INSERT INTO t (a) VALUES ($1)', [2])
  const { rows } = await client.query('SELECT b, c, d, e, f, g FROM t WHERE a = $1', [2])
  expect(Object.values(rows[0])).toEqual([null, null, null, null, null, null])
  expect((await client.query('SELECT a FROM t WHERE a = ANY($1::int[]) ORDER BY a', [[1, 2, 3]])).rows).toEqual([
    { a: 1 },
    { a: 2 },
  ])
})

test('pg: a named statement is prepared once and run often', async () => {
  for (let i = 0; i < 50; i++)
    await client.query({ name: 'put', text: 'INSERT INTO t (a, b) VALUES ($1, $2)', values: [i, `row ${i}`] })
  const { rows } = await client.query({ name: 'get', text: 'SELECT b FROM t WHERE a = $1', values: [49] })
  expect(rows).toEqual([{ b: 'row 49' }])
  expect((await client.query({ name: 'get', text: 'SELECT b FROM t WHERE a = $1', values: [7] })).rows).toEqual([
    { b: 'row 7' },
  ])
})

test('pg: errors carry code, detail, constraint and position; the connection goes on', async () => {
  await client.query('INSERT INTO t (a) VALUES (1)')
  await expect(client.query('INSERT INTO t (a) VALUES ($1)', [1])).rejects.toMatchObject({
    code: '23505',
    detail: 'Key (a)=(1) already exists.',
    table: 't',
    constraint: 't_pkey',
  })
  await expect(client.query('SELECT nope FROM t')).rejects.toMatchObject({ code: '42703', position: '8' })
  await expect(client.query('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' })
  expect((await client.query('SELECT count(*)::int AS n FROM t')).rows).toEqual([{ n: 1 }])
})

test('pg: parameterised updates at once all count, without 40001', async () => {
  await client.query('INSERT INTO t (a, g) VALUES (1, 0)')
  const pool = new pg.Pool({ host: '127.0.0.1', port: server.port, user: 'tester', max: 5 })
  await Promise.all(Array.from({ length: 50 }, () => pool.query('UPDATE t SET g = g + $1 WHERE a = 1', [1])))
  expect((await pool.query('SELECT g FROM t')).rows).toEqual([{ g: 50 }])
  await pool.end()
})

test('postgres.js: tagged queries, transactions, cursors', async () => {
  const sql = postgres({
    host: '127.0.0.1',
    port: server.port,
    user: 'tester',
    database: 'test',
    max: 2,
    onnotice: () => {},
  })
  await sql`INSERT INTO t ${sql([1, 2, 3].map((a) => ({ a, b: `row ${a}` })))}`
  expect(await sql`SELECT a, b FROM t WHERE a > ${1} ORDER BY a`).toEqual([
    { a: 2, b: 'row 2' },
    { a: 3, b: 'row 3' },
  ])
  await expect(
    sql.begin(async (inner) => {
      await inner`DELETE FROM t WHERE a = ${1}`
      await inner`INSERT INTO t (a) VALUES (${2})`
    }),
  ).rejects.toMatchObject({ code: '23505' })
  await sql.begin((inner) => inner`UPDATE t SET b = ${'changed'} WHERE a = ${1}`)
  const seen: unknown[] = []
  await sql`SELECT a FROM t ORDER BY a`.cursor(2, (rows) => {
    seen.push(rows.map((row) => row.a))
  })
  expect(seen).toEqual([[1, 2], [3]])
  expect(await sql`SELECT b FROM t WHERE a = 1`).toEqual([{ b: 'changed' }])
  await sql.end()
})
