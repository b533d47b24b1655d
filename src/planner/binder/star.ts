// Stars: `*` is what unqualified names see, `t.*` one table, `(row).*` the fields of a value.
//
// Each expands to named columns in order, hidden ones left out, at least one.

import { baseTypeName } from '../../core/type-name.ts'
import type { FieldStar } from '../../parser/ast.ts'
import type { Star } from '../../parser/ast-leaf.ts'
import { badSyntax, wrongObjectType } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { field } from '../expr-build.ts'
import { seenFrom } from '../plan-walk.ts'
import type { Environment } from './environment.ts'
import { findTable, noSuchTable } from './names.ts'

export interface Named {
  readonly name: string
  readonly expr: Expr
}

/** The columns that a star stands for, at least one. */
export function expandStar(environment: Environment, node: Star | FieldStar): readonly Named[] {
  if (node.kind === 'fieldStar') return expandFields(environment, node)
  const { parts, position } = node
  if (parts.length === 0) {
    const { tables, columns } = environment.level.scope
    if (tables.length === 0 && columns.length === 0)
      throw badSyntax('SELECT * with no tables specified is not valid', { position })
    return columns.filter((column) => !column.hidden).map(({ name, expr }) => ({ name, expr: { ...expr, position } }))
  }
  const name = parts.at(-1)!
  const found = findTable(environment, parts.at(-2), name, position)
  if (found === undefined) throw noSuchTable(environment, name, position)
  return found.table.columns
    .filter((column) => !column.hidden)
    .map((column) => ({ name: column.name, expr: { ...seenFrom(column.expr, found.depth), position } }))
}

function expandFields(environment: Environment, node: FieldStar): readonly Named[] {
  const { position, operand } = node
  if (operand.kind === 'column' && operand.parts.length === 1) {
    const found = findTable(environment, undefined, operand.parts[0]!, position)
    if (found !== undefined) return expandStar(environment, { kind: 'star', parts: operand.parts, position })
  }
  const value = environment.statement.binder.expression(environment, operand)
  const { type } = value
  if (type.kind !== 'row') throw wrongObjectType(`type ${baseTypeName(type)} is not composite`, { position })
  return type.fields.map((one, index) => ({ name: one.name, expr: field(value, index, one.type, position) }))
}
