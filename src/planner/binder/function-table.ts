// Functions in FROM: set-returning ones, ROWS FROM (…), WITH ORDINALITY; a scalar function is a table of one row.

import { notSupported } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { TableFunction } from '../../functions/registry.ts'
import type * as Ast from '../../parser/ast.ts'
import type { Expr } from '../expr.ts'
import type { LogicalPlan } from '../logical.ts'
import type { TableFunctionNode } from '../physical.ts'
import { columnOf, project, tableCall, unit } from '../plan-build.ts'
import { type Environment, environmentOf, type Place } from './environment.ts'
import { bindArguments, functionName } from './function-choice.ts'
import { chooseTableFunction } from './functions.ts'
import type { Source } from './join.ts'
import { typed } from './order.ts'
import { emptyScope, levelOf } from './scope.ts'
import { scopeOf } from './table-scope.ts'

/** `place.parent` is the level that the arguments may read: the items on the left. */
export function bindFunctionTable(place: Place, item: Ast.FunctionTable): Source {
  const environment = environmentOf(place, levelOf(emptyScope, place.parent), 'functions in FROM')
  const bound = item.functions.map((one) => bindSetCalls(environment, one))
  const isScalarCall = bound.length === 1 && bound[0]!.length === 0 && !item.ordinality
  const sets = bound.flatMap((calls, i) => (calls.length === 0 ? [oneRow(environment, item.functions[i]!)] : calls))
  const [only] = item.functions
  const name = item.alias?.name ?? callName(only!.call)
  if (isScalarCall) return scalarTable(environment, item, name)
  const calls = sets.map(({ function: called, args }) => ({ function: called, args }))
  const plan = tableCall(unit, calls, { ordinality: true, outer: false })
  const scalar = sets.length === 1 && isScalar(calls[0]!)
  const named = scalar && name !== undefined ? renameFirst(plan, name) : plan
  const visible = named.schema.length - (item.ordinality ? 0 : 1)
  const order = [{ expr: columnOf(named.schema, named.schema.length - 1), descending: false, nullsFirst: false }]
  return {
    plan: named,
    scope: scopeOf(named, item.alias, { name, scalar: scalar && !item.ordinality, visible, order }),
  }
}

/** The calls of one function of the list; several for UNNEST of several arrays, none where it is a scalar function. */
function bindSetCalls(environment: Environment, one: Ast.TableFunction): TableFunctionNode['calls'] {
  if (one.columns.length > 0) throw notSupported('a column definition list', one)
  if (one.call.kind !== 'call') return []
  const { call } = one
  const name = functionName(environment, call)
  const tables = environment.statement.types.registry.tables.get(name)
  if (tables === undefined || call.over !== undefined) return []
  const args = bindArguments(environment, call)
  if (name === 'unnest' && args.length > 1)
    return args.map((arg) => chooseTableFunction(environment, name, tables, [arg], call.position))
  return [chooseTableFunction(environment, name, tables, args, call.position)]
}

/** The function's single column is named like the function: the alias of the table then names the column too. */
const isScalar = ({ function: called, args }: TableFunctionNode['calls'][number]): boolean => {
  const columns = called.columns(args.map((arg) => arg.type))
  return columns.length === 1 && columns[0]!.name === called.name
}

const renameFirst = (plan: LogicalPlan, name: string): LogicalPlan =>
  project(
    plan,
    plan.schema.map((_, i) => columnOf(plan.schema, i)),
    plan.schema.map((def, i) => (i === 0 ? name : def.name)),
  )

/** A scalar function among others is a set of one row. */
function oneRow(environment: Environment, one: Ast.TableFunction): TableFunctionNode['calls'][number] {
  const value = typed(environment, environment.statement.binder.expression(environment, one.call))
  const name = callName(one.call) ?? 'column1'
  return { function: singleton(name, value.type), args: [value] }
}

const singleton = (name: string, type: SqlType): TableFunction => ({
  kind: 'table',
  name,
  args: ['any'],
  variadic: false,
  columns: () => [{ name, type }],
  strict: false,
  volatility: 'immutable',
  evaluate: (value: SqlValue) => [[value]],
  doc: 'One row of one value.',
})

function scalarTable(environment: Environment, item: Ast.FunctionTable, name: string | undefined): Source {
  const value: Expr = typed(environment, environment.statement.binder.expression(environment, item.functions[0]!.call))
  const plan = project(unit, [value], [name ?? 'column1'])
  return { plan, scope: scopeOf(plan, item.alias, { name, scalar: true }) }
}

function callName(call: Ast.Expression): string | undefined {
  switch (call.kind) {
    case 'call':
      return call.name.at(-1)
    case 'currentValue':
    case 'extremum':
      return call.function
    case 'coalesce':
    case 'nullif':
      return call.kind
    default:
      return undefined
  }
}
