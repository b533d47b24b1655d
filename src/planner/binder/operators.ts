// Operators applied to bound operands, and the comparisons that other constructs are made of.

import { notSupported } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { instantiate } from '../../functions/instantiate.ts'
import type { ScalarFunction } from '../../functions/registry.ts'
import {
  ambiguousFunction,
  ambiguousOperator,
  badSyntax,
  mustBe,
  noEquality,
  setNotAllowed,
  undefinedFunction,
  undefinedOperator,
} from '../errors.ts'
import type { Expr } from '../expr.ts'
import { and, boolean, call, or } from '../expr-build.ts'
import { TIME_FUNCTIONS } from '../temporal.ts'
import { canCoerce, coerce } from '../types/coerce.ts'
import { commonType, toCommon } from '../types/common-type.ts'
import { type Chosen, resolveOperator, resolveOverload } from '../types/overload.ts'
import type { Environment } from './environment.ts'

type Position = number | undefined

/** `name` applied to one or two operands. Throws 42883 or 42725. */
export function bindOperator(environment: Environment, name: string, args: readonly Expr[], position: Position): Expr {
  return applyScalar(environment, chooseOperator(environment, name, args, position), args, position)
}

function chooseOperator(
  environment: Environment,
  name: string,
  args: readonly Expr[],
  position: Position,
): Chosen<ScalarFunction> {
  const { registry } = environment.statement.types
  const types = args.map((arg) => arg.type)
  const chosen = resolveOperator(registry, registry.scalars.get(name) ?? [], types)
  if (chosen === 'none') throw undefinedOperator(name, types, position)
  if (chosen === 'ambiguous') throw ambiguousOperator(name, types, position)
  return chosen
}

/** A function of the system applied to operands: what special syntaxes stand for. */
export function bindSystemCall(environment: Environment, name: string, args: readonly Expr[], position: number): Expr {
  const { registry } = environment.statement.types
  const types = args.map((arg) => arg.type)
  const chosen = resolveOverload(registry, registry.scalars.get(name) ?? [], types)
  if (chosen === 'none') throw undefinedFunction(name, types, position)
  if (chosen === 'ambiguous') throw ambiguousFunction(name, types, position)
  return applyScalar(environment, chosen, args, position)
}

/** The chosen function with its arguments converted. */
export function applyScalar(
  environment: Environment,
  chosen: Chosen<ScalarFunction>,
  args: readonly Expr[],
  position: Position,
): Expr {
  const converted = convertArgs(environment, chosen.targets, args)
  refuseInView(environment, chosen.function, position)
  const types = converted.map((arg) => arg.type)
  return call(instantiate(chosen.function, types, chosen.result), converted, chosen.result, position)
}

export function convertArgs(
  environment: Environment,
  targets: readonly (SqlType | undefined)[],
  args: readonly Expr[],
): readonly Expr[] {
  const { types } = environment.statement
  return args.map((arg, i) => {
    const target = targets[i]
    const keeps =
      target === undefined || (target.kind === arg.type.kind && target.kind !== 'array' && target.kind !== 'row')
    return keeps ? arg : coerce(types, arg, target, 'implicit')
  })
}

/**
 * A maintained view must be a function of its inputs and of the epochs' times (temporal.ts): what else reads the
 * session, the clock or chance is refused.
 */
function refuseInView(environment: Environment, called: ScalarFunction, position: Position): void {
  if (environment.statement.purpose !== 'view' || called.volatility === 'immutable') return
  if (called.args.length === 0 && TIME_FUNCTIONS.has(called.name)) return
  const readsClockOrSession =
    called.args.length === 0 || called.name === 'current_setting' || called.name === 'set_config'
  if (called.volatility === 'stable' && !readsClockOrSession && !(called.name === 'age' && called.args.length === 1))
    return
  throw notSupported(`${called.name}() in a materialized view`, { position })
}

/** The `=` of one type, with what its operands must be converted to. Throws 42883. */
export function equalityOf(environment: Environment, type: SqlType, position: Position): Comparison {
  const { registry } = environment.statement.types
  const chosen = resolveOperator(registry, registry.scalars.get('=') ?? [], [type, type])
  if (typeof chosen === 'string') throw noEquality(type, position)
  return comparisonOf(environment, chosen, type)
}

export interface Comparison {
  readonly operator: ScalarFunction
  /** Brings an operand to the operator's type. */
  convert(expr: Expr): Expr
}

export function comparisonOf(environment: Environment, chosen: Chosen<ScalarFunction>, type: SqlType): Comparison {
  const types = chosen.targets.map((target) => target ?? type)
  return {
    operator: instantiate(chosen.function, types, boolean),
    convert: (expr) => convertArgs(environment, [chosen.targets[0]], [expr])[0]!,
  }
}

/** An operator between two values of `type`; undefined where there is none. */
export function operatorOn(environment: Environment, name: string, type: SqlType): Comparison | undefined {
  const { registry } = environment.statement.types
  const chosen = resolveOperator(registry, registry.scalars.get(name) ?? [], [type, type])
  return typeof chosen === 'string' ? undefined : comparisonOf(environment, chosen, type)
}

/** Both sides as values of their common type, and its equality: IS DISTINCT FROM, NULLIF, simple CASE, joins. */
export function equalOperands(environment: Environment, left: Expr, right: Expr, position: Position) {
  const chosen = chooseOperator(environment, '=', [left, right], position)
  const [a, b] = convertArgs(environment, chosen.targets, [left, right]) as readonly [Expr, Expr]
  const operator = instantiate(chosen.function, [a.type, b.type], boolean)
  return { left: a, right: b, operator }
}

/** `expr` as a condition of `context`. Throws 42804. */
export function toBoolean(environment: Environment, expr: Expr, context: string): Expr {
  const { types } = environment.statement
  if (expr.type.kind !== 'unknown' && !canCoerce(types.registry, expr.type, boolean, 'assignment'))
    throw mustBe(context, boolean, expr.type, expr.position)
  return coerce(types, expr, boolean, 'assignment')
}

/** Row comparison: (a, b) < (c, d) is a < c OR (a = c AND b < d), and so on (PostgreSQL, chapter 9.24.5). */
export function compareRows(
  environment: Environment,
  name: string,
  left: readonly Expr[],
  right: readonly Expr[],
  position: Position,
): Expr {
  if (left.length !== right.length) throw badSyntax('unequal number of entries in row expressions', { position })
  if (left.length === 0) throw notSupported('comparing rows of zero length', { position })
  const pair = (operator: string, i: number): Expr =>
    bindOperator(environment, operator, [left[i]!, right[i]!], position)
  const all = left.map((_, i) => i)
  if (name === '=') return and(all.map((i) => pair('=', i)))
  if (name === '<>') return or(all.map((i) => pair('<>', i)))
  if (!['<', '<=', '>', '>='].includes(name)) throw notSupported(`comparing rows by the operator ${name}`, { position })
  const strictly = name.slice(0, 1)
  const from = (i: number): Expr =>
    i === left.length - 1 ? pair(name, i) : or([pair(strictly, i), and([pair('=', i), from(i + 1)])])
  return from(0)
}

/** x IN (list) by the common type of all; undefined where they have none, and each is compared by itself. */
export function inListByCommonType(
  environment: Environment,
  input: Expr,
  items: readonly Expr[],
  options: { readonly negated: boolean; readonly position: number },
): Expr | undefined {
  const { types } = environment.statement
  const type = commonType(types.registry, [input, ...items], undefined)
  const comparison = type && operatorOn(environment, '=', type)
  if (type === undefined || comparison === undefined) return undefined
  if (![input, ...items].every((expr) => canCoerce(types.registry, expr.type, type, 'implicit'))) return undefined
  const [first, ...list] = [input, ...items].map((expr) => comparison.convert(toCommon(types, expr, type, 'IN')))
  return {
    kind: 'inList',
    input: first!,
    list,
    negated: options.negated,
    equals: comparison.operator,
    type: boolean,
    physical: { kind: 'i32' },
    nullable: first!.nullable || list.some((item) => item.nullable),
    position: options.position,
  }
}

export const refuseSet = (environment: Environment, position: number): never => {
  throw setNotAllowed(environment.clause, position)
}
