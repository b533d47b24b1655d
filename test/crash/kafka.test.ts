// A view over a real Kafka topic through kill -9: every record is in the view or in the dead letters, once, whatever
// happened to the process; a view created later beside a running one ends equal to it.
//
// The server is a process of its own, started as a user would, so that a kill is a kill.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownKafkaMissing, startTestBroker, type TestBroker } from '../support/kafka.ts'

const missing = ownKafkaMissing()
const MESSAGES = 60_000
const PARTITIONS = 4
/** Prime, so that every card has good records. */
const CARDS = 499
const launcher = fileURLToPath(new URL('../../bin/millrace.mjs', import.meta.url))

interface Server {
  readonly process: ChildProcess
  readonly port: number
}

/** Whatever happens to a test, no server outlives it. */
const started: ChildProcess[] = []

async function startServer(dataDir: string): Promise<Server> {
  const child = spawn(process.execPath, [launcher, '--data-dir', dataDir, '--port', '0', '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const port = await new Promise<number>((resolve, reject) => {
    let text = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const ready = /-p (\d+)/.exec(text)
      if (ready !== null) resolve(Number(ready[1]))
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)))
  })
  return { process: child, port }
}

async function kill({ process: child }: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await ended
}

async function rowsOf(server: Server, sql: string): Promise<string[][]> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'test', database: 'test' })
  await client.connect()
  try {
    const result = await client.query<string[]>({ text: sql, rowMode: 'array' })
    return (result.rows ?? []).map((row) => row.map(String))
  } finally {
    await client.end()
  }
}

/** One in a hundred is no JSON, or does not fit the declared types. */
const payload = (i: number): string =>
  i % 100 === 37
    ? ['{"id":', `{"id":"x${i}","card":"c"}`, 'not json'][i % 3]!
    : JSON.stringify({ id: i, card: `card-${i % CARDS}`, amount: (i % 1000) / 100, at: '2026-01-01 00:00:00.5Z' })

async function produce(broker: TestBroker, from: number, to: number): Promise<void> {
  const kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  for (let start = from; start < to; start += 5000) {
    const messages = Array.from({ length: Math.min(5000, to - start) }, (_, i) => ({
      value: payload(start + i),
      partition: (start + i) % PARTITIONS,
    }))
    await producer.send({ topic: 'pay', messages })
  }
  await producer.disconnect()
}

const view = (name: string, options = ''): string =>
  `CREATE MATERIALIZED VIEW ${name} ${options} AS
     SELECT card, count(*) AS n, sum(amount) AS total, max(id) AS newest FROM pay GROUP BY card`

/** Rides of one partition: time grows by a second each; one in a hundred is a minute late, one is malformed. */
const ride = (partition: number, i: number): string => {
  if (i % 100 === 50) return '{"k":'
  const seconds = i % 100 === 99 ? i - 60 : i
  return JSON.stringify({ p: partition, i, k: i % 7, ts: new Date(1_767_225_600_000 + 1000 * seconds).toISOString() })
}

async function ridesInto(broker: TestBroker, partitions: readonly number[], from: number, to: number): Promise<void> {
  const kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  for (const partition of partitions) {
    const messages = Array.from({ length: to - from }, (_, i) => ({ value: ride(partition, from + i), partition }))
    await producer.send({ topic: 'ride', messages })
  }
  await producer.disconnect()
}

const windows = {
  hop: `SELECT window_start, window_end, count(*) AS n FROM
    HOP(ride, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end`,
  session: `SELECT k, window_start, window_end, count(*) AS n FROM
    SESSION(TABLE ride PARTITION BY k, DESCRIPTOR(ts), INTERVAL '4 seconds') GROUP BY k, window_start, window_end`,
}

const RIDES = 2000

describe.skipIf(missing !== undefined)(
  `a topic through kill -9${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let broker: TestBroker
    let dataDir: string

    beforeAll(async () => {
      broker = await startTestBroker()
      broker.topics('--create', '--topic', 'pay', '--partitions', String(PARTITIONS))
      dataDir = mkdtempSync(join(tmpdir(), 'millrace-crash-'))
    }, 120_000)

    afterAll(async () => {
      for (const child of started) child.kill('SIGKILL')
      await broker?.[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true, force: true })
    })

    test('every record is counted once, in the view or in the dead letters', { timeout: 180_000 }, async () => {
      await produce(broker, 0, MESSAGES / 2)
      let server = await startServer(dataDir)
      await rowsOf(
        server,
        `CREATE SOURCE pay (id bigint, card text, amount numeric(12,2), at timestamptz)
         WITH (connector = 'kafka', topic = 'pay', brokers = '${broker.address}') FORMAT PLAIN ENCODE JSON`,
      )
      await rowsOf(server, view('spent', 'WITH (background = true)'))
      for (let seen = 0; seen === 0; )
        seen = Number((await rowsOf(server, "SELECT sum(records) FROM millrace.sources WHERE name = 'pay'"))[0]![0])
      await kill(server)

      server = await startServer(dataDir)
      const growing = produce(broker, MESSAGES / 2, MESSAGES)
      await rowsOf(server, view('late'))
      await growing
      await kill(server)

      server = await startServer(dataDir)
      await rowsOf(server, view('last'))
      const good = MESSAGES - MESSAGES / 100
      for (const name of ['spent', 'late', 'last'])
        expect(await rowsOf(server, `SELECT sum(n), max(newest), count(*) FROM ${name}`), name).toEqual([
          [String(good), String(MESSAGES - 1), String(CARDS)],
        ])
      expect(await rowsOf(server, 'SELECT count(*) FROM "pay$bad"')).toEqual([[String(MESSAGES / 100)]])
      expect(await rowsOf(server, 'SELECT * FROM spent EXCEPT SELECT * FROM late')).toEqual([])
      expect(await rowsOf(server, 'SELECT * FROM last EXCEPT SELECT * FROM spent')).toEqual([])
      await kill(server)
    })

    test('windows over partitions of which one falls idle and comes back', { timeout: 180_000 }, async () => {
      broker.topics('--create', '--topic', 'ride', '--partitions', '3')
      const folder = join(dataDir, 'rides')
      let server = await startServer(folder)
      await ridesInto(broker, [0, 1, 2], 0, 200)
      await rowsOf(
        server,
        `CREATE SOURCE ride (p int, i int, k int, ts timestamptz, WATERMARK FOR ts AS ts - INTERVAL '10 seconds')
         WITH (connector = 'kafka', topic = 'ride', brokers = '${broker.address}', idle_timeout = '1 second')
         FORMAT PLAIN ENCODE JSON`,
      )
      await rowsOf(server, 'CREATE MATERIALIZED VIEW rides AS SELECT p, i, k, ts FROM ride')
      for (const [name, sql] of Object.entries(windows))
        await rowsOf(server, `CREATE MATERIALIZED VIEW ${name}_closed AS ${sql} EMIT ON WINDOW CLOSE`)
      await kill(server)

      server = await startServer(folder)
      await ridesInto(broker, [0, 1], 200, RIDES)
      const idle = 'SELECT state FROM millrace.source_partitions WHERE partition = 2'
      while ((await rowsOf(server, idle))[0]![0] !== 'idle') await new Promise((resolve) => setTimeout(resolve, 100))
      while (Number((await rowsOf(server, 'SELECT count(*) FROM hop_closed'))[0]![0]) < 100)
        await new Promise((resolve) => setTimeout(resolve, 100))
      await ridesInto(broker, [2], 200, RIDES)
      await kill(server)

      server = await startServer(folder)
      await rowsOf(server, 'CREATE MATERIALIZED VIEW again AS SELECT p, i, k, ts FROM ride')
      const [[accepted, late, bad]] = (await rowsOf(
        server,
        'SELECT (SELECT count(*) FROM rides), (SELECT count(*) FROM "ride$late"), (SELECT count(*) FROM "ride$bad")',
      )) as [[string, string, string]]
      expect(Number(accepted) + Number(late) + Number(bad)).toBe(3 * RIDES)
      expect(Number(bad)).toBe((3 * RIDES) / 100)
      // Those of the partition that was idle came behind the others.
      expect(Number(late)).toBeGreaterThan((3 * RIDES) / 100)
      expect(
        await rowsOf(server, 'SELECT sum(late_records), sum(bad_records) FROM millrace.source_partitions'),
      ).toEqual([[late, bad]])
      expect(await rowsOf(server, 'TABLE rides EXCEPT ALL TABLE again')).toEqual([])
      await rowsOf(server, "ALTER SOURCE ride ADVANCE WATERMARK TO TIMESTAMPTZ '2030-01-01'")
      for (const [name, sql] of Object.entries(windows)) {
        const batch = sql.replaceAll('ride', 'rides')
        expect(Number((await rowsOf(server, `SELECT count(*) FROM ${name}_closed`))[0]![0])).toBeGreaterThan(100)
        expect(await rowsOf(server, `TABLE ${name}_closed EXCEPT ALL (${batch})`)).toEqual([])
        expect(await rowsOf(server, `(${batch}) EXCEPT ALL TABLE ${name}_closed`)).toEqual([])
      }
      await kill(server)
    })
  },
)
