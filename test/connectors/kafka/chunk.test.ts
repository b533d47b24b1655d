// Chunks as the engine uses them: any ranges in any order give the same rows, bad records and digests; what INCLUDE
// takes from the frame; buffers that go back only when nobody needs them.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BufferPool, SharedBuffer } from '../../../src/connectors/kafka/buffer-pool.ts'
import { ChunkDecoder, KafkaChunk } from '../../../src/connectors/kafka/chunk.ts'
import { makeCodecs } from '../../../src/connectors/kafka/codecs.ts'
import { HEADERS_TYPE } from '../../../src/connectors/kafka/frame.ts'
import { loadLibrary } from '../../../src/connectors/kafka/library.ts'
import type { PayloadDecoder } from '../../../src/connectors/kafka/payload.ts'
import { walkBatches } from '../../../src/connectors/kafka/record-batch.ts'
import type { Decoded, SourceColumn } from '../../../src/connectors/source.ts'
import { bytesColumn } from '../../../src/core/batch.ts'
import { valueAt } from '../../../src/core/convert.ts'
import { memoryAccount } from '../../../src/core/memory.ts'
import { Region } from '../../../src/core/region.ts'
import { columnDef } from '../../../src/core/schema.ts'
import type { SqlType } from '../../../src/core/type.ts'
import { batch, crc32c, type TestRecord } from './batches.ts'

const library = await loadLibrary()
const codecs = makeCodecs(library)
const lz4 = { codec: 3, compress: (bytes: Buffer) => library.compressionsAlgorithms.lz4.compressSync(bytes) }

/** A format for tests: the payload is one column of bytes; one that begins with "!" or is missing is bad. */
const wholePayload: PayloadDecoder = {
  decode({ count, bytes, start, length }, wanted, region) {
    const good: number[] = []
    const bad: { payload: number; reason: string }[] = []
    for (let i = 0; i < count; i++) {
      if (length[i]! > 0 && bytes[start[i]!] !== 0x21) good.push(i)
      else bad.push({ payload: i, reason: 'refused' })
    }
    const offsets = region.i32(good.length)
    const lengths = region.i32(good.length)
    good.forEach((payload, row) => {
      offsets[row] = start[payload]!
      lengths[row] = length[payload]!
    })
    return { columns: wanted.map(() => bytesColumn({ offsets, lengths, arena: bytes })), bad }
  },
}

const column = (name: string, type: SqlType, include?: SourceColumn['include']): SourceColumn => ({
  name,
  type,
  nullable: true,
  include,
})
const BYTEA: SqlType = { kind: 'bytea' }
const columns: readonly SourceColumn[] = [
  column('payload', BYTEA),
  column('k', { kind: 'text' }, 'key'),
  column('p', { kind: 'int4' }, 'partition'),
  column('o', { kind: 'int8' }, 'offset'),
  column('t', { kind: 'timestamptz' }, 'timestamp'),
  column('h', HEADERS_TYPE, 'headers'),
]
const ALL = columns.map((_, i) => i)

const PARTITION = 3

interface Made {
  readonly chunk: KafkaChunk
  readonly decoder: ChunkDecoder
  readonly bytes: Uint8Array
}

/** A chunk of batches of up to three records each, every second compressed, asked for from `from`. */
function makeChunk(records: readonly TestRecord[], from = 0, compressed = true, shared?: ChunkDecoder): Made {
  const parts: Buffer[] = []
  for (let i = 0; i < records.length; i += 3) {
    const some = records.slice(i, i + 3)
    parts.push(batch({ baseOffset: some[0]!.offset, records: some, ...(compressed && i % 2 === 0 ? lz4 : {}) }))
  }
  const pool = new BufferPool(1 << 24)
  const decoder = shared ?? new ChunkDecoder(columns, wholePayload, codecs, pool)
  const bytes = Uint8Array.from(Buffer.concat(parts))
  const { batches, nextOffset } = walkBatches(bytes, from, undefined, crc32c)
  const buffer = new SharedBuffer(pool, bytes)
  const piece = { partition: PARTITION, from, to: nextOffset, end: 99, bytes, batches, sizeBytes: bytes.length, buffer }
  return { chunk: new KafkaChunk(piece, decoder), decoder, bytes }
}

const region = () => new Region(memoryAccount('test'))

const rowsOf = ({ batch: { length, columns: filled } }: Decoded, wanted: readonly number[] = ALL) =>
  Array.from({ length }, (_, row) =>
    filled.map((each, i) => valueAt(columnDef('c', columns[wanted[i]!]!.type), each, row)),
  )

const anyRecords = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 4 }),
      timestamp: fc.integer({ min: -1, max: 2_000_000_000_000 }),
      key: fc.option(
        fc.constantFrom('k', '', 'ü', '\xff', 'a\0').map((text) => Buffer.from(text, 'latin1')),
        { nil: null },
      ),
      value: fc.option(fc.constantFrom('good', '!bad', 'long '.repeat(40), '').map(Buffer.from), { nil: null }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((shapes) => {
    let offset = -1
    return shapes.map(({ gap, ...rest }): TestRecord => {
      offset += gap
      return { offset, ...rest }
    })
  })

describe('ranges', () => {
  test('any cut gives the same rows, bad records, positions and digests', () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(20), fc.array(fc.integer({ min: 1, max: 7 })), (records, from, sizes) => {
        const { chunk } = makeChunk(records, from)
        const { chunk: other, decoder } = makeChunk(records, from)
        makeChunk(records, 0, true, decoder)
        const whole = chunk.decode(ALL, { skip: 0, max: 1000 }, region())
        const parts: Decoded[] = []
        let skip = 0
        for (let i = 0; skip < other.records; i++) {
          const max = sizes[i] ?? 5
          parts.push(other.decode(ALL, { skip, max }, region()))
          skip += max
        }
        expect(parts.flatMap((part) => rowsOf(part))).toEqual(rowsOf(whole))
        expect(parts.flatMap(({ bad }) => bad)).toEqual(whole.bad)
        expect(parts.flatMap(({ offsets }) => [...offsets])).toEqual([...whole.offsets])
        const sum = parts.reduce((total, { digest }) => BigInt.asUintN(64, total + digest), 0n)
        expect(sum).toBe(whole.digest)
        expect(parts.at(-1)?.next ?? chunk.to).toBe(chunk.to)
        expect(chunk.records).toBe(records.filter(({ offset }) => offset >= from).length)
        expect(whole.bad.length + whole.batch.length).toBe(chunk.records)
      }),
      { numRuns: 300 },
    )
  })

  test('good and bad are as the payload and the frame say, with what the frame holds', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const decoded = makeChunk(records).chunk.decode(ALL, { skip: 0, max: 1000 }, region())
        const isGood = ({ key, value }: TestRecord) =>
          (key === null || (!key!.includes(0xff) && !key!.includes(0) && !key!.includes(0xfc))) &&
          value !== null &&
          value!.length > 0 &&
          value![0] !== 0x21
        const good = records.filter(isGood)
        expect(rowsOf(decoded)).toEqual(
          good.map(({ key, value, offset, timestamp }) => [
            Uint8Array.from(value!),
            key === null ? null : Buffer.from(key!).toString(),
            PARTITION,
            BigInt(offset),
            timestamp! < 0 ? null : BigInt(timestamp!) * 1000n,
            { kind: 'array', elements: [], lengths: [], lowerBounds: [] },
          ]),
        )
        const bad = records.filter((record) => !isGood(record))
        expect(decoded.bad.map(({ offset }) => offset)).toEqual(bad.map(({ offset }) => offset))
        expect(decoded.bad.map(({ payload }) => payload)).toEqual(
          bad.map(({ value }) => (value === null ? null : Uint8Array.from(value!))),
        )
      }),
      { numRuns: 300 },
    )
  })

  test('records below an offset', () => {
    const { chunk } = makeChunk([2, 3, 7, 8, 20].map((offset) => ({ offset, value: Buffer.from('x') })))
    expect([0, 2, 3, 4, 7, 8, 9, 20, 21].map((offset) => chunk.recordsBelow(offset))).toEqual([
      0, 0, 1, 2, 2, 3, 4, 4, 5,
    ])
  })

  test('only the columns that are asked for, in that order', () => {
    const { chunk } = makeChunk([{ offset: 5, value: Buffer.from('x'), key: Buffer.from('k') }])
    const wanted = [3, 0, 1]
    expect(rowsOf(chunk.decode(wanted, { skip: 0, max: 1 }, region()), wanted)).toEqual([[5n, Uint8Array.of(120), 'k']])
    expect(chunk.decode([], { skip: 0, max: 1 }, region()).batch).toMatchObject({ length: 1, columns: [] })
  })
})

test('headers are an array of rows; a name that is not text makes the record bad', () => {
  const value = Buffer.from('v')
  const { chunk } = makeChunk([
    {
      offset: 0,
      value,
      headers: [
        ['same', Buffer.from('1')],
        ['same', null],
      ],
    },
    { offset: 1, value, headers: [['a\0b', null]] },
  ])
  const decoded = chunk.decode([5], { skip: 0, max: 2 }, region())
  expect(valueAt(columnDef('h', HEADERS_TYPE), decoded.batch.columns[0]!, 0)).toEqual({
    kind: 'array',
    elements: [
      { kind: 'row', fields: ['same', Uint8Array.of(0x31)] },
      { kind: 'row', fields: ['same', null] },
    ],
    lengths: [2],
    lowerBounds: [1],
  })
  expect(decoded.bad).toMatchObject([{ offset: 1, reason: 'column "h": the name of a header is not UTF-8 text' }])
})

describe('digests', () => {
  const digest = (record: TestRecord) => makeChunk([record]).chunk.decode([], { skip: 0, max: 1 }, region()).digest
  const base: TestRecord = { offset: 5, key: Buffer.from('k'), value: Buffer.from('value'), timestamp: 7 }

  test('do not depend on how the record was batched, compressed or timed', () => {
    const alone = digest(base)
    const others = [{ offset: 3, value: Buffer.from('x') }, base, { offset: 9, value: Buffer.from('y') }]
    for (const compressed of [true, false]) {
      const { chunk } = makeChunk(others, 0, compressed)
      expect(chunk.decode([], { skip: 1, max: 1 }, region()).digest).toBe(alone)
    }
    expect(digest({ ...base, timestamp: 8 })).toBe(alone)
  })

  test('differ with the offset, the key, the value and the headers', () => {
    const changed: TestRecord[] = [
      base,
      { ...base, offset: 6 },
      { ...base, key: null },
      { ...base, key: Buffer.alloc(0) },
      { ...base, value: null },
      { ...base, value: Buffer.from('Value') },
      { ...base, key: Buffer.from('kv'), value: Buffer.from('alue') },
      { ...base, headers: [['h', null]] },
    ]
    expect(new Set(changed.map(digest)).size).toBe(changed.length)
  })

  test('of one kind of record fill 64 bits evenly', () => {
    const seen = new Set<bigint>()
    const ones = new Array<number>(64).fill(0)
    for (let offset = 0; offset < 2000; offset++) {
      const value = digest({ offset, value: Buffer.from(`value ${offset}`) })
      seen.add(value)
      for (let bit = 0; bit < 64; bit++) ones[bit]! += Number((value >> BigInt(bit)) & 1n)
    }
    expect(seen.size).toBe(2000)
    for (const count of ones) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})

test('a pool gives a buffer again only after the last holder let go', () => {
  const pool = new BufferPool(1 << 24)
  const bytes = pool.take(300_000)
  const shared = new SharedBuffer(pool, bytes)
  shared.hold()
  shared.release()
  expect(pool.take(300_000).buffer).not.toBe(bytes.buffer)
  shared.release()
  expect(pool.take(290_000).buffer).toBe(bytes.buffer)
  expect(pool.take(290_000).buffer).not.toBe(bytes.buffer)
})
