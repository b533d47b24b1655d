// What a source is to the engine: a set of partitions, each an append-only log whose records have growing offsets.
//
// Reading is pulled: the engine asks for chunks at positions that it alone remembers (its epoch records are the truth,
// a broker's committed offsets are informational). A chunk is raw: bytes in flight are what back-pressure counts. It is
// decoded into columns later, when an epoch, a lane or an ad-hoc read takes it, once for all who read the same cursor.
// Whether a record is bad is a function of the declared schema and the record alone, whoever reads it.
//
//   Connector ── open ──> SourceReader ── poll(positions) ──> Chunk ── decode(columns) ──> Batch + bad records

import type { Batch } from '../core/batch.ts'
import type { Clock, Random, Timers } from '../core/clock.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { SqlType } from '../core/type.ts'

/** What CREATE SOURCE declared, with aliases of options resolved and values still text. Stored in the catalog as is. */
export interface SourceDefinition {
  readonly name: string
  /** Columns filled by the format, in declared order, then INCLUDE columns. Computed columns are the engine's. */
  readonly columns: readonly SourceColumn[]
  readonly connector: string
  /** WITH options but `connector`: lower-case name → value. */
  readonly options: Readonly<Record<string, string>>
  readonly format: { readonly name: string; readonly options: Readonly<Record<string, string>> } | undefined
  readonly encode: { readonly name: string; readonly options: Readonly<Record<string, string>> } | undefined
}

export interface SourceColumn {
  readonly name: string
  readonly type: SqlType
  /** NOT NULL: a record without a value for it is bad. */
  readonly nullable: boolean
  /** INCLUDE: filled from the record's frame instead of its payload. */
  readonly include: 'key' | 'partition' | 'offset' | 'timestamp' | 'headers' | undefined
}

/** Fixed once, at CREATE SOURCE, and kept in the catalog: where reading starts, and what the log was. */
export interface SourceOrigin {
  /** First offset to read per partition; partitions found later start at 0. */
  readonly start: readonly Position[]
  /** The log's identity (a Kafka topic id), so that a recreated log is noticed; empty where there is none. */
  readonly identity: string
  /** Generators: µs from 1970 that offset 0 happened at. */
  readonly baseTime: bigint
}

/** `offset`: the next one to be read. Offsets are exact doubles, < 2^53. */
export interface Position {
  readonly partition: number
  readonly offset: number
}

export interface PartitionEnds {
  readonly partition: number
  /** The oldest offset still there, and the one after the newest that may be read. */
  readonly first: number
  readonly end: number
}

/** What a connector may use of the outside besides its own sockets. */
export interface ConnectorHost {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, facts?: Record<string, unknown>) => void
}

export interface Connector {
  readonly name: string
  /** Option names this connector knows (for "unknown option" errors with the nearest name); `a.*`: a prefix. */
  readonly options: readonly string[]
  /** Other names of options: alias → name. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Formats it takes: `plain/json` …; empty: the connector makes typed rows itself and FORMAT is refused. */
  readonly formats: readonly string[]
  /** Columns the connector itself prescribes (nexmark); undefined: the statement must declare them. */
  prescribed(definition: SourceDefinition): Schema | undefined
  /** Checks the options and resolves `start` to offsets. Throws SqlError with the remedy. */
  resolve(definition: SourceDefinition, host: ConnectorHost): Promise<SourceOrigin>
  open(definition: SourceDefinition, origin: SourceOrigin, host: ConnectorHost): SourceReader
}

export interface SourceReader extends AsyncDisposable {
  /** Partitions known now, with the ends of their logs asked afresh. */
  ends(): Promise<readonly PartitionEnds[]>
  /**
   * Records from the positions on, some for each partition that has any, `maxBytes` in all unless one record is larger.
   * Waits until there is one, `maxWaitMs` have passed (then an empty list), or the signal aborts. A position below the
   * log's first offset, or in a log of another identity, throws SqlError: never a silent jump.
   */
  poll(positions: readonly Position[], limits: PollLimits, signal: AbortSignal): Promise<readonly Chunk[]>
  /** The offset after a partition's last record, where there will be no others ever. */
  finalEnd?(partition: number): number | undefined
  /** One sentence: what keeps it from reading some partition just now, while it tries again; for who looks. */
  trouble?(): string | undefined
}

export interface PollLimits {
  readonly maxBytes: number
  readonly maxWaitMs: number
}

/** Records `from` ≤ offset < `to` of one partition (gaps are possible: compaction, transaction markers). */
export interface Chunk {
  readonly partition: number
  readonly from: number
  /** The next position. */
  readonly to: number
  /** Records in it, good and bad; control records are not counted. */
  readonly records: number
  /** Bytes held. */
  readonly bytes: number
  /** The log's end as known when the chunk came: `to` = `end` means caught up. */
  readonly end: number
  /** Records in it whose offset is below that one. */
  recordsBelow(offset: number): number
  /**
   * Decodes records `skip` … `skip + max` (by number in the chunk). Every declared column is checked; only those whose
   * index is in `columns` are filled, in that order. Memory comes from the region or is the chunk's own, which the
   * caller keeps until the region is recycled.
   */
  decode(columns: readonly number[], range: { skip: number; max: number }, region: Region): Decoded
  /** Copies of key and value of the record with that offset; null where it has none, or never had bytes. */
  record(offset: number): Pick<BadRecord, 'key' | 'payload'>
  /** Nothing of it, nor of what it decoded, is read any more: its buffers may be used again. */
  release?(): void
}

export interface Decoded {
  /** Good rows in offset order. */
  readonly batch: Batch
  /** Offset of each good row, for lateness and `$late`; record timestamp in ms where the log has one. */
  readonly offsets: Float64Array
  readonly timestamps: Float64Array | undefined
  readonly bad: readonly BadRecord[]
  /** Position after the last decoded record. */
  readonly next: number
  /**
   * Sum modulo 2^64 of hashes of (offset, bytes) of the decoded records, bad ones too; 0n for generators, which cannot
   * differ.
   */
  readonly digest: bigint
}

export interface BadRecord {
  readonly partition: number
  readonly offset: number
  readonly key: Uint8Array | null
  readonly payload: Uint8Array | null
  /** One sentence: what is wrong, with column and byte where known. */
  readonly reason: string
}
