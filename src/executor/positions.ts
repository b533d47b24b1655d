// Which rows of an ordered partition stand at the positions that a top-n shows, with their numbers where those are
// asked for.
//
// A row of weight k occupies k positions. Peers are rows equal in the sort keys; order among them is the canonical one.

import type { Region } from '../core/region.ts'
import type { Moment } from '../storage/key-table.ts'
import { boundOf, gatherOrdered, type OrderedIndex, selectRange, totalPositions } from '../storage/ordered-index.ts'

export interface TopForm {
  readonly limit: bigint | undefined
  readonly offset: bigint
  /** rows: ROW_NUMBER; ties: RANK ≤ limit; dense: DENSE_RANK ≤ limit. */
  readonly by: 'rows' | 'ties' | 'dense'
  readonly withNumber: boolean
  /** Sort keys that decide who is a peer. */
  readonly sortKeys: number
}

/** Shown entries of one partition, in order: row handles of the index, weights, and numbers where wanted. */
export interface ShownRows {
  readonly rows: number[]
  readonly weights: bigint[]
  readonly numbers: bigint[]
}

const BLOCK_ROWS = 1024

export class PartitionReader {
  readonly #index: OrderedIndex
  readonly #form: TopForm
  readonly #all: readonly number[]
  readonly #block = { length: 0, rows: new Int32Array(BLOCK_ROWS), weights: new BigInt64Array(BLOCK_ROWS) }

  constructor(index: OrderedIndex, columns: number, form: TopForm) {
    this.#index = index
    this.#form = form
    this.#all = Array.from({ length: columns }, (_, i) => i)
  }

  shown(slot: number, at: Moment, region: Region): ShownRows {
    const { by, withNumber, offset } = this.#form
    const total = totalPositions(this.#index, slot, at)
    const found: ShownRows = { rows: [], weights: [], numbers: [] }
    if (by === 'rows')
      this.#select(slot, at, { from: offset, to: this.#end(total) }, found, withNumber ? 'position' : 0n)
    else if (by === 'ties') this.#ties(slot, at, total, found, region)
    else this.#dense(slot, at, total, found, region)
    return found
  }

  #end(total: bigint): bigint {
    const { limit, offset } = this.#form
    if (limit === undefined || offset + limit > total) return total
    return offset + limit
  }

  /** The rows whose rank is at most that of the last of the first offset + limit, from the offset on. */
  #ties(slot: number, at: Moment, total: bigint, found: ShownRows, region: Region): void {
    const { offset, withNumber } = this.#form
    const end = this.#end(total)
    if (end <= offset) return
    const last = end === total ? total : this.#peersEnd(slot, at, end - 1n, region)
    if (!withNumber) {
      this.#select(slot, at, { from: offset, to: last }, found, 0n)
      return
    }
    for (let from = 0n; from < last; ) {
      const to = this.#peersEnd(slot, at, from, region)
      this.#select(slot, at, { from: from < offset ? offset : from, to }, found, from + 1n)
      from = to
    }
  }

  #dense(slot: number, at: Moment, total: bigint, found: ShownRows, region: Region): void {
    const { offset, limit } = this.#form
    let rank = 1n
    for (let from = 0n; from < total && (limit === undefined || rank <= offset + limit); rank++) {
      const to = this.#peersEnd(slot, at, from, region)
      if (rank > offset) this.#select(slot, at, { from, to }, found, rank)
      from = to
    }
  }

  /** Position behind the peers of the row at `position`. */
  #peersEnd(slot: number, at: Moment, position: bigint, region: Region): bigint {
    const block = this.#block
    block.length = 0
    selectRange(this.#index, slot, { from: position, count: 1n }, at, block)
    const columns = gatherOrdered(this.#index, this.#all, block.rows, 1, at, region)
    return boundOf(this.#index, slot, columns, 0, { keyCount: this.#form.sortKeys, bound: 'upper', at })
  }

  /** Adds the rows at `from…to`; a number for all of them, or each copy its own position. */
  #select(
    slot: number,
    at: Moment,
    range: { readonly from: bigint; readonly to: bigint },
    found: ShownRows,
    number: bigint | 'position',
  ): void {
    const block = this.#block
    for (let from = range.from; from < range.to; ) {
      block.length = 0
      selectRange(this.#index, slot, { from, count: range.to - from }, at, block)
      for (let i = 0; i < block.length; i++) {
        const weight = block.weights[i]!
        if (number === 'position') for (let k = 0n; k < weight; k++) push(found, block.rows[i]!, 1n, from + k + 1n)
        else push(found, block.rows[i]!, weight, number)
        from += weight
      }
    }
  }
}

function push(found: ShownRows, row: number, weight: bigint, number: bigint): void {
  found.rows.push(row)
  found.weights.push(weight)
  found.numbers.push(number)
}
