// Walking and rewriting logical plans, with the subqueries in their expressions.
//
// A column of an enclosing query is an `outer` column; its depth counts levels from where it stands. Two things begin a
// level: a subquery's plan, and the right side of an `apply`. `nesting` below is the number of levels begun between the
// plan (or expression) that one starts with and the place that is looked at.

import { unreachable } from '../core/assert.ts'
import type { ColumnExpr, Expr, OuterColumnExpr } from './expr.ts'
import { mapChildren, mapList, rewriteExpr } from './expr-walk.ts'
import { type LogicalPlan, planOf } from './logical.ts'

export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case 'get':
    case 'values':
    case 'feed':
      return []
    case 'recursion':
      return [plan.base, plan.step]
    case 'join':
    case 'apply':
    case 'asof':
    case 'setOperation':
      return [plan.left, plan.right]
    case 'unionAll':
      return plan.inputs
    default:
      return [plan.input]
  }
}

/**
 * The node with its inputs replaced; the same object where none changed. The schema stays: inputs keep their columns.
 */
export function mapInputs(plan: LogicalPlan, f: (input: LogicalPlan, index: number) => LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case 'get':
    case 'values':
    case 'feed':
      return plan
    case 'recursion': {
      const [base, step] = [f(plan.base, 0), f(plan.step, 1)]
      return base === plan.base && step === plan.step ? plan : { ...plan, base, step }
    }
    case 'join':
    case 'apply':
    case 'asof':
    case 'setOperation': {
      const [left, right] = [f(plan.left, 0), f(plan.right, 1)]
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right }
    }
    case 'unionAll': {
      const inputs = plan.inputs.map(f)
      return inputs.every((input, i) => input === plan.inputs[i]) ? plan : { ...plan, inputs }
    }
    default: {
      const input = f(plan.input, 0)
      return input === plan.input ? plan : { ...plan, input }
    }
  }
}

/** The node with its own expressions replaced by ones of the same type; the same object where none changed. */
export function mapExprs(plan: LogicalPlan, f: (expr: Expr) => Expr): LogicalPlan {
  switch (plan.kind) {
    case 'project': {
      const columns = mapList(plan.columns, f)
      return columns === plan.columns ? plan : { ...plan, columns }
    }
    case 'filter': {
      const predicate = f(plan.predicate)
      return predicate === plan.predicate ? plan : { ...plan, predicate }
    }
    case 'values': {
      const rows = mapList(plan.rows, (row) => mapList(row, f))
      return rows === plan.rows ? plan : { ...plan, rows }
    }
    case 'join':
    case 'apply': {
      const condition = plan.condition && f(plan.condition)
      return condition === plan.condition ? plan : { ...plan, condition }
    }
    case 'aggregate': {
      const calls = mapList(plan.calls, (call) => {
        const direct = mapList(call.direct, f)
        return direct === call.direct ? call : { ...call, direct }
      })
      return calls === plan.calls ? plan : { ...plan, calls }
    }
    case 'tableCall': {
      const calls = mapList(plan.calls, (call) => {
        const args = mapList(call.args, f)
        return args === call.args ? call : { ...call, args }
      })
      return calls === plan.calls ? plan : { ...plan, calls }
    }
    case 'get':
    case 'asof':
    case 'distinct':
    case 'unionAll':
    case 'setOperation':
    case 'top':
    case 'window':
    case 'timeWindow':
    case 'recursion':
    case 'feed':
      return plan
    default:
      return unreachable(plan)
  }
}

/** The node's own expressions. */
export function exprsOf(plan: LogicalPlan): readonly Expr[] {
  const exprs: Expr[] = []
  mapExprs(plan, (expr) => {
    exprs.push(expr)
    return expr
  })
  return exprs
}

/** Whether any node below says yes; a plan that stands in several places is asked once. */
export function somePlan(plan: LogicalPlan, f: (node: LogicalPlan) => boolean): boolean {
  const seen = new Set<LogicalPlan>()
  const walk = (node: LogicalPlan): boolean => {
    if (seen.has(node)) return false
    seen.add(node)
    return f(node) || inputsOf(node).some(walk)
  }
  return walk(plan)
}

/** Rewrites bottom-up; a plan that stands in several places is rewritten once and stays shared. */
export function rewritePlan(plan: LogicalPlan, f: (node: LogicalPlan) => LogicalPlan): LogicalPlan {
  const done = new Map<LogicalPlan, LogicalPlan>()
  const walk = (node: LogicalPlan): LogicalPlan => {
    const known = done.get(node)
    if (known !== undefined) return known
    const result = f(mapInputs(node, walk))
    done.set(node, result)
    return result
  }
  return walk(plan)
}

/** What becomes of an outer column; undefined: it stays. */
type OuterMap = (outer: OuterColumnExpr, nesting: number) => Expr | undefined

/** Rewrites the outer columns of a plan and of all the plans within it. */
export const mapOuter = (plan: LogicalPlan, f: OuterMap): LogicalPlan => mapOuterMemo(plan, f, 0, new Map())

function mapOuterMemo(
  plan: LogicalPlan,
  f: OuterMap,
  nesting: number,
  done: Map<LogicalPlan, Map<number, LogicalPlan>>,
): LogicalPlan {
  const known = done.get(plan)?.get(nesting)
  if (known !== undefined) return known
  const inputs = mapInputs(plan, (input, index) =>
    mapOuterMemo(input, f, nesting + (plan.kind === 'apply' && index === 1 ? 1 : 0), done),
  )
  const result = mapExprs(inputs, (expr) => mapOuterExpr(expr, f, nesting, done))
  const results = done.get(plan) ?? new Map<number, LogicalPlan>()
  done.set(plan, results.set(nesting, result))
  return result
}

function mapOuterExpr(
  expr: Expr,
  f: OuterMap,
  nesting: number,
  done: Map<LogicalPlan, Map<number, LogicalPlan>>,
): Expr {
  return rewriteExpr(expr, (node) => {
    if (node.kind === 'outer') return f(node, nesting) ?? node
    if (node.kind !== 'subquery') return undefined
    const plan = mapOuterMemo(planOf(node), f, nesting + 1, done)
    const inner = mapChildren(node, (child) => mapOuterExpr(child, f, nesting, done))
    return plan === planOf(node) ? inner : ({ ...inner, plan } as Expr)
  })
}

/** Calls `visit` for every outer column in the plan that belongs to a level above it, with its depth from the plan. */
export function visitOuter(plan: LogicalPlan, visit: (outer: OuterColumnExpr, depth: number) => void): void {
  mapOuter(plan, (outer, nesting) => {
    if (outer.depth > nesting) visit(outer, outer.depth - nesting)
    return undefined
  })
}

/** Columns (of the next level up) that the plan reads: it is correlated if there are any. */
export function outerColumnsOf(plan: LogicalPlan): readonly number[] {
  const found = new Set<number>()
  visitOuter(plan, (outer, depth) => {
    if (depth === 1) found.add(outer.index)
  })
  return [...found].sort((a, b) => a - b)
}

export function hasOuter(plan: LogicalPlan): boolean {
  let found = false
  visitOuter(plan, () => {
    found = true
  })
  return found
}

/** Calls `visit` for the columns that the expression reads, of its own level (depth 0) and of those above. */
export function visitLevels(expr: Expr, visit: (index: number, depth: number) => void): void {
  rewriteExpr(expr, (node) => {
    if (node.kind === 'column') visit(node.index, 0)
    else if (node.kind === 'outer') visit(node.index, node.depth)
    else if (node.kind === 'subquery') visitOuter(planOf(node), (outer, depth) => visit(outer.index, depth - 1))
    return undefined
  })
}

/** An expression over a level's row as seen from `depth` levels below. */
export function seenFrom(expr: Expr, depth: number): Expr {
  if (depth === 0) return expr
  return rewriteExpr(expr, (node) => {
    if (node.kind === 'column') return { ...node, kind: 'outer', depth } satisfies OuterColumnExpr
    if (node.kind === 'outer') return { ...node, depth: node.depth + depth }
    if (node.kind !== 'subquery') return undefined
    const inner = mapChildren(node, (child) => seenFrom(child, depth))
    return { ...inner, plan: deepen(planOf(node), depth) } as Expr
  })
}

/** A plan moved `by` levels down: what it reads from above is that much further up. */
export const deepen = (plan: LogicalPlan, by: number): LogicalPlan =>
  by === 0
    ? plan
    : mapOuter(plan, (outer, nesting) => (outer.depth > nesting ? { ...outer, depth: outer.depth + by } : undefined))

/**
 * The inverse of `seenFrom`: an expression that reads nothing below the level `by` levels up, as one over that level.
 */
export function lift(expr: Expr, by: number): Expr {
  if (by === 0) return expr
  return rewriteExpr(expr, (node) => {
    if (node.kind === 'outer') {
      const { depth, ...rest } = node
      return depth === by ? { ...rest, kind: 'column' } : { ...node, depth: depth - by }
    }
    if (node.kind !== 'subquery') return undefined
    const inner = mapChildren(node, (child) => lift(child, by))
    return { ...inner, plan: deepen(planOf(node), -by) } as Expr
  })
}

/** A plan moved one level up: its former parent's level is gone (nothing may read it any more). */
export const raise = (plan: LogicalPlan): LogicalPlan =>
  mapOuter(plan, (outer, nesting) => (outer.depth > nesting + 1 ? { ...outer, depth: outer.depth - 1 } : undefined))

/** Replaces the columns of an expression's own level, those that its subqueries read included. */
export function mapLevel(expr: Expr, f: (column: ColumnExpr) => Expr): Expr {
  return rewriteExpr(expr, (node) => {
    if (node.kind === 'column') return f(node)
    if (node.kind !== 'subquery') return undefined
    const inner = mapChildren(node, (child) => mapLevel(child, f))
    return { ...inner, plan: mapParent(planOf(node), f) } as Expr
  })
}

/** Replaces the columns that a plan reads from the next level up; `f` gives expressions over that level's row. */
export const mapParent = (plan: LogicalPlan, f: (column: ColumnExpr) => Expr): LogicalPlan =>
  mapOuter(plan, (outer, nesting) => {
    if (outer.depth !== nesting + 1) return undefined
    const { depth: _, ...rest } = outer
    return seenFrom(f({ ...rest, kind: 'column' }), outer.depth)
  })
