// All relations of the running engine and one epoch's way through them (spec/engine.md §3–5).
//
//   base deltas (tables, sources) ──► views in dependency order: dataflow → consolidated delta → store ──► prepare ──► seal
//
// State: the relations. Between epochs every delta is empty. Invariant: a view's store is the sum of its deltas, and equals
// its query over what it reads, epoch by epoch. A view that fails by itself (assertion, memory) is marked and the epoch is
// run again without it: it takes nothing else down.

import { AssertionError, assert } from '../core/assert.ts'
import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { Epoch, RelationId } from '../core/ids.ts'
import { concat } from '../core/primitives/concat.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import type { Region } from '../core/region.ts'
import type { Dataflow } from '../executor/dataflow.ts'
import type { EpochContext } from '../executor/operator.ts'
import { applyDelta } from '../storage/view-store.ts'
import { type LiveRelation, type LiveTable, type LiveView, project, tableStates } from './live-relation.ts'

/** Lets sockets and timers have a turn when the time slice is over. */
export type Yielder = () => Promise<void> | undefined

export class LiveGraph {
  readonly #relations = new Map<RelationId, LiveRelation>()
  /** Views in an order in which each stands after all that it reads. */
  #views: LiveView[] = []

  get(id: RelationId): LiveRelation | undefined {
    return this.#relations.get(id)
  }

  get relations(): Iterable<LiveRelation> {
    return this.#relations.values()
  }

  get views(): readonly LiveView[] {
    return this.#views
  }

  /** A view is added after everything it reads. */
  add(relation: LiveRelation): void {
    this.#relations.set(relation.id, relation)
    if (relation.kind === 'view') this.#views.push(relation)
  }

  remove(id: RelationId): void {
    const relation = this.#relations.get(id)
    if (relation === undefined) return
    this.#relations.delete(id)
    this.#views = this.#views.filter((view) => view.id !== id)
    if (relation.kind === 'view') relation.dataflow[Symbol.dispose]()
    if (relation.kind === 'view') relation.store[Symbol.dispose]()
    if (relation.kind === 'table') for (const state of tableStates(relation)) state[Symbol.dispose]()
  }

  /** Views that read this relation directly. */
  readers(id: RelationId): readonly LiveView[] {
    return this.#views.filter((view) => view.plan.dependencies.includes(id))
  }

  /** Computes every view's delta from the base deltas that stand in tables and sources. */
  async compute(epoch: Epoch, time: bigint, region: Region, giveWay: Yielder): Promise<void> {
    for (const view of this.#views) {
      if (view.failed !== undefined || !this.#hasInput(view)) continue
      try {
        for (const scan of view.dataflow.scans)
          for (const batch of this.#relations.get(scan.relation)!.delta)
            view.dataflow.push(scan, project(batch, scan.columns))
        const output = await runDataflow(view.dataflow, epochContext(view, epoch, time), region, giveWay)
        applyToView(view, output, region)
      } catch (error) {
        throw new ViewFailure(view, error)
      }
    }
  }

  #hasInput(view: LiveView): boolean {
    return view.plan.dependencies.some((id) => (this.#relations.get(id)?.delta.length ?? 0) > 0)
  }

  /** Everything that has changed can be sealed, or this throws and `abort` is due. */
  prepare(): void {
    for (const table of this.#tables())
      if (table.delta.length > 0) for (const state of tableStates(table)) state.prepare()
    for (const view of this.#views) {
      if (view.failed !== undefined) continue
      try {
        view.dataflow.prepare()
        view.store.prepare()
      } catch (error) {
        throw new ViewFailure(view, error)
      }
    }
  }

  /** The epoch is durable: its changes become what readers see. */
  seal(): void {
    for (const table of this.#tables()) if (table.delta.length > 0) for (const state of tableStates(table)) state.seal()
    for (const view of this.#views) {
      if (view.failed !== undefined) continue
      view.dataflow.seal()
      view.store.seal()
      view.started = true
    }
    this.#clearDeltas()
  }

  /** Views forget the epoch; base deltas and tables keep theirs, so that it can be run again without a failed view. */
  abortViews(): void {
    for (const view of this.#views) {
      view.dataflow.abort()
      view.store.abort()
      view.delta.length = 0
    }
  }

  /** The whole epoch is given up. */
  abort(): void {
    this.abortViews()
    for (const table of this.#tables()) for (const state of tableStates(table)) state.abort()
    this.#clearDeltas()
  }

  /** Marks a view and all views above it as failed. */
  fail(view: LiveView, error: SqlError): void {
    if (view.failed !== undefined) return
    view.failed = error
    for (const reader of this.readers(view.id)) this.fail(reader, error)
  }

  *#tables(): Generator<LiveTable> {
    for (const relation of this.#relations.values()) if (relation.kind === 'table') yield relation
  }

  #clearDeltas(): void {
    for (const relation of this.#relations.values()) relation.delta.length = 0
  }
}

/** What went wrong inside one view: the engine marks it and goes on without it. */
export class ViewFailure extends Error {
  readonly view: LiveView
  readonly reason: SqlError

  constructor(view: LiveView, cause: unknown) {
    super(`view "${view.object.name}" failed`, { cause })
    this.view = view
    this.reason = viewFailed(view.object.name, cause)
  }
}

/** XX000 for our mistakes; 53200 and the like as they are. */
function viewFailed(name: string, cause: unknown): SqlError {
  if (cause instanceof SqlError)
    return new SqlError({ ...cause, code: cause.code, message: `materialized view "${name}" failed: ${cause.message}` })
  if (!(cause instanceof AssertionError) && !(cause instanceof Error)) throw cause
  return new SqlError({
    code: 'XX000',
    message: `materialized view "${name}" failed: ${cause.message}`,
    hint: 'This is a mistake of the server. Other relations are not affected; drop the view and create it again.',
  })
}

export const epochContext = (view: { readonly started: boolean }, epoch: Epoch, time: bigint): EpochContext => ({
  epoch,
  time,
  frontiers: [],
  first: !view.started,
  last: false,
})

/** Runs a dataflow whose inputs were pushed through one epoch; its consolidated output, if there is any. */
export async function runDataflow(
  dataflow: Dataflow,
  context: EpochContext,
  region: Region,
  giveWay: Yielder,
): Promise<Batch | undefined> {
  const batches: Batch[] = []
  for (const _ of dataflow.run(context, region, (batch) => batches.push(batch))) {
    const turn = giveWay()
    if (turn !== undefined) await turn
  }
  return consolidated(batches, region)
}

/** Several batches of one delta as one consolidated batch; undefined where nothing is left. */
export function consolidated(batches: readonly Batch[], region: Region): Batch | undefined {
  if (batches.length === 0) return undefined
  const whole = batches.length === 1 ? batches[0]! : concat(batches, region)
  const result = consolidate(whole, region)
  return result.length === 0 ? undefined : result
}

export function applyToView(view: LiveView, output: Batch | undefined, region: Region): void {
  if (output === undefined) return
  const violation = applyDelta(view.store, output, region)
  assert(violation === undefined, `its delta does not fit its contents: ${violation?.kind} row`)
  view.delta.push(output)
}
