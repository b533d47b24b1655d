// What is on disk, read once at start: journal segments, the catalog they name, and what they add up to.
//
//   <data-dir>/catalog.db         SQLite (storage/database.ts); its lock is the lock on the directory
//   <data-dir>/journal-00000007   segments, in order of their numbers (storage/journal.ts)
//
// Opening cuts the torn tail of the last segment, folds all records into one `Recovered` and, before any source runs,
// writes that as the base record of a new segment (start-up compaction, engine §9): write, sync, rename, sync the
// directory, and only then remove the older segments. A crash at any point leaves either the old or the new set whole.

import { SqlError } from '../core/error.ts'
import { catalogVersion, type Epoch, epoch, type RelationId } from '../core/ids.ts'
import { type Catalog, emptyCatalog } from '../storage/catalog.ts'
import { type CatalogDatabase, openDatabase } from '../storage/database.ts'
import type { FileSystem } from '../storage/env.ts'
import {
  encodeRecord,
  type JournalRecord,
  readSegment,
  type SourceProgress,
  segmentHeader,
  type TableChange,
  type ViewProgress,
} from '../storage/journal.ts'
import { type JournalWriter, memoryJournal, openJournalWriter, segmentName } from './journal-writer.ts'

/** The state that the last whole record stands for. */
export interface Recovered {
  readonly epoch: Epoch
  readonly time: bigint
  readonly catalog: Catalog
  /** Deltas per table in order; their sum is its contents. */
  readonly tables: ReadonlyMap<RelationId, readonly TableChange[]>
  readonly sources: readonly SourceProgress[]
  readonly views: readonly ViewProgress[]
}

export interface DataDirectory {
  readonly database: CatalogDatabase
  readonly recovered: Recovered
  /**
   * Replaces all segments by one whose base record holds `contents`, and opens it for appending. `contents` are the
   * recovered tables, each as consolidated batches.
   */
  compact(contents: readonly TableChange[]): Promise<JournalWriter>
}

const nothing = (): Recovered => ({
  epoch: epoch(0),
  time: 0n,
  catalog: emptyCatalog(),
  tables: new Map(),
  sources: [],
  views: [],
})

/** The same, kept nowhere. */
export const memoryDirectory = (): DataDirectory => ({
  database: openDatabase(':memory:'),
  recovered: nothing(),
  compact: async () => memoryJournal(),
})

export function openDataDirectory(files: FileSystem, path: string): DataDirectory {
  makeWritable(files, path)
  const database = openDatabase(`${path}/catalog.db`)
  try {
    const segments = segmentNumbers(files, path)
    const records = segments.flatMap((number, i) =>
      readRecords(files, `${path}/${segmentName(number)}`, i === segments.length - 1),
    )
    const recovered = fold(records, database)
    return {
      database,
      recovered,
      compact: (contents) => compact(files, path, { database, recovered, segments, contents }),
    }
  } catch (error) {
    database[Symbol.dispose]()
    throw error
  }
}

function makeWritable(files: FileSystem, path: string): void {
  try {
    files.makeDirectory(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SqlError({ code: '58030', message: `the data directory "${path}" cannot be written: ${reason}` })
  }
}

function segmentNumbers(files: FileSystem, path: string): readonly number[] {
  const numbers = files.list(path).flatMap((name) => {
    const match = /^journal-(\d{8})$/.exec(name)
    return match === null ? [] : [Number(match[1])]
  })
  return numbers.sort((a, b) => a - b)
}

function readRecords(files: FileSystem, path: string, last: boolean): readonly JournalRecord[] {
  const bytes = files.read(path)
  const { records, validBytes } = readSegment(bytes)
  if (validBytes < bytes.length) {
    if (!last)
      throw new SqlError({ code: 'XX001', message: `journal segment "${path}" is damaged at byte ${validBytes}` })
    files.truncate(path, validBytes)
  }
  return records
}

function fold(records: readonly JournalRecord[], database: CatalogDatabase): Recovered {
  const tables = new Map<RelationId, TableChange[]>()
  const sources = new Map<string, SourceProgress>()
  const views = new Map<RelationId, ViewProgress>()
  for (const record of records) {
    if (record.kind === 'base') {
      tables.clear()
      sources.clear()
      views.clear()
    }
    for (const change of record.tables) appendChange(tables, change)
    for (const progress of record.sources) {
      const key = `${progress.source}/${progress.partition}`
      sources.set(key, mergeProgress(sources.get(key), progress))
    }
    for (const progress of record.views) views.set(progress.view, progress)
  }
  const last = records.at(-1)
  const catalog = database.load(last?.catalogVersion ?? catalogVersion(0))
  if (last === undefined) return { ...nothing(), catalog }
  for (const id of tables.keys()) if (!catalog.objects.has(id)) tables.delete(id)
  const known = [...sources.values()].filter((progress) => catalog.objects.has(progress.source))
  const shown = [...views.values()].filter((progress) => catalog.objects.has(progress.view))
  return { epoch: last.epoch, time: last.time, catalog, tables, sources: known, views: shown }
}

function appendChange(tables: Map<RelationId, TableChange[]>, change: TableChange): void {
  const changes = tables.get(change.relation)
  if (changes === undefined) tables.set(change.relation, [change])
  else changes.push(change)
}

/** Adjacent ranges of one partition as one; digests and counts add. */
export function mergeProgress(before: SourceProgress | undefined, after: SourceProgress): SourceProgress {
  if (before === undefined) return after
  return {
    ...after,
    from: before.from,
    records: before.records + after.records,
    digest: BigInt.asUintN(64, before.digest + after.digest),
    watermark: after.watermark ?? before.watermark,
    raises: [...before.raises, ...after.raises],
    judged: after.judged ?? before.judged,
  }
}

interface Compaction {
  readonly database: CatalogDatabase
  readonly recovered: Recovered
  readonly segments: readonly number[]
  readonly contents: readonly TableChange[]
}

async function compact(files: FileSystem, path: string, work: Compaction): Promise<JournalWriter> {
  const { recovered, segments, contents } = work
  const number = (segments.at(-1) ?? 0) + 1
  const draft = `${path}/journal.draft`
  if (files.exists(draft)) files.remove(draft)
  const header = segmentHeader()
  const record = encodeRecord({
    kind: 'base',
    epoch: recovered.epoch,
    time: recovered.time,
    catalogVersion: recovered.catalog.version,
    sources: recovered.sources,
    tables: contents,
    views: recovered.views,
  })
  const file = files.openAppend(draft)
  await file.append(header)
  await file.append(record)
  await file.sync()
  await file.close()
  files.rename(draft, `${path}/${segmentName(number)}`)
  files.syncDirectory(path)
  for (const old of segments) files.remove(`${path}/${segmentName(old)}`)
  work.database.forgetBefore(recovered.catalog.version)
  return openJournalWriter(files, path, { number, bytes: header.length + record.length })
}
