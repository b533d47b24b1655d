// What was fetched of one partition and not yet taken: pieces in offset order, each beginning where the one before it
// ended. The position of the next fetch follows from the last piece, before anything is decoded.
//
// Invariant: #pieces is contiguous and ends at `next`. A new position that is not the head's empties the queue, and a
// response to an older position is then refused by `add`.

import type { SharedBuffer } from './buffer-pool.ts'
import type { RecordBatch } from './record-batch.ts'

/** Batches of one partition, fetched, checked and filtered, not decoded: offsets `from` ≤ offset < `to`. */
export interface FetchedPartition {
  readonly partition: number
  readonly from: number
  readonly to: number
  /** The end of what could be read when this came. */
  readonly end: number
  /** What positions in `batches` mean. */
  readonly bytes: Uint8Array
  readonly batches: readonly RecordBatch[]
  /** Bytes that this piece accounts for. */
  readonly sizeBytes: number
  /** What `bytes` is a view of, held once for this piece: who has taken the piece may release it, once. */
  readonly buffer: SharedBuffer
}

export class PartitionQueue {
  readonly partition: number
  #pieces: FetchedPartition[] = []
  #next: number

  constructor(partition: number, from: number) {
    this.partition = partition
    this.#next = from
  }

  /** Offset of the next fetch. */
  get next(): number {
    return this.#next
  }

  get bytes(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0)
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0
  }

  /** Makes `offset` the next to be taken, keeping what was fetched where that fits. */
  seek(offset: number): void {
    while (this.#pieces.length > 0 && this.#pieces[0]!.to <= offset && this.#pieces[0]!.from < offset) {
      this.#pieces.shift()!.buffer.release()
    }
    if ((this.#pieces[0]?.from ?? this.#next) === offset) return
    this.clear()
    this.#next = offset
  }

  clear(): void {
    for (const { buffer } of this.#pieces) buffer.release()
    this.#pieces = []
  }

  /** A piece that answers a position no longer wanted is let go. */
  add(piece: FetchedPartition): void {
    if (piece.from !== this.#next || piece.to === piece.from) {
      piece.buffer.release()
      return
    }
    this.#pieces.push(piece)
    this.#next = piece.to
  }

  /** The next pieces, `maxBytes` in all; one batch at least if `must` and there is one. */
  take(maxBytes: number, must: boolean): FetchedPartition[] {
    const taken: FetchedPartition[] = []
    let left = maxBytes
    for (let head = this.#pieces[0]; head !== undefined; head = this.#pieces[0]) {
      if (head.sizeBytes > left) {
        const [first, rest] = split(head, left, must && taken.length === 0)
        if (first !== undefined) taken.push(first)
        if (rest === undefined) this.#pieces.shift()
        else this.#pieces[0] = rest
        break
      }
      this.#pieces.shift()
      taken.push(head)
      left -= head.sizeBytes
    }
    return taken
  }
}

/** Cuts a piece after the batches that fit, one at least if `must`. */
function split(
  piece: FetchedPartition,
  maxBytes: number,
  must: boolean,
): [first: FetchedPartition | undefined, rest: FetchedPartition | undefined] {
  const { batches } = piece
  const fitting = batches.findIndex(({ end }) => end - batches[0]!.start > maxBytes)
  const count = Math.max(fitting < 0 ? batches.length : fitting, must ? 1 : 0)
  if (count === 0) return [undefined, piece]
  if (count >= batches.length) return [piece, undefined]
  const to = batches[count - 1]!.lastOffset + 1
  const sizeBytes = batches[count]!.start - batches[0]!.start
  const rest = piece.sizeBytes - sizeBytes
  return [
    { ...piece, to, batches: batches.slice(0, count), sizeBytes },
    { ...piece, from: to, batches: batches.slice(count), sizeBytes: rest, buffer: piece.buffer.hold() },
  ]
}
