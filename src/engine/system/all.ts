// The list of system relations. A new one is an entry of its family's list.

import { systemRelations as build } from './build.ts'
import * as schema from './information-schema.ts'
import { informationSchemaColumns } from './information-schema-columns.ts'
import { millraceRelations } from './millrace.ts'
import * as relations from './pg-relations.ts'
import { pgTableColumns } from './pg-table-columns.ts'
import * as types from './pg-types.ts'
import { pgViewColumns } from './pg-view-columns.ts'
import * as views from './pg-views.ts'
import type { SystemRelation } from './relation.ts'

const tables = build('pg_catalog', pgTableColumns, {
  pg_namespace: relations.namespaces,
  pg_class: relations.classes,
  pg_attribute: relations.attributes,
  pg_attrdef: relations.defaults,
  pg_index: relations.indexes,
  pg_constraint: relations.constraints,
  pg_description: relations.descriptions,
  pg_rewrite: relations.rewrites,
  pg_type: types.types,
  pg_proc: types.functions,
  pg_am: types.accessMethods,
  pg_collation: types.collations,
  pg_language: types.languages,
  pg_database: types.databases,
  pg_tablespace: types.tablespaces,
  pg_authid: types.roles,
  pg_enum: types.enumLabels,
})

const catalogViews = build('pg_catalog', pgViewColumns, {
  pg_roles: types.roles,
  pg_user: types.roles,
  pg_shadow: types.roles,
  pg_tables: views.tables,
  pg_views: views.views,
  pg_matviews: views.materializedViews,
  pg_indexes: views.indexes,
  pg_settings: views.settings,
  pg_stat_activity: views.activity,
  pg_stat_user_tables: views.statTables,
})

const informationSchema = build('information_schema', informationSchemaColumns, {
  tables: schema.tables,
  columns: schema.columns,
  schemata: schema.schemata,
  views: schema.views,
  table_constraints: schema.tableConstraints,
  key_column_usage: schema.keyColumns,
})

export const systemRelations: readonly SystemRelation[] = [
  ...tables,
  ...catalogViews,
  ...informationSchema,
  ...millraceRelations,
]
