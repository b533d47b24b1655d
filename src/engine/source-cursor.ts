// The live cursor of one source: reads its log ahead of the epochs, within a byte limit, and remembers up to where
// sealed epochs have taken it (spec/engine.md §5–7). Several views share it: each record is fetched and decoded once.
//
//   log ──poll──► chunks (bytes in flight ≤ limit) ──take──► epoch's delta, bad and late ──sealed──► position moves
//
// State: chunks that wait, the position of the next poll, the sealed position, and how far time has come in each
// partition, sealed and in the running epoch. A cursor stands while nobody reads the source. What a partition missed of
// W (it was idle, new, or W was advanced) is made up for when it delivers: it is raised to the W of the last epoch,
// which the record keeps. Of several partitions the one whose time has come least far is taken first.
// An error from the log (offset gone, topic recreated, authorisation) stops this source, with the error
// shown in millrace.sources; nothing is skipped and other sources go on.

import type { BadRecord, Chunk, Position, SourceOrigin, SourceReader } from '../connectors/source.ts'
import type { Batch, Column } from '../core/batch.ts'
import type { Clock } from '../core/clock.ts'
import { SqlError } from '../core/error.ts'
import type { Region } from '../core/region.ts'
import { type SourceProgress, WHOLE_SOURCE } from '../storage/journal.ts'
import { mergeProgress } from './data-directory.ts'
import { ENDLESS } from './judge-times.ts'
import type { LiveSource } from './live-relation.ts'
import { type LateRows, PartitionTime, SourceJudge } from './source-judge.ts'
import { SourceTime } from './source-time.ts'
import type { SparseBatch } from './sparse-batch.ts'
import { type Waiting, WaitingChunks } from './waiting-chunks.ts'

/** Bytes fetched and not yet in a sealed epoch, a source. At the limit polling pauses. */
const IN_FLIGHT_MAX = 32 * 1024 * 1024
const POLL_BYTES = 4 * 1024 * 1024
const POLL_WAIT_MS = 500
const DECODE_ROWS = 8192
/** How often the log is asked for new partitions. */
const DISCOVERY_MS = 30_000
/** How soon it is asked again after it could not answer. */
const DISCOVERY_RETRY_MS = 1_000
/** How soon it is looked again for partitions that have become idle. */
const LOOK_MS = 20

export interface TakenRows {
  readonly progress: readonly SourceProgress[]
  readonly bad: readonly BadRecord[]
  readonly late: readonly LateRows[]
  readonly rows: number
}

export class SourceCursor {
  readonly source: LiveSource
  readonly #clock: Clock
  readonly #arrived: (failed: boolean) => void
  #reader: SourceReader | undefined
  #abort = new AbortController()
  #polling: Promise<void> | undefined
  readonly #waiting = new WaitingChunks()
  /** Taken whole by the sealed epoch, whose batches may still refer to them. */
  readonly #done: Chunk[] = []
  #room: (() => void) | undefined
  readonly #polled = new Map<number, number>()
  readonly #sealed = new Map<number, SourceProgress>()
  #taken: SourceProgress[] = []
  readonly #ends = new Map<number, number>()
  #columns: readonly number[] = []
  readonly #judge: SourceJudge
  readonly #time: SourceTime | undefined
  /** Partitions of the running epoch as they were before it. */
  readonly #before = new Map<number, PartitionTime>()
  /** When the log was last asked for its partitions and ends; and for the sake of a silent partition. */
  #asked = Number.NEGATIVE_INFINITY
  #idleAsked = Number.NEGATIVE_INFINITY
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
    const { rule } = source
    this.#judge = new SourceJudge(rule, source.schema.length, rule?.definition.late === 'divert')
    this.#time = rule && new SourceTime(rule.definition)
    for (const progress of recovered) {
      if (progress.partition === WHOLE_SOURCE) continue
      this.#sealed.set(progress.partition, progress)
      this.#judge.set(progress.partition, PartitionTime.after(progress, rule?.lateness ?? 0n))
    }
  }

  get reading(): boolean {
    return this.#reader !== undefined
  }

  /** What keeps it from reading just now; it tries again by itself. */
  get trouble(): string | undefined {
    return this.#reader?.trouble?.()
  }

  get pending(): boolean {
    return this.#waiting.any || this.#timeHasCome
  }

  /** W would move without a row: a partition became idle, or the log is finished. */
  get #timeHasCome(): boolean {
    const least = this.#least()
    return least !== undefined && least > (this.source.watermark?.sealed ?? least - 1n)
  }

  /** Whether the running epoch holds rows of it. */
  get taken(): boolean {
    return this.#taken.length > 0
  }

  get bytesInFlight(): number {
    return this.#waiting.bytes
  }

  /** Sealed progress a partition, from the source's start on. */
  get progress(): readonly SourceProgress[] {
    return [...this.#sealed.values()]
  }

  /** Newest known end of a partition's log. */
  end(partition: number): number | undefined {
    return this.#ends.get(partition)
  }

  /** Whether it waits for nothing of the partition. */
  isIdle(partition: number): boolean {
    return this.#time?.isIdle(partition) === true
  }

  /** Whether nothing will come any more. */
  isFinished(partition: number): boolean {
    const end = this.#reader?.finalEnd?.(partition)
    return end !== undefined && this.#next(partition) >= end
  }

  /** Partitions that its log is known to have. */
  get partitions(): readonly number[] {
    return [...new Set([...(this.#time?.partitions ?? []), ...this.#polled.keys(), ...this.#sealed.keys()])]
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
    this.#time?.began(this.#polled.keys(), this.#clock.monotonicMs())
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
    this.#waiting.clear()
    await reader[Symbol.asyncDispose]()
  }

  async #poll(reader: SourceReader, signal: AbortSignal): Promise<void> {
    try {
      this.#asked = Number.NEGATIVE_INFINITY
      while (!signal.aborted) {
        if (this.#clock.monotonicMs() - this.#asked >= DISCOVERY_MS) await this.#discover(reader)
        if (this.#waiting.bytes >= IN_FLIGHT_MAX) {
          await new Promise<void>((resolve) => {
            this.#room = resolve
          })
          continue
        }
        const positions = [...this.#polled].map(([partition, offset]) => ({ partition, offset }))
        const chunks = await reader.poll(positions, { maxBytes: POLL_BYTES, maxWaitMs: this.#waitMs() }, signal)
        if (signal.aborted) break
        for (const chunk of chunks) this.#add(chunk)
        await this.#lookForIdle(reader)
        if (chunks.length > 0 || this.#timeHasCome) this.#arrived(false)
      }
    } catch (error) {
      if (signal.aborted) return
      this.fail(error)
      this.#arrived(true)
    }
  }

  /** Until something arrives, or a partition may have become idle. */
  #waitMs(): number {
    const left = this.#time?.silentIn(this.#clock.monotonicMs()) ?? POLL_WAIT_MS
    return Math.max(LOOK_MS, Math.min(POLL_WAIT_MS, left))
  }

  /** A silent partition is idle if its log, asked now, ends where it has been read to. */
  async #lookForIdle(reader: SourceReader): Promise<void> {
    const time = this.#time
    if (time === undefined) return
    const now = this.#clock.monotonicMs()
    const silent = time
      .silent(now)
      .filter((partition) => !this.#waiting.isWaiting(partition) && !this.isFinished(partition))
    if (silent.length > 0 && now - this.#idleAsked >= DISCOVERY_RETRY_MS) {
      this.#idleAsked = now
      if (await this.#discover(reader))
        for (const partition of silent)
          if (this.#polled.get(partition) === this.#ends.get(partition)) time.wentIdle(partition)
    }
    time.advance(now, this.#clock.now(), this.source.watermark?.sealed)
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
        this.#time?.found(partition, this.#clock.monotonicMs())
      }
      this.#asked = this.#clock.monotonicMs()
      return true
    } catch (error) {
      if (!isPassing(error)) throw error
      this.#asked = this.#clock.monotonicMs() - DISCOVERY_MS + DISCOVERY_RETRY_MS
      return false
    }
  }

  #add(chunk: Chunk): void {
    this.#polled.set(chunk.partition, chunk.to)
    this.#ends.set(chunk.partition, chunk.end)
    if (chunk.records > 0) this.#time?.delivered(chunk.partition, this.#clock.monotonicMs())
    this.#waiting.add(chunk)
  }

  /** Decodes about `maxRows` waiting records into the source's delta. */
  take(maxRows: number, region: Region): TakenRows {
    const taken: { bad: BadRecord[]; late: LateRows[] } = { bad: [], late: [] }
    let rows = 0
    for (const waiting of this.#waiting.inOrder((partition) => this.#judge.of(partition).watermark)) {
      if (rows >= maxRows) break
      rows += this.#takeSome(waiting, maxRows - rows, region, taken)
    }
    this.#follow()
    return { progress: this.#taken, ...taken, rows }
  }

  #takeSome(waiting: Waiting, maxRows: number, region: Region, taken: { bad: BadRecord[]; late: LateRows[] }): number {
    const { chunk } = waiting
    const max = Math.min(DECODE_ROWS, maxRows, Math.max(1, chunk.records - waiting.skip))
    const raises = this.#enter(chunk.partition, waiting.next)
    const decoded = this.#judge.decode(chunk, this.#columns, { skip: waiting.skip, max }, region)
    const { records, batch, late } = decoded
    const next = waiting.skip + records >= chunk.records ? chunk.to : decoded.next
    if (batch.length > 0) this.source.delta.push(sparse(batch, this.#columns, this.source.schema.length))
    taken.bad.push(...decoded.bad)
    if (late !== undefined) taken.late.push(late)
    const { partition } = chunk
    const time = this.#judge.of(partition)
    this.#note({
      source: this.source.id,
      partition,
      from: waiting.next,
      to: next,
      records,
      digest: decoded.digest,
      watermark: time.watermark,
      raises,
      judged: time.judged,
    })
    waiting.skip += records
    waiting.next = next
    return Math.max(1, records)
  }

  /** The first rows of a partition in this epoch: it is not behind what the last epoch knew. */
  #enter(partition: number, offset: number): SourceProgress['raises'] {
    if (this.#before.has(partition)) return []
    const time = this.#judge.of(partition)
    this.#before.set(partition, time.copy())
    const watermark = this.source.watermark?.sealed
    if (watermark === undefined || (time.watermark !== undefined && time.watermark >= watermark)) return []
    time.raise(watermark, this.source.rule!.lateness)
    return [{ offset, watermark }]
  }

  #note(progress: SourceProgress): void {
    const last = this.#taken.findIndex((taken) => taken.partition === progress.partition)
    if (last < 0) this.#taken.push(progress)
    else this.#taken[last] = mergeProgress(this.#taken[last], progress)
  }

  /** Next offset of a partition that the running epoch has not taken. */
  #next(partition: number): number {
    const taken = this.#taken.find((progress) => progress.partition === partition)
    return taken?.to ?? this.position(partition, (this.source.object.origin as SourceOrigin).start)
  }

  #least(): bigint | undefined {
    if (this.#reader === undefined) return undefined
    return this.#time?.least((partition) =>
      this.isFinished(partition) ? ENDLESS : this.#judge.of(partition).watermark,
    )
  }

  /** W of the running epoch. */
  #follow(): void {
    const { watermark, frontiers } = this.source
    if (watermark === undefined) return
    watermark.follow(this.#least())
    frontiers.set(watermark.frontiers)
  }

  /** The epoch that took them is sealed. */
  sealed(): void {
    for (const progress of this.#taken)
      this.#sealed.set(progress.partition, mergeProgress(this.#sealed.get(progress.partition), progress))
    this.#taken = []
    this.#before.clear()
    this.#done.push(...this.#waiting.sealed())
    if (this.#waiting.bytes < IN_FLIGHT_MAX) this.#room?.()
  }

  /** The epoch's region was recycled: nothing refers to the chunks it has finished any more. */
  recycled(): void {
    for (const chunk of this.#done.splice(0)) chunk.release?.()
  }

  /** The epoch was given up: the same records will be taken again. */
  aborted(): void {
    for (const { partition, from } of this.#taken) this.#waiting.takeBack(partition, from)
    this.#taken = []
    for (const [partition, time] of this.#before) this.#judge.set(partition, time)
    this.#before.clear()
    this.#follow()
  }
}

/** The reader itself says when a log is gone for good (55000); an unknown topic may be known a moment later. */
const isPassing = (error: unknown): boolean =>
  error instanceof SqlError && (error.code.startsWith('08') || error.code === '42P01')

function sparse(batch: Batch, columns: readonly number[], width: number): SparseBatch {
  const all = new Array<Column | undefined>(width).fill(undefined)
  columns.forEach((column, i) => {
    all[column] = batch.columns[i]
  })
  return { length: batch.length, weights: batch.weights, columns: all }
}

/** XX000: an error that no connector named. */
const sourceFailed = (name: string, cause: unknown): SqlError =>
  new SqlError({
    code: 'XX000',
    message: `source "${name}" stopped: ${cause instanceof Error ? cause.message : String(cause)}`,
  })
