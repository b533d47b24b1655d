// Which columns of a plan have a frontier, and how it follows from the inputs' (spec/windows-and-time.md §3.4).
//
// The frontier F of a column promises: no change below it. Whatever rows of the node have a value v < F there are
// final: none of them comes, goes or changes any more. It is exclusive, like a watermark; NULLs are never below it.
//
//   scan              what the relation's watermark says, or a view's own columns say
//   map               of f(column) with f non-decreasing: f(F)
//   time window       of the bounds: those of the first window that can still get a row
//   group by, top-n   of a column that keeps keys (partitions) apart: the same
//   join on times     the lesser of both sides
//
// A rule is data: the planner asks whether there is one (EMIT ON WINDOW CLOSE, state that can be cleaned), the executor
// evaluates it each epoch (executor/frontiers.ts).

import { unreachable } from '../core/assert.ts'
import type { Expr } from './expr.ts'
import { isConstant } from './expr-walk.ts'
import type { AsofNode, JoinNode, PhysicalPlan, ScanNode, TopNode, WindowNode } from './physical.ts'
import type { WindowBound } from './time-window.ts'

export type FrontierRule =
  | { readonly kind: 'scan'; readonly column: number }
  | { readonly kind: 'input'; readonly port: number; readonly column: number }
  | { readonly kind: 'least'; readonly of: readonly FrontierRule[] }
  /** A non-decreasing expression over the input's row, of one column. */
  | { readonly kind: 'monotone'; readonly column: number; readonly expr: Expr }
  | { readonly kind: 'bound'; readonly bound: WindowBound }

/** A rule a column of the node; undefined: the column has no frontier. */
export type FrontierRules = readonly (FrontierRule | undefined)[]

/**
 * What a frontier is for. `closing`: results are shown for good. `cleaning`: state goes, so that nothing below may
 * come; where late rows are applied there is none (windows spec §4).
 */
export type FrontierUse = 'closing' | 'cleaning'

/** The rules of every node of a plan. */
export function frontierRules(
  plan: PhysicalPlan,
  use: FrontierUse = 'closing',
): ReadonlyMap<PhysicalPlan, FrontierRules> {
  const rules = new Map<PhysicalPlan, FrontierRules>()
  const walk = (node: PhysicalPlan): FrontierRules => {
    const known = rules.get(node)
    if (known !== undefined) return known
    const found = node.kind === 'scan' ? scanRules(node, use) : rulesOf(node, walk)
    rules.set(node, found)
    return found
  }
  walk(plan)
  return rules
}

/** Columns of the plan's output that have a frontier. */
export const timedColumns = (plan: PhysicalPlan, use: FrontierUse = 'closing'): readonly number[] =>
  frontierRules(plan, use)
    .get(plan)!
    .flatMap((rule, column) => (rule === undefined ? [] : [column]))

const none = (node: PhysicalPlan): FrontierRules => node.schema.map(() => undefined)

const same = (input: FrontierRules, column: number, port = 0): FrontierRule | undefined =>
  input[column] === undefined ? undefined : { kind: 'input', port, column }

function scanRules({ columns, timed, settled }: ScanNode, use: FrontierUse): FrontierRules {
  const known = use === 'closing' ? timed : settled
  return columns.map((column) => (known.includes(column) ? { kind: 'scan', column } : undefined))
}

function rulesOf(node: Exclude<PhysicalPlan, ScanNode>, walk: (node: PhysicalPlan) => FrontierRules): FrontierRules {
  switch (node.kind) {
    case 'map': {
      const input = walk(node.input)
      return node.columns.map((expr) => monotone(expr, input))
    }
    case 'timeWindow': {
      const input = walk(node.input)
      const own = input.map((_, column) => same(input, column))
      const bounds = node.bounds.map((bound): FrontierRule | undefined => {
        // A session's start moves back as long as rows before it may come.
        if (input[node.time] === undefined || (node.windows.kind === 'session' && bound === 'start')) return undefined
        return { kind: 'bound', bound }
      })
      return node.windows.kind === 'session' ? [...own.map(() => undefined), ...bounds] : [...own, ...bounds]
    }
    case 'unionAll': {
      const inputs = node.inputs.map(walk)
      return node.schema.map((_, column) => least(inputs.map((input, port) => same(input, column, port))))
    }
    case 'setOperation': {
      const sides = [walk(node.left), walk(node.right)]
      return node.schema.map((_, column) => least(sides.map((side, port) => same(side, column, port))))
    }
    case 'distinct':
    case 'closeAt':
    case 'tableFunction': {
      const input = walk(node.input)
      return node.schema.map((_, column) => same(input, column))
    }
    case 'aggregate': {
      const input = walk(node.input)
      return node.schema.map((_, i) => (i < node.groupKeys.length ? same(input, node.groupKeys[i]!) : undefined))
    }
    case 'join':
      return joinRules(node, walk(node.left), walk(node.right))
    case 'asof':
      return asofRules(node, walk(node.left), walk(node.right))
    case 'top':
      return topRules(node, walk(node.input))
    case 'window':
      return windowRules(node, walk(node.input))
    case 'recursion':
      for (const input of node.inputs) walk(input)
      return none(node)
    case 'temporalFilter':
      // It retracts rows, and lets old ones in.
      walk(node.input)
      return none(node)
    case 'values':
    case 'feed':
      return none(node)
    default:
      return unreachable(node)
  }
}

/** A right row that is still to come changes left rows at or after it, where partners are sought before. */
function asofRules({ left, nearest, schema }: AsofNode, l: FrontierRules, r: FrontierRules): FrontierRules {
  const own = least([same(l, nearest.left), same(r, nearest.right, 1)])
  return schema.map((_, i) => (i < left.schema.length && i === nearest.left && !nearest.descending ? own : undefined))
}

/** There is a least one only if every side has one. */
function least(rules: readonly (FrontierRule | undefined)[]): FrontierRule | undefined {
  const of = rules.flatMap((rule) => (rule === undefined ? [] : [rule]))
  return of.length === rules.length ? { kind: 'least', of } : undefined
}

/** Pairs of equal time columns: a row of either side finds partners at its own time only. */
function joinRules(node: JoinNode, left: FrontierRules, right: FrontierRules): FrontierRules {
  const width = node.left.schema.length
  const both = (l: number, r: number): FrontierRule | undefined => least([same(left, l, 0), same(right, r, 1)])
  const pairs = node.keys.flatMap((key) => {
    const rule = both(key.left, key.right)
    return rule === undefined ? [] : [{ ...key, rule }]
  })
  return node.schema.map((_, column) =>
    column < width
      ? pairs.find((pair) => pair.left === column)?.rule
      : pairs.find((pair) => pair.right === column - width && node.type !== 'mark')?.rule,
  )
}

/** Partitions by time close as a whole; so do the first positions in an ascending order of time. */
function topRules(node: TopNode, input: FrontierRules): FrontierRules {
  const [first] = node.order
  const leading = first !== undefined && !first.descending ? first.column : undefined
  return node.schema.map((_, column) =>
    node.partition.includes(column) || column === leading ? same(input, column) : undefined,
  )
}

/** Frames that end at the current row or before see no later row; partitions by time close as a whole. */
function windowRules(node: WindowNode, input: FrontierRules): FrontierRules {
  const [first] = node.order
  const looksBack = node.calls.every(
    ({ function: called, frame }) =>
      LOOK_BACK.has(called.name) ||
      (called.kind === 'aggregate' && (frame.end.kind === 'currentRow' || frame.end.kind === 'preceding')),
  )
  const leading = looksBack && first !== undefined && !first.descending ? first.column : undefined
  return node.schema.map((_, column) =>
    node.partition.includes(column) || column === leading ? same(input, column) : undefined,
  )
}

/** Window functions whose value depends on the rows before, and on peers, alone. */
const LOOK_BACK = new Set(['row_number', 'rank', 'dense_rank', 'lag'])

/** `column`, or a non-decreasing function of one. */
function monotone(expr: Expr, input: FrontierRules): FrontierRule | undefined {
  if (expr.kind === 'column') return same(input, expr.index)
  const column = monotoneColumn(expr)
  return column === undefined || input[column] === undefined ? undefined : { kind: 'monotone', column, expr }
}

/** The column that the expression never decreases with; undefined: there is none. */
function monotoneColumn(expr: Expr): number | undefined {
  if (expr.kind === 'column') return expr.index
  if (expr.kind === 'cast') {
    const widens = MONOTONE_CASTS.has(`${expr.input.type.kind} ${expr.type.kind}`)
    return widens ? monotoneColumn(expr.input) : undefined
  }
  if (expr.kind !== 'call') return undefined
  const place = MONOTONE.get(expr.function.name)
  if (place === undefined || expr.args.length < 2) return undefined
  const varying = expr.args.flatMap((arg, i) => (isConstant(arg) ? [] : [i]))
  const [only] = varying
  if (varying.length !== 1 || only === undefined || !place.includes(only)) return undefined
  return isTimeOrInteger(expr.type.kind) ? monotoneColumn(expr.args[only]!) : undefined
}

/** Functions, and the arguments that they never decrease with while the others are constant. */
const MONOTONE: ReadonlyMap<string, readonly number[]> = new Map([
  ['+', [0, 1]],
  ['-', [0]],
  ['date_trunc', [1]],
  ['date_bin', [1]],
])

/** Between types whose values sort alike. From instants to civil time there is none: clocks go back. */
const MONOTONE_CASTS = new Set([
  'timestamp date',
  'date timestamp',
  'int2 int4',
  'int2 int8',
  'int4 int8',
  'timestamp timestamp',
  'timestamptz timestamptz',
])

const isTimeOrInteger = (kind: string): boolean =>
  ['timestamp', 'timestamptz', 'date', 'int2', 'int4', 'int8'].includes(kind)
