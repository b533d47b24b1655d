// A bounded slice of `npm run fuzz -- functions`: functions, aggregates and the formats of types against PostgreSQL,
// with random and extreme arguments: equal text or equal SQLSTATE. Differences that are meant stand in the fuzzer's
// list.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DECLARED } from '../../server/fuzz/functions/arguments.ts'
import { Judge } from '../../server/fuzz/functions/judge.ts'
import { compare } from '../../server/fuzz/functions/main.ts'
import type { Connection } from '../../server/slt/connection.ts'
import { inProcess } from '../../server/slt/engine-backend.ts'
import { postgresServer } from '../../server/slt/postgres-backend.ts'
import { postgresAddress, postgresMissing } from '../support/pg.ts'

const CALLS = 3
const SLOWEST_MS = 120_000

const missing = postgresMissing()

describe.skipIf(missing !== undefined)(`functions against PostgreSQL ${missing ?? ''}`, () => {
  let connection: Connection
  let ours: Connection
  let judge: Judge

  beforeAll(async () => {
    const backend = postgresServer(postgresAddress()!, { prefix: `differential_${process.pid}`, asViews: false })
    connection = await backend.open()
    judge = new Judge(connection)
    await judge.begin()
    ours = await inProcess('memory').open()
    for (const each of [ours, connection]) await each.run(DECLARED)
  })
  afterAll(async () => {
    await ours.close()
    await connection.close()
  })

  test('random and extreme arguments', { timeout: SLOWEST_MS }, async () => {
    const { differences } = await compare({ judge, ours, seed: 1, calls: CALLS })
    expect(differences).toEqual([])
  })
})
