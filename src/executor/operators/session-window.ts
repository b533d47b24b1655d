// SessionWindow: each row with the bounds of its session. Rows of a partition are in one session as long as each comes
// less than `gap` after the one before; the session ends `gap` after its last row.
//
//   input columns │ window_start, window_end, window_time (those that are read)
//
// State       one key table (partition → root) with an ordered index of all rows by time; the count of rows that have
//             no window. Within an epoch the times that changed, per partition.
// Invariant   after every epoch the output is each row with the bounds of its session in the contents.
// Cost        O(log n) a changed row, and a visit of the sessions around it, as they were and as they are. Only rows
//             whose bounds differ are emitted.
// Source      spec/windows-and-time.md §2.5.

import { BATCH_ROWS_MAX, type Batch, batchOf, type Column } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { gather, slice } from '../../core/primitives/gather.ts'
import { multiplyWeights } from '../../core/primitives/weights.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { TimeWindowNode } from '../../planner/physical.ts'
import type { SessionWindows } from '../../planner/time-window.ts'
import { createKeyTable, findOrInsert, free, type KeyTable, type Moment } from '../../storage/key-table.ts'
import {
  createOrderedIndex,
  gatherOrdered,
  insertOrdered,
  type OrderedIndex,
  orderedStates,
  totalPositions,
} from '../../storage/ordered-index.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { Expire } from '../cleaner.ts'
import { GroupState } from '../group-state.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { RowCounter } from '../row-counter.ts'
import { timesOf } from '../time-window/assign.ts'
import { boundColumns } from '../time-window/bounds.ts'
import { EndedSessions } from '../time-window/ended-sessions.ts'
import { SessionReader, type SessionRows } from '../time-window/sessions.ts'
import { type TimeRange, timeRange } from '../time-window/windows.ts'
import { TouchedCursor } from '../touched.ts'
import { edgeWeight } from '../weights.ts'

/** Partitions that one step of `finish` compares. */
const STEP_PARTITIONS = 256

export class SessionWindow implements Operator {
  readonly label = 'Session'
  readonly schema: Schema
  readonly owns: readonly [GroupState, RowCounter]
  readonly #plan: TimeWindowNode
  readonly #partition: readonly number[]
  readonly #range: TimeRange
  readonly #gap: bigint
  readonly #table: KeyTable
  readonly #index: OrderedIndex
  readonly #reader: SessionReader
  /** Absent where no frontier says that a session has ended. */
  readonly #ended: EndedSessions | undefined
  readonly #touched: TouchedCursor
  /** Slot → times that changed in this epoch. */
  readonly #changed = new Map<number, bigint[]>()

  constructor(plan: TimeWindowNode, { partition, gap }: SessionWindows, account: MemoryAccount, expire?: Expire) {
    const input = plan.input.schema
    const time = input[plan.time]!
    this.schema = plan.schema
    this.#plan = plan
    this.#partition = partition
    this.#range = timeRange(time.type)
    this.#gap = gap
    const keys = partition.map((column) => fieldDef(input[column]!))
    this.#table = createKeyTable({ keys, states: orderedStates, account })
    this.#index = createOrderedIndex({
      table: this.#table,
      rootState: 0,
      columns: input.map(fieldDef),
      order: [{ column: plan.time, descending: false, nullsFirst: false }],
      mode: 'shared',
      account,
    })
    this.#reader = new SessionReader(this.#index, { schema: input, time: plan.time }, gap)
    this.#touched = new TouchedCursor(this.#table)
    const expiry = expire?.(this.#table)
    this.#ended = expiry && new EndedSessions(expiry, this.#index, { schema: input, time: plan.time }, gap)
    this.owns = [new GroupState(this.#table, [this.#index], expiry, this.#ended), new RowCounter()]
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    const rows = this.#assignable(batch, out.region)
    const slots = out.region.i32(rows.length)
    const keys = this.#partition.map((column) => rows.columns[column]!)
    findOrInsert(this.#table, keys, rows.length, slots)
    insertOrdered(this.#index, slots, rows)
    const times = timesOf(rows.columns[this.#plan.time]!, 0, rows.length, out.region).values
    this.#ended?.note(slots, times, rows.length)
    for (let i = 0; i < rows.length; i++) {
      const known = this.#changed.get(slots[i]!)
      if (known === undefined) this.#changed.set(slots[i]!, [times[i]!])
      else known.push(times[i]!)
    }
    out.spent(batch.length)
    return 'done'
  }

  /** Without the rows that have no time, an infinite one, or one whose session would end out of range (§2.6). */
  #assignable(batch: Batch, region: Region): Batch {
    const { values, nulls } = timesOf(batch.columns[this.#plan.time]!, 0, batch.length, region)
    const { least, greatest } = this.#range
    const rows = region.i32(batch.length)
    let count = 0
    for (let i = 0; i < batch.length; i++) {
      const time = values[i]!
      const fits = (nulls === undefined || nulls[i] === 0) && time >= least && time <= greatest - this.#gap
      if (fits) rows[count++] = i
      else this.owns[1].add(batch.weights?.[i] ?? 1)
    }
    return count === batch.length ? batch : gather(batch, rows, count, region)
  }

  finish(_epoch: EpochContext, out: Output): Progress {
    const take = () => this.#touched.take(out.region, STEP_PARTITIONS)
    for (let chunk = take(); chunk !== undefined; chunk = take()) {
      const [gone, come] = [newSessionRows(), newSessionRows()]
      let visited = 0
      for (const slot of chunk.slots) {
        visited += this.#compare(slot, gone, come, out.region)
        if (totalPositions(this.#index, slot, 'after') === 0n) free(this.#table, Int32Array.of(slot), 1)
      }
      this.#emit(gone, -1n, 'before', out)
      this.#emit(come, 1n, 'after', out)
      if (out.spent(visited) && !this.#touched.atEnd) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#touched.reset()
    this.#changed.clear()
  }

  /** Adds what differs in the stretches around the changed times; returns the rows visited. */
  #compare(slot: number, gone: SessionRows, come: SessionRows, region: Region): number {
    const times = (this.#changed.get(slot) ?? []).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    let visited = 0
    let done: bigint | undefined
    for (const time of times) {
      if (done !== undefined && time <= done) continue
      const stretch = this.#reader.stretch(slot, time, region)
      if (stretch === undefined) continue
      const before = this.#reader.rows(slot, stretch, 'before', region)
      const after = this.#reader.rows(slot, stretch, 'after', region)
      cancelSame(before, after)
      append(gone, before)
      append(come, after)
      visited += before.rows.length + after.rows.length
      done = stretch.last
    }
    return visited
  }

  #emit(found: SessionRows, sign: bigint, at: Moment, out: Output): void {
    const { region } = out
    if (found.rows.length === 0) return
    const rows = Int32Array.from(found.rows)
    const all = this.#plan.input.schema.map((_, i) => i)
    const columns: Column[] = gatherOrdered(this.#index, all, rows, rows.length, at, region)
    const starts = BigInt64Array.from(found.starts)
    const ends = BigInt64Array.from(found.ends)
    columns.push(...boundColumns(this.#plan, { count: rows.length, starts, ends }, region))
    const weights = Int32Array.from(found.weights, (weight) => edgeWeight(sign * weight))
    const batch = multiplyWeights(batchOf(rows.length, columns), weights, region)
    for (let from = 0; from < batch.length; from += BATCH_ROWS_MAX)
      out.rows(slice(batch, from, Math.min(from + BATCH_ROWS_MAX, batch.length)))
  }
}

const newSessionRows = (): SessionRows => ({ rows: [], weights: [], starts: [], ends: [] })

/** What has a weight left. */
function append(to: SessionRows, from: SessionRows): void {
  from.rows.forEach((row, i) => {
    if (from.weights[i] === 0n) return
    to.rows.push(row)
    to.weights.push(from.weights[i]!)
    to.starts.push(from.starts[i]!)
    to.ends.push(from.ends[i]!)
  })
}

/** Rows that keep their bounds cancel as far as their weights go. */
function cancelSame(before: SessionRows, after: SessionRows): void {
  const places = new Map(before.rows.map((row, i) => [row, i]))
  after.rows.forEach((row, k) => {
    const i = places.get(row)
    if (i === undefined || before.starts[i] !== after.starts[k] || before.ends[i] !== after.ends[k]) return
    const common = least(before.weights[i]!, after.weights[k]!)
    before.weights[i]! -= common
    after.weights[k]! -= common
  })
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
