// A source decodes the columns that somebody reads. A view that is attached beside running ones may read others: its
// columns are there from the first rows that it takes part in, also in the epoch that makes it visible.

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

const BIDS = 92_000 // of 100,000 events
let engine: Engine
let client: Client

beforeEach(async () => {
  engine = await openTestEngine()
  client = new Client(engine)
  await client.run(`CREATE SOURCE bid WITH (connector = 'nexmark', "table" = 'bid', events = 100000, rate = 0)`)
})

afterEach(async () => {
  await client.session[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

test('views with other columns, made while the log is being read, end equal to ad-hoc reads', async () => {
  await client.run(
    'CREATE MATERIALIZED VIEW a WITH (background = true) AS SELECT count(*) AS n, sum(auction) AS s FROM bid',
  )
  await client.run(
    'CREATE MATERIALIZED VIEW b WITH (background = true) AS SELECT count(*) AS n, sum(price) AS s FROM bid',
  )
  await client.run(
    'CREATE MATERIALIZED VIEW c AS SELECT channel, count(*) AS n, max(bidder) AS top FROM bid GROUP BY channel',
  )
  expect(await client.run('SELECT n FROM a')).toEqual([String(BIDS)])
  expect(await client.run('SELECT n, s FROM b')).toEqual(await client.run('SELECT count(*), sum(price) FROM bid'))
  expect(await client.sorted('SELECT * FROM c')).toEqual(
    await client.sorted('SELECT channel, count(*), max(bidder) FROM bid GROUP BY channel'),
  )
})

test('a subscription to columns that nobody read before', async () => {
  await client.run('CREATE MATERIALIZED VIEW a AS SELECT count(*) AS n FROM bid')
  const changes = await client.subscribe('SUBSCRIBE (SELECT sum(price) AS s, max(datetime) AS t FROM bid)')
  const [first] = await changes.take(1)
  const [adHoc] = await client.run('SELECT sum(price), max(datetime) FROM bid')
  expect(first?.split('|').slice(-2).join('|')).toEqual(adHoc)
  changes.close()
})
