// Plans SQL text against a small catalog written down in the test: `table('t', 'id int4! , v numeric(10,2)', { key:
// ['id'] })`.

import { relationId } from '../../../src/core/ids.ts'
import { columnDef } from '../../../src/core/schema.ts'
import type { SqlType } from '../../../src/core/type.ts'
import { typeFromName } from '../../../src/core/type-name.ts'
import { functionRegistry } from '../../../src/functions/all.ts'
import type { TextSettings } from '../../../src/functions/text/settings.ts'
import type { Query } from '../../../src/parser/ast.ts'
import { parseStatements } from '../../../src/parser/parse.ts'
import type { PlannerCatalog, RelationInfo } from '../../../src/planner/catalog.ts'
import { type PlannedQuery, type PlanOptions, planQuery } from '../../../src/planner/plan.ts'

export const registry = functionRegistry()

interface TableOptions {
  readonly key?: readonly string[]
  readonly insertOnly?: boolean
  readonly kind?: RelationInfo['kind']
  readonly schema?: string
}

const typeOf = (name: string): SqlType => {
  const [, base = name, modifiers] = /^([^(]+)(?:\(([\d,]+)\))?(?:\[\])?$/.exec(name) ?? []
  const numbers = modifiers?.split(',').map(Number) ?? []
  const type = typeFromName(base.trim(), numbers)
  if (type === undefined) throw new Error(`no type ${name}`)
  return name.endsWith('[]') && type.kind !== 'array' ? { kind: 'array', element: type } : type
}

let nextId = 20_000

/** Columns as `name type[!]`, separated by `, `; `!` is NOT NULL. */
export function table(name: string, columns: string, options: TableOptions = {}): RelationInfo {
  const schema = columns.split(/,\s+/).map((column) => {
    const [, columnName, type, mark] = /^(\S+) (.+?)(!?)$/.exec(column.trim()) ?? []
    if (columnName === undefined || type === undefined) throw new Error(`bad column ${column}`)
    return columnDef(columnName, typeOf(type), mark !== '!')
  })
  const key = options.key?.map((one) => schema.findIndex((def) => def.name === one))
  return {
    id: relationId(nextId++),
    schema: options.schema ?? 'public',
    name,
    kind: options.kind ?? 'table',
    columns: schema,
    hidden: [],
    primaryKey: key,
    uniqueKeys: key === undefined ? [] : [{ name: `${name}_pkey`, columns: key }],
    insertOnly: options.insertOnly ?? false,
    view: undefined,
    timed: [],
    settled: [],
    details: schema.map(() => ({ default: undefined, generated: undefined, identity: undefined })),
  }
}

/** A plain view; its columns are those of its query. */
export function view(name: string, sql: string, tables: readonly RelationInfo[]): RelationInfo {
  const query = parseQuery(sql)
  const planned = planQuery(query, optionsFor(tables))
  const base = table(name, 'x int4', { kind: 'view' })
  return {
    ...base,
    columns: planned.output.map(({ name: column, type }) => columnDef(column, type)),
    view: { query, searchPath: ['public'] },
  }
}

export function catalogOf(tables: readonly RelationInfo[]): PlannerCatalog {
  return {
    resolve: (schema, name, path) =>
      [...(schema === undefined ? ['pg_catalog', ...path] : [schema])]
        .map((one) => tables.find((relation) => relation.schema === one && relation.name === name))
        .find((found) => found !== undefined),
    hasSchema: (name) => tables.some((relation) => relation.schema === name),
    relationNames: () => tables.map((relation) => relation.name),
    type: () => undefined,
  }
}

export const textSettings: TextSettings = {
  dateStyle: { output: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  timeZone: { name: 'UTC', offsetAt: () => 0 } as never,
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  now: () => 0n,
}

export const optionsFor = (tables: readonly RelationInfo[], options: Partial<PlanOptions> = {}): PlanOptions => ({
  catalog: catalogOf(tables),
  registry,
  searchPath: ['public'],
  text: textSettings,
  purpose: 'adhoc',
  ...options,
})

export function parseQuery(sql: string): Query {
  const [parsed] = parseStatements(sql)
  if (parsed?.statement.kind !== 'query') throw new Error(`not a query: ${sql}`)
  return parsed.statement
}

export const plan = (sql: string, tables: readonly RelationInfo[], options: Partial<PlanOptions> = {}): PlannedQuery =>
  planQuery(parseQuery(sql), optionsFor(tables, options))
