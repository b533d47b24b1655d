// The pump: turns, epochs and their order (spec/engine.md §5). The only place where an epoch begins or ends.
//
//   turn*                  work between epochs, one after the other: DML, commits, DDL, splices
//   epoch                  collected changes + source rows → views → prepare → record durable → seal → told
//
// State: a queue of turns and whether the loop runs. There is never more than one unsealed epoch, and no turn runs
// while one is: statements that come in meanwhile wait in the queue and are then collected into the next epoch together
// (group commit). Reads need no turn: they see sealed contents at any time.

import { assert } from '../core/assert.ts'
import type { Clock, Timer, Timers } from '../core/clock.ts'
import { SqlError } from '../core/error.ts'
import { type CatalogVersion, type Epoch, epoch } from '../core/ids.ts'
import type { Region } from '../core/region.ts'
import type { SourceProgress } from '../storage/journal.ts'
import { type CollectedMark, markCollected, takeBack } from './collecting.ts'
import type { JournalWriter } from './journal-writer.ts'
import { failureOf, type LiveGraph, type Yielder } from './live-graph.ts'

/** What of the outside brings rows into epochs: the live cursors of sources. */
export interface Intake {
  /** Is anything there to be taken, or has time come so far that something closes? */
  readonly pending: boolean
  /**
   * Puts the next rows, at most about `maxRows`, into the sources' deltas; their bad records into tables' deltas. Does
   * not throw: a source whose rows cannot be taken stops. `at`: the epoch that they go into.
   */
  take(maxRows: number, region: Region, at: SealedEpoch): readonly SourceProgress[]
  /** The epoch is sealed: positions move. */
  sealed(): void
  /** The epoch's region was recycled: nothing refers to the bytes it was made of. */
  recycled(): void
  /** The epoch was given up: what was taken is taken again. */
  aborted(): void
  /** What was taken last cannot be made an epoch of: its sources stop with this error. */
  refused(error: SqlError): void
}

/** What one epoch took. */
export interface RecentEpoch {
  readonly epoch: number
  readonly time: bigint
  readonly rows: number
  readonly computeMs: number
  readonly syncMs: number
}

export interface SealedEpoch {
  readonly epoch: Epoch
  readonly time: bigint
}

export interface PumpParts {
  readonly graph: LiveGraph
  readonly journal: JournalWriter
  readonly clock: Clock
  readonly timers: Timers
  readonly region: Region
  readonly intake: Intake
  readonly giveWay: Yielder
  readonly catalogVersion: () => CatalogVersion
  /** T from which on an epoch is due that nothing but time asks for; undefined: none is. */
  readonly wakeAt: () => bigint | undefined
  /** After the deltas are computed and sealed, before they are cleared: subscriptions copy what they need. */
  readonly onSeal: (sealed: SealedEpoch) => void
  readonly onFailure: (message: string, error: unknown) => void
}

/** Rows of an epoch at first; adapts so that computing takes about EPOCH_MS (or as long as a sync does). */
const FIRST_ROWS = 8192
const MAX_ROWS = 262_144
const MIN_ROWS = 1024
const EPOCH_MS = 5
/** The clock may jump: a timer is never set for longer. */
const TIMER_MS_MAX = 500
/** Epochs remembered for millrace.epochs. */
const RECENT_EPOCHS = 256

export class Pump {
  readonly #parts: PumpParts
  readonly #turns: (() => void | Promise<void>)[] = []
  #running = false
  #stopped = false
  #dirty = false
  #rows = FIRST_ROWS
  /** Records that the running epoch took from sources. */
  #taken = 0
  /** Counts what empties the region: a mark is good within one. */
  #generation = 0
  #sealed: SealedEpoch
  #waiters: { resolve: () => void; reject: (error: unknown) => void }[] = []
  #idle: (() => void)[] = []
  #broken: SqlError | undefined
  readonly #recent: RecentEpoch[] = []
  #timer: Timer | undefined

  constructor(parts: PumpParts, last: SealedEpoch) {
    this.#parts = parts
    this.#sealed = last
  }

  /** The newest visible epoch. */
  get last(): SealedEpoch {
    return this.#sealed
  }

  /** False once a failed write has stopped the journal. */
  get writable(): boolean {
    return this.#broken === undefined
  }

  /** The last epochs, newest last: for millrace.epochs. */
  get recent(): readonly RecentEpoch[] {
    return this.#recent
  }

  /** Runs `work` when no epoch is unsealed; nothing else runs until it has ended. `patience` ends the wait. */
  turn<T>(work: () => T | Promise<T>, patience?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(patience!.reason as Error)
      if (patience?.aborted === true) return giveUp()
      patience?.addEventListener('abort', giveUp, { once: true })
      this.#turns.push(async () => {
        if (patience?.aborted === true) return
        patience?.removeEventListener('abort', giveUp)
        try {
          resolve(await work())
        } catch (error) {
          reject(error as Error)
        }
      })
      this.kick()
    })
  }

  /**
   * A turn that changes tables: refused once a failed write has stopped the journal (58030). If it throws, nothing of
   * it is left in the collecting epoch, and what others put there stays.
   */
  change<T>(work: () => T | Promise<T>, patience?: AbortSignal): Promise<T> {
    const { graph, region } = this.#parts
    return this.turn(async () => {
      this.checkWritable()
      const mark = markCollected(graph, region)
      const generation = this.#generation
      try {
        return await work()
      } catch (error) {
        takeBack(generation === this.#generation ? mark : NOTHING_COLLECTED, graph, region)
        throw error
      }
    }, patience)
  }

  checkWritable(): void {
    if (this.#broken !== undefined) throw this.#broken
  }

  /**
   * Inside a turn: table deltas were put into the graph. The promise is settled with the epoch that holds them:
   * resolved when it is durable and visible, rejected when it was given up.
   */
  collect(): Promise<void> {
    this.#dirty = true
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
    })
  }

  /** Inside a turn: seals what was collected so far (DDL is a barrier). */
  async barrier(): Promise<void> {
    if (this.#dirty) await this.#epoch()
  }

  /**
   * Inside a turn, after a barrier: an epoch with nothing in it but the name of a new catalog version, durable on
   * return. The version is not visible before.
   */
  async commitVersion(version: CatalogVersion): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
    })
    await this.#epoch(version)
    await done
  }

  /** Source rows have arrived, or a turn was queued. */
  kick(): void {
    if (this.#running || this.#stopped) return
    this.#running = true
    void this.#loop()
  }

  /** Lets the running epoch end and starts no other. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  async #loop(): Promise<void> {
    try {
      while (!this.#stopped) {
        while (this.#turns.length > 0) await this.#turns.shift()!()
        if (this.#broken === undefined && (this.#dirty || this.#parts.intake.pending || this.#due)) await this.#epoch()
        else if (this.#turns.length === 0) break
      }
    } finally {
      this.#running = false
      this.#setTimer()
      for (const resolve of this.#idle.splice(0)) resolve()
    }
  }

  /** What waits for its time alone has it. */
  get #due(): boolean {
    const at = this.#parts.wakeAt()
    return at !== undefined && at <= this.#nextTime
  }

  /** T of an epoch that began now: it never goes back. */
  get #nextTime(): bigint {
    const now = this.#parts.clock.now()
    return now > this.#sealed.time ? now : this.#sealed.time + 1n
  }

  #setTimer(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    const at = this.#stopped || this.#broken !== undefined ? undefined : this.#parts.wakeAt()
    if (at === undefined) return
    const left = Number(at - this.#parts.clock.now()) / 1000
    const delay = Math.max(1, Math.min(TIMER_MS_MAX, Math.ceil(left)))
    this.#timer = this.#parts.timers.after(delay, () => this.kick())
  }

  /** `version`: the epoch is there to name it, and takes nothing from sources. */
  async #epoch(version?: CatalogVersion): Promise<void> {
    const waiters = this.#waiters.splice(0)
    this.#dirty = false
    this.#taken = 0
    try {
      await this.#run(version)
      for (const waiter of waiters) waiter.resolve()
    } catch (error) {
      this.#giveUp(error)
      for (const waiter of waiters) waiter.reject(error)
    }
  }

  #giveUp(error: unknown): void {
    const { graph, intake, onFailure } = this.#parts
    graph.abort()
    if (this.#broken === undefined && this.#taken > 0) this.#shrink(error)
    else intake.aborted()
    this.#recycle()
    onFailure('the epoch was given up', error)
  }

  /** The next epoch takes half of what this one took; of a single record that fails, the source stops. */
  #shrink(error: unknown): void {
    const { intake } = this.#parts
    if (this.#taken > 1) intake.aborted()
    else intake.refused(error instanceof SqlError ? error : epochFailed(error))
    this.#rows = Math.max(1, Math.floor(Math.min(this.#rows, this.#taken) / 2))
  }

  #recycle(): void {
    this.#parts.region.recycle()
    this.#generation++
  }

  async #run(version: CatalogVersion | undefined): Promise<void> {
    const { graph, journal, clock, intake } = this.#parts
    const number = epoch(this.#sealed.epoch + 1)
    const time = this.#nextTime
    const start = clock.monotonicMs()
    const sources = await this.#fill(number, time, version === undefined)
    const computed = clock.monotonicMs()
    const catalogVersion = version ?? this.#parts.catalogVersion()
    const progress = [...sources, ...graph.watermarks]
    const { recorded: tables, viewProgress: views } = graph
    try {
      await journal.append({ kind: 'epoch', epoch: number, time, catalogVersion, sources: progress, tables, views })
    } catch (error) {
      this.#broken = error instanceof SqlError ? error : undefined
      throw error
    }
    this.#sealed = { epoch: number, time }
    graph.seal(() => this.#parts.onSeal(this.#sealed))
    intake.sealed()
    this.#recycle()
    intake.recycled()
    const rows = this.#taken
    const took = { computeMs: computed - start, syncMs: clock.monotonicMs() - computed }
    this.#recent.push({ epoch: number, time, rows, ...took })
    if (this.#recent.length > RECENT_EPOCHS) this.#recent.shift()
    this.#adapt(rows, took)
  }

  /** Takes rows of sources and runs the views; fewer rows where the memory of a view or of the epoch ends. */
  async #fill(number: Epoch, time: bigint, fromSources: boolean): Promise<readonly SourceProgress[]> {
    const { graph, region, intake } = this.#parts
    const mark = markCollected(graph, region)
    for (;;) {
      const sources = fromSources ? intake.take(this.#rows, region, { epoch: number, time }) : []
      this.#taken = sources.reduce((sum, progress) => sum + progress.records, 0)
      try {
        await this.#compute(number, time)
        return sources
      } catch (error) {
        if (failureOf(error) === undefined) throw error
        graph.abortReaders()
        graph.clearSources()
        this.#shrink(error)
        takeBack(mark, graph, region)
      }
    }
  }

  /**
   * Runs the views; one that fails by itself is marked, and the same inputs are run again without it. Throws where it
   * is a lack of memory that fewer rows may not have.
   */
  async #compute(number: Epoch, time: bigint): Promise<void> {
    const { graph, region, giveWay } = this.#parts
    for (;;) {
      try {
        await graph.compute(number, time, region, giveWay)
        graph.prepare()
        return
      } catch (error) {
        const failure = failureOf(error)
        if (failure === undefined || (failure.reason.code === '53200' && this.#taken > 1)) throw error
        graph.giveUp(failure)
        this.#parts.onFailure(failure.message, failure.cause)
      }
    }
  }

  #adapt(taken: number, { computeMs, syncMs }: { computeMs: number; syncMs: number }): void {
    if (taken < this.#rows / 2) return
    const aim = Math.max(EPOCH_MS, syncMs)
    const factor = Math.min(2, Math.max(0.5, aim / Math.max(computeMs, 0.01)))
    const least = Math.min(MIN_ROWS, this.#rows * 2)
    this.#rows = Math.round(Math.min(MAX_ROWS, Math.max(least, this.#rows * factor)))
    assert(Number.isFinite(this.#rows), 'the row budget is a number')
  }
}

const NOTHING_COLLECTED: CollectedMark = { region: { block: 0, offset: 0, largeBytes: 0 }, batches: new Map() }

/** XX000: an epoch that failed by a mistake of ours, over one record. */
const epochFailed = (cause: unknown): SqlError =>
  new SqlError({
    code: 'XX000',
    message: `a record could not be processed: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'The source stands before it. Drop the source and create it again to go on after it.',
  })
