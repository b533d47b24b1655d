// Decodes record batches into columns: one typed array per property of a record, one flat buffer that all positions
// mean. Uncompressed batches stay where the response put them; as soon as one batch is compressed, all are gathered in
// one new buffer. No object, string or BigInt is made per record; headers are located here and read on demand.
//
// Record: length, attributes (1 byte), timestampDelta, offsetDelta, key length + key, value length + value, header
// count, then per header key length + key, value length + value; all numbers zigzag varints, length −1 is null.
//
// Cost: about 20 ns a record, 36 bytes a record.

import type { BufferPool } from './buffer-pool.ts'
import type { Codecs } from './codecs.ts'
import { corruptBatch } from './errors.ts'
import { BATCH_HEADER_BYTES, type RecordBatch } from './record-batch.ts'
import { Cursor } from './varint.ts'

/** Columns grow by so much more than was needed. */
const HEADROOM = 1.25
/** Seven numbers or attributes of one byte each. */
const RECORD_BYTES_MIN = 7

/** Records as columns, which may be longer than `length`. */
export interface Records {
  readonly length: number
  readonly bytes: Uint8Array
  readonly offset: Float64Array
  /** Milliseconds from 1970, the broker's on topics with LogAppendTime; −1 where the record has none. */
  readonly timestamp: Float64Array
  readonly keyStart: Int32Array
  /** −1: null. */
  readonly keyLength: Int32Array
  readonly valueStart: Int32Array
  /** −1: null. */
  readonly valueLength: Int32Array
  /** After the record's last byte, which is its last header's. */
  readonly end: Int32Array
}

export interface Header {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

interface Piece {
  readonly batch: RecordBatch
  readonly start: number
  readonly end: number
}

/** Batches with their records uncompressed: in place, or gathered in a buffer taken from a pool. */
export interface FlatBatches {
  readonly bytes: Uint8Array
  readonly pieces: readonly Piece[]
  /** The buffer was taken; who is done with the records gives it back. */
  readonly taken: boolean
}

/** Decompresses what is compressed. Throws where a codec is unknown or a batch has fewer bytes than records. */
export function flatten(
  bytes: Uint8Array,
  batches: readonly RecordBatch[],
  codecs: Codecs,
  pool: BufferPool,
): FlatBatches {
  const flat = batches.every(({ codec }) => codec === 0)
    ? inPlace(bytes, batches)
    : gather(bytes, batches, codecs, pool)
  for (const { batch, start, end } of flat.pieces) {
    if (batch.recordCount * RECORD_BYTES_MIN > end - start) throw corruptBatch(batch.baseOffset, 'it has too few bytes')
  }
  return flat
}

const inPlace = (bytes: Uint8Array, batches: readonly RecordBatch[]): FlatBatches => ({
  bytes,
  pieces: batches.map((batch) => ({ batch, start: batch.start + BATCH_HEADER_BYTES, end: batch.end })),
  taken: false,
})

function gather(bytes: Uint8Array, batches: readonly RecordBatch[], codecs: Codecs, pool: BufferPool): FlatBatches {
  const parts = batches.map(({ start, end, codec, baseOffset }) => {
    const body = bytes.subarray(start + BATCH_HEADER_BYTES, end)
    return codec === 0 ? body : codecs.decompress(codec, body, baseOffset)
  })
  const flat = pool.take(parts.reduce((sum, part) => sum + part.length, 0))
  const pieces: Piece[] = []
  let at = 0
  parts.forEach((part, i) => {
    flat.set(part, at)
    pieces.push({ batch: batches[i]!, start: at, end: at + part.length })
    at += part.length
  })
  return { bytes: flat, pieces, taken: true }
}

/**
 * Decodes batches into columns that it uses again: what one call returns is good until the next.
 *
 * State: columns as long as the most records that came at once.
 */
export class RecordDecoder {
  #columns = allocate(0)

  /** The records with `from` ≤ offset. Throws where a batch contradicts itself. */
  decode(flat: FlatBatches, from: number): Records {
    const capacity = flat.pieces.reduce((sum, { batch }) => sum + batch.recordCount, 0)
    if (capacity > this.#columns.offset.length) this.#columns = allocate(Math.ceil(capacity * HEADROOM))
    let length = 0
    for (const piece of flat.pieces) length = decodeBatch(flat.bytes, piece, from, this.#columns, length)
    return { length, bytes: flat.bytes, ...this.#columns }
  }
}

type Columns = { readonly [name in Exclude<keyof Records, 'length' | 'bytes'>]: Records[name] }

const allocate = (capacity: number): Columns => ({
  offset: new Float64Array(capacity),
  timestamp: new Float64Array(capacity),
  keyStart: new Int32Array(capacity),
  keyLength: new Int32Array(capacity),
  valueStart: new Int32Array(capacity),
  valueLength: new Int32Array(capacity),
  end: new Int32Array(capacity),
})

/** Appends one batch's records from row `row` on; returns the row after the last. */
function decodeBatch(bytes: Uint8Array, piece: Piece, from: number, columns: Columns, row: number): number {
  const { batch, end } = piece
  const { baseOffset, baseTimestamp, recordCount } = batch
  const { offset, timestamp, keyStart, keyLength, valueStart, valueLength } = columns
  const cursor = new Cursor(bytes, piece.start)
  for (let i = 0; i < recordCount; i++) {
    const recordEnd = cursor.varint() + cursor.at
    cursor.at++ // attributes: none are defined
    const time = baseTimestamp + cursor.varlong()
    const position = baseOffset + cursor.varint()
    const key = cursor.varint()
    const keyAt = cursor.at
    if (key > 0) cursor.at += key
    const value = cursor.varint()
    const valueAt = cursor.at
    const valueEnd = value > 0 ? valueAt + value : valueAt
    if (!(recordEnd <= end && keyAt + key <= recordEnd && valueEnd <= recordEnd && key >= -1 && value >= -1)) {
      throw corruptBatch(baseOffset, `record ${i} does not end where its length says`)
    }
    cursor.at = recordEnd
    if (position < from) continue
    offset[row] = position
    timestamp[row] = batch.logAppendTime ? batch.maxTimestamp : time
    keyStart[row] = keyAt
    keyLength[row] = key
    valueStart[row] = valueAt
    valueLength[row] = value
    columns.end[row] = recordEnd
    row++
  }
  if (cursor.at !== end) throw corruptBatch(baseOffset, 'bytes are left after its last record')
  return row
}

export const recordKey = (records: Records, row: number): Uint8Array | null =>
  slice(records.bytes, records.keyStart[row]!, records.keyLength[row]!)

export const recordValue = (records: Records, row: number): Uint8Array | null =>
  slice(records.bytes, records.valueStart[row]!, records.valueLength[row]!)

/** A record's headers in their order; names may repeat. Views of the records' bytes. */
export function recordHeaders(records: Records, row: number): readonly Header[] {
  const { bytes, valueStart, valueLength, end } = records
  const cursor = new Cursor(bytes, valueStart[row]! + Math.max(0, valueLength[row]!))
  const count = cursor.varint()
  const next = (): Uint8Array | null => {
    const length = cursor.varint()
    const at = cursor.at
    if (!(at + length <= end[row]!)) throw corruptBatch(records.offset[row]!, 'a header is longer than its record')
    cursor.at += Math.max(0, length)
    return slice(bytes, at, length)
  }
  const headers: Header[] = []
  for (let i = 0; i < count; i++) {
    const key = next() ?? new Uint8Array()
    headers.push({ key, value: next() })
  }
  return headers
}

const slice = (bytes: Uint8Array, start: number, length: number): Uint8Array | null =>
  length < 0 ? null : bytes.subarray(start, start + length)
