// A Z-set at rest: rows with weights of either sign, each row once. What a view with delayed emission holds back.
//
// State: a key table over all columns, the weight beside them; rows of weight 0 are absent. It takes part in epochs as
// every state does: `after` is what the running epoch makes of it, abort goes back to the last seal.
// Cost: O(1) a changed row; reading it is one scan.

import type { Batch } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { withWeights } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { EpochState } from './arrangement.ts'
import {
  createKeyTable,
  free,
  gatherFields,
  type KeyTable,
  keyCount,
  stateField,
  tableBytes,
  touch,
} from './key-table.ts'
import { abort, disposeTable, seal } from './key-table-epoch.ts'
import { scan } from './key-table-scan.ts'
import { fieldDef } from './record-layout.ts'
import { addWeights, exactWeight, removeWeightless } from './view-delta.ts'

const SLICE_ROWS = 8192

export interface ZSet extends EpochState {
  readonly table: KeyTable
  readonly width: number
}

export function createZSet(schema: Schema, account: MemoryAccount): ZSet {
  const table = createKeyTable({ keys: schema.map(fieldDef), states: [{ kind: 'i64', nullable: false }], account })
  return {
    table,
    width: schema.length,
    prepare() {},
    seal: () => seal(table),
    abort: () => abort(table),
    get bytes() {
      return tableBytes(table)
    },
    [Symbol.dispose]: () => disposeTable(table),
  }
}

/** Whether no row is in it, with the running epoch's changes. */
export const isEmptyZSet = ({ table }: ZSet): boolean => keyCount(table) === 0

export function addToZSet({ table }: ZSet, delta: Batch, region: Region): void {
  if (delta.length === 0) return
  removeWeightless(table, addWeights(table, delta, region), delta.length, region, 'kept')
}

/** All its rows, each once; afterwards it is empty. */
export function takeZSet({ table, width }: ZSet, region: Region): readonly Batch[] {
  const fields = [...Array.from({ length: width }, (_, i) => i), stateField(table, 0)]
  const batches: Batch[] = []
  const taken: Int32Array[] = []
  for (let cursor = 0; cursor >= 0; ) {
    const slots = region.i32(SLICE_ROWS)
    const { count, cursor: next } = scan(table, cursor, 'after', slots)
    cursor = next
    if (count === 0) continue
    const columns = gatherFields(table, fields, slots, count, 'after', region)
    const weights = columns.pop()!
    const sums = region.f64(count)
    for (let i = 0; i < count; i++) sums[i] = exactWeight(weights, i)
    batches.push(withWeights({ length: count, weights: undefined, columns }, sums, region))
    taken.push(slots.subarray(0, count))
  }
  for (const slots of taken) {
    touch(table, slots, slots.length)
    free(table, slots, slots.length)
  }
  return batches
}
