// kill -9 of a server while clients insert: every acknowledged row is there afterwards, no transaction is there by
// halves, and the view equals its query.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const launcher = fileURLToPath(new URL('../../bin/millrace.mjs', import.meta.url))
const started: ChildProcess[] = []
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-kill-'))
})

afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function startServer(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [launcher, '--data-dir', folder, '--port', '0', '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const port = await new Promise<number>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const ready = /-p (\d+)/.exec(text)
      if (ready !== null) resolve(Number(ready[1]))
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)))
  })
  return { child, port }
}

async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'test', database: 'test' })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Inserts pairs until the connection is lost; `acknowledged` has the numbers that were answered. */
async function insertPairs(client: pg.Client, first: number, acknowledged: number[]): Promise<void> {
  try {
    for (let i = first; ; i += 2) {
      await client.query(
        `BEGIN; INSERT INTO a VALUES (${i}, ${i % 7}); INSERT INTO b VALUES (${i}, 'row ${i}'); COMMIT`,
      )
      acknowledged.push(i)
    }
  } catch {
    // The server was killed.
  }
}

/** Resolves when so many were acknowledged; asks the server meanwhile, so that time passes with its work. */
async function acknowledgedMore(client: pg.Client, acknowledged: readonly number[], count: number): Promise<void> {
  while (acknowledged.length < count) await client.query('SELECT 1')
}

test('every acknowledged transaction is there, three times over', async () => {
  const acknowledged: number[] = []
  for (let round = 0; round < 3; round++) {
    const { child, port } = await startServer()
    const [one, two] = [await connect(port), await connect(port)]
    if (round === 0)
      await one.query(`
        CREATE TABLE a (k int PRIMARY KEY, g int);
        CREATE TABLE b (k int PRIMARY KEY, t text);
        CREATE MATERIALIZED VIEW m AS SELECT a.g, count(*) AS n, min(b.t) AS t FROM a JOIN b ON a.k = b.k GROUP BY a.g`)
    const before = acknowledged.length
    const start = 100_000 * round
    const work = [insertPairs(one, start, acknowledged), insertPairs(two, start + 1, acknowledged)]
    await Promise.race([acknowledgedMore(two, acknowledged, before + 150), ...work])
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await Promise.all([ended, ...work])
    expect(acknowledged.length).toBeGreaterThanOrEqual(before + 150)
  }
  const { child, port } = await startServer()
  const client = await connect(port)
  const column = async (sql: string): Promise<string[]> =>
    (await client.query<string[]>({ text: sql, rowMode: 'array' })).rows.map((row) => row.join('|'))
  const found = (await column('SELECT k FROM a ORDER BY k')).map(Number)
  const present = new Set(found)
  expect(acknowledged.filter((i) => !present.has(i))).toEqual([])
  expect(found.length).toBeLessThanOrEqual(acknowledged.length + 6)
  expect(await column('SELECT k FROM b ORDER BY k')).toEqual(found.map(String))
  expect(await column('SELECT * FROM m ORDER BY g')).toEqual(
    await column('SELECT a.g, count(*), min(b.t) FROM a JOIN b ON a.k = b.k GROUP BY a.g ORDER BY a.g'),
  )
  await client.end()
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})
