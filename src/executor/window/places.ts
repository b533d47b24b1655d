// One partition of OVER at one moment, asked position by position: O(log n) a question, nothing is read ahead.

import { valueAt } from '../../core/convert.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { SortKey } from '../../planner/physical.ts'
import type { Moment } from '../../storage/key-table.ts'
import { boundOf, gatherOrdered, type OrderedIndex, selectRange, totalPositions } from '../../storage/ordered-index.ts'

export interface PartitionSource {
  readonly index: OrderedIndex
  readonly schema: Schema
  readonly order: readonly SortKey[]
}

export class Places {
  readonly source: PartitionSource
  readonly slot: number
  readonly at: Moment
  readonly region: Region
  readonly total: number
  readonly #one = { length: 0, rows: new Int32Array(1), weights: new BigInt64Array(1) }

  constructor(source: PartitionSource, slot: number, at: Moment, region: Region) {
    this.source = source
    this.slot = slot
    this.at = at
    this.region = region
    this.total = Number(totalPositions(source.index, slot, at))
  }

  /** The first sort key of the row at `position`. */
  key(position: number): SqlValue {
    const { index, schema, order } = this.source
    const { column } = order[0]!
    const [values] = gatherOrdered(index, [column], this.#row(position), 1, this.at, this.region)
    return valueAt(schema[column]!, values!, 0)
  }

  /** Position of the first peer of the row at `position`. */
  peersFrom(position: number): number {
    return this.#bound(position, 'lower')
  }

  /** Position behind its last peer. */
  peersTo(position: number): number {
    return this.#bound(position, 'upper')
  }

  #bound(position: number, bound: 'lower' | 'upper'): number {
    const { index, schema, order } = this.source
    const columns = gatherOrdered(index, [...schema.keys()], this.#row(position), 1, this.at, this.region)
    return Number(boundOf(index, this.slot, columns, 0, { keyCount: order.length, bound, at: this.at }))
  }

  #row(position: number): Int32Array {
    this.#one.length = 0
    selectRange(this.source.index, this.slot, { from: BigInt(position), count: 1n }, this.at, this.#one)
    return this.#one.rows
  }
}
