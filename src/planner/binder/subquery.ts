// Subqueries in expressions. They stay in the expression as plans until decorrelation; outer columns in them say how
// many levels up they belong.

import { notSupported } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { defaultPhysical } from '../../core/type.ts'
import { sqlArray } from '../../core/value.ts'
import type * as Ast from '../../parser/ast.ts'
import { badSyntax } from '../errors.ts'
import type { CallExpr, Expr, SubqueryExpr } from '../expr.ts'
import { boolean, coalesce, constant, not } from '../expr-build.ts'
import type { LogicalPlan } from '../logical.ts'
import { aggregate, choose, columnOf } from '../plan-build.ts'
import { resolveOverload } from '../types/overload.ts'
import { type Environment, placeIn } from './environment.ts'
import { bindOperator } from './operators.ts'
import { convertColumns, settle } from './settle.ts'

const subquery = (plan: LogicalPlan, form: SubqueryExpr['form'], type: SqlType, position: number): SubqueryExpr => ({
  kind: 'subquery',
  plan,
  form,
  type,
  physical: form.kind === 'scalar' ? plan.schema[0]!.physical : defaultPhysical(type),
  nullable: form.kind !== 'exists',
  position,
})

const bindQuery = (environment: Environment, query: Ast.Query): LogicalPlan =>
  environment.statement.binder.query(placeIn(environment), query)

function bindOneColumn(environment: Environment, query: Ast.Query): LogicalPlan {
  const plan = settle(environment.statement.types, bindQuery(environment, query))
  if (plan.schema.length !== 1) throw badSyntax('subquery must return only one column', { position: query.position })
  return plan
}

export function bindScalarSubquery(environment: Environment, node: Ast.ScalarSubquery): Expr {
  const plan = bindOneColumn(environment, node.query)
  return subquery(plan, { kind: 'scalar' }, plan.schema[0]!.type, node.position)
}

/** The columns of a subquery of one row, each as a scalar subquery of its own; they share the plan. */
export function subqueryColumns(environment: Environment, node: Ast.ScalarSubquery): readonly Expr[] {
  const plan = settle(environment.statement.types, bindQuery(environment, node.query))
  return plan.schema.map((def, i) => subquery(choose(plan, [i]), { kind: 'scalar' }, def.type, node.position))
}

export function bindExists(environment: Environment, node: Ast.Exists): Expr {
  const plan = settle(environment.statement.types, bindQuery(environment, node.query))
  return subquery(plan, { kind: 'exists' }, boolean, node.position)
}

/** ARRAY (q) is array_agg over the query's rows in its order; of no rows the empty array. */
export function bindArraySubquery(environment: Environment, node: Ast.ArraySubquery): Expr {
  const { binder, types } = environment.statement
  const bound = binder.ordered(placeIn(environment), node.query)
  if (bound.visible !== 1) throw badSyntax('subquery must return only one column', { position: node.query.position })
  const input = settle(types, bound.plan)
  const functions = types.registry.aggregates.get('array_agg') ?? []
  const chosen = resolveOverload(types.registry, functions, [input.schema[0]!.type])
  if (typeof chosen === 'string') throw notSupported('ARRAY (subquery) over this type', node)
  const gathered = {
    function: chosen.function,
    args: [0],
    distinct: false,
    filter: undefined,
    order: bound.order.length > 0 ? bound.order : bound.natural,
    direct: [],
    type: chosen.result,
  }
  const plan = aggregate(input, [], [gathered], { global: true })
  const value = subquery(plan, { kind: 'scalar' }, chosen.result, node.position)
  return coalesce([value, constant(chosen.result, sqlArray([]))], chosen.result, node.position)
}

/** x IN (q) is x = ANY (q); NOT IN is its negation. */
export function bindInSubquery(environment: Environment, node: Ast.InSubquery): Expr {
  const { query, operand, position } = node
  const any = bindQuantifier(environment, { query, left: operand, operator: '=', quantifier: 'any', position })
  return node.negated ? not(any, position) : any
}

export function bindQuantifiedSubquery(environment: Environment, node: Ast.QuantifiedSubquery): Expr {
  return bindQuantifier(environment, node)
}

const ORDERING: ReadonlySet<string> = new Set(['<', '<=', '>', '>='])

interface Quantifier {
  readonly left: Ast.Expression
  readonly query: Ast.Query
  readonly operator: string
  readonly quantifier: 'any' | 'all'
  readonly position: number
}

/**
 * The operator is resolved for each pair of an input and a column of the subquery; what it wants converted on the
 * subquery's side is converted by a projection on top of it.
 */
function bindQuantifier(environment: Environment, node: Quantifier): Expr {
  const { binder, types } = environment.statement
  const { operator, position } = node
  const lefts = node.left.kind === 'row' ? node.left.items : [node.left]
  const inputs = lefts.map((left) => binder.expression(environment, left))
  const bound = settle(types, bindQuery(environment, node.query))
  if (bound.schema.length !== inputs.length)
    throw badSyntax(`subquery has too ${bound.schema.length < inputs.length ? 'few' : 'many'} columns`, { position })
  const byOrder = inputs.length > 1 && operator !== '=' && operator !== '<>'
  if (byOrder && !ORDERING.has(operator))
    throw notSupported(`comparing rows with a subquery by the operator ${operator}`, { position })
  const compare = (name: string, args: readonly Expr[]): CallExpr => {
    const applied = bindOperator(environment, name, args, position)
    if (applied.kind !== 'call' || applied.type.kind !== 'boolean')
      throw badSyntax('operator must return boolean', { position })
    return applied
  }
  const calls = inputs.map((input, i) => {
    const isLast = i === inputs.length - 1
    const name = byOrder && !isLast ? operator.slice(0, 1) : operator
    return compare(name, [input, { ...columnOf(bound.schema, i), position }])
  })
  const plan = convertColumns(
    bound,
    calls.map((call) => call.args[1]!),
  )
  const form = {
    kind: 'quantified' as const,
    inputs: calls.map((call) => call.args[0]!),
    operators: calls.map((call) => call.function),
    equals: byOrder ? calls.slice(0, -1).map((call) => compare('=', call.args).function) : [],
    quantifier: node.quantifier,
  }
  return subquery(plan, form, boolean, position)
}
