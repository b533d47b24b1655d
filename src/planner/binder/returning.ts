// RETURNING, and the conditions and assignments of DML: expressions over rows that the engine has at hand, so without
// subqueries, which would need a plan.

import { notSupported } from '../../core/error.ts'
import type { Schema } from '../../core/schema.ts'
import type * as Ast from '../../parser/ast.ts'
import type { RelationInfo } from '../catalog.ts'
import type { Expr } from '../expr.ts'
import { hasSubquery } from '../expr-walk.ts'
import { columnOf } from '../plan-build.ts'
import { environmentOf, type Place, type Scope, type ScopeTable } from './environment.ts'
import { typed } from './order.ts'
import { outputName } from './output-name.ts'
import { levelOf } from './scope.ts'
import { expandStar, type Named } from './star.ts'

/** The table under `name`, its columns at `offset` of the row. */
export function tableScope(relation: RelationInfo, name: string, row: Schema, offset: number): Scope {
  const columns = relation.columns.map((def, i) => ({
    name: def.name,
    expr: columnOf(row, offset + i),
    hidden: relation.hidden.includes(i),
  }))
  const table: ScopeTable = {
    name,
    schema: name === relation.name ? relation.schema : undefined,
    columns,
    primaryKey: relation.primaryKey,
    presence: 'always',
    scalar: false,
    relation: relation.name,
    rowType: relation.name,
  }
  return { tables: [table], columns, order: [] }
}

export const bothScopes = (a: Scope, b: Scope): Scope => ({
  tables: [...a.tables, ...b.tables],
  columns: [...a.columns, ...b.columns],
  order: [],
})

/** The columns to return; undefined where nothing is to be. */
export function bindReturning(
  place: Place,
  items: readonly Ast.SelectItem[],
  scope: Scope,
): readonly Named[] | undefined {
  if (items.length === 0) return undefined
  const environment = environmentOf(place, levelOf(scope, place.parent), 'RETURNING')
  return items.flatMap(({ value, alias }) => {
    if (value.kind === 'star' || value.kind === 'fieldStar') return expandStar(environment, value)
    const expr = typed(environment, place.statement.binder.expression(environment, value))
    return [{ name: alias?.name ?? outputName(value, expr.type), expr: withoutSubquery(expr, 'RETURNING') }]
  })
}

/** Throws 0A000 for a subquery in a place where expressions stand alone. */
export function withoutSubquery(expr: Expr, place: string): Expr {
  if (hasSubquery(expr)) throw notSupported(`a subquery in ${place}`, { position: expr.position })
  return expr
}
