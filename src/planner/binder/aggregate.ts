// Aggregate calls: bound here, collected by the level they belong to, computed by an aggregate node (group.ts).
//
// An aggregate belongs to the innermost level that any of its arguments reads a column of: in
// `SELECT (SELECT max(t.a)) FROM t` it is t's (PostgreSQL, chapter 4.2.7).

import { notSupported } from '../../core/error.ts'
import type { AggregateFunction } from '../../functions/registry.ts'
import type * as Ast from '../../parser/ast.ts'
import {
  aggregateNotAllowed,
  badSyntax,
  groupingError,
  invalidColumnReference,
  noEquality,
  wrongObjectType,
} from '../errors.ts'
import type { Expr } from '../expr.ts'
import { isConstant, sameExpr } from '../expr-walk.ts'
import { lift, seenFrom, visitLevels } from '../plan-walk.ts'
import { physicalOfAggregate } from '../types/physical.ts'
import { type AggregateUse, collect, type OrderUse, sameAggregate } from './collected.ts'
import { type Clause, type Environment, inClause, type Scope } from './environment.ts'
import { bindArguments, chooseFunction } from './function-choice.ts'
import { convertArgs, operatorOn, toBoolean } from './operators.ts'
import { bindOrderBy, direction, requireOrder } from './order.ts'
import { AGGREGATE_BASE } from './scope.ts'

const allowed: ReadonlySet<Clause> = new Set<Clause>([
  'SELECT',
  'HAVING',
  'QUALIFY',
  'ORDER BY',
  'DISTINCT ON',
  'window definitions',
  'window function arguments',
])

export function bindAggregate(environment: Environment, name: string, node: Ast.FunctionCall): Expr {
  const use = bindUse(environment, name, node)
  const depth = depthOf(use)
  let home: Environment = environment
  for (let i = 0; i < depth; i++) home = home.level.parent!
  refuseWhereNotAllowed(home, node.position)
  const lifted = inNaturalOrder(liftUse(use, depth), home.level.scope)
  const index = collect(home.level.aggregates, lifted, sameAggregate)
  const physicals = use.args.map((arg) => arg.physical)
  const column: Expr = {
    kind: 'column',
    index: AGGREGATE_BASE + index,
    type: use.type,
    physical: physicalOfAggregate(use.function, use.type, physicals),
    nullable: use.function.state.kind !== 'count',
    position: node.position,
  }
  return seenFrom(column, depth)
}

function refuseWhereNotAllowed(environment: Environment, position: number): void {
  const { clause } = environment
  if (allowed.has(clause)) return
  if (clause === 'aggregate arguments') throw groupingError('aggregate function calls cannot be nested', position)
  throw aggregateNotAllowed(clause, position)
}

/** The call's parts, over the level it is written in. */
function bindUse(environment: Environment, name: string, node: Ast.FunctionCall): AggregateUse {
  const functions = environment.statement.types.registry.aggregates.get(name)!
  const inside = inClause(environment, 'aggregate arguments')
  const filter = node.filter && toBoolean(environment, bindFilter(environment, node.filter), 'FILTER')
  if (node.withinGroup.length > 0) return bindWithinGroup(inside, name, node, filter)
  const args = node.star ? [] : bindArguments(inside, node)
  if (!node.star && args.length === 0 && functions.some((one) => one.args.length === 0))
    throw wrongObjectType(`${name}(*) must be used to call a parameterless aggregate function`, node)
  const plain = functions.filter((one) => one.directArgs === undefined)
  if (plain.length === 0 && functions.some((one) => one.variadic || one.args.length === args.length))
    throw wrongObjectType(`WITHIN GROUP is required for ordered-set aggregate ${name}`, node)
  const chosen = chooseFunction(environment, name, plain, args, node.position)
  const converted = convertArgs(environment, chosen.targets, args)
  const order = bindOrderBy(inside, node.orderBy)
  if (node.distinct) checkDistinct(environment, node, converted, order)
  return {
    function: chosen.function,
    args: converted,
    direct: [],
    distinct: node.distinct,
    filter,
    order,
    type: chosen.result,
  }
}

const bindFilter = (environment: Environment, filter: Ast.Expression): Expr =>
  environment.statement.binder.expression(inClause(environment, 'FILTER'), filter)

function checkDistinct(
  environment: Environment,
  node: Ast.FunctionCall,
  args: readonly Expr[],
  order: readonly OrderUse[],
): void {
  if (args.length === 0) throw badSyntax('DISTINCT specified, but there are no arguments', node)
  for (const arg of args)
    if (operatorOn(environment, '=', arg.type) === undefined) throw noEquality(arg.type, arg.position)
  if (!order.every((key) => args.some((arg) => sameExpr(arg, key.expr))))
    throw invalidColumnReference(
      'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
      node.position,
    )
}

/** f(direct …) WITHIN GROUP (ORDER BY keys): the keys are the aggregated arguments. */
function bindWithinGroup(
  environment: Environment,
  name: string,
  node: Ast.FunctionCall,
  filter: Expr | undefined,
): AggregateUse {
  const { binder, types } = environment.statement
  const functions = types.registry.aggregates.get(name)!.filter((one) => one.directArgs !== undefined)
  if (node.distinct) throw notSupported('DISTINCT together with WITHIN GROUP', node)
  const direct = bindArguments(environment, node)
  const keys = node.withinGroup.map((item) => binder.expression(environment, item.value))
  const chosen = chooseFunction(environment, name, functions, [...direct, ...keys], node.position)
  const converted = convertArgs(environment, chosen.targets, [...direct, ...keys])
  const order = node.withinGroup.map((item, i) => {
    const expr = converted[direct.length + i]!
    requireOrder(environment, expr.type, item.position)
    return { expr, ...direction(item) }
  })
  const constants = converted.slice(0, direct.length)
  if (!constants.every(isConstant))
    throw notSupported('a direct argument of an ordered-set aggregate that is not constant', node)
  return {
    function: chosen.function satisfies AggregateFunction,
    args: order.map((key) => key.expr),
    direct: constants,
    distinct: false,
    filter,
    order,
    type: chosen.result,
  }
}

/** array_agg(x) over a set-returning function gathers the rows as they come. */
const inNaturalOrder = (use: AggregateUse, scope: Scope): AggregateUse =>
  use.function.state.kind === 'multiset' && use.order.length === 0 && !use.distinct
    ? { ...use, order: scope.order }
    : use

const exprsOf = (use: AggregateUse): readonly Expr[] => [
  ...use.args,
  ...(use.filter ? [use.filter] : []),
  ...use.order.map((key) => key.expr),
]

/** Levels up to where the aggregate belongs; 0 where it reads no column at all. */
function depthOf(use: AggregateUse): number {
  let least = Number.POSITIVE_INFINITY
  for (const expr of exprsOf(use))
    visitLevels(expr, (_, depth) => {
      least = Math.min(least, depth)
    })
  return Number.isFinite(least) ? least : 0
}

const liftUse = (use: AggregateUse, by: number): AggregateUse => ({
  ...use,
  args: use.args.map((arg) => lift(arg, by)),
  filter: use.filter && lift(use.filter, by),
  order: use.order.map((key) => ({ ...key, expr: lift(key.expr, by) })),
})
