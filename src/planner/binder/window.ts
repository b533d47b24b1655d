// Calls with OVER: bound here, collected by the level, computed by window nodes (windows.ts).

import { notSupported } from '../../core/error.ts'
import { defaultPhysical, type SqlType } from '../../core/type.ts'
import type { AggregateFunction, WindowFunction } from '../../functions/registry.ts'
import type * as Ast from '../../parser/ast.ts'
import {
  groupingError,
  invalidColumnReference,
  noEquality,
  notImplemented,
  undefinedFunction,
  undefinedWindow,
  windowingError,
  windowNotAllowed,
  wrongObjectType,
} from '../errors.ts'
import type { Expr } from '../expr.ts'
import { int8 } from '../expr-build.ts'
import type { Frame, FrameBound } from '../physical.ts'
import { visitLevels } from '../plan-walk.ts'
import { canCoerce, coerce } from '../types/coerce.ts'
import { physicalOfAggregate } from '../types/physical.ts'
import type { OrderUse } from './collected.ts'
import { type Environment, inClause } from './environment.ts'
import { bindArguments, chooseFunction } from './function-choice.ts'
import { convertArgs, operatorOn, toBoolean } from './operators.ts'
import { bindOrderBy, typed } from './order.ts'
import { WINDOW_BASE } from './scope.ts'

/** RANGE UNBOUNDED PRECEDING: what a window has that says nothing. */
export const defaultFrame: Frame = {
  mode: 'range',
  start: { kind: 'unboundedPreceding' },
  end: { kind: 'currentRow' },
  exclude: 'none',
}

export function bindWindowCall(environment: Environment, name: string, node: Ast.FunctionCall): Expr {
  refuseWhereNotAllowed(environment, node.position)
  const inside = inClause(environment, 'window function arguments')
  const { called, args, type } = chooseWindowFunction(inside, name, node)
  const spec = resolveSpec(environment, node.over!)
  const filter = node.filter && toBoolean(environment, bindFilter(environment, node, called), 'FILTER')
  const window = bindSpec(inClause(environment, 'window definitions'), spec)
  const use = { function: called, args, filter, ignoreNulls: node.nulls === 'ignore', type, ...window }
  const index = environment.level.windows.push(use) - 1
  const physical =
    called.kind === 'aggregate'
      ? physicalOfAggregate(
          called,
          type,
          args.map((arg) => arg.physical),
        )
      : defaultPhysical(type)
  return { kind: 'column', index: WINDOW_BASE + index, type, physical, nullable: true, position: node.position }
}

function refuseWhereNotAllowed(environment: Environment, position: number): void {
  switch (environment.clause) {
    case 'SELECT':
    case 'ORDER BY':
    case 'QUALIFY':
    case 'DISTINCT ON':
      return
    case 'aggregate arguments':
      throw groupingError('aggregate function calls cannot contain window function calls', position)
    case 'window function arguments':
      throw windowingError('window function calls cannot be nested', position)
    default:
      throw windowNotAllowed(environment.clause, position)
  }
}

function chooseWindowFunction(environment: Environment, name: string, node: Ast.FunctionCall) {
  const { registry } = environment.statement.types
  if (node.distinct) throw notImplemented('DISTINCT is not implemented for window functions', node.position)
  if (node.orderBy.length > 0)
    throw notImplemented('aggregate ORDER BY is not implemented for window functions', node.position)
  if (node.withinGroup.length > 0) throw notSupported(`OVER for ordered-set aggregate ${name}`, node)
  const functions: readonly (WindowFunction | AggregateFunction)[] = [
    ...(registry.windows.get(name) ?? []),
    ...(registry.aggregates.get(name) ?? []).filter((one) => one.directArgs === undefined),
  ]
  const given = node.star ? [] : bindArguments(environment, node)
  if (functions.length === 0) {
    if (registry.scalars.has(name) || registry.tables.has(name))
      throw wrongObjectType(`OVER specified, but ${name} is not a window function nor an aggregate function`, node)
    throw undefinedFunction(
      name,
      given.map((arg) => arg.type),
      node.position,
    )
  }
  const chosen = chooseFunction(environment, name, functions, given, node.position)
  return { called: chosen.function, args: convertArgs(environment, chosen.targets, given), type: chosen.result }
}

function bindFilter(
  environment: Environment,
  node: Ast.FunctionCall,
  called: WindowFunction | AggregateFunction,
): Expr {
  if (called.kind === 'window')
    throw notImplemented('FILTER is not implemented for non-aggregate window functions', node.position)
  return environment.statement.binder.expression(inClause(environment, 'FILTER'), node.filter!)
}

/** The definition with all that it takes over from the windows it names. */
function resolveSpec(environment: Environment, over: Ast.WindowSpec | Ast.WindowName): Ast.WindowSpec {
  if (over.kind === 'windowName') return namedSpec(environment, over.name, over.position)
  if (over.existing === undefined) return over
  const base = namedSpec(environment, over.existing, over.position)
  if (over.partitionBy.length > 0)
    throw windowingError(`cannot override PARTITION BY clause of window "${over.existing}"`, over.position)
  if (over.orderBy.length > 0 && base.orderBy.length > 0)
    throw windowingError(`cannot override ORDER BY clause of window "${over.existing}"`, over.position)
  if (base.frame !== undefined)
    throw windowingError(`cannot copy window "${over.existing}" because it has a frame clause`, over.position)
  return { ...over, partitionBy: base.partitionBy, orderBy: over.orderBy.length > 0 ? over.orderBy : base.orderBy }
}

function namedSpec(environment: Environment, name: string, position: number): Ast.WindowSpec {
  const found = environment.level.namedWindows.find((one) => one.name === name)
  if (found === undefined) throw undefinedWindow(name, position)
  return resolveSpec(environment, found.window)
}

function bindSpec(environment: Environment, spec: Ast.WindowSpec) {
  const { binder } = environment.statement
  const partition = spec.partitionBy.map((node) => typed(environment, binder.expression(environment, node)))
  for (const expr of partition)
    if (operatorOn(environment, '=', expr.type) === undefined) throw noEquality(expr.type, expr.position)
  const order = bindOrderBy(environment, spec.orderBy)
  const frame = spec.frame === undefined ? defaultFrame : bindFrame(environment, spec.frame, order)
  return { partition, order, frame }
}

function bindFrame(environment: Environment, node: Ast.Frame, order: readonly OrderUse[]): Frame {
  const { unit, position } = node
  const needsOffset = [node.start, node.end].some((bound) => bound.kind === 'preceding' || bound.kind === 'following')
  if (unit === 'groups' && order.length === 0) throw windowingError('GROUPS mode requires an ORDER BY clause', position)
  if (unit === 'range' && needsOffset && order.length !== 1)
    throw windowingError('RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column', position)
  const type = unit === 'range' && needsOffset ? offsetType(order[0]!.expr.type, position) : int8
  return {
    mode: unit,
    start: bindBound(environment, node.start, unit, type),
    end: bindBound(environment, node.end, unit, type),
    exclude: node.exclude === 'current row' ? 'current' : (node.exclude ?? 'none'),
  }
}

/** What may be added to a key of this type. */
function offsetType(key: SqlType, position: number): SqlType {
  switch (key.kind) {
    case 'int2':
    case 'int4':
    case 'int8':
      return int8
    case 'float4':
    case 'float8':
      return { kind: 'float8' }
    case 'numeric':
      return { kind: 'numeric' }
    case 'date':
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
    case 'interval':
      return { kind: 'interval' }
    default:
      throw notSupported(`RANGE with offset PRECEDING/FOLLOWING for column type ${key.kind}`, { position })
  }
}

function bindBound(environment: Environment, node: Ast.FrameBound, unit: string, type: SqlType): FrameBound {
  if (node.kind !== 'preceding' && node.kind !== 'following') return { kind: node.kind }
  const { binder, types } = environment.statement
  const given = binder.expression(environment, node.offset)
  visitLevels(given, (_, depth) => {
    if (depth === 0)
      throw invalidColumnReference(`argument of ${unit.toUpperCase()} must not contain variables`, node.position)
  })
  if (!canCoerce(types.registry, given.type, type, 'implicit'))
    throw notSupported(`RANGE with offset of type ${given.type.kind}`, node)
  return { kind: node.kind, offset: coerce(types, given, type, 'implicit') }
}
