// The broker's side of the four requests that reading needs, in one version each (Kafka protocol guide, "Messages"):
// ApiVersions 3, Metadata 12, ListOffsets 7, Fetch 13. All but the first header of an answer are flexible: compact
// lengths (one more than they say) and tagged fields.

export const API_VERSIONS = 18
export const METADATA = 3
export const LIST_OFFSETS = 2
export const FETCH = 1

export interface Request {
  readonly apiKey: number
  readonly correlationId: number
  readonly body: Fields
}

/** Reads fields one after the other. */
export class Fields {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int8(): number {
    return this.#bytes.readInt8(this.#step(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#step(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#step(4))
  }

  int64(): number {
    return Number(this.#bytes.readBigInt64BE(this.#step(8)))
  }

  varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#step(1)]!
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  text(): string {
    const length = this.varint() - 1
    return this.#bytes.toString('utf8', this.#at, this.#step(Math.max(0, length)) + Math.max(0, length))
  }

  uuid(): string {
    const at = this.#step(16)
    return this.#bytes.toString('hex', at, at + 16)
  }

  skip(bytes: number): void {
    this.#step(bytes)
  }

  tags(): void {
    for (let left = this.varint(); left > 0; left--) {
      this.varint()
      this.#step(this.varint())
    }
  }

  list<T>(item: () => T): T[] {
    const items: T[] = []
    for (let left = this.varint() - 1; left > 0; left--) {
      items.push(item())
      this.tags()
    }
    return items
  }

  #step(bytes: number): number {
    const at = this.#at
    this.#at += bytes
    return at
  }
}

export function readRequest(frame: Buffer): Request {
  const apiKey = frame.readInt16BE(0)
  const fields = new Fields(frame.subarray(8))
  const correlationId = frame.readInt32BE(4)
  fields.skip(fields.int16()) // client id
  fields.tags()
  return { apiKey, correlationId, body: fields }
}

const int = (bytes: 1 | 2 | 4, value: number): Buffer => {
  const field = Buffer.alloc(bytes)
  field.writeIntBE(value, 0, bytes)
  return field
}

export function int64(value: number): Buffer {
  const field = Buffer.alloc(8)
  field.writeBigInt64BE(BigInt(value))
  return field
}

export const int8 = (value: number): Buffer => int(1, value)
export const int16 = (value: number): Buffer => int(2, value)
export const int32 = (value: number): Buffer => int(4, value)

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80)
  return Buffer.from([...bytes, left])
}

export const bytesField = (bytes: Uint8Array): Buffer => Buffer.concat([varint(bytes.length + 1), bytes])
export const textField = (text: string): Buffer => bytesField(Buffer.from(text))
export const uuidField = (hex: string): Buffer => Buffer.from(hex, 'hex')
const noTags = (): Buffer => varint(0)

/** Each item is followed by its tagged fields. */
export const listField = (items: readonly (readonly Buffer[])[]): Buffer =>
  Buffer.concat([varint(items.length + 1), ...items.flatMap((fields) => [...fields, noTags()])])

/** The whole answer with its length before it. */
export function answer({ apiKey, correlationId }: Request, fields: readonly Buffer[]): Buffer {
  const head = apiKey === API_VERSIONS ? [int32(correlationId)] : [int32(correlationId), noTags()]
  const body = Buffer.concat([...head, ...fields, noTags()])
  return Buffer.concat([int32(body.length), body])
}

export const apiVersionsAnswer = (request: Request): Buffer => {
  const ranges = [
    [FETCH, 13],
    [LIST_OFFSETS, 7],
    [METADATA, 12],
    [API_VERSIONS, 3],
  ] as const
  return answer(request, [int16(0), listField(ranges.map(([key, at]) => [int16(key), int16(at), int16(at)])), int32(0)])
}
