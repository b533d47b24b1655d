// Qualified names in statements, and the relations they mean.

import { notSupported, SqlError } from '../core/error.ts'
import type { QualifiedName } from '../parser/ast-leaf.ts'
import { type CatalogObject, findObject } from '../storage/catalog.ts'
import { withSystem } from './catalog-lookup.ts'
import type { StatementSession } from './statement-session.ts'

export interface Split {
  readonly schema: string | undefined
  readonly name: string
}

/** `t`, `s.t`, `d.s.t` (the database must be the session's). */
export function splitQualified(name: QualifiedName, database: string): Split {
  const { parts, position } = name
  if (parts.length > 3)
    throw new SqlError({ code: '42601', message: `improper qualified name: ${parts.join('.')}`, position })
  if (parts.length === 3 && parts[0] !== database)
    throw notSupported(`the cross-database reference ${parts.join('.')}`, { position })
  return { schema: parts.at(-2), name: parts.at(-1)! }
}

export const shownName = (name: QualifiedName): string => name.parts.join('.')

/** The catalog object of this name, or undefined. System relations are no objects. */
export function findNamed(session: StatementSession, name: QualifiedName): CatalogObject | undefined {
  const { schema, name: last } = splitQualified(name, session.database)
  for (const candidate of schema === undefined ? withSystem(session.searchPath) : [schema]) {
    const object = findObject(session.core.catalog, candidate, last)
    if (object !== undefined) return object
  }
  return undefined
}

/** 42P01; an index is no relation to PostgreSQL's words here: 42704. */
export const undefinedRelation = (name: QualifiedName, kind = 'relation'): SqlError =>
  new SqlError({
    code: kind === 'index' ? '42704' : '42P01',
    message: `${kind} "${shownName(name)}" does not exist`,
    position: name.position,
  })
