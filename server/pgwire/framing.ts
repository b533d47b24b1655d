// Framing of the PostgreSQL protocol 3: bytes in, whole messages out. Pure, bounded, no recursion.
//
//   start-up    length i32 | payload               (before a session is established)
//   then        type u8 | length i32 | payload     (length counts itself and the payload)
//
// State: bytes that are not a whole message yet. A length that is negative, too short or beyond the limit ends the
// connection (08P01): nothing that a peer sends makes the buffer grow beyond one message of the stated size.

import { SqlError } from '../../src/core/error.ts'

export interface Frame {
  /** Message type's byte; 0 for a start-up packet. */
  readonly type: number
  /** The payload; valid until the next call of `push`. */
  readonly body: Uint8Array
}

/** Start-up packets are small (PostgreSQL's own limit). */
const STARTUP_BYTES_MAX = 10_000
/** Before authentication has ended nothing large is due. */
const EARLY_BYTES_MAX = 65_536
export const MESSAGE_BYTES_MAX = 1024 * 1024 * 1024 - 1

export type Phase = 'startup' | 'authentication' | 'session'

const limits: Readonly<Record<Phase, number>> = {
  startup: STARTUP_BYTES_MAX,
  authentication: EARLY_BYTES_MAX,
  session: MESSAGE_BYTES_MAX,
}

export class FrameReader {
  #buffer: Uint8Array = new Uint8Array(0)
  #start = 0
  #end = 0
  phase: Phase = 'startup'

  /** Takes bytes as they came from the socket. */
  push(chunk: Uint8Array): void {
    const held = this.#end - this.#start
    if (held === 0) {
      this.#buffer = chunk
      this.#start = 0
      this.#end = chunk.length
      return
    }
    const needed = held + chunk.length
    const joined = new Uint8Array(Math.max(needed, Math.min(2 * held, MESSAGE_BYTES_MAX)))
    joined.set(this.#buffer.subarray(this.#start, this.#end))
    joined.set(chunk, held)
    this.#buffer = joined
    this.#start = 0
    this.#end = needed
  }

  /** Bytes that wait. */
  get held(): number {
    return this.#end - this.#start
  }

  /** The next whole message, or undefined until more bytes have come. Throws 08P01. */
  next(): Frame | undefined {
    const head = this.phase === 'startup' ? 0 : 1
    if (this.held < head + 4) return undefined
    const at = this.#start + head
    const b = this.#buffer
    const length = (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!
    const least = this.phase === 'startup' ? 8 : 4
    if (length < least || length > limits[this.phase]) throw invalidLength(length)
    if (this.held < head + length) return undefined
    const type = head === 0 ? 0 : b[this.#start]!
    const body = b.subarray(at + 4, at + length)
    this.#start = at + length
    return { type, body }
  }
}

/** 08P01. */
export const protocolViolation = (message: string): SqlError => new SqlError({ code: '08P01', message })

const invalidLength = (length: number): SqlError => protocolViolation(`invalid message length ${length}`)
