// pg_class and what hangs on it: attributes, defaults, indexes, constraints, namespaces, descriptions.
//
// Sources and tables are relkind r, views v, materialized views m, indexes i (dialect §6). A primary key or unique
// constraint has an index of the same name, as in PostgreSQL; its oid is made from the table's.

import type { SqlType } from '../../core/type.ts'
import { typeLength, typeModifier, typeOid } from '../../core/type-name.ts'
import type { SqlValue } from '../../core/value.ts'
import { sqlArray } from '../../core/value.ts'
import type { Catalog, CatalogObject, ForeignKey, TableObject, UniqueConstraint } from '../../storage/catalog.ts'
import type { NamedRow, Rows } from './build.ts'
import { defaultText } from './default-text.ts'
import type { SystemFacts, SystemRelation } from './relation.ts'
import { systemSchemas } from './schemas.ts'

export const OWNER_OID = 10
const HEAP_AM = 2
const BTREE_AM = 403
export const CLASS_OID = 1259
const CONSTRAINT_OIDS = 1_000_000_000
const INDEX_OIDS = 1_500_000_000
const PER_TABLE = 64

const kinds = { table: 'r', source: 'r', view: 'v', 'materialized view': 'm', index: 'i' } as const
export const relkind = (object: CatalogObject): string => kinds[object.kind]

export const schemaOid = (catalog: Catalog, name: string): number =>
  catalog.schemas.get(name)?.id ?? systemSchemas.find((schema) => schema.name === name)?.id ?? 0

/** The index behind the n-th constraint of a table. */
const constraintIndexOid = (table: TableObject, n: number): number => INDEX_OIDS + table.id * PER_TABLE + n
const constraintOid = (table: TableObject, n: number): number => CONSTRAINT_OIDS + table.id * PER_TABLE + n

export const namespaces: Rows = function* ({ catalog }) {
  for (const { id, name } of systemSchemas) yield { oid: id, nspname: name, nspowner: OWNER_OID }
  for (const { id, name } of catalog.schemas.values()) yield { oid: id, nspname: name, nspowner: OWNER_OID }
}

export const classes: Rows = function* (facts) {
  const { catalog } = facts
  for (const object of catalog.objects.values()) {
    yield classRow(facts, object)
    if (object.kind === 'table')
      for (const [n, unique] of object.uniques.entries())
        yield {
          ...indexClass(unique.name, schemaOid(catalog, object.schema), unique.columns.length),
          oid: constraintIndexOid(object, n),
        }
  }
  for (const relation of facts.systemRelations) yield systemClass(catalog, relation)
}

function classRow(facts: SystemFacts, object: CatalogObject): NamedRow {
  const { catalog } = facts
  const namespace = schemaOid(catalog, object.schema)
  if (object.kind === 'index') return { ...indexClass(object.name, namespace, object.keys.length), oid: object.id }
  const size = facts.status.size(object.id)
  return {
    oid: object.id,
    relname: object.name,
    relnamespace: namespace,
    relowner: OWNER_OID,
    relam: object.kind === 'view' ? 0 : HEAP_AM,
    reltuples: Number(size?.rows ?? -1n),
    relpages: Math.ceil((size?.bytes ?? 0) / 8192),
    relhasindex: object.kind === 'table' && object.uniques.length > 0,
    relpersistence: 'p',
    relkind: relkind(object),
    relnatts: object.columns.length,
    relchecks: object.kind === 'table' ? object.checks.length : 0,
    relhasrules: object.kind === 'view' || object.kind === 'materialized view',
    relispopulated: true,
    relreplident: object.kind === 'view' ? 'n' : 'd',
  }
}

const indexClass = (name: string, namespace: number, keys: number): NamedRow => ({
  relname: name,
  relnamespace: namespace,
  relowner: OWNER_OID,
  relam: BTREE_AM,
  relpersistence: 'p',
  relkind: 'i',
  relnatts: keys,
  relispopulated: true,
  relreplident: 'n',
})

const systemClass = (catalog: Catalog, relation: SystemRelation): NamedRow => ({
  oid: relation.id,
  relname: relation.name,
  relnamespace: schemaOid(catalog, relation.schema),
  relowner: OWNER_OID,
  relam: HEAP_AM,
  reltuples: -1,
  relpersistence: 'p',
  relkind: relation.schema === 'pg_catalog' && relation.id < 10_000 ? 'r' : 'v',
  relnatts: relation.columns.length,
  relispopulated: true,
  relreplident: 'n',
})

export const attributes: Rows = function* ({ catalog, systemRelations }) {
  for (const object of catalog.objects.values()) {
    if (object.kind === 'index') {
      const relation = catalog.objects.get(object.relation)
      for (const [i, column] of object.columns.entries()) {
        const of = relation !== undefined && relation.kind !== 'index' ? relation.columns[column] : undefined
        if (of !== undefined) yield attributeRow(object.id, of.name, of.type, { place: i, notNull: false })
      }
      continue
    }
    for (const [i, { name, type, notNull, default: fallback, generated }] of object.columns.entries())
      yield {
        ...attributeRow(object.id, name, type, { place: i, notNull }),
        atthasdef: fallback !== undefined || generated !== undefined,
        attgenerated: generated === undefined ? '' : 's',
      }
    if (object.kind === 'table') yield* constraintIndexAttributes(object)
  }
  for (const relation of systemRelations)
    for (const [i, { name, type }] of relation.columns.entries())
      yield attributeRow(relation.id, name, type, { place: i, notNull: false })
}

function* constraintIndexAttributes(table: TableObject): Generator<NamedRow> {
  for (const [n, unique] of table.uniques.entries())
    for (const [i, column] of unique.columns.entries()) {
      const { name, type } = table.columns[column]!
      yield attributeRow(constraintIndexOid(table, n), name, type, { place: i, notNull: false })
    }
}

const collated = new Set(['text', 'varchar', 'bpchar', 'name'])

function attributeRow(
  relation: number,
  name: string,
  type: SqlType,
  { place, notNull }: { readonly place: number; readonly notNull: boolean },
): NamedRow {
  return {
    attrelid: relation,
    attname: name,
    atttypid: typeOid(type),
    attstattarget: -1,
    attlen: typeLength(type),
    attnum: place + 1,
    attndims: type.kind === 'array' ? 1 : 0,
    attcacheoff: -1,
    atttypmod: typeModifier(type),
    attbyval: typeLength(type) > 0 && typeLength(type) <= 8,
    attalign: 'i',
    attstorage: typeLength(type) < 0 ? 'x' : 'p',
    attcompression: '',
    attnotnull: notNull,
    attidentity: '',
    attgenerated: '',
    attislocal: true,
    attcollation: collated.has(type.kind) ? 100 : 0,
  }
}

export const defaults: Rows = function* ({ catalog }) {
  for (const object of catalog.objects.values())
    if (object.kind === 'table')
      for (const [i, column] of object.columns.entries()) {
        const adbin = defaultText(column) ?? column.generated
        if (adbin !== undefined) yield { oid: CONSTRAINT_OIDS + i, adrelid: object.id, adnum: i + 1, adbin }
      }
}

const numbers = (values: readonly number[]): SqlValue => sqlArray(values)

export const indexes: Rows = function* ({ catalog }) {
  for (const object of catalog.objects.values()) {
    if (object.kind === 'index')
      yield indexRow(object.id, object.relation, object.columns, { ...object, primary: false })
    if (object.kind !== 'table') continue
    for (const [n, unique] of object.uniques.entries())
      yield indexRow(constraintIndexOid(object, n), object.id, unique.columns, { ...unique, unique: true })
  }
}

const indexRow = (
  index: number,
  relation: number,
  columns: readonly number[],
  {
    unique,
    primary,
    nullsNotDistinct = false,
  }: Pick<UniqueConstraint, 'primary' | 'nullsNotDistinct'> & { readonly unique: boolean },
): NamedRow => ({
  indnullsnotdistinct: nullsNotDistinct,
  indexrelid: index,
  indrelid: relation,
  indnatts: columns.length,
  indnkeyatts: columns.length,
  indisunique: unique,
  indisprimary: primary,
  indimmediate: true,
  indisvalid: true,
  indisready: true,
  indislive: true,
  indkey: numbers(columns.map((column) => column + 1)),
  indoption: numbers(columns.map(() => 0)),
  indcollation: numbers(columns.map(() => 0)),
  indclass: numbers(columns.map(() => 0)),
})

export const constraints: Rows = function* ({ catalog }) {
  for (const object of catalog.objects.values()) {
    if (object.kind !== 'table') continue
    const common = {
      connamespace: schemaOid(catalog, object.schema),
      conrelid: object.id,
      convalidated: true,
      conislocal: true,
    }
    for (const [n, { name, columns, primary }] of object.uniques.entries())
      yield {
        ...common,
        oid: constraintOid(object, n),
        conname: name,
        contype: primary ? 'p' : 'u',
        conindid: constraintIndexOid(object, n),
        conkey: numbers(columns.map((column) => column + 1)),
      }
    for (const [n, { name, expression }] of object.checks.entries())
      yield {
        ...common,
        oid: constraintOid(object, object.uniques.length + n),
        conname: name,
        contype: 'c',
        conbin: expression,
      }
    for (const [n, key] of object.foreignKeys.entries())
      yield { ...common, oid: constraintOid(object, object.uniques.length + object.checks.length + n), ...foreign(key) }
  }
}

const actionLetters = { 'no action': 'a', restrict: 'r', cascade: 'c', 'set null': 'n', 'set default': 'd' } as const

const foreign = (key: ForeignKey): NamedRow => ({
  conname: key.name,
  contype: 'f',
  condeferrable: key.deferrable,
  condeferred: key.deferred,
  confrelid: key.references,
  confupdtype: actionLetters[key.onUpdate],
  confdeltype: actionLetters[key.onDelete],
  confmatchtype: key.match === 'full' ? 'f' : 's',
  conkey: numbers(key.columns.map((column) => column + 1)),
  confkey: numbers(key.referenced.map((column) => column + 1)),
})

/** As pg_get_constraintdef prints it. */
export function foreignKeyText(catalog: Catalog, table: TableObject, key: ForeignKey): string {
  const parent = catalog.objects.get(key.references) as TableObject
  const names = (of: TableObject, columns: readonly number[]): string =>
    columns.map((column) => of.columns[column]!.name).join(', ')
  const action = (on: string, what: ForeignKey['onDelete']): string =>
    what === 'no action' ? '' : ` ON ${on} ${what.toUpperCase()}`
  return [
    `FOREIGN KEY (${names(table, key.columns)}) REFERENCES ${parent.name}(${names(parent, key.referenced)})`,
    key.match === 'full' ? ' MATCH FULL' : '',
    action('UPDATE', key.onUpdate),
    action('DELETE', key.onDelete),
    key.deferrable ? ' DEFERRABLE' : '',
    key.deferred ? ' INITIALLY DEFERRED' : '',
  ].join('')
}

/** What pg_get_indexdef and pg_get_constraintdef say of a constraint or its index. */
export function constraintText(
  catalog: Catalog,
  oid: number,
): { readonly constraint: string; readonly index: string } | undefined {
  const base = oid >= INDEX_OIDS ? INDEX_OIDS : CONSTRAINT_OIDS
  const table = [...catalog.objects.values()].find((object) => object.id === Math.floor((oid - base) / PER_TABLE))
  if (table?.kind !== 'table') return undefined
  const n = (oid - base) % PER_TABLE
  const unique = table.uniques[n]
  if (unique === undefined) {
    const check = table.checks[n - table.uniques.length]
    const key = table.foreignKeys[n - table.uniques.length - table.checks.length]
    if (key !== undefined) return { constraint: foreignKeyText(catalog, table, key), index: '' }
    return check === undefined ? undefined : { constraint: `CHECK ((${check.expression}))`, index: '' }
  }
  const names = unique.columns.map((column) => table.columns[column]!.name).join(', ')
  const nulls = unique.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : ''
  return {
    constraint: `${unique.primary ? 'PRIMARY KEY' : `UNIQUE${nulls}`} (${names})`,
    index: `CREATE UNIQUE INDEX ${unique.name} ON ${table.schema}.${table.name} USING btree (${names})${nulls}`,
  }
}

export const descriptions: Rows = function* ({ catalog }) {
  for (const object of catalog.objects.values()) {
    const common = { objoid: object.id, classoid: CLASS_OID }
    if (object.comment !== undefined) yield { ...common, objsubid: 0, description: object.comment }
    if (object.kind === 'index') continue
    for (const [i, { comment }] of object.columns.entries())
      if (comment !== undefined) yield { ...common, objsubid: i + 1, description: comment }
  }
}

export const rewrites: Rows = function* ({ catalog }) {
  for (const object of catalog.objects.values())
    if (object.kind === 'view' || object.kind === 'materialized view')
      yield {
        oid: object.id + 1,
        rulename: '_RETURN',
        ev_class: object.id,
        ev_type: '1',
        ev_enabled: 'O',
        is_instead: true,
      }
}
