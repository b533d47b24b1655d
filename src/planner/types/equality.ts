// `=` and IS NOT DISTINCT FROM between two values of one type, for plans that the planner writes itself.

import { notSupported } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { baseTypeName } from '../../core/type-name.ts'
import { instantiate } from '../../functions/instantiate.ts'
import type { FunctionRegistry, ScalarFunction } from '../../functions/registry.ts'
import type { Expr } from '../expr.ts'
import { boolean, distinctFrom } from '../expr-build.ts'
import { resolveOperator } from './overload.ts'

export function equalityFunction(registry: FunctionRegistry, type: SqlType): ScalarFunction | undefined {
  const chosen = resolveOperator(registry, registry.scalars.get('=') ?? [], [type, type])
  if (typeof chosen === 'string') return undefined
  return instantiate(chosen.function, [type, type], boolean)
}

/** Throws 0A000 for a type without equality: a correlated subquery over a JSON column. */
export function sameValue(registry: FunctionRegistry, left: Expr, right: Expr): Expr {
  const equals = equalityFunction(registry, left.type)
  if (equals === undefined)
    throw notSupported(`a subquery correlated by a column of type ${baseTypeName(left.type)}`, {
      position: left.position ?? right.position,
    })
  return distinctFrom(left, right, equals, true)
}
