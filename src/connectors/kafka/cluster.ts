// What one reader knows of the cluster: who leads which partition, the offsets of logs, and one connection per broker
// for everything but fetching (a fetch waits at the broker and would hold up what comes after it).
//
// State: brokers as the last metadata named them, and open connections. Nothing retries here; callers do.

import type { listOffsetsV7, metadataV12 } from '@platformatic/kafka'
import { SqlError } from '../../core/error.ts'
import { type ConnectionSettings, KafkaConnection } from './connection.ts'
import type { Address } from './dial.ts'
import { asSqlError, brokerCode, brokerRefused, cannotConnect, notAuthorized, unknownTopic } from './errors.ts'
import type { Library } from './library.ts'

const METADATA_KEY = 3
const LIST_OFFSETS_KEY = 2
const READ_COMMITTED = 1
/** Timestamps that ListOffsets reads as places. The end is that of committed records. */
export const END = -1
export const BEGINNING = -2
const NO_ID = '00000000-0000-0000-0000-000000000000'

export interface TopicLayout {
  readonly name: string
  /** The topic's id; empty where the broker has none (before Kafka 2.8). */
  readonly id: string
  readonly partitions: readonly PartitionLayout[]
}

export interface PartitionLayout {
  readonly partition: number
  /** The leader's broker id; −1 while there is none. */
  readonly leader: number
}

export interface OffsetQuery {
  readonly partition: number
  /** Milliseconds from 1970, or END, or BEGINNING. */
  readonly timestamp: number
}

export class Cluster {
  readonly settings: ConnectionSettings
  readonly #bootstrap: readonly Address[]
  readonly #brokers = new Map<number, Address>()
  readonly #connections = new Map<string, Promise<KafkaConnection>>()

  constructor(bootstrap: readonly Address[], settings: ConnectionSettings) {
    this.settings = settings
    this.#bootstrap = bootstrap
  }

  close(): void {
    for (const opening of this.#connections.values()) {
      opening.then(
        (connection) => connection.close(),
        () => {}, // it never opened: whoever asked for it has the error
      )
    }
    this.#connections.clear()
  }

  /** Asks for the topic's partitions and their leaders. Throws 42P01 where there is no such topic. */
  async topic(name: string): Promise<TopicLayout> {
    const connection = await this.#anyone()
    const { metadata, error } = await requestMetadata(connection, name, this.settings)
    for (const { nodeId, host, port } of metadata.brokers) this.#brokers.set(nodeId, { host, port })
    const topic = metadata.topics.find((candidate) => candidate.name === name)
    if (topic === undefined || (topic.errorCode !== 0 && topic.partitions.length === 0)) {
      throw topicError(name, connection.address, error)
    }
    const partitions = topic.partitions.map(({ partitionIndex, leaderId }) => ({
      partition: partitionIndex,
      leader: leaderId,
    }))
    partitions.sort((a, b) => a.partition - b.partition)
    return { name, id: topic.topicId === NO_ID ? '' : topic.topicId, partitions }
  }

  /** Where the broker listens, as the cluster says. */
  address(broker: number): Address {
    const address = this.#brokers.get(broker)
    if (address === undefined) throw cannotConnect(`id ${broker}`, 'the cluster does not know this broker')
    return address
  }

  /** The offset each query means; for a timestamp that of the first record not older, else the end. */
  async offsets(topic: TopicLayout, queries: readonly OffsetQuery[]): Promise<Map<number, number>> {
    const byLeader = Map.groupBy(queries, ({ partition }) => leaderOf(topic, partition))
    const answers = await Promise.all(
      [...byLeader].map(async ([leader, asked]) => {
        if (leader < 0) throw cannotConnect(topic.name, `partition ${asked[0]!.partition} has no leader now`)
        return this.#listOffsets(await this.#to(this.address(leader)), topic.name, asked)
      }),
    )
    const found = new Map(answers.flat())
    const older = queries.filter(({ partition }) => found.get(partition) === -1)
    if (older.length === 0) return found
    const ends = await this.offsets(
      topic,
      older.map(({ partition }) => ({ partition, timestamp: END })),
    )
    return new Map([...found, ...ends])
  }

  async #listOffsets(connection: KafkaConnection, name: string, queries: readonly OffsetQuery[]) {
    const { library } = this.settings
    const version = connection.version(LIST_OFFSETS_KEY, 'ListOffsets', [5, 7])
    const partitions = queries.map(({ partition, timestamp }) => ({
      partitionIndex: partition,
      currentLeaderEpoch: -1,
      timestamp: BigInt(timestamp),
    }))
    const topics: listOffsetsV7.ListOffsetsRequestTopic[] = [{ name, partitions }]
    const api = version === 7 ? library.listOffsetsV7.api : library.listOffsetsV5.api
    const response = await connection.call(api, -1, READ_COMMITTED, topics).catch((error: unknown) => {
      if (brokerCode(error) === 'TOPIC_AUTHORIZATION_FAILED') throw notAuthorized(`topic "${name}"`)
      throw asSqlError(connection.address, error)
    })
    const answered = response.topics.flatMap((topic) => topic.partitions)
    return answered.map(({ partitionIndex, offset }): [number, number] => [partitionIndex, Number(offset)])
  }

  /** A connection to any broker: one that is open, else the first that opens. */
  async #anyone(): Promise<KafkaConnection> {
    for (const opening of this.#connections.values()) {
      const connection = await opening.catch(() => undefined)
      if (connection !== undefined && connection.ended === undefined) return connection
    }
    let failure: unknown
    for (const address of [...this.#bootstrap, ...this.#brokers.values()]) {
      try {
        return await this.#to(address)
      } catch (error) {
        // A refused password is refused everywhere; the first broker's words are as good as the last's.
        if (error instanceof SqlError && !error.code.startsWith('08')) throw error
        failure ??= error
      }
    }
    throw failure
  }

  async #to(address: Address): Promise<KafkaConnection> {
    const key = `${address.host}:${address.port}`
    const open = await this.#connections.get(key)?.catch(() => undefined)
    if (open !== undefined && open.ended === undefined) return open
    const opening = KafkaConnection.open(address, this.settings)
    this.#connections.set(key, opening)
    try {
      return await opening
    } catch (error) {
      if (this.#connections.get(key) === opening) this.#connections.delete(key)
      throw error
    }
  }
}

const leaderOf = (topic: TopicLayout, partition: number): number =>
  topic.partitions.find((candidate) => candidate.partition === partition)?.leader ?? -1

type MetadataApi = Library['metadataV12']['api']

/** The response also where parts of it carry errors, which the library throws, and that error. */
async function requestMetadata(
  connection: KafkaConnection,
  name: string,
  { library }: ConnectionSettings,
): Promise<{ readonly metadata: metadataV12.MetadataResponse; readonly error: unknown }> {
  const version = connection.version(METADATA_KEY, 'Metadata', [9, 10, 12])
  // The older ones take one argument more, which may be left out, and answer with the same fields.
  const older = version === 10 ? library.metadataV10.api : library.metadataV9.api
  const api = version === 12 ? library.metadataV12.api : (older as unknown as MetadataApi)
  try {
    return { metadata: await connection.call(api, [name], false), error: undefined }
  } catch (error) {
    const metadata = (error as { response?: metadataV12.MetadataResponse }).response
    if (metadata === undefined) throw asSqlError(connection.address, error)
    return { metadata, error }
  }
}

function topicError(name: string, address: string, error: unknown): SqlError {
  const code = brokerCode(error)
  if (code === undefined || code === 'UNKNOWN_TOPIC_OR_PARTITION') return unknownTopic(name)
  return code === 'TOPIC_AUTHORIZATION_FAILED' ? notAuthorized(`topic "${name}"`) : brokerRefused(address, error)
}
