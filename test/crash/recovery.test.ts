// Crashes of the engine's writes, one at a time: whichever step fails, and however much of the unsynced bytes survives,
// what was acknowledged is there afterwards, nothing is there by halves, and every view equals its query.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectors } from '../../src/connectors/registry.ts'
import { openDataDirectory } from '../../src/engine/data-directory.ts'
import { type Engine, openEngine } from '../../src/engine/engine.ts'
import { systemRelations } from '../../src/engine/system/all.ts'
import { functionRegistry } from '../../src/functions/all.ts'
import { Client } from '../support/client.ts'
import { testHost } from '../support/engine.ts'
import { SimulatedFiles } from './simulated-files.ts'

let folder: string
let files: SimulatedFiles
const registry = functionRegistry()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-crash-'))
  files = new SimulatedFiles()
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Opens the engine; where that fails, lets the directory go. */
async function open(): Promise<Engine> {
  const directory = openDataDirectory(files, folder)
  try {
    return await openEngine({
      directory,
      registry,
      connectors,
      systemRelations,
      host: testHost,
      memoryBytes: 2 ** 30,
      nextTurn: () => new Promise((resolve) => void setImmediate(resolve)),
    })
  } catch (error) {
    directory.database[Symbol.dispose]()
    throw error
  }
}

const SETUP = [
  'CREATE TABLE a (k int PRIMARY KEY, v int, x text)',
  'CREATE TABLE b (k int, v int)',
  'CREATE MATERIALIZED VIEW s AS SELECT sum(v) AS s, count(*) AS n FROM a',
  'CREATE MATERIALIZED VIEW j AS SELECT a.x, sum(b.v) AS s FROM a LEFT JOIN b ON a.k = b.k GROUP BY a.x',
]

/** Transaction i writes i into both tables, or a hundred rows, or takes rows away. */
const transactions: readonly (readonly string[])[] = [
  ["INSERT INTO a VALUES (1, 1, 'one')"],
  ['BEGIN', "INSERT INTO a VALUES (2, 2, 'two')", 'INSERT INTO b VALUES (2, 2), (1, 1)', 'COMMIT'],
  ['INSERT INTO b SELECT i % 3, i FROM generate_series(1, 100) AS i'],
  ['BEGIN', 'UPDATE a SET v = v + 10', 'DELETE FROM b WHERE v > 50', 'COMMIT'],
  ["INSERT INTO a VALUES (3, 3, repeat('long', 100))"],
]

interface State {
  readonly a: readonly string[]
  readonly b: readonly string[]
}

async function stateOf(client: Client): Promise<State> {
  return { a: await client.sorted('SELECT * FROM a'), b: await client.sorted('SELECT * FROM b') }
}

async function expectViewsRight(client: Client): Promise<void> {
  expect(await client.run('SELECT * FROM s')).toEqual(await client.run('SELECT sum(v), count(*) FROM a'))
  expect(await client.sorted('SELECT * FROM j')).toEqual(
    await client.sorted('SELECT a.x, sum(b.v) FROM a LEFT JOIN b ON a.k = b.k GROUP BY a.x'),
  )
}

async function prepared(): Promise<void> {
  await using engine = await open()
  await new Client(engine).all(...SETUP)
}

/** Runs transactions until one fails; how many were acknowledged, and the state after each. */
async function runAll(engine: Engine): Promise<{ acknowledged: number; states: readonly State[]; failure: unknown }> {
  const client = new Client(engine)
  const states = [await stateOf(client)]
  for (const [i, statements] of transactions.entries()) {
    try {
      await client.all(...statements)
    } catch (failure) {
      return { acknowledged: i, states, failure }
    }
    states.push(await stateOf(client))
  }
  return { acknowledged: transactions.length, states, failure: undefined }
}

async function referenceStates(): Promise<{ states: readonly State[]; steps: number; openSteps: number }> {
  await prepared()
  files.plan({ atStep: 0, torn: 0 })
  await using engine = await open()
  const openSteps = files.steps
  const { states } = await runAll(engine)
  return { states, steps: files.steps, openSteps }
}

describe('after a crash', () => {
  test('at every step of writing, every acknowledged transaction is there and none by halves', async () => {
    const { states, steps, openSteps } = await referenceStates()
    expect(states).toHaveLength(transactions.length + 1)
    for (let step = openSteps + 1; step <= steps; step++) {
      for (const { torn, kept } of [
        { torn: 0, kept: 0 },
        { torn: 100, kept: 256 },
        { torn: 255, kept: 256 },
        { torn: 256, kept: 128 },
      ]) {
        rmSync(folder, { recursive: true })
        mkdirSync(folder)
        files = new SimulatedFiles()
        await prepared()
        files.plan({ atStep: step, torn })
        let acknowledged = 0
        {
          const engine = await open()
          const run = await runAll(engine)
          acknowledged = run.acknowledged
          expect(run.failure).toMatchObject({ code: '58030' })
          await engine[Symbol.asyncDispose]()
        }
        files.restart(kept)
        await using engine = await open()
        const client = new Client(engine)
        const found = await stateOf(client)
        expect([states[acknowledged], states[acknowledged + 1]]).toContainEqual(found)
        await expectViewsRight(client)
        await client.run("INSERT INTO a VALUES (99, 1, 'after')")
        await expectViewsRight(client)
      }
    }
  })

  test('at every step of start-up compaction nothing is lost, however often it crashes', async () => {
    const { states } = await referenceStates()
    const last = states.at(-1)!
    files.plan({ atStep: 0, torn: 0 })
    await (await open())[Symbol.asyncDispose]()
    const steps = files.steps
    expect(steps).toBeGreaterThan(4)
    for (let step = 1; step <= steps; step++) {
      for (const kept of [0, 128, 256]) {
        files.plan({ atStep: step, torn: 99 })
        await expect(open()).rejects.toThrow('input/output error')
        files.restart(kept)
        await using engine = await open()
        const client = new Client(engine)
        expect(await stateOf(client)).toEqual(last)
        await expectViewsRight(client)
      }
    }
  })
})

describe('a failed sync', () => {
  test('stops writing with 58030 and keeps reads; definitions are refused alike', async () => {
    await prepared()
    await using engine = await open()
    const client = new Client(engine)
    await client.run("INSERT INTO a VALUES (1, 1, 'one')")
    files.plan({ atStep: 2, torn: 0 })
    expect(await client.code("INSERT INTO a VALUES (2, 2, 'two')")).toBe('58030')
    files.plan({ atStep: 0, torn: 0 })
    expect(engine.writable).toBe(false)
    for (const text of [
      "INSERT INTO a VALUES (3, 3, 'x')",
      'DELETE FROM a',
      'CREATE TABLE c (i int)',
      'DROP MATERIALIZED VIEW s',
    ])
      expect(await client.code(text)).toBe('58030')
    expect(await client.code("BEGIN; INSERT INTO a VALUES (1, 1, 'x'); COMMIT")).toBe('23505')
    await client.run('ROLLBACK')
    expect(await client.run('SELECT * FROM a')).toEqual(['1|1|one'])
    expect(await client.run('SELECT s, n FROM s')).toEqual(['1|1'])
    expect(await client.code('SELECT * FROM c')).toBe('42P01')
    await expectViewsRight(client)
  })

  test("of a catalog version's own record: the version never was", async () => {
    await prepared()
    await using engine = await open()
    const client = new Client(engine)
    await client.run("INSERT INTO a VALUES (1, 1, 'one')")
    files.plan({ atStep: 2, torn: 0 })
    expect(await client.code('CREATE TABLE c (i int)')).toBe('58030')
    files.plan({ atStep: 0, torn: 0 })
    expect(await client.code('SELECT * FROM c')).toBe('42P01')
    expect(await client.run("SELECT count(*) FROM pg_class WHERE relname = 'c'")).toEqual(['0'])
    expect(await client.code('DROP MATERIALIZED VIEW s')).toBe('58030')
    expect(await client.run('SELECT s, n FROM s')).toEqual(['1|1'])
  })
})
