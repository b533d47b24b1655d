// Transactions on tables (consistency §3.1, §4, §9.1): what each sees, what conflicts, what an error leaves behind.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine
let one: Client
let two: Client

beforeEach(async () => {
  engine = await openTestEngine()
  one = new Client(engine)
  two = new Client(engine)
  await one.all(
    'CREATE TABLE t (k int PRIMARY KEY, v int)',
    'CREATE MATERIALIZED VIEW m AS SELECT sum(v) AS s, count(*) AS n FROM t',
    'CREATE MATERIALIZED VIEW m2 AS SELECT s * 2 AS d, n FROM m',
    'CREATE MATERIALIZED VIEW m3 AS SELECT d + 1 AS e FROM m2 WHERE n > 0',
    'INSERT INTO t VALUES (1, 10), (2, 10)',
  )
})

afterEach(async () => {
  await engine[Symbol.asyncDispose]()
})

describe('read your writes (R1)', () => {
  test('through three levels of views, in every session, without waiting', async () => {
    for (let i = 3; i < 40; i++) {
      const writer = i % 2 === 0 ? one : two
      const reader = i % 3 === 0 ? one : two
      await writer.run(`INSERT INTO t VALUES (${i}, 1)`)
      expect(await reader.run('SELECT e, (SELECT s FROM m) FROM m3')).toEqual([`${2 * (20 + i - 2) + 1}|${20 + i - 2}`])
    }
  })

  test('inside a block: the views include its changes, for others they do not', async () => {
    await one.all(
      'BEGIN',
      'INSERT INTO t VALUES (3, 5)',
      'UPDATE t SET v = v + 1 WHERE k = 1',
      'DELETE FROM t WHERE k = 2',
    )
    expect(await one.sorted('SELECT * FROM t')).toEqual(['1|11', '3|5'])
    expect(await one.run('SELECT s, n FROM m')).toEqual(['16|2'])
    expect(await one.run('SELECT e FROM m3')).toEqual(['33'])
    expect(await two.run('SELECT s, n FROM m')).toEqual(['20|2'])
    expect(await two.run('SELECT e FROM m3')).toEqual(['41'])
    await one.run('COMMIT')
    expect(await two.run('SELECT s, n, (SELECT e FROM m3) FROM m')).toEqual(['16|2|33'])
  })

  test('a block that is rolled back leaves nothing', async () => {
    await one.all('BEGIN', 'DELETE FROM t', 'INSERT INTO t VALUES (9, 9)')
    expect(await one.run('SELECT count(*) FROM m3')).toEqual(['1'])
    await one.run('ROLLBACK')
    expect(await one.sorted('SELECT * FROM t')).toEqual(['1|10', '2|10'])
    expect(await one.run('SELECT e FROM m3')).toEqual(['41'])
  })
})

describe('the snapshot', () => {
  test('is of the first statement, for tables and views alike', async () => {
    await one.run('BEGIN')
    await two.run('INSERT INTO t VALUES (3, 1)')
    expect(await one.run('SELECT s FROM m')).toEqual(['21'])
    await two.run('INSERT INTO t VALUES (4, 1)')
    await two.run('UPDATE t SET v = 0 WHERE k = 1')
    expect(await one.run('SELECT s, (SELECT sum(v) FROM t), (SELECT e FROM m3) FROM m')).toEqual(['21|21|43'])
    await one.run('COMMIT')
    expect(await one.run('SELECT s FROM m')).toEqual(['12'])
  })

  test('includes whether a view could be read', async () => {
    await one.run('CREATE MATERIALIZED VIEW q AS SELECT k, 100 / v AS q FROM t')
    await one.run('BEGIN')
    expect(await one.sorted('SELECT * FROM q')).toEqual(['1|10', '2|10'])
    await two.run('UPDATE t SET v = 0 WHERE k = 2')
    expect(await one.sorted('SELECT * FROM q')).toEqual(['1|10', '2|10'])
    await one.run('COMMIT')
    await one.run('BEGIN')
    await one.run('SELECT * FROM t')
    await two.run('DELETE FROM t WHERE k = 2')
    expect(await one.code('SELECT * FROM q')).toBe('22012')
    await one.run('ROLLBACK')
    expect(await one.run('SELECT * FROM q')).toEqual(['1|10'])
  })

  test('a read-only transaction changes nothing', async () => {
    await one.run('BEGIN READ ONLY')
    expect(await one.code('INSERT INTO t VALUES (3, 3)')).toBe('25006')
    expect(await one.code('SELECT 1')).toBe('25P02')
    expect(await one.run('COMMIT')).toEqual(['ROLLBACK'])
  })
})

describe('conflicts', () => {
  test('lost update: the second committer fails with 40001', async () => {
    await one.run('BEGIN')
    await two.run('BEGIN')
    await one.run('SELECT v FROM t WHERE k = 1')
    await two.run('SELECT v FROM t WHERE k = 1')
    await one.run('UPDATE t SET v = v + 1 WHERE k = 1')
    await two.run('UPDATE t SET v = v + 1 WHERE k = 1')
    await one.run('COMMIT')
    expect(await two.code('COMMIT')).toBe('40001')
    expect(two.session.transactionStatus).toBe('I')
    expect(await two.run('SELECT v FROM t WHERE k = 1')).toEqual(['11'])
    expect(await two.run('SELECT s FROM m')).toEqual(['21'])
  })

  test('an autocommit update conflicts with an older transaction, not the other way round', async () => {
    await one.all('BEGIN', 'SELECT 1 FROM t')
    await two.run('UPDATE t SET v = 50 WHERE k = 1')
    await one.run('UPDATE t SET v = v + 1 WHERE k = 1')
    expect(await one.code('COMMIT')).toBe('40001')
    await one.all('BEGIN', 'UPDATE t SET v = v + 1 WHERE k = 2')
    await two.run('UPDATE t SET v = 60 WHERE k = 1')
    await one.run('COMMIT')
    expect(await one.sorted('SELECT * FROM t')).toEqual(['1|60', '2|11'])
  })

  test('write skew commits under repeatable read and fails under serializable', async () => {
    const skew = async (level: string) => {
      await one.run(`BEGIN ISOLATION LEVEL ${level}`)
      await two.run(`BEGIN ISOLATION LEVEL ${level}`)
      for (const client of [one, two]) await client.run('SELECT sum(v) FROM t')
      await one.run('UPDATE t SET v = 0 WHERE k = 1')
      await two.run('UPDATE t SET v = 0 WHERE k = 2')
      await one.run('COMMIT')
    }
    await skew('SERIALIZABLE')
    expect(await two.code('COMMIT')).toBe('40001')
    expect(await two.sorted('SELECT * FROM t')).toEqual(['1|0', '2|10'])
    await one.run('UPDATE t SET v = 10')
    await skew('REPEATABLE READ')
    await two.run('COMMIT')
    expect(await two.sorted('SELECT * FROM t')).toEqual(['1|0', '2|0'])
  })

  test('a serializable reader of a view is validated by what the view reads', async () => {
    await one.all('BEGIN ISOLATION LEVEL SERIALIZABLE', 'SELECT s FROM m', 'INSERT INTO t VALUES (5, 0)')
    await two.run('UPDATE t SET v = 11 WHERE k = 1')
    expect(await one.code('COMMIT')).toBe('40001')
  })

  test('two autocommit updates at once both count', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : new Client(engine)).session)
        .filter((session, i, all) => all.indexOf(session) === i)
        .map(async () => new Client(engine).run('UPDATE t SET v = v + 1 WHERE k = 1')),
    )
    expect(await one.run('SELECT v FROM t WHERE k = 1')).toEqual(['21'])
  })

  test('the same new key in two transactions: 23505 for the second', async () => {
    await one.all('BEGIN', 'INSERT INTO t VALUES (7, 1)')
    await two.all('BEGIN', 'INSERT INTO t VALUES (7, 2)')
    await one.run('COMMIT')
    expect(await two.code('COMMIT')).toBe('23505')
    expect(await two.run('SELECT v FROM t WHERE k = 7')).toEqual(['1'])
  })

  test('a table dropped under a transaction: 40001', async () => {
    await one.all('CREATE TABLE gone (a int)', 'BEGIN', 'INSERT INTO gone VALUES (1)')
    await two.run('DROP TABLE gone')
    expect(await one.code('COMMIT')).toBe('40001')
    expect(await one.run('SELECT count(*) FROM t')).toEqual(['2'])
  })
})

describe('savepoints', () => {
  test('undo what came after them, also after an error', async () => {
    await one.all('BEGIN', 'INSERT INTO t VALUES (3, 3)', 'SAVEPOINT a', 'INSERT INTO t VALUES (4, 4)', 'SAVEPOINT b')
    await one.run('UPDATE t SET v = 0')
    await one.run('ROLLBACK TO b')
    expect(await one.sorted('SELECT * FROM t')).toEqual(['1|10', '2|10', '3|3', '4|4'])
    expect(await one.code('INSERT INTO t VALUES (1, 1)')).toBe('23505')
    expect(await one.code('SELECT 1')).toBe('25P02')
    await one.run('ROLLBACK TO a')
    expect(await one.run('SELECT s, n FROM m')).toEqual(['23|3'])
    await one.run('RELEASE a')
    await one.run('COMMIT')
    expect(await two.run('SELECT s, n FROM m')).toEqual(['23|3'])
  })

  test('of one name hide each other; unknown ones fail', async () => {
    await one.all('BEGIN', 'SAVEPOINT a', 'INSERT INTO t VALUES (3, 3)', 'SAVEPOINT a', 'INSERT INTO t VALUES (4, 4)')
    await one.all('ROLLBACK TO a', 'RELEASE a')
    expect(await one.run('SELECT n FROM m')).toEqual(['3'])
    await one.run('ROLLBACK TO a')
    expect(await one.run('SELECT n FROM m')).toEqual(['2'])
    expect(await one.code('ROLLBACK TO nowhere')).toBe('3B001')
    expect(one.session.transactionStatus).toBe('E')
    await one.run('ROLLBACK')
    expect(await one.code('SAVEPOINT a')).toBe('25P01')
  })
})

describe('several statements in one text', () => {
  test('are one transaction: an error takes all back', async () => {
    expect(await one.code('INSERT INTO t VALUES (3, 3); INSERT INTO t VALUES (4, 1 / 0)')).toBe('22012')
    expect(await one.run('SELECT n FROM m')).toEqual(['2'])
    expect(one.session.transactionStatus).toBe('I')
    await one.run('INSERT INTO t VALUES (3, 3); INSERT INTO t VALUES (4, 4)')
    expect(await one.run('SELECT n FROM m')).toEqual(['4'])
  })

  test('COMMIT ends the part before it; what follows is a transaction again', async () => {
    const text = 'BEGIN; INSERT INTO t VALUES (3, 3); COMMIT; INSERT INTO t VALUES (4, 4); SELECT 1 / 0'
    expect(await one.code(text)).toBe('22012')
    expect(await one.sorted('SELECT k FROM t')).toEqual(['1', '2', '3'])
  })

  test('BEGIN inside makes it a block that stays open', async () => {
    await one.run('INSERT INTO t VALUES (3, 3); BEGIN; INSERT INTO t VALUES (4, 4)')
    expect(one.session.transactionStatus).toBe('T')
    await one.run('ROLLBACK')
    expect(await one.run('SELECT n FROM m')).toEqual(['2'])
  })
})

describe('blocks', () => {
  test('definitions after changes are refused', async () => {
    await one.all('BEGIN', 'INSERT INTO t VALUES (3, 3)')
    expect(await one.code('CREATE TABLE u (a int)')).toBe('0A000')
    await one.run('ROLLBACK')
    expect(await one.code('SELECT * FROM u')).toBe('42P01')
    expect(await one.run('SELECT n FROM m')).toEqual(['2'])
  })

  test('COMMIT and BEGIN out of place are warnings', async () => {
    expect(await one.run('COMMIT')).toEqual(['COMMIT'])
    await one.all('BEGIN', 'BEGIN', 'COMMIT')
    expect(one.notices.map(({ severity, code }) => [severity, code])).toEqual([
      ['WARNING', '25P01'],
      ['WARNING', '25001'],
    ])
  })

  test('SET is undone by ROLLBACK, SET LOCAL by COMMIT too', async () => {
    await one.all("SET application_name = 'a'", 'BEGIN', "SET application_name = 'b'", 'ROLLBACK')
    expect(await one.run('SHOW application_name')).toEqual(['a'])
    await one.all('BEGIN', "SET LOCAL application_name = 'c'")
    expect(await one.run('SHOW application_name')).toEqual(['c'])
    await one.run('COMMIT')
    expect(await one.run('SHOW application_name')).toEqual(['a'])
  })
})

test('BEGIN in an implicit block keeps its isolation level', async () => {
  await one.run('BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT sum(v) FROM t; UPDATE t SET v = 0 WHERE k = 1')
  expect(await one.run('SHOW transaction_isolation')).toEqual(['serializable'])
  await two.run('UPDATE t SET v = 0 WHERE k = 2')
  expect(await one.code('COMMIT')).toBe('40001')
})
