// Weights on edges: Int32, absent where all are +1; what does not fit is sent as several entries of the row.

import type { Batch } from '../batch.ts'
import { SqlError } from '../error.ts'
import type { Region } from '../region.ts'
import { gather } from './gather.ts'

export const WEIGHT_MAX = 2147483647
/** How many entries one row may be split into. */
export const SPLIT_MAX = 1024

/** The batch's weights, written out where absent. Do not write to the result: it may be the batch's own array. */
export const weightsOf = (batch: Batch, region: Region): Int32Array => batch.weights ?? region.i32(batch.length).fill(1)

/** The same rows with opposite weights. */
export function negate(batch: Batch, region: Region): Batch {
  const { length, weights, columns } = batch
  const opposite = region.i32(length)
  if (weights === undefined) return { length, weights: opposite.fill(-1), columns }
  // −(−2^31) does not fit; weights are kept within ±WEIGHT_MAX everywhere, so it does not occur.
  for (let i = 0; i < length; i++) opposite[i] = -weights[i]!
  return { length, weights: opposite, columns }
}

/**
 * Rows of `batch` with weight × `factors[i]`, an entry of factor 0 dropped. A product beyond Int32 becomes several
 * entries; more than 1,024 of them for one row fail with 54000.
 */
export function multiplyWeights(batch: Batch, factors: Int32Array, region: Region): Batch {
  const products = region.f64(batch.length)
  for (let i = 0; i < batch.length; i++)
    products[i] = (batch.weights === undefined ? 1 : batch.weights[i]!) * factors[i]!
  return withWeights(batch, products, region)
}

/** Rows of `batch` with the exact integer weights of `sums`: 0 drops the row, beyond Int32 gives several entries. */
export function withWeights(batch: Batch, sums: Float64Array, region: Region): Batch {
  const { length } = batch
  let entries = 0
  let changed = 0
  for (let i = 0; i < length; i++) {
    const parts = entriesFor(sums[i]!)
    entries += parts
    if (parts !== 1) changed++
  }
  const weights = region.i32(entries)
  const rows = region.i32(entries)
  let at = 0
  for (let i = 0; i < length; i++) {
    let rest = sums[i]!
    while (rest !== 0) {
      const part = Math.max(-WEIGHT_MAX, Math.min(WEIGHT_MAX, rest))
      rows[at] = i
      weights[at++] = part
      rest -= part
    }
  }
  if (changed === 0) return { length: entries, weights, columns: batch.columns }
  return { ...gather({ ...batch, weights: undefined }, rows, entries, region), weights }
}

function entriesFor(sum: number): number {
  const entries = Math.ceil(Math.abs(sum) / WEIGHT_MAX)
  if (entries > SPLIT_MAX) throw weightTooLarge()
  return entries
}

/** 54000: one row stands for more copies than we send. */
export const weightTooLarge = (): SqlError =>
  new SqlError({
    code: '54000',
    message: 'a row occurs too many times',
    hint: `The limit is ${SPLIT_MAX * WEIGHT_MAX}.`,
  })

/** Sum of the weights, exact. */
export function totalWeight(batch: Batch): bigint {
  if (batch.weights === undefined) return BigInt(batch.length)
  let sum = 0 // exact: at most 2^22 entries of 31 bits
  for (let i = 0; i < batch.length; i++) sum += batch.weights[i]!
  return BigInt(sum)
}
