// FROM: relations, views, WITH queries, derived tables, functions, joins. Each gives a plan and the scope over its row.
//
// An item is bound one level below the items on its left, which LATERAL ones and functions see; one that does refer to
// them becomes the right side of an `apply`, any other is moved up again.

import { assert, unreachable } from '../../core/assert.ts'
import { notSupported } from '../../core/error.ts'
import type * as Ast from '../../parser/ast.ts'
import type { RelationInfo } from '../catalog.ts'
import { crossDatabase, undefinedTable, wrongObjectType } from '../errors.ts'
import type { LogicalPlan } from '../logical.ts'
import { nearest } from '../nearest.ts'
import { columnOf, get, project } from '../plan-build.ts'
import { deepen, outerColumnsOf, raise } from '../plan-walk.ts'
import { coerce } from '../types/coerce.ts'
import { asofSources } from './asof.ts'
import type { CommonTables, Place } from './environment.ts'
import { bindFunctionTable } from './function-table.ts'
import { aliasJoin, joinSources, type Source } from './join.ts'
import { belowSiblings, besideOf, withoutSiblings } from './scope.ts'
import { settle } from './settle.ts'
import { scopeOf } from './table-scope.ts'
import { bindWindowTable } from './window-table.ts'

/** Items of a FROM list, cross-joined from left to right; undefined: no FROM. */
export function bindFrom(place: Place, items: readonly Ast.TableRef[]): Source | undefined {
  let left: Source | undefined
  for (const item of items) left = joinItem(place, left, item)
  return left
}

function joinItem(place: Place, left: Source | undefined, item: Ast.TableRef): Source {
  if (left === undefined) return bindTable(place, item)
  const right = bindRight(place, left, item)
  return joinSources(place, left, right, { type: 'cross', condition: undefined, position: item.position })
}

/** The right side of a join: correlated if it reads columns of the left one. */
function bindRight(place: Place, left: Source, item: Ast.TableRef): Source & { readonly correlated: boolean } {
  const right = bindTable(besideOf(place, left.scope), item)
  if (outerColumnsOf(right.plan).length > 0) return { ...right, correlated: true }
  return { plan: raise(right.plan), scope: right.scope, correlated: false }
}

function bindTable(place: Place, item: Ast.TableRef): Source {
  switch (item.kind) {
    case 'relation':
      return bindRelation(place, item)
    case 'derived':
      return bindDerived(place, item)
    case 'functionTable':
      return bindFunctionTable(place, item)
    case 'windowTable':
      return bindWindowTable(place, item, bindTable)
    case 'join':
      return bindJoin(place, item)
    default:
      return unreachable(item)
  }
}

/** The left spine of joins is walked by a loop: it may be as long as the text. */
function bindJoin(place: Place, item: Ast.Join): Source {
  const spine: Ast.Join[] = []
  let first: Ast.TableRef = item
  while (first.kind === 'join' && (first === item || first.alias === undefined)) {
    spine.push(first)
    first = first.left
  }
  let source = bindTable(place, first)
  const on = withoutSiblings(place)
  for (const node of spine.reverse()) {
    const right = bindRight(place, source, node.right)
    source = node.asof ? asofSources(on, source, right, node) : joinSources(on, source, right, node)
  }
  return item.alias === undefined ? source : aliasJoin(source, item.alias)
}

function bindDerived(place: Place, item: Ast.DerivedTable): Source {
  const { statement } = place
  const bound = statement.binder.ordered(item.lateral ? belowSiblings(place) : withoutSiblings(place), item.query)
  const plan = settle(statement.types, bound.plan)
  const keys = bound.order.length > 0 ? bound.order : bound.natural
  const order = keys.map(({ column, ...rest }) => ({ expr: columnOf(plan.schema, column), ...rest }))
  return { plan, scope: scopeOf(plan, item.alias, { name: undefined, visible: bound.visible, order }) }
}

function bindRelation(place: Place, item: Ast.RelationRef): Source {
  const { parts, position } = item.name
  if (item.asOf !== undefined) throw notSupported('FOR SYSTEM_TIME AS OF', item.asOf)
  if (parts.length > 2) throw crossDatabase(parts.join('.'), position)
  const name = parts.at(-1)!
  const common = parts.length === 1 ? findCommon(place.commonTables, name) : undefined
  if (common !== undefined) return bindCommon(place, common, item)
  const relation = findRelation(place, item.name)
  const plan = readRelation(place, relation)
  return { plan, scope: scopeOf(plan, item.alias, { name, relation }) }
}

function findCommon(tables: CommonTables | undefined, name: string): CommonTables | undefined {
  let at = tables
  while (at !== undefined && at.name !== name) at = at.next
  return at
}

function bindCommon(place: Place, common: CommonTables, item: Ast.RelationRef): Source {
  const depth = place.parent === undefined ? 0 : place.parent.level.depth + 1
  const plan = deepen(common.plan(item.position), depth - common.depth)
  return { plan, scope: scopeOf(plan, item.alias, { name: common.name }) }
}

/** The relation of a name, recorded as read. Throws 42P01 with the nearest name. */
export function findRelation(
  place: Omit<Place, 'parent' | 'commonTables'>,
  name: Ast.RelationRef['name'],
): RelationInfo {
  const { catalog, dependencies } = place.statement
  const last = name.parts.at(-1)!
  const relation = catalog.resolve(name.parts.at(-2), last, place.searchPath)
  if (relation === undefined) {
    const near = name.parts.length === 1 ? nearest(last, catalog.relationNames(place.searchPath)) : undefined
    const hint = near && `Perhaps you meant the relation "${near}".`
    throw undefinedTable(name.parts.join('.'), { position: name.position, hint })
  }
  if (relation.kind === 'index') throw wrongObjectType(`"${last}" is an index`, { position: name.position })
  dependencies.add(relation.id)
  return relation
}

/** A scan; of a plain view its query, bound under the view's own search path. */
function readRelation(place: Place, relation: RelationInfo): LogicalPlan {
  if (relation.view === undefined) return get(relation)
  const { statement } = place
  const known = statement.views.get(relation.id)
  if (known !== undefined) return known
  const { query, searchPath } = relation.view
  const bound = settle(
    statement.types,
    statement.binder.query({ statement, searchPath, parent: undefined, commonTables: undefined }, query),
  )
  assert(bound.schema.length === relation.columns.length, 'a view has the columns of its query')
  const columns = relation.columns.map((def, i) =>
    coerce(statement.types, columnOf(bound.schema, i), def.type, 'explicit'),
  )
  const plan = project(
    bound,
    columns,
    relation.columns.map((def) => def.name),
  )
  statement.views.set(relation.id, plan)
  return plan
}
