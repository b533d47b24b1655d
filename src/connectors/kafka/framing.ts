// Cuts a byte stream into Kafka's responses: a length of four bytes, then that many. Each response gets one buffer of
// its own, from where the caller says, into which bytes are copied as they come; nothing is joined or moved afterwards.
//
// State: the response that is being filled. Invariant: whatever way the stream is cut, the same responses come out.

export class Framing {
  readonly #limitBytes: number
  readonly #allocate: (length: number) => Uint8Array<ArrayBuffer>
  readonly #emit: (response: Buffer) => void
  readonly #length = Buffer.alloc(4)
  #lengthFilled = 0
  #response: Buffer | undefined
  #filled = 0

  constructor(
    limitBytes: number,
    allocate: (length: number) => Uint8Array<ArrayBuffer>,
    emit: (response: Buffer) => void,
  ) {
    this.#limitBytes = limitBytes
    this.#allocate = allocate
    this.#emit = emit
  }

  /** Takes the next bytes; returns the length of a response that is beyond the limit, else undefined. */
  push(bytes: Uint8Array): number | undefined {
    let at = 0
    while (at < bytes.length) {
      if (this.#response === undefined) {
        while (this.#lengthFilled < 4 && at < bytes.length) this.#length[this.#lengthFilled++] = bytes[at++]!
        if (this.#lengthFilled < 4) return undefined
        const length = this.#length.readInt32BE(0)
        if (length < 4 || length > this.#limitBytes) return length >>> 0
        this.#response = Buffer.from(this.#allocate(length).buffer, 0, length)
        this.#filled = 0
      }
      at += this.#fill(this.#response, bytes, at)
    }
    return undefined
  }

  #fill(response: Buffer, bytes: Uint8Array, at: number): number {
    const count = Math.min(bytes.length - at, response.length - this.#filled)
    response.set(at === 0 && count === bytes.length ? bytes : bytes.subarray(at, at + count), this.#filled)
    this.#filled += count
    if (this.#filled === response.length) {
      this.#response = undefined
      this.#lengthFilled = 0
      this.#emit(response)
    }
    return count
  }
}
