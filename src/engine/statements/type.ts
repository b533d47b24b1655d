// CREATE TYPE, ALTER TYPE … ADD VALUE, DROP TYPE. A label once added stays: running views share the type's labels.
//
// A type that a column has, or that a view's, default's or check's text mentions, cannot be dropped from under it.

import { type EnumLabel, EnumLabels } from '../../core/enum-labels.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import type { EnumType, SqlType } from '../../core/type.ts'
import { typeFromName } from '../../core/type-name.ts'
import type { QualifiedName } from '../../parser/ast-leaf.ts'
import type { AlterType, CreateType, DropType } from '../../parser/ast-statement.ts'
import { bindType } from '../../planner/binder/type-name.ts'
import {
  type Catalog,
  type CatalogObject,
  findObject,
  putType,
  removeTypes,
  type TypeObject,
  typeKey,
} from '../../storage/catalog.ts'
import { shownName, splitQualified } from '../names.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'
import { undefinedSchema } from './schema.ts'

const LABEL_BYTES = 63

export async function createType(session: StatementSession, statement: CreateType): Promise<string> {
  outsideTransactionWithChanges(session, 'CREATE TYPE')
  await session.turn(async () => {
    const { core } = session
    const { schema, name } = placeOf(session, statement.name)
    const id = core.catalog.nextId
    const type = definedType(session, statement, { id, schema, name })
    await core.changeCatalog((catalog) => putType({ ...catalog, nextId: id + 2 }, { id, schema, name, type }))
  })
  return 'CREATE TYPE'
}

function placeOf(session: StatementSession, name: QualifiedName): { readonly schema: string; readonly name: string } {
  const { catalog } = session.core
  const split = splitQualified(name, session.database)
  const schema = split.schema ?? session.searchPath.find((candidate) => catalog.schemas.has(candidate))
  if (schema === undefined || !catalog.schemas.has(schema)) throw undefinedSchema(schema ?? '', name.position)
  const taken = catalog.types.has(typeKey(schema, split.name)) || findObject(catalog, schema, split.name) !== undefined
  if (taken || isBuiltIn(split.name))
    throw new SqlError({ code: '42710', message: `type "${split.name}" already exists`, position: name.position })
  return { schema, name: split.name }
}

/** Built-in names win over declared ones here, so a type of that name could never be meant. */
const isBuiltIn = (name: string): boolean => typeFromName(name) !== undefined

function definedType(
  session: StatementSession,
  { definition, position }: CreateType,
  { id, schema, name }: { readonly id: number; readonly schema: string; readonly name: string },
): TypeObject['type'] {
  if (definition.kind === 'composite') {
    const scope = { statement: { catalog: session.core.lookup }, searchPath: session.searchPath }
    const fields = definition.fields.map((field) => ({ name: field.name.name, type: bindType(scope, field.type) }))
    const twice = fields.find((field, i) => fields.findIndex((other) => other.name === field.name) < i)
    if (twice !== undefined)
      throw new SqlError({ code: '42701', message: `column "${twice.name}" specified more than once`, position })
    return { kind: 'row', name, fields }
  }
  const labels: EnumLabel[] = definition.labels.map((label, i) => ({ place: i + 1, label: checkedLabel(label) }))
  const twice = labels.find(({ label }, i) => definition.labels.indexOf(label) < i)
  if (twice !== undefined)
    throw new SqlError({ code: '42710', message: `enum label "${twice.label}" used more than once`, position })
  return { kind: 'enum', oid: id, arrayOid: id + 1, schema, name, labels: new EnumLabels(labels) }
}

function checkedLabel(label: string): string {
  if (Buffer.byteLength(label) > LABEL_BYTES)
    throw new SqlError({
      code: '42602',
      message: `invalid enum label "${label}"`,
      detail: `Labels must be ${LABEL_BYTES} bytes or less.`,
    })
  return label
}

function found(session: StatementSession, name: QualifiedName): TypeObject | undefined {
  const split = splitQualified(name, session.database)
  for (const schema of split.schema === undefined ? session.searchPath : [split.schema]) {
    const type = session.core.catalog.types.get(typeKey(schema, split.name))
    if (type !== undefined) return type
  }
  return undefined
}

const undefinedType = (name: QualifiedName): SqlError =>
  new SqlError({ code: '42704', message: `type "${shownName(name)}" does not exist`, position: name.position })

export async function alterType(session: StatementSession, statement: AlterType): Promise<string> {
  outsideTransactionWithChanges(session, 'ALTER TYPE')
  await session.turn(async () => {
    const { core } = session
    const object = found(session, statement.name)
    if (object === undefined) throw undefinedType(statement.name)
    const { type } = object
    if (type.kind !== 'enum')
      throw new SqlError({ code: '42809', message: `${shownName(statement.name)} is not an enum` })
    if (type.labels.placeOf(statement.label) !== undefined) {
      if (!statement.ifNotExists)
        throw new SqlError({ code: '42710', message: `enum label "${statement.label}" already exists` })
      session.notice(`enum label "${statement.label}" already exists, skipping`, '42710')
      return
    }
    const place = newPlace(type, statement)
    const label = { place, label: checkedLabel(statement.label) }
    const stored = { ...type, labels: new EnumLabels([...type.labels.labels, label]) }
    await core.changeCatalog(
      (catalog) => putType(catalog, { ...object, type: stored }),
      () => type.labels.add(label.place, label.label),
    )
  })
  return 'ALTER TYPE'
}

function newPlace({ labels }: EnumType, { place }: AlterType): number {
  if (place !== undefined && labels.placeOf(place.label) === undefined)
    throw new SqlError({ code: '22023', message: `"${place.label}" is not an existing enum label` })
  const where = place && (place.side === 'before' ? { before: place.label } : { after: place.label })
  const free = labels.placeFor(where)
  if (free === undefined) throw notSupported('another label between these two')
  return free
}

export async function dropType(session: StatementSession, statement: DropType): Promise<string> {
  outsideTransactionWithChanges(session, 'DROP TYPE')
  if (statement.cascade) throw notSupported('DROP TYPE … CASCADE', { position: statement.position })
  await session.turn(async () => {
    const { core } = session
    const keys: string[] = []
    for (const name of statement.names) {
      const object = found(session, name)
      if (object === undefined && !statement.ifExists) throw undefinedType(name)
      if (object === undefined) {
        session.notice(`type "${shownName(name)}" does not exist, skipping`)
        continue
      }
      refuseUsers(core.catalog, object)
      keys.push(typeKey(object.schema, object.name))
    }
    if (keys.length > 0) await core.changeCatalog((catalog) => removeTypes(catalog, keys))
  })
  return 'DROP TYPE'
}

/** 2BP01. */
function refuseUsers(catalog: Catalog, object: TypeObject): void {
  const relations = [...catalog.objects.values()].filter((user) => uses(user, object))
  const types = [...catalog.types.values()].filter((other) => other !== object && contains(other.type, object))
  if (relations.length === 0 && types.length === 0) return
  throw new SqlError({
    code: '2BP01',
    message: `cannot drop type ${object.name} because other objects depend on it`,
    detail: [
      ...relations.map((user) => `${user.kind} ${user.name} depends on type ${object.name}`),
      ...types.map((other) => `type ${other.name} depends on type ${object.name}`),
    ].join('\n'),
  })
}

/** By a column's type, or by a word in a text of its definition. */
function uses(user: CatalogObject, object: TypeObject): boolean {
  const columns = 'columns' in user && user.kind !== 'index' ? user.columns : []
  if (columns.some(({ type }) => contains(type, object))) return true
  const texts = JSON.stringify(user, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
  return new RegExp(`(?<![\\w$])${RegExp.escape(object.name)}(?![\\w$])`).test(texts)
}

function contains(type: SqlType, { id, type: wanted }: TypeObject): boolean {
  if (type.kind === 'enum') return type.oid === id
  if (type.kind === 'array') return contains(type.element, { id, type: wanted } as TypeObject)
  if (type.kind !== 'row') return false
  if (wanted.kind === 'row' && type.name === wanted.name) return true
  return type.fields.some((field) => contains(field.type, { id, type: wanted } as TypeObject))
}
