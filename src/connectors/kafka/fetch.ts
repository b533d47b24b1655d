// The Fetch request and response, versions 11 to 17, for one topic. The response is walked where it lies: the records
// of each partition are a view of it.
//
// Versions: 11 plain; 12 flexible (compact lengths, tagged fields); 13 names the topic by id, so that a topic deleted
// and created again is noticed; 15 without replica id; 16 and 17 add only tagged fields that we skip. Always without a
// fetch session (epoch −1): each request names all its partitions, and nothing has to be repaired after an error.

import type { Writer } from '@platformatic/kafka'
import type { AbortedTransaction } from './aborted-transactions.ts'
import { afterTags } from './connection.ts'
import { corruptResponse } from './errors.ts'
import { Cursor } from './varint.ts'

export const FETCH_KEY = 1
/** Error code of a partition whose log does not reach to the offset asked for. */
export const OFFSET_OUT_OF_RANGE = 1
export const FETCH_VERSIONS = [11, 12, 13, 14, 15, 16, 17] as const
const FIRST_FLEXIBLE = 12
const FIRST_WITH_IDS = 13
const FIRST_WITHOUT_REPLICA_ID = 15
const READ_COMMITTED = 1

export const isFlexible = (version: number): boolean => version >= FIRST_FLEXIBLE
export const namesTopicById = (version: number): boolean => version >= FIRST_WITH_IDS

export interface FetchRequest {
  readonly topic: { readonly name: string; readonly id: string }
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly partitions: readonly FetchPosition[]
}

interface FetchPosition {
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
}

export interface FetchedSection {
  readonly partition: number
  readonly errorCode: number
  /** The end of the log for read_committed readers. */
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly aborted: readonly AbortedTransaction[]
  readonly records: Uint8Array
}

export interface FetchResponse {
  readonly errorCode: number
  readonly throttleMs: number
  readonly sections: readonly FetchedSection[]
}

export function encodeFetch(writer: Writer, version: number, request: FetchRequest): Writer {
  const flexible = isFlexible(version)
  if (version < FIRST_WITHOUT_REPLICA_ID) writer.appendInt32(-1)
  writer.appendInt32(request.maxWaitMs).appendInt32(1).appendInt32(request.maxBytes).appendInt8(READ_COMMITTED)
  writer.appendInt32(0).appendInt32(-1) // no session
  const topics = [request.topic]
  const partitions = [...request.partitions]
  const appendPartition = (w: Writer, { partition, offset, maxBytes }: FetchPosition): void => {
    w.appendInt32(partition).appendInt32(-1).appendInt64(BigInt(offset))
    if (flexible) w.appendInt32(-1) // no epoch of the last record: no truncation check by the broker
    w.appendInt64(-1n).appendInt32(maxBytes)
  }
  writer.appendArray(
    topics,
    (w, { name, id }) => {
      if (namesTopicById(version)) w.appendUUID(id)
      else w.appendString(name, flexible)
      w.appendArray(partitions, appendPartition, flexible, flexible)
    },
    flexible,
    flexible,
  )
  writer.appendArray([], () => {}, flexible, flexible) // nothing forgotten
  writer.appendString('', flexible) // no rack
  return flexible ? writer.appendTaggedFields() : writer
}

/** Walks a response body of that version; throws XX001 naming the broker where it does not keep to the format. */
export function decodeFetch(bytes: Buffer, version: number, address: string): FetchResponse {
  try {
    return new FetchDecoder(bytes, isFlexible(version), namesTopicById(version)).response()
  } catch (error) {
    if (error instanceof RangeError) throw corruptResponse(address, error.message)
    throw error
  }
}

class FetchDecoder {
  readonly #bytes: Buffer
  readonly #flexible: boolean
  readonly #byId: boolean
  #at = 0

  constructor(bytes: Buffer, flexible: boolean, byId: boolean) {
    this.#bytes = bytes
    this.#flexible = flexible
    this.#byId = byId
  }

  response(): FetchResponse {
    const throttleMs = this.#int32()
    const errorCode = this.#int16()
    this.#int32() // session id
    const sections: FetchedSection[] = []
    this.#list(() => {
      const nameLength = this.#byId ? 16 : this.#length(() => this.#int16())
      this.#at += nameLength
      this.#list(() => sections.push(this.#section()))
    })
    return { errorCode, throttleMs, sections }
  }

  #section(): FetchedSection {
    const partition = this.#int32()
    const errorCode = this.#int16()
    this.#int64() // high watermark: nothing beyond the last stable offset is read
    const lastStableOffset = this.#int64()
    const logStartOffset = this.#int64()
    const aborted: AbortedTransaction[] = []
    this.#list(() => aborted.push({ producerId: this.#int64(), firstOffset: this.#int64() }))
    this.#int32() // preferred read replica: only for requests with a rack
    const length = this.#length(() => this.#int32())
    const start = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('records are longer than the response')
    // A plain array, since columns will refer to it; see buffer-pool.ts.
    const records = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
    return { partition, errorCode, lastStableOffset, logStartOffset, aborted, records }
  }

  /** Calls `item` for each element, skipping the tagged fields after it. */
  #list(item: () => void): void {
    const count = this.#length(() => this.#int32())
    if (count > this.#bytes.length) throw new RangeError('a list is longer than the response')
    for (let i = 0; i < count; i++) {
      item()
      if (this.#flexible) this.#at = afterTags(this.#bytes, this.#at)
    }
  }

  /** A length; null counts as 0. Compact ones are one more than they say. */
  #length(plain: () => number): number {
    if (!this.#flexible) return Math.max(0, plain())
    const cursor = new Cursor(this.#bytes, this.#at)
    const length = cursor.unsignedVarint() - 1
    this.#at = cursor.at
    if (this.#at > this.#bytes.length) throw new RangeError('a length lies beyond its end')
    return Math.max(0, length)
  }

  #int16(): number {
    this.#at += 2
    return this.#bytes.readInt16BE(this.#at - 2)
  }

  #int32(): number {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  #int64(): number {
    const high = this.#int32()
    return high * 2 ** 32 + (this.#int32() >>> 0)
  }
}
