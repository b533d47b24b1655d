// A lane: how a new view (or subscription) comes to stand beside running ones (spec/engine.md §6).
//
//   bulk       the stored inputs' contents at one epoch, then the sources' logs from their starts, in rounds of their
//   own
//   catch-up   deltas of stored inputs kept since, and the log up to where the live cursors stand by now
//   splice     between two epochs: the rest, offset vectors compared, attached to the live graph
//
// State: the reader's own dataflow (nothing of it is shared with running views), read positions, and the pending
// deltas. A round is an epoch of that dataflow alone: pushed, run, prepared, sealed; no journal, since until the splice
// nothing of it exists for anybody else. Because accepted rows are a function of the log (C4), the sum is the same as
// if the view had always been there. At its memory limit the lane fails, and nothing else.

import type { Chunk, Position, SourceOrigin, SourceReader } from '../connectors/source.ts'
import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import { copyOut } from '../core/primitives/concat.ts'
import { Region } from '../core/region.ts'
import type { EngineCore, RunningLane } from './core.ts'
import { applyOutput, epochContext, runDataflow } from './live-graph.ts'
import { type LiveSource, type LiveSubscription, type LiveView, scannedColumns } from './live-relation.ts'
import { scanBatches } from './reads.ts'

const POLL_BYTES = 4 * 1024 * 1024
const ROUND_ROWS = 65_536
/** Records left at which the rest is read inside the turn that splices. */
const REST_RECORDS = 131_072
/**
 * How long that turn waits for a log that sends nothing, at first and at most: everybody else waits meanwhile. A log
 * that is slow to answer gets more time with each try; one that is away costs the others no more than this.
 */
const FIRST_PATIENCE_MS = 20
const PATIENCE_MAX_MS = 500
const POLL_WAIT_MS = 1000

interface Tail {
  readonly source: LiveSource
  readonly reader: SourceReader
  readonly columns: readonly number[]
  /** Next offset per partition. */
  readonly positions: Map<number, number>
}

export class Lane implements RunningLane {
  readonly #core: EngineCore
  readonly #target: LiveView | LiveSubscription
  readonly #region: Region
  readonly #pendingRegion: Region
  readonly #pending = new Map<RelationId, Batch[]>()
  readonly #tails: Tail[] = []
  readonly #signal: AbortSignal
  #done = 0
  #patienceMs = FIRST_PATIENCE_MS

  constructor(core: EngineCore, target: LiveView | LiveSubscription, signal: AbortSignal) {
    this.#core = core
    this.#target = target
    this.#signal = signal
    this.#region = new Region(target.account)
    this.#pendingRegion = new Region(target.account)
  }

  get target(): LiveView | LiveSubscription {
    return this.#target
  }

  /** Records read so far, and how many there are to be read up to the live cursors. */
  get progress(): RunningLane['progress'] {
    const left = this.#tails.reduce((sum, tail) => sum + this.#left(tail), 0)
    return { done: this.#done, total: this.#done + left }
  }

  /** `attach` runs in the splicing turn, when the reader's contents are those of the newest sealed epoch. */
  async run(attach: () => void | Promise<void>): Promise<void> {
    const { pump, lanes } = this.#core
    try {
      await pump.turn(() => this.#bulk())
      while (!(await pump.turn(() => this.#splice(attach)))) await this.#catchUp()
    } finally {
      lanes.delete(this)
      this.#region[Symbol.dispose]()
      this.#pendingRegion[Symbol.dispose]()
      for (const tail of this.#tails) await tail.reader[Symbol.asyncDispose]()
    }
  }

  /** The stored inputs' contents, as one round. */
  async #bulk(): Promise<void> {
    const core = this.#core
    await core.pump.barrier()
    const { dataflow, plan } = this.#target
    for (const scan of dataflow.scans) {
      const input = core.graph.get(scan.relation)
      if (input === undefined) throw systemInput(scan.name)
      if (input.kind === 'source') continue
      if (input.kind === 'view' && input.failed !== undefined) throw input.failed
      for (const batch of scanBatches(input.store, scan.columns, 'before', this.#region)) dataflow.push(scan, batch)
    }
    await this.#round()
    for (const id of plan.dependencies) {
      const source = core.graph.get(id)
      if (source?.kind === 'source') this.#open(source)
    }
    core.lanes.add(this)
  }

  #open(source: LiveSource): void {
    const columns = scannedColumns([this.#target], source.id)
    const { start } = source.object.origin as SourceOrigin
    const positions = new Map(start.map(({ partition, offset }) => [partition, offset]))
    this.#tails.push({ source, reader: this.#core.cursors.open(source), columns, positions })
  }

  /** An epoch was sealed; its deltas still stand in the graph. */
  sealed(): void {
    for (const id of this.#target.plan.dependencies) {
      const input = this.#core.graph.get(id)
      if (input === undefined || input.kind === 'source' || input.delta.length === 0) continue
      const kept = this.#pending.get(id) ?? []
      kept.push(copyOut(input.delta, this.#pendingRegion))
      this.#pending.set(id, kept)
    }
  }

  /** Reads on until the live cursors' positions of now. */
  async #catchUp(): Promise<void> {
    for (const tail of this.#tails) {
      const goal = this.#goal(tail)
      while (this.#behind(tail, goal)) await this.#readSome(tail, goal, POLL_WAIT_MS)
    }
  }

  /** The same where nobody else may wait for long: false if a log did not send in time. */
  async #readRest(): Promise<boolean> {
    for (const tail of this.#tails) {
      const goal = this.#goal(tail)
      while (this.#behind(tail, goal)) {
        if (await this.#readSome(tail, goal, this.#patienceMs)) continue
        this.#patienceMs = Math.min(PATIENCE_MAX_MS, 2 * this.#patienceMs)
        return false
      }
    }
    return true
  }

  /** True when it is done. In this turn no epoch runs, so a small rest can be read to its end. */
  async #splice(attach: () => void | Promise<void>): Promise<boolean> {
    this.#signal.throwIfAborted()
    await this.#core.pump.barrier()
    if (this.#tails.reduce((sum, tail) => sum + this.#left(tail), 0) > REST_RECORDS) return false
    if (!(await this.#readRest())) return false
    for (const scan of this.#target.dataflow.scans)
      for (const batch of this.#pending.get(scan.relation) ?? [])
        this.#target.dataflow.push(scan, { ...batch, columns: scan.columns.map((column) => batch.columns[column]!) })
    this.#pending.clear()
    await this.#round()
    this.#core.lanes.delete(this)
    await attach()
    return true
  }

  /** False: nothing came. */
  async #readSome(tail: Tail, goal: readonly Position[], maxWaitMs: number): Promise<boolean> {
    this.#signal.throwIfAborted()
    const behind = goal.filter(({ partition, offset }) => (tail.positions.get(partition) ?? 0) < offset)
    const positions = behind.map(({ partition }) => ({ partition, offset: tail.positions.get(partition) ?? 0 }))
    const chunks = await tail.reader.poll(positions, { maxBytes: POLL_BYTES, maxWaitMs }, this.#signal)
    for (const chunk of chunks) {
      const until = goal.find(({ partition }) => partition === chunk.partition)?.offset ?? chunk.from
      await this.#readChunk(tail, chunk, Math.min(until, chunk.to))
    }
    return chunks.length > 0
  }

  async #readChunk(tail: Tail, chunk: Chunk, until: number): Promise<void> {
    const records = until >= chunk.to ? chunk.records : chunk.recordsBelow(until)
    for (let skip = 0; skip < records; ) {
      const range = { skip, max: Math.min(ROUND_ROWS, records - skip) }
      const decoded = chunk.decode(tail.columns, range, this.#region)
      for (const scan of this.#target.dataflow.scans) {
        if (scan.relation !== tail.source.id) continue
        const columns = scan.columns.map((column) => decoded.batch.columns[tail.columns.indexOf(column)]!)
        this.#target.dataflow.push(scan, { ...decoded.batch, columns })
      }
      const count = decoded.batch.length + decoded.bad.length
      skip += Math.max(1, count)
      this.#done += count
      await this.#round()
    }
    tail.positions.set(chunk.partition, until)
  }

  async #round(): Promise<void> {
    const target = this.#target
    const { epoch, time } = this.#core.pump.last
    const output = await runDataflow(
      target.dataflow,
      epochContext(target, epoch, time),
      this.#region,
      this.#core.giveWay,
    )
    applyOutput(target, output, this.#region)
    target.dataflow.prepare()
    if (target.kind === 'view') target.store.prepare()
    target.dataflow.seal()
    if (target.kind === 'view') target.store.seal()
    this.#onRound?.(target.delta)
    target.delta.length = 0
    target.started = true
    this.#region.recycle()
  }

  /** A subscription collects what its contents are; set before `run`. */
  #onRound: ((delta: readonly Batch[]) => void) | undefined

  /** Calls `collect` with each round's output, valid during the call. */
  collecting(collect: (delta: readonly Batch[]) => void): this {
    this.#onRound = collect
    return this
  }

  #goal(tail: Tail): readonly Position[] {
    const cursor = this.#core.cursors.get(tail.source.id)
    return (cursor?.progress ?? []).map(({ partition, to }) => ({ partition, offset: to }))
  }

  #behind(tail: Tail, goal: readonly Position[]): boolean {
    return goal.some(({ partition, offset }) => (tail.positions.get(partition) ?? 0) < offset)
  }

  #left(tail: Tail): number {
    return this.#goal(tail).reduce(
      (sum, { partition, offset }) => sum + Math.max(0, offset - (tail.positions.get(partition) ?? 0)),
      0,
    )
  }
}

/** 0A000. */
const systemInput = (name: string): SqlError =>
  new SqlError({
    code: '0A000',
    message: `system relation "${name}" cannot be read by a materialized view or a subscription`,
    hint: 'System relations are computed when they are read; read it ad hoc.',
  })
