// One client reading one topic to its end, in a process of its own: prints the CPU time it took a record, once warm.
//
//   node bench/kafka/client.ts own|chunks|platformatic|kafkajs BROKER TOPIC
//
// Every client touches each record's value (its length is summed), takes read_committed, and asks for 1 MB a partition.

import { Consumer } from '@platformatic/kafka'
import { Kafka, logLevel } from 'kafkajs'
import { ChunkDecoder, KafkaChunk } from '../../src/connectors/kafka/chunk.ts'
import { openReader } from '../../src/connectors/kafka/open.ts'
import { parseOptions } from '../../src/connectors/kafka/options.ts'
import type { FetchedPartition } from '../../src/connectors/kafka/partition-queue.ts'
import type { PayloadDecoder } from '../../src/connectors/kafka/payload.ts'
import type { KafkaReader } from '../../src/connectors/kafka/reader.ts'
import { flatten, RecordDecoder } from '../../src/connectors/kafka/records.ts'
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

/** Polls a topic to its end; `use` handles one piece and lets its buffers go. */
async function readAll(
  address: string,
  topic: string,
  use: (piece: FetchedPartition, reader: KafkaReader, meter: Meter) => boolean,
): Promise<void> {
  const reader = await openReader(parseOptions({ brokers: address, topic }), '', testHost())
  const ends = await reader.ends()
  const meter = new Meter(ends.reduce((sum, { end }) => sum + end, 0))
  const positions = ends.map(({ partition, first }) => ({ partition, offset: first }))
  const never = new AbortController().signal
  for (let done = false; !done; ) {
    for (const piece of await reader.poll(positions, { maxBytes: 4 * PARTITION_BYTES, maxWaitMs: 1000 }, never)) {
      positions[piece.partition] = { partition: piece.partition, offset: piece.to }
      done = use(piece, reader, meter)
    }
  }
  meter.print()
  await reader.close()
}

/** What the other clients do: find each record, its key, value, headers, time and offset. */
function own(address: string, topic: string): Promise<void> {
  const decoder = new RecordDecoder()
  return readAll(address, topic, ({ bytes, batches, from, buffer }, { codecs, pool }, meter) => {
    const flat = flatten(bytes, batches, codecs, pool)
    const { length, valueLength } = decoder.decode(flat, from)
    const sum = sumOf(length, valueLength)
    if (flat.taken) pool.give(flat.bytes)
    buffer.release()
    return meter.add(length, sum)
  })
}

function sumOf(count: number, lengths: Int32Array): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += lengths[i]!
  return sum
}

/** All that happens to a record in the engine but its format: also its digest and the list of good rows. */
function chunks(address: string, topic: string): Promise<void> {
  let bytes = 0
  const payloads: PayloadDecoder = {
    decode({ count, length }) {
      bytes = sumOf(count, length)
      return { columns: [], bad: [] }
    },
  }
  let decoder: ChunkDecoder | undefined
  const region = new Region(memoryAccount('bench'))
  return readAll(address, topic, (piece, { codecs, pool }, meter) => {
    decoder ??= new ChunkDecoder([], payloads, codecs, pool)
    const chunk = new KafkaChunk(piece, decoder)
    let done = false
    for (let skip = 0; skip < chunk.records; skip += BATCH_ROWS_MAX) {
      const { batch } = chunk.decode([], { skip, max: BATCH_ROWS_MAX }, region)
      done = meter.add(batch.length, bytes)
      region.recycle()
    }
    chunk.release()
    return done
  })
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
  chunks,
  platformatic,
  kafkajs,
}
const [name = '', address = '', topic = ''] = process.argv.slice(2)
await clients[name]!(address, topic)
