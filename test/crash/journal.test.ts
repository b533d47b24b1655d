// The journal's bytes: records come back as they were; a tail that is torn at any byte, or in which a bit was turned,
// ends the segment before it and never brings a record that was not written.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesColumn, i32Column, i64Column } from '../../src/core/batch.ts'
import { catalogVersion, epoch, relationId } from '../../src/core/ids.ts'
import {
  encodeRecord,
  HEADER_BYTES,
  type JournalRecord,
  readSegment,
  segmentHeader,
} from '../../src/storage/journal.ts'

const anyNumber = fc.nat(2 ** 31 - 1)
const anyBigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

const anyBatch = fc
  .array(fc.tuple(fc.integer(), anyBigint, fc.option(fc.string({ maxLength: 12 })), fc.constantFrom(-2, -1, 1, 3)), {
    maxLength: 6,
  })
  .map((rows) => {
    const texts = rows.map(([, , text]) => new TextEncoder().encode(text ?? ''))
    const lengths = Int32Array.from(texts, (bytes) => bytes.length)
    const offsets = lengths.map((_, i) => lengths.subarray(0, i).reduce((sum, length) => sum + length, 0))
    const arena = Uint8Array.from(texts.flatMap((bytes) => [...bytes]))
    const nulls = rows.some(([, , text]) => text === null)
      ? Uint8Array.from(rows, ([, , text]) => (text === null ? 1 : 0))
      : undefined
    return {
      length: rows.length,
      weights: rows.every(([, , , weight]) => weight === 1)
        ? undefined
        : Int32Array.from(rows, ([, , , weight]) => weight),
      columns: [
        i32Column(Int32Array.from(rows, ([value]) => value)),
        i64Column(BigInt64Array.from(rows, ([, value]) => value)),
        bytesColumn({ offsets, lengths, arena }, nulls),
      ],
    }
  })

const anyProgress = fc.record({
  source: anyNumber.map(relationId),
  partition: anyNumber,
  from: fc.nat(),
  to: fc.nat(),
  records: fc.nat(),
  digest: anyBigint,
  watermark: fc.option(anyBigint, { nil: undefined }),
  raises: fc.array(fc.record({ offset: fc.nat(), watermark: anyBigint }), { maxLength: 3 }),
})

const anyRecord: fc.Arbitrary<JournalRecord> = fc.record({
  kind: fc.constantFrom('epoch' as const, 'base' as const),
  epoch: fc.nat().map(epoch),
  time: anyBigint,
  catalogVersion: anyNumber.map(catalogVersion),
  sources: fc.array(anyProgress, { maxLength: 3 }),
  tables: fc.array(fc.record({ relation: anyNumber.map(relationId), batch: anyBatch }), { maxLength: 3 }),
  views: fc.array(
    fc.record({
      view: anyNumber.map(relationId),
      shown: fc.nat(),
      since: fc.option(anyBigint, { nil: undefined }),
      frontiers: fc.array(fc.option(anyBigint, { nil: undefined }), { maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
})

/** Rows as values, whatever the arenas. */
function plain(record: JournalRecord): unknown {
  const tables = record.tables.map(({ relation, batch }) => ({
    relation,
    rows: Array.from({ length: batch.length }, (_, row) => [
      batch.weights?.[row] ?? 1,
      ...batch.columns.map((column) => {
        if (column.nulls?.[row]) return null
        if (column.kind === 'bytes') {
          const at = column.offsets[row]!
          return new TextDecoder().decode(column.arena.subarray(at, at + column.lengths[row]!))
        }
        return column.kind === 'i32' || column.kind === 'i64' ? column.values[row] : undefined
      }),
    ]),
  }))
  return { ...record, tables }
}

/** Bytes in the middle of another, larger buffer, as Node's small Buffers are. */
function pooled(bytes: Uint8Array): Buffer {
  const pool = Buffer.alloc(bytes.length + 13, 0xaa)
  pool.set(bytes, 5)
  return pool.subarray(5, 5 + bytes.length)
}

const segment = (records: readonly JournalRecord[]): Uint8Array =>
  Uint8Array.from([...segmentHeader(), ...records.flatMap((record) => [...encodeRecord(record)])])

describe('a segment', () => {
  test('gives its records back, from any kind of buffer', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 4 }), (records) => {
        const bytes = segment(records)
        for (const form of [bytes, pooled(bytes)]) {
          const read = readSegment(form)
          expect(read.validBytes).toBe(bytes.length)
          expect(read.records.map(plain)).toEqual(records.map(plain))
        }
      }),
    )
  })

  test('what it gave does not change when the buffer does', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const bytes = pooled(segment([record]))
        const { records } = readSegment(bytes)
        bytes.fill(0x55)
        expect(records.map(plain)).toEqual([plain(record)])
      }),
    )
  })

  test('torn at any byte gives the whole records before', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 3 }), (records) => {
        const bytes = segment(records)
        const ends = records.map((_, i) => segment(records.slice(0, i + 1)).length)
        for (let length = 0; length <= bytes.length; length++) {
          const read = readSegment(bytes.subarray(0, length))
          const whole = ends.filter((end) => end <= length)
          expect(read.records).toHaveLength(whole.length)
          expect(read.validBytes).toBe(length < HEADER_BYTES ? 0 : (whole.at(-1) ?? HEADER_BYTES))
        }
      }),
      { numRuns: 20 },
    )
  })

  test('with a bit turned gives only records that were written', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 3 }), fc.nat(), (records, place) => {
        const bytes = segment(records)
        const bit = HEADER_BYTES * 8 + (place % ((bytes.length - HEADER_BYTES) * 8))
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        const read = readSegment(bytes)
        expect(read.records.length).toBeLessThan(records.length)
        expect(read.records.map(plain)).toEqual(records.slice(0, read.records.length).map(plain))
      }),
      { numRuns: 500 },
    )
  })

  test('that is none, or a newer one, is refused', () => {
    const bytes = segment([])
    const other = bytes.slice()
    other[0]! ^= 1
    expect(() => readSegment(other)).toThrow(expect.objectContaining({ code: 'XX001' }))
    bytes[HEADER_BYTES - 1]! += 1
    expect(() => readSegment(bytes)).toThrow(expect.objectContaining({ code: '0A000' }))
  })
})
