// The window nodes and table calls of a query: what its virtual columns of these kinds become.
//
// Each adds columns at the end of the row, so that what is over the row below stays as it is. Calls that share
// partition and order share one window node.

import { assert } from '../../core/assert.ts'
import type { Expr } from '../expr.ts'
import { row } from '../expr-build.ts'
import { someExpr } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import type { WindowCall } from '../physical.ts'
import { columnOf, tableCall, window } from '../plan-build.ts'
import { mapLevel } from '../plan-walk.ts'
import { type SetUse, sameWindow, type WindowUse } from './collected.ts'
import { RowBuilder } from './row-builder.ts'
import { SET_BASE, WINDOW_BASE } from './scope.ts'

interface Built {
  readonly plan: LogicalPlan
  readonly replace: (expr: Expr) => Expr
}

/** `uses` are over the plan's row already. */
export function buildWindows(input: LogicalPlan, uses: readonly WindowUse[]): Built {
  const places = new Map<number, Expr>()
  let plan = input
  const done = new Set<number>()
  uses.forEach((use, first) => {
    if (done.has(first)) return
    const members = uses.flatMap((one, i) => (i >= first && sameWindow(one, use) ? [i] : []))
    const builder = new RowBuilder(plan)
    const partition = use.partition.map((expr) => builder.place(expr))
    const order = use.order.map(({ expr, ...rest }) => ({ column: builder.place(expr), ...rest }))
    const calls = members.map((member) => callOf(builder, uses[member]!))
    plan = window(builder.over(plan), partition, order, calls)
    members.forEach((member, i) => {
      done.add(member)
      places.set(member, columnOf(plan.schema, plan.schema.length - members.length + i))
    })
  })
  return { plan, replace: (expr) => replaceVirtual(expr, WINDOW_BASE, SET_BASE, places) }
}

function callOf(builder: RowBuilder, use: WindowUse): WindowCall {
  return {
    function: use.function,
    args: use.args.map((arg) => builder.place(arg)),
    argTypes: use.args.map((arg) => arg.type),
    filter: use.filter && builder.place(use.filter),
    ignoreNulls: use.ignoreNulls,
    frame: use.frame,
    resultType: use.type,
  }
}

function replaceVirtual(expr: Expr, from: number, to: number, places: ReadonlyMap<number, Expr>): Expr {
  return mapLevel(expr, (column) => {
    if (column.index < from || column.index >= to) return column
    const place = places.get(column.index - from)
    assert(place, 'a virtual column was not computed')
    return { ...place, position: column.position }
  })
}

/** Set-returning functions of the select list: those of one depth of nesting advance together (ROWS FROM). */
export function buildSets(input: LogicalPlan, uses: readonly SetUse[]): Built & { readonly order: readonly Expr[] } {
  const order: Expr[] = []
  const places = new Map<number, Expr>()
  const replace = (expr: Expr): Expr => replaceVirtual(expr, SET_BASE, Number.POSITIVE_INFINITY, places)
  let plan = input
  while (places.size < uses.length) {
    const ready = uses.flatMap((use, i) => (!places.has(i) && use.args.every((arg) => isReady(arg, places)) ? [i] : []))
    const calls = ready.map((i) => ({ function: uses[i]!.function, args: uses[i]!.args.map(replace) }))
    let at = plan.schema.length
    plan = tableCall(plan, calls, { ordinality: true, outer: false })
    order.push(columnOf(plan.schema, plan.schema.length - 1))
    for (const i of ready) {
      const use = uses[i]!
      const width = use.function.columns(use.args.map((arg) => arg.type)).length
      places.set(i, setValue(plan, use, at, width))
      at += width
    }
  }
  return { plan, replace, order }
}

const isReady = (expr: Expr, places: ReadonlyMap<number, Expr>): boolean =>
  !someExpr(expr, (node) => node.kind === 'column' && node.index >= SET_BASE && !places.has(node.index - SET_BASE))

function setValue(plan: LogicalPlan, use: SetUse, at: number, width: number): Expr {
  const columns = Array.from({ length: width }, (_, i) => columnOf(plan.schema, at + i))
  return use.function.columns(use.args.map((arg) => arg.type)).length === 1 ? columns[0]! : row(columns, use.type)
}

/** True where the expression reads a set-returning function's virtual column. */
export const readsSet = (expr: Expr): boolean =>
  someExpr(expr, (node) => node.kind === 'column' && node.index >= SET_BASE)
