// Reading the sessions of one partition out of an ordered index: which stretch of time a changed row can have moved,
// and the bounds of all rows in it.
//
//   before   a────b        c──d         a session is a chain of rows, each less than `gap` after the one before
//   after    a────b──x─────c──d         x links two chains: what links up with x, before or after, is its stretch
//
// Chains over the rows of both moments together contain the chains of either; so what lies outside of a stretch has the
// same neighbours as before.

import type { Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { Moment } from '../../storage/key-table.ts'
import { boundOf, gatherOrdered, type OrderedIndex, selectRange, totalPositions } from '../../storage/ordered-index.ts'
import { timeProbe } from './probe.ts'

/** Rows of a stretch in order of time, with the bounds of their sessions. */
export interface SessionRows {
  readonly rows: number[]
  readonly weights: bigint[]
  readonly starts: bigint[]
  readonly ends: bigint[]
}

export interface Stretch {
  readonly first: bigint
  readonly last: bigint
}

const BLOCK_ROWS = 256

export class SessionReader {
  readonly #index: OrderedIndex
  readonly #schema: Schema
  readonly #time: number
  readonly #gap: bigint
  readonly #block = { length: 0, rows: new Int32Array(BLOCK_ROWS), weights: new BigInt64Array(BLOCK_ROWS) }

  /** `time`: the column that the index is ordered by. */
  constructor(index: OrderedIndex, rows: { readonly schema: Schema; readonly time: number }, gap: bigint) {
    this.#index = index
    this.#schema = rows.schema
    this.#time = rows.time
    this.#gap = gap
  }

  /**
   * From the first to the last row that is linked with the time, before or after the epoch; undefined where no row has
   * the time at either moment: it came and went within the epoch, and links nothing.
   */
  stretch(slot: number, time: bigint, region: Region): Stretch | undefined {
    if (!this.#has(slot, time, 'before') && !this.#has(slot, time, 'after')) return undefined
    const gap = this.#gap
    const back = [this.#downFrom(slot, time, 'before', region), this.#downFrom(slot, time, 'after', region)]
    const on = [this.#upFrom(slot, time, 'before', region), this.#upFrom(slot, time, 'after', region)]
    const first = linked(
      back,
      time,
      (next, at) => next > at - gap,
      (a, b) => a > b,
    )
    const last = linked(
      on,
      time,
      (next, at) => next < at + gap,
      (a, b) => a < b,
    )
    return { first, last }
  }

  /** The stretch's rows at a moment, with their sessions. */
  rows(slot: number, { first, last }: Stretch, at: Moment, region: Region): SessionRows {
    const found: SessionRows = { rows: [], weights: [], starts: [], ends: [] }
    const to = this.#position(slot, last, 'upper', at)
    let sessionFrom = 0
    let previous: bigint | undefined
    for (const { row, weight, time } of this.#entries(
      slot,
      { from: this.#position(slot, first, 'lower', at), to },
      at,
      region,
    )) {
      if (previous === undefined || time >= previous + this.#gap) {
        this.#close(found, sessionFrom, previous)
        sessionFrom = found.rows.length
        found.starts.push(time)
      } else found.starts.push(found.starts.at(-1)!)
      found.rows.push(row)
      found.weights.push(weight)
      previous = time
    }
    this.#close(found, sessionFrom, previous)
    return found
  }

  #has(slot: number, time: bigint, at: Moment): boolean {
    return this.#position(slot, time, 'lower', at) < this.#position(slot, time, 'upper', at)
  }

  #close(found: SessionRows, from: number, last: bigint | undefined): void {
    if (last === undefined) return
    for (let i = from; i < found.rows.length; i++) found.ends.push(last + this.#gap)
  }

  #position(slot: number, time: bigint, bound: 'lower' | 'upper', at: Moment): bigint {
    const columns = timeProbe(this.#schema, this.#time, time)
    return boundOf(this.#index, slot, columns, 0, { keyCount: 1, bound, at })
  }

  *#entries(
    slot: number,
    range: { readonly from: bigint; readonly to: bigint },
    at: Moment,
    region: Region,
  ): Generator<{ readonly row: number; readonly weight: bigint; readonly time: bigint }, void> {
    for (let from = range.from; from < range.to; ) {
      const { rows, weights, times } = this.#read(slot, from, range.to - from, at, region)
      for (let i = 0; i < rows.length; i++) {
        yield { row: rows[i]!, weight: weights[i]!, time: times[i]! }
        from += weights[i]!
      }
    }
  }

  /** Times before this one, descending. */
  *#downFrom(slot: number, time: bigint, at: Moment, region: Region): Generator<bigint, void> {
    for (let to = this.#position(slot, time, 'lower', at); to > 0n; ) {
      const from = to > BigInt(BLOCK_ROWS) ? to - BigInt(BLOCK_ROWS) : 0n
      const { times } = this.#read(slot, from, to - from, at, region)
      for (let i = times.length - 1; i >= 0; i--) yield times[i]!
      to = from
    }
  }

  /** Times after this one, ascending. */
  *#upFrom(slot: number, time: bigint, at: Moment, region: Region): Generator<bigint, void> {
    const total = totalPositions(this.#index, slot, at)
    const from = this.#position(slot, time, 'upper', at)
    for (const entry of this.#entries(slot, { from, to: total }, at, region)) yield entry.time
  }

  /** Copies of at most a block of rows; the first and the last may be there with a part of their weight. */
  #read(slot: number, from: bigint, count: bigint, at: Moment, region: Region) {
    const block = this.#block
    block.length = 0
    selectRange(this.#index, slot, { from, count }, at, block)
    const rows = block.rows.slice(0, block.length)
    const weights = block.weights.slice(0, block.length)
    const [column] = gatherOrdered(this.#index, [this.#time], rows, rows.length, at, region)
    return { rows, weights, times: timesOf(column!, rows.length) }
  }
}

function timesOf(column: Column, length: number): readonly bigint[] {
  const times: bigint[] = []
  if (column.kind === 'i64') for (let i = 0; i < length; i++) times.push(column.values[i]!)
  if (column.kind === 'i32') for (let i = 0; i < length; i++) times.push(BigInt(column.values[i]!))
  return times
}

/** Follows both sequences as long as the nearer next time is linked with the one before; the last that is. */
function linked(
  sequences: readonly Generator<bigint, void>[],
  time: bigint,
  isLinked: (next: bigint, at: bigint) => boolean,
  isNearer: (a: bigint, b: bigint) => boolean,
): bigint {
  const heads = sequences.map((one) => one.next())
  for (let at = time; ; ) {
    let nearest = -1
    heads.forEach((head, k) => {
      if (head.done === true) return
      const other = nearest < 0 ? undefined : heads[nearest]!
      if (other === undefined || other.done === true || isNearer(head.value, other.value)) nearest = k
    })
    const head = heads[nearest]
    if (head === undefined || head.done === true || !isLinked(head.value, at)) return at
    at = head.value
    heads[nearest] = sequences[nearest]!.next()
  }
}
