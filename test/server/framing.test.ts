// Framing is the same whatever the cuts: at every split, byte by byte, and many messages in one chunk. What is no frame
// is a protocol violation, and what is too large is refused before its bytes have come.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameReader, MESSAGE_BYTES_MAX } from '../../server/pgwire/framing.ts'
import { decodeMessage, decodeStartup } from '../../server/pgwire/frontend.ts'

interface Message {
  readonly type: number
  readonly body: readonly number[]
}

function encode({ type, body }: Message): Uint8Array {
  const head = new Uint8Array(type === 0 ? 4 : 5)
  if (type !== 0) head[0] = type
  new DataView(head.buffer).setInt32(head.length - 4, body.length + 4)
  return Uint8Array.from([...head, ...body])
}

function framed(chunks: readonly Uint8Array[], phase: 'startup' | 'session'): Message[] {
  const reader = new FrameReader()
  reader.phase = phase
  const messages: Message[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let frame = reader.next(); frame !== undefined; frame = reader.next())
      messages.push({ type: frame.type, body: [...frame.body] })
  }
  expect(reader.held).toBe(0)
  return messages
}

const joined = (messages: readonly Message[]): Uint8Array =>
  Uint8Array.from(messages.flatMap((message) => [...encode(message)]))

const anyBody = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 })
const anyMessages = fc.array(fc.record({ type: fc.integer({ min: 1, max: 255 }), body: anyBody }), { maxLength: 8 })

describe('frames', () => {
  test('are the same at every split in two', () => {
    const messages: Message[] = [
      { type: 81, body: [65, 0] },
      { type: 83, body: [] },
      { type: 100, body: Array.from({ length: 300 }, (_, i) => i & 255) },
      { type: 88, body: [] },
    ]
    const bytes = joined(messages)
    for (let at = 0; at <= bytes.length; at++)
      expect(framed([bytes.subarray(0, at), bytes.subarray(at)], 'session')).toEqual(messages)
  })

  test('are the same byte by byte, at once, and at any cuts', () => {
    fc.assert(
      fc.property(anyMessages, fc.array(fc.nat(400), { maxLength: 10 }), (messages, cuts) => {
        const bytes = joined(messages)
        expect(framed([bytes], 'session')).toEqual(messages)
        expect(
          framed(
            [...bytes].map((byte) => Uint8Array.of(byte)),
            'session',
          ),
        ).toEqual(messages)
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
        expect(framed(chunks, 'session')).toEqual(messages)
      }),
    )
  })

  test('of the start-up have no type byte', () => {
    const body = [0, 3, 0, 0, 0]
    const bytes = encode({ type: 0, body })
    for (let at = 0; at <= bytes.length; at++)
      expect(framed([bytes.subarray(0, at), bytes.subarray(at)], 'startup')).toEqual([{ type: 0, body }])
  })

  test.each([
    ['negative', 'session', [81, 0xff, 0xff, 0xff, 0xff]],
    ['shorter than itself', 'session', [81, 0, 0, 0, 3]],
    ['beyond the limit', 'session', [81, 0x40, 0, 0, 0]],
    ['of a start-up without a version', 'startup', [0, 0, 0, 7]],
    ['of a start-up beyond its limit', 'startup', [0, 0, 0x27, 0x11]],
    ['of HTTP', 'startup', [...new TextEncoder().encode('GET / HTTP/1.1')]],
  ] as const)('a length %s is refused', (_what, phase, bytes) => {
    const reader = new FrameReader()
    reader.phase = phase
    reader.push(Uint8Array.from(bytes))
    expect(() => reader.next()).toThrow(expect.objectContaining({ code: '08P01' }))
  })

  test('the largest length is waited for, not allocated', () => {
    const reader = new FrameReader()
    reader.phase = 'session'
    const head = new Uint8Array(5)
    head[0] = 100
    new DataView(head.buffer).setInt32(1, MESSAGE_BYTES_MAX)
    reader.push(head)
    reader.push(new Uint8Array(10))
    expect(reader.next()).toBeUndefined()
    expect(reader.held).toBe(15)
  })
})

describe('messages', () => {
  test('of any bytes decode or are a violation, and nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 60 }), (type, body) => {
        try {
          decodeMessage({ type, body })
        } catch (error) {
          expect(error).toMatchObject({ code: '08P01' })
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('start-up packets of any bytes too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        try {
          decodeStartup(Uint8Array.from([0, 3, 0, 0, ...tail]))
        } catch (error) {
          expect(error).toMatchObject({ code: '08P01' })
        }
      }),
    )
  })

  test('a prefix of a whole message is a violation', () => {
    const parse = [0, 83, 69, 76, 69, 67, 84, 0, 0, 1, 0, 0, 0, 23]
    expect(decodeMessage({ type: 80, body: Uint8Array.from(parse) })).toEqual({
      kind: 'parse',
      name: '',
      text: 'SELECT',
      types: [23],
    })
    for (let length = 0; length < parse.length; length++)
      expect(() => decodeMessage({ type: 80, body: Uint8Array.from(parse.slice(0, length)) })).toThrow(
        expect.objectContaining({ code: '08P01' }),
      )
  })
})
