// Facts about named things for system-information functions and the reg* types: what a catalog version and the system
// relations say.

import { relationId } from '../core/ids.ts'
import type { CatalogFacts, FunctionRegistry } from '../functions/registry.ts'
import type { ObjectNames } from '../functions/text/settings.ts'
import { printIdentifier } from '../parser/print.ts'
import { type Catalog, findObject, typeKey } from '../storage/catalog.ts'
import { withSystem } from './catalog-lookup.ts'
import { constraintText, OWNER_OID } from './system/pg-relations.ts'
import { functionByOid } from './system/pg-types.ts'
import type { SystemRelation } from './system/relation.ts'
import { systemSchemas } from './system/schemas.ts'
import { viewText } from './system/view-text.ts'

export interface FactParts {
  readonly catalog: () => Catalog
  readonly system: readonly SystemRelation[]
  readonly searchPath: () => readonly string[]
  readonly registry: FunctionRegistry
  readonly bytes: (oid: number) => bigint | undefined
}

const typeFacts = (parts: FactParts): Pick<CatalogFacts, 'typeName' | 'typeOid'> => ({
  typeName: (oid) => {
    const found = [...parts.catalog().types.values()].find(({ id }) => id === oid || id + 1 === oid)
    return found === undefined ? undefined : printIdentifier(found.name) + (found.id === oid ? '' : '[]')
  },
  typeOid: (schema, name) => {
    for (const candidate of schema === undefined ? parts.searchPath() : [schema]) {
      const found = parts.catalog().types.get(typeKey(candidate, name))
      if (found !== undefined) return found.id
    }
    return undefined
  },
})

export function catalogFacts(parts: FactParts): CatalogFacts {
  const object = (oid: number) => parts.catalog().objects.get(relationId(oid))
  const system = (oid: number) => parts.system.find((relation) => relation.id === oid)
  const named = (oid: number) => object(oid) ?? system(oid)
  const oidOf = (schema: string, name: string): number | undefined =>
    findObject(parts.catalog(), schema, name)?.id ??
    parts.system.find((relation) => relation.schema === schema && relation.name === name)?.id
  const resolve = (name: string): number | undefined => {
    for (const schema of withSystem(parts.searchPath())) {
      const oid = oidOf(schema, name)
      if (oid !== undefined) return oid
    }
    return undefined
  }
  return {
    ...typeFacts(parts),
    functionArguments: (oid) => functionByOid(parts.registry, oid)?.arguments,
    functionResult: (oid) => functionByOid(parts.registry, oid)?.result,
    relationName: (oid) => {
      const found = named(oid)
      return found === undefined ? undefined : { schema: found.schema, name: found.name }
    },
    relationOid: (schema, name) => (schema === undefined ? resolve(name) : oidOf(schema, name)),
    schemaName: (oid) =>
      systemSchemas.find((schema) => schema.id === oid)?.name ??
      [...parts.catalog().schemas.values()].find((schema) => schema.id === oid)?.name,
    schemaOid: (name) =>
      systemSchemas.find((schema) => schema.name === name)?.id ?? parts.catalog().schemas.get(name)?.id,
    isVisible: (oid) => {
      const found = named(oid)
      return found !== undefined && resolve(found.name) === oid
    },
    viewDefinition: (oid) => {
      const found = object(oid)
      return found?.kind === 'view' || found?.kind === 'materialized view' ? viewText(found) : undefined
    },
    indexDefinition: (oid) => indexDefinition(parts.catalog(), oid) ?? constraintText(parts.catalog(), oid)?.index,
    constraintDefinition: (oid) => constraintText(parts.catalog(), oid)?.constraint,
    columnDefault: (relation, column) => {
      const found = object(relation)
      return found === undefined || !('columns' in found) || found.kind === 'index'
        ? undefined
        : (found.columns[column - 1]?.default ?? found.columns[column - 1]?.generated)
    },
    comment: (oid, column) => {
      const found = object(oid)
      if (found === undefined) return undefined
      if (column === 0) return found.comment
      return found.kind === 'index' ? undefined : found.columns[column - 1]?.comment
    },
    relationBytes: parts.bytes,
  }
}

function indexDefinition(catalog: Catalog, oid: number): string | undefined {
  const index = catalog.objects.get(relationId(oid))
  if (index?.kind !== 'index') return undefined
  const relation = catalog.objects.get(index.relation)
  const unique = index.unique ? 'UNIQUE ' : ''
  const nulls = index.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : ''
  const table = `${printIdentifier(relation?.schema ?? '')}.${printIdentifier(relation?.name ?? '')}`
  const head = `CREATE ${unique}INDEX ${printIdentifier(index.name)} ON ${table}`
  return `${head} USING btree (${index.keys.join(', ')})${nulls}`
}

/** Names for regclass and its kin; only relations and schemas have more than PostgreSQL's built-in ones. */
export function objectNames(facts: CatalogFacts, user: string): ObjectNames {
  return {
    nameOf(of, oid) {
      if (of === 'role') return oid === OWNER_OID ? printIdentifier(user) : undefined
      if (of === 'namespace') return facts.schemaName(oid)
      if (of === 'type') return facts.typeName(oid)
      if (of !== 'class') return undefined
      const found = facts.relationName(oid)
      if (found === undefined) return undefined
      const name = printIdentifier(found.name)
      return facts.isVisible(oid) ? name : `${printIdentifier(found.schema)}.${name}`
    },
    oidOf(of, text) {
      const parts = splitName(text)
      if (of === 'role') return parts[0] === user ? OWNER_OID : undefined
      if (of === 'namespace') return facts.schemaOid(parts.at(-1) ?? '')
      if (of === 'type') return facts.typeOid(parts.length === 2 ? parts[0] : undefined, parts.at(-1) ?? '')
      if (of !== 'class' || parts.length === 0 || parts.length > 2) return undefined
      return facts.relationOid(parts.length === 2 ? parts[0] : undefined, parts.at(-1)!)
    },
  }
}

/** `a."B".c` → its parts, folded. */
export function splitName(text: string): readonly string[] {
  const parts: string[] = []
  for (const match of text.trim().matchAll(/(?:^|\.)\s*(?:"((?:[^"]|"")*)"|([^."\s]+))\s*/g))
    parts.push(match[1] === undefined ? match[2]!.toLowerCase() : match[1].replaceAll('""', '"'))
  return parts
}
