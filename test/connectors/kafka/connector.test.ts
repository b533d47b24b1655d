// The connector as the engine uses it, on a real broker: identity and start at CREATE, polls at the engine's positions,
// a broker that is away when the source is opened.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kafkaConnector } from '../../../src/connectors/kafka/connector.ts'
import type { PayloadFormat } from '../../../src/connectors/kafka/payload.ts'
import type { Chunk, SourceColumn, SourceDefinition, SourceReader } from '../../../src/connectors/source.ts'
import { bytesColumn } from '../../../src/core/batch.ts'
import { memoryAccount } from '../../../src/core/memory.ts'
import { Region } from '../../../src/core/region.ts'
import { ownKafkaMissing, startTestBroker, type TestBroker, testHost } from '../../support/kafka.ts'

const missing = ownKafkaMissing()

/** A format for tests: every payload as it is. */
const raw: PayloadFormat = () => ({
  decode: ({ bytes, start, length }, wanted) => ({
    columns: wanted.map(() => bytesColumn({ offsets: start.slice(), lengths: length.slice(), arena: bytes })),
    bad: [],
  }),
})
const connector = kafkaConnector({ 'plain/bytes': raw })
const payload: SourceColumn = { name: 'v', type: { kind: 'bytea' }, nullable: true, include: undefined }

const definition = (options: Record<string, string>, encode = 'bytes'): SourceDefinition => ({
  name: 's',
  columns: [payload],
  connector: 'kafka',
  options,
  format: { name: 'plain', options: {} },
  encode: { name: encode, options: {} },
})

function values(chunks: readonly Chunk[]): string[] {
  return chunks.flatMap((chunk) => {
    const region = new Region(memoryAccount('test'))
    const { batch } = chunk.decode([0], { skip: 0, max: 100 }, region)
    const [column] = batch.columns
    if (column?.kind !== 'bytes') throw new Error('bytes expected')
    return Array.from({ length: batch.length }, (_, row) => {
      const at = column.offsets[row]!
      return Buffer.from(column.arena.subarray(at, at + column.lengths[row]!)).toString()
    })
  })
}

const poll = (reader: SourceReader, offset: number, maxWaitMs = 20_000) =>
  reader.poll([{ partition: 0, offset }], { maxBytes: 1 << 20, maxWaitMs }, new AbortController().signal)

test('options and formats that are not known here are refused before anything is asked', async () => {
  const resolve = (options: Record<string, string>, encode?: string) =>
    connector.resolve(definition({ brokers: 'h:1', topic: 't', ...options }, encode), testHost())
  await expect(resolve({}, 'avro')).rejects.toMatchObject({
    code: '0A000',
    message: 'FORMAT PLAIN ENCODE AVRO is not supported',
    hint: 'Known are FORMAT PLAIN ENCODE BYTES.',
  })
  await expect(resolve({ topic: '' })).rejects.toMatchObject({ code: '22023', message: /"topic" must be given/ })
  await expect(resolve({ brokers: 'h:x' })).rejects.toMatchObject({ code: '22023', message: /"h:x"/ })
  await expect(resolve({ start: 'soon' })).rejects.toMatchObject({ code: '22023', message: /cannot be 'soon'/ })
  await expect(resolve({ start: 'now' })).rejects.toMatchObject({ code: '22023', message: /cannot be 'now'/ })
  await expect(resolve({ start: '{"0": -1}' })).rejects.toMatchObject({ code: '22023' })
  await expect(resolve({ security: 'tls' })).rejects.toMatchObject({ code: '22023', message: /"security"/ })
  await expect(resolve({ ssl_ca: 'x' })).rejects.toMatchObject({ message: /"ssl_ca" has no meaning with/ })
  await expect(resolve({ security: 'ssl', ssl_ca: '/no/file' })).rejects.toMatchObject({ message: /readable file/ })
  await expect(resolve({ security: 'sasl_ssl', sasl_mechanism: 'OAUTHBEARER' })).rejects.toMatchObject({
    code: '0A000',
  })
  await expect(resolve({ security: 'sasl_ssl' })).rejects.toMatchObject({ message: /"sasl_username" must be given/ })
  await expect(resolve({ on_data_loss: 'skip' })).rejects.toMatchObject({ code: '0A000' })
})

describe.skipIf(missing !== undefined)(
  `the connector and a broker${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let broker: TestBroker
    beforeAll(async () => {
      broker = await startTestBroker()
      broker.topics('--create', '--topic', 't')
      broker.produce('t', ['0 1 - 61', '0 2 - 62', '0 3 - 63'])
    })
    afterAll(() => broker?.[Symbol.asyncDispose]())

    test('start and identity are fixed at CREATE; polls begin where the engine says', async () => {
      const source = definition({ brokers: broker.address, topic: 't', start: '{"0": 1}' })
      const origin = await connector.resolve(source, testHost())
      expect(origin.start).toEqual([{ partition: 0, offset: 1 }])
      await using reader = connector.open(source, origin, testHost())
      expect(await reader.ends()).toEqual([{ partition: 0, first: 0, end: 3 }])
      const [chunk] = await poll(reader, 1)
      expect(chunk).toMatchObject({ partition: 0, from: 1, to: 3, records: 2, end: 3 })
      expect(values([chunk!])).toEqual(['b', 'c'])
      expect(values(await poll(reader, 2))).toEqual(['c'])
      expect(await poll(reader, 3, 50)).toEqual([])
    })

    test('a log of another identity is refused', async () => {
      const source = definition({ brokers: broker.address, topic: 't' })
      const origin = { ...(await connector.resolve(source, testHost())), identity: crypto.randomUUID() }
      await using reader = connector.open(source, origin, testHost())
      await expect(poll(reader, 0)).rejects.toMatchObject({ code: '55000', message: /deleted and created again/ })
    })

    test('a broker that is away at the start is waited for; at CREATE it is an error', async () => {
      const source = definition({ brokers: broker.address, topic: 't' })
      const origin = await connector.resolve(source, testHost())
      await broker.kill()
      // Refused, or cut off while the killed broker's socket still answers.
      const away = { code: expect.stringMatching(/^080(01|06)$/) }
      await expect(connector.resolve(source, testHost())).rejects.toMatchObject(away)
      const host = testHost()
      await using reader = connector.open(source, origin, host)
      expect(await poll(reader, 0, 100)).toEqual([])
      expect(await poll(reader, 0, 100)).toEqual([])
      expect(host.logged).toEqual([expect.stringContaining('could not connect to Kafka broker')])
      await broker.start()
      const read: string[] = []
      while (read.length < 3) read.push(...values(await poll(reader, read.length)))
      expect(read).toEqual(['a', 'b', 'c'])
    })
  },
)
