// A fetched piece as the engine sees it (../source.ts): raw bytes until a range of its records is asked for; then the
// batches that the range touches are decompressed into one buffer and handed to the format.
//
// State: those buffers, kept while the chunk lives, since columns refer to them. So what is uncompressed at one time
// follows from the rows asked for, not from how well a megabyte had been compressed. Where records lie is in a decoder
// that all chunks of a reader share; who finds another's records in it locates its own again.

import { batchOf } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import type { BadRecord, Chunk, Decoded, SourceColumn } from '../source.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { Codecs } from './codecs.ts'
import { digestRecords } from './digest.ts'
import { badFrame, type FrameField, frameColumn, framesCanBeBad } from './frame.ts'
import type { FetchedPartition } from './partition-queue.ts'
import type { BadPayload, PayloadDecoder, Payloads } from './payload.ts'
import { type FlatBatches, flatten, RecordDecoder, type Records, recordKey, recordValue } from './records.ts'

/** What all chunks of one reader share. */
export class ChunkDecoder {
  readonly #records = new RecordDecoder()
  readonly payloads: PayloadDecoder
  /** Columns that the format fills, then those of INCLUDE. */
  readonly payloadColumns: number
  readonly frameColumns: readonly SourceColumn[]
  readonly codecs: Codecs
  readonly pool: BufferPool
  #owner: Located | undefined
  #located: Records | undefined

  constructor(columns: readonly SourceColumn[], payloads: PayloadDecoder, codecs: Codecs, pool: BufferPool) {
    this.frameColumns = columns.filter(({ include }) => include !== undefined)
    this.payloadColumns = columns.length - this.frameColumns.length
    this.payloads = payloads
    this.codecs = codecs
    this.pool = pool
  }

  locate(owner: Located, from: number): Records {
    if (this.#owner !== owner || this.#located === undefined) {
      this.#owner = undefined
      this.#located = this.#records.decode(owner.flat, from)
      this.#owner = owner
    }
    return this.#located
  }
}

/** Some adjacent batches of a chunk, uncompressed. */
interface Located {
  /** Indexes of batches: `first` ≤ i < `end`. */
  readonly first: number
  readonly end: number
  readonly flat: FlatBatches
}

export class KafkaChunk implements Chunk {
  readonly #piece: FetchedPartition
  readonly #decoder: ChunkDecoder
  /** Number of the first record of each batch, and after the last. */
  readonly #starts: readonly number[]
  readonly #taken: Uint8Array[] = []
  #located: Located | undefined

  constructor(piece: FetchedPartition, decoder: ChunkDecoder) {
    this.#piece = piece
    this.#decoder = decoder
    const counts = piece.batches.map(({ recordCount }) => recordCount)
    // A first batch that begins before the position has records to drop; how many, only its records say.
    if ((piece.batches[0]?.baseOffset ?? piece.from) < piece.from) counts[0] = this.#records(0, 1).length
    const starts = [0]
    for (const count of counts) starts.push(starts.at(-1)! + count)
    this.#starts = starts
  }

  get records(): number {
    return this.#starts.at(-1)!
  }

  get partition(): number {
    return this.#piece.partition
  }

  get from(): number {
    return this.#piece.from
  }

  get to(): number {
    return this.#piece.to
  }

  get end(): number {
    return this.#piece.end
  }

  get bytes(): number {
    return this.#piece.sizeBytes
  }

  recordsBelow(offset: number): number {
    const batch = this.#piece.batches.findIndex(({ lastOffset }) => lastOffset >= offset)
    if (batch < 0) return this.records
    const { offset: offsets, length } = this.#records(batch, batch + 1)
    let low = 0
    let high = length
    while (low < high) {
      const middle = (low + high) >> 1
      if (offsets[middle]! < offset) low = middle + 1
      else high = middle
    }
    return this.#starts[batch]! + low
  }

  decode(columns: readonly number[], { skip, max }: { skip: number; max: number }, region: Region): Decoded {
    const end = Math.min(this.records, skip + max)
    const firstBatch = Math.max(
      0,
      this.#starts.findLastIndex((start) => start <= skip),
    )
    const endBatch = Math.max(
      firstBatch,
      this.#starts.findIndex((start) => start >= end),
    )
    const records = this.#records(firstBatch, endBatch)
    const from = skip - this.#starts[firstBatch]!
    const to = end - this.#starts[firstBatch]!
    const { frameColumns, payloadColumns, payloads } = this.#decoder
    const framed = framesCanBeBad(frameColumns) ? splitFrames(records, from, to, frameColumns) : undefined
    const input = framed === undefined ? payloadRange(records, from, to) : payloadsOf(records, framed.good)
    const fromPayload = columns.filter((column) => column < payloadColumns)
    const decoded = payloads.decode(input, fromPayload, region)
    const rowOf = (payload: number) => framed?.good[payload] ?? from + payload
    const rows = goodRows(input.count, decoded.bad, rowOf, region)
    const all = columns.map((column) => {
      if (column < payloadColumns) return decoded.columns[fromPayload.indexOf(column)]!
      const field = frameColumns[column - payloadColumns]!.include as FrameField
      return frameColumn(field, this.partition, records, rows, region)
    })
    const bad = [
      ...decoded.bad.map(({ payload, reason }) => this.#badRecord(records, rowOf(payload), reason)),
      ...(framed?.bad ?? []).map(({ payload, reason }) => this.#badRecord(records, payload, reason)),
    ]
    return {
      batch: batchOf(rows.length, all),
      offsets: gather(records.offset, rows, region),
      timestamps: gather(records.timestamp, rows, region),
      bad: bad.toSorted((a, b) => a.offset - b.offset),
      next: end === this.records ? this.to : records.offset[to - 1]! + 1,
      digest: digestRecords(records, from, to),
    }
  }

  record(offset: number): Pick<BadRecord, 'key' | 'payload'> {
    const number = this.recordsBelow(offset)
    const batch = this.#starts.findLastIndex((start) => start <= number)
    const { key, payload } = this.#badRecord(this.#records(batch, batch + 1), number - this.#starts[batch]!, '')
    return { key, payload }
  }

  /** Nothing refers to the chunk's bytes any more: its buffers are used again. At most once. */
  release(): void {
    for (const bytes of this.#taken.splice(0)) this.#decoder.pool.give(bytes)
    this.#located = undefined
    this.#piece.buffer.release()
  }

  /** The records of batches `first` ≤ i < `end`, until somebody asks the decoder for others. */
  #records(first: number, end: number): Records {
    const { bytes, batches, from } = this.#piece
    if (this.#located?.first !== first || this.#located.end !== end) {
      const flat = flatten(bytes, batches.slice(first, end), this.#decoder.codecs, this.#decoder.pool)
      if (flat.taken) this.#taken.push(flat.bytes)
      this.#located = { first, end, flat }
    }
    return this.#decoder.locate(this.#located, from)
  }

  #badRecord(records: Records, row: number, reason: string): BadRecord {
    const copy = (bytes: Uint8Array | null) => (bytes === null ? null : new Uint8Array(bytes))
    return {
      partition: this.partition,
      offset: records.offset[row]!,
      key: copy(recordKey(records, row)),
      payload: copy(recordValue(records, row)),
      reason,
    }
  }
}

const payloadRange = ({ bytes, valueStart, valueLength }: Records, from: number, to: number): Payloads => ({
  count: to - from,
  bytes,
  start: valueStart.subarray(from, to),
  length: valueLength.subarray(from, to),
})

const payloadsOf = ({ bytes, valueStart, valueLength }: Records, rows: Int32Array): Payloads => ({
  count: rows.length,
  bytes,
  start: rows.map((row) => valueStart[row]!),
  length: rows.map((row) => valueLength[row]!),
})

/** Rows whose frame is good, and those whose is not, by row. */
function splitFrames(records: Records, from: number, to: number, columns: readonly SourceColumn[]) {
  const good: number[] = []
  const bad: BadPayload[] = []
  for (let row = from; row < to; row++) {
    const reason = badFrame(records, row, columns)
    if (reason === undefined) good.push(row)
    else bad.push({ payload: row, reason })
  }
  return { good: Int32Array.from(good), bad }
}

function goodRows(
  count: number,
  bad: readonly BadPayload[],
  rowOf: (payload: number) => number,
  region: Region,
): Int32Array {
  const rows = region.i32(count - bad.length)
  let next = 0
  let at = 0
  for (let payload = 0; payload < count; payload++) {
    if (bad[next]?.payload === payload) next++
    else rows[at++] = rowOf(payload)
  }
  return rows
}

function gather(values: Float64Array, rows: Int32Array, region: Region): Float64Array {
  const out = region.f64(rows.length)
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!
  return out
}
