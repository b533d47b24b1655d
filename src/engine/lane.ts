// A lane: how a new view (or subscription) comes to stand beside running ones (spec/engine.md §6).
//
//   bulk       contents of stored inputs, from snapshots of one epoch h, and the sources' logs from their starts, in
//              rounds of their own behind the live epochs
//   catch-up   to a target e: the log up to where the live cursors stand, and in one round what stored inputs changed
//              since the last target; imported arrangements are then read at the last target (before) and at e (after)
//   splice     between two epochs: the rest, up to the live contents; then all readers are live and in the graph
//
// State: the reader's own dataflow, snapshots of what it imports, read positions, and the pending deltas. A round is an
// epoch of that dataflow alone: pushed, run, prepared, sealed; no journal, since until the splice nothing of it exists
// for anybody else. Arrangements that did not exist are filled here first and shared from the splice on (imports.ts).
// Because accepted rows are a function of the log (C4), the sum is the same as if the view had always been there. At
// its memory limit the lane fails, and nothing else.

import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import { Region } from '../core/region.ts'
import type { ScanNode } from '../planner/physical.ts'
import { snapshotStore, type ViewSnapshot, type ViewStore } from '../storage/view-store.ts'
import type { EngineCore, RunningLane } from './core.ts'
import { applyOutput, epochContext, runDataflow } from './live-graph.ts'
import { type LiveSource, type LiveSubscription, type LiveView, readerStates, scannedColumns } from './live-relation.ts'
import { PendingDeltas } from './pending-deltas.ts'
import { scanBatches } from './reads.ts'
import { arrangeRows, sealShared, writeShared } from './shared-arrangements.ts'
import { type LogGoal, SourceLog } from './source-log.ts'
import { project } from './sparse-batch.ts'

const ROUND_ROWS = 65_536
/** Changes of stored inputs that fit into one epoch. */
const REST_ROWS = 8192
/** Records left at which the rest is read inside the turn that splices. */
const REST_RECORDS = 131_072
/**
 * How long that turn waits for a log that sends nothing, at first and at most: everybody else waits meanwhile. A log
 * that is slow to answer gets more time with each try; one that is away costs the others no more than this.
 */
const FIRST_PATIENCE_MS = 20
const PATIENCE_MAX_MS = 500
const POLL_WAIT_MS = 1000

/** Contents of a stored input at the epoch where the lane began. */
interface LaneInput {
  readonly store: ViewStore
  readonly snapshot: ViewSnapshot
}

export class Lane implements RunningLane {
  readonly #core: EngineCore
  readonly #target: LiveView | LiveSubscription
  readonly #region: Region
  readonly #pending: PendingDeltas
  readonly #contents = new Map<RelationId, LaneInput>()
  readonly #tails: SourceLog[] = []
  readonly #signal: AbortSignal
  #cancelled: SqlError | undefined
  #done = 0
  #patienceMs = FIRST_PATIENCE_MS
  #rows = 0
  /** Rows of stored inputs that were left at the last attempt to splice. */
  #lastRest = Number.POSITIVE_INFINITY

  constructor(core: EngineCore, target: LiveView | LiveSubscription, signal: AbortSignal) {
    this.#core = core
    this.#target = target
    this.#signal = signal
    this.#region = new Region(target.account)
    this.#pending = new PendingDeltas(target.account)
  }

  get target(): LiveView | LiveSubscription {
    return this.#target
  }

  /** Records read so far, and how many there are to be read up to the live cursors. */
  get progress(): RunningLane['progress'] {
    const left = this.#tails.reduce((sum, tail) => sum + this.#left(tail), 0)
    return { done: this.#done, total: this.#done + left }
  }

  cancel(reason: SqlError): void {
    this.#cancelled ??= reason
  }

  /** `attach` runs in the splicing turn, when the reader's contents are those of the newest sealed epoch. */
  async run(attach: () => void | Promise<void>): Promise<void> {
    const { pump, lanes } = this.#core
    try {
      await pump.turn(() => this.#begin())
      await this.#bulk()
      while (!(await pump.turn(() => this.#splice(attach)))) await this.#catchUp()
    } finally {
      lanes.delete(this)
      this.#release()
      this.#region[Symbol.dispose]()
      this.#pending[Symbol.dispose]()
      for (const tail of this.#tails) await tail[Symbol.asyncDispose]()
    }
  }

  /** Between epochs: h is the newest sealed one. */
  async #begin(): Promise<void> {
    const core = this.#core
    await core.pump.barrier()
    const { dataflow, plan, imports, account } = this.#target
    for (const { relation, name } of dataflow.scans)
      if (core.graph.get(relation) === undefined) throw core.system.has(relation) ? systemInput(name) : gone(name)
    imports.resolve()
    for (const id of plan.dependencies) {
      const input = core.graph.get(id)
      if (input?.kind === 'source') this.#open(input)
      else if (input !== undefined) {
        const failure = core.graph.failureIn(input)
        if (failure !== undefined) throw failure
        this.#contents.set(id, { store: input.store, snapshot: snapshotStore(input.store, account) })
      }
    }
    imports.hold(dataflow.imports, account)
    core.lanes.add(this)
  }

  #open(source: LiveSource): void {
    const columns = scannedColumns([this.#target], source.id)
    this.#tails.push(new SourceLog(source, this.#core.cursors.open(source), columns))
  }

  async #bulk(): Promise<void> {
    const { dataflow, imports } = this.#target
    for (const made of imports.made)
      for (const batch of this.#scan(made.shape.relation, made.columns)) {
        arrangeRows(made, batch, this.#region)
        if (this.#full(batch)) await this.#roundOfMade()
      }
    await this.#roundOfMade()
    const how = new Map(dataflow.imports.map((input) => [input.scan, input.bulk]))
    for (const scan of dataflow.scans) if ((how.get(scan) ?? 'scan') === 'scan') await this.#pushContents(scan)
    await this.#round()
    await this.#readLogs()
    for (const input of dataflow.imports) {
      if (input.bulk !== 'last') continue
      await this.#pushContents(input.scan)
      await this.#round()
      imports.begin(input)
    }
    this.#release()
  }

  async #pushContents(scan: ScanNode): Promise<void> {
    for (const batch of this.#scan(scan.relation, scan.columns)) {
      this.#target.dataflow.push(scan, batch)
      if (this.#full(batch)) await this.#round()
    }
  }

  /** A stored input at h. */
  *#scan(relation: RelationId, columns: readonly number[]): Generator<Batch> {
    const input = this.#contents.get(relation)
    if (input !== undefined) yield* scanBatches(input.store, columns, input.snapshot, this.#region)
  }

  /** Enough for a round. */
  #full(batch: Batch): boolean {
    this.#rows += batch.length
    return this.#rows >= ROUND_ROWS
  }

  /** Snapshots of whole inputs are needed no more. */
  #release(): void {
    for (const { snapshot } of this.#contents.values()) snapshot[Symbol.dispose]()
    this.#contents.clear()
  }

  /** An epoch was sealed; its deltas still stand in the graph. */
  sealed(): void {
    for (const id of this.#target.plan.dependencies) {
      const input = this.#core.graph.get(id)
      if (input !== undefined && input.kind !== 'source') this.#pending.add(id, input.delta)
    }
  }

  /** Reads on until the live cursors' positions of now. */
  async #readLogs(): Promise<void> {
    for (const tail of this.#tails) {
      const goal = this.#goal(tail)
      while (tail.behind(goal).length > 0) await this.#readSome(tail, goal, POLL_WAIT_MS)
    }
  }

  /** The same where nobody else may wait for long: false if a log did not send in time. */
  async #readRest(): Promise<boolean> {
    for (const tail of this.#tails) {
      const goal = this.#goal(tail)
      while (tail.behind(goal).length > 0) {
        if (await this.#readSome(tail, goal, this.#patienceMs)) continue
        this.#patienceMs = Math.min(PATIENCE_MAX_MS, 2 * this.#patienceMs)
        return false
      }
    }
    return true
  }

  async #catchUp(): Promise<void> {
    await this.#readLogs()
    await this.#follow(false)
  }

  /** One round from the last target to the next, or to what is live. */
  async #follow(live: boolean): Promise<void> {
    const { dataflow, imports } = this.#target
    imports.advance(live)
    for (const made of imports.made)
      for (const batch of this.#pending.of(made.shape.relation)) writeShared(made, batch, this.#region)
    for (const scan of dataflow.scans)
      for (const batch of this.#pending.of(scan.relation)) dataflow.push(scan, project(batch, scan.columns))
    if (live) this.#advance()
    await this.#round()
    if (!live) imports.advanced()
  }

  /** True when it is done. In this turn no epoch runs, so a small rest can be read to its end. */
  async #splice(attach: () => void | Promise<void>): Promise<boolean> {
    const { imports, plan, account } = this.#target
    const { pump, graph, lanes } = this.#core
    await pump.barrier()
    this.#check()
    const { rows } = this.#pending
    const records = this.#tails.reduce((sum, tail) => sum + this.#left(tail), 0)
    // Where a round leaves as much as it took, more rounds would not help.
    const small = records <= REST_RECORDS && (rows <= REST_ROWS || rows > this.#lastRest / 2)
    this.#lastRest = rows
    const rest = small && (await this.#readRest())
    this.#pending.cut()
    if (!rest) {
      imports.aim(account)
      return false
    }
    await this.#follow(true)
    for (const id of plan.dependencies) {
      const failure = graph.failureIn(graph.get(id))
      if (failure !== undefined) throw failure
    }
    lanes.delete(this)
    imports.settle()
    this.#target.held?.begin(pump.last.time)
    await attach()
    return true
  }

  /** Throws where there is no use in going on. */
  #check(): void {
    this.#signal.throwIfAborted()
    const failed = this.#cancelled ?? this.#target.imports.failed
    if (failed !== undefined) throw failed
  }

  /** False: nothing came. */
  async #readSome(tail: SourceLog, goal: LogGoal, maxWaitMs: number): Promise<boolean> {
    this.#check()
    const piece = await tail.next(goal, { maxRows: ROUND_ROWS, maxWaitMs }, this.#region, this.#signal)
    if (piece === undefined) return false
    for (const scan of this.#target.dataflow.scans) {
      if (scan.relation !== tail.source.id) continue
      const columns = scan.columns.map((column) => piece.batch.columns[tail.columns.indexOf(column)]!)
      this.#target.dataflow.push(scan, { ...piece.batch, columns })
    }
    this.#done += piece.records
    this.#pass(tail, goal)
    await this.#round()
    return true
  }

  /**
   * Time as far as it has come in what was read, so that windows close and go on the way. Of a log alone: what is read
   * beside others waits for them.
   */
  #pass(tail: SourceLog, goal: LogGoal): void {
    if (this.#target.plan.dependencies.length > 1) return
    const frontiers = tail.frontiers(goal)
    if (frontiers.length > 0) this.#target.dataflow.advance(() => frontiers)
  }

  /** Rows for the arrangements that are being made. */
  async #roundOfMade(): Promise<void> {
    this.#check()
    for (const made of this.#target.imports.made) made.arrangement.prepare()
    for (const made of this.#target.imports.made) sealShared(made)
    this.#region.recycle()
    this.#rows = 0
    const turn = this.#core.giveWay()
    if (turn !== undefined) await turn
  }

  /** All rows are there: from now on time counts, and what has closed comes out. */
  #advance(): void {
    const target = this.#target
    const root = target.dataflow.advance(({ relation }) => this.#core.graph.get(relation)?.frontiers.sealed ?? [])
    if (target.kind !== 'view' || target.held !== undefined) return
    target.frontiers.set(root)
    target.frontiers.seal()
  }

  async #round(): Promise<void> {
    this.#check()
    const target = this.#target
    const made = [...target.imports.made].filter((one) => one.changed)
    const { epoch, time } = this.#core.pump.last
    const output = await runDataflow(
      target.dataflow,
      epochContext(target, epoch, time),
      this.#region,
      this.#core.giveWay,
    )
    // A subscription's contents are shown at once; a view with delayed emission has shown nothing yet.
    if (target.kind === 'view' && target.held !== undefined) target.held.collect(output, this.#region)
    else applyOutput(target, output, this.#region)
    for (const { arrangement } of made) arrangement.prepare()
    target.dataflow.prepare()
    const states = readerStates(target)
    for (const state of states) state.prepare()
    for (const one of made) sealShared(one)
    target.dataflow.seal()
    for (const state of states) state.seal()
    this.#onRound?.(target.delta)
    target.delta.length = 0
    if (target.kind === 'view' && target.errors !== undefined) target.errors.delta.length = 0
    target.started = true
    this.#region.recycle()
    this.#rows = 0
  }

  /** A subscription collects what its contents are; set before `run`. */
  #onRound: ((delta: readonly Batch[]) => void) | undefined

  /** Calls `collect` with each round's output, valid during the call. */
  collecting(collect: (delta: readonly Batch[]) => void): this {
    this.#onRound = collect
    return this
  }

  #goal(tail: SourceLog): LogGoal {
    return {
      partitions: this.#core.cursors.get(tail.source.id)?.progress ?? [],
      watermark: tail.source.watermark?.sealed,
    }
  }

  #left(tail: SourceLog): number {
    return tail.left(this.#goal(tail))
  }
}

/** 42P01: dropped since the query was planned. */
const gone = (name: string): SqlError => new SqlError({ code: '42P01', message: `relation "${name}" does not exist` })

/** 0A000. */
const systemInput = (name: string): SqlError =>
  new SqlError({
    code: '0A000',
    message: `system relation "${name}" cannot be read by a materialized view or a subscription`,
    hint: 'System relations are computed when they are read; read it ad hoc.',
  })
