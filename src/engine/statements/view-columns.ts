// Columns of a relation that is made from a query: the query's, renamed by a column list.

import { SqlError } from '../../core/error.ts'
import type { Name } from '../../parser/ast-leaf.ts'
import type { PlannedQuery } from '../../planner/plan.ts'
import type { CatalogColumn } from '../../storage/catalog.ts'

export function viewColumns(plan: PlannedQuery, names: readonly Name[]): readonly CatalogColumn[] {
  if (names.length > plan.output.length)
    throw new SqlError({
      code: '42601',
      message: 'CREATE VIEW specifies more column names than columns',
      position: names[plan.output.length]!.position,
    })
  const columns = plan.output.map((column, i) => ({
    name: names[i]?.name ?? column.name,
    type: column.type,
    notNull: false,
  }))
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name)) throw new SqlError({ code: '42701', message: `column "${name}" specified more than once` })
    seen.add(name)
  }
  return columns
}
