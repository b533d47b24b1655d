// AsofJoin: each left row with the nearest right row of its key: of those not after it the last one (operators spec
// §4.3).
//
//   right   ──t1──────────t2────────t3──      a change of the right rows at t2 concerns the left rows from there to
//   left         l  l         l  l            the next right time, and only if another row is now the last one at t2
//
// State       one key table (key -> two roots): the left and the right rows, each in the order of what is compared,
//             ties in canonical order. Rows that never meet (NULL in a key or in what is compared) are not kept.
// Invariant   after every epoch each left row (of LEFT also without partner) stands with the last right row not after
//             it.
// Cost        O(log n) a changed row, and the left rows whose partner has changed.

import { BATCH_ROWS_MAX, type Batch, batchOf, type Column } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { gather } from '../../core/primitives/gather.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { AsofNode } from '../../planner/physical.ts'
import type { EpochState } from '../../storage/arrangement.ts'
import { createKeyTable, findOrInsert, free, type KeyTable, type Moment } from '../../storage/key-table.ts'
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
import { pendingOf } from '../../storage/ordered-pending.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import { GroupState } from '../group-state.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { TouchedCursor } from '../touched.ts'
import { edgeWeight } from '../weights.ts'

const STEP_KEYS = 256
const BLOCK_ROWS = 1024

/** One input: its rows by key, ordered by what is compared. */
interface Side {
  readonly index: OrderedIndex
  readonly keys: readonly number[]
  /** The column that is compared. */
  readonly compared: number
  readonly columns: readonly number[]
}

/** Pairs to be emitted: handles of left rows, of right rows (−1: none), and weights. */
interface Pairs {
  readonly left: number[]
  readonly right: number[]
  readonly weights: bigint[]
}

export class AsofJoin implements Operator {
  readonly label: string
  readonly schema: Schema
  readonly owns: readonly EpochState[]
  readonly #plan: AsofNode
  readonly #table: KeyTable
  readonly #left: Side
  readonly #right: Side
  readonly #touched: TouchedCursor
  readonly #block = { length: 0, rows: new Int32Array(BLOCK_ROWS), weights: new BigInt64Array(BLOCK_ROWS) }

  constructor(plan: AsofNode, account: MemoryAccount) {
    this.label = `Asof ${plan.type}`
    this.schema = plan.schema
    this.#plan = plan
    const { keys, left, right, nearest } = plan
    const states = [...orderedStates, ...orderedStates]
    this.#table = createKeyTable({ keys: keys.map((key) => keyField(plan, key)), states, account })
    const side = (input: Schema, own: readonly number[], compared: number, rootState: number): Side => ({
      index: createOrderedIndex({
        table: this.#table,
        rootState,
        columns: input.map(fieldDef),
        order: [{ column: compared, descending: nearest.descending, nullsFirst: false }],
        mode: 'shared',
        account,
      }),
      keys: own,
      compared,
      columns: input.map((_, i) => i),
    })
    this.#left = side(
      left.schema,
      keys.map((key) => key.left),
      nearest.left,
      0,
    )
    this.#right = side(
      right.schema,
      keys.map((key) => key.right),
      nearest.right,
      orderedStates.length,
    )
    this.#touched = new TouchedCursor(this.#table)
    this.owns = [new GroupState(this.#table, [this.#left.index, this.#right.index])]
  }

  push(port: number, batch: Batch, out: Output): Progress {
    const side = port === 0 ? this.#left : this.#right
    const { meets, rest } = this.#parted(side, batch, out.region)
    if (port === 0 && this.#plan.type === 'left' && rest.length > 0) this.#alone(rest, out)
    const slots = out.region.i32(meets.length)
    findOrInsert(
      this.#table,
      side.keys.map((column) => meets.columns[column]!),
      meets.length,
      slots,
    )
    insertOrdered(side.index, slots, meets)
    out.spent(batch.length)
    return 'done'
  }

  finish(_epoch: EpochContext, out: Output): Progress {
    const take = () => this.#touched.take(out.region, STEP_KEYS)
    for (let chunk = take(); chunk !== undefined; chunk = take()) {
      let visited = chunk.length
      const gone: Pairs = { left: [], right: [], weights: [] }
      const come: Pairs = { left: [], right: [], weights: [] }
      for (let i = 0; i < chunk.length; i++) this.#compare(chunk.slots[i]!, gone, come, out.region)
      visited += gone.left.length + come.left.length
      this.#emit(gone, 'before', out)
      this.#emit(come, 'after', out)
      this.#freeEmpty(chunk.slots, chunk.length, out.region)
      if (out.spent(visited) && !this.#touched.atEnd) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#touched.reset()
  }

  /** Rows that may meet others, and those with a NULL that never do. */
  #parted({ keys, compared }: Side, batch: Batch, region: Region): { meets: Batch; rest: Batch } {
    const strict = [...keys.filter((_, i) => !this.#plan.keys[i]!.nullSafe), compared]
    const masks = strict.map((column) => batch.columns[column]!.nulls).filter((mask) => mask !== undefined)
    const [meets, rest] = [region.i32(batch.length), region.i32(batch.length)]
    let [met, left] = [0, 0]
    for (let i = 0; i < batch.length; i++) {
      if (masks.every((mask) => mask[i] === 0)) meets[met++] = i
      else rest[left++] = i
    }
    if (left === 0) return { meets: batch, rest: { ...batch, length: 0 } }
    return { meets: gather(batch, meets, met, region), rest: gather(batch, rest, left, region) }
  }

  /** Left rows that have no partner whatever comes. */
  #alone(rows: Batch, out: Output): void {
    const none = out.region.i32(rows.length).fill(-1)
    const { index, columns } = this.#right
    const nulls = gatherOrdered(index, columns, none, rows.length, 'after', out.region)
    out.rows(batchOf(rows.length, [...rows.columns, ...nulls], rows.weights))
  }

  #compare(slot: number, gone: Pairs, come: Pairs, region: Region): void {
    this.#changedPartners(slot, gone, come, region)
    this.#changedRows(slot, come, region)
  }

  /** Left rows whose partner is another one now: all of them, from each changed time to the next. */
  #changedPartners(slot: number, gone: Pairs, come: Pairs, region: Region): void {
    const changed = pendingOf(this.#right.index, slot)?.rows ?? []
    if (changed.length === 0) return
    const times = this.#timesOf(this.#right, changed, region)
    const bound = this.#plan.nearest.strict ? 'upper' : 'lower'
    for (let i = 0; i < changed.length; i++) {
      const [endBefore, endAfter] = [this.#endOf(slot, times, i, 'before'), this.#endOf(slot, times, i, 'after')]
      const isRepeated =
        i > 0 &&
        this.#endOf(slot, times, i - 1, 'before') === endBefore &&
        this.#endOf(slot, times, i - 1, 'after') === endAfter
      const [old, now] = [this.#rightAt(slot, endBefore - 1n, 'before'), this.#rightAt(slot, endAfter - 1n, 'after')]
      if (isRepeated || old === now) continue
      const next = [this.#rightAt(slot, endBefore, 'before'), this.#rightAt(slot, endAfter, 'after')]
      const nextTimes = this.#timesOf(
        this.#right,
        next.filter((row) => row >= 0),
        region,
      )
      const place = (column: Column, row: number, at: Moment): bigint => this.#leftPlace(slot, column, row, bound, at)
      for (const [at, partner, pairs, sign] of [
        ['before', old, gone, -1n],
        ['after', now, come, 1n],
      ] as const) {
        let to = totalPositions(this.#left.index, slot, at)
        for (let k = 0; k < nextTimes.length; k++) to = lesser(to, place(nextTimes.column, k, at))
        this.#pair(slot, { from: place(times.column, i, at), to }, partner, sign, at, pairs)
      }
    }
  }

  /** Changes of left rows whose partner stays. */
  #changedRows(slot: number, come: Pairs, region: Region): void {
    const pending = pendingOf(this.#left.index, slot)
    if (pending === undefined || pending.rows.length === 0) return
    const rows = pending.rows
    const times = this.#timesOf(this.#left, rows, region)
    for (let i = 0; i < rows.length; i++) {
      const weight = pending.weights[i]!
      if (weight === 0) continue
      const [old, now] = (['before', 'after'] as const).map((at) =>
        this.#rightAt(slot, this.#partnersEnd(slot, times, i, at) - 1n, at),
      )
      if (old !== now || (now! < 0 && this.#plan.type === 'inner')) continue
      come.left.push(pending.existing[i]! >= 0 ? pending.existing[i]! : rows[i]!)
      come.right.push(now!)
      come.weights.push(BigInt(weight))
    }
  }

  #timesOf({ index, compared }: Side, rows: ArrayLike<number>, region: Region): { column: Column; length: number } {
    const handles = Int32Array.from(rows)
    const [column] = gatherOrdered(index, [compared], handles, handles.length, 'after', region)
    return { column: column!, length: handles.length }
  }

  /** Position behind the last right row at a right time. */
  #endOf(slot: number, times: { column: Column }, row: number, at: Moment): bigint {
    const { index, columns } = this.#right
    return boundOf(
      index,
      slot,
      columns.map(() => times.column),
      row,
      { keyCount: 1, bound: 'upper', at },
    )
  }

  /** Position behind the last right row that a left row of that time may have. */
  #partnersEnd(slot: number, times: { column: Column }, row: number, at: Moment): bigint {
    const { index, columns } = this.#right
    const bound = this.#plan.nearest.strict ? 'lower' : 'upper'
    return boundOf(
      index,
      slot,
      columns.map(() => times.column),
      row,
      { keyCount: 1, bound, at },
    )
  }

  #leftPlace(slot: number, time: Column, row: number, bound: 'lower' | 'upper', at: Moment): bigint {
    const { index, columns } = this.#left
    return boundOf(
      index,
      slot,
      columns.map(() => time),
      row,
      { keyCount: 1, bound, at },
    )
  }

  /** The right row at a position, −1 where there is none. */
  #rightAt(slot: number, position: bigint, at: Moment): number {
    if (position < 0n) return -1
    this.#block.length = 0
    selectRange(this.#right.index, slot, { from: position, count: 1n }, at, this.#block)
    return this.#block.length === 0 ? -1 : this.#block.rows[0]!
  }

  /** The left rows at these positions with one partner. */
  #pair(
    slot: number,
    range: { readonly from: bigint; readonly to: bigint },
    partner: number,
    sign: bigint,
    at: Moment,
    pairs: Pairs,
  ): void {
    if (partner < 0 && this.#plan.type === 'inner') return
    const block = this.#block
    for (let from = range.from; from < range.to; ) {
      block.length = 0
      selectRange(this.#left.index, slot, { from, count: range.to - from }, at, block)
      for (let i = 0; i < block.length; i++) {
        pairs.left.push(block.rows[i]!)
        pairs.right.push(partner)
        pairs.weights.push(sign * block.weights[i]!)
        from += block.weights[i]!
      }
    }
  }

  #emit({ left, right, weights }: Pairs, at: Moment, out: Output): void {
    for (let from = 0; from < left.length; from += BATCH_ROWS_MAX) {
      const to = Math.min(from + BATCH_ROWS_MAX, left.length)
      const rowsOf = ({ index, columns }: Side, handles: readonly number[]): Column[] =>
        gatherOrdered(index, columns, Int32Array.from(handles.slice(from, to)), to - from, at, out.region)
      const columns = [...rowsOf(this.#left, left), ...rowsOf(this.#right, right)]
      out.rows(batchOf(to - from, columns, Int32Array.from(weights.slice(from, to), edgeWeight)))
    }
  }

  #freeEmpty(slots: Int32Array, length: number, region: Region): void {
    const empty = region.i32(length)
    let count = 0
    for (let i = 0; i < length; i++) {
      const rows = [this.#left, this.#right].map(({ index }) => totalPositions(index, slots[i]!, 'after'))
      if (rows.every((total) => total === 0n)) empty[count++] = slots[i]!
    }
    if (count > 0) free(this.#table, empty, count)
  }
}

const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** A key may be NULL where either side may. */
function keyField({ left, right }: AsofNode, key: AsofNode['keys'][number]) {
  const [a, b] = [left.schema[key.left]!, right.schema[key.right]!]
  return fieldDef({ ...a, nullable: key.nullSafe && (a.nullable || b.nullable) })
}
