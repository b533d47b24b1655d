// Window: OVER calls that share partition and order: input columns, then a column per call.
//
// State       one key table (partition -> root) with an ordered index of all rows; a weight-k row occupies k positions.
// Invariant   after every epoch the output is each row of each partition with the calls' values there.
// Cost        O(log n) a changed row, and what its calls need: the positions that feel the change (window/reach.ts) are
//             evaluated as they were and as they are, from what they read, and what differs is emitted.

import { BATCH_ROWS_MAX, type Batch, batchOf } from '../../core/batch.ts'
import { columnFromValues } from '../../core/convert.ts'
import { SqlError } from '../../core/error.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { sameIdentity } from '../../core/order.ts'
import { slice } from '../../core/primitives/gather.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { WindowNode } from '../../planner/physical.ts'
import type { EpochState } from '../../storage/arrangement.ts'
import { createKeyTable, findOrInsert, free, type KeyTable, type Moment } from '../../storage/key-table.ts'
import {
  createOrderedIndex,
  gatherOrdered,
  insertOrdered,
  type OrderedIndex,
  orderedStates,
} from '../../storage/ordered-index.ts'
import { pendingOf } from '../../storage/ordered-pending.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { Expire } from '../cleaner.ts'
import type { Environment } from '../expr/closures.ts'
import { GroupState } from '../group-state.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { type Chunk, TouchedCursor } from '../touched.ts'
import { type CallValues, callValues } from '../window/calls.ts'
import type { Span } from '../window/frame.ts'
import { readPartition } from '../window/partition.ts'
import { type PartitionSource, Places } from '../window/places.ts'
import { type Reach, reachOf } from '../window/reach.ts'
import { type Moments, readBy, type Stretch, stretchesOf } from '../window/stretches.ts'

/** One position of a partition: the row and its calls' values, or the error of one of them. */
interface Entry {
  readonly row: number
  readonly values: readonly SqlValue[]
  readonly error: SqlError | undefined
}

export class Window implements Operator {
  readonly label = 'Window'
  readonly schema: Schema
  readonly owns: readonly EpochState[]
  readonly #plan: WindowNode
  readonly #calls: readonly CallValues[]
  readonly #reaches: readonly Reach[]
  readonly #results: Schema
  readonly #table: KeyTable
  readonly #index: OrderedIndex
  readonly #source: PartitionSource
  readonly #touched: TouchedCursor

  constructor(plan: WindowNode, env: Environment, account: MemoryAccount, expire?: Expire) {
    const input = plan.input.schema
    this.schema = plan.schema
    this.#plan = plan
    this.#calls = plan.calls.map((call) => callValues(call, plan.order, input, env))
    this.#reaches = plan.calls.map((call) => reachOf(call, plan, env))
    this.#results = plan.schema.slice(input.length)
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
    this.#source = { index: this.#index, schema: input, order: plan.order }
    this.#touched = new TouchedCursor(this.#table)
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
    const take = () => this.#touched.take(out.region, 1)
    for (let chunk = take(); chunk !== undefined; chunk = take()) {
      const visited = this.#compare(chunk, out)
      if (out.spent(visited) && !this.#touched.atEnd) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#touched.reset()
  }

  /** Emits what differs in one partition; returns the positions visited. */
  #compare({ slots }: Chunk, out: Output): number {
    const slot = slots[0]!
    const moments = {
      before: new Places(this.#source, slot, 'before', out.region),
      after: new Places(this.#source, slot, 'after', out.region),
    }
    const changes = pendingOf(this.#index, slot)
    let visited = 1
    for (const stretch of changes === undefined ? [] : stretchesOf(changes, moments, this.#reaches))
      visited += this.#compareStretch(stretch, moments, out)
    if (moments.after.total === 0) free(this.#table, slots, 1)
    return visited
  }

  #compareStretch(stretch: Stretch, moments: Moments, out: Output): number {
    const before = this.#entries(moments.before, stretch.before)
    const after = this.#entries(moments.after, stretch.after)
    const kept = this.#unchanged(before, after)
    const others = (entries: readonly Entry[]) => entries.filter((entry) => !kept.has(entry))
    this.#emit(others(before), -1, 'before', out)
    this.#emit(others(after), 1, 'after', out)
    return before.length + after.length
  }

  #entries(places: Places, span: Span): Entry[] {
    if (span.start === span.end) return []
    const read = readBy(places, span, this.#reaches)
    const partition = readPartition(places, read.start, read.end)
    const own = { start: span.start - read.start, end: span.end - read.start }
    const columns = this.#calls.map((call) => call(partition, own))
    return partition.rows.slice(own.start, own.end).map((row, i) => {
      const cells = columns.map((column) => column[i]!)
      const error = cells.find((cell) => cell instanceof SqlError)
      return { row, values: error === undefined ? (cells as readonly SqlValue[]) : [], error }
    })
  }

  /** Entries that are there before and after: of both lists, one for one. */
  #unchanged(before: readonly Entry[], after: readonly Entry[]): Set<Entry> {
    const byRow = Map.groupBy(before, (entry) => entry.row)
    const kept = new Set<Entry>()
    for (const entry of after) {
      const candidates = byRow.get(entry.row)
      const place = candidates?.findIndex((candidate) => this.#same(candidate, entry)) ?? -1
      if (place < 0) continue
      kept.add(candidates!.splice(place, 1)[0]!)
      kept.add(entry)
    }
    return kept
  }

  #same(a: Entry, b: Entry): boolean {
    if (a.error !== undefined || b.error !== undefined)
      return a.error?.code === b.error?.code && a.error?.message === b.error?.message
    return this.#results.every(({ type }, i) => {
      const [x, y] = [a.values[i]!, b.values[i]!]
      return x === null || y === null ? x === y : sameIdentity(type, x, y)
    })
  }

  #emit(entries: readonly Entry[], weight: 1 | -1, at: Moment, out: Output): void {
    const { region } = out
    for (const { error } of entries)
      if (error !== undefined) out.error({ code: error.code, message: error.message, operator: this.label, weight })
    const shown = entries.filter(({ error }) => error === undefined)
    if (shown.length === 0) return
    const rows = Int32Array.from(shown, ({ row }) => row)
    const all = this.#plan.input.schema.map((_, i) => i)
    const columns = gatherOrdered(this.#index, all, rows, rows.length, at, region)
    this.#results.forEach((def, c) => {
      columns.push(
        columnFromValues(
          def,
          shown.map(({ values }) => values[c]!),
          region,
        ),
      )
    })
    const batch = batchOf(rows.length, columns, weight === 1 ? undefined : region.i32(rows.length).fill(weight))
    for (let from = 0; from < batch.length; from += BATCH_ROWS_MAX)
      out.rows(slice(batch, from, Math.min(from + BATCH_ROWS_MAX, batch.length)))
  }
}
