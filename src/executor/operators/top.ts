// Top: the first rows of each partition, by row number, rank or dense rank; order completed by the canonical row order.
//
// State       one key table (partition -> root) with an ordered index of all rows; a weight-k row occupies k positions.
// Invariant   after every epoch the output is the rows at the shown positions, whatever way they came there.
// Cost        O(log n) a changed row; a touched partition compares what it showed before with what it shows now,
//             skipping what they have in common at both ends.

import { BATCH_ROWS_MAX, type Batch, batchOf, i64Column } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { slice } from '../../core/primitives/gather.ts'
import { multiplyWeights } from '../../core/primitives/weights.ts'
import type { Schema } from '../../core/schema.ts'
import type { TopNode } from '../../planner/physical.ts'
import type { EpochState } from '../../storage/arrangement.ts'
import { createKeyTable, findOrInsert, free, type KeyTable, type Moment } from '../../storage/key-table.ts'
import {
  createOrderedIndex,
  firstRows,
  gatherOrdered,
  insertOrdered,
  type OrderedIndex,
  orderedStates,
} from '../../storage/ordered-index.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { Expire } from '../cleaner.ts'
import { GroupState } from '../group-state.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { PartitionReader, type ShownRows } from '../positions.ts'
import { type Chunk, TouchedCursor } from '../touched.ts'
import { edgeWeight } from '../weights.ts'

/** Partitions that one step of `finish` compares. */
const STEP_PARTITIONS = 1024

export class Top implements Operator {
  readonly label = 'Top'
  readonly schema: Schema
  readonly owns: readonly EpochState[]
  readonly #plan: TopNode
  readonly #table: KeyTable
  readonly #index: OrderedIndex
  readonly #reader: PartitionReader
  readonly #touched: TouchedCursor
  readonly #columns: readonly number[]

  constructor(plan: TopNode, account: MemoryAccount, expire?: Expire) {
    const input = plan.input.schema
    this.schema = plan.schema
    this.#plan = plan
    const keys = plan.partition.map((column) => fieldDef(input[column]!))
    this.#table = createKeyTable({ keys, states: orderedStates, account })
    this.#index = createOrderedIndex({
      table: this.#table,
      rootState: 0,
      columns: input.map(fieldDef),
      order: plan.order,
      mode: 'shared',
      account,
    })
    this.#reader = new PartitionReader(this.#index, input.length, { ...plan, sortKeys: plan.order.length })
    this.#touched = new TouchedCursor(this.#table)
    this.#columns = input.map((_, i) => i)
    this.owns = [new GroupState(this.#table, [this.#index], expire?.(this.#table))]
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    const slots = out.region.i32(batch.length)
    const keys = this.#plan.partition.map((column) => batch.columns[column]!)
    findOrInsert(this.#table, keys, batch.length, slots)
    insertOrdered(this.#index, slots, batch)
    out.spent(batch.length)
    return 'done'
  }

  finish(_epoch: EpochContext, out: Output): Progress {
    const { region } = out
    const take = () => this.#touched.take(region, STEP_PARTITIONS)
    for (let chunk = take(); chunk !== undefined; chunk = take()) {
      const visited = this.#compare(chunk, out)
      this.#freeEmpty(chunk, out)
      if (out.spent(visited) && !this.#touched.atEnd) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#touched.reset()
  }

  /** Emits the difference of each partition; returns the rows visited. */
  #compare(chunk: Chunk, out: Output): number {
    const { limit, offset, by } = this.#plan
    return by === 'rows' && limit === 1n && offset === 0n
      ? this.#compareFirst(chunk, out)
      : this.#compareAll(chunk, out)
  }

  /** The first row of each partition: all partitions of the chunk at once. */
  #compareFirst({ slots, length }: Chunk, out: Output): number {
    const { region } = out
    const before = region.i32(length)
    const after = region.i32(length)
    firstRows(this.#index, slots, length, 'first', 'before', before)
    firstRows(this.#index, slots, length, 'first', 'after', after)
    this.#emitRows(before, changedRows(before, after, length), -1, 'before', out)
    this.#emitRows(after, changedRows(after, before, length), 1, 'after', out)
    return 2 * length
  }

  #compareAll({ slots, length }: Chunk, out: Output): number {
    const gone: ShownRows = { rows: [], weights: [], numbers: [] }
    const come: ShownRows = { rows: [], weights: [], numbers: [] }
    let visited = length
    for (let i = 0; i < length; i++) {
      const before = this.#reader.shown(slots[i]!, 'before', out.region)
      const after = this.#reader.shown(slots[i]!, 'after', out.region)
      visited += before.rows.length + after.rows.length
      differ(before, after, gone, come)
    }
    this.#emit(gone, -1n, 'before', out)
    this.#emit(come, 1n, 'after', out)
    return visited
  }

  #emit(shown: ShownRows, sign: bigint, at: Moment, out: Output): void {
    const { region } = out
    const length = shown.rows.length
    if (length === 0) return
    const columns = gatherOrdered(this.#index, this.#columns, Int32Array.from(shown.rows), length, at, region)
    if (this.#plan.withNumber) columns.push(i64Column(BigInt64Array.from(shown.numbers)))
    const weights = Int32Array.from(shown.weights, (weight) => edgeWeight(sign * weight))
    const rows = multiplyWeights(batchOf(length, columns), weights, region)
    for (let from = 0; from < rows.length; from += BATCH_ROWS_MAX)
      out.rows(slice(rows, from, Math.min(from + BATCH_ROWS_MAX, rows.length)))
  }

  /** Entries `chosen` of `rows`, each with the weight and, where wanted, the number 1. */
  #emitRows(rows: Int32Array, chosen: Int32Array, weight: 1 | -1, at: Moment, out: Output): void {
    const { region } = out
    const { length } = chosen
    if (length === 0) return
    const handles = region.i32(length)
    for (let i = 0; i < length; i++) handles[i] = rows[chosen[i]!]!
    const columns = gatherOrdered(this.#index, this.#columns, handles, length, at, region)
    if (this.#plan.withNumber) columns.push(i64Column(region.i64(length).fill(1n)))
    out.rows(batchOf(length, columns, weight === 1 ? undefined : region.i32(length).fill(weight)))
  }

  #freeEmpty({ slots, length }: Chunk, { region }: Output): void {
    const first = region.i32(length)
    firstRows(this.#index, slots, length, 'first', 'after', first)
    const empty = region.i32(length)
    let count = 0
    for (let i = 0; i < length; i++) if (first[i]! < 0) empty[count++] = slots[i]!
    if (count > 0) free(this.#table, empty, count)
  }
}

/** Places where `rows` has a row that `others` has not. */
function changedRows(rows: Int32Array, others: Int32Array, length: number): Int32Array {
  const chosen = new Int32Array(length)
  let count = 0
  for (let i = 0; i < length; i++) if (rows[i]! >= 0 && rows[i] !== others[i]) chosen[count++] = i
  return chosen.subarray(0, count)
}

/** Adds to `gone` and `come` what differs; equal entries at both ends are skipped. */
function differ(before: ShownRows, after: ShownRows, gone: ShownRows, come: ShownRows): void {
  const same = (i: number, j: number): boolean =>
    before.rows[i] === after.rows[j] && before.weights[i] === after.weights[j] && before.numbers[i] === after.numbers[j]
  let first = 0
  let [a, b] = [before.rows.length, after.rows.length]
  while (first < a && first < b && same(first, first)) first++
  while (a > first && b > first && same(a - 1, b - 1)) {
    a--
    b--
  }
  append(gone, before, first, a)
  append(come, after, first, b)
}

function append(to: ShownRows, from: ShownRows, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    to.rows.push(from.rows[i]!)
    to.weights.push(from.weights[i]!)
    to.numbers.push(from.numbers[i]!)
  }
}
