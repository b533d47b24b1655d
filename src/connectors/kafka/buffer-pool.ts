// Buffers for responses and for what is decompressed from them, used again when the one who holds them says so.
//
// Plain Uint8Arrays, never Buffers: `slice` of a Buffer is a view, and who copies out of a column relies on a copy.
// Fresh buffers of megabytes cost more than decoding what is in them: pages that the system must clear, and full
// collections that V8 starts as memory outside its heap grows. A buffer never given back is collected as any other.
//
// State: free buffers, `limitBytes` in all; beyond it, what comes back is left to the collector.

const SMALL_BYTES = 64 * 1024
const GRAIN_BYTES = 256 * 1024

export class BufferPool {
  readonly #limitBytes: number
  #free: ArrayBuffer[] = []
  #freeBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** A buffer of that length with undefined contents. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length < SMALL_BYTES) return new Uint8Array(length)
    const fits = (buffer: ArrayBuffer) => buffer.byteLength >= length && buffer.byteLength <= 2 * length + GRAIN_BYTES
    const found = this.#free.findIndex(fits)
    if (found < 0) return new Uint8Array(new ArrayBuffer(Math.ceil(length / GRAIN_BYTES) * GRAIN_BYTES), 0, length)
    const [buffer] = this.#free.splice(found, 1)
    this.#freeBytes -= buffer!.byteLength
    return new Uint8Array(buffer!, 0, length)
  }

  /** Gives back what `take` returned. Whoever still looks at it will see other bytes there. */
  give(bytes: Uint8Array): void {
    const { buffer } = bytes
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < SMALL_BYTES) return
    if (this.#freeBytes + buffer.byteLength > this.#limitBytes) return
    this.#free.push(buffer)
    this.#freeBytes += buffer.byteLength
  }
}

/** One buffer that several hold: it goes back to its pool when the last lets go. */
export class SharedBuffer {
  readonly #pool: BufferPool
  readonly #bytes: Uint8Array
  #holders = 1

  constructor(pool: BufferPool, bytes: Uint8Array) {
    this.#pool = pool
    this.#bytes = bytes
  }

  hold(): this {
    this.#holders++
    return this
  }

  release(): void {
    this.#holders--
    if (this.#holders === 0) this.#pool.give(this.#bytes)
  }
}
