// System relations from PostgreSQL's column lists: rows say the columns that mean something here, the others have the
// value that stands for "nothing" (false, 0, NULL).

import { relationId } from '../../core/ids.ts'
import { columnDef, type Schema } from '../../core/schema.ts'
import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { SystemFacts, SystemRelation } from './relation.ts'

/** A row by column names; what is left out has its column's neutral value. */
export type NamedRow = Readonly<Record<string, SqlValue>>
export type Rows = (facts: SystemFacts) => Iterable<NamedRow>

const typeNames: Readonly<Record<string, SqlType>> = {
  regproc: { kind: 'reg', of: 'proc' },
  regclass: { kind: 'reg', of: 'class' },
  regtype: { kind: 'reg', of: 'type' },
  'timestamp with time zone': { kind: 'timestamptz' },
}

function typeNamed(name: string): SqlType {
  if (name.endsWith('[]')) return { kind: 'array', element: typeNamed(name.slice(0, -2)) }
  return typeNames[name] ?? ({ kind: name } as SqlType)
}

/** `oid oid, relname name` → columns. */
export const columnsOf = (text: string): Schema =>
  text.split(',').map((part) => {
    const [name, ...type] = part.trim().split(/\s+/)
    return columnDef(name!, typeNamed(type.join(' ')))
  })

function neutral(type: SqlType): SqlValue {
  switch (type.kind) {
    case 'boolean':
      return false
    case 'int2':
    case 'int4':
    case 'oid':
    case 'reg':
    case 'float4':
    case 'float8':
      return 0
    case 'int8':
      return 0n
    default:
      return null
  }
}

export interface Described {
  readonly schema: SystemRelation['schema']
  readonly name: string
  readonly oid: number
  readonly columns: string
}

export function systemRelation({ schema, name, oid, columns }: Described, rows: Rows): SystemRelation {
  const defs = columnsOf(columns)
  const empty = defs.map((column) => neutral(column.type))
  return {
    id: relationId(oid),
    schema,
    name,
    columns: defs,
    *rows(facts) {
      for (const row of rows(facts))
        yield defs.map((column, i) => {
          const value = row[column.name]
          return value === undefined ? empty[i]! : value
        })
    },
  }
}

/** Relations of one list of columns: those without an entry in `rows` are empty here. */
export const systemRelations = (
  schema: SystemRelation['schema'],
  columns: Readonly<Record<string, readonly [oid: number, columns: string]>>,
  rows: Readonly<Record<string, Rows>>,
): readonly SystemRelation[] =>
  Object.entries(columns).map(([name, [oid, text]]) =>
    systemRelation({ schema, name, oid, columns: text }, rows[name] ?? (() => [])),
  )
