// Watermarks of sources: logs that the test holds, cut and interleaved at will, against a judge that goes row by row.

import { expect, test } from 'vitest'
import { realFiles } from '../../server/files.ts'
import { connectors } from '../../src/connectors/registry.ts'
import type { Chunk, Connector, Decoded, Position } from '../../src/connectors/source.ts'
import { batchFromRows } from '../../src/core/convert.ts'
import { columnDef } from '../../src/core/schema.ts'
import { memoryDirectory, openDataDirectory } from '../../src/engine/data-directory.ts'
import { type Engine, openEngine } from '../../src/engine/engine.ts'
import { systemRelations } from '../../src/engine/system/all.ts'
import { functionRegistry } from '../../src/functions/all.ts'
import { Client } from '../support/client.ts'
import { testHost } from '../support/engine.ts'

/** A record: its time, or 'bad'. */
type Entry = number | null | 'bad'

/** Partitions as lists; chunks of a size that the test sets. */
class Log {
  readonly partitions: Entry[][] = []
  chunkRecords = 3
  /** Partitions that send nothing for now. */
  readonly held = new Set<number>()
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
      if (this.held.has(partition) || offset >= entries.length) return []
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
  for (let i = 0; i < 400; i++) {
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
