// Rows of a source as they are decoded: only the columns that somebody reads are there.

import type { Batch, Column } from '../core/batch.ts'

export interface SparseBatch {
  readonly length: number
  readonly weights: Int32Array | undefined
  readonly columns: readonly (Column | undefined)[]
}

/** The columns a reader asks for, shared with the batch. */
export function project(batch: SparseBatch, columns: readonly number[]): Batch {
  return { length: batch.length, weights: batch.weights, columns: columns.map((index) => batch.columns[index]!) }
}
