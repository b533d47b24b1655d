// The bank (consistency §8.1, §8.3, §8.7 in small): random transfers by several sessions at once; money is neither made
// nor lost in any epoch that anybody sees, and every epoch of a subscription is a state of the tables.

import { expect, test } from 'vitest'
import { type Changes, Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

const ACCOUNTS = 8

/** A small generator of the test's own: the same run every time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state >>> 8
  }
}

const SETUP = [
  'CREATE TABLE account (id int PRIMARY KEY, money int NOT NULL)',
  'CREATE TABLE transfer (id int PRIMARY KEY, src int, dst int, amount int)',
  `INSERT INTO account SELECT i, 0 FROM generate_series(0, ${ACCOUNTS - 1}) AS i`,
  'CREATE MATERIALIZED VIEW credits AS SELECT dst AS id, sum(amount) AS c FROM transfer GROUP BY dst',
  'CREATE MATERIALIZED VIEW debits AS SELECT src AS id, sum(amount) AS d FROM transfer GROUP BY src',
  `CREATE MATERIALIZED VIEW balance AS
       SELECT coalesce(c.id, d.id) AS id, coalesce(c, 0) - coalesce(d, 0) AS b
       FROM credits AS c FULL OUTER JOIN debits AS d ON c.id = d.id`,
  'CREATE MATERIALIZED VIEW total AS SELECT sum(b) AS t FROM balance',
  `CREATE MATERIALIZED VIEW unequal AS
     SELECT a.id FROM account a LEFT JOIN balance b ON a.id = b.id WHERE a.money <> coalesce(b.b, 0)`,
  'CREATE MATERIALIZED VIEW partner AS SELECT x.id, y.id AS other FROM account x LEFT JOIN account y ON x.id = y.id',
]

/** Adds up deltas until they are `final`; every state on the way is one of money that is neither made nor lost. */
async function followTo(rows: Changes, final: readonly string[]): Promise<void> {
  const sums = new Map<string, number>()
  const contents = (): string[] => [...sums.keys()].sort()
  while (contents().join() !== final.join()) {
    for (const line of (await rows.next())!) {
      const [, diff, ...row] = line.split('|')
      const sum = (sums.get(row.join('|')) ?? 0) + Number(diff)
      if (sum === 0) sums.delete(row.join('|'))
      else sums.set(row.join('|'), sum)
    }
    expect([...sums.values()].every((sum) => sum === 1)).toBe(true)
    expect(contents().reduce((sum, row) => sum + Number(row.split('|')[1]), 0)).toBe(0)
  }
}

test('no reader ever sees a total but zero, and deltas add up to the tables', async () => {
  await using engine = await openTestEngine()
  const setup = new Client(engine)
  await setup.all(...SETUP)
  const watcher = new Client(engine)
  const changes = await watcher.subscribe('SUBSCRIBE (SELECT t, (SELECT count(*) FROM unequal) AS n FROM total)')
  const rows = await new Client(engine).subscribe('SUBSCRIBE balance')
  let running = 3
  const work = async (seed: number): Promise<number> => {
    const client = new Client(engine)
    const random = numbers(seed)
    let failed = 0
    for (let i = 0; i < 40; i++) {
      const [src, dst, amount] = [
        random.next().value % ACCOUNTS,
        random.next().value % ACCOUNTS,
        random.next().value % 100,
      ]
      try {
        await client.all(
          'BEGIN',
          `INSERT INTO transfer VALUES (${seed * 1000 + i}, ${src}, ${dst}, ${amount})`,
          `UPDATE account SET money = money - ${amount} WHERE id = ${src}`,
          `UPDATE account SET money = money + ${amount} WHERE id = ${dst}`,
          'COMMIT',
        )
      } catch (error) {
        expect(error).toMatchObject({ code: '40001' })
        failed++
      }
    }
    running--
    return failed
  }
  const audit = async (): Promise<void> => {
    const client = new Client(engine)
    while (running > 0) {
      await new Promise((resolve) => void setImmediate(resolve)) // A client on a socket would let others run, too.
      expect(await client.run('SELECT t FROM total WHERE t <> 0')).toEqual([])
      expect(await client.run('SELECT sum(money), (SELECT count(*) FROM unequal) FROM account')).toEqual(['0|0'])
      expect(await client.run('SELECT id FROM partner WHERE other IS NULL')).toEqual([])
    }
  }
  const [one, two, three] = await Promise.all([work(1), work(2), work(3), audit()])
  const committed = Number((await setup.run('SELECT count(*) FROM transfer'))[0])
  expect(committed).toBe(120 - one - two - three)
  await setup.run('INSERT INTO transfer VALUES (-1, 0, 0, 0)')

  for (const line of await changes.take(1)) expect(line).toMatch(/\|1\|(∅|0)\|0$/)
  await followTo(rows, await setup.sorted('SELECT * FROM balance'))
  changes.close()
  rows.close()
}, 60_000)
