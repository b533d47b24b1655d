// A part of one partition of OVER in its order: every copy of every row at a position of its own, with its peers.

import { valueAt } from '../../core/convert.ts'
import { compareSql } from '../../core/order.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { SortKey } from '../../planner/physical.ts'
import { gatherOrdered, selectRange } from '../../storage/ordered-index.ts'
import type { Places } from './places.ts'

/** Positions are counted from `offset` on; what a value needs to know must lie inside the part. */
export interface Partition {
  /** Position of the first row in the whole partition. */
  readonly offset: number
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

/** The positions `from … to` of the whole partition. */
export function readPartition(places: Places, from: number, to: number): Partition {
  const { index, schema, order } = places.source
  const rows = readRows(places, from, to)
  const columns = new Map<number, readonly SqlValue[]>()
  const column = (c: number): readonly SqlValue[] => {
    let values = columns.get(c)
    if (values === undefined) {
      const [stored] = gatherOrdered(index, [c], Int32Array.from(rows), rows.length, places.at, places.region)
      values = rows.map((_, i) => valueAt(schema[c]!, stored!, i))
      columns.set(c, values)
    }
    return values
  }
  return { offset: from, rows, column, ...peersOf(schema, order, rows.length, column) }
}

function readRows({ source, slot, at }: Places, from: number, to: number): number[] {
  const rows: number[] = []
  const size = Math.min(BLOCK_ROWS, to - from)
  const block = { length: 0, rows: new Int32Array(size), weights: new BigInt64Array(size) }
  while (rows.length < to - from) {
    block.length = 0
    const next = from + rows.length
    selectRange(source.index, slot, { from: BigInt(next), count: BigInt(to - next) }, at, block)
    for (let i = 0; i < block.length; i++)
      for (let copy = 0n; copy < block.weights[i]!; copy++) rows.push(block.rows[i]!)
  }
  return rows
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
