// Where a connection's messages go: written into one buffer, sent when it is full or when the client waits for them. A
// slow client makes `flush` wait, and thereby pauses its own query and nobody else's. Bytes that the kernel has taken
// at once, which is nearly always so, leave their buffer to the next.

import type { Socket } from 'node:net'
import { ByteWriter } from '../../src/core/byte-writer.ts'

/** Bytes gathered before they are handed to the socket. */
const FLUSH_BYTES = 64 * 1024
const FIRST_BYTES = 8192
/** A buffer that grew beyond this for one large answer is not kept. */
const KEPT_BYTES_MAX = 2 * FLUSH_BYTES

export class Outlet {
  readonly #socket: Socket
  #writer = new ByteWriter(FIRST_BYTES)

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Messages are written here. */
  get writer(): ByteWriter {
    return this.#writer
  }

  get full(): boolean {
    return this.#writer.length >= FLUSH_BYTES
  }

  /** Sends what was written; resolves when the socket takes more, at once where it does. */
  flush(): Promise<void> | undefined {
    const { length } = this.#writer
    if (length === 0 || this.#socket.destroyed) return undefined
    const { buffer } = this.#writer.bytes
    const taken = this.#socket.write(Buffer.from(buffer, 0, length))
    if (this.#socket.writableLength === 0 && buffer.byteLength <= KEPT_BYTES_MAX) this.#writer.clear()
    else this.#writer = new ByteWriter(FIRST_BYTES)
    if (taken) return undefined
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done)
        this.#socket.off('close', done)
        resolve()
      }
      this.#socket.on('drain', done)
      this.#socket.on('close', done)
    })
  }
}
