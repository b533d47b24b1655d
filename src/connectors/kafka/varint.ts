// Reads Kafka's variable-length integers: seven bits a byte, lowest first, signed ones folded (zigzag) so that small
// magnitudes are short. A cursor is used up by one walk over one buffer; it does not check the buffer's end, since a
// read beyond it gives a zero byte, which ends the number: callers compare positions once a record.

export class Cursor {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  /** A signed number of at most 32 bits. */
  varint(): number {
    const first = this.#bytes[this.at++]!
    const raw = first < 0x80 ? first : this.#rest(first)
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** An unsigned number of at most 32 bits, as flexible versions of messages use for lengths. */
  unsignedVarint(): number {
    const first = this.#bytes[this.at++]!
    return (first < 0x80 ? first : this.#rest(first)) >>> 0
  }

  #rest(first: number): number {
    let raw = first & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.#bytes[this.at++]!
      raw |= (byte & 0x7f) << shift
      if (!(byte >= 0x80)) break
    }
    return raw
  }

  /** A signed number of at most 64 bits as a double: exact below 2^53. */
  varlong(): number {
    const first = this.#bytes[this.at++]!
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let raw = first & 0x7f
    let scale = 0x80
    for (let count = 1; count < 10; count++) {
      const byte = this.#bytes[this.at++]!
      raw += (byte & 0x7f) * scale
      if (!(byte >= 0x80)) break
      scale *= 0x80
    }
    return (first & 1) === 0 ? raw / 2 : -(raw + 1) / 2
  }
}
