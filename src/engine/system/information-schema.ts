// information_schema: what SQL's own catalog says of tables, columns and constraints.

import type { SqlType } from '../../core/type.ts'
import { catalogTypeName, typeName } from '../../core/type-name.ts'
import type { CatalogColumn, CatalogObject } from '../../storage/catalog.ts'
import type { NamedRow, Rows } from './build.ts'
import { defaultText } from './default-text.ts'
import { systemSchemas } from './schemas.ts'
import { viewText } from './view-text.ts'

const tableTypes = { table: 'BASE TABLE', source: 'BASE TABLE', view: 'VIEW' } as const

type Relation = Exclude<CatalogObject, { kind: 'index' | 'materialized view' }>

/** Materialized views are no part of SQL's own catalog: as in PostgreSQL, pg_catalog has them. */
const relations = function* (objects: Iterable<CatalogObject>): Generator<Relation> {
  for (const object of objects) if (object.kind !== 'index' && object.kind !== 'materialized view') yield object
}

export const tables: Rows = function* ({ catalog, database, systemRelations }) {
  for (const object of relations(catalog.objects.values()))
    yield {
      table_catalog: database,
      table_schema: object.schema,
      table_name: object.name,
      table_type: tableTypes[object.kind],
      is_insertable_into: object.kind === 'table' ? 'YES' : 'NO',
      is_typed: 'NO',
    }
  for (const relation of systemRelations)
    yield {
      table_catalog: database,
      table_schema: relation.schema,
      table_name: relation.name,
      table_type: 'VIEW',
      is_insertable_into: 'NO',
      is_typed: 'NO',
    }
}

export const columns: Rows = function* ({ catalog, database, systemRelations }) {
  for (const object of relations(catalog.objects.values()))
    for (const [i, column] of object.columns.entries())
      yield { ...columnRow(column, i), table_catalog: database, table_schema: object.schema, table_name: object.name }
  for (const relation of systemRelations)
    for (const [i, { name, type }] of relation.columns.entries())
      yield {
        ...columnRow({ name, type, notNull: false }, i),
        table_catalog: database,
        table_schema: relation.schema,
        table_name: relation.name,
      }
}

function columnRow(column: CatalogColumn, place: number): NamedRow {
  const { type } = column
  return {
    column_name: column.name,
    ordinal_position: place + 1,
    column_default: defaultText(column) ?? null,
    is_nullable: column.notNull ? 'NO' : 'YES',
    data_type: type.kind === 'array' ? 'ARRAY' : typeName(plainType(type)),
    character_maximum_length: 'length' in type ? (type.length ?? null) : null,
    numeric_precision: numericPrecision(type),
    numeric_precision_radix: numericPrecision(type) === null ? null : type.kind === 'numeric' ? 10 : 2,
    numeric_scale: type.kind === 'numeric' ? (type.scale ?? null) : /^int/.test(type.kind) ? 0 : null,
    datetime_precision: /^(time|interval)/.test(type.kind) ? 6 : type.kind === 'date' ? 0 : null,
    udt_name: catalogTypeName(type),
    udt_schema: 'pg_catalog',
    is_identity: 'NO',
    is_generated: column.generated === undefined ? 'NEVER' : 'ALWAYS',
    generation_expression: column.generated ?? null,
    is_updatable: 'YES',
    dtd_identifier: String(place + 1),
  }
}

/** Without modifiers: data_type says `numeric`, not `numeric(12,2)`. */
const plainType = (type: SqlType): SqlType => ({ kind: type.kind }) as SqlType

function numericPrecision(type: SqlType): number | null {
  switch (type.kind) {
    case 'int2':
      return 16
    case 'int4':
      return 32
    case 'int8':
      return 64
    case 'float4':
      return 24
    case 'float8':
      return 53
    case 'numeric':
      return type.precision ?? null
    default:
      return null
  }
}

export const schemata: Rows = function* ({ catalog, database, user }) {
  for (const { name } of [...systemSchemas, ...catalog.schemas.values()])
    yield { catalog_name: database, schema_name: name, schema_owner: user }
}

export const views: Rows = function* ({ catalog, database }) {
  for (const object of catalog.objects.values())
    if (object.kind === 'view')
      yield {
        table_catalog: database,
        table_schema: object.schema,
        table_name: object.name,
        view_definition: viewText(object),
        check_option: 'NONE',
        is_updatable: 'NO',
        is_insertable_into: 'NO',
      }
}

export const tableConstraints: Rows = function* ({ catalog, database }) {
  for (const table of catalog.objects.values()) {
    if (table.kind !== 'table') continue
    const common = {
      constraint_catalog: database,
      constraint_schema: table.schema,
      table_catalog: database,
      table_schema: table.schema,
      table_name: table.name,
      is_deferrable: 'NO',
      initially_deferred: 'NO',
      enforced: 'YES',
    }
    for (const { name, primary } of table.uniques)
      yield { ...common, constraint_name: name, constraint_type: primary ? 'PRIMARY KEY' : 'UNIQUE' }
    for (const { name } of table.checks) yield { ...common, constraint_name: name, constraint_type: 'CHECK' }
  }
}

export const keyColumns: Rows = function* ({ catalog, database }) {
  for (const table of catalog.objects.values()) {
    if (table.kind !== 'table') continue
    for (const { name, columns: key } of table.uniques)
      for (const [i, column] of key.entries())
        yield {
          constraint_catalog: database,
          constraint_schema: table.schema,
          constraint_name: name,
          table_catalog: database,
          table_schema: table.schema,
          table_name: table.name,
          column_name: table.columns[column]!.name,
          ordinal_position: i + 1,
        }
  }
}
