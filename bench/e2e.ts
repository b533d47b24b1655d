// From end to end, over the wire, with the server in a process of its own (`--memory`):
//
//   visible      INSERT of one row under three levels of views, seen by the client's next SELECT
//   nexmark      the generated bids, as fast as they come, into a GROUP BY view over a million auctions

import { type Latency, latencies } from './e2e/latency.ts'
import { connect, Server } from './e2e/server.ts'
import type { Measured } from './reference/measure.ts'
import type { BenchCase } from './run.ts'

const PORT = 57_601

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
  { name: 'nexmark', run: nexmark },
]
