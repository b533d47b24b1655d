// Generators as sources: a log of one partition whose record `offset` is a function of the offset alone, so that any
// range can be made at any time, by any reader, again and again. Nothing is kept; a chunk is two offsets.
//
// Records with a rate appear by the clock, counted from the origin's base time, fixed at CREATE SOURCE. Without one a
// bounded log is there at once, and an endless one has, at any moment, the end that its reader was given: it never
// promises records that somebody would then wait for.

import { batchOf, type Column, i32Column, i64Column } from '../../core/batch.ts'
import { notSupported } from '../../core/error.ts'
import type { Region } from '../../core/region.ts'
import { pause } from '../kafka/backoff.ts'
import type {
  Chunk,
  ConnectorHost,
  Decoded,
  PartitionEnds,
  PollLimits,
  Position,
  SourceColumn,
  SourceReader,
} from '../source.ts'

export interface GeneratedLog {
  /** How many records there will be; undefined: it goes on for ever. */
  readonly records: number | undefined
  /** Records there `micros` after the base time; undefined: all of an endless log, as fast as it is read. */
  recordsAt(micros: number): number | undefined
  /** Microseconds from the base time to record `offset`. */
  timeOf(offset: number): number
  /** The given ones of the log's own columns, for `count` records from offset `from` on. */
  generate(columns: readonly number[], range: { from: number; count: number }, region: Region): readonly Column[]
}

/** What a record counts in the engine's limits on bytes in flight, which hold rows that are still to be made. */
const RECORD_BYTES = 64
/** Offsets are exact doubles. */
const OFFSET_MAX = Number.MAX_SAFE_INTEGER

/** INCLUDE columns that a generator can fill. Throws 0A000 for others. */
export function checkGeneratorColumns(columns: readonly SourceColumn[]): void {
  for (const { include } of columns)
    if (include !== undefined && include !== 'partition' && include !== 'offset')
      throw notSupported(`INCLUDE ${include.toUpperCase()} of a generator`)
}

export class GeneratorReader implements SourceReader {
  readonly #log: GeneratedLog
  readonly #columns: readonly SourceColumn[]
  readonly #baseTime: bigint
  readonly #host: ConnectorHost
  #handedOut = 0

  constructor(log: GeneratedLog, columns: readonly SourceColumn[], baseTime: bigint, host: ConnectorHost) {
    this.#log = log
    this.#columns = columns
    this.#baseTime = baseTime
    this.#host = host
  }

  async ends(): Promise<readonly PartitionEnds[]> {
    return [{ partition: 0, first: 0, end: this.#end() ?? this.#handedOut }]
  }

  async poll(positions: readonly Position[], limits: PollLimits, signal: AbortSignal): Promise<readonly Chunk[]> {
    const position = positions.find(({ partition }) => partition === 0)
    const from = position?.offset ?? 0
    if ((this.#end() ?? OFFSET_MAX) <= from) await pause(this.#host.timers, this.#waitMs(from, limits), signal)
    const end = this.#end()
    const to = Math.min(from + Math.max(1, Math.floor(limits.maxBytes / RECORD_BYTES)), end ?? OFFSET_MAX)
    if (signal.aborted || to <= from) return []
    this.#handedOut = Math.max(this.#handedOut, to)
    return [new GeneratedChunk(this.#log, this.#columns, { from, to, end: end ?? this.#handedOut })]
  }

  finalEnd(): number | undefined {
    return this.#log.records
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #end(): number | undefined {
    return this.#log.recordsAt(Number(this.#host.clock.now() - this.#baseTime))
  }

  /** Until record `offset` is there, as far as the clock says; at least a millisecond. */
  #waitMs(offset: number, { maxWaitMs }: PollLimits): number {
    const elapsed = Number(this.#host.clock.now() - this.#baseTime)
    const waitMs = Math.ceil((this.#log.timeOf(offset) - elapsed) / 1000)
    return waitMs < 1 ? maxWaitMs : Math.min(maxWaitMs, waitMs)
  }
}

class GeneratedChunk implements Chunk {
  readonly partition = 0
  readonly from: number
  readonly to: number
  readonly end: number
  readonly #log: GeneratedLog
  readonly #columns: readonly SourceColumn[]

  constructor(
    log: GeneratedLog,
    columns: readonly SourceColumn[],
    range: { readonly from: number; readonly to: number; readonly end: number },
  ) {
    this.#log = log
    this.#columns = columns
    this.from = range.from
    this.to = range.to
    this.end = range.end
  }

  get records(): number {
    return this.to - this.from
  }

  get bytes(): number {
    return this.records * RECORD_BYTES
  }

  recordsBelow(offset: number): number {
    return Math.min(this.records, Math.max(0, offset - this.from))
  }

  record(): { readonly key: null; readonly payload: null } {
    return { key: null, payload: null }
  }

  decode(columns: readonly number[], { skip, max }: { skip: number; max: number }, region: Region): Decoded {
    const from = this.from + skip
    const count = Math.max(0, Math.min(max, this.to - from))
    const offsets = region.f64(count)
    for (let i = 0; i < count; i++) offsets[i] = from + i
    const own = columns.filter((column) => this.#columns[column]!.include === undefined)
    const made = this.#log.generate(own, { from, count }, region)
    const all = columns.map((column) => {
      const { include } = this.#columns[column]!
      if (include === undefined) return made[own.indexOf(column)]!
      return include === 'partition' ? i32Column(region.i32(count).fill(0)) : offsetColumn(offsets, region)
    })
    return { batch: batchOf(count, all), offsets, timestamps: undefined, bad: [], next: from + count, digest: 0n }
  }
}

function offsetColumn(offsets: Float64Array, region: Region): Column {
  const column = i64Column(region.i64(offsets.length))
  for (let i = 0; i < offsets.length; i++) storeWhole(column.words, i, offsets[i]!)
  return column
}

const WORD = 4_294_967_296

/** Stores a whole number below 2^53 in magnitude as row `row` of an i64 column's words. */
export function storeWhole(words: Int32Array, row: number, value: number): void {
  words[2 * row] = value
  words[2 * row + 1] = Math.floor(value / WORD)
}
