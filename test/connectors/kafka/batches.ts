// Record batches written byte by byte for tests, without the code under test: format v2 with any attributes, control
// batches, and a checksum by the plain definition of CRC-32C.

export interface TestRecord {
  readonly offset: number
  readonly timestamp?: number
  readonly key?: Uint8Array | null
  readonly value?: Uint8Array | null
  readonly headers?: readonly (readonly [string, Uint8Array | null])[]
}

export interface BatchShape {
  readonly baseOffset: number
  readonly records: readonly TestRecord[]
  /** Default: the last record's. */
  readonly lastOffset?: number
  readonly producerId?: number
  readonly transactional?: boolean
  readonly control?: boolean
  readonly logAppendTime?: number
  readonly codec?: number
  readonly compress?: (bytes: Buffer) => Buffer
  readonly magic?: number
}

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0x82f63b78)
  }
  return ~crc >>> 0
}

function zigzag(value: number): number[] {
  let raw = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const bytes: number[] = []
  for (; raw >= 0x80n; raw >>= 7n) bytes.push(Number(raw & 0x7fn) | 0x80)
  return [...bytes, Number(raw)]
}

const field = (bytes: Uint8Array | null): number[] =>
  bytes === null ? zigzag(-1) : [...zigzag(bytes.length), ...bytes]

function record({ offset, timestamp = 0, key = null, value = null, headers = [] }: TestRecord, base: number): number[] {
  const body = [
    0,
    ...zigzag(timestamp - 1000),
    ...zigzag(offset - base),
    ...field(key),
    ...field(value),
    ...zigzag(headers.length),
    ...headers.flatMap(([name, bytes]) => [...field(Buffer.from(name)), ...field(bytes)]),
  ]
  return [...zigzag(body.length), ...body]
}

export function batch(shape: BatchShape): Buffer {
  const { baseOffset, records, codec = 0, compress = (bytes) => bytes, magic = 2, producerId = -1 } = shape
  const body = compress(Buffer.from(records.flatMap((each) => record(each, baseOffset))))
  const bytes = Buffer.alloc(61 + body.length)
  bytes.writeBigInt64BE(BigInt(baseOffset), 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt8(magic, 16)
  const flags = (shape.logAppendTime === undefined ? 0 : 8) | (shape.transactional ? 16 : 0) | (shape.control ? 32 : 0)
  bytes.writeInt16BE(codec | flags, 21)
  bytes.writeInt32BE((shape.lastOffset ?? records.at(-1)?.offset ?? baseOffset) - baseOffset, 23)
  bytes.writeBigInt64BE(1000n, 27)
  bytes.writeBigInt64BE(BigInt(shape.logAppendTime ?? 1000), 35)
  bytes.writeBigInt64BE(BigInt(producerId), 43)
  bytes.writeInt32BE(records.length, 57)
  body.copy(bytes, 61)
  return seal(bytes)
}

/** Writes the checksum that belongs to the bytes. */
export function seal(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

export function marker(offset: number, producerId: number, kind: 'abort' | 'commit'): Buffer {
  const key = Buffer.from([0, 0, 0, kind === 'abort' ? 0 : 1])
  const records = [{ offset, key, value: Buffer.alloc(6) }]
  return batch({ baseOffset: offset, records, producerId, transactional: true, control: true })
}
