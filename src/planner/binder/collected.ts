// What a level collects while its clauses are bound, to be computed by nodes of their own: aggregates, GROUPING, window
// functions, set-returning functions. All expressions are over the level's virtual row (scope.ts).

import type { SqlType } from '../../core/type.ts'
import type { AggregateFunction, TableFunction, WindowFunction } from '../../functions/registry.ts'
import type { Expr } from '../expr.ts'
import { sameExpr } from '../expr-walk.ts'
import type { Frame } from '../physical.ts'

export interface OrderUse {
  readonly expr: Expr
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export interface AggregateUse {
  readonly function: AggregateFunction
  readonly args: readonly Expr[]
  readonly direct: readonly Expr[]
  readonly distinct: boolean
  readonly filter: Expr | undefined
  readonly order: readonly OrderUse[]
  readonly type: SqlType
}

export interface GroupingUse {
  readonly args: readonly Expr[]
  readonly position: number
}

export interface WindowUse {
  readonly function: WindowFunction | AggregateFunction
  readonly args: readonly Expr[]
  readonly filter: Expr | undefined
  readonly ignoreNulls: boolean
  readonly partition: readonly Expr[]
  readonly order: readonly OrderUse[]
  readonly frame: Frame
  readonly type: SqlType
}

export interface SetUse {
  readonly function: TableFunction
  readonly args: readonly Expr[]
  readonly type: SqlType
}

const sameList = (a: readonly Expr[], b: readonly Expr[]): boolean =>
  a.length === b.length && a.every((expr, i) => sameExpr(expr, b[i]!))

const sameOptional = (a: Expr | undefined, b: Expr | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameExpr(a, b)

export const sameOrder = (a: readonly OrderUse[], b: readonly OrderUse[]): boolean =>
  sameList(
    a.map((key) => key.expr),
    b.map((key) => key.expr),
  ) && a.every((key, i) => key.descending === b[i]!.descending && key.nullsFirst === b[i]!.nullsFirst)

export const sameAggregate = (a: AggregateUse, b: AggregateUse): boolean =>
  a.function === b.function &&
  a.distinct === b.distinct &&
  sameList(a.args, b.args) &&
  sameList(a.direct, b.direct) &&
  sameOptional(a.filter, b.filter) &&
  sameOrder(a.order, b.order)

/** One WindowNode computes both. */
export const sameWindow = (a: WindowUse, b: WindowUse): boolean =>
  sameList(a.partition, b.partition) && sameOrder(a.order, b.order)

/** Adds `use` unless one like it is there; gives its place. */
export function collect<T>(list: T[], use: T, same: (a: T, b: T) => boolean): number {
  const found = list.findIndex((one) => same(one, use))
  return found >= 0 ? found : list.push(use) - 1
}
