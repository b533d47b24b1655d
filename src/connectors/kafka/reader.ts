// Reads a topic's partitions ahead of who polls them: one fetch loop per leader, always one request under way for the
// partitions that have room, so that the next answer travels while the last one is decoded.
//
//   poll(positions) ◄── queues, one a partition ◄── fetch loop ◄── leader 1
//                                               ◄── fetch loop ◄── leader 2
//
// State: a queue per wanted partition, the topic's layout, one link per leader. Bytes in flight (queued, and asked for)
// are bounded; a partition whose queue is full is left out of requests until it is polled.
// Invariants: a position moves only by what was fetched from it; nothing is skipped. A log that lost offsets, was cut
// short, deleted or made anew is an error of the partition, which every poll of it then throws. Connections that break
// and leaders that move are not errors: the loop tries again until closed, and says so in the log.

import { assert } from '../../core/assert.ts'
import { SqlError } from '../../core/error.ts'
import type { ConnectorHost, PartitionEnds, PollLimits, Position } from '../source.ts'
import { AbortedTransactions } from './aborted-transactions.ts'
import { backoffMs, pause } from './backoff.ts'
import { BufferPool, SharedBuffer } from './buffer-pool.ts'
import { BEGINNING, type Cluster, END, type TopicLayout } from './cluster.ts'
import { type Codecs, makeCodecs } from './codecs.ts'
import { corruptBatch, fetchRefused, internalFailure, logTruncated, noLeader, offsetsDeleted } from './errors.ts'
import { type FetchedSection, OFFSET_OUT_OF_RANGE } from './fetch.ts'
import { type FetchAnswer, LeaderLink } from './leader-link.ts'
import { type FetchedPartition, PartitionQueue } from './partition-queue.ts'
import { walkBatches } from './record-batch.ts'
import { TopicCheck } from './topic-check.ts'

export interface ReaderLimits {
  /** Bytes asked for in one request, of one partition and in all; a broker exceeds them by one batch at most. */
  readonly partitionBytes: number
  readonly fetchBytes: number
  /** Bytes queued and asked for, over all leaders. */
  readonly inFlightBytes: number
  /** How long a broker holds a request that it has nothing for. */
  readonly maxWaitMs: number
  /** Highest version of Fetch to use. */
  readonly fetchVersionMax: number
}

export const DEFAULT_LIMITS: ReaderLimits = {
  partitionBytes: 1024 * 1024,
  fetchBytes: 4 * 1024 * 1024,
  inFlightBytes: 16 * 1024 * 1024,
  maxWaitMs: 500,
  fetchVersionMax: 17,
}

/** While a wanted partition has no room, a request without it may not wait long. */
const CROWDED_WAIT_MS = 20
/** How many bytes of an answer a queued byte may keep alive. */
const PINNED_PER_BYTE_MAX = 16
/** Tries before an error that does not look passing is believed. */
const FAILURES_MAX = 3

export class KafkaReader {
  readonly codecs: Codecs
  /** Where responses come from, and go when their pieces are released. */
  readonly pool: BufferPool
  readonly #cluster: Cluster
  readonly #host: ConnectorHost
  readonly #limits: ReaderLimits
  readonly #check: TopicCheck
  readonly #closing = new AbortController()
  readonly #queues = new Map<number, PartitionQueue>()
  readonly #errors = new Map<number, SqlError>()
  readonly #links = new Map<number, LeaderLink>()
  /** Why a leader (−1: none) cannot be read just now. */
  readonly #trouble = new Map<number, string>()
  readonly #loops: Promise<void>[] = []
  #layout: TopicLayout
  /** Bytes that requests under way may bring. */
  #asked = 0
  #turn = 0
  #wakeLoops: (() => void)[] = []
  #wakePoll: (() => void) | undefined

  /** `layout` is the topic as it was when its identity was checked; see open.ts. */
  constructor(cluster: Cluster, layout: TopicLayout, host: ConnectorHost, limits: ReaderLimits) {
    this.#cluster = cluster
    this.#host = host
    this.#limits = limits
    this.#layout = layout
    this.#check = new TopicCheck(cluster, layout.name, layout.id, host.clock)
    this.pool = new BufferPool(2 * limits.inFlightBytes)
    this.codecs = makeCodecs(cluster.settings.library)
    this.#loops.push(this.#searchLeaders())
  }

  get layout(): TopicLayout {
    return this.#layout
  }

  /**
   * Fetched pieces that begin at the positions, `maxBytes` in all unless the first batch is larger. Waits for one, at
   * most `maxWaitMs`, or until the signal aborts. Throws what stops a polled partition. One poll at a time.
   */
  async poll(
    positions: readonly Position[],
    { maxBytes, maxWaitMs }: PollLimits,
    signal: AbortSignal,
  ): Promise<readonly FetchedPartition[]> {
    assert(this.#wakePoll === undefined, 'two polls of one reader at once')
    this.#want(positions)
    let timeUp = false
    const wake = () => this.#wakePoll?.()
    using _timer = this.#host.timers.after(maxWaitMs, () => {
      timeUp = true
      wake()
    })
    signal.addEventListener('abort', wake)
    try {
      for (;;) {
        const taken = this.#take(positions, maxBytes)
        if (taken.length > 0 || timeUp || signal.aborted || this.#closing.signal.aborted) return taken
        await new Promise<void>((resolve) => {
          this.#wakePoll = resolve
        })
      }
    } finally {
      this.#wakePoll = undefined
      signal.removeEventListener('abort', wake)
    }
  }

  /** Partitions as known now and the ends of their logs, both asked afresh. */
  async ends(): Promise<readonly PartitionEnds[]> {
    await this.#refresh()
    const layout = this.#layout
    const ask = (timestamp: number) =>
      this.#cluster.offsets(
        layout,
        layout.partitions.map(({ partition }) => ({ partition, timestamp })),
      )
    const [first, end] = await Promise.all([ask(BEGINNING), ask(END)])
    return layout.partitions.map(({ partition }) => ({
      partition,
      first: first.get(partition)!,
      end: end.get(partition)!,
    }))
  }

  trouble(): string | undefined {
    for (const [leader, message] of this.#trouble) if (this.#ledBy(leader).length > 0) return message
    return undefined
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const link of this.#links.values()) link.close()
    this.#wake()
    this.#wakePoll?.()
    await Promise.all(this.#loops)
    this.#cluster.close()
  }

  #want(positions: readonly Position[]): void {
    const wanted = new Set(positions.map(({ partition }) => partition))
    for (const [partition, queue] of this.#queues) {
      if (wanted.has(partition)) continue
      queue.clear()
      this.#queues.delete(partition)
    }
    for (const { partition, offset } of positions) {
      const queue = this.#queues.get(partition)
      if (queue === undefined) this.#queues.set(partition, new PartitionQueue(partition, offset))
      else queue.seek(offset)
    }
    this.#startLoops()
    this.#wake()
  }

  /** Takes from each partition, another first each time, so that a full budget starves none. */
  #take(positions: readonly Position[], maxBytes: number): FetchedPartition[] {
    for (const { partition } of positions) {
      const error = this.#errors.get(partition)
      if (error !== undefined) throw error
    }
    const taken: FetchedPartition[] = []
    let left = maxBytes
    this.#turn++
    for (let i = 0; i < positions.length && left > 0; i++) {
      const { partition } = positions[(this.#turn + i) % positions.length]!
      for (const piece of this.#queues.get(partition)!.take(left, taken.length === 0)) {
        taken.push(piece)
        left -= piece.sizeBytes
      }
    }
    if (taken.length > 0) this.#wake()
    return taken
  }

  #wake(): void {
    for (const wake of this.#wakeLoops.splice(0)) wake()
  }

  /** Until something is polled, sought, learnt or closed. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakeLoops.push(resolve))
  }

  #startLoops(): void {
    for (const { leader } of this.#layout.partitions) {
      if (leader < 0 || this.#links.has(leader)) continue
      const link = new LeaderLink(this.#cluster, leader, this.pool, this.#limits.fetchVersionMax)
      this.#links.set(leader, link)
      this.#loops.push(this.#readFrom(leader, link))
    }
  }

  #ledBy(leader: number): PartitionQueue[] {
    const leaders = new Map(this.#layout.partitions.map((known) => [known.partition, known.leader]))
    const led = [...this.#queues.values()].filter(({ partition }) => (leaders.get(partition) ?? -1) === leader)
    return led.filter(({ partition }) => !this.#errors.has(partition))
  }

  /** Partitions without a leader, or not yet known, are read when a refresh names one. */
  async #searchLeaders(): Promise<void> {
    let failures = 0
    while (!this.#closing.signal.aborted) {
      const [lost] = this.#ledBy(-1)
      if (lost === undefined) {
        await this.#change()
        failures = 0
      } else {
        await this.#afterFailure(-1, ++failures, noLeader(this.#layout.name, lost.partition))
      }
    }
  }

  async #readFrom(leader: number, link: LeaderLink): Promise<void> {
    let failures = 0
    while (!this.#closing.signal.aborted) {
      const led = this.#ledBy(leader)
      const hungry = led.filter((queue) => queue.bytes < 2 * this.#limits.partitionBytes)
      const free = this.#limits.inFlightBytes - this.#queuedBytes() - this.#asked
      if (hungry.length === 0 || free < this.#limits.partitionBytes) {
        await this.#change()
        continue
      }
      try {
        await this.#fetch(link, hungry, Math.min(free, this.#limits.fetchBytes), hungry.length < led.length)
        if (failures > 0) this.#recovered(leader, failures)
        failures = 0
      } catch (error) {
        await this.#afterFailure(leader, ++failures, error)
      }
    }
  }

  #queuedBytes(): number {
    let sum = 0
    for (const queue of this.#queues.values()) sum += queue.bytes
    return sum
  }

  #recovered(leader: number, failures: number): void {
    this.#trouble.delete(leader)
    const message = `reading Kafka topic "${this.#layout.name}" again, after ${failures} failures`
    this.#host.log('info', message, { leader })
  }

  /** Waits a while, longer after each failure in a row, and learns the leaders again. */
  async #afterFailure(leader: number, failures: number, cause: unknown): Promise<void> {
    if (this.#closing.signal.aborted) return
    const error = cause instanceof SqlError ? cause : internalFailure(cause)
    const passing = error.code.startsWith('08')
    this.#trouble.set(leader, error.message)
    if (failures === 1) this.#host.log('warn', `reading Kafka topic "${this.#layout.name}": ${error.message}`)
    if (!passing && failures >= FAILURES_MAX) this.#fail([...this.#queues.keys()], error)
    await pause(this.#host.timers, backoffMs(failures, this.#host.random), this.#closing.signal)
    try {
      await this.#refresh()
    } catch (refused) {
      // Only what the check has become certain of stops the reader; the rest passes, or comes again from the fetch.
      if (refused instanceof SqlError && refused.code === '55000') this.#fail([...this.#queues.keys()], refused)
    }
  }

  async #refresh(): Promise<void> {
    this.#layout = await this.#check.layout()
    this.#startLoops()
    this.#wake()
  }

  async #fetch(link: LeaderLink, hungry: readonly PartitionQueue[], maxBytes: number, crowded: boolean): Promise<void> {
    const { partitionBytes, maxWaitMs } = this.#limits
    // The broker fills its answer in the order asked, and only the first partition may exceed the limit: take turns.
    const first = this.#turn++ % hungry.length
    const partitions = [...hungry.slice(first), ...hungry.slice(0, first)].map(({ partition, next }) => ({
      partition,
      offset: next,
      maxBytes: partitionBytes,
    }))
    const waitMs = crowded ? Math.min(CROWDED_WAIT_MS, maxWaitMs) : maxWaitMs
    this.#asked += maxBytes
    let answer: FetchAnswer
    try {
      answer = await link.fetch(this.#layout, { maxWaitMs: waitMs, maxBytes, partitions })
    } finally {
      this.#asked -= maxBytes
    }
    const offsets = new Map(partitions.map(({ partition, offset }) => [partition, offset]))
    let failure: unknown
    for (const section of answer.sections) {
      const offset = offsets.get(section.partition)
      if (offset === undefined) continue
      try {
        if (section.errorCode !== 0) await this.#refused(link.address, section, offset)
        else this.#accept(section, offset, answer)
      } catch (error) {
        failure = error
      }
    }
    answer.buffer.release()
    this.#wakePoll?.()
    if (failure !== undefined) throw failure
  }

  #accept(section: FetchedSection, from: number, answer: FetchAnswer): void {
    const { partition, records } = section
    const queue = this.#queues.get(partition)
    if (records.length === 0 || queue === undefined) return
    // A small part of a large answer would keep all of it alive.
    const isSmall = records.length * PINNED_PER_BYTE_MAX < answer.bytes
    const bytes = isSmall ? new Uint8Array(records) : records
    const filter = new AbortedTransactions(section.aborted)
    const { batches, nextOffset: to, truncated } = walkBatches(bytes, from, filter, this.codecs.checksum)
    if (truncated && to === from) throw corruptBatch(from, 'the broker sent only a part of it')
    const end = Math.max(section.lastStableOffset, to)
    const buffer = isSmall ? new SharedBuffer(this.pool, bytes) : answer.buffer.hold()
    queue.add({ partition, from, to, end, bytes, batches, sizeBytes: bytes.length, buffer })
  }

  /** An error for one partition: one to stop it at, or one that passes, which is thrown. */
  async #refused(address: string, { partition, errorCode }: FetchedSection, offset: number): Promise<void> {
    const { name } = this.#layout
    if (errorCode === OFFSET_OUT_OF_RANGE) {
      const ask = async (timestamp: number) =>
        (await this.#cluster.offsets(this.#layout, [{ partition, timestamp }])).get(partition)!
      const lost = { topic: name, partition, offset }
      const first = await ask(BEGINNING)
      if (offset < first) return this.#fail([partition], offsetsDeleted(lost, first))
      const end = await ask(END)
      if (offset > end) return this.#fail([partition], logTruncated(lost, end))
    }
    throw fetchRefused(address, name, errorCode)
  }

  #fail(partitions: readonly number[], error: SqlError): void {
    for (const partition of partitions) this.#errors.set(partition, error)
    this.#wakePoll?.()
  }
}
