// The Nexmark queries without windows, as maintained views over the built-in source, against the results that an
// independent engine gave for the same 100,000 events. The expected rows lie beside the project; what stands here is
// each query in our own dialect. Without that folder the tests are skipped, and their name says so.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

const folder = fileURLToPath(new URL('../../../shared/nexmark/', import.meta.url))
const present = existsSync(folder)

const day = `to_char(datetime, 'YYYY-MM-DD')`
const ranks = `count(*) AS total_bids,
  count(*) FILTER (WHERE price < 10000) AS rank1_bids,
  count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids,
  count(*) FILTER (WHERE price >= 1000000) AS rank3_bids`
const distinct = (column: string, name: string): string => `count(DISTINCT ${column}) AS total_${name},
  count(DISTINCT ${column}) FILTER (WHERE price < 10000) AS rank1_${name},
  count(DISTINCT ${column}) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_${name},
  count(DISTINCT ${column}) FILTER (WHERE price >= 1000000) AS rank3_${name}`
const bought = `auction a JOIN bid b ON a.id = b.auction AND b.datetime BETWEEN a.datetime AND a.expires`
const channelId = `(regexp_match(url, '(&|^)channel_id=([^&]*)'))[2]`

const queries: Readonly<Record<string, string>> = {
  q2: 'SELECT auction, price FROM bid WHERE mod(auction, 123) = 0',
  q3: `SELECT p.name, p.city, p.state, a.id FROM auction a JOIN person p ON a.seller = p.id
       WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')`,
  q4: `SELECT category, trunc(avg(final))::bigint AS final FROM
         (SELECT a.category, max(b.price) AS final FROM ${bought} GROUP BY a.id, a.category) GROUP BY category`,
  q9: `SELECT id, itemname, description, initialbid, reserve, datetime, expires, seller, category, extra,
         auction, bidder, price, bid_datetime, bid_extra FROM
         (SELECT a.*, b.auction, b.bidder, b.price, b.datetime AS bid_datetime, b.extra AS bid_extra,
            row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.datetime) AS place FROM ${bought})
       WHERE place <= 1`,
  q15: `SELECT ${day} AS day, ${ranks}, ${distinct('bidder', 'bidders')}, ${distinct('auction', 'auctions')}
        FROM bid GROUP BY ${day}`,
  q16: `SELECT channel, ${day} AS day, max(to_char(datetime, 'HH24:MI')) AS minute, ${ranks},
          ${distinct('bidder', 'bidders')}, ${distinct('auction', 'auctions')}
        FROM bid GROUP BY channel, ${day}`,
  q17: `SELECT auction, ${day} AS day, ${ranks}, min(price) AS min_price, max(price) AS max_price,
          trunc(avg(price))::bigint AS avg_price, sum(price) AS sum_price FROM bid GROUP BY auction, ${day}`,
  q18: `SELECT auction, bidder, price, channel, url, datetime, extra FROM
          (SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY datetime DESC) AS place FROM bid)
        WHERE place <= 1`,
  q21: `SELECT auction, bidder, price, channel,
          CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2'
            WHEN 'baidu' THEN '3' ELSE ${channelId} END AS channel_id
        FROM bid WHERE ${channelId} IS NOT NULL OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')`,
}

describe.skipIf(!present)(`Nexmark${present ? '' : ' (skipped: no expected results beside the project)'}`, () => {
  let engine: Engine
  let client: Client

  beforeAll(async () => {
    engine = await openTestEngine()
    client = new Client(engine)
    for (const table of ['bid', 'auction', 'person'])
      await client.run(`CREATE SOURCE ${table} WITH (connector = 'nexmark', "table" = '${table}', events = 100000,
                          rate = 0, event_rate = 1000, seed = 1)`)
  })

  afterAll(async () => {
    await client.session[Symbol.asyncDispose]()
    await engine[Symbol.asyncDispose]()
  })

  test.each(Object.entries(queries))('%s', { timeout: 120_000 }, async (name, query) => {
    await client.run(`CREATE MATERIALIZED VIEW ${name} AS ${query}`)
    const rows = await client.run(`SELECT row_to_json(r) FROM ${name} r`)
    const input = `${rows.join('\n')}\n`
    const checked = spawnSync(process.execPath, [`${folder}check.mjs`, name, `${folder}expected`], { input })
    expect(checked.stdout.toString()).toMatch(/^\S+ OK /)
    await client.run(`DROP MATERIALIZED VIEW ${name}`)
  })
})
