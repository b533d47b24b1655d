// TUMBLE, HOP, CUMULATE and SESSION in FROM (spec/windows-and-time.md §2): the input's columns, then window_start,
// window_end and window_time. The grammar has put the arguments in their places; here the input, its time column and
// the partition of sessions are bound. What the sizes mean is window-sizes.ts's.

import { SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import type * as Ast from '../../parser/ast.ts'
import type { Expr } from '../expr.ts'
import type { LogicalPlan } from '../logical.ts'
import { columnOf, extend, timeWindow } from '../plan-build.ts'
import type { TimeWindows } from '../time-window.ts'
import { type Environment, environmentOf, type Place, type Scope, type ScopeColumn } from './environment.ts'
import { aliasJoin, type Source } from './join.ts'
import { requireOrder, typed } from './order.ts'
import { levelOf } from './scope.ts'
import { alignedWindows, sessionGap, timeArgument } from './window-sizes.ts'

const BOUND_NAMES = new Set(['window_start', 'window_end', 'window_time'])

/** `bindInput` binds the table argument. */
export function bindWindowTable(
  place: Place,
  item: Ast.WindowTable,
  bindInput: (place: Place, input: Ast.TableRef) => Source,
): Source {
  const input = bindInput(place, item.input)
  const environment = environmentOf(place, levelOf(input.scope, place.parent), 'functions in FROM')
  const time = withColumn(input.plan, timeArgument(environment, item.function.toUpperCase(), item.time))
  const { type } = time.plan.schema[time.column]!
  const { plan, windows } = windowsOf(environment, item, time.plan, type)
  const windowed = timeWindow(plan, time.column, windows)
  const scope = scopeOver(input.scope, item, windowed, plan.schema.length)
  return item.alias === undefined ? { plan: windowed, scope } : aliasJoin({ plan: windowed, scope }, item.alias)
}

function windowsOf(
  environment: Environment,
  item: Ast.WindowTable,
  input: LogicalPlan,
  type: SqlType,
): { readonly plan: LogicalPlan; readonly windows: TimeWindows } {
  if (item.function !== 'session') return { plan: input, windows: alignedWindows(environment, item, type) }
  const gap = sessionGap(environment, item, type)
  let plan = input
  const partition: number[] = []
  for (const key of item.partitionBy) {
    const expr = typed(environment, environment.statement.binder.expression(environment, key))
    requireOrder(environment, expr.type, key.position)
    const keyed = withColumn(plan, expr)
    plan = keyed.plan
    partition.push(keyed.column)
  }
  return { plan, windows: { kind: 'session', gap, partition } }
}

/** The plan with the expression among its columns, and where. */
function withColumn(plan: LogicalPlan, expr: Expr): { readonly plan: LogicalPlan; readonly column: number } {
  if (expr.kind === 'column') return { plan, column: expr.index }
  return { plan: extend(plan, [expr]), column: plan.schema.length }
}

/** The input's columns, then the bounds; under the relation's own name where there is no alias. */
function scopeOver(input: Scope, item: Ast.WindowTable, plan: LogicalPlan, width: number): Scope {
  const bounds = plan.schema
    .map((def, i): ScopeColumn => ({ name: def.name, expr: columnOf(plan.schema, i), hidden: false }))
    .slice(width)
  const own = input.columns.filter((column) => !isReplaced(item, column))
  const columns = [...own, ...bounds]
  const [table] = input.tables
  const tables = table === undefined ? [] : [{ ...table, columns, primaryKey: undefined }]
  return { tables, columns, order: [] }
}

/**
 * A column of the input with a bound's name would be ambiguous. Where it is the time column itself (windows over the
 * window_time of windows below) the new bound stands in its place.
 */
function isReplaced(item: Ast.WindowTable, column: ScopeColumn): boolean {
  if (!BOUND_NAMES.has(column.name) || column.hidden) return false
  if (item.time.parts.at(-1) === column.name) return true
  throw new SqlError({
    code: '42701',
    message: `the input of ${item.function.toUpperCase()} has a column "${column.name}", which the window adds`,
    position: item.input.position,
    hint: `Give it another name in a subquery: (SELECT ${column.name} AS …, … FROM …).`,
  })
}
