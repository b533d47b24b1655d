// Contents of one stored relation (table or materialized view) at the last sealed epoch, with the running epoch's changes
// beside them. The engine's face of storage/view-store.ts: rows in the relation's schema, deltas in, batches out.

import type { Batch, Column } from '../core/batch.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { Stateful } from '../executor/operator.ts'
import type { Moment } from '../storage/key-table.ts'

export interface RelationStore extends Stateful {
  readonly schema: Schema
  /** Columns whose values are unique; undefined: a bag. */
  readonly key: readonly number[] | undefined
  /** Adds a consolidated delta to the running epoch. */
  apply(delta: Batch, region: Region): void
  /** All rows with their weights, in batches of the region. `before` is what readers see. */
  scan(at: Moment, region: Region): Generator<Batch, void>
  /** Rows whose key columns (in the order of `key`) equal row i of `columns`: as a batch, and each row's i. */
  lookup(columns: readonly Column[], length: number, at: Moment, region: Region): Found
  /** Distinct rows, sealed. */
  readonly rows: number
}

export interface Found {
  readonly batch: Batch
  /** For each found row the place of its key. */
  readonly origin: Int32Array
}
