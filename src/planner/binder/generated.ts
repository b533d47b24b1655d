// Generated columns: expressions of a table's definition over its own row.

import type { RelationInfo } from '../catalog.ts'
import type { Expr } from '../expr.ts'
import { columnsOf, isImmutable } from '../expr-walk.ts'
import type { Place, Scope } from './environment.ts'
import { generatedFromGenerated, notImmutable } from './refuse.ts'
import { tableScope } from './returning.ts'
import { bindDefinition, storedValue } from './target.ts'

/** Generated columns from the others of the new row. */
export function generatedValues(place: Place, relation: RelationInfo): ReadonlyMap<number, Expr> {
  const scope: Scope = tableScope(relation, relation.name, relation.columns, 0)
  const found = new Map<number, Expr>()
  relation.details?.forEach(({ generated }, column) => {
    if (generated === undefined) return
    const expr = bindDefinition(place, generated, scope, 'column generation expressions')
    found.set(column, storedValue(place, relation, column, expr))
  })
  return found
}

/** What CREATE TABLE checks: immutable, and over columns that are stored as given. Throws 42P17. */
export function checkGenerated(relation: RelationInfo, expr: Expr, position: number): void {
  if (!isImmutable(expr)) throw notImmutable(position)
  for (const column of columnsOf(expr))
    if (relation.details?.[column]?.generated !== undefined)
      throw generatedFromGenerated(relation.columns[column]!.name, position)
}
