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

/** Node's own decoder of bytes below 128: a quarter of what a TextDecoder takes. */
const { latin1Slice } = Buffer.prototype as unknown as {
  readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string
}

const asciiText = (bytes: Uint8Array, start: number, end: number): string => latin1Slice.call(bytes, start, end)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

class BodyReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  #take(length: number): number {
    const at = this.#at
    if (length < 0 || at + length > this.#bytes.length) throw protocolViolation('insufficient data left in message')
    this.#at = at + length
    return at
  }

  i16(): number {
    return (this.u16() << 16) >> 16
  }

  u16(): number {
    const at = this.#take(2)
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!
  }

  i32(): number {
    const at = this.#take(4)
    const b = this.#bytes
    return (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!
  }

  cstring(): string {
    const bytes = this.#bytes
    const start = this.#at
    let end = start
    let seen = 0
    for (; end < bytes.length && bytes[end] !== 0; end++) seen |= bytes[end]!
    if (end === bytes.length) throw protocolViolation('invalid string in message')
    this.#at = end + 1
    if (end === start) return ''
    if (seen < 0x80) return asciiText(bytes, start, end)
    try {
      return utf8.decode(bytes.subarray(start, end))
    } catch {
      throw protocolViolation('invalid byte sequence for encoding "UTF8" in message')
    }
  }

  /** A count (u16) and so many items. */
  list<T>(item: () => T): readonly T[] {
    const count = this.u16()
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(item())
    return items
  }

  /** Valid as long as the frame. */
  value(): Uint8Array | null {
    const length = this.i32()
    if (length === -1) return null
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  target(): 'statement' | 'portal' {
    const letter = String.fromCharCode(this.#bytes[this.#take(1)]!)
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
