// Batches in place: every record back as it was written, whatever codec, gap, header or null; every cut of the bytes;
// the asked offset within a batch; what is broken refused by name.

import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BufferPool } from '../../../src/connectors/kafka/buffer-pool.ts'
import { makeCodecs } from '../../../src/connectors/kafka/codecs.ts'
import { loadLibrary } from '../../../src/connectors/kafka/library.ts'
import { walkBatches } from '../../../src/connectors/kafka/record-batch.ts'
import { flatten, RecordDecoder, recordHeaders, recordKey, recordValue } from '../../../src/connectors/kafka/records.ts'
import { type BatchShape, batch, crc32c, seal, type TestRecord } from './batches.ts'

const library = await loadLibrary()
const codecs = makeCodecs(library)
const { compressionsAlgorithms } = library
const decoder = new RecordDecoder()
const pool = new BufferPool(0)

const COMPRESSIONS = [
  { codec: 0, compress: (bytes: Buffer) => bytes },
  { codec: 1, compress: (bytes: Buffer) => gzipSync(bytes) },
  { codec: 2, compress: (bytes: Buffer) => compressionsAlgorithms.snappy.compressSync(bytes) },
  { codec: 3, compress: (bytes: Buffer) => compressionsAlgorithms.lz4.compressSync(bytes) },
  { codec: 4, compress: (bytes: Buffer) => zstdCompressSync(bytes) },
]

function readAll(bytes: Uint8Array, from = 0): { records: TestRecord[]; nextOffset: number; truncated: boolean } {
  const { batches, nextOffset, truncated } = walkBatches(bytes, from, undefined, codecs.checksum)
  const decoded = decoder.decode(flatten(bytes, batches, codecs, pool), from)
  const records = Array.from({ length: decoded.length }, (_, row) => ({
    offset: decoded.offset[row]!,
    timestamp: decoded.timestamp[row]!,
    key: copy(recordKey(decoded, row)),
    value: copy(recordValue(decoded, row)),
    headers: recordHeaders(decoded, row).map(({ key, value }) => [Buffer.from(key).toString(), copy(value)] as const),
  }))
  return { records, nextOffset, truncated }
}

const copy = (bytes: Uint8Array | null): Uint8Array | null => (bytes === null ? null : Uint8Array.from(bytes))

const anyBytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null })
const anyRecord = fc.record({
  gap: fc.integer({ min: 1, max: 3 }),
  timestamp: fc.oneof(fc.integer({ min: -1, max: 5000 }), fc.integer({ min: 0, max: 4e15 })),
  key: anyBytes,
  value: anyBytes,
  headers: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ü'), anyBytes), { maxLength: 3 }),
})

/** Batches one after the other with gaps, as compaction leaves them. */
const anyLog = fc
  .array(
    fc.record({
      records: fc.array(anyRecord, { minLength: 1, maxLength: 20 }),
      compression: fc.constantFrom(...COMPRESSIONS),
      tail: fc.integer({ min: 0, max: 2 }),
    }),
    { maxLength: 5 },
  )
  .map((shapes) => {
    let offset = 0
    return shapes.map(({ records, compression, tail }): BatchShape => {
      const baseOffset = offset
      const placed = records.map(({ gap, ...rest }) => {
        offset += gap
        return { offset: offset - 1, ...rest }
      })
      offset += tail
      return { baseOffset, records: placed, lastOffset: offset - 1, ...compression }
    })
  })

describe('records come back as they were written', () => {
  test('any batches, from any offset', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(60), (log, from) => {
        const bytes = Buffer.concat(log.map(batch))
        const { records, nextOffset } = readAll(bytes, from)
        expect(records).toEqual(log.flatMap((shape) => shape.records).filter(({ offset }) => offset >= from))
        expect(nextOffset).toBe(Math.max(from, ...log.map((shape) => shape.lastOffset! + 1)))
      }),
      { numRuns: 150 },
    )
  })

  test('cut at every byte: whole batches only, and the position after them', () => {
    const value = Buffer.from('value')
    const log: BatchShape[] = [
      {
        baseOffset: 0,
        records: [
          { offset: 0, value },
          { offset: 1, value },
        ],
      },
      { baseOffset: 2, records: [{ offset: 4, value }], lastOffset: 5, ...COMPRESSIONS[3]! },
      { baseOffset: 6, records: [{ offset: 6, value }] },
    ]
    const parts = log.map(batch)
    const bytes = Buffer.concat(parts)
    const ends = parts.map((_, i) => parts.slice(0, i + 1).reduce((sum, part) => sum + part.length, 0))
    for (let cut = 0; cut <= bytes.length; cut++) {
      const whole = ends.filter((end) => end <= cut).length
      const { records, nextOffset, truncated } = readAll(bytes.subarray(0, cut))
      expect(records.map(({ offset }) => offset)).toEqual([0, 1, 4, 6].slice(0, [0, 2, 3, 4][whole]))
      expect(nextOffset).toBe([0, 2, 6, 7][whole])
      expect(truncated).toBe(cut !== (ends[whole - 1] ?? 0))
    }
  })

  test('batches wholly below the asked offset are passed over', () => {
    const parts = [0, 1, 2].map((offset) => batch({ baseOffset: offset, records: [{ offset }] }))
    const { batches, nextOffset } = walkBatches(Buffer.concat(parts), 1, undefined, codecs.checksum)
    expect(batches.map(({ baseOffset }) => baseOffset)).toEqual([1, 2])
    expect(nextOffset).toBe(3)
    expect(walkBatches(parts[0]!, 5, undefined, codecs.checksum)).toMatchObject({ batches: [], nextOffset: 5 })
  })

  test("the broker's time on topics with LogAppendTime", () => {
    const records = [
      { offset: 0, timestamp: 5 },
      { offset: 1, timestamp: 9 },
    ]
    const { records: read } = readAll(batch({ baseOffset: 0, records, logAppendTime: 777 }))
    expect(read.map(({ timestamp }) => timestamp)).toEqual([777, 777])
  })

  test("Java's framing of Snappy", () => {
    const record: TestRecord = { offset: 0, timestamp: 1, key: null, value: Buffer.from('v'.repeat(5000)), headers: [] }
    const compress = (bytes: Buffer) => {
      const pieces = [bytes.subarray(0, 2000), bytes.subarray(2000)].flatMap((piece) => {
        const block = compressionsAlgorithms.snappy.compressSync(piece)
        const length = Buffer.alloc(4)
        length.writeUInt32BE(block.length)
        return [length, block]
      })
      return Buffer.concat([Buffer.from('82534e415050590000000001 00000001'.replace(' ', ''), 'hex'), ...pieces])
    }
    const { records } = readAll(batch({ baseOffset: 0, records: [record], codec: 2, compress }))
    expect(records).toEqual([{ ...record, value: Uint8Array.from(record.value!) }])
  })

  test('the checksum is CRC-32C', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => codecs.checksum(bytes) === crc32c(bytes)))
  })
})

describe('what is broken is refused by name', () => {
  const good = () => batch({ baseOffset: 7, records: [{ offset: 7, value: Buffer.from('abc') }] })

  test('every flipped bit that the checksum covers', () => {
    const { length } = good()
    for (let at = 17; at < length; at++) {
      const bytes = good()
      bytes[at]! ^= 1 << (at % 8)
      expect(() => readAll(bytes, 7)).toThrow(/offset 7 is corrupt: its checksum does not match/)
    }
  })

  test.each([0, 1])('message format v%i', (magic) => {
    expect(() => readAll(batch({ baseOffset: 0, records: [], magic }))).toThrow(`message format v${magic}`)
  })

  test('a record longer than its batch, a value longer than its record, more records than bytes', () => {
    const longRecord = good()
    longRecord[61] = 100
    expect(() => readAll(seal(longRecord), 7)).toThrow(/corrupt: record 0/)
    const longValue = good()
    longValue[66] = 100
    expect(() => readAll(seal(longValue), 7)).toThrow(/corrupt: record 0/)
    const many = good()
    many.writeInt32BE(2 ** 31 - 1, 57)
    expect(() => readAll(seal(many), 7)).toThrow(/corrupt: it has too few bytes/)
  })

  test.each([1, 2, 3, 4])('bytes that codec %i cannot decompress', (codec) => {
    const bytes = batch({
      baseOffset: 3,
      records: [{ offset: 3 }],
      codec,
      compress: () => Buffer.from('garbage'.repeat(9)),
    })
    expect(() => readAll(bytes, 3)).toThrow(/offset 3 (is corrupt: it cannot be decompressed|holds more than)/)
  })

  test('an unknown codec', () => {
    expect(() => readAll(batch({ baseOffset: 0, records: [{ offset: 0 }], codec: 6 }))).toThrow(/codec 6 is unknown/)
  })

  test.each(COMPRESSIONS.slice(1))('codec $codec: a small batch that grows beyond the limit', ({ codec, compress }) => {
    const bomb = compress(Buffer.alloc(300 * 1024 * 1024))
    const bytes = batch({ baseOffset: 0, records: [{ offset: 0 }], codec, compress: () => bomb })
    expect(() => readAll(bytes)).toThrow(/holds more than 268435456 bytes uncompressed/)
  })

  test('any bytes with a right checksum: an error of ours or records, never another exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.integer({ min: 0, max: 3 }), (body, count) => {
        const bytes = batch({ baseOffset: 0, records: [], compress: () => Buffer.from(body) })
        bytes.writeInt32BE(count, 57)
        seal(bytes)
        try {
          readAll(bytes)
        } catch (error) {
          expect(String(error)).toMatch(/is corrupt/)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
