// From end to end, over the wire, with the server in a process of its own (`--memory`):
//
//   visible      INSERT of one row under three levels of views, seen by the client's next SELECT
//   point-…      a row by its primary key, against a PostgreSQL on PGPORT (55432) in the same run
//   nexmark      the generated bids, as fast as they come, into a GROUP BY view over a million auctions

import type pg from 'pg'
import { type Latency, latencies } from './e2e/latency.ts'
import { connect, Server } from './e2e/server.ts'
import type { Measured } from './reference/measure.ts'
import type { BenchCase } from './run.ts'

const PORT = 57_601
const POSTGRES_PORT = Number(process.env.PGPORT ?? 55_432)
const KEYS = 10_000

const measured = (latency: Latency, facts: Readonly<Record<string, number>>, withinLimit: boolean): Measured => ({
  rows: 1,
  nsPerRow: latency.p50 * 1e6,
  spread: latency.p99 / latency.p50,
  facts,
  withinLimit,
})

async function visible(): Promise<Measured> {
  await using server = await Server.start(PORT)
  const client = await connect(server.port)
  await client.query('CREATE TABLE sale (id BIGINT PRIMARY KEY, shop INT, amount BIGINT)')
  await client.query(
    `CREATE MATERIALIZED VIEW by_shop AS SELECT shop, count(*) AS n, sum(amount) AS total FROM sale GROUP BY shop`,
  )
  await client.query('CREATE MATERIALIZED VIEW large AS SELECT shop, n, total FROM by_shop WHERE n > 0')
  await client.query('CREATE MATERIALIZED VIEW overall AS SELECT count(*) AS shops, sum(n) AS n FROM large')
  const call = async (round: number): Promise<void> => {
    await client.query(`INSERT INTO sale VALUES (${round}, ${round % 100}, 5)`)
    const { rows } = await client.query('SELECT n FROM overall')
    if (Number(rows[0].n) !== round + 1) throw new Error(`row ${round} is not to be seen`)
  }
  const latency = await latencies([call], 2000, 1000)
  await client.end()
  return measured(latency, { p50Ms: latency.p50, p99Ms: latency.p99 }, latency.p99 < 5)
}

type Ask = (client: pg.Client, key: number) => Promise<unknown>

const asks: Readonly<Record<'simple' | 'prepared', Ask>> = {
  simple: (client, key) => client.query(`SELECT v FROM item WHERE id = ${key}`),
  prepared: (client, key) => client.query({ name: 'get', text: 'SELECT v FROM item WHERE id = $1', values: [key] }),
}

async function fill(client: pg.Client): Promise<void> {
  await client.query('DROP TABLE IF EXISTS item')
  await client.query('CREATE TABLE item (id BIGINT PRIMARY KEY, v TEXT)')
  await client.query(`INSERT INTO item SELECT i, 'value ' || i FROM generate_series(0, ${KEYS - 1}) AS g (i)`)
}

async function pointReads(connections: number, ask: Ask, connected: () => Promise<pg.Client>): Promise<Latency> {
  const clients = await Promise.all(Array.from({ length: connections }, connected))
  await fill(clients[0]!)
  const loops = clients.map((client, i) => (round: number) => ask(client, (round * 7919 + i * 13) % KEYS))
  const latency = await latencies(loops, 8000 / connections, 4000 / connections)
  await Promise.all(clients.map((client) => client.end()))
  return latency
}

async function point(connections: number, ask: Ask): Promise<Measured> {
  await using server = await Server.start(PORT)
  const ours = await pointReads(connections, ask, () => connect(server.port))
  const theirs = await pointReads(connections, ask, () => connect(POSTGRES_PORT, 'postgres'))
  const facts = {
    p50Ms: ours.p50,
    p99Ms: ours.p99,
    perSecond: ours.perSecond,
    postgresP50Ms: theirs.p50,
    postgresPerSecond: theirs.perSecond,
    timesPostgres: Number((theirs.perSecond / ours.perSecond).toFixed(2)),
  }
  return measured(ours, facts, true)
}

const BIDS = 20_000_000

async function nexmark(): Promise<Measured> {
  await using server = await Server.start(PORT)
  const client = await connect(server.port)
  await client.query(
    `CREATE SOURCE bid WITH (connector = 'nexmark', table = 'bid', rate = 0, events = ${Math.ceil((BIDS * 50) / 46)})`,
  )
  const start = performance.now()
  await client.query(
    `CREATE MATERIALIZED VIEW hot AS SELECT auction, count(*) AS n, max(price) AS top FROM bid GROUP BY auction`,
  )
  const ended = performance.now()
  const { rows } = await client.query('SELECT count(*) AS groups, sum(n) AS bids FROM hot')
  const [sizes] = (
    await client.query(`SELECT state_bytes + store_bytes AS bytes FROM millrace.views WHERE name = 'hot'`)
  ).rows
  await client.end()
  const bids = Number(rows[0].bids)
  const nsPerRow = ((ended - start) * 1e6) / bids
  const groups = Number(rows[0].groups)
  const facts = {
    groups,
    bytesPerGroup: Math.round(Number(sizes.bytes) / groups),
    rowsPerSecond: Math.round(1e9 / nsPerRow),
  }
  return { rows: bids, nsPerRow, spread: 1, facts, withinLimit: facts.rowsPerSecond >= 2_500_000 }
}

export const cases: readonly BenchCase[] = [
  { name: 'visible', run: visible },
  { name: 'point-simple-1', run: () => point(1, asks.simple) },
  { name: 'point-prepared-1', run: () => point(1, asks.prepared) },
  { name: 'point-simple-8', run: () => point(8, asks.simple) },
  { name: 'point-prepared-8', run: () => point(8, asks.prepared) },
  { name: 'nexmark', run: nexmark },
]
