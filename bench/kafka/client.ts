// One client reading one topic to its end, in a process of its own: prints the CPU time it took a record, once warm.
//
//   node bench/kafka/client.ts own|platformatic|kafkajs BROKER TOPIC
//
// Every client touches each record's value (its length is summed), takes read_committed, and asks for 1 MB a partition.

import { Consumer } from '@platformatic/kafka'
import { Kafka, logLevel } from 'kafkajs'
import { ChunkDecoder, KafkaChunk } from '../../src/connectors/kafka/chunk.ts'
import { openReader } from '../../src/connectors/kafka/open.ts'
import { parseOptions } from '../../src/connectors/kafka/options.ts'
import type { DecodedPayloads, PayloadDecoder, Payloads } from '../../src/connectors/kafka/payload.ts'
import { BATCH_ROWS_MAX } from '../../src/core/batch.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { Region } from '../../src/core/region.ts'
import { testHost } from '../../test/support/kafka.ts'

const PARTITION_BYTES = 1024 * 1024
/** Of the records, read before the clock starts. */
const WARM_UP = 0.25

/** Counts records; the CPU time of the process is taken when it is warm and when all have come. */
class Meter {
  readonly #total: number
  #records = 0
  #bytes = 0
  #warmAt = 0
  #cpu = process.cpuUsage()
  #wall = 0n

  constructor(total: number) {
    this.#total = total
  }

  /** True when all have come. */
  add(records: number, bytes: number): boolean {
    const warm = this.#total * WARM_UP
    if (this.#records < warm && this.#records + records >= warm) {
      this.#warmAt = this.#records + records
      this.#cpu = process.cpuUsage()
      this.#wall = process.hrtime.bigint()
    }
    this.#records += records
    this.#bytes += bytes
    return this.#records >= this.#total
  }

  print(): void {
    const { user, system } = process.cpuUsage(this.#cpu)
    const rows = this.#records - this.#warmAt
    const wallNs = Number(process.hrtime.bigint() - this.#wall)
    const { rss } = process.memoryUsage()
    console.log(
      JSON.stringify({
        rows,
        nsPerRow: ((user + system) * 1000) / rows,
        rowsPerSecond: Math.round((rows / wallNs) * 1e9),
        bytes: this.#bytes,
        rssMb: Math.round(rss / 1e6),
      }),
    )
  }
}

/** Counts bytes where a format would scan them. */
class Counter implements PayloadDecoder {
  bytes = 0

  decode({ count, length }: Payloads): DecodedPayloads {
    let sum = 0
    for (let i = 0; i < count; i++) sum += length[i]!
    this.bytes = sum
    return { columns: [], bad: [] }
  }
}

/** All that happens to a record but its format: also the digest, and the positions of good rows. */
async function own(address: string, topic: string): Promise<void> {
  const reader = await openReader(parseOptions({ brokers: address, topic }), '', testHost())
  const ends = await reader.ends()
  const meter = new Meter(ends.reduce((sum, { end }) => sum + end, 0))
  const positions = ends.map(({ partition, first }) => ({ partition, offset: first }))
  const counter = new Counter()
  const decoder = new ChunkDecoder([], counter, reader.codecs, reader.pool)
  const region = new Region(memoryAccount('bench'))
  const never = new AbortController().signal
  for (let done = false; !done; ) {
    for (const piece of await reader.poll(positions, { maxBytes: 4 * PARTITION_BYTES, maxWaitMs: 1000 }, never)) {
      const chunk = new KafkaChunk(piece, decoder)
      for (let skip = 0; skip < chunk.records; skip += BATCH_ROWS_MAX) {
        const { batch } = chunk.decode([], { skip, max: BATCH_ROWS_MAX }, region)
        done = meter.add(batch.length, counter.bytes)
        region.recycle()
      }
      positions[chunk.partition] = { partition: chunk.partition, offset: chunk.to }
      chunk.release()
    }
  }
  meter.print()
  await reader.close()
}

async function platformatic(address: string, topic: string): Promise<void> {
  const consumer = new Consumer({ groupId: `bench-${process.pid}`, clientId: 'bench', bootstrapBrokers: [address] })
  consumer.topics.track(topic)
  const metadata = await consumer.metadata({ topics: [topic] })
  const { id, partitions } = metadata.topics.get(topic)!
  const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic)!
  const meter = new Meter(ends.reduce((sum, end) => sum + Number(end), 0))
  const offsets = partitions.map(() => 0n)
  for (let done = false; !done; ) {
    const asked = offsets.map((fetchOffset, partition) => ({
      partition,
      fetchOffset,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
      partitionMaxBytes: PARTITION_BYTES,
    }))
    const response = await consumer.fetch({
      node: partitions[0]!.leader,
      topics: [{ topicId: id, partitions: asked }],
      minBytes: 1,
      maxBytes: 4 * PARTITION_BYTES,
      maxWaitTime: 500,
      isolationLevel: 1,
    })
    for (const { partitionIndex, records } of response.responses.flatMap((each) => each.partitions)) {
      for (const batch of records ?? []) {
        let size = 0
        for (const { value } of batch.records) size += value?.length ?? 0
        offsets[partitionIndex] = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
        done = meter.add(batch.records.length, size)
      }
    }
  }
  meter.print()
  await consumer.close(true)
}

async function kafkajs(address: string, topic: string): Promise<void> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const meter = new Meter(ends.reduce((sum, { high }) => sum + Number(high), 0))
  const consumer = kafka.consumer({ groupId: `bench-${process.pid}`, maxBytesPerPartition: PARTITION_BYTES })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve) => {
    const eachBatch = async ({ batch }: { batch: { messages: readonly { value: Buffer | null }[] } }) => {
      let size = 0
      for (const { value } of batch.messages) size += value?.length ?? 0
      if (meter.add(batch.messages.length, size)) resolve()
    }
    void consumer.run({ eachBatch, autoCommit: false })
  })
  meter.print()
  process.exit(0) // its disconnect waits for the fetch under way
}

const clients: Readonly<Record<string, (address: string, topic: string) => Promise<void>>> = {
  own,
  platformatic,
  kafkajs,
}
const [name = '', address = '', topic = ''] = process.argv.slice(2)
await clients[name]!(address, topic)
