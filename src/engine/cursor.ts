// What FETCH reads from: a query's rows, or a subscription's.

import type { Batch } from '../core/batch.ts'
import type { Schema } from '../core/schema.ts'
import type { ResultColumn } from './session.ts'

export interface Cursor {
  /** WITH HOLD: outlives its transaction. */
  readonly hold: boolean
  readonly columns: readonly ResultColumn[]
  readonly schema: Schema
  /** At most `count` further rows; none: the end, or for now. Valid until the next call. */
  fetch(count: number): Promise<readonly Batch[]>
  close(): void
}
