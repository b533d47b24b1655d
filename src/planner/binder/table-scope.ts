// The scope over one table of FROM: its columns under its name or alias, and `tableoid`, which is the relation's
// number.

import type { TableAlias } from '../../parser/ast.ts'
import type { RelationInfo } from '../catalog.ts'
import { tooManyAliases } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { constant } from '../expr-build.ts'
import type { LogicalPlan } from '../logical.ts'
import { columnOf } from '../plan-build.ts'
import type { OrderUse } from './collected.ts'
import type { Scope, ScopeColumn, ScopeTable } from './environment.ts'
import { emptyScope } from './scope.ts'

interface Named {
  readonly name: string | undefined
  readonly relation?: RelationInfo
  readonly scalar?: boolean
  /** How many of the plan's columns are the table's; the others are there for `order`. */
  readonly visible?: number
  readonly order?: readonly OrderUse[]
}

/** The scope over a plan's own row, under the alias where there is one. Nameless: its columns alone. */
export function scopeOf(
  plan: LogicalPlan,
  alias: TableAlias | undefined,
  { name, relation, scalar, visible, order }: Named,
): Scope {
  const shown = alias?.name ?? name
  const hidden = new Set(relation?.hidden ?? [])
  const given = alias?.columns ?? []
  const schema = plan.schema.slice(0, visible ?? plan.schema.length)
  const named = schema.length - hidden.size
  if (given.length > named) throw tooManyAliases(shown ?? '', named, given.length, alias!.position)
  let next = 0
  const columns = schema.map((def, i): ScopeColumn => {
    const renamed = hidden.has(i) ? undefined : given[next++]?.name
    const expr: Expr = columnOf(plan.schema, i)
    return { name: renamed ?? def.name, expr, hidden: hidden.has(i) }
  })
  if (relation !== undefined && !columns.some((column) => column.name === 'tableoid'))
    columns.push({ name: 'tableoid', expr: constant({ kind: 'oid' }, relation.id), hidden: true })
  if (shown === undefined) return { ...emptyScope, columns, order: order ?? [] }
  const table: ScopeTable = {
    name: shown,
    schema: alias === undefined ? relation?.schema : undefined,
    columns,
    primaryKey: relation?.primaryKey,
    presence: 'always',
    scalar: scalar ?? false,
    relation: alias === undefined ? undefined : relation?.name,
    rowType: relation?.name,
  }
  return { tables: [table], columns, order: order ?? [] }
}
