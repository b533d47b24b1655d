// Ad-hoc reads of sources: the logs from their starts to the newest sealed epoch's offsets, or to their ends where no
// cursor reads them (spec/engine.md §6). Bad records are judged alike and written nowhere.
//
// The plan runs as a dataflow of its own over rounds of log rows; its deltas are summed at the end. Memory holds one
// round and the plan's state, not the log.

import type { Position, SourceOrigin } from '../connectors/source.ts'
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
import type { StatementSession } from './statement-session.ts'

const POLL_BYTES = 4 * 1024 * 1024
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
    const goals: { source: LiveSource; goal: readonly Position[] }[] = []
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

  /** Offsets of the newest sealed epoch where the source is read live, else the log's end of now. */
  async #goal(source: LiveSource): Promise<readonly Position[]> {
    const { cursors } = this.#session.core
    const cursor = cursors.get(source.id)
    if (cursor?.reading === true) return cursor.progress.map(({ partition, to }) => ({ partition, offset: to }))
    await using reader = cursors.open(source)
    return (await reader.ends()).map(({ partition, end }) => ({ partition, offset: end }))
  }

  async #read(source: LiveSource, goal: readonly Position[]): Promise<void> {
    const { signal, core } = this.#session
    const wanted = this.#columns(source)
    const { start } = source.object.origin as SourceOrigin
    const at = new Map(start.map(({ partition, offset }) => [partition, offset]))
    await using reader = core.cursors.open(source)
    for (;;) {
      const behind = goal.filter(({ partition, offset }) => (at.get(partition) ?? 0) < offset)
      if (behind.length === 0 || this.#enough()) return
      const positions = behind.map(({ partition }) => ({ partition, offset: at.get(partition) ?? 0 }))
      for (const chunk of await reader.poll(positions, { maxBytes: POLL_BYTES, maxWaitMs: 1000 }, signal)) {
        const until = Math.min(chunk.to, goal.find(({ partition }) => partition === chunk.partition)?.offset ?? 0)
        const records = until >= chunk.to ? chunk.records : chunk.recordsBelow(until)
        for (let skip = 0; skip < records && !this.#enough(); ) {
          const decoded = chunk.decode(wanted, { skip, max: Math.min(this.#roundRows(), records - skip) }, this.#round)
          this.#push(source, decoded.batch, wanted)
          skip += Math.max(1, decoded.batch.length + decoded.bad.length)
          await this.#step()
        }
        at.set(chunk.partition, until)
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
