// The journal's format: one append-only sequence of records, one per epoch, in segment files.
//
//   segment: "MILLRACE-JOURNAL" u32 version | record …
//   record:  u32 length of body | u32 CRC-32 of body | body
//   body:    u8 kind (0 epoch, 1 base) | i64 epoch | i64 T | i32 catalog version
//            | u32 n, source progress … | u32 n, table changes … | u32 n, view progress …
//
// A *base* record stands at the head of a segment and holds everything before it: table contents, offsets with merged
// digests, watermarks and raises (engine §9). An *epoch* record holds what changed. The torn tail of the last segment
// is no record: reading stops before the first one whose length or CRC is wrong. Writing is the engine's
// (engine/journal-writer.ts), since it waits; this file only turns records into bytes and back.

import { crc32 } from 'node:zlib'
import { assert } from '../core/assert.ts'
import type { Batch } from '../core/batch.ts'
import { ByteWriter } from '../core/byte-writer.ts'
import { SqlError } from '../core/error.ts'
import { type CatalogVersion, catalogVersion, type Epoch, epoch, type RelationId, relationId } from '../core/ids.ts'
import { decodeBatch, encodeBatch } from './batch-codec.ts'

export const JOURNAL_VERSION = 3
const MAGIC = new TextEncoder().encode('MILLRACE-JOURNAL')
export const HEADER_BYTES = MAGIC.length + 4
const FRAME_BYTES = 8

export interface JournalRecord {
  readonly kind: 'epoch' | 'base'
  readonly epoch: Epoch
  /** T(e), µs from 1970. */
  readonly time: bigint
  readonly catalogVersion: CatalogVersion
  readonly sources: readonly SourceProgress[]
  /** Of tables, and of views that show what no rebuild would find again (`views`). */
  readonly tables: readonly TableChange[]
  /** Views that hold back changes: how far each has come. */
  readonly views: readonly ViewProgress[]
}

/** A view whose contents are those of an earlier epoch, or of several: they are recorded as a table's are. */
export interface ViewProgress {
  readonly view: RelationId
  /** The epoch whose contents it shows; 0: it has shown nothing yet. */
  readonly shown: number
  /** T of the first change that is held back. */
  readonly since: bigint | undefined
  /** Of its columns, as of what it shows. */
  readonly frontiers: readonly (bigint | undefined)[]
}

/** What an epoch read of one partition; in a base record: everything read so far. */
export interface SourceProgress {
  readonly source: RelationId
  readonly partition: number
  readonly from: number
  readonly to: number
  readonly records: number
  /** Sum modulo 2^64 over the records read. */
  readonly digest: bigint
  /** W_p at the end of the range; absent while the partition has none. */
  readonly watermark: bigint | undefined
  /** Entries of the source's raise list made in this range (engine §7). */
  readonly raises: readonly { readonly offset: number; readonly watermark: bigint }[]
  /** What is counted of the partition, from the source's start to the end of the range. */
  readonly judged?: JudgedRows | undefined
}

/** The partition number under which a source's own W stands; that of a table is its partition 0. */
export const WHOLE_SOURCE = -1

/** Counts of a partition's records, and the farthest that a late one was behind (the least int64: none was late). */
export interface JudgedRows {
  readonly bad: number
  readonly late: number
  readonly tardy: number
  readonly timeless: number
  /** Rows whose watermark was too far ahead of the time they were written at. */
  readonly ahead: number
  readonly lateness: bigint
  /** Offset and time of the row that moved W last; −1 where none did. */
  readonly movedAt: number
  readonly movedTime: bigint
}

/** A Z-set added to a table; in a base record: its contents. */
export interface TableChange {
  readonly relation: RelationId
  readonly batch: Batch
}

export function segmentHeader(): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES)
  writer.append(MAGIC)
  writer.i32(JOURNAL_VERSION)
  return writer.bytes.slice(0, writer.length)
}

/** The framed record, ready to be appended. */
export function encodeRecord(record: JournalRecord): Uint8Array {
  const writer = new ByteWriter(1024)
  writer.i32(0)
  writer.i32(0)
  writer.u8(record.kind === 'base' ? 1 : 0)
  writer.i64(BigInt(record.epoch))
  writer.i64(record.time)
  writer.i32(record.catalogVersion)
  writer.i32(record.sources.length)
  for (const progress of record.sources) encodeProgress(progress, writer)
  writer.i32(record.tables.length)
  for (const change of record.tables) {
    writer.i32(change.relation)
    encodeBatch(change.batch, writer)
  }
  writer.i32(record.views.length)
  for (const progress of record.views) encodeViewProgress(progress, writer)
  const framed = writer.bytes.slice(0, writer.length)
  const view = new DataView(framed.buffer)
  view.setUint32(0, framed.length - FRAME_BYTES)
  view.setUint32(4, crc32(framed.subarray(FRAME_BYTES)))
  return framed
}

function encodeProgress(progress: SourceProgress, writer: ByteWriter): void {
  writer.i32(progress.source)
  writer.i32(progress.partition)
  writer.f64(progress.from)
  writer.f64(progress.to)
  writer.f64(progress.records)
  writer.i64(BigInt.asIntN(64, progress.digest))
  writer.u8(progress.watermark === undefined ? 0 : 1)
  if (progress.watermark !== undefined) writer.i64(progress.watermark)
  writer.i32(progress.raises.length)
  for (const raise of progress.raises) {
    writer.f64(raise.offset)
    writer.i64(raise.watermark)
  }
  writer.u8(progress.judged === undefined ? 0 : 1)
  if (progress.judged !== undefined) encodeJudged(progress.judged, writer)
}

function encodeViewProgress({ view, shown, since, frontiers }: ViewProgress, writer: ByteWriter): void {
  writer.i32(view)
  writer.f64(shown)
  writer.i32(frontiers.length + 1)
  for (const value of [since, ...frontiers]) {
    writer.u8(value === undefined ? 0 : 1)
    if (value !== undefined) writer.i64(value)
  }
}

function encodeJudged(judged: JudgedRows, writer: ByteWriter): void {
  for (const count of judgedCounts) writer.f64(judged[count])
  writer.i64(judged.lateness)
  writer.i64(judged.movedTime)
}

const judgedCounts = ['bad', 'late', 'tardy', 'timeless', 'ahead', 'movedAt'] as const

function decodeJudged(view: DataView, at: number): JudgedRows {
  const count = (name: (typeof judgedCounts)[number]): number => view.getFloat64(at + 8 * judgedCounts.indexOf(name))
  const end = at + 8 * judgedCounts.length
  return {
    bad: count('bad'),
    late: count('late'),
    tardy: count('tardy'),
    timeless: count('timeless'),
    ahead: count('ahead'),
    movedAt: count('movedAt'),
    lateness: view.getBigInt64(end),
    movedTime: view.getBigInt64(end + 8),
  }
}

const JUDGED_BYTES = 8 * judgedCounts.length + 16

export interface SegmentContents {
  readonly records: readonly JournalRecord[]
  /** Bytes up to the end of the last whole record; what lies beyond is a torn tail. */
  readonly validBytes: number
}

/** All whole records of a segment. Throws XX001 where the file is no journal, 0A000 where a newer build wrote it. */
export function readSegment(bytes: Uint8Array): SegmentContents {
  if (bytes.length < HEADER_BYTES) return { records: [], validBytes: 0 }
  if (!MAGIC.every((byte, i) => bytes[i] === byte))
    throw new SqlError({ code: 'XX001', message: 'a journal segment does not begin as one' })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint32(MAGIC.length)
  if (version > JOURNAL_VERSION)
    throw new SqlError({
      code: '0A000',
      message: `the data were written by a newer Millrace (journal version ${version})`,
    })
  const records: JournalRecord[] = []
  let at = HEADER_BYTES
  while (at + FRAME_BYTES <= bytes.length) {
    const length = view.getUint32(at)
    const end = at + FRAME_BYTES + length
    if (end > bytes.length) break
    const body = bytes.subarray(at + FRAME_BYTES, end)
    if (crc32(body) !== view.getUint32(at + 4)) break
    records.push(decodeBody(body, version))
    at = end
  }
  return { records, validBytes: at }
}

function decodeBody(body: Uint8Array, format: number): JournalRecord {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const kind = view.getUint8(0) === 1 ? 'base' : 'epoch'
  const number = Number(view.getBigInt64(1))
  const time = view.getBigInt64(9)
  const version = view.getInt32(17)
  let at = 25
  const sources: SourceProgress[] = []
  for (let n = view.getInt32(21); n > 0; n--) {
    const { progress, next } = decodeProgress(view, at, format)
    sources.push(progress)
    at = next
  }
  const tables: TableChange[] = []
  const count = view.getInt32(at)
  at += 4
  for (let n = count; n > 0; n--) {
    const relation = relationId(view.getInt32(at))
    const { batch, next } = decodeBatch(body, at + 4)
    tables.push({ relation, batch })
    at = next
  }
  // Records of version 1 end here.
  const { views, next } = at === body.length ? { views: [], next: at } : decodeViews(view, at)
  assert(next === body.length, 'a journal record is longer than its contents')
  return { kind, epoch: epoch(number), time, catalogVersion: catalogVersion(version), sources, tables, views }
}

function decodeViews(view: DataView, start: number): { views: readonly ViewProgress[]; next: number } {
  const views: ViewProgress[] = []
  let at = start + 4
  for (let n = view.getInt32(start); n > 0; n--) {
    const values: (bigint | undefined)[] = []
    const [id, shown] = [relationId(view.getInt32(at)), view.getFloat64(at + 4)]
    let left = view.getInt32(at + 12)
    at += 16
    for (; left > 0; left--) {
      const known = view.getUint8(at) === 1
      values.push(known ? view.getBigInt64(at + 1) : undefined)
      at += known ? 9 : 1
    }
    const [since, ...frontiers] = values
    views.push({ view: id, shown, since, frontiers })
  }
  return { views, next: at }
}

function decodeProgress(view: DataView, start: number, version: number): { progress: SourceProgress; next: number } {
  let at = start + 40
  const hasWatermark = view.getUint8(at) === 1
  at += 1
  const watermark = hasWatermark ? view.getBigInt64(at) : undefined
  if (hasWatermark) at += 8
  const raises: { offset: number; watermark: bigint }[] = []
  const count = view.getInt32(at)
  at += 4
  for (let n = count; n > 0; n--) {
    raises.push({ offset: view.getFloat64(at), watermark: view.getBigInt64(at + 8) })
    at += 16
  }
  const isJudged = version > 2 && view.getUint8(at) === 1
  if (version > 2) at += 1
  const judged = isJudged ? decodeJudged(view, at) : undefined
  if (isJudged) at += JUDGED_BYTES
  const progress: SourceProgress = {
    source: relationId(view.getInt32(start)),
    partition: view.getInt32(start + 4),
    from: view.getFloat64(start + 8),
    to: view.getFloat64(start + 16),
    records: view.getFloat64(start + 24),
    digest: view.getBigInt64(start + 32),
    watermark,
    raises,
    judged,
  }
  return { progress, next: at }
}
