// A source's log read by itself, from its start up to goals: what lanes, ad-hoc reads and recovery have in common.
//
//   poll ──► chunks in hand ──► the partition whose time has come least far ──► judged rows
//
// State: a judge of its own, positions, and the chunks that were polled and not read, some megabytes. Rows are accepted
// as the live cursor accepted them, since its raises come with the goals. Partitions are read in the order of their
// time as far as their logs send, so that windows close on the way (spec/engine.md §6).

import type { Chunk, Position, SourceOrigin, SourceReader } from '../connectors/source.ts'
import type { Region } from '../core/region.ts'
import type { Frontiers } from '../executor/operator.ts'
import type { SourceProgress } from '../storage/journal.ts'
import { closingOf, NO_TIME } from './judge-times.ts'
import type { LiveSource } from './live-relation.ts'
import { type Judged, SourceJudge } from './source-judge.ts'

const POLL_BYTES = 4 * 1024 * 1024
/** In hand; beyond it only partitions that nothing is in hand of are polled. */
const HAND_BYTES = 16 * 1024 * 1024

/** Where to read to, and what the live cursor noted up to there. */
export interface LogGoal {
  readonly partitions: readonly Pick<SourceProgress, 'partition' | 'to' | 'raises'>[]
  /** W when the source was there. */
  readonly watermark: bigint | undefined
}

export interface LogLimits {
  readonly maxRows: number
  readonly maxWaitMs: number
}

export interface LogPiece extends Judged {
  readonly partition: number
}

interface InHand {
  readonly chunk: Chunk
  skip: number
}

export class SourceLog implements AsyncDisposable {
  readonly source: LiveSource
  readonly columns: readonly number[]
  readonly #reader: SourceReader
  readonly #judge: SourceJudge
  readonly #positions: Map<number, number>
  readonly #hand = new Map<number, InHand[]>()
  #closing: bigint | undefined

  /** Owns the reader. */
  constructor(source: LiveSource, reader: SourceReader, columns: readonly number[]) {
    this.source = source
    this.columns = columns
    this.#reader = reader
    this.#judge = new SourceJudge(source.rule, source.schema.length)
    const { start } = source.object.origin as SourceOrigin
    this.#positions = new Map(start.map(({ partition, offset }) => [partition, offset]))
  }

  get reader(): SourceReader {
    return this.#reader
  }

  position(partition: number): number {
    return this.#positions.get(partition) ?? 0
  }

  /** Records that are left, by their offsets. */
  left({ partitions }: LogGoal): number {
    return partitions.reduce((sum, { partition, to }) => sum + Math.max(0, to - this.position(partition)), 0)
  }

  behind({ partitions }: LogGoal): LogGoal['partitions'] {
    return partitions.filter(({ partition, to }) => this.position(partition) < to)
  }

  /** The next rows before the goal; undefined: none came in time, or there are none. */
  async next(goal: LogGoal, limits: LogLimits, region: Region, signal: AbortSignal): Promise<LogPiece | undefined> {
    for (;;) {
      const behind = this.behind(goal)
      for (const { partition, raises } of behind) this.#judge.of(partition).raises = raises
      if (behind.some(({ partition }) => !this.#hand.has(partition))) await this.#poll(behind, limits, signal)
      const held = behind.filter(({ partition }) => this.#hand.has(partition))
      if (held.length === 0) return undefined
      const timeOf = (one: { partition: number }): bigint => this.#judge.of(one.partition).watermark ?? NO_TIME
      const first = held.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a))
      const piece = this.#read(first, limits.maxRows, region)
      if (piece !== undefined) return piece
    }
  }

  async #poll(behind: LogGoal['partitions'], { maxWaitMs }: LogLimits, signal: AbortSignal): Promise<void> {
    const bytes = [...this.#hand.values()].flat().reduce((sum, { chunk }) => sum + chunk.bytes, 0)
    const wanted = bytes < HAND_BYTES ? behind : behind.filter(({ partition }) => !this.#hand.has(partition))
    const positions = wanted
      .map(({ partition, to }): Position & { to: number } => {
        const last = this.#hand.get(partition)?.at(-1)
        return { partition, offset: last?.chunk.to ?? this.position(partition), to }
      })
      .filter(({ offset, to }) => offset < to)
    const polled = positions.map(({ partition, offset }) => ({ partition, offset }))
    for (const chunk of await this.#reader.poll(polled, { maxBytes: POLL_BYTES, maxWaitMs }, signal)) {
      const held = this.#hand.get(chunk.partition)
      if (held === undefined) this.#hand.set(chunk.partition, [{ chunk, skip: 0 }])
      else held.push({ chunk, skip: 0 })
    }
  }

  /** Undefined: no records lie there. */
  #read({ partition, to }: { partition: number; to: number }, maxRows: number, region: Region): LogPiece | undefined {
    const held = this.#hand.get(partition)!
    const { chunk, skip } = held[0]!
    const until = Math.min(to, chunk.to)
    const records = until >= chunk.to ? chunk.records : chunk.recordsBelow(until)
    const range = { skip, max: Math.min(maxRows, records - skip) }
    const judged = range.max <= 0 ? undefined : this.#judge.decode(chunk, this.columns, range, region)
    held[0]!.skip += judged?.records ?? 0
    const isRead = held[0]!.skip >= records
    this.#positions.set(partition, isRead || judged === undefined ? until : judged.next)
    if (isRead && until >= chunk.to) held.shift()
    if (held.length === 0) this.#hand.delete(partition)
    return judged && { ...judged, partition }
  }

  /** What lies below is whole, as far as the source itself knew at the goal. */
  frontiers(goal: LogGoal): Frontiers {
    const { rule } = this.source
    if (rule === undefined || rule.definition.late === 'apply' || goal.watermark === undefined) return []
    let least: bigint | undefined = goal.watermark
    for (const { partition } of this.behind(goal)) {
      const { watermark } = this.#judge.of(partition)
      if (watermark === undefined) least = undefined
      else if (least !== undefined && watermark < least) least = watermark
    }
    const closing = least === undefined ? undefined : closingOf(least, rule.lateness)
    if (closing !== undefined && (this.#closing === undefined || closing > this.#closing)) this.#closing = closing
    return this.source.schema.map((_, column) => (column === rule.definition.column ? this.#closing : undefined))
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#reader[Symbol.asyncDispose]()
  }
}
