// The read_committed filter: which batches of a Fetch response belong to transactions that were aborted.
//
// The broker stops at the last stable offset and sends with each response the aborted transactions that overlap it, as
// (producer, first offset), in no useful order. Walking the batches in offset order, a producer is *active* from its
// transaction's first offset until its abort marker, and its transactional batches are dropped meanwhile:
//
//   p1 ──┬── a a ── a ──X──────      X abort marker of p1: a's are dropped
//   p2 ────┬── b ──── b ──C───       C commit marker of p2: b's are delivered
//
// A marker may be missing (it lies in the next response) or the first batch (it lay before): neither needs more. One
// producer may have several aborted transactions in one response. State: of one response, thrown away with it.

import { BATCH_HEADER_BYTES, type BatchFilter, type RecordBatch } from './record-batch.ts'
import { Cursor } from './varint.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

const ABORT = 0

export class AbortedTransactions implements BatchFilter {
  readonly #byFirstOffset: readonly AbortedTransaction[]
  #next = 0
  readonly #active = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#byFirstOffset = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Whether the batch, the next in offset order, is delivered. `bytes` are those that the batch's positions mean. */
  admit(batch: RecordBatch, bytes: Uint8Array): boolean {
    for (;;) {
      const transaction = this.#byFirstOffset[this.#next]
      if (transaction === undefined || transaction.firstOffset > batch.lastOffset) break
      this.#active.add(transaction.producerId)
      this.#next++
    }
    if (batch.control) {
      if (controlType(batch, bytes) === ABORT) this.#active.delete(batch.producerId)
      return false
    }
    return !(batch.transactional && this.#active.has(batch.producerId))
  }
}

/** The kind in the key of a control batch's one record: 0 abort, 1 commit. Brokers never compress control batches. */
function controlType(batch: RecordBatch, bytes: Uint8Array): number | undefined {
  if (batch.recordCount === 0 || batch.codec !== 0) return undefined
  const cursor = new Cursor(bytes, batch.start + BATCH_HEADER_BYTES)
  cursor.varint() // length
  cursor.at++ // attributes
  cursor.varlong() // timestamp
  cursor.varint() // offset
  const keyLength = cursor.varint()
  if (keyLength < 4 || cursor.at + 4 > batch.end) return undefined
  return (bytes[cursor.at + 2]! << 8) | bytes[cursor.at + 3]!
}
