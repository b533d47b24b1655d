// Weights kept per key: int64 state columns of a key table, added to batch by batch, and what their change shows
// outside.

import { assert } from '../core/assert.ts'
import type { Batch, Column, I64Column } from '../core/batch.ts'
import { compiled } from '../core/codegen.ts'
import { outOfRange } from '../core/error.ts'
import { WEIGHT_MAX } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import { free, gatherFields, type KeyTable, type Moment, stateField, touch } from '../storage/key-table.ts'
import { type FieldDef, recordCode } from '../storage/record-layout.ts'

export const weightState: FieldDef = { kind: 'i64', nullable: false }

type AddWeights = (
  slots: Int32Array,
  length: number,
  weights: Int32Array | undefined,
  words: readonly Int32Array[],
  longs: readonly BigInt64Array[],
  doubles: readonly Float64Array[],
) => void

/** Adds the weight of row i of the batch to state `state` of `slots[i]`; −1 is skipped. Touches the slots. */
export function addWeights(table: KeyTable, state: number, slots: Int32Array, batch: Batch): void {
  touch(table, slots, batch.length)
  const { words, longs, doubles } = table.store
  const weighted = batch.weights !== undefined
  const field = stateField(table, state)
  const add = compiled<AddWeights>(`addWeights ${table.layout.key} ${field} ${weighted}`, () => {
    const code = recordCode(table.layout)
    const place = code.long(field)
    return {
      parameters: ['slots', 'length', 'weights', 'words', 'longs', 'doubles'],
      body: `for (let i = 0; i < length; i++) {
  const id = slots[i]
  if (id < 0) continue
  ${code.locate('id')}
  ${place} = BigInt.asIntN(64, ${place} + ${weighted ? 'BigInt(weights[i])' : '1n'})
}`,
    }
  })
  add(slots, batch.length, batch.weights, words, longs, doubles)
}

/** State `state` of the slots as int64 values; 0 where a slot was absent. */
export function weightsAt(
  table: KeyTable,
  state: number,
  chunk: { readonly slots: Int32Array; readonly length: number },
  at: Moment,
  region: Region,
): BigInt64Array {
  const [column] = gatherFields(table, [stateField(table, state)], chunk.slots, chunk.length, at, region)
  return zeroWhereNull(column!, chunk.length)
}

function zeroWhereNull(column: Column, length: number): BigInt64Array {
  const { values, nulls } = column as I64Column
  if (nulls !== undefined) for (let i = 0; i < length; i++) if (nulls[i] === 1) values[i] = 0n
  return values
}

/** Marks those slots as removed whose weights are all 0; a weight below 0 is a retraction of what never was. */
export function freeWeightless(
  table: KeyTable,
  chunk: { readonly slots: Int32Array; readonly length: number },
  weights: readonly BigInt64Array[],
  region: Region,
): void {
  const empty = region.i32(chunk.length)
  let count = 0
  for (let i = 0; i < chunk.length; i++) {
    let zero = true
    for (const weight of weights) {
      const w = weight[i]!
      assert(w >= 0n, 'a row was retracted more often than it was inserted')
      if (w !== 0n) zero = false
    }
    if (zero) empty[count++] = chunk.slots[i]!
  }
  if (count > 0) free(table, empty, count)
}

/** A weight or change of one as an Int32; one beyond that fails rather than wrap. */
export function edgeWeight(change: bigint): number {
  if (change > BigInt(WEIGHT_MAX) || change < BigInt(-WEIGHT_MAX)) throw outOfRange('weight')
  return Number(change)
}
