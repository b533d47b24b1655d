// Type names of the syntax tree as types: built-in ones, composite ones of the catalog, STRUCT<…>, arrays.

import type { SqlType } from '../../core/type.ts'
import { typeFromName } from '../../core/type-name.ts'
import type { TypeName } from '../../parser/ast.ts'
import type { PlannerCatalog } from '../catalog.ts'
import { badSyntax, undefinedType } from '../errors.ts'
import { blame } from '../types/coerce.ts'

/** What a type name is looked up in. */
export interface TypeScope {
  readonly statement: { readonly catalog: PlannerCatalog }
  readonly searchPath: readonly string[]
}

/** Throws 42704 for a name nobody knows. */
export function bindType(scope: TypeScope, node: TypeName): SqlType {
  const base = node.fields === undefined ? namedType(scope, node) : structType(scope, node)
  if (node.arrayBounds.length === 0 || base.kind === 'array') return base
  return { kind: 'array', element: base }
}

function structType(scope: TypeScope, node: TypeName): SqlType {
  const fields = node.fields ?? []
  return { kind: 'row', fields: fields.map((field) => ({ name: field.name, type: bindType(scope, field.type) })) }
}

function namedType(scope: TypeScope, node: TypeName): SqlType {
  const { name, position } = node
  const [schema, last] = name.length === 1 ? [undefined, name[0]!] : [name.at(-2)!, name.at(-1)!]
  const modifiers = node.modifiers.map((modifier) => integerOf(modifier, position))
  if (schema === undefined || schema === 'pg_catalog') {
    // "char" and "bit" in quotes arrive as pg_catalog spells them: they have no modifier, CHAR and BIT always have.
    const quoted = (last === 'char' || last === 'bit') && modifiers.length === 0
    const spelt = quoted ? `"${last}"` : last
    const found = blame(position, () => typeFromName(spelt, modifiers, node.intervalFields))
    if (found !== undefined) return found
  }
  const composite = scope.statement.catalog.type(schema, last, scope.searchPath)
  if (composite === undefined) throw undefinedType(name.join('.'), position)
  if (modifiers.length > 0) throw badSyntax(`type modifier is not allowed for type "${last}"`, { position })
  return composite
}

function integerOf(node: TypeName['modifiers'][number], position: number): number {
  if (node.kind === 'number' && /^-?\d+$/.test(node.text)) return Number(node.text)
  if (node.kind === 'unary' && node.operator === '-') return -integerOf(node.operand, position)
  throw badSyntax('type modifiers must be simple constants or identifiers', { position })
}
