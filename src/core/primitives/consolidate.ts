// Consolidation: each row once, its weights added, rows of weight 0 gone. Order of first occurrence is kept.
//
// Rows meet in a hash table of row numbers; the hash narrows, equality decides. A sum beyond Int32 is sent as several
// entries of one row, each of the same sign, so "once" holds but for weights beyond ±2,147,483,647.

import type { Batch, Column } from '../batch.ts'
import { type ColumnShape, columnCode, compiled, type Source, shapeOf, shapesKey } from '../codegen.ts'
import type { Region } from '../region.ts'
import { sameBytes, sameValue } from './equal.ts'
import { type HashRows, hashRows } from './hash.ts'
import { withWeights } from './weights.ts'

type Compiled = (
  columns: readonly Column[],
  length: number,
  hashes: Int32Array,
  table: Int32Array,
  weights: Int32Array | undefined,
  sums: Float64Array,
  same: typeof sameBytes,
) => number

/** Returns `batch` itself where it is consolidated already. `hash` is replaced in tests by one that collides. */
export function consolidate(batch: Batch, region: Region, hash: HashRows = hashRows): Batch {
  const { columns, length, weights } = batch
  if (length === 0) return batch
  if (length === 1)
    return weights === undefined || weights[0] !== 0 ? batch : { length: 0, weights: undefined, columns }
  const hashes = region.i32(length)
  hash(columns, length, hashes)
  const sums = region.f64(length)
  const table = region.i32(2 ** Math.ceil(Math.log2(2 * length))).fill(-1)
  const run = compiled<Compiled>(`consolidate ${shapesKey(columns)}`, () => consolidateSource(columns.map(shapeOf)))
  const changed = run(columns, length, hashes, table, weights, sums, sameBytes)
  return changed === 0 ? batch : withWeights(batch, sums, region)
}

/** Adds each row's weight to the sum of its first occurrence; returns how many rows were repeated or came to 0. */
function consolidateSource(shapes: readonly ColumnShape[]): Source {
  const columns = shapes.map((shape, k) => columnCode(`c${k}`, `columns[${k}]`, shape))
  const same = columns.map((column) => `(${sameValue(column, 'row', column, 'i')})`).join(' && ')
  return {
    parameters: ['columns', 'length', 'hashes', 'table', 'weights', 'sums', 'sameBytes'],
    body: `${columns.map((column) => column.prologue).join('')}
const mask = table.length - 1
let changed = 0
for (let i = 0; i < length; i++) {
  const hash = hashes[i], weight = weights === undefined ? 1 : weights[i]
  let at = hash & mask
  sums[i] = 0
  for (;;) {
    const row = table[at]
    if (row < 0) { table[at] = i; sums[i] = weight; break }
    if (hashes[row] === hash && ${same || 'true'}) { sums[row] += weight; changed++; break }
    at = (at + 1) & mask
  }
}
if (weights !== undefined) for (let i = 0; i < length; i++) if (sums[i] === 0) changed++
return changed`,
  }
}
