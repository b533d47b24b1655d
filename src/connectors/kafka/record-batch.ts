// Walks the record batches of one partition in a Fetch response, in place: which batches hold rows to be delivered, how
// many records they have, and where the next fetch begins. Nothing is copied, decompressed or decoded here, but every
// batch's CRC is checked, since a wrong header would silently move offsets. Format: Kafka protocol, record batch v2.
//
//   0 baseOffset  8 length  12 leaderEpoch  16 magic  17 crc  21 attributes  23 lastOffsetDelta  27 baseTimestamp
//   35 maxTimestamp  43 producerId  51 producerEpoch  53 baseSequence  57 recordCount  61 records
//
// Offsets, ids and times are doubles: exact below 2^53. Cost: some loads a batch, and the checksum.

import { assert } from '../../core/assert.ts'
import { corruptBatch, legacyBatch } from './errors.ts'

export const BATCH_HEADER_BYTES = 61
/** Bytes before what `length` counts. */
const LENGTH_END = 12
const MAGIC_AT = 16
const CHECKED_FROM = 21
const CODEC_BITS = 0b111
const LOG_APPEND_TIME_BIT = 1 << 3
const TRANSACTIONAL_BIT = 1 << 4
const CONTROL_BIT = 1 << 5

/** CRC-32C (Castagnoli), unsigned. */
export type Checksum = (bytes: Uint8Array) => number

export interface RecordBatch {
  /** Of its first byte in the bytes walked; `end` is after its last. */
  readonly start: number
  readonly end: number
  readonly baseOffset: number
  /** Kept by compaction even where the last record is gone. */
  readonly lastOffset: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  /** Of the compression; 0 is none. */
  readonly codec: number
  readonly logAppendTime: boolean
  readonly transactional: boolean
  readonly control: boolean
  readonly recordCount: number
}

/** Sees every batch of a response, in offset order, and says which are delivered. */
export interface BatchFilter {
  admit(batch: RecordBatch, bytes: Uint8Array): boolean
}

export interface BatchWalk {
  /** In offset order, without what the filter dropped, control batches, and batches wholly below the asked offset. */
  readonly batches: readonly RecordBatch[]
  /** After the last complete batch, delivered or not; the asked offset where there is none. */
  readonly nextOffset: number
  /** The bytes ended within a batch, which the next fetch will bring whole. */
  readonly truncated: boolean
}

export const readInt64 = (view: DataView, at: number): number => view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4)

/** Walks `bytes`, which answer a fetch from `from` on. `filter` is this response's own, not used before. */
export function walkBatches(
  bytes: Uint8Array,
  from: number,
  filter: BatchFilter | undefined,
  checksum: Checksum,
): BatchWalk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const batches: RecordBatch[] = []
  let nextOffset = from
  let at = 0
  while (at + LENGTH_END <= bytes.length) {
    const end = at + LENGTH_END + view.getInt32(at + 8)
    if (bytes.length > at + MAGIC_AT && view.getInt8(at + MAGIC_AT) !== 2)
      throw legacyBatch(view.getInt8(at + MAGIC_AT))
    if (end > bytes.length) break
    if (end < at + BATCH_HEADER_BYTES) throw corruptBatch(nextOffset, 'its length is shorter than its header')
    if (checksum(bytes.subarray(at + CHECKED_FROM, end)) !== view.getUint32(at + 17)) {
      throw corruptBatch(nextOffset, 'its checksum does not match')
    }
    const batch = readHeader(view, at, end)
    const deliver = filter === undefined ? !batch.control : filter.admit(batch, bytes)
    if (deliver && batch.lastOffset >= from && batch.recordCount > 0) batches.push(batch)
    nextOffset = Math.max(nextOffset, batch.lastOffset + 1)
    at = end
  }
  return { batches, nextOffset, truncated: at < bytes.length }
}

function readHeader(view: DataView, start: number, end: number): RecordBatch {
  const attributes = view.getInt16(start + 21)
  const baseOffset = readInt64(view, start)
  const recordCount = view.getInt32(start + 57)
  const lastOffsetDelta = view.getInt32(start + 23)
  if (recordCount < 0 || lastOffsetDelta < 0) throw corruptBatch(baseOffset, 'its counts are negative')
  assert(Number.isSafeInteger(baseOffset), 'offset beyond 2^53')
  return {
    start,
    end,
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    baseTimestamp: readInt64(view, start + 27),
    maxTimestamp: readInt64(view, start + 35),
    producerId: readInt64(view, start + 43),
    codec: attributes & CODEC_BITS,
    logAppendTime: (attributes & LOG_APPEND_TIME_BIT) !== 0,
    transactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    control: (attributes & CONTROL_BIT) !== 0,
    recordCount,
  }
}
