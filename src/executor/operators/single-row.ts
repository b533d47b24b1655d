// SingleRow: the value of a scalar subquery as a relation of exactly one row: NULLs over no row, error 21000 over
// several.
//
// State       a key table row -> weight, and one with the total weight.
// Invariant   after every epoch the output is one row, or none and one error while there are two or more rows.
// Cost        O(delta); to find the one row, a scan of a table that then has one key.

import { type Batch, batchOf, type Column } from '../../core/batch.ts'
import { SqlError } from '../../core/error.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { nullColumn } from '../../core/primitives/concat.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import { type EpochState, tableState } from '../../storage/arrangement.ts'
import {
  createKeyTable,
  findOrInsert,
  gatherKeys,
  type KeyTable,
  type Moment,
  scan,
  touchedSlots,
} from '../../storage/key-table.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { TouchedCursor } from '../touched.ts'
import { addWeights, freeWeightless, weightState, weightsAt } from '../weights.ts'

const severalRows = (): SqlError =>
  new SqlError({ code: '21000', message: 'more than one row returned by a subquery used as an expression' })

export class SingleRow implements Operator {
  readonly label = 'SingleRow'
  readonly schema: Schema
  readonly owns: readonly EpochState[]
  readonly #rows: KeyTable
  readonly #total: KeyTable
  readonly #touched: TouchedCursor

  constructor(schema: Schema, account: MemoryAccount) {
    this.schema = schema
    this.#rows = createKeyTable({ keys: schema.map(fieldDef), states: [weightState], account })
    this.#total = createKeyTable({ keys: [], states: [weightState], account })
    this.#touched = new TouchedCursor(this.#rows)
    this.owns = [tableState(this.#rows), tableState(this.#total)]
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    const slots = out.region.i32(batch.length)
    findOrInsert(this.#rows, batch.columns, batch.length, slots)
    addWeights(this.#rows, 0, slots, batch)
    findOrInsert(this.#total, [], batch.length, slots)
    addWeights(this.#total, 0, slots, batch)
    out.spent(batch.length)
    return 'done'
  }

  finish(epoch: EpochContext, out: Output): Progress {
    const { region } = out
    if (epoch.first) findOrInsert(this.#total, [], 1, new Int32Array(1))
    for (let chunk = this.#touched.take(region); chunk !== undefined; chunk = this.#touched.take(region)) {
      freeWeightless(this.#rows, chunk, [weightsAt(this.#rows, 0, chunk, 'after', region)], region)
      if (out.spent(chunk.length) && !this.#touched.atEnd) return 'more'
    }
    if (touchedSlots(this.#total).length === 0) return 'done'
    if (!epoch.first) this.#emit('before', -1, out)
    this.#emit('after', 1, out)
    return 'done'
  }

  reset(): void {
    this.#touched.reset()
  }

  #emit(at: Moment, weight: 1 | -1, out: Output): void {
    const { region } = out
    const slots = Int32Array.from(touchedSlots(this.#total))
    const total = weightsAt(this.#total, 0, { slots, length: 1 }, at, region)[0]!
    if (total > 1n) {
      const { code, message } = severalRows()
      out.error({ code, message, operator: this.label, weight })
      return
    }
    const columns = total === 0n ? this.#nulls(region) : this.#onlyRow(at, region)
    out.rows(batchOf(1, columns, weight === 1 ? undefined : region.i32(1).fill(weight)))
  }

  #nulls(region: Region): Column[] {
    return this.schema.map((def) => nullColumn(def.physical.kind, 1, region))
  }

  #onlyRow(at: Moment, region: Region): Column[] {
    const found = new Int32Array(1)
    for (let cursor = 0; cursor >= 0; ) {
      const slice = scan(this.#rows, cursor, at, found)
      if (slice.count > 0) return gatherKeys(this.#rows, found, 1, region)
      cursor = slice.cursor
    }
    return this.#nulls(region)
  }
}
