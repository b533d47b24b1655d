// TPC-H at scale 0.1 (TPCH_SCALE says another), against the PostgreSQL that MILLRACE_TEST_PG names, in the same run and
// with the same client; psql must be on the PATH. PostgreSQL has the primary keys, is analysed, and uses one worker.
//
//   adhoc   each of the 22 queries on both, in turns: the best of three; the answers must be equal. A limit of 3 for
//           the sums; `qN` is our time by PostgreSQL's
//   views   the 22 as materialized views while refresh flows run; afterwards every view must hold what PostgreSQL and
//           our own ad-hoc query answer. `flowMs`: our processor time for one flow with all 22 views

import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { connect, Server } from './e2e/server.ts'
import type { Measured } from './reference/measure.ts'
import { postgresClient } from './reference/postgres.ts'
import type { BenchCase } from './run.ts'
import { rowsOf, sizesOf, type TableName, tables } from './tpch/data.ts'
import { flowOf } from './tpch/flows.ts'
import { queriesOf } from './tpch/queries.ts'

const PORT = 57_604
const SCHEMA = 'millrace_bench_tpch'
const SCALE = Number(process.env.TPCH_SCALE ?? 0.1)
const RUNS = 3
const FLOWS = 5
const FLOW_ORDERS = Math.max(10, Math.round(1500 * SCALE))
const LIMIT = 3
const sizes = sizesOf(SCALE)
const queries = Object.entries(queriesOf(SCALE))

interface Sides extends AsyncDisposable {
  readonly server: Server
  readonly ours: pg.Client
  readonly theirs: pg.Client
}

async function start(): Promise<Sides> {
  const { client: theirs, address } = await postgresClient()
  const server = await Server.start(PORT)
  const ours = await connect(PORT)
  await theirs.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`)
  for (const client of [ours, theirs]) {
    await client.query(`CREATE SCHEMA ${SCHEMA}`)
    await client.query(`SET search_path = ${SCHEMA}`)
    for (const [table, columns] of Object.entries(tables)) await client.query(`CREATE TABLE ${table} (${columns})`)
  }
  copyInto([`postgresql://millrace@127.0.0.1:${PORT}/millrace`, address.href])
  for (const table of Object.keys(tables)) await theirs.query(`VACUUM ANALYZE ${table}`)
  await theirs.query('SET max_parallel_workers_per_gather = 0')
  return {
    server,
    ours,
    theirs,
    async [Symbol.asyncDispose]() {
      await theirs.query(`DROP SCHEMA ${SCHEMA} CASCADE`)
      await Promise.all([ours.end(), theirs.end()])
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The tables' rows as files, by psql's \copy into each server. */
function copyInto(servers: readonly string[]): void {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-tpch-'))
  const path = (table: string): string => join(directory, table)
  try {
    const files = new Map(Object.keys(tables).map((table) => [table, openSync(path(table), 'w')]))
    const lines = new Map<TableName, string[]>()
    const write = (table: TableName): void => {
      writeSync(files.get(table)!, (lines.get(table) ?? []).map((line) => `${line}\n`).join(''))
      lines.set(table, [])
    }
    for (const [table, line] of rowsOf(sizes)) {
      const own = lines.get(table) ?? []
      lines.set(table, own)
      if (own.push(line) >= 10_000) write(table)
    }
    for (const [table, file] of files) {
      write(table as TableName)
      closeSync(file)
    }
    for (const server of servers)
      for (const table of files.keys()) {
        const command = `\\copy ${SCHEMA}.${table} FROM '${path(table)}'`
        const { status, stderr } = spawnSync('psql', ['-q', server, '-c', command], { encoding: 'utf8' })
        if (status !== 0) throw new Error(`psql: ${stderr}`)
      }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

interface Timed {
  readonly ms: number
  readonly rows: readonly string[]
}

async function timed(client: pg.Client, text: string): Promise<Timed> {
  const from = performance.now()
  const { rows } = await client.query({ text, rowMode: 'array' })
  return { ms: performance.now() - from, rows: rows.map((row) => JSON.stringify(row)) }
}

function mustEqual(name: string, ours: readonly string[], theirs: readonly string[]): void {
  if (ours.join('\n') === theirs.join('\n')) return
  const at = theirs.findIndex((row, i) => row !== ours[i])
  throw new Error(`${name}: row ${at} is ${ours[at]}, PostgreSQL's ${theirs[at]}`)
}

const least = (values: readonly number[]): number => Math.min(...values)

async function adhoc(): Promise<Measured> {
  await using sides = await start()
  const facts: Record<string, number> = {}
  const sums = { ours: 0, theirs: 0 }
  for (const [name, query] of queries) {
    const runs: { ours: number; theirs: number }[] = []
    for (let i = 0; i < RUNS; i++) {
      const [ours, theirs] = [await timed(sides.ours, query), await timed(sides.theirs, query)]
      mustEqual(name, ours.rows, theirs.rows)
      runs.push({ ours: ours.ms, theirs: theirs.ms })
    }
    const [ours, theirs] = [least(runs.map((run) => run.ours)), least(runs.map((run) => run.theirs))]
    console.error(`${name.padEnd(4)} ${ours.toFixed(0).padStart(6)} ms, PostgreSQL ${theirs.toFixed(0)} ms`)
    facts[name] = Number((ours / theirs).toFixed(2))
    sums.ours += ours
    sums.theirs += theirs
  }
  const ratio = Number((sums.ours / sums.theirs).toFixed(2))
  const all = { ratio, ms: Math.round(sums.ours), postgresMs: Math.round(sums.theirs), ...facts }
  return { rows: queries.length, nsPerRow: (sums.ours * 1e6) / 22, spread: 1, facts: all, withinLimit: ratio <= LIMIT }
}

async function views(): Promise<Measured> {
  await using sides = await start()
  const { server, ours, theirs } = sides
  const before = server.usage().cpuMs
  for (const [name, query] of queries) await ours.query(`CREATE MATERIALIZED VIEW ${name} AS ${query}`)
  const filled = server.usage()
  for (let n = 0; n < FLOWS; n++)
    for (const sql of flowOf(n, FLOW_ORDERS, sizes)) for (const client of [ours, theirs]) await client.query(sql)
  const flowMs = (server.usage().cpuMs - filled.cpuMs) / FLOWS
  for (const [name, query] of queries) {
    const expected = await timed(theirs, query)
    mustEqual(`${name} ad hoc`, (await timed(ours, query)).rows, expected.rows)
    const view = await timed(ours, `SELECT * FROM ${name}`)
    mustEqual(`${name} as a view`, [...view.rows].sort(), [...expected.rows].sort())
  }
  const facts = {
    fillMs: filled.cpuMs - before,
    flowMs,
    orders: FLOW_ORDERS,
    residentMb: Math.round(filled.residentBytes / 2 ** 20),
  }
  return { rows: FLOW_ORDERS, nsPerRow: (flowMs * 1e6) / FLOW_ORDERS, spread: 1, facts }
}

export const cases: readonly BenchCase[] = [
  { name: 'adhoc', run: adhoc },
  { name: 'views', run: views },
]
