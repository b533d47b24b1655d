// What the package exports is enough to open an engine and to ask it something.

import { expect, test } from 'vitest'
import * as millrace from '../../server/library.ts'
import { Client } from '../support/client.ts'

test('an engine of one’s own', async () => {
  await using engine = await millrace.openEngine({
    directory: millrace.memoryDirectory(),
    registry: millrace.functionRegistry(),
    connectors: millrace.connectors,
    systemRelations: millrace.systemRelations,
    host: {
      clock: { now: () => BigInt(Date.now()) * 1000n, monotonicMs: () => performance.now() },
      timers: {
        after(delayMs, run) {
          const timer = setTimeout(run, delayMs)
          return { [Symbol.dispose]: () => clearTimeout(timer) }
        },
      },
      random: Math.random,
      log: () => {},
    },
    memoryBytes: 1e9,
    nextTurn: () => new Promise((resolve) => void setImmediate(resolve)),
  })
  const client = new Client(engine)
  await client.all('CREATE TABLE t (a INT)', 'CREATE MATERIALIZED VIEW v AS SELECT sum(a) AS s FROM t')
  await client.run('INSERT INTO t VALUES (1), (2)')
  expect(await client.run('SELECT s FROM v')).toEqual(['3'])
  await expect(client.run('SELECT nothing')).rejects.toBeInstanceOf(millrace.SqlError)
})
