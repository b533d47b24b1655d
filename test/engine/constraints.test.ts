// Constraints of tables, with PostgreSQL's SQLSTATE, words and detail; and what depends on what.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine
let client: Client

beforeEach(async () => {
  engine = await openTestEngine()
  client = new Client(engine)
  await client.all(
    `CREATE TABLE t (
       id int PRIMARY KEY, email text UNIQUE, age int NOT NULL CHECK (age >= 0), a int, b int,
       CONSTRAINT pair UNIQUE (a, b), CONSTRAINT less CHECK (a < b))`,
    "INSERT INTO t VALUES (1, 'x@y', 5, 1, 2)",
  )
})

afterEach(async () => {
  await engine[Symbol.asyncDispose]()
})

describe('a violation', () => {
  test.each([
    [
      "INSERT INTO t VALUES (1, 'q', 1)",
      '23505',
      'duplicate key value violates unique constraint "t_pkey"',
      'Key (id)=(1) already exists.',
    ],
    [
      "INSERT INTO t VALUES (2, 'x@y', 1)",
      '23505',
      'duplicate key value violates unique constraint "t_email_key"',
      'Key (email)=(x@y) already exists.',
    ],
    [
      "INSERT INTO t VALUES (2, 'q', 1, 1, 2)",
      '23505',
      'duplicate key value violates unique constraint "pair"',
      'Key (a, b)=(1, 2) already exists.',
    ],
    [
      "INSERT INTO t VALUES (2, 'q', NULL)",
      '23502',
      'null value in column "age" of relation "t" violates not-null constraint',
      'Failing row contains (2, q, null, null, null).',
    ],
    [
      "INSERT INTO t VALUES (NULL, 'q', 1)",
      '23502',
      'null value in column "id" of relation "t" violates not-null constraint',
      'Failing row contains (null, q, 1, null, null).',
    ],
    [
      "INSERT INTO t VALUES (2, 'q', -1)",
      '23514',
      'new row for relation "t" violates check constraint "t_age_check"',
      'Failing row contains (2, q, -1, null, null).',
    ],
    [
      'UPDATE t SET b = 0',
      '23514',
      'new row for relation "t" violates check constraint "less"',
      'Failing row contains (1, x@y, 5, 1, 0).',
    ],
  ])('%s', async (text, code, message, detail) => {
    const error = await client.failure(text)
    expect(error).toMatchObject({ code, message, detail, table: 't' })
    expect(await client.run('SELECT * FROM t')).toEqual(['1|x@y|5|1|2'])
  })

  test('names its constraint and column', async () => {
    expect(await client.failure("INSERT INTO t VALUES (1, 'q', 1)")).toMatchObject({ constraint: 't_pkey' })
    expect(await client.failure("INSERT INTO t VALUES (2, 'q', NULL)")).toMatchObject({ column: 'age' })
    expect(await client.failure("INSERT INTO t VALUES (2, 'q', -1)")).toMatchObject({ constraint: 't_age_check' })
  })

  test('inside one statement is found too, and nothing of it stays', async () => {
    expect(await client.code('INSERT INTO t (id, age) VALUES (2, 1), (3, 1), (2, 1)')).toBe('23505')
    expect(await client.code('INSERT INTO t (id, age) VALUES (2, 1), (3, -1)')).toBe('23514')
    expect(await client.run('SELECT count(*) FROM t')).toEqual(['1'])
  })
})

test('NULL is unlike any other in UNIQUE, and CHECK is satisfied by NULL', async () => {
  await client.run('INSERT INTO t (id, age, a) VALUES (2, 1, 1), (3, 1, 1)')
  expect(await client.run('SELECT count(*) FROM t WHERE email IS NULL')).toEqual(['2'])
})

test('keys may move within one statement', async () => {
  await client.run('INSERT INTO t (id, age) VALUES (2, 1), (3, 1)')
  await client.run('UPDATE t SET id = id + 1')
  expect(await client.sorted('SELECT id FROM t')).toEqual(['2', '3', '4'])
  expect(await client.code('UPDATE t SET id = 9')).toBe('23505')
})

test('a key that was deleted is free again, in the same block and in the next statement', async () => {
  await client.all('BEGIN', 'DELETE FROM t', "INSERT INTO t VALUES (1, 'x@y', 7)", 'COMMIT')
  expect(await client.run('SELECT age FROM t')).toEqual(['7'])
  await client.all('DELETE FROM t', "INSERT INTO t VALUES (1, 'x@y', 8)")
  expect(await client.run('SELECT age FROM t')).toEqual(['8'])
})

test('constraints hold between sessions that insert at once', async () => {
  const clients = Array.from({ length: 10 }, () => new Client(engine))
  const codes = await Promise.all(
    clients.map((one, i) =>
      one.run(`INSERT INTO t (id, age) VALUES (100, ${i})`).then(
        () => 'done',
        (error) => error.code,
      ),
    ),
  )
  expect(codes.filter((code) => code === 'done')).toHaveLength(1)
  expect(codes.filter((code) => code === '23505')).toHaveLength(9)
})

test('a table without a key is a multiset: DELETE takes all copies', async () => {
  await client.all('CREATE TABLE bag (a int)', 'INSERT INTO bag VALUES (1), (1), (2)', 'INSERT INTO bag VALUES (1)')
  expect(await client.run('SELECT count(*) FROM bag WHERE a = 1')).toEqual(['3'])
  expect(await client.run('DELETE FROM bag WHERE a = 1')).toEqual(['DELETE 3'])
  expect(await client.run('SELECT * FROM bag')).toEqual(['2'])
})

test('ON CONFLICT is decided in the serial order', async () => {
  expect(await client.run("INSERT INTO t VALUES (1, 'z', 1) ON CONFLICT DO NOTHING")).toEqual(['INSERT 0 0'])
  const upsert = 'INSERT INTO t (id, age) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET age = t.age + excluded.age'
  await Promise.all(Array.from({ length: 10 }, () => new Client(engine).run(upsert)))
  expect(await client.run('SELECT id, age FROM t')).toEqual(['1|15'])
})

describe('dependants', () => {
  beforeEach(() =>
    client.all(
      'CREATE MATERIALIZED VIEW m AS SELECT a, count(*) AS n FROM t GROUP BY a',
      'CREATE VIEW v AS SELECT * FROM m',
      'CREATE MATERIALIZED VIEW m2 AS SELECT sum(n) AS s FROM v',
    ),
  )

  test('keep what they read from being dropped', async () => {
    const error = await client.failure('DROP TABLE t')
    expect(error).toMatchObject({ code: '2BP01', message: 'cannot drop table t because other objects depend on it' })
    expect(error.detail).toContain('materialized view m depends on table t')
    expect(await client.code('DROP MATERIALIZED VIEW m')).toBe('2BP01')
    expect(await client.code('DROP VIEW v')).toBe('2BP01')
    expect(await client.run('SELECT s FROM m2')).toEqual(['1'])
  })

  test('go with CASCADE, and the names are free', async () => {
    await client.run('DROP TABLE t CASCADE')
    for (const name of ['t', 'm', 'v', 'm2']) expect(await client.code(`SELECT * FROM ${name}`)).toBe('42P01')
    await client.all(
      'CREATE TABLE t (a int)',
      'CREATE MATERIALIZED VIEW m AS SELECT a FROM t',
      'INSERT INTO t VALUES (1)',
    )
    expect(await client.run('SELECT * FROM m')).toEqual(['1'])
  })

  test('are seen by OR REPLACE: same columns in front, or 42P16', async () => {
    await client.run('CREATE OR REPLACE VIEW v AS SELECT a, n * 1 AS n FROM m')
    expect(await client.run('SELECT s FROM m2')).toEqual(['1'])
    expect(await client.code('CREATE OR REPLACE VIEW v AS SELECT n FROM m')).toBe('42P16')
    expect(await client.code('CREATE OR REPLACE VIEW m AS SELECT 1')).toBe('42809')
    expect(await client.code('CREATE VIEW v AS SELECT 1')).toBe('42P07')
  })
})

test('a new view over views has the rows that were there, and follows', async () => {
  await client.all(
    'CREATE TABLE e (g int, v int)',
    'INSERT INTO e SELECT i % 7, i FROM generate_series(1, 5000) AS i',
    'CREATE MATERIALIZED VIEW a AS SELECT g, sum(v) AS s, count(*) AS n FROM e GROUP BY g',
    'CREATE MATERIALIZED VIEW b AS SELECT g, s, n FROM a WHERE n > 1',
    'CREATE MATERIALIZED VIEW c AS SELECT a.g, a.s - b.s AS zero FROM a LEFT JOIN b ON a.g = b.g',
    'CREATE MATERIALIZED VIEW d AS SELECT max(zero) AS most, count(zero) AS n FROM c',
  )
  expect(await client.run('SELECT * FROM d')).toEqual(['0|7'])
  await client.run('INSERT INTO e VALUES (99, 1)')
  expect(await client.run('SELECT * FROM d')).toEqual(['0|7'])
  await client.run('INSERT INTO e VALUES (99, 1)')
  expect(await client.run('SELECT * FROM d')).toEqual(['0|8'])
  expect(await client.run('SELECT sum(s) FROM a')).toEqual(await client.run('SELECT sum(v) FROM e'))
})
