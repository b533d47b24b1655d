// All live cursors together: what the pump takes rows from (pump.ts, Intake), and which of them run.
//
// State: one cursor a source. A cursor reads while somebody reads its source and stands otherwise; bad records go to
// the source's dead-letter table in the same epoch, or stop the source (on_error = 'fail'), or are only counted
// ('skip').

import type {
  BadRecord,
  Connector,
  ConnectorHost,
  PartitionEnds,
  SourceDefinition,
  SourceOrigin,
  SourceReader,
} from '../connectors/source.ts'
import { type Batch, batchOf } from '../core/batch.ts'
import { batchFromRows, columnFromValues } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import type { Region } from '../core/region.ts'
import type { SqlValue } from '../core/value.ts'
import type { SourceProgress } from '../storage/journal.ts'
import { applyDelta } from '../storage/view-store.ts'
import { markCollected, takeBack } from './collecting.ts'
import type { LiveGraph } from './live-graph.ts'
import { type LiveSource, type LiveTable, scannedColumns } from './live-relation.ts'
import type { Intake, SealedEpoch } from './pump.ts'
import { SourceCursor, type TakenRows } from './source-cursor.ts'
import type { LateRows } from './source-judge.ts'

/** The ends of one source's log at some moment. */
export interface LogEnds {
  readonly source: RelationId
  readonly ends: readonly PartitionEnds[]
}

export class SourceCursors implements Intake {
  readonly #host: ConnectorHost
  readonly #connectors: ReadonlyMap<string, Connector>
  readonly #cursors = new Map<RelationId, SourceCursor>()
  #graph: LiveGraph | undefined
  #kick: () => void = () => {}
  /** Who waits for positions to move. */
  readonly #waiting = new Set<() => void>()
  /** Round robin between sources. */
  #turn = 0

  constructor(host: ConnectorHost, connectors: readonly Connector[]) {
    this.#host = host
    this.#connectors = new Map(connectors.map((connector) => [connector.name, connector]))
  }

  /** The pump is there: rows may flow. */
  connect(graph: LiveGraph, kick: () => void): void {
    this.#graph = graph
    this.#kick = kick
  }

  add(source: LiveSource, recovered: readonly SourceProgress[]): SourceCursor {
    const cursor = new SourceCursor(source, recovered, this.#host.clock, (failed) => {
      if (failed) this.#tellWaiting()
      else this.#kick()
    })
    this.#cursors.set(source.id, cursor)
    return cursor
  }

  get(id: RelationId): SourceCursor | undefined {
    return this.#cursors.get(id)
  }

  async remove(id: RelationId): Promise<void> {
    const cursor = this.#cursors.get(id)
    this.#cursors.delete(id)
    await cursor?.stop()
  }

  /** A reader of a source's log of its own, for lanes and ad-hoc reads; the live cursor has another. */
  open(source: LiveSource): SourceReader {
    const definition = source.object.definition as SourceDefinition
    const connector = this.#connectors.get(definition.connector)
    if (connector === undefined)
      throw new SqlError({ code: '58000', message: `there is no connector "${definition.connector}" in this build` })
    const reader = connector.open(definition, source.object.origin as SourceOrigin, this.#host)
    return source.computed?.reader(reader) ?? reader
  }

  /** A reader was attached: its columns are decoded from the next rows on. Before any epoch that it takes part in. */
  attached(): void {
    for (const cursor of this.#cursors.values()) {
      const columns = this.#wanted(cursor.source)
      if (columns !== undefined) cursor.want(columns)
    }
  }

  /** Starts the cursors of sources that somebody reads, with the columns that are read; stops the others. */
  async adjust(): Promise<void> {
    for (const cursor of this.#cursors.values()) {
      const columns = this.#wanted(cursor.source)
      if (columns !== undefined) cursor.want(columns)
      if (columns !== undefined && !cursor.reading && cursor.error === undefined)
        cursor.start(this.open(cursor.source), (cursor.source.object.origin as SourceOrigin).start)
      if (columns === undefined && cursor.reading) await cursor.stop()
    }
  }

  /** Columns of a source that views and subscriptions read; undefined: nobody reads it. */
  #wanted(source: LiveSource): readonly number[] | undefined {
    const readers = this.#graph?.readers(source.id) ?? []
    return readers.length === 0 ? undefined : scannedColumns(readers, source.id)
  }

  /** The ends that the logs of these sources have now. */
  async ends(sources: readonly RelationId[]): Promise<readonly LogEnds[]> {
    const found: LogEnds[] = []
    for (const id of sources) {
      const source = this.#graph?.get(id)
      if (source?.kind !== 'source') continue
      await using reader = this.open(source)
      found.push({ source: id, ends: await reader.ends() })
    }
    return found
  }

  /** Resolves when sealed epochs have passed these ends; rejects when a source stops or the signal aborts. */
  async passed(ends: readonly LogEnds[], signal: AbortSignal): Promise<void> {
    const missing = (): boolean =>
      ends.some(({ source, ends: partitions }) => {
        const cursor = this.#cursors.get(source)
        if (cursor?.error !== undefined) throw cursor.error
        const start = (cursor?.source.object.origin as SourceOrigin | undefined)?.start ?? []
        return partitions.some(({ partition, end }) => (cursor?.position(partition, start) ?? end) < end)
      })
    let wake = (): void => {}
    const aborted = (): void => wake()
    signal.addEventListener('abort', aborted)
    try {
      while (missing()) {
        signal.throwIfAborted()
        await new Promise<void>((resolve) => {
          wake = resolve
          this.#waiting.add(resolve)
        })
      }
    } finally {
      signal.removeEventListener('abort', aborted)
    }
  }

  get pending(): boolean {
    for (const cursor of this.#cursors.values()) if (cursor.pending && cursor.error === undefined) return true
    return false
  }

  take(maxRows: number, region: Region, at: SealedEpoch): readonly SourceProgress[] {
    const cursors = [...this.#cursors.values()].filter((cursor) => cursor.pending && cursor.error === undefined)
    const progress: SourceProgress[] = []
    let left = maxRows
    this.#turn++
    for (let i = 0; i < cursors.length && left > 0; i++) {
      const cursor = cursors[(i + this.#turn) % cursors.length]!
      const share = Math.max(1, Math.ceil(left / (cursors.length - i)))
      const taken = this.#takeFrom(cursor, share, region, at)
      left -= taken.rows
      progress.push(...taken.progress)
    }
    return progress
  }

  /** Of what fails, half is tried; a source stops before the one record that cannot be taken. Others go on. */
  #takeFrom(cursor: SourceCursor, share: number, region: Region, at: SealedEpoch): TakenRows {
    const mark = markCollected(this.#graph!, region)
    for (let max = share; ; ) {
      try {
        const taken = cursor.take(max, region)
        if (taken.bad.length > 0) this.#keepBad(cursor, taken.bad, region, at)
        for (const late of taken.late) this.#keepLate(cursor, late, region, at)
        return taken
      } catch (error) {
        cursor.aborted()
        cursor.source.delta.length = 0
        takeBack(mark, this.#graph!, region)
        if (max === 1) {
          cursor.fail(error)
          this.#tellWaiting()
          return { progress: [], bad: [], late: [], rows: 0 }
        }
        max = Math.floor(max / 2)
      }
    }
  }

  #keepBad(cursor: SourceCursor, bad: readonly BadRecord[], region: Region, at: SealedEpoch): void {
    const { object } = cursor.source
    if (object.onError === 'skip') return
    if (object.onError === 'fail') throw badRecord(object.name, bad[0]!)
    const table = this.#graph?.get(object.deadLetters)
    if (table?.kind !== 'table') return
    const rows = bad.map((record): SqlValue[] => [
      record.partition,
      BigInt(record.offset),
      record.key,
      record.payload,
      record.reason,
      at.time,
    ])
    keep(table, batchFromRows(table.schema, rows, region), region)
  }

  #keepLate(cursor: SourceCursor, late: LateRows, region: Region, at: SealedEpoch): void {
    const { source } = cursor
    const id = source.object.watermark?.lateRows
    const table = id === undefined ? undefined : this.#graph?.get(id)
    if (table?.kind !== 'table') return
    const { length } = late.batch
    const [watermark, ingested, epoch] = table.schema.slice(source.schema.length)
    const added = [
      columnFromValues(watermark!, Array.from(late.closing.subarray(0, length)), region),
      columnFromValues(ingested!, new Array(length).fill(at.time), region),
      columnFromValues(epoch!, new Array(length).fill(BigInt(at.epoch)), region),
    ]
    keep(table, batchOf(length, [...late.batch.columns, ...added]), region)
  }

  sealed(): void {
    for (const cursor of this.#cursors.values()) cursor.sealed()
    this.#tellWaiting()
  }

  #tellWaiting(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  recycled(): void {
    for (const cursor of this.#cursors.values()) cursor.recycled()
  }

  aborted(): void {
    for (const cursor of this.#cursors.values()) cursor.aborted()
  }

  refused(error: SqlError): void {
    for (const cursor of this.#cursors.values()) {
      if (cursor.taken) cursor.fail(error)
      cursor.aborted()
    }
    this.#tellWaiting()
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#cursors.values()].map((cursor) => cursor.stop()))
  }
}

function keep(table: LiveTable, delta: Batch, region: Region): void {
  applyDelta(table.store, delta, region)
  table.delta.push(delta)
}

/** P0B01: on_error = 'fail'. */
const badRecord = (source: string, record: BadRecord): SqlError =>
  new SqlError({
    code: 'P0B01',
    message: `source "${source}" has a bad record: ${record.reason}`,
    detail: `Partition ${record.partition}, offset ${record.offset}.`,
    hint: "With on_error = 'divert' bad records go to a relation of their own and the stream goes on.",
  })
