// Ad-hoc reads of sources: the logs from their starts to the newest sealed epoch's offsets, or to their ends where no
// cursor reads them (spec/engine.md §6). Bad records are judged alike and written nowhere.
//
// The plan runs as a dataflow of its own over rounds of log rows; its deltas are summed at the end. Memory holds one
// round and the plan's state, not the log.

import type { SourceOrigin } from '../connectors/source.ts'
import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { concat, copyOut } from '../core/primitives/concat.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import { Region } from '../core/region.ts'
import { buildDataflow } from '../executor/build.ts'
import type { Dataflow } from '../executor/dataflow.ts'
import type { Environment } from '../executor/expr/closures.ts'
import type { PlannedQuery } from '../planner/plan.ts'
import { epochContext, runDataflow } from './live-graph.ts'
import { type LiveSource, scannedColumns } from './live-relation.ts'
import { checkReadable } from './readable.ts'
import { scanBatches } from './reads.ts'
import { type LogGoal, SourceLog } from './source-log.ts'
import type { StatementSession } from './statement-session.ts'

const ROUND_ROWS = 65_536
/** Deltas kept before they are summed up. */
const KEPT_ROWS = 262_144

/** The part of a planned statement that matters here. */
type SourcePlan = Pick<PlannedQuery, 'physical' | 'dependencies'> & Partial<Pick<PlannedQuery, 'limit' | 'offset'>>

export interface SourceRun {
  readonly env: Environment
  readonly account: MemoryAccount
  /** Where the result lives. */
  readonly region: Region
}

export async function readSources(
  session: StatementSession,
  plan: SourcePlan,
  run: SourceRun,
): Promise<readonly Batch[]> {
  using reader = new SourceRead(session, plan, run)
  return await reader.run()
}

class SourceRead implements Disposable {
  readonly #session: StatementSession
  readonly #plan: SourcePlan
  readonly #run: SourceRun
  readonly #dataflow: Dataflow
  readonly #round: Region
  #kept: Batch[] = []
  #keptRows = 0
  /** Rows that came out, in all. */
  #rows = 0
  #keptRegion: Region
  #started = false

  constructor(session: StatementSession, plan: SourcePlan, run: SourceRun) {
    this.#session = session
    this.#plan = plan
    this.#run = run
    this.#dataflow = buildDataflow(plan.physical, { env: run.env, account: run.account, oneShot: false })
    this.#round = new Region(run.account)
    this.#keptRegion = new Region(run.account)
  }

  async run(): Promise<readonly Batch[]> {
    const { core } = this.#session
    const goals: { source: LiveSource; goal: LogGoal }[] = []
    for (const id of this.#plan.dependencies) {
      const source = core.graph.get(id)
      if (source?.kind === 'source') goals.push({ source, goal: await this.#goal(source) })
    }
    for (const scan of this.#dataflow.scans) {
      const input = core.graph.get(scan.relation)
      if (input === undefined || input.kind === 'source') continue
      if (input.kind === 'view') checkReadable(core.graph, input)
      for (const batch of scanBatches(input.store, scan.columns, 'before', this.#round))
        this.#dataflow.push(scan, batch)
    }
    await this.#step()
    for (const { source, goal } of goals) await this.#read(source, goal)
    const [error] = this.#dataflow.errors.errors
    if (error !== undefined) throw new SqlError({ code: error.code, message: error.message })
    return this.#kept.length === 0
      ? []
      : [copied(consolidate(concat(this.#kept, this.#run.region), this.#run.region), this.#run.region)]
  }

  /**
   * Offsets of the newest sealed epoch where the source is read live, else the log's end of now. What lies beyond the
   * cursor's position is judged as it will be when the cursor goes on.
   */
  async #goal(source: LiveSource): Promise<LogGoal> {
    const { cursors } = this.#session.core
    const cursor = cursors.get(source.id)
    const watermark = source.watermark?.sealed
    const progress = cursor?.progress ?? []
    if (cursor?.reading === true) return { partitions: progress, watermark }
    await using reader = cursors.open(source)
    const { start } = source.object.origin as SourceOrigin
    const partitions = (await reader.ends()).map(({ partition, end }) => {
      const raises = progress.find((one) => one.partition === partition)?.raises ?? []
      const raise = watermark === undefined ? [] : [{ offset: cursor?.position(partition, start) ?? 0, watermark }]
      return { partition, to: end, raises: [...raises, ...raise] }
    })
    return { partitions, watermark: undefined }
  }

  async #read(source: LiveSource, goal: LogGoal): Promise<void> {
    const { signal, core } = this.#session
    await using log = new SourceLog(source, core.cursors.open(source), this.#columns(source))
    while (log.behind(goal).length > 0 && !this.#enough()) {
      const piece = await log.next(goal, { maxRows: this.#roundRows(), maxWaitMs: 1000 }, this.#round, signal)
      if (piece !== undefined) {
        this.#push(source, piece.batch, log.columns)
        await this.#step()
      }
      signal.throwIfAborted()
    }
  }

  /** LIMIT without ORDER BY, and rows that nothing takes back: any so many will do, so reading ends early. */
  #enough(): boolean {
    return this.#rows >= this.#wanted()
  }

  #wanted(): number {
    const { limit, offset = 0n, physical } = this.#plan
    return limit === undefined || !physical.insertOnly ? Number.POSITIVE_INFINITY : Number(limit + offset)
  }

  /** A small LIMIT is met by few rows, most often: the first rounds are small. */
  #roundRows(): number {
    return Math.min(ROUND_ROWS, Math.max(1024, this.#wanted()))
  }

  #columns(source: LiveSource): readonly number[] {
    return scannedColumns([{ dataflow: this.#dataflow }], source.id)
  }

  #push(source: LiveSource, batch: Batch, wanted: readonly number[]): void {
    for (const scan of this.#dataflow.scans) {
      if (scan.relation !== source.id) continue
      this.#dataflow.push(scan, {
        ...batch,
        columns: scan.columns.map((column) => batch.columns[wanted.indexOf(column)]!),
      })
    }
  }

  async #step(): Promise<void> {
    const { core } = this.#session
    const { epoch, time } = core.pump.last
    const context = epochContext({ started: this.#started }, epoch, time)
    const output = await runDataflow(this.#dataflow, context, this.#round, core.giveWay)
    this.#started = true
    this.#dataflow.prepare()
    this.#dataflow.seal()
    for (const batch of output) this.#keep(batch)
    this.#round.recycle()
  }

  #keep(output: Batch): void {
    this.#kept.push(copied(output, this.#keptRegion))
    this.#keptRows += output.length
    this.#rows += output.length
    if (this.#keptRows < KEPT_ROWS || this.#plan.physical.insertOnly) return
    const next = new Region(this.#run.account)
    const sum = copied(consolidate(concat(this.#kept, this.#keptRegion), this.#keptRegion), next)
    this.#keptRegion[Symbol.dispose]()
    this.#keptRegion = next
    this.#kept = [sum]
    this.#keptRows = sum.length < KEPT_ROWS ? sum.length : 0
  }

  [Symbol.dispose](): void {
    this.#dataflow[Symbol.dispose]()
    this.#round[Symbol.dispose]()
    this.#keptRegion[Symbol.dispose]()
  }
}

/** With arrays and arenas of its own. */
const copied = (batch: Batch, region: Region): Batch => copyOut([batch], region)
