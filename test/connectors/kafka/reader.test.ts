// The reader against a real broker, with Kafka's own client and kafkajs as independent writers and Kafka's consumer as
// the judge: codecs, nulls, headers, times, large records, transactions, starts, and every version of Fetch.

import { CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openReader, resolveTopic } from '../../../src/connectors/kafka/open.ts'
import { anyTestBroker, kafkaMissing, type TestBroker, testHost } from '../../support/kafka.ts'
import { optionsFor, readAll } from './read-all.ts'

const missing = kafkaMissing()
const hex = (text: string): string => Buffer.from(text).toString('hex') || '.'

describe.skipIf(missing !== undefined)(
  `the reader and a real broker${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let broker: TestBroker
    let kafka: Kafka
    let topics = 0

    beforeAll(async () => {
      broker = await anyTestBroker()
      kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
    })
    afterAll(() => broker?.[Symbol.asyncDispose]())

    const createTopic = async (partitions = 1, configuration: Record<string, string> = {}): Promise<string> => {
      const topic = `t${process.pid}-${topics++}`
      const admin = kafka.admin()
      await admin.connect()
      const configEntries = Object.entries(configuration).map(([name, value]) => ({ name, value }))
      await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: true })
      await admin.disconnect()
      return topic
    }

    const withProducer = async <T>(use: (producer: Producer) => Promise<T>, options = {}): Promise<T> => {
      const producer = kafka.producer(options)
      await producer.connect()
      try {
        return await use(producer)
      } finally {
        await producer.disconnect()
      }
    }

    /** Some of everything a record can be. */
    const oddRecords = (partitions: number): string[] => [
      ...Array.from(
        { length: 400 },
        (_, i) => `${i % partitions} ${1000 + i} ${hex(`k${i}`)} ${hex(`value ${i} `.repeat(9))}`,
      ),
      `0 5 - ${hex('null key')}`,
      `0 6 ${hex('null value')} -`,
      '0 7 . .',
      '0 0 - -',
      `0 4102444800000 ${hex('far ahead')} ${hex('x')}`,
      `0 8 ${hex('headers')} ${hex('v')} ${['same', '1', 'same', '2', 'none'].map(hex).join(' ')} - ${hex('ü')} .`,
    ]

    describe.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('codec %s', (codec) => {
      test("what Kafka's own producer writes, its consumer and we read alike", async () => {
        const topic = await createTopic(3)
        broker.produce(topic, oddRecords(3), `compression.type=${codec}`)
        const read = await readAll(optionsFor(broker.address, topic))
        expect(read.length).toBe(406)
        expect(read.toSorted()).toEqual(broker.consume(topic).toSorted())
      })
    })

    test('batches that are larger than every limit come whole', async () => {
      const topic = await createTopic(2, { 'max.message.bytes': '5000000' })
      const large = Array.from({ length: 6 }, (_, i) => `${i % 2} 1 ${hex(`${i}`)} ${hex(`${i}`.repeat(1_500_000))}`)
      broker.produce(topic, large, 'max.request.size=5000000', 'batch.size=1')
      const tiny = { partitionBytes: 2000, fetchBytes: 2000, inFlightBytes: 4000 }
      const read = await readAll(optionsFor(broker.address, topic), { limits: tiny, pollBytes: 100 })
      expect(read.length).toBe(6)
      expect(read.toSorted()).toEqual(broker.consume(topic, 'max.partition.fetch.bytes=5000000').toSorted())
    })

    test('the time of the broker on a topic with LogAppendTime', async () => {
      const topic = await createTopic(1, { 'message.timestamp.type': 'LogAppendTime' })
      broker.produce(topic, ['0 1000 - 61', '0 2000 - 62'])
      const read = await readAll(optionsFor(broker.address, topic))
      expect(read).toEqual(broker.consume(topic))
      expect(Number(read[0]!.split(' ')[2])).toBeGreaterThan(1e12)
    })

    test('every version of Fetch', async () => {
      const topic = await createTopic(2)
      broker.produce(topic, oddRecords(2))
      const expected = broker.consume(topic).toSorted()
      for (const fetchVersionMax of [11, 12, 13, 14, 15, 16, 17]) {
        const read = await readAll(optionsFor(broker.address, topic), { limits: { fetchVersionMax } })
        expect(read.toSorted(), `version ${fetchVersionMax}`).toEqual(expected)
      }
    })

    describe('transactions that interleave', () => {
      let topic: string
      let committed: string[]

      /** Six producers on one partition; what they were told is the truth. */
      beforeAll(async () => {
        topic = await createTopic(1, { 'max.message.bytes': '2000000' })
        const told: string[][] = await Promise.all(Array.from({ length: 6 }, (_, writer) => writeTransactions(writer)))
        committed = told.flat()
      })

      const writeTransactions = (writer: number): Promise<string[]> =>
        withProducer(
          async (producer) => {
            const kept: string[] = []
            for (let number = 0; number < 30; number++) {
              const transaction = await producer.transaction()
              const names: string[] = []
              for (let send = 0; send < 1 + ((writer + number) % 3); send++) {
                const values = Array.from({ length: 1 + (number % 4) }, (_, i) => `${writer}/${number}/${send}/${i}`)
                // A key that a careless reader takes for an abort marker.
                const key = number % 5 === 0 ? Buffer.alloc(4) : null
                await transaction.send({ topic, messages: values.map((value) => ({ key, value })) })
                names.push(...values)
              }
              const keep = (writer * 31 + number * 17) % 7 < 4
              await (keep ? transaction.commit() : transaction.abort())
              if (keep) kept.push(...names)
            }
            return kept
          },
          { transactionalId: `writer-${process.pid}-${writer}`, maxInFlightRequests: 1, idempotent: true },
        )

      const values = (lines: readonly string[]) =>
        lines.map((line) => Buffer.from(line.split(' ')[4]!, 'hex').toString())

      test.each([2_000, 10_000_000])('with fetches of %i bytes', async (bytes) => {
        const limits = { partitionBytes: bytes, fetchBytes: bytes, inFlightBytes: 4 * bytes }
        const read = await readAll(optionsFor(broker.address, topic), { limits })
        expect(committed.length).toBeGreaterThan(200)
        expect(values(read).toSorted()).toEqual(committed.toSorted())
        expect(read).toEqual(broker.consume(topic))
      })

      test('from every offset', async () => {
        const all = await readAll(optionsFor(broker.address, topic))
        const offsetOf = (line: string) => Number(line.split(' ')[1])
        const reader = await openReader(optionsFor(broker.address, topic), '', testHost())
        const [{ end } = { end: 0 }] = await reader.ends()
        await reader.close()
        expect(end).toBeGreaterThan(all.length)
        for (let offset = 0; offset < end; offset += 7) {
          const read = await readAll(optionsFor(broker.address, topic), { start: [{ partition: 0, offset }] })
          expect(read).toEqual(all.filter((line) => offsetOf(line) >= offset))
        }
      })

      test('an open transaction holds back what comes after it', async () => {
        const open = await createTopic()
        await withProducer(
          async (producer) => {
            const transaction = await producer.transaction()
            await transaction.send({ topic: open, messages: [{ value: 'pending' }] })
            await withProducer((other) => other.send({ topic: open, messages: [{ value: 'after' }] }))
            expect(await readAll(optionsFor(broker.address, open))).toEqual([])
            await transaction.commit()
            expect(values(await readAll(optionsFor(broker.address, open)))).toEqual(['pending', 'after'])
          },
          { transactionalId: `open-${process.pid}`, maxInFlightRequests: 1, idempotent: true },
        )
      })
    })

    describe('where reading starts', () => {
      let topic: string
      beforeAll(async () => {
        topic = await createTopic(2)
        broker.produce(topic, ['0 1000 - 61', '0 2000 - 62', '0 3000 - 63', '1 2500 - 64'], 'batch.size=1')
      })
      const resolve = async (start: string) => {
        const resolved = await resolveTopic(optionsFor(broker.address, topic, { start }), testHost())
        return resolved.start.map(({ offset }) => offset)
      }

      test('earliest, latest, a timestamp, offsets', async () => {
        expect(await resolve('earliest')).toEqual([0, 0])
        expect(await resolve('latest')).toEqual([3, 1])
        expect(await resolve('1970-01-01 00:00:02+00')).toEqual([1, 0])
        expect(await resolve('1970-01-01 00:00:02.501Z')).toEqual([2, 1])
        expect(await resolve('{"0": 2}')).toEqual([2, 0])
      })

      test('what is not there is refused', async () => {
        await expect(resolve('{"0": 4}')).rejects.toThrow('partition 0 ends at 3, before 4')
        await expect(resolve('{"7": 0}')).rejects.toThrow('has no partition 7')
        await expect(resolveTopic(optionsFor(broker.address, 'no-such-topic'), testHost())).rejects.toMatchObject({
          code: '42P01',
          message: 'Kafka topic "no-such-topic" does not exist',
        })
      })

      test('a position in the middle of a batch, compressed or not', async () => {
        for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
          const wide = await createTopic()
          const messages = Array.from({ length: 400 }, (_, i) => ({ value: `value ${i}` }))
          await withProducer((producer) => producer.send({ topic: wide, messages, compression }))
          const all = await readAll(optionsFor(broker.address, wide))
          const start = [{ partition: 0, offset: 201 }]
          expect(await readAll(optionsFor(broker.address, wide), { start })).toEqual(all.slice(201))
          expect(all.length).toBe(400)
        }
      })
    })

    test('polls are bounded by their bytes, fair to partitions, and seek', async () => {
      const topic = await createTopic(4)
      const lines = Array.from({ length: 4000 }, (_, i) => `${i % 4} 1 - ${hex('x'.repeat(100))}`)
      broker.produce(topic, lines, 'batch.size=2000', 'linger.ms=50')
      const reader = await openReader(optionsFor(broker.address, topic), '', testHost())
      try {
        const positions = [0, 1, 2, 3].map((partition) => ({ partition, offset: 0 }))
        const limits = { maxBytes: 10_000, maxWaitMs: 10_000 }
        const seen = new Set<number>()
        for (let round = 0; round < 8; round++) {
          const pieces = await reader.poll(positions, limits, new AbortController().signal)
          const bytes = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
          expect(bytes).toBeLessThanOrEqual(10_000)
          for (const { partition, from, to } of pieces) {
            seen.add(partition)
            expect(from).toBe(positions[partition]!.offset)
            // Back to the beginning each second round: what was fetched ahead is thrown away or used, never mixed up.
            positions[partition] = { partition, offset: round % 2 === 0 ? to : 0 }
          }
        }
        expect([...seen].toSorted()).toEqual([0, 1, 2, 3])
      } finally {
        await reader.close()
      }
    })

    test('an aborted poll returns at once, a poll of nothing when its time is up', async () => {
      const topic = await createTopic()
      const reader = await openReader(optionsFor(broker.address, topic), '', testHost())
      try {
        const positions = [{ partition: 0, offset: 0 }]
        const controller = new AbortController()
        const polling = reader.poll(positions, { maxBytes: 1000, maxWaitMs: 3_600_000 }, controller.signal)
        controller.abort()
        expect(await polling).toEqual([])
        expect(await reader.poll(positions, { maxBytes: 1000, maxWaitMs: 20 }, new AbortController().signal)).toEqual(
          [],
        )
      } finally {
        await reader.close()
      }
    })
  },
)
