// Function calls: which of the kinds a name is, its overload, its arguments.

import { notSupported } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { defaultPhysical } from '../../core/type.ts'
import { typeFromName } from '../../core/type-name.ts'
import type { SqlArray, SqlValue } from '../../core/value.ts'
import type { ScalarFunction, TableFunction } from '../../functions/registry.ts'
import type * as Ast from '../../parser/ast.ts'
import { groupingError, needsOver, notAggregate, setNotAllowed, undefinedFunction } from '../errors.ts'
import type { ColumnExpr, Expr } from '../expr.ts'
import { int4 } from '../expr-build.ts'
import { sameExpr } from '../expr-walk.ts'
import { coerce } from '../types/coerce.ts'
import { bindAggregate } from './aggregate.ts'
import { collect } from './collected.ts'
import type { Environment } from './environment.ts'
import { bindArguments, chooseFunction, functionName } from './function-choice.ts'
import { bindWindowPart, isWindowPart } from './group-window.ts'
import { applyScalar, convertArgs } from './operators.ts'
import { GROUPING_BASE, SET_BASE } from './scope.ts'
import { bindWindowCall } from './window.ts'

export function bindCall(environment: Environment, node: Ast.FunctionCall): Expr {
  const { registry } = environment.statement.types
  const name = functionName(environment, node)
  if (node.over !== undefined) return bindWindowCall(environment, name, node)
  if (registry.aggregates.has(name)) return bindAggregate(environment, name, node)
  refuseAggregateClauses(name, node)
  const scalars = registry.scalars.get(name)
  const tables = registry.tables.get(name)
  if (scalars === undefined && tables === undefined) {
    if (isWindowPart(name)) return bindWindowPart(environment, name, node)
    if (registry.windows.has(name)) throw needsOver(name, node.position)
    return bindConversion(environment, name, node)
  }
  if (scalars === undefined) return bindSet(environment, name, tables!, node)
  const args = bindArguments(environment, node)
  const candidates = node.arguments.at(-1)?.variadic ? scalars.filter((one) => one.variadic).map(takingArray) : scalars
  return applyScalar(
    environment,
    chooseFunction(environment, name, candidates, args, node.position),
    args,
    node.position,
  )
}

function refuseAggregateClauses(name: string, node: Ast.FunctionCall): void {
  const { position } = node
  if (node.star) throw groupingError(`${name}(*) specified, but ${name} is not an aggregate function`, position)
  if (node.distinct) throw notAggregate('DISTINCT', name, position)
  if (node.withinGroup.length > 0) throw notAggregate('WITHIN GROUP', name, position)
  if (node.orderBy.length > 0) throw notAggregate('ORDER BY', name, position)
  if (node.filter !== undefined) throw notAggregate('FILTER', name, position)
}

const sequenceFunctions: ReadonlySet<string> = new Set(['nextval', 'currval', 'lastval', 'setval'])

/** int4(x), text(x), date(x): a type's name called like a function converts. */
function bindConversion(environment: Environment, name: string, node: Ast.FunctionCall): Expr {
  if (sequenceFunctions.has(name))
    throw notSupported(`${name}()`, { position: node.position, hint: 'There are no sequences.' })
  const args = bindArguments(environment, node)
  const type = args.length === 1 ? typeFromName(name) : undefined
  if (type === undefined)
    throw undefinedFunction(
      name,
      args.map((arg) => arg.type),
      node.position,
    )
  return coerce(environment.statement.types, args[0]!, type, 'explicit')
}

/** f(a, VARIADIC array): the same function with its last arguments in one array. */
function takingArray(entry: ScalarFunction): ScalarFunction {
  const element = entry.args.at(-1)!
  const evaluate = entry.evaluate as (...args: unknown[]) => SqlValue
  const fixed = entry.args.length - 1
  return {
    ...entry,
    variadic: false,
    args: [
      ...entry.args.slice(0, -1),
      element === 'any' ? 'anyarray' : (`${element}[]` as ScalarFunction['args'][number]),
    ],
    inline: undefined,
    prepare: undefined,
    forTypes:
      entry.forTypes &&
      (() => {
        throw notSupported(`${entry.name}() with a VARIADIC array`)
      }),
    evaluate: (...args: unknown[]) => {
      const list = args[fixed] as SqlArray | null
      if (list === null || (entry.strict && list.elements.includes(null))) return null
      return evaluate(...args.slice(0, fixed), ...list.elements, ...args.slice(fixed + 1))
    },
  }
}

/** A set-returning function in the select list: a virtual column, computed by a table call below the projection. */
function bindSet(
  environment: Environment,
  name: string,
  functions: readonly TableFunction[],
  node: Ast.FunctionCall,
): Expr {
  const { clause, level } = environment
  if (clause !== 'SELECT' && clause !== 'ORDER BY' && clause !== 'GROUP BY') throw setNotAllowed(clause, node.position)
  const given = bindArguments(environment, node)
  const { function: called, args } = chooseTableFunction(environment, name, functions, given, node.position)
  const columns = called.columns(args.map((arg) => arg.type))
  const type: SqlType =
    columns.length === 1
      ? columns[0]!.type
      : { kind: 'row', fields: columns.map((column) => ({ name: column.name, type: column.type })) }
  const use = { function: called, args, type }
  const index = collect(
    level.sets,
    use,
    (a, b) => a.function === b.function && a.args.every((arg, i) => sameExpr(arg, b.args[i]!)),
  )
  return {
    kind: 'column',
    index: SET_BASE + index,
    type,
    physical: defaultPhysical(type),
    nullable: true,
    position: node.position,
  }
}

export function chooseTableFunction(
  environment: Environment,
  name: string,
  functions: readonly TableFunction[],
  given: readonly Expr[],
  position: number,
): { readonly function: TableFunction; readonly args: readonly Expr[] } {
  const chosen = chooseFunction(environment, name, functions, given, position)
  if (environment.statement.purpose === 'view' && chosen.function.volatility === 'volatile')
    throw notSupported(`${name}() in a materialized view`, { position })
  return { function: chosen.function, args: convertArgs(environment, chosen.targets, given) }
}

/** GROUPING(a, b): which of the keys the row's grouping set leaves out, as bits. */
export function bindGrouping(environment: Environment, node: Ast.Grouping): ColumnExpr {
  const { level, statement } = environment
  const args = node.arguments.map((argument) => statement.binder.expression(environment, argument))
  const index = level.groupings.push({ args, position: node.position }) - 1
  return {
    kind: 'column',
    index: GROUPING_BASE + index,
    type: int4,
    physical: defaultPhysical(int4),
    nullable: false,
    position: node.position,
  }
}
