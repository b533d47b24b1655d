// Generated columns: expressions of a table's definition over its own row.

import type { RelationInfo } from '../catalog.ts'
import type { Expr } from '../expr.ts'
import type { Place, Scope } from './environment.ts'
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
