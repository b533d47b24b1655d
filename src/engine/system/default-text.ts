// A column's DEFAULT as PostgreSQL's catalogs show it: an untyped literal with the type that the column gave it.

import { baseTypeName } from '../../core/type-name.ts'
import type { CatalogColumn } from '../../storage/catalog.ts'

const PLAIN = new Set(['boolean', 'int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'oid'])

export function defaultText({ default: text, type }: CatalogColumn): string | undefined {
  if (text === undefined || !/^'(?:[^']|'')*'$/.test(text) || PLAIN.has(type.kind)) return text
  return `${text}::${baseTypeName(type)}`
}
