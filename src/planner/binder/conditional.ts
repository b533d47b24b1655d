// CASE, COALESCE, NULLIF, GREATEST and LEAST.

import type * as Ast from '../../parser/ast.ts'
import { noOrdering } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { boolean, call, caseOf, coalesce, constant, greatest, unknown } from '../expr-build.ts'
import { commonType, toCommon } from '../types/common-type.ts'
import type { Environment } from './environment.ts'
import { bindOperator, equalOperands, operatorOn, toBoolean } from './operators.ts'

export function bindCase(environment: Environment, node: Ast.Case): Expr {
  const { expression } = environment.statement.binder
  const { types } = environment.statement
  const operand = node.operand && expression(environment, node.operand)
  const whens = node.whens.map((when) => {
    const condition = expression(environment, when.condition)
    return {
      condition: operand
        ? bindOperator(environment, '=', [operand, condition], when.position)
        : toBoolean(environment, condition, 'CASE/WHEN'),
      result: expression(environment, when.result),
    }
  })
  const otherwise = node.otherwise ? expression(environment, node.otherwise) : constant(unknown, null, node.position)
  // PostgreSQL weighs ELSE first.
  const type = commonType(types.registry, [otherwise, ...whens.map((when) => when.result)], 'CASE')
  return caseOf(
    whens.map(({ condition, result }) => ({ condition, result: toCommon(types, result, type, 'CASE') })),
    toCommon(types, otherwise, type, 'CASE'),
    type,
    node.position,
  )
}

export function bindCoalesce(environment: Environment, node: Ast.Coalesce): Expr {
  const { args, type } = bindCommon(environment, node.arguments, 'COALESCE')
  return coalesce(args, type, node.position)
}

export function bindExtremum(environment: Environment, node: Ast.Extremum): Expr {
  const context = node.function.toUpperCase()
  const { args, type } = bindCommon(environment, node.arguments, context)
  const comparison = operatorOn(environment, '<', type)
  if (comparison === undefined) throw noOrdering(type, node.position)
  return greatest(
    args.map((arg) => comparison.convert(arg)),
    type,
    { least: node.function === 'least', lessThan: comparison.operator, position: node.position },
  )
}

function bindCommon(environment: Environment, nodes: readonly Ast.Expression[], context: string) {
  const { types, binder } = environment.statement
  const args = nodes.map((arg) => binder.expression(environment, arg))
  const type = commonType(types.registry, args, context)
  return { type, args: args.map((arg) => toCommon(types, arg, type, context)) }
}

/** NULLIF(a, b) has the type of `a`, though the comparison may convert it. */
export function bindNullIf(environment: Environment, node: Ast.NullIf): Expr {
  const { binder } = environment.statement
  const [a, b] = [node.left, node.right].map((side) => binder.expression(environment, side)) as [Expr, Expr]
  const { left, right, operator } = equalOperands(environment, a, b, node.position)
  const shown = a.type.kind === 'unknown' ? left : a
  return {
    kind: 'nullIf',
    left: shown,
    right,
    equals: operator,
    comparison: call(operator, [left, right], boolean, node.position),
    type: shown.type,
    physical: shown.physical,
    nullable: true,
    position: node.position,
  }
}
