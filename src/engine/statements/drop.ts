// DROP of anything: names resolved, dependants found, all removed in one catalog version.

import { notSupported, SqlError } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import type { Drop, ObjectType } from '../../parser/ast-statement.ts'
import {
  type Catalog,
  type CatalogObject,
  dependantsClosure,
  directDependants,
  type IndexObject,
  ownerOf,
  putObject,
  removeObjects,
  removeSchema,
  type TableObject,
} from '../../storage/catalog.ts'
import type { EngineCore } from '../core.ts'
import { findNamed, shownName, undefinedRelation } from '../names.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'
import { referringKeys } from './foreign-key.ts'
import { undefinedSchema } from './schema.ts'

export async function drop(session: StatementSession, statement: Drop): Promise<string> {
  const { core } = session
  if (statement.type === 'sink') throw notSupported('DROP SINK', { position: statement.position })
  outsideTransactionWithChanges(session, 'DROP')
  await session.turn(async () => {
    const schemas = statement.type === 'schema' ? schemasToDrop(session, statement) : []
    const ids = statement.type === 'schema' ? inSchemas(core.catalog, schemas) : objectsToDrop(session, statement)
    if (ids.length === 0 && schemas.length === 0) return
    const all = withOwned(core.catalog, ids)
    if (!statement.cascade) refuseDependants(core.catalog, statement.type, ids, all)
    const removed = dependantsClosure(core.catalog, all)
    const keys = keysTo(core.catalog, removed)
    if (!statement.cascade) refuseReferenced(core.catalog, statement.type, ids, keys)
    for (const { table, key } of keys) session.notice(`drop cascades to constraint ${key.name} on table ${table.name}`)
    endLanes(session, removed, statement)
    if (statement.cascade) noticeCascade(session, core.catalog, removed, ids)
    const indexes = removed.map((id) => core.catalog.objects.get(id)!).filter((object) => object.kind === 'index')
    await core.changeCatalog(
      (catalog) =>
        schemas.reduce((rest, name) => removeSchema(rest, name), removeObjects(withoutKeys(catalog, keys), removed)),
      () => {
        for (const index of indexes) forgetUnique(core, index)
        for (const { table } of keys) {
          const relation = core.graph.get(table.id)
          if (relation?.kind === 'table') relation.object = core.catalog.objects.get(table.id) as TableObject
        }
        for (const id of removed) core.graph.remove(id)
      },
    )
    for (const id of removed) await core.cursors.remove(id)
    await core.cursors.adjust()
  })
  return `DROP ${statement.type.toUpperCase()}`
}

type Referring = ReturnType<typeof referringKeys>

function keysTo(catalog: Catalog, removed: readonly RelationId[]): Referring {
  const tables = [...catalog.objects.values()].filter((object) => object.kind === 'table')
  return referringKeys(tables, new Set(removed))
}

const withoutKeys = (catalog: Catalog, keys: Referring): Catalog =>
  keys.reduce((rest, { table, key }) => {
    const now = rest.objects.get(table.id) as TableObject
    return putObject(rest, { ...now, foreignKeys: now.foreignKeys.filter((one) => one.name !== key.name) })
  }, catalog)

function refuseReferenced(catalog: Catalog, type: ObjectType, ids: readonly RelationId[], keys: Referring): void {
  if (keys.length === 0) return
  const name = (id: RelationId): string => catalog.objects.get(id)!.name
  const what = ids.length > 1 ? 'desired object(s)' : `${type} ${name(ids[0]!)}`
  throw new SqlError({
    code: '2BP01',
    message: `cannot drop ${what} because other objects depend on it`,
    detail: keys
      .map(({ table, key }) => `constraint ${key.name} on table ${table.name} depends on table ${name(key.references)}`)
      .join('\n'),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  })
}

/** A unique index is checked no longer. */
function forgetUnique(core: EngineCore, index: IndexObject): void {
  const table = core.graph.get(index.relation)
  if (!index.unique || table?.kind !== 'table') return
  const gone = table.uniques.filter((unique) => unique.name === index.name && unique.store !== table.store)
  table.uniques = table.uniques.filter((unique) => !gone.includes(unique))
  for (const unique of gone) unique.store[Symbol.dispose]()
}

function objectsToDrop(session: StatementSession, statement: Drop): readonly RelationId[] {
  const ids: RelationId[] = []
  for (const name of statement.names) {
    const object = findNamed(session, name)
    if (object === undefined) {
      if (!statement.ifExists) throw undefinedRelation(name, statement.type)
      session.notice(`${statement.type} "${shownName(name)}" does not exist, skipping`, '00000')
      continue
    }
    if (object.kind !== statement.type) throw wrongKind(object, statement.type, name.position)
    if (ownerOf(object) !== undefined) throw owned(object, session)
    ids.push(object.id)
  }
  return ids
}

function schemasToDrop(session: StatementSession, statement: Drop): readonly string[] {
  const { catalog } = session.core
  const found: string[] = []
  for (const name of statement.names) {
    const schema = name.parts.at(-1)!
    if (catalog.schemas.has(schema)) found.push(schema)
    else if (!statement.ifExists) throw undefinedSchema(schema, name.position)
    else session.notice(`schema "${schema}" does not exist, skipping`)
  }
  const members = inSchemas(catalog, found)
  if (!statement.cascade && members.length > 0) throw notEmpty(found[0]!, catalog, members)
  return found
}

const inSchemas = (catalog: Catalog, schemas: readonly string[]): readonly RelationId[] =>
  [...catalog.objects.values()].filter((object) => schemas.includes(object.schema)).map((object) => object.id)

/** What goes with its owner without a word: indexes of a table, dead letters, late rows, diverted rows. */
function withOwned(catalog: Catalog, ids: readonly RelationId[]): readonly RelationId[] {
  const isOwned = (object: CatalogObject): boolean => {
    const owner = ownerOf(object)
    return owner !== undefined && ids.includes(owner)
  }
  const owned = [...catalog.objects.values()].filter(
    (object) => (object.kind === 'index' && ids.includes(object.relation)) || isOwned(object),
  )
  return [...new Set([...ids, ...owned.map((object) => object.id)])]
}

function refuseDependants(
  catalog: Catalog,
  type: ObjectType,
  ids: readonly RelationId[],
  all: readonly RelationId[],
): void {
  for (const id of all) {
    const dependants = directDependants(catalog, id).filter((dependant) => !all.includes(dependant.id))
    if (dependants.length === 0) continue
    const object = catalog.objects.get(id)!
    const what = ids.length > 1 ? 'desired object(s)' : `${type} ${object.name}`
    throw new SqlError({
      code: '2BP01',
      message: `cannot drop ${what} because other objects depend on it`,
      detail: dependants
        .map((dependant) => `${dependant.kind} ${dependant.name} depends on ${object.kind} ${object.name}`)
        .join('\n'),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    })
  }
}

/** A view on its way counts as a dependant of what it reads (engine.md §5); with CASCADE it is given up. */
function endLanes(session: StatementSession, removed: readonly RelationId[], { cascade, type }: Drop): void {
  const { catalog, lanes } = session.core
  for (const lane of lanes) {
    const { plan, label, kind } = lane.target
    const id = plan.dependencies.find((dependency) => removed.includes(dependency))
    if (id === undefined) continue
    const { name, kind: what } = catalog.objects.get(id)!
    if (!cascade && kind === 'view')
      throw new SqlError({
        code: '2BP01',
        message: `cannot drop ${type} ${name} because other objects depend on it`,
        detail: `${label}, which is being created, depends on ${what} ${name}`,
        hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
      })
    lane.cancel(
      new SqlError({ code: '42P01', message: `${what} "${name}" was dropped`, detail: `${label} was to read it.` }),
    )
  }
}

function noticeCascade(
  session: StatementSession,
  catalog: Catalog,
  removed: readonly RelationId[],
  asked: readonly RelationId[],
): void {
  const others = removed.filter((id) => !asked.includes(id)).map((id) => catalog.objects.get(id)!)
  const shown = others.filter((object) => object.kind !== 'index')
  if (shown.length === 1) session.notice(`drop cascades to ${shown[0]!.kind} ${shown[0]!.name}`)
  if (shown.length > 1) session.notice(`drop cascades to ${shown.length} other objects`)
}

/** 42809 in PostgreSQL's words. */
function wrongKind(object: CatalogObject, wanted: ObjectType, position: number): SqlError {
  const article = wanted === 'index' ? 'an' : 'a'
  return new SqlError({
    code: '42809',
    message: `"${object.name}" is not ${article} ${wanted}`,
    hint: `Use DROP ${object.kind.toUpperCase()} to remove a ${object.kind}.`,
    position,
  })
}

/** 2BP01. */
function owned(object: CatalogObject, session: StatementSession): SqlError {
  const owner = session.core.catalog.objects.get(ownerOf(object)!)!
  return new SqlError({
    code: '2BP01',
    message: `cannot drop table ${object.name} because ${owner.kind} ${owner.name} requires it`,
    hint: `You can drop ${owner.kind} ${owner.name} instead.`,
  })
}

/** 2BP01. */
function notEmpty(schema: string, catalog: Catalog, members: readonly RelationId[]): SqlError {
  const lines = members.map((id) => catalog.objects.get(id)!).map((object) => `${object.kind} ${schema}.${object.name}`)
  return new SqlError({
    code: '2BP01',
    message: `cannot drop schema ${schema} because other objects depend on it`,
    detail: lines.map((line) => `${line} depends on schema ${schema}`).join('\n'),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  })
}
