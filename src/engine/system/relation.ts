// System relations: pg_catalog, information_schema and millrace. Ordinary relations to the planner; their rows are made
// from the catalog and the engine's own facts when a query scans them, all at one epoch.

import type { RelationId } from '../../core/ids.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { FunctionRegistry } from '../../functions/registry.ts'
import type { Catalog } from '../../storage/catalog.ts'

export interface SystemRelation {
  /** Below 16384; PostgreSQL's own oid where it has one. */
  readonly id: RelationId
  readonly schema: 'pg_catalog' | 'information_schema' | 'millrace'
  readonly name: string
  readonly columns: Schema
  /** Columns that are unique together, where that is known. */
  readonly key?: readonly number[]
  readonly rows: (facts: SystemFacts) => Iterable<readonly SqlValue[]>
}

/** What system relations are made from. */
export interface SystemFacts {
  readonly catalog: Catalog
  readonly registry: FunctionRegistry
  readonly systemRelations: readonly SystemRelation[]
  readonly status: EngineStatus
  /** Of the session that asks. */
  readonly user: string
  readonly database: string
  readonly settings: Iterable<SettingFact>
}

export interface SettingFact {
  readonly name: string
  readonly value: string
  readonly default: string
  readonly description: string
  readonly kind: string
}

/** The engine's running state, as plain facts (each list is made when it is asked for). */
export interface EngineStatus {
  readonly epoch: { readonly number: number; readonly time: bigint }
  readonly startedAt: bigint
  readonly sources: () => readonly SourceFact[]
  readonly views: () => readonly ViewFact[]
  readonly arrangements: () => readonly ArrangementFact[]
  readonly sessions: () => readonly SessionFact[]
  readonly epochs: () => readonly EpochFact[]
  readonly errors: () => readonly ErrorFact[]
  /** Rows and bytes of a stored relation. */
  readonly size: (id: RelationId) => { readonly rows: bigint; readonly bytes: number } | undefined
}

export interface SourceFact {
  readonly id: RelationId
  readonly connector: string
  /** 'reading', 'retrying' (with what keeps it), 'waiting' (nobody reads it), 'stopped' (with the error). */
  readonly state: string
  readonly error: string | undefined
  readonly bytesInFlight: number
  /** W and C, as texts of the column's type. */
  readonly watermark: string | undefined
  readonly closing: string | undefined
  readonly partitions: readonly {
    readonly partition: number
    readonly offset: number
    readonly end: number | undefined
    readonly records: number
    readonly bad: number
    readonly late: number
    /** Accepted below W, thanks to the allowed lateness. */
    readonly tardy: number
    /** Accepted without a time. */
    readonly timeless: number
    /** Accepted, and too far ahead to move W. */
    readonly ahead: number
    /** Farthest that a late row was behind. */
    readonly lateness: string | undefined
    readonly watermark: string | undefined
    /** 'active', 'lagging', 'idle', 'silent', 'finished', 'waiting'. */
    readonly state: string
    readonly holdsBack: boolean
    /** The row that moved its watermark last. */
    readonly movedAt: number | undefined
    readonly movedTime: string | undefined
  }[]
}

export interface ViewFact {
  readonly id: RelationId
  /** 'live', 'hydrating', 'failed'. */
  readonly state: string
  readonly error: string | undefined
  readonly rows: bigint
  /** Rows of its `$errors`, where it diverts. */
  readonly diverted: bigint | undefined
  /** Input rows that are in no time window; undefined: it has none. */
  readonly nullTimeRows: bigint | undefined
  readonly stateBytes: number
  readonly storeBytes: number
  /** Records read and to be read while it hydrates. */
  readonly progress: { readonly done: number; readonly total: number } | undefined
  /** Delayed emission: it shows its query as of `shown`, an earlier epoch; nothing yet where there is none. */
  readonly held: boolean
  readonly shown: number | undefined
}

export interface ArrangementFact {
  /** Whose rows it holds, or the view whose operator keeps it for itself. */
  readonly relation: RelationId
  readonly label: string
  readonly bytes: number
  readonly readers: readonly string[]
}

export interface SessionFact {
  readonly pid: number
  readonly user: string
  readonly database: string
  readonly applicationName: string
  readonly state: string
  readonly query: string
  readonly since: bigint
}

export interface EpochFact {
  readonly epoch: number
  readonly time: bigint
  readonly rows: number
  readonly computeMs: number
  readonly syncMs: number
}

export interface ErrorFact {
  readonly relation: RelationId
  readonly code: string
  readonly message: string
  readonly operator: string
  readonly weight: number
}
