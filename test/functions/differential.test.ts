// A bounded slice of `npm run fuzz -- functions`: scalar functions and the formats of types against PostgreSQL, with
// random and extreme arguments: equal text or equal SQLSTATE. Differences that are meant stand in the fuzzer's list.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Judge } from '../../server/fuzz/functions/judge.ts'
import { compare } from '../../server/fuzz/functions/main.ts'
import type { Connection } from '../../server/slt/connection.ts'
import { postgresServer } from '../../server/slt/postgres-backend.ts'
import { postgresAddress, postgresMissing } from '../support/pg.ts'

const CALLS = 6
const SLOWEST_MS = 120_000

const missing = postgresMissing()

describe.skipIf(missing !== undefined)(`functions against PostgreSQL ${missing ?? ''}`, () => {
  let connection: Connection
  let judge: Judge

  beforeAll(async () => {
    const backend = postgresServer(postgresAddress()!, { prefix: `differential_${process.pid}`, asViews: false })
    connection = await backend.open()
    judge = new Judge(connection)
    await judge.begin()
  })
  afterAll(() => connection.close())

  test.each([1, 2])('random and extreme arguments, seed %i', { timeout: SLOWEST_MS }, async (seed) => {
    const { differences } = await compare({ judge, seed, calls: CALLS })
    expect(differences).toEqual([])
  })
})
