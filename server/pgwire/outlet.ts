// Where a connection's messages go: written into one buffer, sent when it is full or when the client waits for them. A
// slow client makes `flush` wait, and thereby pauses its own query and nobody else's.

import type { Socket } from 'node:net'
import { ByteWriter } from '../../src/core/byte-writer.ts'

/** Bytes gathered before they are handed to the socket. */
const FLUSH_BYTES = 64 * 1024

export class Outlet {
  readonly #socket: Socket
  #writer = new ByteWriter(8192)

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
    const bytes = this.#writer.bytes.subarray(0, length)
    this.#writer = new ByteWriter(8192)
    if (this.#socket.write(bytes)) return undefined
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
