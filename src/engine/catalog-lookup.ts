// A catalog version as the planner sees it: names resolved along the search path, system relations first, declared SQL
// texts as syntax trees.
//
// State: none but a memo of what was looked up, which lives as long as the version. Parsing a view's or default's text
// again is cheap and keeps the catalog free of trees.

import type { RelationId } from '../core/ids.ts'
import type { Schema } from '../core/schema.ts'
import { defaultPhysical, type SqlType } from '../core/type.ts'
import type { Expression, Query } from '../parser/ast.ts'
import { parseExpression, parseStatements } from '../parser/parse.ts'
import type { ColumnDetails, PlannerCatalog, RelationInfo, UniqueKey } from '../planner/catalog.ts'
import {
  type Catalog,
  type CatalogColumn,
  type CatalogObject,
  findObject,
  typeKey,
  uniqueKeysOf,
  type WatermarkDefinition,
} from '../storage/catalog.ts'
import type { SystemRelation } from './system/relation.ts'

/** Facts of running views that the catalog does not hold: what their plans derived. */
export interface DerivedFacts {
  /** Physical kinds and nullability of the stored columns. */
  readonly schema: Schema
  readonly uniqueKeys: readonly (readonly number[])[]
  readonly insertOnly: boolean
  readonly timed: readonly number[]
  readonly settled: readonly number[]
}

export class CatalogLookup implements PlannerCatalog {
  readonly #catalog: Catalog
  readonly #system: ReadonlyMap<string, SystemRelation>
  readonly #derived: (id: RelationId) => DerivedFacts | undefined
  readonly #rows: (id: RelationId) => number
  readonly #known = new Map<RelationId, RelationInfo>()

  constructor(
    catalog: Catalog,
    system: readonly SystemRelation[],
    derived: (id: RelationId) => DerivedFacts | undefined,
    rows: (id: RelationId) => number,
  ) {
    this.#catalog = catalog
    this.#system = new Map(system.map((relation) => [`${relation.schema}.${relation.name}`, relation]))
    this.#derived = derived
    this.#rows = rows
  }

  resolve(schema: string | undefined, name: string, searchPath: readonly string[]): RelationInfo | undefined {
    for (const candidate of schema === undefined ? withSystem(searchPath) : [schema]) {
      const system = this.#system.get(`${candidate}.${name}`)
      if (system !== undefined) return this.#once(system.id, () => systemInfo(system))
      const object = findObject(this.#catalog, candidate, name)
      if (object !== undefined) return this.info(object)
    }
    return undefined
  }

  info(object: CatalogObject): RelationInfo {
    return this.#once(object.id, () => {
      const info = { ...relationInfo(object, this.#derived(object.id)), rows: () => this.#rows(object.id) }
      return object.kind === 'table' ? { ...info, uniqueKeys: uniqueKeysOf(this.#catalog, object) } : info
    })
  }

  hasSchema(name: string): boolean {
    return this.#catalog.schemas.has(name) || ['pg_catalog', 'information_schema', 'millrace'].includes(name)
  }

  *relationNames(searchPath: readonly string[]): Generator<string> {
    for (const object of this.#catalog.objects.values()) if (searchPath.includes(object.schema)) yield object.name
    for (const relation of this.#system.values()) if (relation.schema === 'pg_catalog') yield relation.name
  }

  type(schema: string | undefined, name: string, searchPath: readonly string[]): SqlType | undefined {
    for (const candidate of schema === undefined ? searchPath : [schema]) {
      const declared = this.#catalog.types.get(typeKey(candidate, name))
      if (declared !== undefined) return declared.type
    }
    const relation = this.resolve(schema, name, searchPath)
    if (relation === undefined || relation.kind === 'index') return undefined
    return { kind: 'row', name: relation.name, fields: relation.columns.map(({ name, type }) => ({ name, type })) }
  }

  #once(id: RelationId, make: () => RelationInfo): RelationInfo {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const info = make()
    this.#known.set(id, info)
    return info
  }
}

/** pg_catalog comes first unless the path names it. */
export const withSystem = (searchPath: readonly string[]): readonly string[] =>
  searchPath.includes('pg_catalog') ? searchPath : ['pg_catalog', ...searchPath]

export const columnsSchema = (columns: readonly CatalogColumn[]): Schema =>
  columns.map(({ name, type, notNull }) => ({ name, type, physical: defaultPhysical(type), nullable: !notNull }))

const plain = {
  hidden: [],
  primaryKey: undefined,
  uniqueKeys: [],
  insertOnly: false,
  view: undefined,
  timed: [],
  settled: [],
  details: undefined,
} as const

function systemInfo(relation: SystemRelation): RelationInfo {
  const uniqueKeys: readonly UniqueKey[] =
    relation.key === undefined ? [] : [{ name: undefined, columns: relation.key }]
  const { id, schema, name, columns } = relation
  return { ...plain, id, schema, name, kind: 'system', columns, uniqueKeys }
}

/** Late rows that are applied change what is below the frontier. */
function watermarked(watermark: WatermarkDefinition | undefined): Pick<RelationInfo, 'timed' | 'settled'> {
  if (watermark === undefined) return { timed: [], settled: [] }
  const timed = [watermark.column]
  return { timed, settled: watermark.late === 'apply' ? [] : timed }
}

/** What the planner knows of an object; `derived` of a running view. */
export function relationInfo(object: CatalogObject, derived: DerivedFacts | undefined): RelationInfo {
  const { id, schema, name } = object
  switch (object.kind) {
    case 'table': {
      const { columns, uniques, appendOnly } = object
      return {
        ...plain,
        id,
        schema,
        name,
        kind: 'table',
        columns: columnsSchema(columns),
        primaryKey: uniques.find((unique) => unique.primary)?.columns,
        uniqueKeys: uniques,
        insertOnly: appendOnly && object.retention === undefined,
        ...watermarked(object.watermark),
        details: columns.map(columnDetails),
      }
    }
    case 'source':
      return {
        ...plain,
        id,
        schema,
        name,
        kind: 'source',
        columns: columnsSchema(object.columns),
        insertOnly: true,
        ...watermarked(object.watermark),
        details: object.columns.map(columnDetails),
      }
    case 'view':
      return {
        ...plain,
        id,
        schema,
        name,
        kind: 'view',
        columns: columnsSchema(object.columns),
        view: { query: parseQuery(object.query), searchPath: object.searchPath },
      }
    case 'materialized view':
      return {
        ...plain,
        id,
        schema,
        name,
        kind: 'materialized view',
        columns: derived?.schema ?? columnsSchema(object.columns),
        uniqueKeys: (derived?.uniqueKeys ?? []).map((columns) => ({ name: undefined, columns })),
        insertOnly: derived?.insertOnly ?? false,
        timed: derived?.timed ?? [],
        settled: derived?.settled ?? [],
      }
    case 'index':
      return { ...plain, id, schema, name, kind: 'index', columns: [] }
  }
}

const parseText = (text: string | undefined): Expression | undefined =>
  text === undefined ? undefined : parseExpression(text)

const columnDetails = (column: CatalogColumn): ColumnDetails => ({
  default: parseText(column.default),
  generated: parseText(column.generated),
  identity: undefined,
})

/** The tree of a query's canonical text. */
export function parseQuery(text: string): Query {
  return parseStatements(text)[0]!.statement as Query
}
