// Relations while the engine runs: what the catalog declares, with its contents, plan and dataflow.
//
//   table    store                           changed by transactions
//   source   no store                        its live cursor brings the epoch's rows
//   view     dataflow → delta → store        changed by what it reads; an aggregate's own table is its store
//
// `delta` is what the relation changes in the running epoch: written once, read by every view above, by subscribers and
// by the journal; empty between epochs.

import type { Batch } from '../core/batch.ts'
import type { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { Schema } from '../core/schema.ts'
import type { Dataflow } from '../executor/dataflow.ts'
import type { PlannedQuery } from '../planner/plan.ts'
import type { EpochState } from '../storage/arrangement.ts'
import type { MaterializedViewObject, SourceObject, TableObject } from '../storage/catalog.ts'
import type { ViewStore } from '../storage/view-store.ts'
import type { ComputedColumns } from './computed-columns.ts'
import type { FrontierState } from './frontier-state.ts'
import type { HeldChanges } from './held-changes.ts'
import type { Imports } from './imports.ts'
import type { SparseBatch } from './sparse-batch.ts'
import type { Watermark } from './watermark.ts'
import type { WatermarkRule } from './watermark-rule.ts'

export interface LiveTable {
  readonly kind: 'table'
  readonly id: RelationId
  readonly schema: Schema
  readonly store: ViewStore
  readonly account: MemoryAccount
  /** Constraints and unique indexes. */
  uniques: readonly LiveUnique[]
  readonly delta: Batch[]
  readonly frontiers: FrontierState
  readonly watermark: Watermark | undefined
  /** `<name>$late`, where late rows are kept. */
  readonly lateTable: () => LiveTable | undefined
  object: TableObject
}

/**
 * A unique constraint: `store` holds its columns' values, keyed by them; the table's own store where that is so keyed.
 */
export interface LiveUnique {
  readonly name: string
  readonly columns: readonly number[]
  readonly nullsNotDistinct?: boolean | undefined
  readonly store: ViewStore
}

export interface LiveSource {
  readonly kind: 'source'
  readonly id: RelationId
  readonly schema: Schema
  /** Rows the live cursor brought in this epoch; columns nobody reads are holes. */
  readonly delta: SparseBatch[]
  readonly computed: ComputedColumns | undefined
  readonly frontiers: FrontierState
  /** W of the source; and how its rows are judged, partition by partition. */
  readonly watermark: Watermark | undefined
  readonly rule: WatermarkRule | undefined
  object: SourceObject
}

/** A plan that is kept up to date: what views and subscriptions have in common. */
export interface LiveReader {
  /** Stands in messages: `materialized view "hot"`. */
  readonly label: string
  readonly plan: PlannedQuery
  readonly dataflow: Dataflow
  /** What the dataflow reads of arrangements that are shared. */
  readonly imports: Imports
  readonly account: MemoryAccount
  readonly delta: Batch[]
  /** Delayed emission: what its query has changed and it does not show yet. */
  readonly held: HeldChanges | undefined
  /** False until its dataflow ran once: operators with rows over nothing emit them then. */
  started: boolean
  /** Our mistake or its memory limit ended it: reading fails with this until it is dropped. */
  failed: SqlError | undefined
}

export interface LiveView extends LiveReader {
  readonly kind: 'view'
  readonly id: RelationId
  readonly schema: Schema
  readonly store: ViewStore
  readonly frontiers: FrontierState
  /** `<name>$errors`; absent: a row on which an expression fails makes the view unreadable. */
  readonly errors: LiveTable | undefined
  object: MaterializedViewObject
}

/** Its deltas go to a client instead of a store. */
export interface LiveSubscription extends LiveReader {
  readonly kind: 'subscription'
}

export type LiveRelation = LiveTable | LiveSource | LiveView

/** Columns of a relation that these readers scan, ascending. */
export function scannedColumns(
  readers: Iterable<{ readonly dataflow: Dataflow }>,
  relation: RelationId,
): readonly number[] {
  const columns = new Set<number>()
  for (const { dataflow } of readers)
    for (const scan of dataflow.scans)
      if (scan.relation === relation) for (const column of scan.columns) columns.add(column)
  return [...columns].sort((a, b) => a - b)
}

export function disposeReader(reader: LiveView | LiveSubscription): void {
  reader.dataflow[Symbol.dispose]()
  reader.imports[Symbol.dispose]()
  for (const state of readerStates(reader)) state[Symbol.dispose]()
}

/** What a reader writes beside the state of its dataflow. */
export const readerStates = (reader: LiveView | LiveSubscription): readonly EpochState[] => [
  ...(reader.held === undefined ? [] : [reader.held]),
  ...(reader.kind === 'view' ? [reader.store] : []),
  ...(reader.kind === 'view' && reader.errors !== undefined ? tableStates(reader.errors) : []),
]

/** Everything of a table that keeps state through epochs. */
export const tableStates = (table: LiveTable): readonly ViewStore[] => [
  ...new Set([table.store, ...table.uniques.map((unique) => unique.store)]),
]
