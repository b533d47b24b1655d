// Composite values: ARRAY[…] and ROW(…), subscripts and slices of arrays and jsonb, fields of rows.
//
// A chain of subscripts is one access, so that its dimensions are counted together, as PostgreSQL does.

import type { SqlType } from '../../core/type.ts'
import { defaultPhysical } from '../../core/type.ts'
import { baseTypeName } from '../../core/type-name.ts'
import type * as Ast from '../../parser/ast.ts'
import { datatypeMismatch, emptyArray, undefinedColumn, undefinedField, wrongObjectType } from '../errors.ts'
import type { Expr, SubscriptBound } from '../expr.ts'
import { arrayOf, field, int4, row, text } from '../expr-build.ts'
import { coerce } from '../types/coerce.ts'
import { commonType, toCommon } from '../types/common-type.ts'
import type { Environment } from './environment.ts'
import { bindOperator } from './operators.ts'
import { expandStar } from './star.ts'

/** ARRAY[…]; of arrays it is one array of more dimensions. */
export function bindArray(environment: Environment, node: Ast.ArrayConstructor): Expr {
  const { types, binder } = environment.statement
  if (node.items.length === 0) throw emptyArray(node.position)
  const items = node.items.map((item) => binder.expression(environment, item))
  const type = commonType(types.registry, items, 'ARRAY')
  const elements = items.map((item) => toCommon(types, item, type, 'ARRAY'))
  return arrayOf(elements, type.kind === 'array' ? type : { kind: 'array', element: type }, node.position)
}

/** ROW(a, b) and (a, b); `t.*` inside is expanded. */
export function bindRow(environment: Environment, node: Ast.RowConstructor): Expr {
  const { binder, types } = environment.statement
  const fields = node.items.flatMap((item): readonly Expr[] =>
    item.kind === 'star' || item.kind === 'fieldStar'
      ? expandStar(environment, item).map((column) => column.expr)
      : [binder.expression(environment, item)],
  )
  const typed = fields.map((one) => (one.type.kind === 'unknown' ? coerce(types, one, text, 'implicit') : one))
  const type: SqlType = {
    kind: 'row',
    fields: typed.map((one, i) => ({ name: `f${i + 1}`, type: one.type })),
  }
  return row(typed, type, node.position)
}

/** (x).f; where `x` is a table's name, its column f. */
export function bindField(environment: Environment, node: Ast.FieldSelect): Expr {
  const operand = environment.statement.binder.expression(environment, node.operand)
  const { type } = operand
  if (type.kind !== 'row')
    throw wrongObjectType(
      `column notation .${node.field} applied to type ${baseTypeName(type)}, which is not a composite type`,
      { position: node.position },
    )
  const index = type.fields.findIndex((one) => one.name === node.field)
  if (index < 0) {
    if (type.name === undefined) throw undefinedField(node.field, node.position)
    throw undefinedColumn(`${type.name}.${node.field}`, { position: node.position })
  }
  return operand.kind === 'row'
    ? operand.fields[index]!
    : field(operand, index, type.fields[index]!.type, node.position)
}

/** a[1], a[1][2] as one access; on jsonb the operator `->`. */
export function bindSubscript(environment: Environment, node: Ast.Subscript): Expr {
  return bindAccess(environment, node)
}

export function bindSlice(environment: Environment, node: Ast.Slice): Expr {
  return bindAccess(environment, node)
}

function bindAccess(environment: Environment, node: Ast.Subscript | Ast.Slice): Expr {
  const links: (Ast.Subscript | Ast.Slice)[] = []
  let link = node
  links.push(link)
  while (link.chained && (link.operand.kind === 'subscript' || link.operand.kind === 'slice')) {
    link = link.operand
    links.unshift(link)
  }
  const { binder, types } = environment.statement
  const input = binder.expression(environment, link.operand)
  if (input.type.kind === 'jsonb') return jsonAccess(environment, input, links)
  if (input.type.kind !== 'array')
    throw datatypeMismatch(
      `cannot subscript type ${baseTypeName(input.type)} because it does not support subscripting`,
      { position: node.position },
    )
  const bound = (expr: Ast.Expression): Expr => coerce(types, binder.expression(environment, expr), int4, 'assignment')
  const subscripts = links.map(
    (link): SubscriptBound =>
      link.kind === 'subscript'
        ? { kind: 'index', index: bound(link.index) }
        : { kind: 'slice', lower: link.lower && bound(link.lower), upper: link.upper && bound(link.upper) },
  )
  const type = links.some((link) => link.kind === 'slice') ? input.type : input.type.element
  return {
    kind: 'subscript',
    input,
    subscripts,
    type,
    physical: defaultPhysical(type),
    nullable: true,
    position: node.position,
  }
}

/** The path as jsonb's `#>` takes it: a scalar has no elements, though `->` sees it as an array of one. */
function jsonAccess(environment: Environment, input: Expr, links: readonly (Ast.Subscript | Ast.Slice)[]): Expr {
  const { binder, types } = environment.statement
  const path = links.map((link) => {
    if (link.kind === 'slice')
      throw datatypeMismatch('jsonb subscript does not support slices', { position: link.position })
    return coerce(types, binder.expression(environment, link.index), text, 'explicit')
  })
  const keys = arrayOf(path, { kind: 'array', element: text }, links[0]!.position)
  return bindOperator(environment, '#>', [input, keys], links[0]!.position)
}
