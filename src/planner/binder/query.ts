// Queries: WITH, the body, set operations, VALUES, ORDER BY and LIMIT around them.

import { unreachable } from '../../core/assert.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import type * as Ast from '../../parser/ast.ts'
import { badSyntax, duplicateCommonTable, noEquality, notInFrom, tooManyAliases, undefinedColumn } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { toPhysical } from '../expr-build.ts'
import type { LogicalPlan } from '../logical.ts'
import type { SortKey } from '../physical.ts'
import { columnOf, defOf, distinct, get, project, setOperation, top, unionAll, values } from '../plan-build.ts'
import type { TypeContext } from '../types/coerce.ts'
import { commonType, toCommon } from '../types/common-type.ts'
import { commonPhysical } from '../types/physical.ts'
import { type BoundQuery, type CommonTables, environmentOf, type Place } from './environment.ts'
import { ordinal } from './group-by.ts'
import { bindCount } from './limit.ts'
import { operatorOn } from './operators.ts'
import { direction, requireOrder } from './order.ts'
import { recursiveTables } from './recursive.ts'
import { emptyScope, levelOf } from './scope.ts'
import { bindSelect } from './select.ts'
import { convertTo, keepFirst, settle, unifyPhysical } from './settle.ts'

/** A query as its reader sees it: LIMIT applied, order and hidden columns gone. Untyped literals stay unknown. */
export function bindQuery(place: Place, query: Ast.Query): LogicalPlan {
  const { bound, limit, offset } = bindParts(place, query)
  return keepFirst(limited(bound, limit, offset, query.withTies), bound.visible)
}

/** The same with its order: columns beyond the visible ones are there for it. */
export function bindOrdered(place: Place, query: Ast.Query): BoundQuery {
  const { bound, limit, offset } = bindParts(place, query)
  return { ...bound, plan: limited(bound, limit, offset, query.withTies) }
}

export interface QueryParts {
  readonly bound: BoundQuery
  readonly limit: bigint | undefined
  readonly offset: bigint | undefined
}

/** The query without its outermost LIMIT and with its order: what an ad-hoc SELECT presents. */
export function bindParts(place: Place, query: Ast.Query): QueryParts {
  const inside = query.with === undefined ? place : withTables(place, query.with)
  const bound = bindBody(inside, query.body, query.orderBy)
  checkLocking(query)
  const limit = bindCount(inside, query.limit, 'LIMIT')
  const offset = bindCount(inside, query.offset, 'OFFSET')
  if (query.withTies && query.orderBy.length === 0)
    throw badSyntax('WITH TIES cannot be specified without ORDER BY clause', query)
  return { bound, limit, offset }
}

/** FOR UPDATE and its like lock nothing here: writers are checked when they commit. Names must mean something. */
function checkLocking({ locking, body }: Ast.Query): void {
  for (const { strength, of } of locking) {
    const clause = `FOR ${strength.toUpperCase()}`
    const names = body.kind === 'select' ? body.from.flatMap(namesIn) : []
    for (const name of of)
      if (!names.includes(name.parts.at(-1)!)) throw notInFrom(name.parts.at(-1)!, clause, name.position)
  }
}

function namesIn(item: Ast.TableRef): readonly string[] {
  if (item.alias !== undefined) return [item.alias.name]
  if (item.kind === 'join') return [...namesIn(item.left), ...namesIn(item.right)]
  return item.kind === 'relation' ? [item.name.parts.at(-1)!] : []
}

/** Where there is no order the canonical one decides, so that a view is a function of its inputs. */
export function limited(
  bound: BoundQuery,
  limit: bigint | undefined,
  offset: bigint | undefined,
  withTies: boolean,
): LogicalPlan {
  if (limit === undefined && (offset === undefined || offset === 0n)) return bound.plan
  return top(bound.plan, { order: bound.order, limit, offset: offset ?? 0n, by: withTies ? 'ties' : 'rows' })
}

function bindBody(place: Place, body: Ast.QueryBody, orderBy: readonly Ast.OrderItem[]): BoundQuery {
  switch (body.kind) {
    case 'select':
      return bindSelect(place, body, orderBy)
    case 'values':
      return sorted(place, bindValues(place, body), orderBy)
    case 'setOperation':
      return sorted(place, bindSetOperation(place, body), orderBy)
    case 'query':
      return sorted(place, bindQuery(place, body), orderBy)
    default:
      return unreachable(body)
  }
}

/** ORDER BY over a query's result: by output names and ordinals only. */
function sorted(place: Place, plan: LogicalPlan, orderBy: readonly Ast.OrderItem[]): BoundQuery {
  const environment = environmentOf(place, levelOf(emptyScope, place.parent), 'ORDER BY')
  const order = orderBy.map((item): SortKey => {
    const column = outputColumn(plan, item.value)
    const { type } = plan.schema[column]!
    if (type.kind !== 'unknown') requireOrder(environment, type, item.position)
    return { column, ...direction(item) }
  })
  return { plan, visible: plan.schema.length, order, natural: [] }
}

function outputColumn(plan: LogicalPlan, node: Ast.Expression): number {
  if (node.kind === 'number') return ordinal(node, plan.schema.length, 'ORDER BY')
  if (node.kind === 'column' && node.parts.length === 1) {
    const index = plan.schema.findIndex((def) => def.name === node.parts[0])
    if (index >= 0) return index
    throw undefinedColumn(node.parts[0]!, { position: node.position })
  }
  throw new SqlError({
    code: '0A000',
    message: 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause',
    detail: 'Only result column names can be used, not expressions or functions.',
    hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
    position: node.position,
  })
}

function bindValues(place: Place, node: Ast.Values): LogicalPlan {
  const { types, binder } = place.statement
  const environment = environmentOf(place, levelOf(emptyScope, place.parent), 'VALUES')
  const width = node.rows[0]!.length
  const rows = node.rows.map((row) => {
    if (row.length !== width) throw badSyntax('VALUES lists must all be the same length', row[0] ?? node)
    return row.map((item) => binder.expression(environment, item))
  })
  const columns = Array.from({ length: width }, (_, i) =>
    unifyColumn(
      types,
      rows.map((row) => row[i]!),
    ),
  )
  const schema = columns.map((exprs, i) => ({
    ...defOf(`column${i + 1}`, exprs[0]!),
    physical: commonPhysical(
      exprs[0]!.type,
      exprs.map((expr) => expr.physical),
    ),
    nullable: exprs.some((expr) => expr.nullable),
  }))
  return values(
    rows.map((_, r) => columns.map((exprs) => exprs[r]!)),
    schema,
  )
}

/** One column's values in one type and physical kind; of untyped literals only, they stay untyped. */
function unifyColumn(types: TypeContext, exprs: readonly Expr[]): readonly Expr[] {
  if (exprs.every((expr) => expr.type.kind === 'unknown')) return exprs
  const type = commonType(types.registry, exprs, 'VALUES')
  const converted = exprs.map((expr) => toCommon(types, expr, type, 'VALUES'))
  const physical = commonPhysical(
    type,
    converted.filter((expr) => !isNullConstant(expr)).map((expr) => expr.physical),
  )
  return converted.map((expr) => (isNullConstant(expr) ? { ...expr, physical } : toPhysical(expr, physical)))
}

const isNullConstant = (expr: Expr): boolean => expr.kind === 'constant' && expr.value === null

function bindSetOperation(place: Place, node: Ast.SetOperation): LogicalPlan {
  let left = bindOperand(place, node.first)
  for (const operand of node.rest) left = combine(place, left, bindOperand(place, operand.body), operand)
  return left
}

function bindOperand(place: Place, body: Ast.QueryBody): LogicalPlan {
  if (body.kind === 'query') return bindQuery(place, body)
  const { plan, visible } = bindBody(place, body, [])
  return keepFirst(plan, visible)
}

function combine(place: Place, a: LogicalPlan, b: LogicalPlan, node: Ast.SetOperand): LogicalPlan {
  const { types } = place.statement
  const context = node.operator.toUpperCase()
  if (a.schema.length !== b.schema.length)
    throw badSyntax(`each ${context} query must have the same number of columns`, node)
  const wanted = a.schema.map((def, i): SqlType => {
    const columns = [def, b.schema[i]!]
    // Columns that both sides leave untyped are text.
    return commonType(
      types.registry,
      columns.map((column) => ({ type: column.type, position: node.position })),
      context,
    )
  })
  const [left, right] = unifyPhysical([a, b].map((side) => convertTo(types, side, wanted, 'implicit'))) as [
    LogicalPlan,
    LogicalPlan,
  ]
  if (!(node.operator === 'union' && node.all)) requireEquality(place, left, node.position)
  if (node.operator !== 'union') return setOperation(node.operator, node.all, left, right)
  const inputs = [left, right].flatMap((side) => (side.kind === 'unionAll' ? side.inputs : [side]))
  return node.all ? unionAll(inputs) : distinct(unionAll(inputs))
}

function requireEquality(place: Place, plan: LogicalPlan, position: number): void {
  const environment = environmentOf(place, levelOf(emptyScope, place.parent), 'SELECT')
  for (const { type } of plan.schema)
    if (operatorOn(environment, '=', type) === undefined) throw noEquality(type, position)
}

/** The WITH queries of a query, each seeing those before it; RECURSIVE ones see all. */
export function withTables(place: Place, clause: Ast.With): Place {
  const depth = place.parent === undefined ? 0 : place.parent.level.depth + 1
  const names = clause.tables.map((table) => table.name.name)
  const repeated = clause.tables.find((table, i) => names.indexOf(table.name.name) !== i)
  if (repeated !== undefined) throw duplicateCommonTable(repeated.name.name, repeated.position)
  if (clause.recursive) return recursiveTables(place, clause, parts)
  let commonTables: CommonTables | undefined = place.commonTables
  for (const table of clause.tables) {
    const plan = bindCommonTable({ ...place, commonTables }, table)
    commonTables = { name: table.name.name, plan: () => plan, depth, next: commonTables }
  }
  return { ...place, commonTables }
}

const parts = { operand: bindOperand, table: bindCommonTable, within: withTables, requireEquality }

/** What a data-modifying statement returns: it runs by itself, before the query. */
function returnedRows({ statement }: Place, table: Ast.CommonTable): LogicalPlan {
  const relation = statement.returned.get(table.statement)
  if (relation === undefined) throw notSupported('a data-modifying statement in WITH below the top level', table)
  statement.dependencies.add(relation.id)
  return get(relation)
}

function bindCommonTable(place: Place, table: Ast.CommonTable): LogicalPlan {
  const { statement } = table
  const plan =
    statement.kind === 'query' ? settle(place.statement.types, bindQuery(place, statement)) : returnedRows(place, table)
  const { columns, name } = table
  if (columns.length === 0) return plan
  if (columns.length > plan.schema.length)
    throw tooManyAliases(name.name, plan.schema.length, columns.length, table.position, 'WITH query')
  return project(
    plan,
    plan.schema.map((_, i) => columnOf(plan.schema, i)),
    plan.schema.map((def, i) => columns[i]?.name ?? def.name),
  )
}
