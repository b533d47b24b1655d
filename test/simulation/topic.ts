// A topic of the simulated broker: what was written to each partition, as the batches that go over the wire and as the
// rows that a reader must find in them.
//
// Aborted transactions lie between the others, and the head of a log may be deleted; readers see neither.

import { batch, marker } from '../connectors/kafka/batches.ts'

export interface WrittenRow {
  readonly k: number
  readonly g: number | null
  readonly v: number | null
}

/** What a record holds; undefined: nothing that fits the declared columns. */
export interface WrittenRecord {
  readonly offset: number
  readonly row: WrittenRow | undefined
}

interface Batch {
  readonly base: number
  readonly last: number
  readonly bytes: Buffer
}

export class Partition {
  readonly batches: Batch[] = []
  readonly records: WrittenRecord[] = []
  readonly aborted: { readonly producerId: number; readonly firstOffset: number; readonly last: number }[] = []
  /** The oldest offset still there, and the one after the newest. */
  first = 0
  end = 0
  leader: number

  constructor(leader: number) {
    this.leader = leader
  }

  append(values: readonly (readonly [payload: string | null, row: WrittenRow | undefined])[]): void {
    const base = this.end
    const records = values.map(([payload], i) => ({
      offset: base + i,
      value: payload === null ? null : Buffer.from(payload),
      key: Buffer.from(`key ${base + i}`),
    }))
    values.forEach(([, row], i) => {
      this.records.push({ offset: base + i, row })
    })
    this.#add(base, base + values.length - 1, batch({ baseOffset: base, records }))
  }

  /** A transaction that came to nothing: its records and its marker take offsets. */
  appendAborted(payload: string, producerId: number): void {
    const base = this.end
    const records = [{ offset: base, value: Buffer.from(payload) }]
    this.#add(base, base, batch({ baseOffset: base, records, producerId, transactional: true }))
    this.#add(base + 1, base + 1, marker(base + 1, producerId, 'abort'))
    this.aborted.push({ producerId, firstOffset: base, last: base + 1 })
  }

  #add(base: number, last: number, bytes: Buffer): void {
    this.batches.push({ base, last, bytes })
    this.end = last + 1
  }

  /** Batches from the one that holds `offset` on, `maxBytes` but for the first. */
  read(offset: number, maxBytes: number): Buffer {
    const taken: Buffer[] = []
    let size = 0
    for (const each of this.batches) {
      if (each.last < offset) continue
      if (size > 0 && size + each.bytes.length > maxBytes) break
      taken.push(each.bytes)
      size += each.bytes.length
    }
    return Buffer.concat(taken)
  }

  /** Retention: what lies before `offset` is gone, as far as whole batches go. */
  deleteBefore(offset: number): void {
    while (this.batches.length > 0 && this.batches[0]!.last < offset) this.first = this.batches.shift()!.last + 1
  }
}

export interface Topic {
  readonly name: string
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly partitions: Partition[]
}
