// Messages that a client sends, decoded from their frames. Every read is bounded by the frame; what does not fit
// exactly is a protocol violation (08P01). PostgreSQL docs, "Message Formats".

import type { Frame } from './framing.ts'
import { protocolViolation } from './framing.ts'

export type StartupMessage =
  | { readonly kind: 'ssl' }
  | { readonly kind: 'gss' }
  | { readonly kind: 'cancel'; readonly process: number; readonly secret: number }
  | {
      readonly kind: 'startup'
      readonly major: number
      readonly minor: number
      readonly parameters: Readonly<Record<string, string>>
    }

export type FrontendMessage =
  | { readonly kind: 'query'; readonly text: string }
  | {
      readonly kind: 'parse'
      readonly name: string
      readonly text: string
      readonly types: readonly number[]
    }
  | {
      readonly kind: 'bind'
      readonly portal: string
      readonly statement: string
      readonly formats: readonly number[]
      readonly values: readonly (Uint8Array | null)[]
      readonly resultFormats: readonly number[]
    }
  | { readonly kind: 'describe' | 'close'; readonly what: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'execute'; readonly portal: string; readonly maxRows: number }
  | { readonly kind: 'sync' | 'flush' | 'terminate' | 'copyDone' }
  | { readonly kind: 'copyData'; readonly bytes: Uint8Array }
  | { readonly kind: 'copyFail'; readonly reason: string }
  | { readonly kind: 'password'; readonly bytes: Uint8Array }
  | { readonly kind: 'functionCall' }

const SSL_REQUEST = 80877103
const GSS_REQUEST = 80877104
const CANCEL_REQUEST = 80877102

export function decodeStartup(body: Uint8Array): StartupMessage {
  const reader = new BodyReader(body)
  const code = reader.i32()
  if (code === SSL_REQUEST) return { kind: 'ssl' }
  if (code === GSS_REQUEST) return { kind: 'gss' }
  if (code === CANCEL_REQUEST) return { kind: 'cancel', process: reader.i32(), secret: reader.i32() }
  const parameters: Record<string, string> = {}
  for (let name = reader.cstring(); name !== ''; name = reader.cstring()) parameters[name] = reader.cstring()
  reader.end()
  return { kind: 'startup', major: code >> 16, minor: code & 0xffff, parameters }
}

export function decodeMessage(frame: Frame): FrontendMessage {
  const reader = new BodyReader(frame.body)
  const message = decodeBody(String.fromCharCode(frame.type), reader)
  reader.end()
  return message
}

function decodeBody(type: string, reader: BodyReader): FrontendMessage {
  switch (type) {
    case 'Q':
      return { kind: 'query', text: reader.cstring() }
    case 'P':
      return { kind: 'parse', name: reader.cstring(), text: reader.cstring(), types: reader.list(() => reader.i32()) }
    case 'B':
      return {
        kind: 'bind',
        portal: reader.cstring(),
        statement: reader.cstring(),
        formats: reader.list(() => reader.i16()),
        values: reader.list(() => reader.value()),
        resultFormats: reader.list(() => reader.i16()),
      }
    case 'D':
      return { kind: 'describe', what: reader.target(), name: reader.cstring() }
    case 'C':
      return { kind: 'close', what: reader.target(), name: reader.cstring() }
    case 'E':
      return { kind: 'execute', portal: reader.cstring(), maxRows: reader.i32() }
    case 'S':
      return { kind: 'sync' }
    case 'H':
      return { kind: 'flush' }
    case 'X':
      return { kind: 'terminate' }
    case 'c':
      return { kind: 'copyDone' }
    case 'd':
      return { kind: 'copyData', bytes: reader.rest() }
    case 'f':
      return { kind: 'copyFail', reason: reader.cstring() }
    case 'p':
      return { kind: 'password', bytes: reader.rest() }
    case 'F':
      reader.rest()
      return { kind: 'functionCall' }
    default:
      throw protocolViolation(`invalid frontend message type ${type.charCodeAt(0)}`)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

class BodyReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #take(length: number): number {
    const at = this.#at
    if (length < 0 || at + length > this.#bytes.length) throw protocolViolation('insufficient data left in message')
    this.#at = at + length
    return at
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  cstring(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0) throw protocolViolation('invalid string in message')
    const start = this.#take(end - this.#at + 1)
    try {
      return utf8.decode(this.#bytes.subarray(start, end))
    } catch {
      throw protocolViolation('invalid byte sequence for encoding "UTF8" in message')
    }
  }

  /** A count (u16) and so many items. */
  list<T>(item: () => T): readonly T[] {
    const count = this.#view.getUint16(this.#take(2))
    return Array.from({ length: count }, item)
  }

  value(): Uint8Array | null {
    const length = this.i32()
    if (length === -1) return null
    const start = this.#take(length)
    return this.#bytes.slice(start, start + length)
  }

  target(): 'statement' | 'portal' {
    const letter = String.fromCharCode(this.#view.getUint8(this.#take(1)))
    if (letter === 'S') return 'statement'
    if (letter === 'P') return 'portal'
    throw protocolViolation(`invalid DESCRIBE or CLOSE message subtype "${letter}"`)
  }

  rest(): Uint8Array {
    const start = this.#take(this.#bytes.length - this.#at)
    return this.#bytes.slice(start)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw protocolViolation('invalid message format')
  }
}
