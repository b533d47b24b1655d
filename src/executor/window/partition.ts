// One partition of OVER in its order: every copy of every row at a position of its own, with its peers.

import { valueAt } from '../../core/convert.ts'
import { compareSql } from '../../core/order.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { SortKey } from '../../planner/physical.ts'
import type { Moment } from '../../storage/key-table.ts'
import { gatherOrdered, type OrderedIndex, selectRange, totalPositions } from '../../storage/ordered-index.ts'

export interface Partition {
  /** Row handle of the index per position. */
  readonly rows: readonly number[]
  /** Number of the peer group per position, from 0. */
  readonly group: readonly number[]
  /** First position of each peer group, and the number of positions at the end. */
  readonly groupStart: readonly number[]
  /** A column's values per position. */
  column(index: number): readonly SqlValue[]
}

const BLOCK_ROWS = 1024

export function readPartition(
  index: OrderedIndex,
  schema: Schema,
  order: readonly SortKey[],
  slot: number,
  at: Moment,
  region: Region,
): Partition {
  const rows: number[] = []
  const total = totalPositions(index, slot, at)
  const block = { length: 0, rows: new Int32Array(BLOCK_ROWS), weights: new BigInt64Array(BLOCK_ROWS) }
  for (let from = 0n; from < total; ) {
    block.length = 0
    selectRange(index, slot, { from, count: total - from }, at, block)
    for (let i = 0; i < block.length; i++) {
      for (let copy = 0n; copy < block.weights[i]!; copy++) rows.push(block.rows[i]!)
      from += block.weights[i]!
    }
  }
  const columns = new Map<number, readonly SqlValue[]>()
  const column = (c: number): readonly SqlValue[] => {
    let values = columns.get(c)
    if (values === undefined) {
      values = columnValues(index, schema, c, rows, at, region)
      columns.set(c, values)
    }
    return values
  }
  return { rows, column, ...peersOf(schema, order, rows.length, column) }
}

function columnValues(
  index: OrderedIndex,
  schema: Schema,
  c: number,
  rows: readonly number[],
  at: Moment,
  region: Region,
): readonly SqlValue[] {
  const [column] = gatherOrdered(index, [c], Int32Array.from(rows), rows.length, at, region)
  return rows.map((_, i) => valueAt(schema[c]!, column!, i))
}

function peersOf(
  schema: Schema,
  order: readonly SortKey[],
  length: number,
  column: (index: number) => readonly SqlValue[],
): Pick<Partition, 'group' | 'groupStart'> {
  const keys = order.map(({ column: c }) => ({ type: schema[c]!.type, values: column(c) }))
  const samePeers = (i: number, j: number): boolean =>
    keys.every(({ type, values }) => {
      const [a, b] = [values[i]!, values[j]!]
      return a === null || b === null ? a === b : compareSql(type, a, b) === 0
    })
  const group: number[] = []
  const groupStart: number[] = []
  for (let i = 0; i < length; i++) {
    if (i === 0 || !samePeers(i - 1, i)) groupStart.push(i)
    group.push(groupStart.length - 1)
  }
  groupStart.push(length)
  return { group, groupStart }
}
