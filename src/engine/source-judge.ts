// Which rows of a source are accepted: a function of each partition's log and the source's raise list, whoever reads
// (spec/engine.md §7). The live cursor, lanes, ad-hoc reads and recovery each have a judge of their own and decode
// through it; so all of them accept the same rows, however the log is cut.
//
//   chunk ──decode──► rows in offset order ──► raises due at them, each row against C, then W ──► accepted, late
//
// State: W of each partition with what is counted of it, and the raises that are still ahead. Late rows are decoded
// with all columns only where somebody keeps them: by a second decoding at first, in one go while they keep coming.

import type { BadRecord, Chunk, Decoded } from '../connectors/source.ts'
import type { Batch, Column } from '../core/batch.ts'
import { gather } from '../core/primitives/gather.ts'
import type { Region } from '../core/region.ts'
import type { JudgedRows, SourceProgress } from '../storage/journal.ts'
import { CLOSING, closingOf, type JudgedOut, judgeTimes, LATENESS, MOVED, NO_TIME, W, WORDS } from './judge-times.ts'
import type { WatermarkRule } from './watermark-rule.ts'

export interface Judged {
  /** Accepted rows; the columns that were asked for. */
  readonly batch: Batch
  readonly late: LateRows | undefined
  readonly bad: readonly BadRecord[]
  readonly next: number
  /** Good, late and bad ones. */
  readonly records: number
  readonly digest: bigint
}

export interface LateRows {
  /** All columns of the relation. */
  readonly batch: Batch
  /** C before each of them. */
  readonly closing: BigInt64Array
}

/** How far time has come in one partition, and what was counted on the way. */
export class PartitionTime {
  words: BigInt64Array = new BigInt64Array(WORDS).fill(NO_TIME)
  counts: Omit<JudgedRows, 'lateness' | 'movedTime'> = NOTHING
  raises: SourceProgress['raises'] = []
  /** The first that has not been applied. */
  next = 0

  get watermark(): bigint | undefined {
    const w = this.words[W]!
    return w === NO_TIME ? undefined : w
  }

  copy(): PartitionTime {
    const copy = new PartitionTime()
    copy.words = this.words.slice()
    copy.counts = this.counts
    copy.raises = this.raises
    copy.next = this.next
    return copy
  }

  raise(value: bigint, lateness: bigint): void {
    if (value <= this.words[W]!) return
    this.words[W] = value
    this.words[CLOSING] = closingOf(value, lateness)
  }

  get judged(): JudgedRows {
    return { ...this.counts, lateness: this.words[LATENESS]!, movedTime: this.words[MOVED]! }
  }

  /** Goes on from what a record says. */
  static after(progress: SourceProgress, lateness: bigint): PartitionTime {
    const time = new PartitionTime()
    if (progress.watermark !== undefined) time.raise(progress.watermark, lateness)
    time.raises = progress.raises
    time.next = progress.raises.length
    if (progress.judged === undefined) return time
    const { lateness: farthest, movedTime, ...counts } = progress.judged
    time.words[LATENESS] = farthest
    time.words[MOVED] = movedTime
    time.counts = counts
    return time
  }
}

const NOTHING: PartitionTime['counts'] = { bad: 0, late: 0, tardy: 0, timeless: 0, ahead: 0, movedAt: -1 }

export class SourceJudge {
  readonly rule: WatermarkRule | undefined
  readonly #width: number
  /** What is to be decoded of late rows: everything, or nothing. */
  readonly #keepsLate: boolean
  readonly #partitions = new Map<number, PartitionTime>()
  #manyLate = false

  /** `keepsLate`: late rows come with all their columns. */
  constructor(rule: WatermarkRule | undefined, width: number, keepsLate = false) {
    this.rule = rule
    this.#width = width
    this.#keepsLate = keepsLate
  }

  of(partition: number): PartitionTime {
    let time = this.#partitions.get(partition)
    if (time === undefined) {
      time = new PartitionTime()
      this.#partitions.set(partition, time)
    }
    return time
  }

  set(partition: number, time: PartitionTime): void {
    this.#partitions.set(partition, time)
  }

  /** Records of a chunk, judged; of the relation the columns `wanted`. */
  decode(
    chunk: Chunk,
    wanted: readonly number[],
    range: { readonly skip: number; readonly max: number },
    region: Region,
  ): Judged {
    const { rule } = this
    if (rule === undefined) {
      const { batch, bad, next, digest } = chunk.decode(wanted, range, region)
      this.#count(chunk.partition, bad.length)
      return { batch, late: undefined, bad, next, digest, records: batch.length + bad.length }
    }
    const wide = this.#keepsLate && this.#manyLate
    const columns = wide ? this.#all : [...new Set([...wanted, ...rule.columns])].sort((a, b) => a - b)
    const decoded = chunk.decode(columns, range, region)
    const late = this.#judge(rule, chunk.partition, decoded, columns, region)
    const projected = (batch: Batch, of: readonly number[]): Batch => ({
      ...batch,
      columns: of.map((column): Column => batch.columns[columns.indexOf(column)]!),
    })
    const accepted = projected(decoded.batch, wanted)
    const { bad, next, digest } = decoded
    const result = { bad, next, digest, records: decoded.batch.length + bad.length }
    if (late !== undefined && rule.definition.late === 'error') throw rule.refused(decoded, columns, late)
    this.#manyLate = late !== undefined
    if (late === undefined || rule.definition.late === 'apply') return { batch: accepted, late: undefined, ...result }
    const kept = this.#keepsLate ? (wide ? decoded : chunk.decode(this.#all, range, region)).batch : undefined
    return {
      ...result,
      batch: without(accepted, late.rows, region),
      late: kept && { batch: gather(kept, late.rows, late.rows.length, region), closing: late.closing },
    }
  }

  get #all(): readonly number[] {
    return Array.from({ length: this.#width }, (_, column) => column)
  }

  #count(partition: number, bad: number): void {
    if (bad === 0) return
    const time = this.of(partition)
    time.counts = { ...time.counts, bad: time.counts.bad + bad }
  }

  /** Late rows of a decoded batch; W and the counts move. */
  #judge(
    rule: WatermarkRule,
    partition: number,
    decoded: Decoded,
    columns: readonly number[],
    region: Region,
  ): { readonly rows: Int32Array; readonly closing: BigInt64Array } | undefined {
    const { batch, offsets, timestamps } = decoded
    const { length } = batch
    const time = this.of(partition)
    const read = rule.columns.map((column) => batch.columns[columns.indexOf(column)]!)
    const times = rule.times(read, length, timestamps, region)
    const rows = region.i32(length)
    const closing = region.i64(length)
    const out: JudgedOut = { late: rows, closing, tardy: 0, timeless: 0, moved: -1 }
    let count = 0
    for (let from = 0; from < length; ) {
      const to = this.#untilRaise(rule, time, offsets, from, length)
      const rest: JudgedOut = { ...out, late: rows.subarray(count), closing: closing.subarray(count) }
      count += judgeTimes(times, { from, to }, rule.lateness, time.words, rest)
      out.tardy = rest.tardy
      out.timeless = rest.timeless
      out.moved = rest.moved
      from = to
    }
    const { counts } = time
    time.counts = {
      bad: counts.bad + decoded.bad.length,
      late: counts.late + count,
      tardy: counts.tardy + out.tardy,
      timeless: counts.timeless + out.timeless,
      ahead: counts.ahead + times.ahead,
      movedAt: out.moved < 0 ? counts.movedAt : offsets[out.moved]!,
    }
    return count === 0 ? undefined : { rows: rows.subarray(0, count), closing: closing.subarray(0, count) }
  }

  /** Applies the raises that are due at row `from`; the first row at which another is. */
  #untilRaise(rule: WatermarkRule, time: PartitionTime, offsets: Float64Array, from: number, length: number): number {
    for (; time.next < time.raises.length; time.next++) {
      const { offset, watermark } = time.raises[time.next]!
      if (offset > offsets[from]!) {
        let to = from
        while (to < length && offsets[to]! < offset) to++
        return to
      }
      time.raise(watermark, rule.lateness)
    }
    return length
  }
}

function without(batch: Batch, rows: Int32Array, region: Region): Batch {
  const kept = region.i32(batch.length - rows.length)
  let at = 0
  let next = 0
  for (let row = 0; row < batch.length; row++) {
    if (next < rows.length && rows[next] === row) next++
    else kept[at++] = row
  }
  return gather(batch, kept, kept.length, region)
}
