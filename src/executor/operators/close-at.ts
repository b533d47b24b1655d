// CloseAt: EMIT ON WINDOW CLOSE. Rows are held until the frontier of their time column has passed them; from then on
// nothing can change them, and each comes out once.
//
//   held    rows with column ≥ F, changing as the input changes
//   out     when F moves to F': the held rows below F', in order of time, with their weights
//
// State       one ordered index of the held rows by the column; rows whose column is NULL are never final (windows
//             spec §4.4) and are not kept.
// Invariant   the output is the input's rows below the frontier, and only ever grows.
//
// With panes (AND CHANGES EVERY) all rows pass as they come; the index then holds times only, and `closed` tells that
// some of them became final.
//
// Cost        O(log n) a changed row, O(1) more a row that comes out.

import { BATCH_ROWS_MAX, type Batch, batchOf } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { gather, slice } from '../../core/primitives/gather.ts'
import { multiplyWeights, negate } from '../../core/primitives/weights.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { CloseAtNode } from '../../planner/physical.ts'
import { createKeyTable, findOrInsert, free, type KeyTable } from '../../storage/key-table.ts'
import {
  boundOf,
  createOrderedIndex,
  gatherOrdered,
  insertOrdered,
  type OrderedIndex,
  orderedStates,
  selectRange,
  totalPositions,
} from '../../storage/ordered-index.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import { GroupState } from '../group-state.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { timeProbe } from '../time-window/probe.ts'
import { edgeWeight } from '../weights.ts'

const BLOCK_ROWS = 4096

export class CloseAt implements Operator {
  readonly label = 'CloseAt'
  readonly schema: Schema
  readonly owns: readonly [GroupState]
  readonly #column: number
  readonly #panes: boolean
  /** The input's columns that are kept. */
  readonly #kept: readonly number[]
  /** Of them the one that closes. */
  readonly #key: number
  #closed = false
  readonly #table: KeyTable
  readonly #index: OrderedIndex
  readonly #block = { length: 0, rows: new Int32Array(BLOCK_ROWS), weights: new BigInt64Array(BLOCK_ROWS) }

  constructor(plan: CloseAtNode, account: MemoryAccount) {
    this.schema = plan.schema
    this.#column = plan.column
    this.#panes = plan.panes
    this.#kept = plan.panes ? [plan.column] : [...plan.schema.keys()]
    this.#key = this.#kept.indexOf(plan.column)
    const kept = this.#kept.map((column) => plan.schema[column]!)
    this.#table = createKeyTable({ keys: [], states: orderedStates, account })
    this.#index = createOrderedIndex({
      table: this.#table,
      rootState: 0,
      columns: kept.map(fieldDef),
      order: [{ column: this.#key, descending: false, nullsFirst: false }],
      mode: 'shared',
      account,
    })
    this.owns = [new GroupState(this.#table, [this.#index])]
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    const timed = withTime(batch, this.#column, out.region)
    const columns = this.#kept.map((column) => timed.columns[column]!)
    insertOrdered(this.#index, this.#slots(timed.length, out.region), { ...timed, columns })
    if (this.#panes) out.rows(batch)
    out.spent(batch.length)
    return 'done'
  }

  /** What has been emitted is taken out of the index at once, so that a call that goes on finds the next rows first. */
  finish({ frontiers }: EpochContext, out: Output): Progress {
    const frontier = frontiers[0]?.[this.#column]
    const slot = this.#slots(1, out.region)
    if (frontier !== undefined) {
      for (let left = this.#below(slot[0]!, frontier); left > 0n; left = this.#below(slot[0]!, frontier)) {
        const closed = this.#first(slot[0]!, left, out.region)
        this.#closed = true
        for (let from = 0; !this.#panes && from < closed.length; from += BATCH_ROWS_MAX)
          out.rows(slice(closed, from, Math.min(from + BATCH_ROWS_MAX, closed.length)))
        insertOrdered(this.#index, this.#slots(closed.length, out.region), negate(closed, out.region))
        if (out.spent(closed.length)) return 'more'
      }
    }
    if (totalPositions(this.#index, slot[0]!, 'after') === 0n) free(this.#table, slot, 1)
    return 'done'
  }

  get closed(): boolean {
    return this.#closed
  }

  reset(): void {
    this.#closed = false
  }

  /** All rows are under the one key without columns. */
  #slots(length: number, region: Region): Int32Array {
    const slots = region.i32(length)
    findOrInsert(this.#table, [], length, slots)
    return slots
  }

  #below(slot: number, frontier: bigint): bigint {
    const columns = timeProbe(
      this.#kept.map((column) => this.schema[column]!),
      this.#key,
      frontier,
    )
    return boundOf(this.#index, slot, columns, 0, { keyCount: 1, bound: 'lower', at: 'after' })
  }

  /** The first rows, at most so many positions of them. */
  #first(slot: number, count: bigint, region: Region): Batch {
    const block = this.#block
    block.length = 0
    selectRange(this.#index, slot, { from: 0n, count }, 'after', block)
    const rows = block.rows.slice(0, block.length)
    const all = this.#kept.map((_, i) => i)
    const columns = gatherOrdered(this.#index, all, rows, rows.length, 'after', region)
    const weights = Int32Array.from(block.weights.subarray(0, block.length), edgeWeight)
    return multiplyWeights(batchOf(rows.length, columns), weights, region)
  }
}

function withTime(batch: Batch, column: number, region: Region): Batch {
  const { nulls } = batch.columns[column]!
  if (nulls === undefined) return batch
  const rows = region.i32(batch.length)
  let count = 0
  for (let i = 0; i < batch.length; i++) if (nulls[i] === 0) rows[count++] = i
  return count === batch.length ? batch : gather(batch, rows, count, region)
}
