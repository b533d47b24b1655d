// Settings and clauses act, or are refused by name: timeouts, severities, modes, AND CHAIN.

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'

let engine: Engine
let client: Client

beforeEach(async () => {
  engine = await openTestEngine()
  client = new Client(engine)
  await client.all('CREATE TABLE t (k int PRIMARY KEY)')
})

afterEach(async () => {
  await engine[Symbol.asyncDispose]()
})

const ENDLESS = 'SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b WHERE a = -b'

test('statement_timeout ends a query, a change and a subscription, and nothing else', async () => {
  await client.run("SET statement_timeout = '20ms'")
  const error = await client.failure(ENDLESS)
  expect(error).toMatchObject({ code: '57014', message: 'canceling statement due to statement timeout' })
  expect(await client.code(`INSERT INTO t ${ENDLESS}`)).toBe('57014')
  const subscribed = async () => (await client.subscribe('SUBSCRIBE t')).take(1)
  await expect(subscribed()).rejects.toMatchObject({
    code: '57014',
    message: 'canceling statement due to statement timeout',
  })
  await client.run('SET statement_timeout = 0')
  expect(await client.run('INSERT INTO t VALUES (1)')).toEqual(['INSERT 0 1'])
  expect(await client.run('SELECT * FROM t')).toEqual(['1'])
})

test('a cancel says that the user asked', async () => {
  const failure = client.failure(ENDLESS)
  setImmediate(() => client.session.cancel())
  expect(await failure).toMatchObject({ code: '57014', message: 'canceling statement due to user request' })
})

test('a portal that waits for its client does not use up the time of its statement', async () => {
  await client.all('BEGIN', "SET statement_timeout = '30ms'")
  const prepared = await client.session.prepare('SELECT generate_series(1, 5)', [])
  const execution = await client.session.execute(prepared, [], async () => false)
  if (execution.kind !== 'rows') throw new Error('rows were due')
  expect((await execution.next(2))?.length).toBe(2)
  await client.session.sync()
  await new Promise((resolve) => void setTimeout(resolve, 60))
  expect((await execution.next(2))?.length).toBe(2)
  execution.close()
  await client.run('ROLLBACK')
})

test('lock_timeout ends the wait for another statement', async () => {
  const other = new Client(engine)
  await other.run("SET lock_timeout = '10ms'")
  const long = client.failure(`INSERT INTO t ${ENDLESS}`)
  expect(await other.failure('INSERT INTO t VALUES (2)')).toMatchObject({
    code: '55P03',
    message: 'canceling statement due to lock timeout',
  })
  client.session.cancel()
  expect((await long).code).toBe('57014')
  await other.run('SET lock_timeout = 0')
  expect(await other.run('INSERT INTO t VALUES (3)')).toEqual(['INSERT 0 1'])
  expect(await other.run('SELECT * FROM t')).toEqual(['3'])
})

test('a session that is idle for too long is told to go; a statement in time keeps it', async () => {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))
  await client.run("SET idle_session_timeout = '300ms'")
  client.session.idle()
  await wait(20)
  await client.run('SELECT 1')
  await wait(300)
  expect(client.terminated).toEqual([])
  client.session.idle()
  await wait(350)
  expect(client.terminated[0]).toMatchObject({
    code: '57P05',
    message: 'terminating connection due to idle-session timeout',
  })
  await client.all('BEGIN', "SET idle_in_transaction_session_timeout = '10ms'")
  client.session.idle()
  await wait(30)
  expect(client.terminated[1]).toMatchObject({
    code: '25P03',
    message: 'terminating connection due to idle-in-transaction timeout',
  })
})

test('durations are shown in the unit that says them whole', async () => {
  const shown = async (name: string): Promise<string | undefined> => (await client.run(`SHOW ${name}`))[0]
  expect(await shown('idle_in_transaction_session_timeout')).toBe('5min')
  await client.run('SET statement_timeout = 90000')
  expect(await shown('statement_timeout')).toBe('90s')
  expect(await client.run("SELECT setting, unit FROM pg_settings WHERE name = 'statement_timeout'")).toEqual([
    '90000|ms',
  ])
  await client.run('SET statement_timeout = 0')
  expect(await shown('statement_timeout')).toBe('0')
  expect(await client.code("SET statement_timeout = '30d'")).toBe('22023')
})

test('client_min_messages keeps lesser severities from the client', async () => {
  const drop = 'DROP TABLE IF EXISTS nothing'
  await client.run(drop)
  expect(client.notices).toHaveLength(1)
  await client.all('SET client_min_messages = warning', drop, 'COMMIT')
  expect(client.notices.map((notice) => notice.severity)).toEqual(['NOTICE', 'WARNING'])
  await client.all('SET client_min_messages = error', drop, 'COMMIT')
  expect(client.notices).toHaveLength(2)
  expect(await client.code('SET client_min_messages = loud')).toBe('22023')
})

test('what has no effect is refused by name', async () => {
  expect(await client.code('SET standard_conforming_strings = off')).toBe('0A000')
  expect(await client.code("SET lc_monetary = 'de_DE'")).toBe('22023')
  await client.run('BEGIN')
  expect(await client.code('DECLARE c BINARY CURSOR FOR SELECT 1')).toBe('0A000')
})

test('AND CHAIN begins a block with the same modes', async () => {
  expect(await client.code('COMMIT AND CHAIN')).toBe('25P01')
  await client.all('BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY', 'COMMIT AND CHAIN')
  expect(await client.run('SHOW transaction_isolation')).toEqual(['serializable'])
  expect(await client.run('SHOW transaction_read_only')).toEqual(['on'])
  expect(await client.code('INSERT INTO t VALUES (1)')).toBe('25006')
  await client.all('ROLLBACK AND CHAIN', 'SET transaction_read_only = off', 'INSERT INTO t VALUES (1)', 'COMMIT')
  expect(client.session.transactionStatus).toBe('I')
  expect(await client.run('SELECT * FROM t')).toEqual(['1'])
})
