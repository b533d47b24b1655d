// One connection to one Kafka broker: requests out, responses back in the same order, each with a deadline.
//
// The codec library's request functions run on it, because `send` has the signature of the library's own connection.
// Our fetch uses `request`, which hands back the response's bytes as they came.
//
//   open: connect (TLS) ── ApiVersions ── [SaslHandshake, SaslAuthenticate…] ── ready ── requests … ── ended
//
// State: requests awaiting their response, in order (a broker answers in order); bytes that wait for the socket to
// drain. Invariant: every request ends exactly once, with its response or with the error that ended the connection.
// A deadline that passes ends the connection, since nothing behind the missing response could be read. A session that
// the broker limits in time (KIP-368) ends by its closing the connection; who reads then connects again.

import type { API, Callback, Connection, Reader, Writer } from '@platformatic/kafka'
import { assert } from '../../core/assert.ts'
import type { Timer, Timers } from '../../core/clock.ts'
import type { SqlError } from '../../core/error.ts'
import type { Address, Dial, TlsSettings, Wire } from './dial.ts'
import { asSqlError, brokerTooOld, cannotConnect, connectionLost, responseTooLarge, wrongProtocol } from './errors.ts'
import { Framing } from './framing.ts'
import type { Library } from './library.ts'
import { authenticate, type SaslSettings } from './sasl.ts'
import { Cursor } from './varint.ts'

export interface Security {
  readonly tls: TlsSettings | undefined
  readonly sasl: SaslSettings | undefined
}

/** What all connections of one reader share. */
export interface ConnectionSettings {
  readonly library: Library
  readonly dial: Dial
  readonly timers: Timers
  readonly security: Security
  readonly clientId: string
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  /** One response may not be larger. */
  readonly responseBytesMax: number
  /** Where responses are put: a buffer of that length, at the start of its memory. */
  readonly allocate: (length: number) => Uint8Array<ArrayBuffer>
}

interface Outgoing {
  readonly apiKey: number
  readonly apiVersion: number
  readonly body: Uint8Array
  /** Whether the request's and the response's header have tagged fields (flexible versions). */
  readonly requestTags: boolean
  readonly responseTags: boolean
  /** Added to the deadline: how long the broker was asked to wait. */
  readonly waitMs?: number
}

interface Pending {
  readonly correlationId: number
  readonly responseTags: boolean
  readonly deadline: Timer
  readonly resolve: (response: Buffer) => void
  readonly reject: (error: SqlError) => void
}

type Parser = (correlationId: number, apiKey: number, apiVersion: number, reader: Reader) => unknown

const PENDING_MAX = 64
const TLS_ALERT = 0x15

export class KafkaConnection {
  /** `host:port`, for messages. */
  readonly address: string
  readonly #settings: ConnectionSettings
  readonly #pending: Pending[] = []
  readonly #framing: Framing
  #wire: Wire | undefined
  #unsent: Uint8Array[] | undefined
  #correlationId = 0
  #answered = 0
  #connected: { resolve: () => void; reject: (error: SqlError) => void } | undefined
  #error: SqlError | undefined
  readonly #versions = new Map<number, { readonly min: number; readonly max: number }>()

  private constructor(address: Address, settings: ConnectionSettings) {
    this.address = `${address.host}:${address.port}`
    this.#settings = settings
    this.#framing = new Framing(settings.responseBytesMax, settings.allocate, (response) => this.#receive(response))
  }

  /** Connects, asks what the broker can do, and authenticates. Throws SqlError that names the remedy. */
  static async open(address: Address, settings: ConnectionSettings): Promise<KafkaConnection> {
    const connection = new KafkaConnection(address, settings)
    try {
      await connection.#connect(address)
      await connection.#learnVersions()
      const { sasl } = settings.security
      if (sasl !== undefined) await authenticate(connection, sasl, settings.library)
      return connection
    } catch (error) {
      connection.close()
      throw asSqlError(connection.address, error)
    }
  }

  /** Why the connection has ended; undefined while it lives. */
  get ended(): SqlError | undefined {
    return this.#error
  }

  close(): void {
    this.#end(connectionLost(this.address, 'it was closed here'))
  }

  /** The highest of `known` versions of a request that the broker has too. */
  version(apiKey: number, name: string, known: readonly number[]): number {
    const range = this.#versions.get(apiKey)
    const usable = range === undefined ? [] : known.filter((version) => version >= range.min && version <= range.max)
    if (usable.length === 0) throw brokerTooOld(this.address, name)
    return Math.max(...usable)
  }

  /** Runs one of the library's requests. Rejects with the library's error for an error code in the response. */
  call<Arguments extends unknown[], Response>(api: API<Arguments, Response>, ...args: Arguments): Promise<Response> {
    return api.async(this as unknown as Connection, ...args)
  }

  /** What the library's requests call. */
  send(
    apiKey: number,
    apiVersion: number,
    createPayload: () => Writer,
    parse: Parser,
    requestTags: boolean,
    responseTags: boolean,
    callback: Callback<unknown>,
  ): void {
    const { Reader } = this.#settings.library
    const body = createPayload().buffer
    this.request({ apiKey, apiVersion, body, requestTags, responseTags })
      .then((response) => parse(0, apiKey, apiVersion, Reader.from(response)))
      .then(
        (parsed) => callback(null, parsed),
        (error: Error) => callback(error),
      )
  }

  /** Sends a request; resolves to its response's bytes without the header. */
  request(outgoing: Outgoing): Promise<Buffer> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    assert(this.#pending.length < PENDING_MAX, 'too many requests at once on one connection')
    this.#correlationId = (this.#correlationId + 1) & 0x7fffffff
    const correlationId = this.#correlationId
    const timeoutMs = this.#settings.requestTimeoutMs + (outgoing.waitMs ?? 0)
    const response = new Promise<Buffer>((resolve, reject) => {
      const deadline = this.#settings.timers.after(timeoutMs, () => this.#end(this.#noAnswer(timeoutMs)))
      this.#pending.push({ correlationId, responseTags: outgoing.responseTags, deadline, resolve, reject })
    })
    this.#write(frame(outgoing, correlationId, this.#settings.clientId))
    return response
  }

  #noAnswer(timeoutMs: number): SqlError {
    const why = `no answer within ${timeoutMs} ms`
    return this.#answered === 0 ? wrongProtocol(this.address, why) : connectionLost(this.address, why)
  }

  async #connect(address: Address): Promise<void> {
    const { dial, timers, security, connectTimeoutMs } = this.#settings
    using _deadline = timers.after(connectTimeoutMs, () => {
      const hint = 'No answer: check the options "brokers" and "security", and firewalls between here and there.'
      this.#end(cannotConnect(this.address, `no answer within ${connectTimeoutMs} ms`, hint))
    })
    await new Promise<void>((resolve, reject) => {
      this.#connected = { resolve, reject }
      this.#wire = dial(address, security.tls, {
        connected: () => {
          this.#connected = undefined
          resolve()
        },
        received: (bytes) => this.#push(bytes),
        drained: () => this.#drain(),
        ended: (error) => this.#end(this.#lost(error)),
      })
    })
  }

  async #learnVersions(): Promise<void> {
    const { library } = this.#settings
    const { apiKeys } = await this.call(library.apiVersionsV3.api, 'millrace', '1')
    for (const { apiKey, minVersion, maxVersion } of apiKeys) {
      this.#versions.set(apiKey, { min: minVersion, max: maxVersion })
    }
  }

  #push(bytes: Uint8Array): void {
    if (this.#answered === 0 && bytes[0] === TLS_ALERT && bytes[1] === 3) {
      this.#end(wrongProtocol(this.address, 'it speaks TLS'))
      return
    }
    const tooLarge = this.#framing.push(bytes)
    const { responseBytesMax } = this.#settings
    if (tooLarge !== undefined) this.#end(responseTooLarge(this.address, tooLarge, responseBytesMax))
  }

  #receive(response: Buffer): void {
    const pending = this.#pending[0]
    if (pending === undefined || response.readInt32BE(0) !== pending.correlationId) {
      this.#end(wrongProtocol(this.address, 'an answer to no question came'))
      return
    }
    this.#pending.shift()
    this.#answered++
    pending.deadline[Symbol.dispose]()
    pending.resolve(response.subarray(pending.responseTags ? afterTags(response, 4) : 4))
  }

  #write(bytes: Uint8Array): void {
    if (this.#unsent !== undefined) this.#unsent.push(bytes)
    else if (this.#wire?.write(bytes) === false) this.#unsent = []
  }

  #drain(): void {
    const unsent = this.#unsent ?? []
    this.#unsent = undefined
    for (const bytes of unsent) this.#write(bytes)
  }

  #lost(error: Error | undefined): SqlError {
    if (this.#connected !== undefined) return cannotConnect(this.address, error ?? 'closed at once')
    if (this.#answered <= 1) {
      const why = this.#answered === 0 ? 'closed before its first answer' : 'closed by the broker'
      return wrongProtocol(this.address, error === undefined ? why : error.message)
    }
    return connectionLost(this.address, error === undefined ? 'closed by the broker' : error.message)
  }

  #end(error: SqlError): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.#wire?.destroy()
    this.#unsent = undefined
    this.#connected?.reject(error)
    for (const pending of this.#pending.splice(0)) {
      pending.deadline[Symbol.dispose]()
      pending.reject(error)
    }
  }
}

function frame({ apiKey, apiVersion, body, requestTags }: Outgoing, correlationId: number, clientId: string): Buffer {
  const id = Buffer.from(clientId)
  const head = Buffer.alloc(14 + id.length + (requestTags ? 1 : 0)) // the last byte is "no tagged fields"
  head.writeInt32BE(head.length - 4 + body.length, 0)
  head.writeInt16BE(apiKey, 4)
  head.writeInt16BE(apiVersion, 6)
  head.writeInt32BE(correlationId, 8)
  head.writeInt16BE(id.length, 12)
  id.copy(head, 14)
  return Buffer.concat([head, body])
}

/** Position after the tagged fields that begin at `at`. */
export function afterTags(bytes: Uint8Array, at: number): number {
  const cursor = new Cursor(bytes, at)
  const count = cursor.unsignedVarint()
  for (let i = 0; i < count && cursor.at < bytes.length; i++) {
    cursor.unsignedVarint()
    const length = cursor.unsignedVarint()
    cursor.at += length
  }
  return cursor.at
}
