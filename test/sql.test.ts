// Runs every .slt file of sql-tests/ in the histories that its folder promises (sql-tests/README.md): one answer,
// however the rows came. Files of pg/ also run on PostgreSQL itself: PGlite always, a server where MILLRACE_TEST_PG
// names one. Nothing may fail and nothing may be refused.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Backend } from '../server/slt/connection.ts'
import { openEngineConnection } from '../server/slt/engine-connection.ts'
import { postgresServer } from '../server/slt/postgres-backend.ts'
import { printFailure } from '../server/slt/report.ts'
import { Runner, type RunOptions } from '../server/slt/runner.ts'
import { openTestEngine, testHost } from './support/engine.ts'
import { postgresAddress, postgresMissing } from './support/pg.ts'
import { Pglite } from './support/pglite.ts'

const root = new URL('../sql-tests/', import.meta.url)

const AS_WRITTEN: RunOptions = { mode: 'plain', insertRows: 0, restart: 'never', timeoutMs: 30_000, jobs: 1 }

const HISTORIES: Readonly<Record<string, RunOptions>> = {
  'as written': AS_WRITTEN,
  'one row a transaction': { ...AS_WRITTEN, insertRows: 1 },
  'two rows a transaction': { ...AS_WRITTEN, insertRows: 2 },
  'a restart before each statement': { ...AS_WRITTEN, restart: 'statements' },
}

const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  pg: ['as written'],
  views: Object.keys(HISTORIES),
  windows: Object.keys(HISTORIES),
  explain: ['as written'],
  errors: ['as written'],
}

const inMemory: Backend = { name: 'Millrace', open: () => openEngineConnection(() => openTestEngine()) }

/** Each connection has a folder of its own, removed when it is closed. */
const onFiles: Backend = {
  name: 'Millrace on files',
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-sql-'))
    const connection = await openEngineConnection(() => openTestEngine(folder))
    return {
      run: (sql) => connection.run(sql),
      inTransaction: () => connection.inTransaction(),
      restart: () => connection.restart(),
      async close() {
        await connection.close()
        rmSync(folder, { recursive: true })
      },
    }
  },
}

const filesIn = (folder: string): string[] =>
  readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.slt'))
    .toSorted()

/** What did not pass, in full. */
async function failures(backend: Backend, path: string, options: RunOptions): Promise<string[]> {
  const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
  const runner = new Runner(backend, options, { read, timers: testHost.timers })
  const results = await runner.runFile({ path, suite: 'sql-tests', style: 'aligned' })
  expect(results.length).toBeGreaterThan(0)
  return results.filter(({ verdict }) => verdict !== 'passed').map((result) => printFailure(result).join('\n'))
}

for (const [folder, names] of Object.entries(FOLDERS)) {
  describe.each(filesIn(folder))(`${folder}/%s`, (file) => {
    test.each(names)('%s', async (name) => {
      const options = HISTORIES[name]!
      const backend = options.restart === 'never' ? inMemory : onFiles
      expect(await failures(backend, `${folder}/${file}`, options)).toEqual([])
    })
  })
}

describe('the same on PostgreSQL', () => {
  const library = new Pglite()
  afterAll(() => library[Symbol.asyncDispose]())

  test.each(filesIn('pg'))('PGlite: pg/%s', async (file) => {
    expect(await failures(library, `pg/${file}`, AS_WRITTEN)).toEqual([])
  })

  const address = postgresAddress()
  const missing = postgresMissing()
  test.skipIf(missing !== undefined).each(filesIn('pg'))(
    `PostgreSQL${missing ? ` (${missing})` : ''}: pg/%s`,
    async (file) => {
      const server = postgresServer(address!, { prefix: `sql_tests_${process.pid}`, asViews: false })
      expect(await failures(server, `pg/${file}`, AS_WRITTEN)).toEqual([])
    },
  )
})
