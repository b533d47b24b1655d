// RecordStore: the memory under every state structure: records of one layout, and a heap for their bytes.
//
// State: chunks of 64 K records. The first grows by doubling from 64 records (its arrays are then replaced, and snapshots
// keep the old ones); later chunks are whole and never move. Freed records are reused first. One guard byte per page:
// 0 = the page has not changed since the last snapshot or checkpoint (dirty tracking and copy-on-write, snapshot.ts).
// Invariant: whoever writes a record has called `guardRecord` for it since the last snapshot was taken.

import type { RecordLayout } from './record-layout.ts'

export interface RecordStore {
  readonly layout: RecordLayout
  /** The same memory seen as 32-bit words, as int64 and as doubles; one entry per chunk. */
  readonly words: Int32Array[]
  readonly longs: BigInt64Array[]
  readonly doubles: Float64Array[]
  /** Records ever handed out: ids are 0…size−1. */
  readonly size: number
  /** Records in use. */
  readonly count: number
}
