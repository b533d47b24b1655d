// SHOW TABLES and its like, DESCRIBE, SHOW CREATE: short lists for people at a prompt.

import type { SourceDefinition } from '../../connectors/source.ts'
import { SqlError } from '../../core/error.ts'
import { typeName } from '../../core/type-name.ts'
import type { SqlValue } from '../../core/value.ts'
import type { ShowColumns, ShowCreate, ShowObjects } from '../../parser/ast-statement.ts'
import { printIdentifier } from '../../parser/print.ts'
import type { CatalogColumn, CatalogObject, SourceObject } from '../../storage/catalog.ts'
import { findNamed, splitQualified, undefinedRelation } from '../names.ts'
import type { Execution } from '../session.ts'
import type { StatementSession } from '../statement-session.ts'
import { foreignKeyText } from '../system/pg-relations.ts'
import { watermarkRows } from './explain-watermark.ts'
import { valuesExecution } from './rows.ts'

const text = { kind: 'text' } as const
const columnsNamed = (...names: readonly string[]) => names.map((name) => ({ name, type: text }))

const kinds: Readonly<Record<string, CatalogObject['kind']>> = {
  sources: 'source',
  tables: 'table',
  views: 'view',
  'materialized views': 'materialized view',
  indexes: 'index',
}

/** Names of the columns that SHOW gives. */
export function shownColumns(objects: ShowObjects['objects']): readonly string[] {
  if (objects === 'watermarks') return ['name', 'schema', 'column', 'watermark', 'closing']
  return objects === 'schemas' ? ['name'] : ['name', 'schema']
}

export function showObjects(session: StatementSession, statement: ShowObjects): Execution {
  const { objects, from, like } = statement
  const matches = like === undefined ? () => true : likeMatcher(like)
  const rows = listed(session, objects, from?.parts.at(-1)).filter(([name]) => matches(String(name)))
  rows.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
  const columns = columnsNamed(...shownColumns(objects))
  return valuesExecution(session.account, columns, rows, 'SHOW')
}

function listed(session: StatementSession, objects: ShowObjects['objects'], from: string | undefined): SqlValue[][] {
  const { catalog, subscriptions } = session.core
  if (objects === 'schemas') return [...catalog.schemas.keys()].map((name) => [name])
  if (objects === 'sinks') return []
  if (objects === 'watermarks') return watermarkRows(session.core)
  if (objects === 'subscriptions')
    return Array.from({ length: subscriptions.count }, (_, i) => [`subscription ${i + 1}`, ''])
  const wanted = kinds[objects]
  const found = [...catalog.objects.values()].filter((object) => object.kind === wanted)
  if (objects === 'indexes')
    return found
      .filter(
        (object) =>
          object.kind === 'index' && (from === undefined || catalog.objects.get(object.relation)?.name === from),
      )
      .map((object) => [object.name, object.schema])
  const schemas = from === undefined ? session.searchPath : [from]
  return found.filter((object) => schemas.includes(object.schema)).map((object) => [object.name, object.schema])
}

/** SQL LIKE over a name: `%` and `_`. */
function likeMatcher(pattern: string): (name: string) => boolean {
  const escaped = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  const expression = new RegExp(`^${escaped}$`, 's')
  return (name) => expression.test(name)
}

export function showColumns(session: StatementSession, statement: ShowColumns): Execution {
  const { schema, name } = splitQualified(statement.name, session.database)
  const relation = session.core.lookup.resolve(schema, name, session.searchPath)
  if (relation === undefined) throw undefinedRelation(statement.name)
  const rows = relation.columns.map((column): SqlValue[] => [
    column.name,
    typeName(column.type),
    column.nullable ? 'YES' : 'NO',
  ])
  return valuesExecution(session.account, columnsNamed('name', 'type', 'nullable'), rows, 'SHOW')
}

export function showCreate(session: StatementSession, statement: ShowCreate): Execution {
  const object = findNamed(session, statement.name)
  if (object === undefined) throw undefinedRelation(statement.name, statement.type)
  if (object.kind !== statement.type)
    throw new SqlError({
      code: '42809',
      message: `"${object.name}" is not a ${statement.type}`,
      position: statement.name.position,
    })
  const columns = columnsNamed('name', 'create_sql')
  return valuesExecution(session.account, columns, [[object.name, createText(session, object)]], 'SHOW')
}

/** SQL that would make the object again. */
export function createText(session: StatementSession, object: CatalogObject): string {
  const name = `${printIdentifier(object.schema)}.${printIdentifier(object.name)}`
  switch (object.kind) {
    case 'view':
    case 'materialized view':
      return `CREATE ${object.kind.toUpperCase()} ${name} AS ${object.query}`
    case 'source':
      return sourceText(name, object)
    case 'index': {
      const relation = session.core.catalog.objects.get(object.relation)
      const unique = object.unique ? 'UNIQUE ' : ''
      const on = `${relation?.schema}.${relation?.name} (${object.keys.join(', ')})`
      return `CREATE ${unique}INDEX ${printIdentifier(object.name)} ON ${on}`
    }
    case 'table': {
      const lines = object.columns.map((column) => {
        const parts = [printIdentifier(column.name), typeName(column.type)]
        if (column.default !== undefined) parts.push(`DEFAULT ${column.default}`)
        if (column.generated !== undefined) parts.push(`GENERATED ALWAYS AS (${column.generated}) STORED`)
        if (column.notNull) parts.push('NOT NULL')
        return parts.join(' ')
      })
      for (const unique of object.uniques) {
        const names = unique.columns.map((column) => printIdentifier(object.columns[column]!.name)).join(', ')
        lines.push(`CONSTRAINT ${printIdentifier(unique.name)} ${unique.primary ? 'PRIMARY KEY' : 'UNIQUE'} (${names})`)
      }
      for (const check of object.checks)
        lines.push(`CONSTRAINT ${printIdentifier(check.name)} CHECK (${check.expression})`)
      for (const key of object.foreignKeys)
        lines.push(`CONSTRAINT ${printIdentifier(key.name)} ${foreignKeyText(session.core.catalog, object, key)}`)
      return `CREATE TABLE ${name} (${lines.join(', ')})${object.appendOnly ? ' APPEND ONLY' : ''}`
    }
  }
}

function sourceText(name: string, object: SourceObject): string {
  const definition = object.definition as SourceDefinition
  const { format, encode } = definition
  const included = new Set(definition.columns.flatMap(({ name: own, include }) => (include === undefined ? [] : [own])))
  const columns = object.columns
    .filter((column) => !included.has(column.name) && (format !== undefined || column.generated !== undefined))
    .map(sourceColumnText)
  const options = Object.entries({ connector: definition.connector, ...definition.options })
    .filter(([option]) => !/password|secret/.test(option))
    .map(([option, value]) => `${option} = '${value.replaceAll("'", "''")}'`)
  const list = columns.length === 0 ? '' : ` (${columns.join(', ')})`
  const include = definition.columns
    .filter((column) => column.include !== undefined)
    .map((column) => ` INCLUDE ${column.include!.toUpperCase()} AS ${printIdentifier(column.name)}`)
  const tail =
    format === undefined ? '' : ` FORMAT ${format.name.toUpperCase()} ENCODE ${encode?.name.toUpperCase() ?? ''}`
  return `CREATE SOURCE ${name}${list}${include.join('')} WITH (${options.join(', ')})${tail}`
}

function sourceColumnText({ name, type, notNull, generated }: CatalogColumn): string {
  const computed = generated === undefined ? '' : ` AS (${generated})`
  return `${printIdentifier(name)} ${typeName(type)}${computed}${notNull ? ' NOT NULL' : ''}`
}
