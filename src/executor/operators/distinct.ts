// Distinct: one copy of every row whose accumulated weight is positive.
//
// State       one key table: row -> accumulated input weight; rows of weight 0 are absent.
// Invariant   after every epoch a row's output weights sum to 1 if its weight is > 0, else to 0.
// Cost        O(delta) per epoch, whatever the size of the relation.
// Source      Budiu et al., "DBSP", VLDB 2023: the incremental form of distinct.

import { type Batch, batchOf } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { multiplyWeights } from '../../core/primitives/weights.ts'
import type { Schema } from '../../core/schema.ts'
import { type EpochState, tableState } from '../../storage/arrangement.ts'
import { createKeyTable, findOrInsert, gatherKeys, type KeyTable } from '../../storage/key-table.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { ViewContents } from '../../storage/view-store.ts'
import type { Expire } from '../cleaner.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { TouchedCursor } from '../touched.ts'
import { addWeights, freeWeightless, weightState, weightsAt } from '../weights.ts'

export class Distinct implements Operator {
  readonly label = 'Distinct'
  readonly schema: Schema
  readonly owns: readonly EpochState[]
  readonly forgets = 'absorbs'
  readonly #seen: KeyTable
  readonly #touched: TouchedCursor

  constructor(schema: Schema, account: MemoryAccount, expire?: Expire) {
    this.schema = schema
    this.#seen = createKeyTable({ keys: schema.map(fieldDef), states: [weightState], account })
    this.#touched = new TouchedCursor(this.#seen)
    this.owns = [tableState(this.#seen, expire?.(this.#seen))]
  }

  get contents(): ViewContents {
    return { table: this.#seen, fields: [...this.schema.keys()], errorField: undefined, computed: undefined }
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    const slots = out.region.i32(batch.length)
    findOrInsert(this.#seen, batch.columns, batch.length, slots)
    addWeights(this.#seen, 0, slots, batch)
    out.spent(batch.length)
    return 'done'
  }

  /** Whatever happened within the epoch, only the crossing of zero shows. */
  finish(_epoch: EpochContext, out: Output): Progress {
    const { region } = out
    for (let chunk = this.#touched.take(region); chunk !== undefined; chunk = this.#touched.take(region)) {
      const before = weightsAt(this.#seen, 0, chunk, 'before', region)
      const after = weightsAt(this.#seen, 0, chunk, 'after', region)
      freeWeightless(this.#seen, chunk, [after], region)
      const change = crossings(before, after, region.i32(chunk.length))
      const rows = batchOf(chunk.length, gatherKeys(this.#seen, chunk.slots, chunk.length, region))
      out.rows(multiplyWeights(rows, change, region))
      if (out.spent(chunk.length) && !this.#touched.atEnd) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#touched.reset()
  }
}

/** +1 where a weight became positive, −1 where it ceased to be. */
function crossings(before: BigInt64Array, after: BigInt64Array, change: Int32Array): Int32Array {
  for (let i = 0; i < change.length; i++) change[i] = (after[i]! > 0n ? 1 : 0) - (before[i]! > 0n ? 1 : 0)
  return change
}
