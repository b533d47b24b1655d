// What the binder asks of the catalog: relations by name, schemas, named types. Read-only and of one catalog version;
// the engine implements it. Nothing here is asynchronous, and nothing here is state.
//
// A plain view is handed over as its syntax tree and the search path it was created under; the binder expands it, so
// that a view means the same whoever reads it.

import type { RelationId } from '../core/ids.ts'
import type { Schema } from '../core/schema.ts'
import type { SqlType } from '../core/type.ts'
import type { Expression, Query } from '../parser/ast.ts'

export interface PlannerCatalog {
  /**
   * The relation of this name: in `schema` where one is given, else the first on `searchPath`. The implementation looks
   * into pg_catalog first where the path does not name it, as PostgreSQL does.
   */
  resolve(schema: string | undefined, name: string, searchPath: readonly string[]): RelationInfo | undefined
  hasSchema(name: string): boolean
  /** Names that could have been meant by an unqualified relation name: those visible on the path. For hints. */
  relationNames(searchPath: readonly string[]): Iterable<string>
  /** A composite type (a declared one, or the row type of a relation). Built-in type names do not come here. */
  type(schema: string | undefined, name: string, searchPath: readonly string[]): SqlType | undefined
}

export type RelationKind = 'table' | 'source' | 'view' | 'materialized view' | 'system' | 'index'

export interface RelationInfo {
  readonly id: RelationId
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  /** All columns that can be named, the hidden ones included; a scan's `columns` are indexes into this list. */
  readonly columns: Schema
  /** Columns that `*` leaves out (tableoid and its like). Usually empty. */
  readonly hidden: readonly number[]
  /** Columns of the PRIMARY KEY, in its order. */
  readonly primaryKey: readonly number[] | undefined
  /** Every set of columns known to be unique, the primary key included; of a view: the derived keys. */
  readonly uniqueKeys: readonly UniqueKey[]
  /** No row ever leaves it: append-only tables and sources, views whose plan said so. */
  readonly insertOnly: boolean
  /** Rows when the plan is made, of what is stored: a guess for the cost of plans. */
  readonly rows?: (() => number) | undefined
  /** kind 'view' only. */
  readonly view: ViewDefinition | undefined
  /** Columns that have a frontier: the watermark's, of a view those that its plan derives. */
  readonly timed: readonly number[]
  /** Those of them below whose frontier nothing can change any more: none where late rows are applied. */
  readonly settled: readonly number[]
  /** Tables only: what DML needs to know of each column, in the order of `columns`. */
  readonly details: readonly ColumnDetails[] | undefined
}

export interface UniqueKey {
  /** Of the constraint or index; ON CONFLICT ON CONSTRAINT and errors name it. */
  readonly name: string | undefined
  readonly columns: readonly number[]
  /** Rows with NULL there are in conflict too. */
  readonly nullsNotDistinct?: boolean | undefined
}

export interface ViewDefinition {
  readonly query: Query
  readonly searchPath: readonly string[]
}

export interface ColumnDetails {
  readonly default: Expression | undefined
  /** GENERATED ALWAYS AS (…) STORED, and computed columns. */
  readonly generated: Expression | undefined
  /** GENERATED ALWAYS AS IDENTITY refuses explicit values (428C9); `by default` accepts them. */
  readonly identity: 'always' | 'by default' | undefined
}
