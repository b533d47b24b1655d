// REFERENCES and FOREIGN KEY of table definitions: which table and key they mean, in PostgreSQL's words where they mean
// none.

import { notSupported, SqlError } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import { typeName } from '../../core/type-name.ts'
import type { Name } from '../../parser/ast-leaf.ts'
import type { ColumnConstraint, ColumnDefinition, References, TableConstraint } from '../../parser/ast-statement.ts'
import {
  type CatalogColumn,
  type ForeignKey,
  type TableObject,
  type UniqueConstraint,
  uniqueKeysOf,
} from '../../storage/catalog.ts'
import { comparableKeys } from '../foreign-keys.ts'
import { findNamed, shownName, undefinedRelation } from '../names.ts'
import type { StatementSession } from '../statement-session.ts'

type Constraint = Extract<ColumnConstraint, { kind: 'references' }> | Extract<TableConstraint, { kind: 'foreignKey' }>

/** The foreign keys of a table's definition, those of columns first. */
export function foreignKeysOf(
  session: StatementSession,
  table: TableObject,
  definition: { readonly columns: readonly ColumnDefinition[]; readonly constraints: readonly TableConstraint[] },
): readonly ForeignKey[] {
  const keys: ForeignKey[] = []
  const add = (constraint: Constraint, columns: readonly string[]): void => {
    keys.push(foreignKey(session, { ...table, foreignKeys: [...table.foreignKeys, ...keys] }, constraint, columns))
  }
  for (const column of definition.columns)
    for (const constraint of column.constraints) if (constraint.kind === 'references') add(constraint, [column.name])
  for (const constraint of definition.constraints)
    if (constraint.kind === 'foreignKey') add(constraint, namesOf(constraint.columns))
  return keys
}

const namesOf = (columns: readonly Name[]): readonly string[] => columns.map(({ name }) => name)

function foreignKey(
  session: StatementSession,
  table: TableObject,
  constraint: Constraint,
  names: readonly string[],
): ForeignKey {
  const { references, position } = constraint
  const fail = (code: string, message: string, detail?: string): never => {
    throw new SqlError({ code, message, position, ...(detail !== undefined && { detail }) })
  }
  const place = (of: { readonly columns: readonly CatalogColumn[] }, name: string): number => {
    const found = of.columns.findIndex((column) => column.name === name)
    return found >= 0 ? found : fail('42703', `column "${name}" referenced in foreign key constraint does not exist`)
  }
  const parent = referencedTable(session, table, references)
  const columns = names.map((name) => place(table, name))
  const referenced =
    references.columns.length === 0
      ? primaryKey(parent, fail)
      : namesOf(references.columns).map((name) => place(parent.object, name))
  if (columns.length !== referenced.length)
    fail('42830', 'number of referencing and referenced columns for foreign key disagree')
  const isKey = parent.uniques.some(
    (unique) => unique.columns.length === referenced.length && unique.columns.every((one) => referenced.includes(one)),
  )
  if (!isKey)
    fail('42830', `there is no unique constraint matching given keys for referenced table "${parent.object.name}"`)
  const name = constraint.name?.name ?? freeName(table, [table.name, ...names, 'fkey'].join('_'))
  columns.forEach((column, i) => {
    const [from, to] = [table.columns[column]!, parent.object.columns[referenced[i]!]!]
    if (comparableKeys(from.type, to.type)) return
    const types = `${typeName(from.type)} and ${typeName(to.type)}`
    const detail = `Key columns "${from.name}" and "${to.name}" are of incompatible types: ${types}.`
    fail('42804', `foreign key constraint "${name}" cannot be implemented`, detail)
  })
  const { deferrable } = constraint
  return {
    name,
    columns,
    references: parent.object.id,
    referenced,
    match: references.match ?? 'simple',
    onDelete: references.onDelete ?? 'no action',
    onUpdate: references.onUpdate ?? 'no action',
    deferrable: deferrable?.startsWith('initially') === true,
    deferred: deferrable === 'initially deferred',
  }
}

interface Parent {
  readonly object: TableObject
  readonly uniques: readonly UniqueConstraint[]
}

function referencedTable(session: StatementSession, table: TableObject, { table: name }: References): Parent {
  const { catalog } = session.core
  const schema = name.parts.at(-2)
  const isItself = name.parts.at(-1) === table.name && (schema === undefined || schema === table.schema)
  if (isItself) return { object: table, uniques: uniqueKeysOf(catalog, table) }
  const object = findNamed(session, name)
  if (object === undefined) throw undefinedRelation(name)
  if (object.kind !== 'table')
    throw new SqlError({
      code: '42809',
      message: `referenced relation "${shownName(name)}" is not a table`,
      position: name.position,
    })
  if (object.errorsOf !== undefined)
    throw notSupported('FOREIGN KEY to rows that a view keeps beside itself', { position: name.position })
  return { object, uniques: uniqueKeysOf(catalog, object) }
}

function primaryKey({ object, uniques }: Parent, fail: (code: string, message: string) => never): readonly number[] {
  const primary = uniques.find((unique) => unique.primary)
  return primary?.columns ?? fail('42704', `there is no primary key for referenced table "${object.name}"`)
}

function freeName(table: TableObject, base: string): string {
  const names = new Set([...table.foreignKeys, ...table.uniques, ...table.checks].map((one) => one.name))
  let name = base
  for (let n = 1; names.has(name); n++) name = `${base}${n}`
  return name
}

/** Foreign keys of other tables than those that go: DROP of what they refer to. */
export const referringKeys = (
  tables: Iterable<TableObject>,
  ids: ReadonlySet<RelationId>,
): readonly { readonly table: TableObject; readonly key: ForeignKey }[] =>
  [...tables].flatMap((table) =>
    ids.has(table.id) ? [] : table.foreignKeys.filter((key) => ids.has(key.references)).map((key) => ({ table, key })),
  )
