// The catalog: an immutable value per version (spec/engine.md §5). Statements, plans and lanes hold theirs; a DDL makes
// the next one. Objects say what was declared; texts (queries, defaults, checks) are canonical SQL, bound again
// whenever the engine opens, so that there is one source of truth and no stored plan to migrate.
//
// Tables, sources, views and indexes of a schema share one name space, as in PostgreSQL.

import { SqlError } from '../core/error.ts'
import { type CatalogVersion, catalogVersion, type RelationId, relationId } from '../core/ids.ts'
import type { EnumType, SqlType } from '../core/type.ts'

export interface CatalogColumn {
  readonly name: string
  readonly type: SqlType
  readonly notNull: boolean
  /** DEFAULT or GENERATED ALWAYS AS … STORED, or what a column of a source is computed by, as SQL text. */
  readonly default?: string | undefined
  readonly generated?: string | undefined
  readonly comment?: string | undefined
}

interface Named {
  readonly id: RelationId
  readonly schema: string
  readonly name: string
  readonly comment?: string | undefined
}

export interface UniqueConstraint {
  readonly name: string
  readonly columns: readonly number[]
  readonly primary: boolean
  /** A NULL is like any other NULL. */
  readonly nullsNotDistinct?: boolean | undefined
}

export interface TableObject extends Named {
  readonly kind: 'table'
  readonly columns: readonly CatalogColumn[]
  readonly uniques: readonly UniqueConstraint[]
  readonly checks: readonly { readonly name: string; readonly expression: string }[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly appendOnly: boolean
  readonly watermark?: WatermarkDefinition | undefined
  /** `<source>$bad`: written by that source's live cursor only. */
  readonly deadLettersOf?: RelationId | undefined
  /** `<view>$errors`: the rows that this view diverts; not journalled, because it is as derived as the view is. */
  readonly errorsOf?: RelationId | undefined
  /** Rows of a relation for bad or late rows go when they have been kept so long, µs as decimal digits. */
  readonly retention?: string | undefined
}

/** The relation beside which it stands and by which alone it is written. */
export const ownerOf = (object: CatalogObject): RelationId | undefined =>
  object.kind === 'table' ? (object.deadLettersOf ?? object.errorsOf) : undefined

/** WATERMARK FOR column AS expression, and what becomes of late rows (windows spec §3–4). */
export interface WatermarkDefinition {
  readonly column: number
  readonly expression: string
  /** Decimal digits: the column's own unit, µs of times. */
  readonly lateness: string
  readonly late: 'error' | 'divert' | 'drop' | 'apply'
  /** `<name>$late`, where late rows go. */
  readonly lateRows: RelationId | undefined
}

/** A source's: its partitions may be silent, and its records know when they were written. */
export interface SourceWatermark extends WatermarkDefinition {
  /** 0: a partition is never idle. */
  readonly idleTimeoutMs: number
  readonly allIdle: 'hold' | 'advance'
  /** µs that a row's watermark may be ahead of the time its record was written at; decimal digits. */
  readonly maxAhead: string | undefined
}

export interface ForeignKey {
  readonly name: string
  readonly columns: readonly number[]
  readonly references: RelationId
  readonly referenced: readonly number[]
  readonly match: 'simple' | 'full'
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
  readonly deferrable: boolean
  /** INITIALLY DEFERRED: checked by COMMIT only. */
  readonly deferred: boolean
}

export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

export interface SourceObject extends Named {
  readonly kind: 'source'
  /** In the order of the statement, then those of INCLUDE; `generated` where one is computed from the others. */
  readonly columns: readonly CatalogColumn[]
  /** What names and times without a zone mean in computed columns. */
  readonly searchPath: readonly string[]
  readonly timeZone: string
  /** connectors/source.ts: SourceDefinition and SourceOrigin; plain JSON to this room. */
  readonly definition: unknown
  readonly origin: unknown
  readonly watermark?: SourceWatermark | undefined
  readonly deadLetters: RelationId
  readonly onError: 'divert' | 'fail' | 'skip'
}

/** `columns` are those of the query, renamed by a column list. */
export interface ViewObject extends Named {
  readonly kind: 'view'
  readonly columns: readonly CatalogColumn[]
  readonly query: string
  readonly searchPath: readonly string[]
  readonly reads: readonly RelationId[]
}

export interface MaterializedViewObject extends Named {
  readonly kind: 'materialized view'
  readonly columns: readonly CatalogColumn[]
  readonly query: string
  readonly searchPath: readonly string[]
  readonly timeZone: string
  /** Of its recursive queries. */
  readonly maxRecursionIterations: string
  readonly options: Readonly<Record<string, string>>
  /** `<name>$errors`, where rows go on which an expression fails. Absent: they fail the view. */
  readonly errors?: RelationId | undefined
  /** Absent: EMIT CHANGES. */
  readonly emission?: EmissionDefinition | undefined
  /** Relations it is computed from, plain views expanded. */
  readonly reads: readonly RelationId[]
  /** Plain views its text names: they cannot be dropped from under it. */
  readonly expands: readonly RelationId[]
}

export interface EmissionDefinition {
  readonly onWindowClose: boolean
  readonly delay?: DelayDefinition | undefined
}

/** CHANGES EVERY d, CHANGES AFTER d; `micros` as decimal digits. */
export interface DelayDefinition {
  readonly unit: 'every' | 'after'
  readonly micros: string
}

export interface IndexObject extends Named {
  readonly kind: 'index'
  readonly relation: RelationId
  /** Key expressions as SQL text, and the columns where they are plain ones. */
  readonly keys: readonly string[]
  readonly columns: readonly number[]
  readonly unique: boolean
  /** Of a unique one. */
  readonly nullsNotDistinct?: boolean | undefined
}

export type CatalogObject = TableObject | SourceObject | ViewObject | MaterializedViewObject | IndexObject

export interface SchemaObject {
  readonly id: number
  readonly name: string
}

/** CREATE TYPE; its array type has the next id. Types and relations have name spaces of their own. */
export interface TypeObject {
  readonly id: number
  readonly schema: string
  readonly name: string
  readonly type: EnumType | Extract<SqlType, { kind: 'row' }>
}

export interface Catalog {
  readonly version: CatalogVersion
  /** By schema and name (`typeKey`). */
  readonly types: ReadonlyMap<string, TypeObject>
  readonly objects: ReadonlyMap<RelationId, CatalogObject>
  readonly schemas: ReadonlyMap<string, SchemaObject>
  readonly nextId: number
}

/** User objects' ids (oids) begin here, as in PostgreSQL; `public` has PostgreSQL's own 2200. */
const FIRST_ID = 16384
export const PUBLIC_SCHEMA_OID = 2200

export const emptyCatalog = (): Catalog => ({
  version: catalogVersion(0),
  types: new Map(),
  objects: new Map(),
  schemas: new Map([['public', { id: PUBLIC_SCHEMA_OID, name: 'public' }]]),
  nextId: FIRST_ID,
})

/** An id that no object has had; the catalog to go on with. */
export const takeId = (catalog: Catalog): readonly [RelationId, Catalog] => [
  relationId(catalog.nextId),
  { ...catalog, nextId: catalog.nextId + 1 },
]

export function putObject(catalog: Catalog, object: CatalogObject): Catalog {
  const objects = new Map(catalog.objects)
  objects.set(object.id, object)
  return { ...catalog, objects }
}

export function removeObjects(catalog: Catalog, ids: readonly RelationId[]): Catalog {
  const objects = new Map(catalog.objects)
  for (const id of ids) objects.delete(id)
  return { ...catalog, objects }
}

export const typeKey = (schema: string, name: string): string => `${schema}.${name}`

export function putType(catalog: Catalog, type: TypeObject): Catalog {
  return { ...catalog, types: new Map(catalog.types).set(typeKey(type.schema, type.name), type) }
}

export function removeTypes(catalog: Catalog, keys: readonly string[]): Catalog {
  const types = new Map(catalog.types)
  for (const key of keys) types.delete(key)
  return { ...catalog, types }
}

export function putSchema(catalog: Catalog, schema: SchemaObject): Catalog {
  return { ...catalog, schemas: new Map(catalog.schemas).set(schema.name, schema) }
}

export function removeSchema(catalog: Catalog, name: string): Catalog {
  const schemas = new Map(catalog.schemas)
  schemas.delete(name)
  return { ...catalog, schemas }
}

/** The version that a committed DDL makes of this one. */
export const nextVersion = (catalog: Catalog): Catalog => ({ ...catalog, version: catalogVersion(catalog.version + 1) })

export function findObject(catalog: Catalog, schema: string, name: string): CatalogObject | undefined {
  for (const object of catalog.objects.values()) if (object.name === name && object.schema === schema) return object
  return undefined
}

/** Objects that would lose their meaning without this one, directly. */
export function directDependants(catalog: Catalog, id: RelationId): readonly CatalogObject[] {
  return [...catalog.objects.values()].filter((object) => dependenciesOf(object).includes(id))
}

function dependenciesOf(object: CatalogObject): readonly RelationId[] {
  switch (object.kind) {
    case 'table':
      return ownerOf(object) === undefined ? [] : [ownerOf(object)!]
    case 'source':
      return []
    case 'view':
      return object.reads
    case 'materialized view':
      return [...object.reads, ...object.expands]
    case 'index':
      return [object.relation]
  }
}

/** What UNIQUE, PRIMARY KEY and unique indexes say of a table. */
export function uniqueKeysOf(catalog: Catalog, table: TableObject): readonly UniqueConstraint[] {
  const indexes = [...catalog.objects.values()].filter(
    (object) => object.kind === 'index' && object.unique && object.relation === table.id,
  ) as readonly IndexObject[]
  return [
    ...table.uniques,
    ...indexes.map(({ name, columns, nullsNotDistinct }) => ({ name, columns, nullsNotDistinct, primary: false })),
  ]
}

/** All that must go with `ids`, dependants before what they depend on. Includes `ids`. */
export function dependantsClosure(catalog: Catalog, ids: readonly RelationId[]): readonly RelationId[] {
  const seen = new Set<RelationId>()
  const order: RelationId[] = []
  const visit = (id: RelationId): void => {
    if (seen.has(id)) return
    seen.add(id)
    for (const dependant of directDependants(catalog, id)) visit(dependant.id)
    order.push(id)
  }
  for (const id of ids) visit(id)
  return order
}

/** Materialized views in an order in which each stands after what it reads. */
export function viewsInOrder(catalog: Catalog): readonly MaterializedViewObject[] {
  const done = new Set<RelationId>()
  const order: MaterializedViewObject[] = []
  const visit = (object: CatalogObject | undefined): void => {
    if (object?.kind === 'table' && object.errorsOf !== undefined) visit(catalog.objects.get(object.errorsOf))
    if (object?.kind !== 'materialized view' || done.has(object.id)) return
    done.add(object.id)
    for (const id of object.reads) visit(catalog.objects.get(id))
    order.push(object)
  }
  for (const object of catalog.objects.values()) visit(object)
  return order
}

/** 42P07. */
export const duplicateRelation = (name: string, position?: number): SqlError =>
  new SqlError({ code: '42P07', message: `relation "${name}" already exists`, position })
