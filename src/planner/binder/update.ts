// UPDATE and DELETE: plans whose rows are the old row, then (UPDATE) the new one, then what RETURNING needs of other
// tables.
//
// A row that finds several partners in FROM or USING is changed once, by the canonically first of them (PostgreSQL: by
// any). Where the table has a key the plan sees to that; else `mayRepeat` tells the engine, which knows its rows by
// identity.

import type * as Ast from '../../parser/ast.ts'
import type { RelationInfo } from '../catalog.ts'
import type { Expr } from '../expr.ts'
import { allOf } from '../expr-build.ts'
import { conjuncts, shift } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import { columnOf, filter, get, join, project, top } from '../plan-build.ts'
import { bindAssignments } from './assignment.ts'
import { type Environment, environmentOf, type Place, type Scope } from './environment.ts'
import { bindFrom } from './from.ts'
import { joinSources, type Source } from './join.ts'
import { toBoolean } from './operators.ts'
import { bindReturning, bothScopes, tableScope } from './returning.ts'
import { emptyScope, levelOf, mapScope } from './scope.ts'
import type { Named } from './star.ts'

export interface BoundChange {
  readonly plan: LogicalPlan
  readonly returning: readonly Named[] | undefined
  /** An old row can occur several times with different partners. */
  readonly mayRepeat: boolean
}

interface Joined {
  readonly target: Source
  readonly others: Source | undefined
  /** Target and others, side by side. */
  readonly source: Source
  readonly environment: Environment
  readonly where: Expr | undefined
}

function joined(
  place: Place,
  relation: RelationInfo,
  node: { readonly alias: Ast.Update['alias']; readonly where: Ast.Update['where']; readonly position: number },
  items: readonly Ast.TableRef[],
): Joined {
  const name = node.alias?.name ?? relation.name
  const target = { plan: get(relation), scope: tableScope(relation, name, relation.columns, 0) }
  const others = bindFrom(place, items)
  const cross = { type: 'cross' as const, condition: undefined, position: node.position }
  const source = others ? joinSources(place, target, { ...others, correlated: false }, cross) : target
  const environment = environmentOf(place, levelOf(source.scope, place.parent), 'UPDATE')
  const inside = { ...environment, clause: 'WHERE' as const }
  const where = node.where && toBoolean(inside, place.statement.binder.expression(inside, node.where), 'WHERE')
  return { target, others, source, environment, where }
}

const restricted = ({ source, where }: Joined): LogicalPlan =>
  where === undefined ? source.plan : filter(source.plan, where)

/** Columns of the tables beside the target, as they stand behind `width` columns of the target in `from`. */
const otherColumns = ({ others }: Joined, from: LogicalPlan, width: number): readonly Expr[] =>
  others?.plan.schema.map((_, i) => columnOf(from.schema, width + i)) ?? []

/** The others' scope when their columns begin at `offset`. */
const otherScope = ({ others }: Joined, offset: number): Scope =>
  others ? mapScope(others.scope, (expr) => shift(expr, offset)) : emptyScope

export function bindUpdate(place: Place, relation: RelationInfo, node: Ast.Update): BoundChange {
  const parts = joined(place, relation, node, node.from)
  const input = restricted(parts)
  const width = relation.columns.length
  const old = relation.columns.map((_, i) => columnOf(input.schema, i))
  const next = bindAssignments(place, relation, {
    assignments: node.set,
    environment: parts.environment,
    row: old,
  })
  const rest = node.returning.length > 0 ? otherColumns(parts, input, width) : []
  const names = relation.columns.map((def) => def.name)
  const plan = project(input, [...old, ...next, ...rest], [...names, ...names, ...rest.map(() => 'other')])
  const name = node.alias?.name ?? relation.name
  const scope = bothScopes(tableScope(relation, name, plan.schema, width), otherScope(parts, 2 * width))
  return { ...oncePerRow(relation, plan, parts), returning: bindReturning(place, node.returning, scope) }
}

export function bindDelete(place: Place, relation: RelationInfo, node: Ast.Delete): BoundChange {
  const parts = joined(place, relation, node, node.using)
  const width = relation.columns.length
  const name = node.alias?.name ?? relation.name
  if (node.returning.length === 0 && parts.others !== undefined) {
    const plan = join('semi', parts.target.plan, parts.others.plan, allOf(conjuncts(parts.where)))
    return { plan, returning: undefined, mayRepeat: false }
  }
  const plan = restricted(parts)
  const scope = bothScopes(tableScope(relation, name, plan.schema, 0), otherScope(parts, width))
  return { ...oncePerRow(relation, plan, parts), returning: bindReturning(place, node.returning, scope) }
}

function oncePerRow(relation: RelationInfo, plan: LogicalPlan, { others }: Joined) {
  if (others === undefined) return { plan, mayRepeat: false }
  const key = relation.primaryKey
  if (key === undefined) return { plan, mayRepeat: true }
  return { plan: top(plan, { partition: key, order: [], limit: 1n }), mayRepeat: false }
}
