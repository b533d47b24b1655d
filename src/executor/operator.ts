// What an operator is (spec/engine.md §3): deltas in, deltas out; deterministic, synchronous, no clock, no I/O.
//
// Per epoch the scheduler calls `push` any number of times, then `finish` once all inputs have finished. Both return
// 'more' when an output budget was spent: the same call is then repeated, with the same arguments, before any other
// call to this operator. State changes once per input row, before its first output. All state is in what `owns` lists.

import type { Batch } from '../core/batch.ts'
import type { Epoch } from '../core/ids.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { ViewContents } from '../storage/view-store.ts'

export type Progress = 'done' | 'more'

/** Keeps state through epochs. The engine prepares, seals, aborts and accounts each exactly once (engine spec §4). */
export interface Stateful extends Disposable {
  /** Checks that what the epoch did can be sealed (every retraction found its row) and reserves memory. */
  prepare(): void
  /** The epoch is durable: its changes become the sealed contents. Cannot fail. */
  seal(): void
  /** The epoch is given up: the contents are those of the last seal again. */
  abort(): void
  /** Live bytes. */
  readonly bytes: number
}

/** An error in a row, or of a group: data with a weight (operators spec §9). */
export interface RowError {
  readonly code: string
  readonly message: string
  /** Label of the operator it arose in. */
  readonly operator: string
  readonly weight: number
  /** The input row on which an expression failed. Absent: an error of a group or of the whole, or no row is known. */
  readonly row?: RowReference | undefined
}

/** Valid during the call that reports the error. */
export interface RowReference {
  readonly schema: Schema
  readonly batch: Batch
  readonly index: number
}

export interface Output {
  /** Takes a batch whose arrays belong to the epoch's region; the operator never writes to it again. */
  rows(batch: Batch): void
  error(error: RowError): void
  /** Counts work (rows consumed plus candidates visited); true when a budget is spent and 'more' should be returned. */
  spent(work: number): boolean
  /** Where output and scratch arrays of this call are allocated. */
  readonly region: Region
}

/** Per column its frontier: no change below it will come (planner/frontiers.ts). Undefined: nothing is promised. */
export type Frontiers = readonly (bigint | undefined)[]

export interface EpochContext {
  readonly epoch: Epoch
  /** T(e), µs from 1970. */
  readonly time: bigint
  /** Of the node's inputs, by port; empty where the plan has none. */
  readonly frontiers: readonly Frontiers[]
  /** True in the first epoch of a dataflow: operators with rows over nothing (global aggregates, VALUES) emit them. */
  readonly first: boolean
  /** One-shot plans: the input has ended; nothing follows. */
  readonly last: boolean
}

export interface Operator {
  /** 'Aggregate', 'Join left' …: for EXPLAIN, traces and errors. */
  readonly label: string
  readonly schema: Schema
  readonly owns: readonly Stateful[]
  push(port: number, batch: Batch, out: Output): Progress
  finish(epoch: EpochContext, out: Output): Progress
  /** Where its table holds, slot by slot, the sum of what it has emitted: each row once, of weight 1. */
  readonly contents?: ViewContents
  /** Whether rows became final in the running epoch: EMIT ON WINDOW CLOSE AND CHANGES. */
  readonly closed?: boolean
  /**
   * Once a push is done nothing looks at its batch or at memory of the region any more, but for what came out of it
   * (`passes`); where nothing comes out before `finish` it `absorbs`. Undefined: batches may be kept to the end.
   */
  readonly forgets?: 'passes' | 'absorbs' | undefined
  /** T from which on its output changes though no input does, as of the last seal; undefined: never. */
  readonly wakeAt?: bigint | undefined
  /** Text of the operator's own generated loops, for EXPLAIN (CODE). */
  readonly code?: readonly string[]
  /** Drops kept batches and cursors of an aborted epoch. State is aborted through `owns`. */
  reset(): void
}
