// Grouped windows in their older spelling (spec/windows-and-time.md §2.7):
//
//   SELECT TUMBLE_START(ts, d), k, count(*) FROM t GROUP BY TUMBLE(ts, d), k
//
// is the window table function over FROM and WHERE, grouped by the window's bounds. TUMBLE_START, _END and _ROWTIME
// mean those bounds and must repeat the arguments. SESSION partitions by the other group keys.

import { SqlError } from '../../core/error.ts'
import type * as Ast from '../../parser/ast.ts'
import { badSyntax, notAggregate } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { constant, int8 } from '../expr-build.ts'
import { sameExpr } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import { columnOf, extend, timeWindow } from '../plan-build.ts'
import { coerce } from '../types/coerce.ts'
import { type Environment, type GroupWindow, inClause } from './environment.ts'
import { bindOperator } from './operators.ts'
import { typed } from './order.ts'
import { alignedWindows, sessionGap, timeArgument, type WindowSizes } from './window-sizes.ts'

const FUNCTIONS = new Set(['tumble', 'hop', 'session'])
const PARTS = { start: 'start', end: 'end', rowtime: 'time', proctime: undefined } as const

/** The function of a GROUP BY item that is a window; the name alone decides, no other function has it. */
export const groupWindowName = (node: Ast.Expression): GroupWindow['function'] | undefined =>
  node.kind === 'call' && node.name.length === 1 && FUNCTIONS.has(node.name[0]!)
    ? (node.name[0] as GroupWindow['function'])
    : undefined

/** Whether a call is TUMBLE_START and its like, or a group window itself. */
export function isWindowPart(name: string): boolean {
  if (FUNCTIONS.has(name)) return true
  const [of, part] = splitName(name)
  return of !== undefined && part in PARTS
}

function splitName(name: string): readonly [string | undefined, string] {
  const at = name.indexOf('_')
  const of = name.slice(0, Math.max(at, 0))
  return [FUNCTIONS.has(of) ? of : undefined, name.slice(at + 1)]
}

/** The rows with their windows, and what the window's parts mean over them; undefined: no window in GROUP BY. */
export function applyGroupWindow(
  environment: Environment,
  select: Ast.Select,
  input: LogicalPlan,
): { readonly plan: LogicalPlan; readonly window: GroupWindow } | undefined {
  const items = select.groupBy?.items ?? []
  const calls = items.flatMap((item) => ('kind' in item && groupWindowName(item as Ast.Expression) ? [item] : []))
  const [call, second] = calls as readonly Ast.FunctionCall[]
  if (call === undefined) return undefined
  if (second !== undefined) throw badSyntax('GROUP BY can have one window only', { position: second.position })
  const inside = inClause(environment, 'GROUP BY')
  const sizes = sizesOf(call)
  const args = bindArguments(inside, call)
  let plan = input
  const place = (expr: Expr): number => {
    if (expr.kind === 'column' && expr.index < input.schema.length) return expr.index
    plan = extend(plan, [expr])
    return plan.schema.length - 1
  }
  const time = place(args[0]!)
  const { type } = args[0]!
  const others = items.filter((item) => item !== call)
  const windows =
    sizes.function === 'session'
      ? {
          kind: 'session' as const,
          gap: sessionGap(inside, sizes, type),
          partition: others.map((item) => place(partitionKey(inside, select, item, call))),
        }
      : alignedWindows(inside, sizes, type)
  const windowed = timeWindow(plan, time, windows, ['start', 'end'])
  const [start, end] = [
    columnOf(windowed.schema, plan.schema.length),
    columnOf(windowed.schema, plan.schema.length + 1),
  ]
  return { plan: windowed, window: { function: sizes.function as GroupWindow['function'], args, start, end } }
}

/** TUMBLE_START and its like; TUMBLE itself stands in GROUP BY only. */
export function bindWindowPart(environment: Environment, name: string, node: Ast.FunctionCall): Expr {
  const { window } = environment.level
  const [of, part] = splitName(name)
  if (of === undefined)
    throw badSyntax(`${name.toUpperCase()} can only stand in GROUP BY or FROM`, {
      position: node.position,
      hint: `Write ${name.toUpperCase()}_START or ${name.toUpperCase()}_END, with the same arguments, for its bounds.`,
    })
  if (part === 'proctime') throw noProcessingTime(name, node.position)
  const args = bindArguments(environment, node)
  const isSame =
    window?.function === of &&
    args.length === window.args.length &&
    args.every((arg, i) => sameExpr(arg, window.args[i]!))
  if (!isSame) throw noSuchWindow(name, of, node.position)
  if (part === 'start') return window.start
  return part === 'end' ? window.end : lastInstant(environment, window.end, node.position)
}

/** window_time: one tick before the end. */
function lastInstant(environment: Environment, end: Expr, position: number): Expr {
  const isTime = end.type.kind === 'timestamp' || end.type.kind === 'timestamptz'
  const tick = isTime
    ? constant({ kind: 'interval' }, { kind: 'interval', months: 0, days: 0, micros: 1n })
    : coerce(environment.statement.types, constant(int8, 1n), end.type, 'explicit')
  return bindOperator(environment, '-', [end, tick], position)
}

function sizesOf(call: Ast.FunctionCall): WindowSizes {
  const name = call.name[0] as GroupWindow['function']
  const [, ...values] = call.arguments.map((argument) => argument.value)
  const most = name === 'hop' ? 3 : name === 'tumble' ? 2 : 1
  const least = name === 'hop' ? 2 : 1
  if (values.length < least || values.length > most)
    throw badSyntax(`${name.toUpperCase()} in GROUP BY takes a time column${USAGE[name]}`, { position: call.position })
  if (call.distinct) throw notAggregate('DISTINCT', name, call.position)
  const none = { size: undefined, slide: undefined, step: undefined, gap: undefined, offset: undefined }
  const common = { ...none, timeZone: undefined, position: call.position }
  if (name === 'session') return { ...common, function: name, gap: values[0] }
  if (name === 'tumble') return { ...common, function: name, size: values[0], offset: values[1] }
  return { ...common, function: name, slide: values[0], size: values[1], offset: values[2] }
}

const USAGE = {
  tumble: ', a size and an offset',
  hop: ', a slide, a size and an offset',
  session: ' and a gap',
} as const

/** The time column, then the sizes, as they are compared. */
function bindArguments(environment: Environment, call: Ast.FunctionCall): readonly Expr[] {
  const [time, ...sizes] = call.arguments.map(({ value }) => value)
  if (time === undefined) throw badSyntax(`${call.name[0]!.toUpperCase()} needs a time column`, call)
  const name = call.name[0]!.toUpperCase()
  return [
    timeArgument(environment, name, time),
    ...sizes.map((size) => typed(environment, environment.statement.binder.expression(environment, size))),
  ]
}

/** Another item of GROUP BY as an expression over FROM: of a select item's number or name what stands there. */
function partitionKey(environment: Environment, select: Ast.Select, item: Ast.GroupItem, call: Ast.FunctionCall): Expr {
  if (isGroupingSets(item))
    throw badSyntax('SESSION cannot be grouped with grouping sets', {
      position: call.position,
      hint: 'Use the window table function with PARTITION BY.',
    })
  return typed(environment, environment.statement.binder.expression(environment, written(environment, select, item)))
}

function written(environment: Environment, select: Ast.Select, item: Ast.Expression): Ast.Expression {
  if (item.kind === 'number') return select.items[Number(item.text) - 1]?.value ?? item
  if (item.kind !== 'column' || item.parts.length !== 1) return item
  const [name] = item.parts
  if (environment.level.scope.columns.some((column) => column.name === name)) return item
  return select.items.find(({ alias }) => alias?.name === name)?.value ?? item
}

const noSuchWindow = (name: string, of: string, position: number): SqlError =>
  new SqlError({
    code: '42803',
    message: `${name.toUpperCase()} has no ${of.toUpperCase()} with the same arguments in GROUP BY`,
    position,
  })

const noProcessingTime = (name: string, position: number): SqlError =>
  new SqlError({
    code: '0A000',
    message: `${name.toUpperCase()}: windows are over event time`,
    position,
    hint: 'Store proctime() in a column of a table and use windows over it.',
  })

const isGroupingSets = (item: Ast.GroupItem): item is Exclude<Ast.GroupItem, Ast.Expression> =>
  item.kind === 'groupingSet' || item.kind === 'groupingSets' || item.kind === 'rollup' || item.kind === 'cube'
