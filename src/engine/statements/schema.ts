// CREATE SCHEMA, and which schema a new relation goes to.

import { SqlError } from '../../core/error.ts'
import type { QualifiedName } from '../../parser/ast-leaf.ts'
import type { CreateSchema } from '../../parser/ast-statement.ts'
import { duplicateRelation, findObject, putSchema } from '../../storage/catalog.ts'
import { splitQualified } from '../names.ts'
import type { StatementSession } from '../statement-session.ts'
import { systemSchemas } from '../system/schemas.ts'

export async function createSchema(session: StatementSession, statement: CreateSchema): Promise<string> {
  const { core } = session
  const { name, position } = statement.name
  await session.turn(async () => {
    if (core.lookup.hasSchema(name)) {
      if (!statement.ifNotExists) throw duplicateSchema(name, position)
      session.notice(`schema "${name}" already exists, skipping`, '42P06')
      return
    }
    if (name.startsWith('pg_'))
      throw new SqlError({
        code: '42939',
        message: `unacceptable schema name "${name}"`,
        detail: 'The prefix "pg_" is reserved for system schemas.',
        position,
      })
    await core.changeCatalog((catalog) =>
      putSchema({ ...catalog, nextId: catalog.nextId + 1 }, { id: catalog.nextId, name }),
    )
  })
  return 'CREATE SCHEMA'
}

/**
 * Where a relation of this name is to be made, checked: 3F000, 42501, 42P07 (undefined where IF NOT EXISTS was said).
 */
export function creationPlace(
  session: StatementSession,
  name: QualifiedName,
  ifNotExists: boolean,
): { readonly schema: string; readonly name: string } | undefined {
  const { catalog } = session.core
  const split = splitQualified(name, session.database)
  const schema = split.schema ?? session.searchPath.find((candidate) => catalog.schemas.has(candidate))
  if (schema === undefined)
    throw new SqlError({ code: '3F000', message: 'no schema has been selected to create in', position: name.position })
  if (systemSchemas.some((system) => system.name === schema))
    throw new SqlError({
      code: '42501',
      message: `permission denied to create "${schema}.${split.name}"`,
      detail: 'System catalog modifications are currently disallowed.',
      position: name.position,
    })
  if (!catalog.schemas.has(schema)) throw undefinedSchema(schema, name.position)
  const taken = session.core.isReserved(`${schema}.${split.name}`)
  if (!taken && findObject(catalog, schema, split.name) === undefined) return { schema, name: split.name }
  if (!ifNotExists) throw duplicateRelation(split.name, name.position)
  session.notice(`relation "${split.name}" already exists, skipping`, '42P07')
  return undefined
}

/** 3F000. */
export const undefinedSchema = (name: string, position?: number): SqlError =>
  new SqlError({ code: '3F000', message: `schema "${name}" does not exist`, position })

/** 42P06. */
const duplicateSchema = (name: string, position?: number): SqlError =>
  new SqlError({ code: '42P06', message: `schema "${name}" already exists`, position })
