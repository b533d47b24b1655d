// ORDER BY items wherever they stand: aggregates, windows, queries.

import type { SqlType } from '../../core/type.ts'
import type { OrderItem } from '../../parser/ast.ts'
import { noOrdering, wrongObjectType } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { text } from '../expr-build.ts'
import { coerce } from '../types/coerce.ts'
import type { OrderUse } from './collected.ts'
import type { Environment } from './environment.ts'
import { operatorOn } from './operators.ts'

/** Direction and place of NULLs: last when ascending, first when descending, unless said otherwise. */
export function direction(item: OrderItem): { readonly descending: boolean; readonly nullsFirst: boolean } {
  const descending = item.using === undefined ? item.direction === 'desc' : usesGreater(item)
  return { descending, nullsFirst: item.nulls === undefined ? descending : item.nulls === 'first' }
}

function usesGreater(item: OrderItem): boolean {
  const operator = item.using!.operator
  if (operator !== '<' && operator !== '>')
    throw wrongObjectType(`operator ${operator} is not a valid ordering operator`, {
      position: item.position,
      hint: 'Ordering operators must be "<" or ">" members of btree operator families.',
    })
  return operator === '>'
}

/** Throws 42883 for a type without an order. */
export function requireOrder(environment: Environment, type: SqlType, position: number | undefined): void {
  if (operatorOn(environment, '<', type) === undefined) throw noOrdering(type, position)
}

/** Sort keys that are expressions only (not ordinals or output names): aggregates and windows. */
export function bindOrderBy(environment: Environment, items: readonly OrderItem[]): readonly OrderUse[] {
  const { binder } = environment.statement
  return items.map((item) => {
    const expr = typed(environment, binder.expression(environment, item.value))
    requireOrder(environment, expr.type, item.position)
    return { expr, ...direction(item) }
  })
}

/** An untyped literal as text. */
export const typed = (environment: Environment, expr: Expr): Expr =>
  expr.type.kind === 'unknown' ? coerce(environment.statement.types, expr, text, 'implicit') : expr
