// Watermarks of sources: logs that the test holds, cut and interleaved at will, against a judge that goes row by row.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { realFiles } from '../../server/files.ts'
import { connectors } from '../../src/connectors/registry.ts'
import type { Chunk, Connector, Decoded, Position } from '../../src/connectors/source.ts'
import type { Random } from '../../src/core/clock.ts'
import { batchFromRows } from '../../src/core/convert.ts'
import { columnDef } from '../../src/core/schema.ts'
import { memoryDirectory, openDataDirectory } from '../../src/engine/data-directory.ts'
import { type Engine, openEngine } from '../../src/engine/engine.ts'
import { systemRelations } from '../../src/engine/system/all.ts'
import { functionRegistry } from '../../src/functions/all.ts'
import { seeded } from '../simulation/world.ts'
import { Client } from '../support/client.ts'
import { testHost } from '../support/engine.ts'

/** A record: its time, or 'bad'. */
type Entry = number | null | 'bad'

/** Partitions as lists; chunks of a size that the test sets. */
class Log {
  readonly partitions: Entry[][] = []
  chunkRecords = 3
  readonly #wake = new Set<() => void>()

  append(partition: number, ...entries: Entry[]): void {
    while (this.partitions.length <= partition) this.partitions.push([])
    this.partitions[partition]!.push(...entries)
    this.wake()
  }

  wake(): void {
    for (const wake of this.#wake) wake()
    this.#wake.clear()
  }

  connector(): Connector {
    const log = this
    return {
      name: 'list',
      options: [],
      formats: [],
      prescribed: () => [
        columnDef('p', { kind: 'int4' }),
        columnDef('o', { kind: 'int8' }),
        columnDef('ts', { kind: 'int8' }),
      ],
      resolve: async () => ({
        start: log.partitions.map((_, partition) => ({ partition, offset: 0 })),
        identity: '',
        baseTime: 0n,
      }),
      open: () => ({
        ends: async () => log.partitions.map((entries, partition) => ({ partition, first: 0, end: entries.length })),
        async poll(positions, { maxWaitMs }, signal) {
          const chunks = log.chunks(positions)
          if (chunks.length > 0 || signal.aborted) return chunks
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, maxWaitMs)
            const wake = () => {
              clearTimeout(timer)
              resolve()
            }
            log.#wake.add(wake)
            signal.addEventListener('abort', wake)
          })
          return signal.aborted ? [] : log.chunks(positions)
        },
        [Symbol.asyncDispose]: async () => {},
      }),
    }
  }

  chunks(positions: readonly Position[]): readonly Chunk[] {
    return positions.flatMap(({ partition, offset }) => {
      const entries = this.partitions[partition] ?? []
      if (offset >= entries.length) return []
      return [chunkOf(entries, partition, offset, Math.min(entries.length, offset + this.chunkRecords))]
    })
  }
}

function chunkOf(entries: readonly Entry[], partition: number, from: number, to: number): Chunk {
  return {
    partition,
    from,
    to,
    records: to - from,
    bytes: (to - from) * 10,
    end: entries.length,
    recordsBelow: (offset) => Math.max(0, Math.min(to, offset) - from),
    record: () => ({ key: null, payload: null }),
    decode(columns, { skip, max }, region): Decoded {
      const end = Math.min(to, from + skip + max)
      const good: number[] = []
      for (let at = from + skip; at < end; at++) if (entries[at] !== 'bad') good.push(at)
      const rows = good.map((at) => {
        const time = entries[at] as number | null
        return [partition, BigInt(at), time === null ? null : BigInt(time)]
      })
      const schema = [
        columnDef('p', { kind: 'int4' }),
        columnDef('o', { kind: 'int8' }),
        columnDef('ts', { kind: 'int8' }),
      ]
      const batch = batchFromRows(schema, rows, region)
      const bad = Array.from({ length: end - from - skip }, (_, i) => from + skip + i)
        .filter((at) => entries[at] === 'bad')
        .map((offset) => ({ partition, offset, key: null, payload: null, reason: 'bad' }))
      return {
        batch: { ...batch, columns: columns.map((column) => batch.columns[column]!) },
        offsets: Float64Array.from(good),
        timestamps: undefined,
        bad,
        next: end,
        digest: 0n,
      }
    },
  }
}

const open = (log: Log, folder?: string): Promise<Engine> =>
  openEngine({
    directory: folder === undefined ? memoryDirectory() : openDataDirectory(realFiles, folder),
    registry: functionRegistry(),
    connectors: [log.connector(), ...connectors],
    systemRelations,
    host: testHost,
    memoryBytes: 2 ** 30,
    nextTurn: () => new Promise((resolve) => void setImmediate(resolve)),
  })

async function until(client: Client, sql: string, want: string): Promise<void> {
  for (let i = 0; i < 4000; i++) {
    if ((await client.run(sql)).join(';') === want) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect((await client.run(sql)).join(';')).toBe(want)
}

const counted = (client: Client, records: number): Promise<void> =>
  until(client, "SELECT records FROM millrace.sources WHERE name = 's'", String(records))

const closedCounts = (source: string): string =>
  `SELECT window_start AS w, count(*) AS n FROM TUMBLE(${source}, ts, 10) GROUP BY window_start, window_end
   EMIT ON WINDOW CLOSE`

test('the least partition holds W back, an idle one does not, and what it then brings is late', async () => {
  const log = new Log()
  log.append(0, 10, 20)
  log.append(1, 12)
  await using engine = await open(log)
  const client = new Client(engine)
  const create = (name: string, idle: string): string =>
    `CREATE SOURCE ${name} (WATERMARK FOR ts AS ts - 5) WITH (connector = 'list', idle_timeout = '${idle}')`
  await client.run(create('h', '0'))
  await client.run(create('s', '150 milliseconds'))
  await client.run(`CREATE MATERIALIZED VIEW hw AS ${closedCounts('h')}`)
  await client.run(`CREATE MATERIALIZED VIEW w AS ${closedCounts('s')}`)
  await client.run('CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM s')
  log.append(0, 28)
  await counted(client, 4)
  await until(client, 'SELECT w, n FROM w ORDER BY w', '10|2')
  expect(await client.run('SELECT w, n FROM hw')).toEqual([])
  log.append(1, 9, 31)
  await counted(client, 6)
  await until(client, 'SELECT ts, _watermark, p, o FROM s$late', '9|23|1|1')
  expect(await client.run('SELECT n FROM n')).toEqual(['5'])
  expect(await client.run('SELECT count(*) FROM s')).toEqual(['5'])
  // Never idle: 9 is not behind its own partition's 7.
  await until(client, 'SELECT w, n FROM hw ORDER BY w', '0|1;10|2')
  await client.run('ALTER SOURCE h ADVANCE WATERMARK TO 100')
  expect(await client.run('SELECT w, n FROM hw ORDER BY w')).toEqual(['0|1', '10|2', '20|2', '30|1'])
  log.append(0, 99, 100)
  await until(client, 'SELECT ts, _watermark FROM h$late', '99|100')
})

test('a finished log closes everything', async () => {
  await using engine = await open(new Log())
  const client = new Client(engine)
  await client.run(`CREATE SOURCE bid (WATERMARK FOR datetime AS datetime - INTERVAL '4 seconds')
    WITH (connector = 'nexmark', "table" = 'bid', events = 500, rate = 0, event_rate = 10)`)
  for (const [i, windows] of [
    "TUMBLE(bid, datetime, INTERVAL '10 s')",
    "HOP(bid, datetime, INTERVAL '2 s', INTERVAL '10 s')",
    "SESSION(bid, datetime, INTERVAL '1 s')",
  ].entries()) {
    const query = `SELECT window_start, window_end, count(*) AS n FROM ${windows} GROUP BY window_start, window_end`
    await client.run(`CREATE MATERIALIZED VIEW all${i} AS ${query}`)
    await client.run(`CREATE MATERIALIZED VIEW closed${i} AS ${query} EMIT ON WINDOW CLOSE`)
    const [count] = await client.run(`SELECT count(*) FROM all${i}`)
    expect(Number(count)).toBeGreaterThan(0)
    await until(client, `SELECT count(*) FROM closed${i}`, count!)
    expect(
      await client.run(
        `(TABLE all${i} EXCEPT ALL TABLE closed${i}) UNION ALL (TABLE closed${i} EXCEPT ALL TABLE all${i})`,
      ),
    ).toEqual([])
  }
})

test('bad and late rows go when they have been kept long enough, and can be replayed before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-retention-'))
  const log = new Log()
  log.append(0, 50, 10, 'bad', 60, 20)
  try {
    let engine = await open(log, folder)
    let client = new Client(engine)
    await client.run(`CREATE SOURCE s (WATERMARK FOR ts AS ts)
      WITH (connector = 'list', late_retention = '5 seconds', bad_retention = '1 hour')`)
    await client.run('CREATE TABLE replayed (p int, o bigint, ts bigint)')
    await client.run('CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM s')
    await client.run('CREATE MATERIALIZED VIEW late AS SELECT count(*) AS n FROM s$late')
    await counted(client, 5)
    await client.run('INSERT INTO replayed SELECT p, o, ts FROM s$late')
    expect(await client.sorted('SELECT o, ts FROM replayed')).toEqual(['1|10', '4|20'])
    for (let i = 0; i < 1000 && (await client.run('TABLE s$late')).length > 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await client.run('SELECT n FROM late')).toEqual(['0'])
    await engine[Symbol.asyncDispose]()
    engine = await open(log, folder)
    client = new Client(engine)
    expect(await client.run('SELECT (SELECT n FROM late), (SELECT n FROM n), (SELECT count(*) FROM s$bad)')).toEqual([
      '0|2|1',
    ])
    expect(await client.run('SELECT late_records, largest_lateness FROM millrace.source_partitions')).toEqual(['2|40'])
    await engine[Symbol.asyncDispose]()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('EXPLAIN WATERMARK names what a window waits for', async () => {
  const log = new Log()
  log.append(0, 10, 20)
  log.append(1, 12)
  await using engine = await open(log)
  const client = new Client(engine)
  await client.run(`CREATE SOURCE s (WATERMARK FOR ts AS ts - 5) WITH (connector = 'list', idle_timeout = '0')`)
  await client.run(`CREATE MATERIALIZED VIEW w AS ${closedCounts('s')}`)
  await counted(client, 3)
  expect(await client.run('EXPLAIN WATERMARK FOR w')).toEqual([
    'view "w", EMIT ON WINDOW CLOSE',
    '  rows with w < 0 are final',
    '  TUMBLE over ts: next is [0, 10); it closes when time, now at 7, has come to 10',
    '  source "s": watermark ts 7',
    '    partition 0: 15; moved by offset 1 (ts 20); active',
    '    partition 1: 7; moved by offset 0 (ts 12); active; holds the watermark back',
  ])
  expect(await client.run('SHOW WATERMARKS')).toEqual(['s|public|ts|7|7'])
  expect(await client.run('SELECT watermark, closing FROM millrace.sources')).toEqual(['7|7'])
  expect(await client.code('EXPLAIN WATERMARK FOR nothing')).toBe('42P01')
  expect(await client.code('EXPLAIN WATERMARK FOR s$bad')).toBe('42809')
})

test("late = 'error' stops before the late row, 'drop' counts it, 'apply' takes it", async () => {
  const log = new Log()
  log.append(0, 50, 55, 10, 60)
  await using engine = await open(log)
  const client = new Client(engine)
  for (const policy of ['error', 'drop', 'apply']) {
    await client.run(`CREATE SOURCE ${policy} (WATERMARK FOR ts AS ts) WITH (connector = 'list', late = '${policy}')`)
    await client.run(`CREATE MATERIALIZED VIEW ${policy}_v WITH (background = true) AS SELECT ts FROM ${policy}`)
  }
  const facts = (name: string): string =>
    `SELECT state, (SELECT sum(late_records) FROM millrace.source_partitions p WHERE p.source = s.name), records
     FROM millrace.sources s WHERE name = '${name}'`
  await until(client, facts('error'), 'stopped|0|2')
  await until(client, facts('drop'), 'reading|1|4')
  await until(client, facts('apply'), 'reading|1|4')
  expect(await client.run('SELECT error FROM millrace.sources WHERE name = $$error$$')).toEqual([
    'a row of "error" is late: ts 10 is before 55, where the watermark stands',
  ])
  expect(await client.sorted('TABLE error_v')).toEqual(['50', '55'])
  expect(await client.sorted('TABLE drop_v')).toEqual(['50', '55', '60'])
  expect(await client.sorted('TABLE apply_v')).toEqual(['10', '50', '55', '60'])
})

interface Judged {
  readonly accepted: readonly string[]
  readonly late: readonly string[]
}

/** Row by row, as the specification says it. */
function judge(partitions: readonly (readonly Entry[])[], lag: number, lateness: number): Judged {
  const judged = { accepted: [] as string[], late: [] as string[] }
  for (const [partition, entries] of partitions.entries()) {
    let watermark = Number.NEGATIVE_INFINITY
    for (const [offset, entry] of entries.entries()) {
      if (entry === 'bad') continue
      const isLate = entry !== null && entry < watermark - lateness
      ;(isLate ? judged.late : judged.accepted).push(`${partition}|${offset}|${entry ?? '∅'}`)
      if (!isLate && entry !== null) watermark = Math.max(watermark, entry - lag)
    }
  }
  return { accepted: judged.accepted.sort(), late: judged.late.sort() }
}

/** A stretch of a partition: mostly on time, some rows late, some bad, some without a time. */
function anyEntries(random: Random, from: number): Entry[] {
  return Array.from({ length: 1 + Math.floor(random() * 9) }, (_, i) => {
    const chance = random()
    if (chance < 0.08) return 'bad'
    if (chance < 0.14) return null
    return Math.floor(from + 3 * i + (chance < 0.3 ? -40 : 8) * random())
  })
}

const rows = 'SELECT p, o, ts FROM'
const views = {
  live: (name: string) => `CREATE MATERIALIZED VIEW ${name} AS ${rows} s`,
  closed: (name: string) => `CREATE MATERIALIZED VIEW ${name} AS ${closedCounts('s')}`,
}

/** What every reader of the source must agree on; `only`: views that were there before. */
async function checkAgreement(client: Client, log: Log, names: readonly string[]): Promise<Judged> {
  const accepted = await client.sorted(`${rows} live`)
  const late = await client.sorted(`${rows} s$late`)
  for (const name of names) expect(await client.sorted(`${rows} ${name}`)).toEqual(accepted)
  expect(await client.sorted(`${rows} s`)).toEqual(accepted)
  const bad = await client.run('SELECT partition, "offset" FROM s$bad')
  const all = log.partitions.flatMap((entries, partition) => entries.map((_, offset) => `${partition}|${offset}`))
  const placed = [...accepted, ...late].map((row) => row.split('|').slice(0, 2).join('|'))
  expect([...placed, ...bad].sort()).toEqual(all.sort())
  const counts = `SELECT sum(late_records), sum(bad_records), sum(records) FROM millrace.source_partitions`
  expect(await client.run(counts)).toEqual([`${late.length}|${bad.length}|${all.length}`])
  // Each window that has closed has all its rows; windows close once.
  const whole = new Set(await client.run(`SELECT window_start AS w, count(*) FROM TUMBLE(live, ts, 10) GROUP BY 1`))
  const closed = await client.run('SELECT w, n FROM closed')
  for (const window of closed) expect(whole).toContain(window)
  for (const name of names.filter((one) => one.startsWith('c')))
    expect(await client.sorted(`SELECT w, n FROM ${name}`)).toEqual([...closed].sort())
  return { accepted, late }
}

describe.each(Array.from({ length: 6 }, (_, i) => i + 1))('any log, seed %i', (seed) => {
  test.each([0, 120])(
    'idle_timeout %i ms: whatever the cuts, lanes and restarts',
    async (idle) => {
      const random = seeded(seed * 1000 + idle)
      const folder = mkdtempSync(join(tmpdir(), 'millrace-watermarks-'))
      const log = new Log()
      const lateness = seed % 3 === 0 ? 7 : 0
      const partitions = 1 + (seed % 3)
      for (let i = 0; i < partitions; i++) log.append(i)
      const time = Array.from({ length: 5 }, () => 0)
      try {
        let engine = await open(log, folder)
        let client = new Client(engine)
        await client.run(`CREATE SOURCE s (WATERMARK FOR ts AS ts - 5)
        WITH (connector = 'list', idle_timeout = '${idle} milliseconds', allowed_lateness = ${lateness})`)
        await client.run(views.live('live'))
        await client.run(views.closed('closed'))
        const names: string[] = []
        for (let step = 0; step < 14; step++) {
          log.chunkRecords = 1 + Math.floor(random() * 6)
          const partition = Math.floor(random() * (random() < 0.5 ? 1 : log.partitions.length))
          const entries = anyEntries(random, time[partition]!)
          time[partition]! += 3 * entries.length
          if (random() < 0.7) log.append(partition, ...entries)
          if (idle > 0 && random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 200))
          if (idle > 0 && random() < 0.1 && log.partitions.length < 4) log.append(log.partitions.length)
          if (random() < 0.15) {
            names.push(`lane${step}`)
            await client.run(views.live(`lane${step}`))
          }
          if (random() < 0.2) {
            await counted(client, log.partitions.flat().length)
            const before = await checkAgreement(client, log, names)
            await engine[Symbol.asyncDispose]()
            engine = await open(log, folder)
            client = new Client(engine)
            expect(await checkAgreement(client, log, names)).toEqual(before)
          }
        }
        await counted(client, log.partitions.flat().length)
        const { accepted, late } = await checkAgreement(client, log, names)
        if (idle === 0) expect({ accepted, late }).toEqual(judge(log.partitions, 5, lateness))
        await client.run('ALTER SOURCE s ADVANCE WATERMARK TO 100000')
        expect(await client.sorted('SELECT w, n FROM closed')).toEqual(
          await client.sorted('SELECT window_start, count(*) FROM TUMBLE(live, ts, 10) GROUP BY window_start'),
        )
        await client.run(views.closed('closed2'))
        expect(await client.sorted('TABLE closed2')).toEqual(await client.sorted('TABLE closed'))
        await engine[Symbol.asyncDispose]()
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    60_000,
  )
})
