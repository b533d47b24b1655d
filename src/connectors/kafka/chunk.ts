// A fetched piece as the engine sees it (../source.ts): raw bytes until a range of its records is asked for; then its
// batches are decompressed and located once, and each range is handed to the format.
//
// State: the decompressed bytes, kept while the chunk lives, since columns refer to them. Where records lie is in a
// decoder that all chunks of a reader share; a chunk that finds another's records in it locates its own again.

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
  #owner: KafkaChunk | undefined
  #located: Records | undefined

  constructor(columns: readonly SourceColumn[], payloads: PayloadDecoder, codecs: Codecs, pool: BufferPool) {
    this.frameColumns = columns.filter(({ include }) => include !== undefined)
    this.payloadColumns = columns.length - this.frameColumns.length
    this.payloads = payloads
    this.codecs = codecs
    this.pool = pool
  }

  locate(owner: KafkaChunk, flat: FlatBatches, from: number): Records {
    if (this.#owner !== owner || this.#located === undefined) {
      this.#located = this.#records.decode(flat, from)
      this.#owner = owner
    }
    return this.#located
  }

  /** Decoding failed or the chunk is gone: nothing of it is kept. */
  forget(owner: KafkaChunk): void {
    if (this.#owner !== owner) return
    this.#owner = undefined
    this.#located = undefined
  }
}

export class KafkaChunk implements Chunk {
  readonly #piece: FetchedPartition
  readonly #decoder: ChunkDecoder
  #flat: FlatBatches | undefined
  readonly records: number

  constructor(piece: FetchedPartition, decoder: ChunkDecoder) {
    this.#piece = piece
    this.#decoder = decoder
    // A first batch that begins before the position has records to drop; how many, only its records say.
    const whole = (piece.batches[0]?.baseOffset ?? piece.from) >= piece.from
    this.records = whole ? piece.batches.reduce((sum, batch) => sum + batch.recordCount, 0) : this.#located().length
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
    const { offset: offsets, length } = this.#located()
    let low = 0
    let high = length
    while (low < high) {
      const middle = (low + high) >> 1
      if (offsets[middle]! < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  decode(columns: readonly number[], { skip, max }: { skip: number; max: number }, region: Region): Decoded {
    const records = this.#located()
    const end = Math.min(records.length, skip + max)
    const { frameColumns, payloadColumns, payloads } = this.#decoder
    const framed = framesCanBeBad(frameColumns) ? splitFrames(records, skip, end, frameColumns) : undefined
    const input = framed === undefined ? payloadRange(records, skip, end) : payloadsOf(records, framed.good)
    const fromPayload = columns.filter((column) => column < payloadColumns)
    const decoded = payloads.decode(input, fromPayload, region)
    const rowOf = (payload: number) => framed?.good[payload] ?? skip + payload
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
      next: end === records.length ? this.to : records.offset[end - 1]! + 1,
      digest: digestRecords(records, skip, end),
    }
  }

  /** Nothing refers to the chunk's bytes any more: its buffers are used again. At most once. */
  release(): void {
    this.#decoder.forget(this)
    if (this.#flat?.taken) this.#decoder.pool.give(this.#flat.bytes)
    this.#flat = undefined
    this.#piece.buffer.release()
  }

  #located(): Records {
    const { bytes, batches, from } = this.#piece
    this.#flat ??= flatten(bytes, batches, this.#decoder.codecs, this.#decoder.pool)
    return this.#decoder.locate(this, this.#flat, from)
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
