// Weights on edges: Int32, absent where all are +1; what does not fit is sent as several entries of the row.

import type { Batch } from '../batch.ts'
import type { Region } from '../region.ts'

export const WEIGHT_MAX = 2147483647

/** The batch's weights, written out where absent. Do not write to the result: it may be the batch's own array. */
export function weightsOf(_batch: Batch, _region: Region): Int32Array {
  throw new Error('unwritten')
}

/** The same rows with opposite weights. */
export function negate(_batch: Batch, _region: Region): Batch {
  throw new Error('unwritten')
}

/**
 * Rows of `batch` with weight × `factors[i]`, an entry of factor 0 dropped. A product beyond Int32 becomes several
 * entries; more than 1,024 of them for one row fail with 54000.
 */
export function multiplyWeights(_batch: Batch, _factors: Int32Array, _region: Region): Batch {
  throw new Error('unwritten')
}

/** Sum of the weights, exact. */
export function totalWeight(_batch: Batch): bigint {
  throw new Error('unwritten')
}
