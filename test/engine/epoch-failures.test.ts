// Work that cannot become an epoch fails alone: one transaction, one source, one view; the others go on.

import { afterEach, expect, test } from 'vitest'
import { connectors } from '../../src/connectors/registry.ts'
import type { Chunk, Connector } from '../../src/connectors/source.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine | undefined

afterEach(async () => {
  await engine?.[Symbol.asyncDispose]()
  engine = undefined
})

/** Rows of the datagen log, of which one can never be decoded. */
function poisoned(at: number): readonly Connector[] {
  const datagen = connectors.find(({ name }) => name === 'datagen')!
  const spoil = (chunk: Chunk): Chunk => ({
    partition: chunk.partition,
    from: chunk.from,
    to: chunk.to,
    records: chunk.records,
    bytes: chunk.bytes,
    end: chunk.end,
    recordsBelow: (offset) => chunk.recordsBelow(offset),
    record: (offset) => chunk.record(offset),
    decode(columns, range, region) {
      const first = chunk.from + range.skip
      if (first <= at && at < first + range.max) throw new Error(`offset ${at} is poison`)
      return chunk.decode(columns, range, region)
    },
  })
  const connector: Connector = {
    ...datagen,
    name: 'poisoned',
    open(definition, origin, host) {
      const reader = datagen.open({ ...definition, connector: 'datagen' }, origin, host)
      return {
        ends: () => reader.ends(),
        poll: async (...args) => (await reader.poll(...args)).map(spoil),
        [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
      }
    },
  }
  return [...connectors, connector]
}

async function until(ready: () => Promise<boolean>): Promise<void> {
  while (!(await ready())) await new Promise((resolve) => void setTimeout(resolve, 10))
}

test('a source whose record cannot be taken stops before it, visibly; others and transactions go on', async () => {
  engine = await openTestEngine(undefined, { connectors: poisoned(5000) })
  const client = new Client(engine)
  const options = "rate = 0, events = 10000, fields.n.kind = 'sequence', fields.n.start = 0"
  await client.all(
    `CREATE SOURCE bad (n int) WITH (connector = 'poisoned', ${options})`,
    `CREATE SOURCE good (n int) WITH (connector = 'datagen', ${options})`,
    'CREATE TABLE t (k int)',
    'CREATE MATERIALIZED VIEW b WITH (background = true) AS SELECT count(*) AS n, max(n) AS m FROM bad',
    'CREATE MATERIALIZED VIEW g AS SELECT count(*) AS n FROM good',
    'INSERT INTO t VALUES (1)',
  )
  const state = "SELECT state, error FROM millrace.sources WHERE name = 'bad'"
  await until(async () => (await client.run(state))[0]!.startsWith('stopped'))
  expect(await client.run(state)).toEqual(['stopped|source "bad" stopped: offset 5000 is poison'])
  expect(await client.run('SELECT * FROM b')).toEqual(['5000|4999'])
  expect(await client.run('SELECT * FROM g')).toEqual(['10000'])
  await client.run('INSERT INTO t VALUES (2)')
  expect(await client.sorted('SELECT * FROM t')).toEqual(['1', '2'])
  const error = await client.failure('CREATE MATERIALIZED VIEW again AS SELECT n FROM bad')
  expect(error.message).toContain('offset 5000 is poison')
})

const LARGE = 'SELECT i, repeat(md5(i::text), 40) FROM generate_series(1, 40000) AS i'

test('a transaction beyond the limit of an epoch fails with 53200, and those that share its epoch do not', async () => {
  engine = await openTestEngine(undefined, { memoryBytes: 128 * 1024 ** 2 })
  const client = new Client(engine)
  const other = new Client(engine)
  await client.run('CREATE TABLE t (k int PRIMARY KEY, v text UNIQUE)')
  await client.run('CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM t')
  const all = [
    client.run("INSERT INTO t VALUES (-1, 'a')"),
    other.code(`INSERT INTO t ${LARGE}`),
    new Client(engine).run("INSERT INTO t VALUES (-2, 'b')"),
  ]
  expect(await Promise.all(all)).toEqual([['INSERT 0 1'], '53200', ['INSERT 0 1']])
  expect(await client.run('SELECT n FROM n')).toEqual(['2'])
  expect(await client.code("INSERT INTO t VALUES (-3, 'b')")).toBe('23505')
  expect(await client.run('SELECT count(*) FROM t')).toEqual(['2'])
  await client.run('BEGIN')
  expect(await client.code(`INSERT INTO t ${LARGE}; COMMIT`)).toBe('53200')
  await client.run('ROLLBACK')
  expect(await client.run("INSERT INTO t VALUES (1, 'c')")).toEqual(['INSERT 0 1'])
})

test('COPY pays for the rows it keeps', async () => {
  engine = await openTestEngine(undefined, { memoryBytes: 64 * 1024 ** 2 })
  const client = new Client(engine)
  await client.run('CREATE TABLE t (k int, v text)')
  const copy = async (rows: number): Promise<string> => {
    for await (const execution of client.session.simpleQuery('COPY t FROM STDIN')) {
      if (execution.kind !== 'copyIn') throw new Error('copyIn was due')
      try {
        for (let i = 0; i < rows; i++) execution.write([[String(i), 'x'.repeat(1000)]])
      } catch (error) {
        execution.abort('error')
        return (error as { code: string }).code
      }
      return await execution.finish()
    }
    return ''
  }
  expect(await copy(40_000)).toBe('53200')
  expect(await copy(3000)).toBe('COPY 3000')
  expect(await client.run('SELECT count(*), max(k), min(length(v)) FROM t')).toEqual(['3000|2999|1000'])
})

test('an epoch that is too large is taken again with fewer rows, and the next ones are as small', async () => {
  engine = await openTestEngine(undefined, { memoryBytes: 64 * 1024 ** 2 })
  const client = new Client(engine)
  const options = "rate = 0, events = 12000, fields.n.kind = 'sequence', fields.n.start = 0"
  await client.all(
    `CREATE SOURCE s (n int) WITH (connector = 'datagen', ${options})`,
    "CREATE MATERIALIZED VIEW m AS SELECT count(repeat('x', 8000) || n) AS n, max(n) AS last FROM s",
  )
  expect(await client.run('SELECT * FROM m')).toEqual(['12000|11999'])
  const largest = await client.run('SELECT max(source_records) BETWEEN 1 AND 4096 FROM millrace.epochs')
  expect(largest).toEqual(['t'])
  expect(await client.run("SELECT state FROM millrace.views WHERE name = 'm'")).toEqual(['live'])
})

test('rows of RETURNING are their statement’s, however many epochs pass before they are read', async () => {
  engine = await openTestEngine()
  const client = new Client(engine)
  const other = new Client(engine)
  await client.run('CREATE TABLE t (k int, v text)')
  const made = 'SELECT i, repeat(i::text, 50) FROM generate_series(1, 3000) AS i'
  const insert = `INSERT INTO t ${made} RETURNING k, v = repeat(k::text, 50)`
  for await (const execution of client.session.simpleQuery(insert)) {
    for (let i = 0; i < 20; i++)
      await other.run(`INSERT INTO t SELECT -i, repeat('z', 200) FROM generate_series(1, 2000) AS i`)
    const rows = await client.read(execution)
    expect(rows).toEqual(Array.from({ length: 3000 }, (_, i) => `${i + 1}|t`))
  }
  for await (const execution of client.session.simpleQuery('DELETE FROM t WHERE k BETWEEN 1 AND 9 RETURNING v')) {
    await other.run("UPDATE t SET v = 'changed' WHERE k < 50 AND k > 0")
    expect((await client.read(execution)).toSorted()).toEqual(
      Array.from({ length: 9 }, (_, i) => String(i + 1).repeat(50)),
    )
  }
})
