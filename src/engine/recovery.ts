// Recovery: the graph is filled again from what is durable, then fed the logs up to the recorded offsets (engine §9).
//
//   tables      contents from the base record and the records after it
//   sources     read again from their starts to O(e), in rounds of the same graph; digests are compared at the end
//   views       recomputed by those rounds; nothing is journalled, nothing is visible before all are at e
//
// A log that no longer reaches back, or that is not the one that was read (digest), fails the views over that source by
// name; tables and other views work.

import type { SourceReader } from '../connectors/source.ts'
import type { Batch, Column } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import { concat } from '../core/primitives/concat.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import type { Region } from '../core/region.ts'
import { type SourceProgress, type TableChange, WHOLE_SOURCE } from '../storage/journal.ts'
import type { EngineCore } from './core.ts'
import type { Recovered } from './data-directory.ts'
import { failureOf } from './live-graph.ts'
import { type LiveSource, scannedColumns } from './live-relation.ts'
import { unreadableQuery } from './readable.ts'
import { type LogGoal, SourceLog } from './source-log.ts'
import { applyAgain } from './table-writer.ts'

const ROUND_ROWS = 65_536
const POLL_WAIT_MS = 2000
/** Polls that bring nothing after which the log is asked where it ends. */
const EMPTY_POLLS_MAX = 5
/** How often a log may say that it goes on and bring nothing. */
const EMPTY_ROUNDS_MAX = 3

/** Consolidated contents of every table, for start-up compaction. */
export function tableContents(recovered: Recovered, region: Region): readonly TableChange[] {
  return [...recovered.tables].flatMap(([relation, changes]) => {
    const batch = consolidate(
      concat(
        changes.map((change) => change.batch),
        region,
      ),
      region,
    )
    return batch.length === 0 ? [] : [{ relation, batch }]
  })
}

/** Fills tables and rebuilds views. All relations are in the graph; no epoch runs yet. */
export async function rebuild(core: EngineCore, recovered: Recovered, contents: readonly TableChange[]): Promise<void> {
  for (const { relation, batch } of contents) {
    const table = core.graph.get(relation)
    if (table?.kind !== 'table') continue
    applyAgain({ table, delta: batch }, core.region)
    table.delta.push(batch)
  }
  for (const view of core.graph.views)
    view.held?.restore(contents.filter(({ relation }) => relation === view.id).map(({ batch }) => batch))
  await round(core)
  for (const { source, partition, watermark } of recovered.sources) {
    const relation = core.graph.get(source)
    if (relation === undefined || relation.kind === 'view' || watermark === undefined) continue
    if (relation.kind === 'table' || partition === WHOLE_SOURCE) relation.watermark?.restore(watermark)
  }
  const bySource = new Map<RelationId, SourceProgress[]>()
  for (const progress of recovered.sources)
    if (progress.partition !== WHOLE_SOURCE)
      bySource.set(progress.source, [...(bySource.get(progress.source) ?? []), progress])
  for (const [id, progress] of bySource) {
    const source = core.graph.get(id)
    if (source?.kind !== 'source' || core.graph.readers(id).length === 0) continue
    try {
      await replay(core, source, progress)
    } catch (error) {
      const reason = error instanceof SqlError ? error : sourceUnreadable(source.object.name, error)
      core.host.log('error', reason.message, { source: source.object.name })
      for (const reader of core.graph.readers(id)) core.graph.fail(reader, reason)
    }
  }
  await restoreTime(core, recovered)
  for (const view of core.graph.views) {
    const progress = recovered.views.find((one) => one.view === view.id)
    view.held?.restored(progress, core.pump.last.time, unreadableQuery(core.graph, view), core.region)
  }
  core.region.recycle()
}

/**
 * Time goes on from where it stood only when all rows are there again: what has closed by then closes at once, and
 * nothing closes half-filled.
 */
async function restoreTime(core: EngineCore, recovered: Recovered): Promise<void> {
  for (const relation of core.graph.relations)
    if (relation.kind !== 'view' && relation.watermark?.value !== undefined)
      relation.frontiers.set(relation.watermark.frontiers)
  for (const { view: id, frontiers } of recovered.views) {
    const view = core.graph.get(id)
    if (view?.kind === 'view') view.frontiers.set(frontiers)
  }
  await round(core)
}

/** One epoch of the graph that nobody sees and that needs no record: its inputs are recorded already. */
async function round(core: EngineCore): Promise<void> {
  const { graph, region, giveWay, pump } = core
  for (;;) {
    try {
      await graph.compute(pump.last.epoch, pump.last.time, region, giveWay)
      graph.prepare()
      break
    } catch (error) {
      const failure = failureOf(error)
      if (failure === undefined) throw error
      graph.giveUp(failure)
      core.host.log('error', failure.message, { error: String(failure.cause) })
    }
  }
  graph.seal()
  region.recycle()
}

interface Replayed {
  readonly target: SourceProgress
  position: number
  records: number
  digest: bigint
}

async function replay(core: EngineCore, source: LiveSource, progress: readonly SourceProgress[]): Promise<void> {
  const columns = scannedColumns(core.graph.readers(source.id), source.id)
  const states = new Map<number, Replayed>()
  await using log = new SourceLog(source, core.cursors.open(source), columns)
  for (const target of progress)
    states.set(target.partition, { target, position: log.position(target.partition), records: 0, digest: 0n })
  const goal: LogGoal = { partitions: progress, watermark: source.watermark?.sealed }
  const { signal } = new AbortController()
  let empty = 0
  while (log.behind(goal).length > 0) {
    const piece = await log.next(goal, { maxRows: ROUND_ROWS, maxWaitMs: POLL_WAIT_MS }, core.region, signal)
    empty = piece === undefined ? empty + 1 : 0
    if (empty > 0 && empty % EMPTY_POLLS_MAX === 0) {
      await checkEnds(source, log.reader, [...states.values()].filter(isBehind))
      if (empty >= EMPTY_ROUNDS_MAX * EMPTY_POLLS_MAX) throw sourceSilent(source.object.name, log.reader.trouble?.())
    }
    if (piece === undefined) continue
    const state = states.get(piece.partition)!
    state.position = log.position(piece.partition)
    state.records += piece.records
    state.digest = BigInt.asUintN(64, state.digest + piece.digest)
    source.delta.push(spread(piece.batch, columns, source.schema.length))
    const frontiers = log.frontiers(goal)
    if (frontiers.length > 0) source.frontiers.set(frontiers)
    await round(core)
  }
  for (const state of states.values()) checkDigest(source, state)
}

/** Throws what keeps the log from being read, or that it ends before its recorded offset. */
async function checkEnds(source: LiveSource, reader: SourceReader, behind: readonly Replayed[]): Promise<void> {
  const ends = new Map((await reader.ends()).map(({ partition, end }) => [partition, end]))
  for (const state of behind)
    if ((ends.get(state.target.partition) ?? 0) < state.target.to) throw logTooShort(source.object.name, state)
}

const isBehind = ({ position, target }: Replayed): boolean => position < target.to

function spread(batch: Batch, columns: readonly number[], width: number) {
  const all = new Array<Column | undefined>(width).fill(undefined)
  columns.forEach((column, i) => {
    all[column] = batch.columns[i]
  })
  return { length: batch.length, weights: batch.weights, columns: all }
}

function checkDigest(source: LiveSource, state: Replayed): void {
  const { target, records, digest } = state
  if (records === target.records && digest === BigInt.asUintN(64, target.digest)) return
  const range = `Partition ${target.partition}, offsets ${target.from} to ${target.to}`
  throw new SqlError({
    code: 'XX001',
    message: `the log of source "${source.object.name}" is not the one that was read before`,
    detail: `${range}: ${target.records} records were read then, ${records} now, or their bytes differ.`,
    hint: 'The topic may have been compacted or recreated. Drop the source and create it again.',
  })
}

const logTooShort = (source: string, state: Replayed): SqlError =>
  new SqlError({
    code: 'XX001',
    message: `the log of source "${source}" ends before the offset that was read before`,
    detail: `Partition ${state.target.partition} ends at ${state.position}; ${state.target.to} had been reached.`,
    hint: 'The topic may have been recreated. Drop the source and create it again.',
  })

const sourceSilent = (source: string, trouble = 'its log sends nothing'): SqlError =>
  new SqlError({ code: '58000', message: `source "${source}" cannot be read: ${trouble}` })

const sourceUnreadable = (source: string, cause: unknown): SqlError =>
  new SqlError({
    code: '58000',
    message: `source "${source}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
  })
