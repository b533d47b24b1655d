// A log that cannot be asked for its partitions and ends for a while: the source that reads it goes on, and what could
// not be created for it leaves nothing behind.

import { expect, test } from 'vitest'
import { connectors } from '../../src/connectors/registry.ts'
import type { Connector } from '../../src/connectors/source.ts'
import { SqlError } from '../../src/core/error.ts'
import { memoryDirectory } from '../../src/engine/data-directory.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { systemRelations } from '../../src/engine/system/all.ts'
import { functionRegistry } from '../../src/functions/all.ts'
import { Client } from '../support/client.ts'
import { testHost } from '../support/engine.ts'

/** The nexmark log, whose ends are not told while `away` says so. */
function forgetful(away: () => boolean): Connector {
  const nexmark = connectors.find(({ name }) => name === 'nexmark')!
  return {
    ...nexmark,
    name: 'forgetful',
    open(definition, origin, host) {
      const reader = nexmark.open(definition, origin, host)
      return {
        ends: () =>
          away() ? Promise.reject(new SqlError({ code: '08001', message: 'no broker answers' })) : reader.ends(),
        poll: (positions, limits, signal) => reader.poll(positions, limits, signal),
        [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
      }
    },
  }
}

test('the source is read all the same, and a name that was reserved is free again', async () => {
  let away = true
  await using engine = await openEngine({
    directory: memoryDirectory(),
    registry: functionRegistry(),
    connectors: [forgetful(() => away)],
    systemRelations,
    host: testHost,
    memoryBytes: 2 ** 30,
    nextTurn: () => new Promise((resolve) => void setImmediate(resolve)),
  })
  const client = new Client(engine)
  await client.run(`CREATE SOURCE bid WITH (connector = 'forgetful', "table" = 'bid', events = 100, rate = 0)`)
  const view = (name: string, options = ''): string =>
    `CREATE MATERIALIZED VIEW ${name} ${options} AS SELECT count(*) AS n FROM bid`
  expect(await client.code(view('a'))).toBe('08001')
  await client.run(view('b', 'WITH (background = true)'))
  while ((await client.run('SELECT 1 FROM millrace.sources WHERE records = 92')).length === 0)
    await new Promise((resolve) => void setImmediate(resolve))
  expect(await client.run("SELECT state FROM millrace.sources WHERE name = 'bid'")).toEqual(['reading'])
  expect(await client.run('SELECT n FROM b')).toEqual(['92'])
  away = false
  await client.run(view('a'))
  expect(await client.run('SELECT n FROM a')).toEqual(['92'])
})
