// Reads over the wire, against PostgreSQL in the same run and with the same client. MILLRACE_TEST_PG names the server
// (postgresql://user@host:port/database); pgbench must be on the PATH.
//
//   point-…   a row by its primary key, one connection and eight, in turns with PostgreSQL (pgbench)
//   scan      a million rows, filtered and aggregated ad hoc; PostgreSQL with one worker and warm
//
// `ratio` is our rate by PostgreSQL's for point reads, our time by PostgreSQL's for the scan. `cpuMicros` is our
// processor time a read: it says the same on a busy machine.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { connect, Server } from './e2e/server.ts'
import type { Measured } from './reference/measure.ts'
import { postgresClient, postgresUrl } from './reference/postgres.ts'
import type { BenchCase } from './run.ts'

const PORT = 57_603
const KEYS = 10_000
const ROUNDS = 5
const ROUND_SECONDS = 2
const SCHEMA = 'millrace_bench_reads'

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

async function postgres(): Promise<pg.Client> {
  const { client } = await postgresClient()
  await client.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA}`)
  return client
}

async function fill(client: pg.Client): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)
  await client.query(`CREATE TABLE ${SCHEMA}.item (id BIGINT PRIMARY KEY, v TEXT)`)
  await client.query(`INSERT INTO ${SCHEMA}.item SELECT i, 'value ' || i FROM generate_series(0, ${KEYS - 1}) AS g (i)`)
}

interface Target {
  readonly host: string
  readonly port: string
  readonly user: string
  readonly database: string
}

/** Reads a second. */
function pgbench(target: Target, script: string, connections: number, mode: 'simple' | 'prepared'): number {
  const { host, port, user, database } = target
  const where = ['-h', host, '-p', port, '-U', user]
  const how = ['-n', '-f', script, '-c', String(connections), '-j', '1', '-M', mode, '-T', String(ROUND_SECONDS)]
  const { stdout, stderr, status } = spawnSync('pgbench', [...where, ...how, database], { encoding: 'utf8' })
  const rate = /tps = ([\d.]+)/.exec(stdout ?? '')?.[1]
  if (status !== 0 || rate === undefined) throw new Error(`pgbench: ${stderr}`)
  return Number(rate)
}

async function point(connections: number, mode: 'simple' | 'prepared', least: number): Promise<Measured> {
  const { hostname, port, username, pathname } = postgresUrl()
  await using server = await Server.start(PORT)
  const clients = [await connect(PORT), await postgres()] as const
  for (const client of clients) await fill(client)
  const directory = mkdtempSync(join(tmpdir(), 'millrace-reads-'))
  try {
    const script = join(directory, 'point.sql')
    writeFileSync(script, `\\set id random(0, ${KEYS - 1})\nSELECT v FROM ${SCHEMA}.item WHERE id = :id;\n`)
    const ours: Target = { host: '127.0.0.1', port: String(PORT), user: 'millrace', database: 'millrace' }
    const theirs: Target = { host: hostname, port, user: username, database: pathname.slice(1) }
    pgbench(ours, script, connections, mode)
    const rounds = Array.from({ length: ROUNDS }, () => {
      const before = server.usage().cpuMs
      const rate = pgbench(ours, script, connections, mode)
      const cpuMicros = ((server.usage().cpuMs - before) * 1000) / (rate * ROUND_SECONDS)
      return { rate, cpuMicros, reference: pgbench(theirs, script, connections, mode) }
    })
    const facts = {
      perSecond: Math.round(median(rounds.map(({ rate }) => rate))),
      postgresPerSecond: Math.round(median(rounds.map(({ reference }) => reference))),
      ratio: Number(median(rounds.map(({ rate, reference }) => rate / reference)).toFixed(2)),
      cpuMicros: Math.round(median(rounds.map(({ cpuMicros }) => cpuMicros))),
    }
    return { rows: 1, nsPerRow: 1e9 / facts.perSecond, spread: 1, facts, withinLimit: facts.ratio >= least }
  } finally {
    rmSync(directory, { recursive: true })
    await clients[1].query(`DROP SCHEMA ${SCHEMA} CASCADE`)
    await Promise.all(clients.map((client) => client.end()))
  }
}

const ROWS = 1_000_000
const SCAN = `SELECT count(*), sum(amount), max(price) FROM ${SCHEMA}.sale WHERE shop < 30 AND amount > 100`

async function scan(): Promise<Measured> {
  const theirs = await postgres()
  await using server = await Server.start(PORT)
  const ours = await connect(server.port)
  try {
    for (const client of [ours, theirs]) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)
      await client.query(
        `CREATE TABLE ${SCHEMA}.sale (id BIGINT PRIMARY KEY, shop INT, amount BIGINT, price NUMERIC(12,2))`,
      )
      await client.query(
        `INSERT INTO ${SCHEMA}.sale
         SELECT i, i % 100, (i::BIGINT * 7919) % 1000, i % 10000 FROM generate_series(1, ${ROWS}) AS g (i)`,
      )
    }
    await theirs.query('SET max_parallel_workers_per_gather = 0')
    await theirs.query(`VACUUM ANALYZE ${SCHEMA}.sale`)
    const time = async (client: pg.Client): Promise<{ ms: number; answer: string }> => {
      const start = performance.now()
      const { rows } = await client.query(SCAN)
      return { ms: performance.now() - start, answer: JSON.stringify(rows) }
    }
    const rounds: { ours: number; theirs: number }[] = []
    for (let i = 0; i < 9; i++) {
      const [mine, other] = [await time(ours), await time(theirs)]
      if (mine.answer !== other.answer) throw new Error(`${mine.answer} is not ${other.answer}`)
      if (i > 1) rounds.push({ ours: mine.ms, theirs: other.ms })
    }
    const ms = median(rounds.map((round) => round.ours))
    const ratio = Number(median(rounds.map((round) => round.ours / round.theirs)).toFixed(2))
    const facts = { ms, postgresMs: median(rounds.map((round) => round.theirs)), ratio }
    return { rows: ROWS, nsPerRow: (ms * 1e6) / ROWS, spread: 1, facts, withinLimit: ratio <= 1 }
  } finally {
    await theirs.query(`DROP SCHEMA ${SCHEMA} CASCADE`)
    await Promise.all([ours.end(), theirs.end()])
  }
}

export const cases: readonly BenchCase[] = [
  { name: 'point-simple-1', run: () => point(1, 'simple', 0.8) },
  { name: 'point-prepared-1', run: () => point(1, 'prepared', 0.8) },
  { name: 'point-simple-8', run: () => point(8, 'simple', 1) },
  { name: 'point-prepared-8', run: () => point(8, 'prepared', 1) },
  { name: 'scan', run: scan },
]
