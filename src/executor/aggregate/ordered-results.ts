// Results that are read from a group's ordered values: MIN and MAX under retraction, and `final` of multiset
// aggregates.

import { type Batch, batchOf, type Column } from '../../core/batch.ts'
import { valueAt } from '../../core/convert.ts'
import type { Region } from '../../core/region.ts'
import type { ColumnDef } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { AggregateState, MultisetContext, WeightedRow } from '../../functions/registry.ts'
import { gatherKeys } from '../../storage/key-table.ts'
import {
  firstRows,
  gatherOrdered,
  type OrderedIndex,
  selectRange,
  totalPositions,
} from '../../storage/ordered-index.ts'
import type { Closure } from '../expr/closure.ts'
import { eachGroup, type Final } from './results.ts'

/** The first column of the first (least) or last row; NULL of nothing. */
export function extremumResult(index: () => OrderedIndex, end: 'first' | 'last'): Final {
  return (_table, { slots, length }, region) => {
    const rows = region.i32(length)
    firstRows(index(), slots, length, end, 'after', rows)
    return { column: gatherOrdered(index(), [0], rows, length, 'after', region)[0]! }
  }
}

export interface MultisetCall {
  readonly index: () => OrderedIndex
  /** Columns of the index that `final` gets, with their definitions. */
  readonly columns: readonly number[]
  readonly defs: readonly ColumnDef[]
  readonly final: (AggregateState & { readonly kind: 'multiset' })['final']
  readonly context: MultisetContext
  /** Direct arguments, over a row that has the group's keys at `groupKeys`. */
  readonly direct: readonly Closure[]
  readonly groupKeys: readonly number[]
  readonly def: ColumnDef
}

export function multisetResult(call: MultisetCall): Final {
  return (table, chunk, region) => {
    const keys = gatherKeys(table, chunk.slots, chunk.length, region)
    const groups = keyRows(call.groupKeys, keys, chunk.length)
    return eachGroup(chunk, call.def, region, (i) => {
      const direct = call.direct.map((argument) => argument(groups, i))
      return call.final(weightedRows(call, chunk.slots[i]!, region), direct, call.context)
    })
  }
}

/** A batch in which only the group keys are columns, at their places in the input. */
function keyRows(groupKeys: readonly number[], keys: readonly Column[], length: number): Batch {
  const columns: Column[] = []
  groupKeys.forEach((place, k) => {
    columns[place] = keys[k]!
  })
  return batchOf(length, columns)
}

const BLOCK_ROWS = 512

function* weightedRows(call: MultisetCall, slot: number, region: Region): Generator<WeightedRow, void> {
  const index = call.index()
  const total = totalPositions(index, slot, 'after')
  const block = { length: 0, rows: new Int32Array(BLOCK_ROWS), weights: new BigInt64Array(BLOCK_ROWS) }
  for (let from = 0n; from < total; ) {
    block.length = 0
    selectRange(index, slot, { from, count: total - from }, 'after', block)
    const columns = gatherOrdered(index, call.columns, block.rows, block.length, 'after', region)
    for (let i = 0; i < block.length; i++) {
      const values: SqlValue[] = call.defs.map((def, c) => valueAt(def, columns[c]!, i))
      yield { values, weight: block.weights[i]! }
      from += block.weights[i]!
    }
  }
}
