// A client that speaks protocol 3 byte by byte: sends what it likes, reads what comes as short lines.

import { connect, type Socket } from 'node:net'

const utf8 = new TextDecoder()
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export const i32 = (value: number): number[] => [
  (value >> 24) & 255,
  (value >> 16) & 255,
  (value >> 8) & 255,
  value & 255,
]
export const i16 = (value: number): number[] => [(value >> 8) & 255, value & 255]
export const cstring = (text: string): number[] => [...bytesOf(text), 0]

export const message = (type: string, ...body: readonly (readonly number[])[]): Uint8Array => {
  const payload = body.flat()
  return Uint8Array.from([...(type === '' ? [] : [type.charCodeAt(0)]), ...i32(payload.length + 4), ...payload])
}

export const startup = (parameters: Readonly<Record<string, string>>): Uint8Array =>
  message('', i32(196608), ...Object.entries(parameters).map((entry) => entry.flatMap(cstring)), [0])
export const query = (text: string): Uint8Array => message('Q', cstring(text))
export const parse = (text: string, name = '', types: readonly number[] = []): Uint8Array =>
  message('P', cstring(name), cstring(text), i16(types.length), types.flatMap(i32))
export const bind = (values: readonly string[] = [], portal = '', statement = ''): Uint8Array => {
  const shown = values.flatMap((value) => [...i32(bytesOf(value).length), ...bytesOf(value)])
  return message('B', cstring(portal), cstring(statement), i16(0), i16(values.length), shown, i16(0))
}
export const execute = (maxRows = 0, portal = ''): Uint8Array => message('E', cstring(portal), i32(maxRows))
export const sync = message('S')
export const flush = message('H')

export interface Received {
  readonly type: string
  readonly body: Uint8Array
}

/** `C INSERT 0 1`, `D 1|x`, `E 22012 division by zero`, `Z I`; of others only the letter. */
export function shown({ type, body }: Received): string {
  switch (type) {
    case 'C':
      return `C ${utf8.decode(body.subarray(0, -1))}`
    case 'Z':
      return `Z ${utf8.decode(body)}`
    case 'D':
      return `D ${fields(body).join('|')}`
    case 'd':
      return `d ${utf8.decode(body).trimEnd()}`
    case 'E': {
      const error = errorFields(body)
      return `E ${error.C} ${error.M}`
    }
    default:
      return type
  }
}

function fields(body: Uint8Array): string[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  let at = 2
  return Array.from({ length: view.getInt16(0) }, () => {
    const length = view.getInt32(at)
    at += 4
    if (length < 0) return '∅'
    at += length
    return utf8.decode(body.subarray(at - length, at))
  })
}

export function errorFields(body: Uint8Array): Readonly<Record<string, string>> {
  return Object.fromEntries(
    utf8
      .decode(body)
      .split('\0')
      .filter((part) => part !== '')
      .map((part) => [part.slice(0, 1), part.slice(1)]),
  )
}

export class Dialogue {
  readonly socket: Socket
  #bytes = new Uint8Array(0)
  #closed = false
  #wake: () => void = () => {}

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (chunk) => {
      this.#bytes = Uint8Array.from([...this.#bytes, ...chunk])
      this.#wake()
    })
    this.socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
    this.socket.on('error', () => {})
  }

  /** Connected and past the start-up. */
  static async open(port: number, parameters: Readonly<Record<string, string>> = {}): Promise<Dialogue> {
    const dialogue = new Dialogue(port)
    dialogue.send(startup({ user: 'tester', ...parameters }))
    await dialogue.until('Z')
    return dialogue
  }

  send(...messages: readonly Uint8Array[]): void {
    this.socket.write(Uint8Array.from(messages.flatMap((one) => [...one])))
  }

  /** Bytes outside of messages: the answer to an SSLRequest. */
  async byte(): Promise<string> {
    while (this.#bytes.length < 1) await this.#more()
    const [first] = this.#bytes
    this.#bytes = this.#bytes.slice(1)
    return String.fromCharCode(first!)
  }

  /** The next message; undefined when the server has closed. */
  async next(): Promise<Received | undefined> {
    for (;;) {
      const length = this.#bytes.length < 5 ? undefined : new DataView(this.#bytes.buffer).getInt32(1)
      if (length !== undefined && this.#bytes.length > length) {
        const received = { type: String.fromCharCode(this.#bytes[0]!), body: this.#bytes.slice(5, length + 1) }
        this.#bytes = this.#bytes.slice(length + 1)
        return received
      }
      if (this.#closed) return undefined
      await this.#more()
    }
  }

  /** Messages up to one of this type (or the end), that one included. */
  async until(type: string): Promise<Received[]> {
    const messages: Received[] = []
    for (let one = await this.next(); one !== undefined; one = await this.next()) {
      messages.push(one)
      if (one.type === type) break
    }
    return messages
  }

  async lines(type = 'Z'): Promise<string[]> {
    return (await this.until(type)).map(shown)
  }

  async ask(...messages: readonly Uint8Array[]): Promise<string[]> {
    this.send(...messages)
    return this.lines()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
