// LIMIT and OFFSET: constants by the time a query is planned.

import { notSupported, SqlError } from '../../core/error.ts'
import type * as Ast from '../../parser/ast.ts'
import { invalidColumnReference, mustBe } from '../errors.ts'
import { evaluateConstant } from '../evaluate.ts'
import { int8 } from '../expr-build.ts'
import { someExpr } from '../expr-walk.ts'
import { visitLevels } from '../plan-walk.ts'
import { blame, canCoerce, coerce } from '../types/coerce.ts'
import { environmentOf, type Place } from './environment.ts'
import { emptyScope, levelOf } from './scope.ts'

/** The number of rows; undefined where there is no clause, or it is NULL. */
export function bindCount(
  place: Place,
  node: Ast.Expression | undefined,
  clause: 'LIMIT' | 'OFFSET',
): bigint | undefined {
  if (node === undefined) return undefined
  const { types, binder } = place.statement
  const environment = environmentOf(place, levelOf(emptyScope, place.parent), clause)
  const given = binder.expression(environment, node)
  visitLevels(given, () => {
    throw invalidColumnReference(`argument of ${clause} must not contain variables`, node.position)
  })
  if (!canCoerce(types.registry, given.type, int8, 'assignment')) throw mustBe(clause, int8, given.type, node.position)
  const expr = coerce(types, given, int8, 'assignment')
  const value = blame(node.position, () => evaluateConstant(expr, types, place.statement.parameterValues))
  if (value === undefined && someExpr(expr, (one) => one.kind === 'parameter')) {
    place.statement.needsValues = true
    return 0n
  }
  if (value === undefined) throw notSupported(`${clause} with an expression that is not constant`, node)
  if (value === null) return undefined
  const count = value as bigint
  if (count < 0n) throw negativeCount(clause, node.position)
  return count
}

const negativeCount = (clause: string, position: number): SqlError =>
  new SqlError({
    code: clause === 'LIMIT' ? '2201W' : '2201X',
    message: `${clause} must not be negative`,
    position,
  })
