// TimeWindow: TUMBLE, HOP and CUMULATE. Each row once for every window it is in, with the window's bounds.
//
//   input columns │ window_start, window_end, window_time (those that are read)
//
// State   none (linear), but the count of rows that have no window. Within a push the number of rows done, so that many
//         windows of many rows are emitted in pieces.
// Cost    O(windows of the row); for TUMBLE a comparison a row and a division for each change of window.
// Source  spec/windows-and-time.md §2.3, 2.4, 2.6.

import { BATCH_ROWS_MAX, type Batch, batchOf, i32Column } from '../../core/batch.ts'
import { gatherColumns } from '../../core/primitives/gather.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { TimeWindowNode } from '../../planner/physical.ts'
import type { AlignedWindows } from '../../planner/time-window.ts'
import type { Operator, Output, Progress } from '../operator.ts'
import { RowCounter } from '../row-counter.ts'
import { type Assignment, WindowAssigner } from '../time-window/assign.ts'
import { boundColumns } from '../time-window/bounds.ts'

export class TimeWindow implements Operator {
  readonly label: string
  readonly schema: Schema
  readonly owns: readonly [RowCounter]
  readonly #plan: TimeWindowNode
  readonly #assigner: WindowAssigner
  #row = 0

  constructor(plan: TimeWindowNode, windows: AlignedWindows) {
    this.label = { tumble: 'Tumble', hop: 'Hop', cumulate: 'Cumulate' }[windows.kind]
    this.schema = plan.schema
    this.owns = [new RowCounter()]
    this.#plan = plan
    this.#assigner = new WindowAssigner(windows, plan.input.schema[plan.time]!.type)
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    const piece = Math.max(1, Math.floor(BATCH_ROWS_MAX / this.#assigner.most))
    while (this.#row < batch.length) {
      const to = Math.min(batch.length, this.#row + piece)
      const found = this.#assigner.assign(batch.columns[this.#plan.time]!, this.#row, to, out.region)
      this.#row = to
      for (const row of found.unassignable) this.owns[0].add(batch.weights?.[row] ?? 1)
      if (found.count > 0) out.rows(windowed(batch, found, this.#plan, out.region))
      if (out.spent(found.count) && to < batch.length) return 'more'
    }
    this.#row = 0
    return 'done'
  }

  finish(): Progress {
    return 'done'
  }

  reset(): void {
    this.#row = 0
  }
}

/** The rows with their bounds; the input's own columns where every row is there once. */
function windowed(batch: Batch, found: Assignment, plan: TimeWindowNode, region: Region): Batch {
  const { count, rows } = found
  const bounds = boundColumns(plan, found, region)
  if (count === batch.length && isWhole(rows, count))
    return batchOf(count, [...batch.columns, ...bounds], batch.weights)
  const columns = gatherColumns(batch.columns, rows, count, region)
  const weights = batch.weights && gatherColumns([i32Column(batch.weights)], rows, count, region)[0]
  return batchOf(count, [...columns, ...bounds], weights?.kind === 'i32' ? weights.values : undefined)
}

function isWhole(rows: Int32Array, count: number): boolean {
  for (let k = 0; k < count; k++) if (rows[k] !== k) return false
  return true
}
