// The live cursor of one source: reads its log ahead of the epochs, within a byte limit, and remembers up to where
// sealed epochs have taken it (spec/engine.md §5–7). Several views share it: each record is fetched and decoded once.
//
//   log ──poll──► chunks (bytes in flight ≤ limit) ──take──► epoch's delta + bad records ──sealed──► position moves
//
// State: chunks that wait, the position of the next poll, and the sealed position. A cursor stands while nobody reads
// the source. An error from the log (offset gone, topic recreated, authorisation) stops this source, with the error
// shown in millrace.sources; nothing is skipped and other sources go on.

import type { BadRecord, Chunk, Decoded, Position, SourceReader } from '../connectors/source.ts'
import type { Column } from '../core/batch.ts'
import type { Clock } from '../core/clock.ts'
import { SqlError } from '../core/error.ts'
import type { Region } from '../core/region.ts'
import type { SourceProgress } from '../storage/journal.ts'
import { mergeProgress } from './data-directory.ts'
import type { LiveSource } from './live-relation.ts'
import type { SparseBatch } from './sparse-batch.ts'

/** Bytes fetched and not yet in a sealed epoch, a source. At the limit polling pauses. */
const IN_FLIGHT_MAX = 32 * 1024 * 1024
const POLL_BYTES = 4 * 1024 * 1024
const POLL_WAIT_MS = 500
const DECODE_ROWS = 8192
/** How often the log is asked for new partitions. */
const DISCOVERY_MS = 30_000
/** How soon it is asked again after it could not answer. */
const DISCOVERY_RETRY_MS = 1_000

export interface TakenRows {
  readonly progress: readonly SourceProgress[]
  readonly bad: readonly BadRecord[]
  readonly rows: number
}

interface Waiting {
  readonly chunk: Chunk
  /** Records decoded already. */
  skip: number
  /** Position after them. */
  next: number
}

export class SourceCursor {
  readonly source: LiveSource
  readonly #clock: Clock
  readonly #arrived: (failed: boolean) => void
  #reader: SourceReader | undefined
  #abort = new AbortController()
  #polling: Promise<void> | undefined
  #waiting: Waiting[] = []
  #bytes = 0
  /** Taken whole by the sealed epoch, whose batches may still refer to them. */
  readonly #done: Chunk[] = []
  #room: (() => void) | undefined
  readonly #polled = new Map<number, number>()
  readonly #sealed = new Map<number, SourceProgress>()
  #taken: SourceProgress[] = []
  readonly #ends = new Map<number, number>()
  #columns: readonly number[] = []
  /** Bad records of sealed epochs since the start, a partition. */
  readonly #badCount = new Map<number, number>()
  #takenBad: BadRecord[] = []
  error: SqlError | undefined

  constructor(
    source: LiveSource,
    recovered: readonly SourceProgress[],
    clock: Clock,
    arrived: (failed: boolean) => void,
  ) {
    this.source = source
    this.#clock = clock
    this.#arrived = arrived
    for (const progress of recovered) this.#sealed.set(progress.partition, progress)
  }

  get reading(): boolean {
    return this.#reader !== undefined
  }

  /** What keeps it from reading just now; it tries again by itself. */
  get trouble(): string | undefined {
    return this.#reader?.trouble?.()
  }

  get pending(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether the running epoch holds rows of it. */
  get taken(): boolean {
    return this.#taken.length > 0
  }

  get bytesInFlight(): number {
    return this.#bytes
  }

  /** Sealed progress a partition, from the source's start on. */
  get progress(): readonly SourceProgress[] {
    return [...this.#sealed.values()]
  }

  /** Newest known end of a partition's log. */
  end(partition: number): number | undefined {
    return this.#ends.get(partition)
  }

  badCount(partition: number): number {
    return this.#badCount.get(partition) ?? 0
  }

  /** Next offset of a partition that no sealed epoch has taken. */
  position(partition: number, start: readonly Position[]): number {
    return this.#sealed.get(partition)?.to ?? start.find((position) => position.partition === partition)?.offset ?? 0
  }

  /** The columns that somebody reads; from the next decoded rows on. */
  want(columns: readonly number[]): void {
    this.#columns = columns
  }

  /** Begins to read at the sealed position. The cursor owns the reader from now on. */
  start(reader: SourceReader, start: readonly Position[]): void {
    this.#reader = reader
    this.#abort = new AbortController()
    this.error = undefined
    this.#polled.clear()
    for (const { partition, offset } of start) this.#polled.set(partition, offset)
    for (const progress of this.#sealed.values()) this.#polled.set(progress.partition, progress.to)
    this.#polling = this.#poll(reader, this.#abort.signal)
  }

  /** Stands still; what was fetched and not sealed is fetched again later. */
  async stop(): Promise<void> {
    const reader = this.#reader
    if (reader === undefined) return
    this.#reader = undefined
    this.#abort.abort()
    this.#room?.()
    await this.#polling
    this.#waiting = []
    this.#bytes = 0
    await reader[Symbol.asyncDispose]()
  }

  async #poll(reader: SourceReader, signal: AbortSignal): Promise<void> {
    try {
      let asked = Number.NEGATIVE_INFINITY
      while (!signal.aborted) {
        if (this.#clock.monotonicMs() - asked >= DISCOVERY_MS) {
          const wait = (await this.#discover(reader)) ? DISCOVERY_MS : DISCOVERY_RETRY_MS
          asked = this.#clock.monotonicMs() - DISCOVERY_MS + wait
        }
        if (this.#bytes >= IN_FLIGHT_MAX) {
          await new Promise<void>((resolve) => {
            this.#room = resolve
          })
          continue
        }
        const positions = [...this.#polled].map(([partition, offset]) => ({ partition, offset }))
        const chunks = await reader.poll(positions, { maxBytes: POLL_BYTES, maxWaitMs: POLL_WAIT_MS }, signal)
        if (signal.aborted) break
        for (const chunk of chunks) this.#add(chunk)
        if (chunks.length > 0) this.#arrived(false)
      }
    } catch (error) {
      if (signal.aborted) return
      this.fail(error)
      this.#arrived(true)
    }
  }

  /** The source stops here, with an error that millrace.sources shows. */
  fail(error: unknown): void {
    this.error = error instanceof SqlError ? error : sourceFailed(this.source.object.name, error)
    this.#abort.abort()
  }

  /**
   * Partitions that were added to the log are read from offset 0, as lanes and recovery do, so that a beginning which
   * is gone already is noticed. False where the log could not be asked now; known partitions are read all the same.
   */
  async #discover(reader: SourceReader): Promise<boolean> {
    try {
      for (const { partition, end } of await reader.ends()) {
        this.#ends.set(partition, end)
        if (!this.#polled.has(partition)) this.#polled.set(partition, 0)
      }
      return true
    } catch (error) {
      if (!isPassing(error)) throw error
      return false
    }
  }

  #add(chunk: Chunk): void {
    this.#polled.set(chunk.partition, chunk.to)
    this.#ends.set(chunk.partition, chunk.end)
    this.#waiting.push({ chunk, skip: 0, next: chunk.from })
    this.#bytes += chunk.bytes
  }

  /** Decodes about `maxRows` waiting records into the source's delta. */
  take(maxRows: number, region: Region): TakenRows {
    this.#takenBad = []
    let rows = 0
    for (const waiting of this.#waiting) {
      while (rows < maxRows && waiting.next < waiting.chunk.to)
        rows += this.#takeSome(waiting, maxRows - rows, region, this.#takenBad)
      if (rows >= maxRows) break
    }
    return { progress: this.#taken, bad: this.#takenBad, rows }
  }

  #takeSome(waiting: Waiting, maxRows: number, region: Region, bad: BadRecord[]): number {
    const { chunk } = waiting
    const max = Math.min(DECODE_ROWS, maxRows, Math.max(1, chunk.records - waiting.skip))
    const decoded = chunk.decode(this.#columns, { skip: waiting.skip, max }, region)
    const count = decoded.batch.length + decoded.bad.length
    const next = waiting.skip + count >= chunk.records ? chunk.to : decoded.next
    if (decoded.batch.length > 0) this.source.delta.push(sparse(decoded, this.#columns, this.source.schema.length))
    bad.push(...decoded.bad)
    this.#note({ chunk, from: waiting.next, to: next, records: count, digest: decoded.digest })
    waiting.skip += count
    waiting.next = next
    return Math.max(1, count)
  }

  #note(range: { chunk: Chunk; from: number; to: number; records: number; digest: bigint }): void {
    const { chunk, from, to, records, digest } = range
    const progress: SourceProgress = {
      source: this.source.id,
      partition: chunk.partition,
      from,
      to,
      records,
      digest,
      watermark: undefined,
      raises: [],
    }
    const last = this.#taken.findIndex((taken) => taken.partition === chunk.partition)
    if (last < 0) this.#taken.push(progress)
    else this.#taken[last] = mergeProgress(this.#taken[last], progress)
  }

  /** The epoch that took them is sealed. */
  sealed(): void {
    for (const progress of this.#taken)
      this.#sealed.set(progress.partition, mergeProgress(this.#sealed.get(progress.partition), progress))
    this.#taken = []
    for (const { partition } of this.#takenBad) this.#badCount.set(partition, this.badCount(partition) + 1)
    this.#takenBad = []
    while (this.#waiting.length > 0 && this.#waiting[0]!.next >= this.#waiting[0]!.chunk.to) {
      const { chunk } = this.#waiting.shift()!
      this.#bytes -= chunk.bytes
      this.#done.push(chunk)
    }
    if (this.#bytes < IN_FLIGHT_MAX) this.#room?.()
  }

  /** The epoch's region was recycled: nothing refers to the chunks it has finished any more. */
  recycled(): void {
    for (const chunk of this.#done.splice(0)) chunk.release?.()
  }

  /** The epoch was given up: the same records will be taken again. */
  aborted(): void {
    for (const progress of this.#taken) {
      for (const waiting of this.#waiting) {
        if (waiting.chunk.partition !== progress.partition || waiting.next <= progress.from) continue
        waiting.next = Math.max(progress.from, waiting.chunk.from)
        waiting.skip = waiting.chunk.recordsBelow(waiting.next)
      }
    }
    this.#taken = []
    this.#takenBad = []
  }

  /** T of `ingested_at`. */
  now(): bigint {
    return this.#clock.now()
  }
}

/** The reader itself says when a log is gone for good (55000); an unknown topic may be known a moment later. */
const isPassing = (error: unknown): boolean =>
  error instanceof SqlError && (error.code.startsWith('08') || error.code === '42P01')

function sparse(decoded: Decoded, columns: readonly number[], width: number): SparseBatch {
  const all = new Array<Column | undefined>(width).fill(undefined)
  columns.forEach((column, i) => {
    all[column] = decoded.batch.columns[i]
  })
  return { length: decoded.batch.length, weights: decoded.batch.weights, columns: all }
}

/** XX000: an error that no connector named. */
const sourceFailed = (name: string, cause: unknown): SqlError =>
  new SqlError({
    code: 'XX000',
    message: `source "${name}" stopped: ${cause instanceof Error ? cause.message : String(cause)}`,
  })
