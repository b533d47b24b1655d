// SUBSCRIBE (consistency §5): contents, then consolidated deltas in order; progress; ends; errors; cursors.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { type Changes, Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine
let client: Client
let watcher: Client
let changes: Changes | undefined

beforeEach(async () => {
  engine = await openTestEngine()
  client = new Client(engine)
  watcher = new Client(engine)
  changes = undefined
  await client.all(
    'CREATE TABLE t (k int PRIMARY KEY, g text, v int)',
    'CREATE MATERIALIZED VIEW m AS SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g',
    "INSERT INTO t VALUES (1, 'a', 1), (2, 'a', 1), (3, 'b', 5)",
  )
})

afterEach(async () => {
  changes?.close()
  await engine[Symbol.asyncDispose]()
})

const epochNow = async (): Promise<number> => Number((await client.run('SELECT max(epoch) FROM millrace.epochs'))[0])

describe('rows', () => {
  test('S1: the contents first, one row per distinct row with its multiplicity', async () => {
    await client.all('CREATE TABLE bag (a int)', 'INSERT INTO bag VALUES (1), (1), (2)')
    const at = await epochNow()
    changes = await watcher.subscribe('SUBSCRIBE bag')
    expect(await changes.next()).toEqual([`${at}|2|1`, `${at}|1|2`])
  })

  test('S2: each epoch consolidated, negative rows first, epochs in order', async () => {
    changes = await watcher.subscribe('SUBSCRIBE m')
    const first = await changes.next()
    const at = Number(first![0]!.split('|')[0])
    expect(first).toEqual([`${at}|1|a|2|2`, `${at}|1|b|1|5`])
    await client.run("UPDATE t SET g = 'b' WHERE k = 2")
    await client.run('UPDATE t SET v = v')
    await client.run("DELETE FROM t WHERE g = 'a'")
    expect(await changes.next()).toEqual([
      `${at + 1}|-1|a|2|2`,
      `${at + 1}|-1|b|1|5`,
      `${at + 1}|1|a|1|1`,
      `${at + 1}|1|b|2|6`,
    ])
    const last = await changes.next()
    expect(last!.map((line) => line.slice(line.indexOf('|')))).toEqual(['|-1|a|1|1'])
  })

  test('a transaction is one epoch, and what cancels out in it is not shown', async () => {
    changes = await watcher.subscribe('SUBSCRIBE t WITH (SNAPSHOT = false)')
    await client.all('BEGIN', "INSERT INTO t VALUES (4, 'c', 1)", 'DELETE FROM t WHERE k = 4')
    await client.all("INSERT INTO t VALUES (5, 'c', 1)", 'UPDATE t SET v = 2 WHERE k = 5', 'COMMIT')
    const rows = await changes.next()
    expect(rows!.map((line) => line.slice(line.indexOf('|')))).toEqual(['|1|5|c|2'])
  })

  test('S3: the sums at every epoch are states of the query', async () => {
    changes = await watcher.subscribe('SUBSCRIBE m')
    const states = [await client.sorted('SELECT * FROM m')]
    for (let i = 0; i < 30; i++) {
      await client.run(
        i % 3 === 2 ? `DELETE FROM t WHERE k = ${i}` : `INSERT INTO t VALUES (${10 + i}, '${'abc'[i % 3]}', ${i})`,
      )
      states.push(await client.sorted('SELECT * FROM m'))
    }
    const sums = new Map<string, number>()
    const distinct = states.filter((state, i) => i === 0 || state.join() !== states[i - 1]!.join())
    for (const state of distinct) {
      for (const line of (await changes.next())!) {
        const [, diff, ...row] = line.split('|')
        const key = row.join('|')
        const sum = (sums.get(key) ?? 0) + Number(diff)
        if (sum === 0) sums.delete(key)
        else sums.set(key, sum)
      }
      expect(new Set(sums.values())).toEqual(new Set([1]))
      expect([...sums.keys()].sort()).toEqual(state)
    }
  })

  test('of a query: filtered, joined, over views', async () => {
    changes = await watcher.subscribe('SUBSCRIBE (SELECT t.k, m.n FROM t JOIN m ON t.g = m.g WHERE t.v < 5)')
    expect((await changes.next())!.map((line) => line.replace(/^\d+/, ''))).toEqual(['|1|1|2', '|1|2|2'])
    await client.run("INSERT INTO t VALUES (4, 'a', 9)")
    expect((await changes.next())!.map((line) => line.replace(/^\d+/, ''))).toEqual([
      '|-1|1|2',
      '|-1|2|2',
      '|1|1|3',
      '|1|2|3',
    ])
  })
})

describe('options', () => {
  test('S4: progress before the snapshot and after it', async () => {
    const at = await epochNow()
    changes = await watcher.subscribe('SUBSCRIBE m WITH (PROGRESS)')
    expect(await changes.take(4)).toEqual([
      `${at}|t|∅|∅|∅|∅`,
      `${at}|f|1|a|2|2`,
      `${at}|f|1|b|1|5`,
      `${at + 1}|t|∅|∅|∅|∅`,
    ])
    await client.run("INSERT INTO t VALUES (9, 'z', 0)")
    const [line] = await changes.take(1)
    expect(line).toBe(`${at + 1}|f|1|z|1|0`)
  })

  test('S4: progress comes when nothing changes', async () => {
    const at = await epochNow()
    changes = await watcher.subscribe('SUBSCRIBE m WITH (PROGRESS, SNAPSHOT = false)')
    expect(await changes.take(3)).toEqual([`${at}|t|∅|∅|∅|∅`, `${at + 1}|t|∅|∅|∅|∅`, `${at + 1}|t|∅|∅|∅|∅`])
  })

  test('S5: without a snapshot only later epochs; UP TO ends it', async () => {
    const at = await epochNow()
    changes = await watcher.subscribe(`SUBSCRIBE t WITH (SNAPSHOT = false) UP TO ${at + 3}`)
    for (let k = 10; k < 15; k++) await client.run(`INSERT INTO t VALUES (${k}, 'x', 0)`)
    expect(await changes.next()).toEqual([`${at + 1}|1|10|x|0`])
    expect(await changes.next()).toEqual([`${at + 2}|1|11|x|0`])
    expect(await changes.next()).toBeUndefined()
  })

  test('S5: UP TO ends a subscription that nothing follows', async () => {
    const at = await epochNow()
    changes = await watcher.subscribe(`SUBSCRIBE t UP TO ${at + 1}`)
    expect(await changes.next()).toHaveLength(3)
    expect(await changes.next()).toBeUndefined()
  })

  test('AS OF: the newest epoch, or at least an older one', async () => {
    const at = await epochNow()
    changes = await watcher.subscribe(`SUBSCRIBE t AS OF AT LEAST ${at - 1}`)
    expect(await changes.next()).toHaveLength(3)
    expect(await client.code(`COPY (SUBSCRIBE t AS OF ${at - 1}) TO STDOUT`)).toBe('22023')
    expect(await client.code(`COPY (SUBSCRIBE t AS OF ${at + 10}) TO STDOUT`)).toBe('22023')
  })

  test.each([
    ['SUBSCRIBE t WITH (COALESCE)', '0A000'],
    ['SUBSCRIBE t ENVELOPE UPSERT (KEY (k))', '0A000'],
    ['SUBSCRIBE t WITH (nonsense)', '42601'],
    ['SUBSCRIBE nope', '42P01'],
    ['SUBSCRIBE millrace.epochs', '0A000'],
  ])('%s is refused', async (text, code) => {
    expect(await client.code(`COPY (${text}) TO STDOUT`)).toBe(code)
  })
})

describe('ends', () => {
  test('S8: a reader that does not read is ended with the last complete epoch, after what was kept', async () => {
    await client.run('CREATE TABLE wide (k int, x text)')
    changes = await watcher.subscribe('SUBSCRIBE wide WITH (SNAPSHOT = false)')
    for (let i = 0; i < 12; i++)
      await client.run(
        `INSERT INTO wide SELECT i + ${i} * 80, repeat('x', 100000) || i FROM generate_series(1, 80) AS i`,
      )
    const epochs: number[] = []
    let failure: { code?: string; detail?: string } | undefined
    while (failure === undefined) {
      try {
        const lines = await changes.next()
        epochs.push(Number(lines![0]!.split('|')[0]))
        expect(lines).toHaveLength(80)
      } catch (error) {
        failure = error as { code?: string; detail?: string }
      }
    }
    expect(failure).toMatchObject({ code: 'P0L01' })
    expect(failure.detail).toContain(String(epochs.at(-1)))
    expect(epochs.length).toBeLessThan(12)
    expect(epochs).toEqual(epochs.map((_, i) => epochs[0]! + i))
    expect(await client.run('SELECT count(*) FROM wide')).toEqual(['960'])
  })

  test('S10: an error in the query ends it after the epochs before', async () => {
    changes = await watcher.subscribe('SUBSCRIBE (SELECT k, 10 / v AS q FROM t) WITH (SNAPSHOT = false)')
    await client.run("INSERT INTO t VALUES (7, 'x', 2)")
    await client.run("INSERT INTO t VALUES (8, 'x', 0)")
    await client.run('DELETE FROM t WHERE k = 8')
    expect(await changes.next()).toHaveLength(1)
    await expect(changes.next()).rejects.toMatchObject({ code: '22012' })
  })

  test('S10: an error in the contents is told at once, not left out', async () => {
    await client.run("INSERT INTO t VALUES (8, 'x', 0)")
    expect(await client.code('COPY (SUBSCRIBE (SELECT k, 10 / v AS q FROM t)) TO STDOUT')).toBe('22012')
    await client.run('CREATE MATERIALIZED VIEW q AS SELECT k, 10 / v AS q FROM t')
    expect(await client.code('COPY (SUBSCRIBE q) TO STDOUT')).toBe('22012')
  })

  test('S10: an error in a view below ends it', async () => {
    await client.run('CREATE MATERIALIZED VIEW q AS SELECT k, 10 / v AS q FROM t')
    changes = await watcher.subscribe('SUBSCRIBE (SELECT max(q) FROM q)')
    expect(await changes.next()).toHaveLength(1)
    await client.run("INSERT INTO t VALUES (8, 'x', 0)")
    await expect(changes.next()).rejects.toMatchObject({ code: '22012' })
  })

  test('a cancel ends it with 57014', async () => {
    changes = await watcher.subscribe('SUBSCRIBE t WITH (SNAPSHOT = false)')
    const next = changes.next()
    watcher.session.cancel()
    await expect(next).rejects.toMatchObject({ code: '57014' })
    await client.run("INSERT INTO t VALUES (7, 'x', 2)")
    expect(await watcher.run('SELECT count(*) FROM t')).toEqual(['4'])
  })

  test('what is subscribed can be dropped; the subscription ends', async () => {
    changes = await watcher.subscribe('SUBSCRIBE m WITH (SNAPSHOT = false)')
    await client.run('DROP MATERIALIZED VIEW m')
    await expect(changes.next()).rejects.toMatchObject({ code: '42P01' })
  })
})

describe('cursors', () => {
  test('over a subscription: FETCH gives what is there', async () => {
    await client.run('DECLARE c CURSOR FOR SUBSCRIBE m')
    expect((await client.run('FETCH ALL c')).map((line) => line.split('|').slice(2).join('|'))).toEqual([
      '1|a|2|2',
      '1|b|1|5',
    ])
    expect(await client.run('FETCH ALL c')).toEqual([])
    await client.run("INSERT INTO t VALUES (7, 'b', 2)")
    expect(await client.run('FETCH 1 c')).toHaveLength(1)
    expect((await client.run('FETCH 10 c')).map((line) => line.split('|').slice(2).join('|'))).toEqual(['1|b|2|7'])
    await client.run('CLOSE c')
    expect(await client.code('FETCH 1 c')).toBe('34000')
  })

  test('over a query: of one epoch, forward only, ended by the block unless WITH HOLD', async () => {
    expect(await client.code('DECLARE c CURSOR FOR SELECT 1')).toBe('25P01')
    await client.all('BEGIN', 'DECLARE c CURSOR FOR SELECT k FROM t ORDER BY k')
    await watcher.run('DELETE FROM t')
    expect(await client.run('FETCH 2 c')).toEqual(['1', '2'])
    expect(await client.run('FETCH c')).toEqual(['3'])
    expect(await client.run('FETCH c')).toEqual([])
    await client.run('COMMIT')
    expect(await client.code('FETCH c')).toBe('34000')
    await client.all('BEGIN', 'DECLARE h CURSOR WITH HOLD FOR SELECT i FROM generate_series(1, 5) AS i', 'COMMIT')
    expect(await client.run('MOVE 2 h')).toEqual(['MOVE 2'])
    expect(await client.run('FETCH ALL h')).toEqual(['3', '4', '5'])
    expect(await client.code('FETCH BACKWARD 1 h')).toBe('55000')
  })
})
