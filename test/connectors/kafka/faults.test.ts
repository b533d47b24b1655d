// What can happen to a log while it is read: the broker dies and comes back, the topic is deleted or made anew, offsets
// are deleted, partitions are added. Nothing is lost, doubled or skipped in silence; what cannot go on says so.

import { Kafka, logLevel, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openReader } from '../../../src/connectors/kafka/open.ts'
import type { KafkaReader } from '../../../src/connectors/kafka/reader.ts'
import type { Position } from '../../../src/connectors/source.ts'
import { ownKafkaMissing, startTestBroker, type TestBroker, testHost } from '../../support/kafka.ts'
import { linesOf, optionsFor } from './read-all.ts'

const missing = ownKafkaMissing()
const never = new AbortController().signal
const beginning: Position[] = [{ partition: 0, offset: 0 }]

describe.skipIf(missing !== undefined)(`faults of a real broker${missing === undefined ? '' : ` (${missing})`}`, () => {
  let broker: TestBroker
  let kafka: Kafka

  beforeAll(async () => {
    broker = await startTestBroker({ settings: ['log.segment.bytes=1048576'] })
    const retry = { retries: 100, initialRetryTime: 50, maxRetryTime: 200 }
    kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING, retry })
  })
  afterAll(() => broker?.[Symbol.asyncDispose]())

  const admin = async <T>(use: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
    const client = kafka.admin()
    await client.connect()
    try {
      return await use(client)
    } finally {
      await client.disconnect()
    }
  }
  const create = (topic: string, numPartitions = 1) =>
    admin((client) => client.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true }))
  const write = async (topic: string, values: readonly string[], partition = 0): Promise<void> => {
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic, messages: values.map((value) => ({ value, partition })) })
    await producer.disconnect()
  }
  const open = (topic: string, identity = ''): Promise<KafkaReader> =>
    openReader(optionsFor(broker.address, topic), identity, testHost())
  const poll = (reader: KafkaReader, positions: readonly Position[]) =>
    reader.poll(positions, { maxBytes: 1 << 20, maxWaitMs: 30_000 }, never)

  const valuesOf = (lines: readonly string[]) => lines.map((line) => Buffer.from(line.split(' ')[4]!, 'hex').toString())

  /** Reads one partition on from the position until `count` values have come. */
  async function readValues(reader: KafkaReader, count: number, from = 0): Promise<string[]> {
    const values: string[] = []
    let offset = from
    while (values.length < count) {
      for (const piece of await poll(reader, [{ partition: 0, offset }])) {
        expect(piece.from).toBe(offset)
        values.push(...valuesOf(linesOf(reader, piece)))
        offset = piece.to
      }
    }
    return values
  }

  /** Writes numbers in order while the broker dies: each is acknowledged before the next is sent. */
  async function writeNumbers(producer: Producer, topic: string, until: () => boolean): Promise<number> {
    let written = 0
    while (!until()) {
      const messages = Array.from({ length: 20 }, () => ({ value: String(written++), partition: 0 }))
      await producer.send({ topic, messages, acks: -1 })
    }
    return written
  }

  test('killed five times while written to and read: nothing lost, nothing twice', async () => {
    await create('killed')
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const reader = await open('killed')
    let done = false
    const writing = writeNumbers(producer, 'killed', () => done)
    const read: string[] = []
    for (let round = 0; round < 5; round++) {
      read.push(...(await readValues(reader, 100, read.length)))
      await broker.kill()
      await broker.start()
    }
    done = true
    const written = await writing
    read.push(...(await readValues(reader, written - read.length, read.length)))
    expect(read).toEqual(Array.from({ length: written }, (_, i) => String(i)))
    await producer.disconnect()
    await reader.close()
  }, 180_000)

  test('a topic deleted and created again is not read on', async () => {
    await create('again')
    await write('again', ['old 0', 'old 1'])
    const reader = await open('again')
    const { id } = reader.layout
    expect(await readValues(reader, 2)).toEqual(['old 0', 'old 1'])
    await admin((client) => client.deleteTopics({ topics: ['again'] }))
    await create('again')
    await write('again', ['new 0', 'new 1', 'new 2'])
    const made = { code: '55000', message: expect.stringContaining('"again" was deleted and created again') }
    await expect(poll(reader, [{ partition: 0, offset: 2 }])).rejects.toMatchObject(made)
    await expect(poll(reader, [{ partition: 0, offset: 2 }])).rejects.toMatchObject(made)
    await reader.close()
    await expect(open('again', id)).rejects.toMatchObject(made)
  })

  test('a topic that was deleted', async () => {
    await create('gone')
    await write('gone', ['a'])
    const reader = await open('gone')
    await readValues(reader, 1)
    await admin((client) => client.deleteTopics({ topics: ['gone'] }))
    const gone = { code: '55000', message: 'Kafka topic "gone" was deleted' }
    await expect(poll(reader, [{ partition: 0, offset: 1 }])).rejects.toMatchObject(gone)
    await reader.close()
  })

  test('offsets deleted before they were read are counted, not skipped', async () => {
    await create('deleted')
    await write('deleted', ['a', 'b', 'c', 'd', 'e'])
    const reader = await open('deleted')
    await admin(async (client) => {
      await client.fetchTopicOffsets('deleted') // without it the client does not know the topic
      await client.deleteTopicRecords({ topic: 'deleted', partitions: [{ partition: 0, offset: '3' }] })
    })
    await expect(poll(reader, [{ partition: 0, offset: 1 }])).rejects.toMatchObject({
      code: '55000',
      message: 'Kafka topic "deleted" partition 0: offsets 1 to 2 (2 in number) were deleted before they were read',
    })
    await reader.close()
    const after = await open('deleted')
    expect(await readValues(after, 2, 3)).toEqual(['d', 'e'])
    await after.close()
  })

  test('a position beyond the end is an error, as after a log was cut', async () => {
    await create('short')
    await write('short', ['a', 'b'])
    const reader = await open('short')
    await expect(poll(reader, [{ partition: 0, offset: 9 }])).rejects.toMatchObject({
      code: '55000',
      message: 'Kafka topic "short" partition 0 ends at offset 2, before position 9',
    })
    await reader.close()
  })

  test("one partition's error leaves the others readable", async () => {
    await create('mixed', 2)
    await write('mixed', ['a'], 0)
    await write('mixed', ['b'], 1)
    const reader = await open('mixed')
    const both = [
      { partition: 0, offset: 7 },
      { partition: 1, offset: 0 },
    ]
    await expect(
      (async () => {
        for (;;) await poll(reader, both)
      })(),
    ).rejects.toThrow('partition 0 ends at offset 1')
    const [piece] = await poll(reader, [{ partition: 1, offset: 0 }])
    expect(valuesOf(linesOf(reader, piece!))).toEqual(['b'])
    await reader.close()
  })

  test('partitions added while reading are seen and read', async () => {
    await create('wider')
    await write('wider', ['a'])
    const reader = await open('wider')
    await readValues(reader, 1)
    await admin((client) => client.createPartitions({ topicPartitions: [{ topic: 'wider', count: 3 }] }))
    await write('wider', ['b', 'c'], 2)
    await expect.poll(async () => (await reader.ends()).length, { timeout: 10_000 }).toBe(3)
    expect((await reader.ends())[2]).toEqual({ partition: 2, first: 0, end: 2 })
    const [piece] = await poll(reader, [{ partition: 2, offset: 0 }, ...beginning.map((p) => ({ ...p, offset: 1 }))])
    expect(valuesOf(linesOf(reader, piece!))).toEqual(['b', 'c'])
    await reader.close()
  })

  test('a topic made a moment ago can be opened and polled at once', async () => {
    for (let i = 0; i < 5; i++) {
      await admin((client) => client.createTopics({ topics: [{ topic: `fresh-${i}` }], waitForLeaders: false }))
      const reader = await open(`fresh-${i}`)
      const polling = poll(reader, beginning)
      await write(`fresh-${i}`, ['x'])
      const [piece] = await polling
      expect(valuesOf(linesOf(reader, piece!))).toEqual(['x'])
      await reader.close()
    }
  })

  test('closing while the broker is away returns', async () => {
    await create('closing')
    const reader = await open('closing')
    const polling = poll(reader, beginning)
    await broker.kill()
    await reader.close()
    expect(await polling).toEqual([])
    await broker.start()
  })
})
