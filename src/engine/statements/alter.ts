// ALTER … RENAME, SET SCHEMA, column names and defaults; COMMENT ON. What would rewrite stored rows is refused by name.

import { notSupported, SqlError } from '../../core/error.ts'
import type { Alter, AlterAction, Comment } from '../../parser/ast-statement.ts'
import { print } from '../../parser/print.ts'
import {
  type CatalogColumn,
  type CatalogObject,
  directDependants,
  duplicateRelation,
  findObject,
  ownerOf,
  putObject,
} from '../../storage/catalog.ts'
import { relationInfo } from '../catalog-lookup.ts'
import { findNamed, shownName, undefinedRelation } from '../names.ts'
import { bindColumnExpression } from '../planning.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'
import { undefinedSchema } from './schema.ts'
import { advanceWatermark } from './watermark.ts'

export async function alter(session: StatementSession, statement: Alter): Promise<string> {
  const { core } = session
  outsideTransactionWithChanges(session, 'ALTER')
  if (statement.type === 'schema' || statement.type === 'sink')
    throw notSupported(`ALTER ${statement.type.toUpperCase()}`, { position: statement.position })
  const [action] = statement.actions
  if (action?.kind === 'advanceWatermark') return advanceWatermark(session, statement, action)
  await session.turn(async () => {
    const object = findNamed(session, statement.name)
    if (object === undefined) {
      if (!statement.ifExists) throw undefinedRelation(statement.name)
      session.notice(`relation "${shownName(statement.name)}" does not exist, skipping`)
      return
    }
    if (statement.type !== 'table' && object.kind !== statement.type)
      throw new SqlError({
        code: '42809',
        message: `"${object.name}" is not a ${statement.type}`,
        position: statement.name.position,
      })
    const changed = statement.actions.reduce((before, action) => applyAction(session, before, action), object)
    const all = [changed, ...besides(session, object, changed)]
    await core.changeCatalog(
      (catalog) => all.reduce(putObject, catalog),
      () => {
        for (const one of all) {
          const relation = core.graph.get(one.id)
          if (relation !== undefined) Object.assign(relation, { object: one })
        }
      },
    )
  })
  return `ALTER ${statement.type.toUpperCase()}`
}

/** What is kept beside a relation goes with its name and schema. */
function besides(session: StatementSession, before: CatalogObject, after: CatalogObject): readonly CatalogObject[] {
  if (before.name === after.name && before.schema === after.schema) return []
  const { catalog } = session.core
  const owned = [...catalog.objects.values()].filter((object) => ownerOf(object) === before.id)
  return owned.map((object) => {
    refuseTextReaders(session, object, 'rename')
    const name = `${after.name}${object.name.slice(before.name.length)}`
    if (findObject(catalog, after.schema, name) !== undefined) throw duplicateRelation(name)
    return { ...object, schema: after.schema, name }
  })
}

function applyAction(session: StatementSession, object: CatalogObject, action: AlterAction): CatalogObject {
  const { catalog } = session.core
  if (ownerOf(object) !== undefined && ['renameTo', 'setSchema', 'renameColumn'].includes(action.kind))
    throw notSupported(`changing "${object.name}", which is kept beside another relation,`)
  switch (action.kind) {
    case 'renameTo':
      refuseTextReaders(session, object, 'rename')
      if (findObject(catalog, object.schema, action.to.name) !== undefined)
        throw duplicateRelation(action.to.name, action.to.position)
      return { ...object, name: action.to.name }
    case 'setSchema':
      refuseTextReaders(session, object, 'move')
      if (!catalog.schemas.has(action.schema.name)) throw undefinedSchema(action.schema.name, action.schema.position)
      if (findObject(catalog, action.schema.name, object.name) !== undefined) throw duplicateRelation(object.name)
      return { ...object, schema: action.schema.name }
    case 'renameColumn':
      refuseTextReaders(session, object, 'rename a column of')
      return withColumn(object, action.column, (column, all) => {
        if (all.some((other) => other.name === action.to.name))
          throw new SqlError({
            code: '42701',
            message: `column "${action.to.name}" of relation "${object.name}" already exists`,
            position: action.to.position,
          })
        return { ...column, name: action.to.name }
      })
    case 'setDefault':
      return withColumn(object, action.column, (column, all) => {
        const relation = relationInfo(object, undefined)
        bindColumnExpression(session, relation, all.indexOf(column), { kind: 'default', value: action.value })
        return { ...column, default: print(action.value) }
      })
    case 'dropDefault':
      return withColumn(object, action.column, (column) => ({ ...column, default: undefined }))
    default:
      throw notSupported(`ALTER … ${alterWords[action.kind]}`, { position: action.position })
  }
}

const alterWords: Readonly<Record<AlterAction['kind'], string>> = {
  renameTo: 'RENAME TO',
  renameColumn: 'RENAME COLUMN',
  renameConstraint: 'RENAME CONSTRAINT',
  setSchema: 'SET SCHEMA',
  addColumn: 'ADD COLUMN',
  dropColumn: 'DROP COLUMN',
  setDefault: 'SET DEFAULT',
  dropDefault: 'DROP DEFAULT',
  setNotNull: 'SET NOT NULL',
  dropNotNull: 'DROP NOT NULL',
  setType: 'ALTER COLUMN TYPE',
  addConstraint: 'ADD CONSTRAINT',
  dropConstraint: 'DROP CONSTRAINT',
  setOptions: 'SET (options)',
  advanceWatermark: 'ADVANCE WATERMARK',
}

/** Views keep their queries as text, which names the relation: it cannot change under them. */
function refuseTextReaders(session: StatementSession, object: CatalogObject, what: string): void {
  const readers = directDependants(session.core.catalog, object.id).filter(
    (dependant) => dependant.kind === 'view' || dependant.kind === 'materialized view',
  )
  if (readers.length === 0) return
  throw new SqlError({
    code: '2BP01',
    message: `cannot ${what} ${object.kind} ${object.name} because other objects depend on it`,
    detail: readers.map((reader) => `${reader.kind} ${reader.name} reads it by name`).join('\n'),
    hint: 'Drop the views first and create them again afterwards.',
  })
}

function withColumn(
  object: CatalogObject,
  name: { readonly name: string; readonly position: number },
  change: (column: CatalogColumn, all: readonly CatalogColumn[]) => CatalogColumn,
): CatalogObject {
  if (object.kind === 'index') throw notSupported('ALTER INDEX … COLUMN', { position: name.position })
  const found = object.columns.findIndex((column) => column.name === name.name)
  if (found < 0)
    throw new SqlError({
      code: '42703',
      message: `column "${name.name}" of relation "${object.name}" does not exist`,
      position: name.position,
    })
  const columns = object.columns.map((column, i) => (i === found ? change(column, object.columns) : column))
  return { ...object, columns } as CatalogObject
}

export async function comment(session: StatementSession, statement: Comment): Promise<string> {
  const { core } = session
  await session.turn(async () => {
    if (statement.type === 'schema' || statement.type === 'sink')
      throw notSupported(`COMMENT ON ${statement.type.toUpperCase()}`, { position: statement.position })
    const object = findNamed(session, statement.name)
    if (object === undefined) throw undefinedRelation(statement.name)
    const column = statement.column
    const changed: CatalogObject =
      column === undefined
        ? { ...object, comment: statement.text }
        : withColumn(object, { name: column, position: statement.position }, (one) => ({
            ...one,
            comment: statement.text,
          }))
    await core.changeCatalog((catalog) => putObject(catalog, changed))
  })
  return 'COMMENT'
}
