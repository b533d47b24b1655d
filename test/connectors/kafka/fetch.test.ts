// Fetch messages: responses written with the codec library's writer come back field by field, in every version; cut or
// garbled ones are refused as such, and nothing else is thrown.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFetch, encodeFetch, FETCH_VERSIONS, type FetchResponse } from '../../../src/connectors/kafka/fetch.ts'
import { loadLibrary } from '../../../src/connectors/kafka/library.ts'
import { SqlError } from '../../../src/core/error.ts'

const { Writer, Reader } = await loadLibrary()
type Writer = ReturnType<typeof Writer.create>

const RESPONSE: FetchResponse = {
  errorCode: 0,
  throttleMs: 7,
  sections: [
    {
      partition: 2,
      errorCode: 0,
      lastStableOffset: 2 ** 40 + 5,
      logStartOffset: 3,
      aborted: [
        { producerId: 9_000_000_000, firstOffset: 2 ** 33 },
        { producerId: 4, firstOffset: 8 },
      ],
      records: Uint8Array.of(1, 2, 3),
    },
    { partition: 0, errorCode: 6, lastStableOffset: -1, logStartOffset: -1, aborted: [], records: new Uint8Array() },
  ],
}

function encodeResponse(version: number, { throttleMs, errorCode, sections }: FetchResponse): Buffer {
  const flexible = version >= 12
  const writer = Writer.create().appendInt32(throttleMs).appendInt16(errorCode).appendInt32(0)
  const appendSection = (w: Writer, section: FetchResponse['sections'][number]) => {
    w.appendInt32(section.partition).appendInt16(section.errorCode).appendInt64(99n)
    w.appendInt64(BigInt(section.lastStableOffset)).appendInt64(BigInt(section.logStartOffset))
    const aborted = section.aborted.length === 0 ? null : [...section.aborted]
    w.appendArray(
      aborted,
      (x, { producerId, firstOffset }) => x.appendInt64(BigInt(producerId)).appendInt64(BigInt(firstOffset)),
      flexible,
      flexible,
    )
    w.appendInt32(-1).appendBytes(Buffer.from(section.records), flexible)
    // A tagged field: the new leader, which we learn from metadata.
    if (flexible) w.appendUnsignedVarInt(1).appendUnsignedVarInt(1).appendUnsignedVarInt(2).appendInt16(5)
  }
  writer.appendArray(
    [sections],
    (w, each) => {
      if (version >= 13) w.appendUUID('01234567-89ab-cdef-0123-456789abcdef')
      else w.appendString('topic', flexible)
      w.appendArray([...each], appendSection, flexible, false)
    },
    flexible,
    flexible,
  )
  if (flexible) writer.appendTaggedFields()
  return writer.buffer
}

describe.each(FETCH_VERSIONS.map((version) => [version]))('version %i', (version) => {
  test('a response, field by field', () => {
    expect(decodeFetch(encodeResponse(version, RESPONSE), version, 'b')).toEqual(RESPONSE)
  })

  test('a response that is cut is refused', () => {
    const bytes = encodeResponse(version, RESPONSE)
    // The last bytes are an empty record set and tags, where a cut is not seen.
    const end = bytes.length - (version >= 12 ? 12 : 4)
    for (let cut = 0; cut < end; cut++) {
      const broken = Buffer.from(bytes.subarray(0, cut))
      expect(() => decodeFetch(broken, version, 'b'), `cut at ${cut}`).toThrow(
        /^Kafka broker "b" sent a malformed response/,
      )
    }
  })

  test('any bytes give a response or that error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(80), (noise, at) => {
        const bytes = encodeResponse(version, RESPONSE)
        bytes.set(noise.subarray(0, bytes.length - at), at)
        try {
          decodeFetch(bytes, version, 'b')
        } catch (error) {
          expect(error).toBeInstanceOf(SqlError)
        }
      }),
    )
  })

  test('a request names the topic and every position', () => {
    const id = '01234567-89ab-cdef-0123-456789abcdef'
    const partitions = [{ partition: 3, offset: 2 ** 41 + 1, maxBytes: 77 }]
    const request = { topic: { name: 'topic', id }, maxWaitMs: 11, maxBytes: 22, partitions }
    const reader = Reader.from(encodeFetch(Writer.create(), version, request).buffer)
    const flexible = version >= 12
    if (version < 15) expect(reader.readInt32()).toBe(-1)
    expect([reader.readInt32(), reader.readInt32(), reader.readInt32(), reader.readInt8()]).toEqual([11, 1, 22, 1])
    expect([reader.readInt32(), reader.readInt32()]).toEqual([0, -1])
    const length = () => (flexible ? reader.readUnsignedVarInt() - 1 : reader.readInt32())
    expect(length()).toBe(1)
    expect(version >= 13 ? reader.readUUID() : reader.readString(flexible)).toBe(version >= 13 ? id : 'topic')
    expect(length()).toBe(1)
    expect([reader.readInt32(), reader.readInt32(), reader.readInt64()]).toEqual([3, -1, BigInt(2 ** 41 + 1)])
    if (flexible) expect(reader.readInt32()).toBe(-1)
    expect([reader.readInt64(), reader.readInt32()]).toEqual([-1n, 77])
    if (flexible) expect([reader.readInt8(), reader.readInt8()]).toEqual([0, 0])
    expect(length()).toBe(0)
    expect(reader.readString(flexible)).toBe('')
    if (flexible) expect(reader.readInt8()).toBe(0)
    expect(reader.remaining).toBe(0)
  })
})
