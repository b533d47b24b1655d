// Aggregate: one row per group of equal keys, changed in place: each touched group emits −old and +new once, in
// `finish`.
//
// State       one key table: group keys -> weight, accumulators, results, the group's error; ordered indexes on it for
//             what walks its values; a key table per set of DISTINCT arguments (aggregate/*.ts).
//             Groups by a time go when nothing can change them any more; a view's rows stay, their indexes go.
// Invariant   a group is there iff its weight is > 0; the global group (no keys) always, from the first epoch on.
// Cost        one look-up and a few additions a row; O(touched groups) to emit. Results are states of the slot, so
//             that a view which is this aggregate can be read from it.

import { assert } from '../../core/assert.ts'
import type { Batch, Column } from '../../core/batch.ts'
import type { SqlError } from '../../core/error.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { AggregateNode } from '../../planner/physical.ts'
import type { EpochState } from '../../storage/arrangement.ts'
import {
  createKeyTable,
  findOrInsert,
  free,
  gatherFields,
  gatherKeys,
  present,
  stateField,
  touch,
  writeState,
} from '../../storage/key-table.ts'
import { createOrderedIndex } from '../../storage/ordered-index.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { ViewContents } from '../../storage/view-store.ts'
import { accumulateText } from '../aggregate/accumulate.ts'
import { CallPlanner, type Groups, type PlannedCall } from '../aggregate/calls.ts'
import { type EmitPlan, emitText, GroupEmitter, hasEmitLoop } from '../aggregate/emit-code.ts'
import { emitGroupErrors, errorColumn, errorState } from '../aggregate/group-errors.ts'
import { applyRows, type Stream } from '../aggregate/stream.ts'
import type { Expire } from '../cleaner.ts'
import type { Environment } from '../expr/closures.ts'
import { GroupState } from '../group-state.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { emitDifference } from '../row-difference.ts'
import { type Chunk, TouchedCursor } from '../touched.ts'
import { weightsAt } from '../weights.ts'

export interface AggregateOptions {
  /** No row is retracted. */
  readonly insertOnly?: boolean
  /** Groups go when their time has passed. */
  readonly expire?: Expire | undefined
}

export class Aggregate implements Operator {
  readonly label = 'Aggregate'
  readonly schema: Schema
  readonly owns: readonly EpochState[]
  readonly #plan: AggregateNode
  readonly #groups: Groups
  readonly #stream: Stream
  readonly #calls: readonly PlannedCall[]
  /** Absent where no call can fail. */
  readonly #errorState: number | undefined
  readonly #touched: TouchedCursor
  /** Absent where some key or result has no fixed width or needs more than accumulators. */
  readonly #linear: EmitPlan | undefined
  #emitter: GroupEmitter | undefined
  #feed = 0

  constructor(plan: AggregateNode, env: Environment, account: MemoryAccount, options: AggregateOptions = {}) {
    const { insertOnly = plan.input.insertOnly, expire } = options
    this.schema = plan.schema
    this.#plan = plan
    const planner = new CallPlanner(plan, { env, account, insertOnly, expire, groups: () => this.#groups })
    const keys = plan.groupKeys.map((column) => fieldDef(plan.input.schema[column]!))
    this.#calls = plan.calls.map((call, i) => planner.call(call, plan.schema[keys.length + i]!))
    this.#errorState = this.#calls.some((call) => call.fails) ? planner.addState(errorState) : undefined
    this.#stream = planner.input
    const table = createKeyTable({ keys, states: planner.states, account })
    const indexes = planner.indexes.map((index) => createOrderedIndex({ table, ...index, mode: 'private', account }))
    this.#groups = { table, indexes }
    this.#touched = new TouchedCursor(table)
    this.#linear = this.#linearPlan()
    this.owns = [...this.#stream.feeds.flatMap((feed) => feed.owns), new GroupState(table, indexes, expire?.(table))]
  }

  /** Accumulators copy what they need; feeds may keep rows for `finish`. */
  get forgets(): 'absorbs' | undefined {
    return this.#stream.feeds.length === 0 ? 'absorbs' : undefined
  }

  get contents(): ViewContents {
    const { table } = this.#groups
    const errorField = this.#errorState === undefined ? undefined : stateField(table, this.#errorState)
    return { table, fields: this.#resultFields, errorField, computed: undefined }
  }

  /** The fields that hold the output columns. */
  get #resultFields(): readonly number[] {
    const { table } = this.#groups
    return [...this.#plan.groupKeys.keys(), ...this.#calls.map((call) => stateField(table, call.state))]
  }

  get code(): readonly string[] {
    const accumulators = accumulateText(this.#groups.table, this.#stream.ops, this.#plan.input.schema)
    return this.#linear === undefined ? [accumulators] : [accumulators, emitText(this.#linear)]
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    const { table } = this.#groups
    const slots = out.region.i32(batch.length)
    const keys = this.#plan.groupKeys.map((column) => batch.columns[column]!)
    const found = keys.length === 0 ? Math.min(1, batch.length) : batch.length
    findOrInsert(table, keys, found, slots)
    touch(table, slots, found)
    if (found < batch.length) slots.fill(slots[0]!)
    applyRows(table, this.#stream, slots, batch, out.region)
    out.spent(batch.length)
    return 'done'
  }

  finish(epoch: EpochContext, out: Output): Progress {
    if (epoch.first && this.#plan.global) findOrInsert(this.#groups.table, [], 1, new Int32Array(1))
    for (; this.#feed < this.#stream.feeds.length; this.#feed++)
      if (this.#stream.feeds[this.#feed]!.settle(out) === 'more') return 'more'
    const { region } = out
    for (let chunk = this.#touched.take(region); chunk !== undefined; chunk = this.#touched.take(region)) {
      this.#emit(this.#emitLinear(chunk, out), out)
      if (out.spent(chunk.length) && !this.#touched.atEnd) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#feed = 0
    this.#touched.reset()
    for (const feed of this.#stream.feeds) feed.reset()
  }

  /** The part of the chunk that the generated loop can do; returns the rest. */
  #emitLinear(chunk: Chunk, out: Output): Chunk {
    if (this.#linear === undefined) return chunk
    this.#emitter ??= new GroupEmitter(this.#linear)
    const from = this.#touched.position - chunk.length
    const { gone, come, done } = this.#emitter.emit(from, chunk.length, out.region)
    if (gone !== undefined) out.rows(gone)
    if (come !== undefined) out.rows(come)
    return { slots: chunk.slots.subarray(done), length: chunk.length - done }
  }

  #emit(chunk: Chunk, out: Output): void {
    if (chunk.length === 0) return
    const { region } = out
    const { table } = this.#groups
    const { slots, length } = chunk
    const shown = this.#shown(chunk, region)
    const old = gatherFields(table, this.#resultFields, slots, length, 'before', region)
    const { columns, errors } = this.#results(chunk, shown.after, region)
    if (!this.#plan.global) this.#freeEmpty(chunk, shown.after, region)
    if (this.#errorState !== undefined) this.#showErrors(this.#errorState, chunk, shown, errors, out)
    const now = [...gatherKeys(table, slots, length, region), ...columns]
    emitDifference({ columns: old, shown: shown.before }, { columns: now, shown: shown.after }, length, out)
  }

  /** Groups with an error show it instead of a row. */
  #showErrors(
    state: number,
    { slots, length }: Chunk,
    shown: { readonly before: Uint8Array; readonly after: Uint8Array },
    errors: readonly (SqlError | undefined)[] | undefined,
    out: Output,
  ): void {
    const { table } = this.#groups
    const before = gatherFields(table, [stateField(table, state)], slots, length, 'before', out.region)[0]!
    const after = errorColumn(errors, length, out.region)
    writeState(table, state, slots, length, after)
    emitGroupErrors({ before, after, length, label: this.label }, out)
    for (let i = 0; i < length; i++) {
      if (before.nulls?.[i] !== 1) shown.before[i] = 0
      if (after.nulls?.[i] !== 1) shown.after[i] = 0
    }
  }

  #linearPlan(): EmitPlan | undefined {
    const { table } = this.#groups
    const results = this.#calls.flatMap((call) => (call.linear === undefined ? [] : [call.linear]))
    if (results.length < this.#calls.length || !hasEmitLoop(table.layout, this.#resultFields)) return undefined
    return { table, results, global: this.#plan.global, errorState: this.#errorState }
  }

  /** Which groups have a row, before and after. */
  #shown(chunk: Chunk, region: Region): { readonly before: Uint8Array; readonly after: Uint8Array } {
    const { table } = this.#groups
    const { slots, length } = chunk
    const before = region.u8(length)
    const after = region.u8(length)
    const weights = weightsAt(table, 0, chunk, 'after', region)
    present(table, slots, length, 'before', before)
    for (let i = 0; i < length; i++) {
      assert(weights[i]! >= 0n, 'a row was retracted more often than it was inserted')
      after[i] = this.#plan.global || weights[i]! > 0n ? 1 : 0
    }
    return { before, after }
  }

  /** The calls' results, written into their states; the first error of each group that has one. */
  #results(
    chunk: Chunk,
    shown: Uint8Array,
    region: Region,
  ): { readonly columns: Column[]; readonly errors: (SqlError | undefined)[] | undefined } {
    const { table } = this.#groups
    let errors: (SqlError | undefined)[] | undefined
    const columns = this.#calls.map((call) => {
      const result = call.final(table, chunk, region)
      if (!call.isAccumulator) writeState(table, call.state, chunk.slots, chunk.length, result.column)
      if (result.errors !== undefined) {
        errors ??= new Array<SqlError | undefined>(chunk.length).fill(undefined)
        for (let i = 0; i < chunk.length; i++) if (shown[i] === 1) errors[i] ??= result.errors[i]
      }
      return result.column
    })
    return { columns, errors }
  }

  #freeEmpty({ slots, length }: Chunk, shown: Uint8Array, region: Region): void {
    const empty = region.i32(length)
    let count = 0
    for (let i = 0; i < length; i++) if (shown[i] === 0) empty[count++] = slots[i]!
    if (count > 0) free(this.#groups.table, empty, count)
  }
}
