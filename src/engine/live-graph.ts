// All relations of the running engine and one epoch's way through them (spec/engine.md §3–5).
//
//   base deltas (tables, sources) ──► views in dependency order: dataflow → consolidated delta → store ──► prepare ──►
//   seal
//
// State: the relations. Between epochs every delta is empty. Invariant: a view's store is the sum of its deltas, and
// equals its query over what it reads, epoch by epoch. A view that fails by itself (assertion, memory) is marked and
// the epoch is run again without it: it takes nothing else down.

import { assert } from '../core/assert.ts'
import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { Epoch, RelationId } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { concat } from '../core/primitives/concat.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import type { Region } from '../core/region.ts'
import type { Dataflow } from '../executor/dataflow.ts'
import type { EpochContext } from '../executor/operator.ts'
import { type SourceProgress, type TableChange, type ViewProgress, WHOLE_SOURCE } from '../storage/journal.ts'
import { applyDelta } from '../storage/view-store.ts'
import { applyDiverted } from './diverted.ts'
import { Imports } from './imports.ts'
import {
  disposeReader,
  type LiveReader,
  type LiveRelation,
  type LiveSubscription,
  type LiveTable,
  type LiveView,
  readerStates,
  tableStates,
} from './live-relation.ts'
import { unreadableQuery } from './readable.ts'
import { ArrangementFailure, failureReason, SharedArrangements } from './shared-arrangements.ts'
import { project } from './sparse-batch.ts'

/** Lets sockets and timers have a turn when the time slice is over. */
export type Yielder = () => Promise<void> | undefined

export class LiveGraph {
  readonly #relations = new Map<RelationId, LiveRelation>()
  /** Views in an order in which each stands after all that it reads. */
  #views: LiveView[] = []
  readonly #subscriptions = new Set<LiveSubscription>()
  readonly #indexes = new Map<RelationId, Imports>()
  /** Readers that have computed in the running epoch. */
  readonly #ran = new Set<LiveView | LiveSubscription>()
  readonly arrangements: SharedArrangements

  /** `account` pays for what is shared. */
  constructor(account: MemoryAccount) {
    this.arrangements = new SharedArrangements(account)
  }

  /** For a dataflow that is being built. */
  imports(label: string): Imports {
    const stored = (id: RelationId) => {
      const relation = this.#relations.get(id)
      return relation?.kind === 'source' ? undefined : relation
    }
    return new Imports(label, stored, this.arrangements)
  }

  get(id: RelationId): LiveRelation | undefined {
    return this.#relations.get(id)
  }

  get relations(): Iterable<LiveRelation> {
    return this.#relations.values()
  }

  get views(): readonly LiveView[] {
    return this.#views
  }

  /** A view is added after everything it reads, and brings its `$errors` with it. */
  add(relation: LiveRelation): void {
    this.#relations.set(relation.id, relation)
    if (relation.kind !== 'view') return
    this.#views.push(relation)
    if (relation.errors !== undefined) this.#relations.set(relation.errors.id, relation.errors)
  }

  /** An index keeps what it imports. */
  addIndex(id: RelationId, imports: Imports): void {
    this.#indexes.set(id, imports)
  }

  remove(id: RelationId): void {
    this.#indexes.get(id)?.[Symbol.dispose]()
    this.#indexes.delete(id)
    const relation = this.#relations.get(id)
    if (relation === undefined) return
    this.#relations.delete(id)
    this.#views = this.#views.filter((view) => view.id !== id)
    for (const subscription of this.#subscriptions)
      if (subscription.plan.dependencies.includes(id)) this.fail(subscription, relationDropped())
    if (relation.kind === 'view') disposeReader(relation)
    const own = relation.kind === 'table' && relation.object.errorsOf === undefined
    if (own) for (const state of tableStates(relation)) state[Symbol.dispose]()
  }

  subscribe(subscription: LiveSubscription): void {
    this.#subscriptions.add(subscription)
  }

  /** Between epochs. */
  unsubscribe(subscription: LiveSubscription): void {
    if (this.#subscriptions.delete(subscription)) disposeReader(subscription)
  }

  isSubscribed(subscription: LiveSubscription): boolean {
    return this.#subscriptions.has(subscription)
  }

  /** Views first, in order; what only looks on comes last. */
  get #readers(): readonly (LiveView | LiveSubscription)[] {
    return [...this.#views, ...this.#subscriptions]
  }

  /** Views and subscriptions that read this relation directly. */
  readers(id: RelationId): readonly (LiveView | LiveSubscription)[] {
    return this.#readers.filter((reader) => reader.plan.dependencies.includes(id))
  }

  /** Computes every view's delta from the base deltas that stand in tables and sources. */
  async compute(epoch: Epoch, time: bigint, region: Region, giveWay: Yielder): Promise<void> {
    for (const { id, kind, delta } of this.#relations.values())
      if (kind !== 'view') this.arrangements.write(id, delta, region)
    for (const reader of this.#readers) {
      if (!this.#due(reader, time)) continue
      this.#ran.add(reader)
      try {
        const root = reader.dataflow.advance((scan) => this.#relations.get(scan.relation)?.frontiers.current ?? [])
        for (const scan of reader.dataflow.scans)
          for (const batch of this.#relations.get(scan.relation)?.delta ?? [])
            reader.dataflow.push(scan, project(batch, scan.columns))
        const output = await runDataflow(reader.dataflow, epochContext(reader, epoch, time), region, giveWay)
        const errors = reader.dataflow.errors.changes.length > 0
        const shown = reader.held?.take(output, { epoch, time, closes: reader.dataflow.closed, errors }, region)
        applyOutput(reader, shown ?? output, region)
        if (reader.kind === 'view' && (reader.held?.releases ?? true)) reader.frontiers.set(root)
      } catch (error) {
        throw new ReaderFailure(reader, error)
      }
      if (reader.kind === 'view') this.#writeArrangements(reader, region)
    }
  }

  #writeArrangements({ id, delta, errors }: LiveView, region: Region): void {
    this.arrangements.write(id, delta, region)
    if (errors !== undefined) this.arrangements.write(errors.id, errors.delta, region)
  }

  /** Why what it holds is not right: it, or the view whose errors it holds, has failed. */
  failureIn(relation: LiveRelation | undefined): SqlError | undefined {
    if (relation?.kind === 'view') return relation.failed
    if (relation?.kind !== 'table' || relation.object.errorsOf === undefined) return undefined
    return this.failureIn(this.#relations.get(relation.object.errorsOf))
  }

  /** Has something to compute in this epoch: changed inputs, its first epoch, or what its time has come for. */
  #due(reader: LiveReader, time: bigint): boolean {
    if (reader.failed !== undefined) return false
    if (!reader.started || reader.held?.releasesAt(time) === true) return true
    const wakeAt = reader.dataflow.wakeAt
    if (wakeAt !== undefined && wakeAt <= time) return true
    return reader.plan.dependencies.some((id) => {
      const input = this.#relations.get(id)
      return input !== undefined && (input.delta.length > 0 || input.frontiers.moved)
    })
  }

  /** When an epoch is due that nothing but time asks for; undefined: none is. */
  get wakeAt(): bigint | undefined {
    let first: bigint | undefined
    for (const { failed, held, dataflow } of this.#readers) {
      if (failed !== undefined) continue
      for (const at of [held?.wakeAt, dataflow.wakeAt])
        if (at !== undefined && (first === undefined || at < first)) first = at
    }
    return first
  }

  /** How far views that hold back changes come in the running epoch, for its record. */
  get viewProgress(): readonly ViewProgress[] {
    return this.#views.flatMap((view) => view.held?.progress(view.id, view.frontiers.current) ?? [])
  }

  /** Changes of the running epoch that nobody could compute again: of tables, and of what such views show. */
  get recorded(): readonly TableChange[] {
    const changes: TableChange[] = []
    for (const relation of this.#relations.values())
      if (isRecorded(relation)) for (const batch of relation.delta) changes.push({ relation: relation.id, batch })
    return changes
  }

  /** Watermarks of tables and sources that the running epoch moves, for its record. */
  get watermarks(): readonly SourceProgress[] {
    return [...this.#relations.values()].flatMap((relation) => {
      if (relation.kind === 'view' || relation.watermark?.moved !== true) return []
      return [timeProgress(relation.id, relation.kind === 'table' ? 0 : WHOLE_SOURCE, relation.watermark.value)]
    })
  }

  /** Everything that has changed can be sealed, or this throws and `abort` is due. */
  prepare(): void {
    for (const table of this.#tables())
      if (table.delta.length > 0) for (const state of tableStates(table)) state.prepare()
    for (const reader of this.#ran) {
      try {
        reader.dataflow.prepare()
        reader.held?.prepare()
        if (reader.kind === 'view') reader.store.prepare()
      } catch (error) {
        throw new ReaderFailure(reader, error)
      }
    }
    this.arrangements.prepare()
  }

  /** The epoch is durable: its changes become what readers see; `told` runs while its deltas still stand. */
  seal(told: () => void = () => {}): void {
    for (const table of this.#tables()) if (table.delta.length > 0) for (const state of tableStates(table)) state.seal()
    for (const reader of this.#ran) {
      reader.dataflow.seal()
      reader.held?.sealWith(() => unreadableQuery(this, reader))
      if (reader.kind === 'view') reader.store.seal()
      reader.started = true
    }
    this.#ran.clear()
    this.arrangements.seal()
    told()
    for (const relation of this.#relations.values()) relation.frontiers.seal()
    for (const relation of this.#relations.values()) if (relation.kind !== 'view') relation.watermark?.seal()
    this.#clearDeltas()
  }

  /**
   * Views and subscriptions forget the epoch; base deltas and tables keep theirs, so that it can be run again without a
   * failed view.
   */
  abortReaders(): void {
    this.#ran.clear()
    for (const reader of this.#readers) {
      reader.dataflow.abort()
      reader.delta.length = 0
      for (const state of readerStates(reader)) state.abort()
      if (reader.kind !== 'view') continue
      reader.frontiers.abort()
      if (reader.errors !== undefined) reader.errors.delta.length = 0
    }
    this.arrangements.abort()
  }

  /** After `compute` or `prepare` has thrown: what failed by itself is marked, so that the epoch can run without it. */
  giveUp(failure: ReaderFailure | ArrangementFailure): void {
    this.abortReaders()
    if (failure instanceof ReaderFailure) this.fail(failure.reader, failure.reason)
    else this.#failArrangement(failure)
  }

  /** All that reads it fails; it is written no more. */
  #failArrangement({ shared, reason }: ArrangementFailure): void {
    const owners = new Set([...shared.uses].map((use) => use.owner))
    this.arrangements.remove(shared)
    for (const owner of owners) owner.failed = reason
    for (const reader of this.#readers) if (owners.has(reader.imports)) this.fail(reader, reason)
  }

  /** Forgets the rows that came from sources, which are taken again. */
  clearSources(): void {
    for (const relation of this.#relations.values()) if (relation.kind === 'source') relation.delta.length = 0
  }

  /** The whole epoch is given up. */
  abort(): void {
    this.abortReaders()
    for (const relation of this.#relations.values()) {
      if (relation.kind === 'view') continue
      if (relation.kind === 'table') for (const state of tableStates(relation)) state.abort()
      relation.watermark?.abort()
      relation.frontiers.abort()
    }
    this.#clearDeltas()
  }

  /** Marks a view and all above it as failed. */
  fail(reader: LiveView | LiveSubscription, error: SqlError): void {
    if (reader.failed !== undefined) return
    reader.failed = error
    reader.imports[Symbol.dispose]()
    if (reader.kind !== 'view') return
    for (const id of [reader.id, ...(reader.errors === undefined ? [] : [reader.errors.id])])
      for (const above of this.readers(id)) this.fail(above, error)
  }

  *#tables(): Generator<LiveTable> {
    for (const relation of this.#relations.values()) if (relation.kind === 'table') yield relation
  }

  #clearDeltas(): void {
    for (const relation of this.#relations.values()) relation.delta.length = 0
    for (const subscription of this.#subscriptions) subscription.delta.length = 0
  }
}

/** Whether what it holds cannot be computed again: a table's, unless a view's errors; a view's, if it shows a past. */
const isRecorded = (relation: LiveRelation): relation is LiveTable | LiveView =>
  relation.kind === 'table'
    ? relation.object.errorsOf === undefined
    : relation.kind === 'view' && relation.held !== undefined

/** What a view or subscription, or a shared arrangement, suffers by itself; undefined: something else. */
export const failureOf = (error: unknown): ReaderFailure | ArrangementFailure | undefined =>
  error instanceof ReaderFailure || error instanceof ArrangementFailure ? error : undefined

/** A watermark as that of a partition that is never read. */
const timeProgress = (source: RelationId, partition: number, watermark: bigint | undefined): SourceProgress => ({
  source,
  partition,
  from: 0,
  to: 0,
  records: 0,
  digest: 0n,
  watermark,
  raises: [],
})

/** What went wrong inside one view or subscription: the engine marks it and goes on without it. */
export class ReaderFailure extends Error {
  readonly reader: LiveView | LiveSubscription
  readonly reason: SqlError

  constructor(reader: LiveView | LiveSubscription, cause: unknown) {
    super(`${reader.label} failed`, { cause })
    this.reader = reader
    this.reason = failureReason(this.message, cause)
  }
}

/** 42P01: what a subscription reads is gone. */
const relationDropped = (): SqlError =>
  new SqlError({ code: '42P01', message: 'the subscription ended, because a relation that it reads was dropped' })

export const epochContext = (view: { readonly started: boolean }, epoch: Epoch, time: bigint): EpochContext => ({
  epoch,
  time,
  frontiers: [],
  first: !view.started,
  last: false,
})

/** Runs a dataflow whose inputs were pushed through one epoch; its output, each row once in all the batches. */
export async function runDataflow(
  dataflow: Dataflow,
  context: EpochContext,
  region: Region,
  giveWay: Yielder,
): Promise<readonly Batch[]> {
  const batches: Batch[] = []
  for (const _ of dataflow.run(context, region, (batch) => batches.push(batch))) {
    const turn = giveWay()
    if (turn !== undefined) await turn
  }
  if (dataflow.consolidated) return batches
  const output = consolidated(batches, region)
  return output === undefined ? [] : [output]
}

/** Several batches of one delta as one consolidated batch; undefined where nothing is left. */
export function consolidated(batches: readonly Batch[], region: Region): Batch | undefined {
  if (batches.length === 0) return undefined
  const whole = batches.length === 1 ? batches[0]! : concat(batches, region)
  const result = consolidate(whole, region)
  return result.length === 0 ? undefined : result
}

/** A view's contents and delta; a subscriber's delta is one batch. */
export function applyOutput(reader: LiveView | LiveSubscription, output: readonly Batch[], region: Region): void {
  if (reader.kind === 'subscription') {
    if (output.length > 0) reader.delta.push(output.length === 1 ? output[0]! : concat(output, region))
    return
  }
  for (const batch of output) {
    const violation = applyDelta(reader.store, batch, region)
    assert(violation === undefined, `its delta does not fit its contents: ${violation?.kind} row`)
    reader.delta.push(batch)
  }
  if (reader.errors !== undefined) applyDiverted(reader.errors, reader.dataflow.diverted!.take(), region)
}
