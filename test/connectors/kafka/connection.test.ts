// One connection against a broker that a test plays, byte by byte: responses cut anywhere, deadlines, limits, answers
// to no question, back-pressure. No socket and no clock: both come in as arguments.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ConnectionSettings, KafkaConnection } from '../../../src/connectors/kafka/connection.ts'
import type { Dial, WireEvents } from '../../../src/connectors/kafka/dial.ts'
import { loadLibrary } from '../../../src/connectors/kafka/library.ts'
import type { Timers } from '../../../src/core/clock.ts'

const library = await loadLibrary()

interface Request {
  readonly key: number
  readonly version: number
  readonly correlationId: number
}

/** Timers that fire when a test says so. */
function manualTimers() {
  const running = new Set<() => void>()
  const timers: Timers = {
    after(_delayMs, run) {
      running.add(run)
      return { [Symbol.dispose]: () => running.delete(run) }
    },
  }
  const fire = () => {
    for (const run of [...running]) run()
  }
  return { timers, fire, running }
}

function parseRequest(bytes: Uint8Array): Request {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  expect(view.getInt32(0)).toBe(bytes.length - 4)
  return { key: view.getInt16(4), version: view.getInt16(6), correlationId: view.getInt32(8) }
}

function response(correlationId: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + body.length, 0)
  head.writeInt32BE(correlationId, 4)
  return Buffer.concat([head, body])
}

/** ApiVersions version 3: Fetch 4 to 17 and Metadata 0 to 12; no throttling, no tags. */
const API_VERSIONS = Buffer.from(
  '0000' + '03' + '0001' + '0004' + '0011' + '00' + '0003' + '0000' + '000c' + '00' + '00000000' + '00',
  'hex',
)

interface Played {
  readonly dial: Dial
  readonly requests: Request[]
  events: WireEvents | undefined
  destroyed: boolean
  /** What `write` answers. */
  accepts: boolean
}

/** A broker that answers ApiVersions; the rest is the test's. */
function play(greet: (played: Played, request: Request) => void = answerVersions): Played {
  const played: Played = {
    requests: [],
    events: undefined,
    destroyed: false,
    accepts: true,
    dial: (_address, _tls, events) => {
      played.events = events
      queueMicrotask(() => events.connected())
      return {
        write(bytes) {
          const request = parseRequest(bytes)
          played.requests.push(request)
          if (request.key === 18) queueMicrotask(() => greet(played, request))
          return played.accepts
        },
        destroy: () => {
          played.destroyed = true
        },
      }
    },
  }
  return played
}

const answerVersions = (played: Played, { correlationId }: Request) =>
  played.events!.received(response(correlationId, API_VERSIONS))

const open = (played: Played, timers: Timers = manualTimers().timers) => {
  const settings: ConnectionSettings = {
    library,
    dial: played.dial,
    timers,
    security: { tls: undefined, sasl: undefined },
    clientId: 'test',
    connectTimeoutMs: 1000,
    requestTimeoutMs: 2000,
    responseBytesMax: 1000,
    allocate: (length) => new Uint8Array(length),
  }
  return KafkaConnection.open({ host: 'broker', port: 9092 }, settings)
}

const plain = { apiKey: 1, apiVersion: 11, body: Buffer.from('body'), requestTags: false, responseTags: false }

describe('responses', () => {
  test('any sizes, cut anywhere, come whole and in order', async () => {
    const anyBodies = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(anyBodies, fc.array(fc.nat(60), { maxLength: 12 }), async (bodies, cuts) => {
        const played = play()
        const connection = await open(played)
        const answers = Promise.all(bodies.map(() => connection.request(plain)))
        const sent = played.requests.slice(1).map(({ correlationId }, i) => response(correlationId, bodies[i]!))
        const stream = Buffer.concat(sent)
        const ends = [...cuts.filter((cut) => cut < stream.length), stream.length].toSorted((a, b) => a - b)
        let at = 0
        for (const end of ends) {
          // The buffer is used again for the next read, as a socket's is.
          const chunk = Buffer.from(stream.subarray(at, end))
          played.events!.received(chunk)
          chunk.fill(0xff)
          at = end
        }
        expect((await answers).map((bytes) => Uint8Array.from(bytes))).toEqual(bodies)
      }),
      { numRuns: 200 },
    )
  })

  test('tagged fields in the header are skipped', async () => {
    const played = play()
    const connection = await open(played)
    const answer = connection.request({ ...plain, requestTags: true, responseTags: true })
    const tags = Buffer.from('02' + '00' + '02' + 'aabb' + '05' + '00', 'hex')
    played.events!.received(response(played.requests[1]!.correlationId, Buffer.concat([tags, Buffer.from('rest')])))
    expect((await answer).toString()).toBe('rest')
  })

  test('what is beyond the limit ends the connection', async () => {
    const played = play()
    const connection = await open(played)
    const answer = connection.request(plain)
    played.events!.received(Buffer.from('000003e9', 'hex'))
    await expect(answer).rejects.toThrow('sent a response of 1001 bytes, more than the limit of 1000')
    expect(played.destroyed).toBe(true)
    await expect(connection.request(plain)).rejects.toThrow('response of 1001 bytes')
  })

  test('an answer to no question ends the connection', async () => {
    const played = play()
    const connection = await open(played)
    const answer = connection.request(plain)
    played.events!.received(response(played.requests[1]!.correlationId + 1, Buffer.alloc(0)))
    await expect(answer).rejects.toThrow('an answer to no question came')
  })
})

describe('ends', () => {
  test('the deadline of one request ends all, each once', async () => {
    const played = play()
    const { timers, fire, running } = manualTimers()
    const connection = await open(played, timers)
    const both = Promise.allSettled([connection.request(plain), connection.request({ ...plain, waitMs: 500 })])
    expect(running.size).toBe(2)
    fire()
    const reasons = (await both).map((outcome) => outcome.status === 'rejected' && String(outcome.reason))
    expect(reasons[0]).toContain('no answer within 2000 ms')
    expect(reasons[1]).toBe(reasons[0])
    expect(running.size).toBe(0)
    expect(played.destroyed).toBe(true)
  })

  test('a socket that closes ends what waits', async () => {
    const played = play()
    const connection = await open(played)
    played.events!.received(Buffer.alloc(0))
    const answer = connection.request(plain)
    played.events!.ended(undefined)
    await expect(answer).rejects.toMatchObject({ code: '08006', hint: expect.stringContaining('security') })
    expect(connection.ended?.code).toBe('08006')
  })

  test('no connection within the time', async () => {
    const { timers, fire } = manualTimers()
    const played = { ...play(), dial: () => ({ write: () => true, destroy: () => {} }) }
    const opening = open(played, timers)
    fire()
    await expect(opening).rejects.toMatchObject({ code: '08001', message: expect.stringContaining('within 1000 ms') })
  })

  test('a TLS alert in answer to plain text', async () => {
    const alert = Buffer.from('1503030002022e', 'hex')
    const opening = open(play((played) => played.events!.received(alert)))
    await expect(opening).rejects.toMatchObject({ message: expect.stringContaining('it speaks TLS') })
  })

  test('a broker without a version of a request that we know', async () => {
    const connection = await open(play())
    expect(connection.version(1, 'Fetch', [11, 12, 13, 18])).toBe(13)
    expect(() => connection.version(1, 'Fetch', [18])).toThrow('does not support Fetch in a version known here')
    expect(() => connection.version(99, 'Nothing', [0])).toThrow('does not support Nothing')
  })
})

test('a socket that is full gets the rest, in order, when it has drained', async () => {
  const played = play()
  const connection = await open(played)
  played.accepts = false
  const answers = [1, 2, 3].map((apiKey) => connection.request({ ...plain, apiKey }))
  expect(played.requests.map(({ key }) => key)).toEqual([18, 1])
  played.accepts = true
  played.events!.drained()
  expect(played.requests.map(({ key }) => key)).toEqual([18, 1, 2, 3])
  const stream = played.requests.slice(1).map(({ key, correlationId }) => response(correlationId, Buffer.of(key)))
  played.events!.received(Buffer.concat(stream))
  expect((await Promise.all(answers)).map((bytes) => bytes[0])).toEqual([1, 2, 3])
})
