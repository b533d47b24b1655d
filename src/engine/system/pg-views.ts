// PostgreSQL's views over its catalog: pg_tables, pg_views, pg_settings, pg_stat_activity and their like.

import type { CatalogObject } from '../../storage/catalog.ts'
import { durationMs } from '../settings.ts'
import type { NamedRow, Rows } from './build.ts'
import type { SystemFacts } from './relation.ts'
import { viewText } from './view-text.ts'

const ofKind = function* <Kind extends CatalogObject['kind']>(
  { catalog }: SystemFacts,
  kind: Kind,
): Generator<Extract<CatalogObject, { kind: Kind }>> {
  for (const object of catalog.objects.values())
    if (object.kind === kind) yield object as Extract<CatalogObject, { kind: Kind }>
}

export const tables: Rows = function* (facts) {
  for (const table of [...ofKind(facts, 'table'), ...ofKind(facts, 'source')])
    yield {
      schemaname: table.schema,
      tablename: table.name,
      tableowner: facts.user,
      hasindexes: table.kind === 'table' && table.uniques.length > 0,
    }
  for (const relation of facts.systemRelations)
    yield { schemaname: relation.schema, tablename: relation.name, tableowner: facts.user }
}

export const views: Rows = function* (facts) {
  for (const view of ofKind(facts, 'view'))
    yield { schemaname: view.schema, viewname: view.name, viewowner: facts.user, definition: viewText(view) }
}

export const materializedViews: Rows = function* (facts) {
  for (const view of ofKind(facts, 'materialized view'))
    yield {
      schemaname: view.schema,
      matviewname: view.name,
      matviewowner: facts.user,
      ispopulated: true,
      definition: viewText(view),
    }
}

export const indexes: Rows = function* (facts) {
  for (const index of ofKind(facts, 'index')) {
    const table = facts.catalog.objects.get(index.relation)
    const on = `${table?.schema}.${table?.name}`
    const kind = index.unique ? 'UNIQUE INDEX' : 'INDEX'
    yield {
      schemaname: index.schema,
      tablename: table?.name ?? null,
      indexname: index.name,
      indexdef: `CREATE ${kind} ${index.name} ON ${on} USING btree (${index.keys.join(', ')})`,
    }
  }
  for (const table of ofKind(facts, 'table'))
    for (const { name, columns } of table.uniques) {
      const keys = columns.map((column) => table.columns[column]!.name).join(', ')
      const indexdef = `CREATE UNIQUE INDEX ${name} ON ${table.schema}.${table.name} USING btree (${keys})`
      yield { schemaname: table.schema, tablename: table.name, indexname: name, indexdef }
    }
}

const kindNames: Readonly<Record<string, string>> = { duration: 'integer' }

export const settings: Rows = function* (facts) {
  for (const { name, value, default: fallback, description, kind } of facts.settings) {
    const plain = (text: string): string => (kind === 'duration' ? String(durationMs(name, text)) : text)
    yield {
      name,
      setting: plain(value),
      category: 'Millrace',
      short_desc: description,
      context: 'user',
      vartype: kindNames[kind] ?? kind,
      source: value === fallback ? 'default' : 'session',
      boot_val: plain(fallback),
      reset_val: plain(fallback),
      unit: kind === 'duration' ? 'ms' : null,
    }
  }
}

export const activity: Rows = function* (facts) {
  for (const session of facts.status.sessions()) yield sessionRow(session)
}

const sessionRow = (session: ReturnType<SystemFacts['status']['sessions']>[number]): NamedRow => ({
  datid: 5,
  datname: session.database,
  pid: session.pid,
  usesysid: 10,
  usename: session.user,
  application_name: session.applicationName,
  state: session.state,
  query: session.query,
  backend_type: 'client backend',
  xact_start: session.since === 0n ? null : session.since,
})

export const statTables: Rows = function* (facts) {
  for (const table of ofKind(facts, 'table'))
    yield {
      relid: table.id,
      schemaname: table.schema,
      relname: table.name,
      n_live_tup: facts.status.size(table.id)?.rows ?? 0n,
    }
}
