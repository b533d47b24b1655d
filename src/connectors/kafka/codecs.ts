// Decompression of record batches by the codec bits of their attributes, and the checksum over batches.
//
// gzip and zstd by node:zlib, snappy and LZ4 by the library's WebAssembly. Compressed batches come from producers, so
// each is bounded: a few bytes must not become gigabytes. zlib takes a limit, Snappy states its length ahead, an LZ4
// frame how long its blocks can be.

import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { SqlError } from '../../core/error.ts'
import { batchTooLarge, corruptBatch } from './errors.ts'
import type { Library } from './library.ts'
import type { Checksum } from './record-batch.ts'
import { Cursor } from './varint.ts'

/** One batch, uncompressed. Kafka's own default limit on a compressed one is 1 MB. */
const BATCH_BYTES_MAX = 256 * 1024 * 1024
const GZIP = 1
const SNAPPY = 2
const LZ4 = 3
const ZSTD = 4

export interface Codecs {
  readonly checksum: Checksum
  /** The records of a batch whose attributes name `codec`; `offset` is the batch's, for the error's text. */
  decompress(codec: number, bytes: Uint8Array, offset: number): Uint8Array
}

export function makeCodecs(library: Library): Codecs {
  const { compressionsAlgorithms, crc32c, Writer } = library
  const decompress = (codec: number, bytes: Buffer, offset: number): Uint8Array => {
    switch (codec) {
      case GZIP:
        return gunzipSync(bytes, { maxOutputLength: BATCH_BYTES_MAX })
      case SNAPPY:
        return snappy(bytes, offset, compressionsAlgorithms.snappy.decompressSync)
      case LZ4:
        if (lz4LengthMax(bytes) > BATCH_BYTES_MAX) throw batchTooLarge(offset, BATCH_BYTES_MAX)
        return compressionsAlgorithms.lz4.decompressSync(bytes)
      case ZSTD:
        return zstdDecompressSync(bytes, { maxOutputLength: BATCH_BYTES_MAX })
      default:
        throw corruptBatch(offset, `its compression codec ${codec} is unknown`)
    }
  }
  return {
    // Wrapped in a writer, the bytes reach the native implementation without being copied.
    checksum: (bytes) => crc32c(Writer.create().append(asBuffer(bytes)).dynamicBuffer),
    decompress(codec, bytes, offset) {
      try {
        return decompress(codec, asBuffer(bytes), offset)
      } catch (error) {
        if (error instanceof SqlError) throw error
        const tooLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
        throw tooLarge ? batchTooLarge(offset, BATCH_BYTES_MAX) : corruptBatch(offset, 'it cannot be decompressed')
      }
    },
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Blocks of an LZ4 frame times the longest that its descriptor allows (LZ4 frame format, 64 KB to 4 MB). */
function lz4LengthMax(bytes: Buffer): number {
  const flags = bytes[4] ?? 0
  const blockBytesMax = 1 << (8 + 2 * (((bytes[5] ?? 0) >> 4) & 7))
  const blockChecksumBytes = (flags & 0x10) === 0 ? 0 : 4
  let blocks = 0
  let at = 7 + ((flags & 8) === 0 ? 0 : 8) + (flags & 1) * 4
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32LE(at) & 0x7fffffff
    if (length === 0) break
    blocks++
    at += 4 + length + blockChecksumBytes
  }
  return blocks * blockBytesMax
}

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16

/** A raw Snappy block, or Java's framing of many: a header, then blocks, each after its length. */
function snappy(bytes: Buffer, offset: number, decompress: (block: Buffer) => Buffer): Uint8Array {
  const block = (piece: Buffer): Buffer => {
    if (new Cursor(piece, 0).unsignedVarint() > BATCH_BYTES_MAX) throw batchTooLarge(offset, BATCH_BYTES_MAX)
    return decompress(piece)
  }
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return block(bytes)
  const pieces: Buffer[] = []
  let total = 0
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) throw corruptBatch(offset, 'a Snappy block is cut off')
    const piece = block(bytes.subarray(at + 4, end))
    total += piece.length
    if (total > BATCH_BYTES_MAX) throw batchTooLarge(offset, BATCH_BYTES_MAX)
    pieces.push(piece)
    at = end
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, total)
}
