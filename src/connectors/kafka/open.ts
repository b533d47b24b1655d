// From options to a reader: loads the library, connects, checks that the topic is the one meant, and resolves `start`
// to an offset of each partition. Everything that can be wrong with the options shows here, within seconds: a broker
// that does not answer, a password, a certificate, a topic that is not there.

import { SqlError } from '../../core/error.ts'
import type { ConnectorHost, Position } from '../source.ts'
import { backoffMs, pause } from './backoff.ts'
import { BEGINNING, Cluster, END, type TopicLayout } from './cluster.ts'
import type { ConnectionSettings } from './connection.ts'
import { type Dial, dial } from './dial.ts'
import { offsetsDeleted, startBeyondEnd, startWithoutPartition, topicRecreated } from './errors.ts'
import { loadLibrary } from './library.ts'
import type { KafkaOptions, StartOption } from './options.ts'
import { DEFAULT_LIMITS, KafkaReader, type ReaderLimits } from './reader.ts'

const CLIENT_ID = 'millrace'
const CONNECT_TIMEOUT_MS = 4_000
const REQUEST_TIMEOUT_MS = 30_000
const RESPONSE_BYTES_MAX = 256 * 1024 * 1024
/** A topic that was made a moment ago may be unknown to the broker asked. */
const UNKNOWN_TOPIC_TRIES = 4

async function openCluster(options: KafkaOptions, host: ConnectorHost, dialer: Dial): Promise<Cluster> {
  const settings: ConnectionSettings = {
    library: await loadLibrary(),
    dial: dialer,
    timers: host.timers,
    security: options.security,
    clientId: CLIENT_ID,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    responseBytesMax: RESPONSE_BYTES_MAX,
    allocate: (length) => new Uint8Array(length),
  }
  return new Cluster(options.brokers, settings)
}

export interface ResolvedTopic {
  /** The topic's id; empty where the broker gives none. */
  readonly identity: string
  readonly start: readonly Position[]
}

/** Asks the cluster once: the topic's identity, and the offset that `start` means in each partition. */
export async function resolveTopic(
  options: KafkaOptions,
  host: ConnectorHost,
  dialer: Dial = dial,
): Promise<ResolvedTopic> {
  const cluster = await openCluster(options, host, dialer)
  try {
    const layout = await findTopic(cluster, options.topic, host)
    const start = await resolveStart(cluster, layout, options.start)
    return { identity: layout.id, start }
  } finally {
    cluster.close()
  }
}

/** Opens a reader of the topic of that identity (empty: whatever has the name). */
export async function openReader(
  options: KafkaOptions,
  identity: string,
  host: ConnectorHost,
  limits: Partial<ReaderLimits> = {},
  dialer: Dial = dial,
): Promise<KafkaReader> {
  const cluster = await openCluster(options, host, dialer)
  try {
    const layout = await findTopic(cluster, options.topic, host)
    if (identity !== '' && layout.id !== identity) throw topicRecreated(options.topic)
    return new KafkaReader(cluster, layout, host, { ...DEFAULT_LIMITS, ...limits })
  } catch (error) {
    cluster.close()
    throw error
  }
}

async function findTopic(cluster: Cluster, name: string, host: ConnectorHost): Promise<TopicLayout> {
  for (let tries = 1; ; tries++) {
    try {
      return await cluster.topic(name)
    } catch (error) {
      const unknown = error instanceof SqlError && error.code === '42P01'
      if (!unknown || tries === UNKNOWN_TOPIC_TRIES) throw error
    }
    await pause(host.timers, backoffMs(tries, host.random), new AbortController().signal)
  }
}

async function resolveStart(cluster: Cluster, layout: TopicLayout, start: StartOption): Promise<readonly Position[]> {
  const ask = (timestamp: number) =>
    cluster.offsets(
      layout,
      layout.partitions.map(({ partition }) => ({ partition, timestamp })),
    )
  const asPositions = (offsets: ReadonlyMap<number, number>) =>
    layout.partitions.map(({ partition }) => ({ partition, offset: offsets.get(partition)! }))
  switch (start.kind) {
    case 'earliest':
      return asPositions(await ask(BEGINNING))
    case 'latest':
      return asPositions(await ask(END))
    case 'timestamp':
      return asPositions(await ask(start.milliseconds))
    case 'offsets':
      return asPositions(checkOffsets(layout, start.offsets, await ask(BEGINNING), await ask(END)))
  }
}

/** Offsets that were named must exist; partitions that were not named start at their beginning. */
function checkOffsets(
  { name, partitions }: TopicLayout,
  named: ReadonlyMap<number, number>,
  first: ReadonlyMap<number, number>,
  end: ReadonlyMap<number, number>,
): ReadonlyMap<number, number> {
  for (const partition of named.keys()) {
    if (!partitions.some((known) => known.partition === partition)) throw startWithoutPartition(name, partition)
  }
  return new Map(
    partitions.map(({ partition }) => {
      const offset = named.get(partition) ?? first.get(partition)!
      const asked = { topic: name, partition, offset }
      if (offset < first.get(partition)!) throw offsetsDeleted(asked, first.get(partition)!)
      if (offset > end.get(partition)!) throw startBeyondEnd(asked, end.get(partition)!)
      return [partition, offset]
    }),
  )
}
