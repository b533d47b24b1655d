// Drops the columns that nobody reads, down to the scans: a pass over the whole plan, because what a node needs is
// known only once all its readers have said so.
//
// `prune` asks each node for the columns that are needed of it and gets a plan with at least those, and where they
// went. Nodes whose meaning is in the whole row (DISTINCT, INTERSECT, EXCEPT, Top's canonical order) keep all their
// columns.

import { unreachable } from '../core/assert.ts'
import type { Expr } from './expr.ts'
import { columnsOf, remap } from './expr-walk.ts'
import type { LogicalPlan } from './logical.ts'
import {
  aggregate,
  asof,
  choose,
  distinct,
  filter,
  get,
  join,
  project,
  recursion,
  setOperation,
  tableCall,
  timeWindow,
  top,
  unionAll,
  values,
  window,
} from './plan-build.ts'
import { inputsOf } from './plan-walk.ts'

interface Pruned {
  readonly plan: LogicalPlan
  /** Old column → new one, for those that are left. */
  readonly places: ReadonlyMap<number, number>
}

type Columns = ReadonlySet<number>

/** The same rows of the same columns; below them only what they need. The plan itself where nothing can go. */
export function prune(plan: LogicalPlan): LogicalPlan {
  const needs = collectNeeds(plan)
  const done = new Map<LogicalPlan, Pruned>()
  const walk = (node: LogicalPlan): Pruned => {
    const known = done.get(node)
    if (known !== undefined) return known
    const result = narrow(node, needs.get(node)!, walk)
    done.set(node, result)
    return result
  }
  const all = plan.schema.map((_, i) => i)
  const { plan: pruned, places } = walk(plan)
  return choose(
    pruned,
    all.map((column) => places.get(column)!),
  )
}

const range = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, i) => from + i)
const readBy = (exprs: readonly Expr[]): readonly number[] => exprs.flatMap(columnsOf)
const optional = (column: number | undefined): readonly number[] => (column === undefined ? [] : [column])

/** What each node's readers need of it, all readers together. */
function collectNeeds(root: LogicalPlan): ReadonlyMap<LogicalPlan, Columns> {
  const needs = new Map<LogicalPlan, Set<number>>([[root, new Set(range(root.schema.length))]])
  for (const node of readersFirst(root)) {
    const wanted = needs.get(node)!
    inputsOf(node).forEach((input, i) => {
      const known = needs.get(input) ?? new Set<number>()
      for (const column of needsOfInput(node, wanted, i)) known.add(column)
      needs.set(input, known)
    })
  }
  return needs
}

/** Every node after all of its readers. */
function readersFirst(root: LogicalPlan): readonly LogicalPlan[] {
  const order: LogicalPlan[] = []
  const seen = new Set<LogicalPlan>()
  const visit = (node: LogicalPlan): void => {
    if (seen.has(node)) return
    seen.add(node)
    for (const input of inputsOf(node)) visit(input)
    order.push(node)
  }
  visit(root)
  return order.reverse()
}

function needsOfInput(node: LogicalPlan, wanted: Columns, input: number): readonly number[] {
  switch (node.kind) {
    case 'get':
    case 'values':
    case 'feed':
      return []
    case 'project':
      return readBy(node.columns.filter((_, i) => wanted.has(i)))
    case 'filter':
      return [...wanted, ...columnsOf(node.predicate)]
    case 'join':
    case 'apply': {
      const width = node.left.schema.length
      const shown = [...wanted].filter((column) => column < width || !isLeftOnly(node.type))
      const read = [...shown, ...(node.condition ? columnsOf(node.condition) : [])]
      return input === 0
        ? read.filter((column) => column < width)
        : read.filter((column) => column >= width).map((column) => column - width)
    }
    case 'asof':
      return asofNeeds(node, wanted, input)
    case 'aggregate': {
      const calls = node.calls.filter((_, i) => wanted.has(node.groupKeys.length + i))
      const args = calls.flatMap((call) => [
        ...call.args,
        ...optional(call.filter),
        ...call.order.map((key) => key.column),
      ])
      return [...node.groupKeys, ...args]
    }
    case 'window': {
      const width = node.input.schema.length
      const calls = node.calls.filter((_, i) => wanted.has(width + i))
      const args = calls.flatMap((call) => [...call.args, ...optional(call.filter)])
      const own = [...wanted].filter((column) => column < width)
      return [...own, ...node.partition, ...node.order.map((key) => key.column), ...args, ...canonical(node.input)]
    }
    case 'tableCall': {
      const width = node.input.schema.length
      return [...[...wanted].filter((column) => column < width), ...readBy(node.calls.flatMap((call) => call.args))]
    }
    case 'timeWindow': {
      const width = node.input.schema.length
      const partition = node.windows.kind === 'session' ? node.windows.partition : []
      return [...[...wanted].filter((column) => column < width), node.time, ...partition]
    }
    case 'unionAll':
      return [...wanted]
    case 'distinct':
    case 'setOperation':
    case 'top':
    case 'recursion':
      return range(inputsOf(node)[input]!.schema.length)
    default:
      return unreachable(node)
  }
}

/** Which of several nearest right rows is taken depends on all their columns. */
function asofNeeds(node: Extract<LogicalPlan, { kind: 'asof' }>, wanted: Columns, input: number): readonly number[] {
  if (input === 1) return canonical(node.right)
  const own = [...wanted].filter((column) => column < node.left.schema.length)
  return [...own, ...node.keys.map((key) => key.left), node.nearest.left]
}

/** Orders are completed by the whole row: a node that orders keeps it. */
const canonical = (input: LogicalPlan): readonly number[] => range(input.schema.length)

/** Their only column beyond the left side's is the mark, which is the join's own. */
const isLeftOnly = (type: string): boolean => type === 'semi' || type === 'anti' || type === 'mark'

function narrow(node: LogicalPlan, wanted: Columns, walk: (input: LogicalPlan) => Pruned): Pruned {
  const kept = [...wanted].sort((a, b) => a - b)
  switch (node.kind) {
    case 'get':
      return moved(get(node.relation, ofColumns(node.columns, kept)), kept)
    case 'values': {
      const rows = node.rows.map((row) => ofColumns(row, kept))
      return moved(values(rows, ofColumns(node.schema, kept)), kept)
    }
    case 'project': {
      const input = walk(node.input)
      const columns = kept.map((column) => through(node.columns[column]!, input))
      const names = kept.map((column) => node.schema[column]!.name)
      return moved(project(input.plan, columns, names), kept)
    }
    case 'filter': {
      const input = walk(node.input)
      return { plan: filter(input.plan, through(node.predicate, input)), places: input.places }
    }
    case 'join':
      return narrowJoin(node, walk)
    case 'asof':
      return narrowAsof(node, walk)
    case 'aggregate':
      return narrowAggregate(node, wanted, walk)
    case 'window':
      return narrowWindow(node, wanted, walk)
    case 'tableCall':
      return narrowTableCall(node, wanted, walk)
    case 'timeWindow':
      return narrowTimeWindow(node, wanted, walk)
    case 'unionAll': {
      const inputs = node.inputs.map((input) => chosen(walk(input), kept))
      return moved(unionAll(inputs), kept)
    }
    case 'distinct':
      return whole(distinct(all(walk(node.input), node.input)))
    case 'setOperation': {
      const [left, right] = [all(walk(node.left), node.left), all(walk(node.right), node.right)]
      return whole(setOperation(node.operation, node.all, left, right))
    }
    case 'top':
      return whole(top(all(walk(node.input), node.input), node))
    case 'recursion':
      return whole(narrowRecursion(node, walk))
    case 'apply':
    case 'feed':
      return whole(node)
    default:
      return unreachable(node)
  }
}

const ofColumns = <T>(list: readonly T[], columns: readonly number[]): readonly T[] =>
  columns.map((column) => list[column]!)

const moved = (plan: LogicalPlan, kept: readonly number[]): Pruned => ({
  plan,
  places: new Map(kept.map((column, i) => [column, i])),
})

const whole = (plan: LogicalPlan): Pruned => moved(plan, range(plan.schema.length))

const at = (input: Pruned, column: number): number => input.places.get(column)!
const through = (expr: Expr, input: Pruned): Expr => remap(expr, (column) => at(input, column))

const chosen = (input: Pruned, columns: readonly number[]): LogicalPlan =>
  choose(
    input.plan,
    columns.map((column) => at(input, column)),
  )

const all = (input: Pruned, before: LogicalPlan): LogicalPlan => chosen(input, range(before.schema.length))

function narrowJoin(node: Extract<LogicalPlan, { kind: 'join' }>, walk: (input: LogicalPlan) => Pruned): Pruned {
  const [left, right] = [walk(node.left), walk(node.right)]
  const [width, newWidth] = [node.left.schema.length, left.plan.schema.length]
  const place = (column: number): number => (column < width ? at(left, column) : newWidth + at(right, column - width))
  const plan = join(node.type, left.plan, right.plan, node.condition && remap(node.condition, place), node.nullAware)
  const places = new Map(left.places)
  if (node.type === 'mark') places.set(width, newWidth)
  else if (node.type !== 'semi' && node.type !== 'anti')
    for (const [old, now] of right.places) places.set(width + old, newWidth + now)
  return { plan, places }
}

function narrowAsof(node: Extract<LogicalPlan, { kind: 'asof' }>, walk: (input: LogicalPlan) => Pruned): Pruned {
  const left = walk(node.left)
  const right = all(walk(node.right), node.right)
  const keys = node.keys.map((key) => ({ ...key, left: at(left, key.left) }))
  const nearest = { ...node.nearest, left: at(left, node.nearest.left) }
  const places = new Map(left.places)
  const [width, newWidth] = [node.left.schema.length, left.plan.schema.length]
  for (const column of range(right.schema.length)) places.set(width + column, newWidth + column)
  return { plan: asof(node.type, left.plan, right, { keys, nearest }), places }
}

function narrowAggregate(
  node: Extract<LogicalPlan, { kind: 'aggregate' }>,
  wanted: Columns,
  walk: (input: LogicalPlan) => Pruned,
): Pruned {
  const input = walk(node.input)
  const width = node.groupKeys.length
  const kept = node.calls.flatMap((_, i) => (wanted.has(width + i) ? [i] : []))
  const calls = kept.map((i) => {
    const call = node.calls[i]!
    return {
      ...call,
      args: call.args.map((arg) => at(input, arg)),
      filter: call.filter === undefined ? undefined : at(input, call.filter),
      order: call.order.map((key) => ({ ...key, column: at(input, key.column) })),
    }
  })
  const keys = node.groupKeys.map((key) => at(input, key))
  const names = kept.map((i) => node.schema[width + i]!.name)
  const plan = aggregate(input.plan, keys, calls, { global: node.global, names })
  return moved(plan, [...range(width), ...kept.map((i) => width + i)])
}

function narrowWindow(
  node: Extract<LogicalPlan, { kind: 'window' }>,
  wanted: Columns,
  walk: (input: LogicalPlan) => Pruned,
): Pruned {
  const input = walk(node.input)
  const width = node.input.schema.length
  const kept = node.calls.flatMap((_, i) => (wanted.has(width + i) ? [i] : []))
  if (kept.length === 0) return input
  const calls = kept.map((i) => {
    const call = node.calls[i]!
    return {
      ...call,
      args: call.args.map((arg) => at(input, arg)),
      filter: call.filter === undefined ? undefined : at(input, call.filter),
    }
  })
  const order = node.order.map((key) => ({ ...key, column: at(input, key.column) }))
  const partition = node.partition.map((column) => at(input, column))
  const plan = window(input.plan, partition, order, calls)
  const places = new Map(input.places)
  for (const [i, call] of kept.entries()) places.set(width + call, input.plan.schema.length + i)
  return { plan, places }
}

function narrowTableCall(
  node: Extract<LogicalPlan, { kind: 'tableCall' }>,
  wanted: Columns,
  walk: (input: LogicalPlan) => Pruned,
): Pruned {
  const input = walk(node.input)
  const calls = node.calls.map((call) => ({ ...call, args: call.args.map((arg) => through(arg, input)) }))
  const ordinality = node.ordinality && wanted.has(node.schema.length - 1)
  const plan = tableCall(input.plan, calls, { ordinality, outer: node.outer })
  const added = plan.schema.length - input.plan.schema.length
  const places = new Map(input.places)
  for (const i of range(added)) places.set(node.input.schema.length + i, input.plan.schema.length + i)
  return { plan, places }
}

/** Rows are multiplied and left out by their windows, so the node stays also where no bound is read. */
function narrowTimeWindow(
  node: Extract<LogicalPlan, { kind: 'timeWindow' }>,
  wanted: Columns,
  walk: (input: LogicalPlan) => Pruned,
): Pruned {
  const input = walk(node.input)
  const width = node.input.schema.length
  const kept = node.bounds.flatMap((_, i) => (wanted.has(width + i) ? [i] : []))
  const { windows } = node
  const own =
    windows.kind === 'session'
      ? { ...windows, partition: windows.partition.map((column) => at(input, column)) }
      : windows
  const bounds = kept.map((i) => node.bounds[i]!)
  const plan = timeWindow(input.plan, at(input, node.time), own, bounds)
  const places = new Map(input.places)
  for (const [i, bound] of kept.entries()) places.set(width + bound, input.plan.schema.length + i)
  return { plan, places }
}

function narrowRecursion(
  node: Extract<LogicalPlan, { kind: 'recursion' }>,
  walk: (input: LogicalPlan) => Pruned,
): LogicalPlan {
  const [base, step] = [all(walk(node.base), node.base), all(walk(node.step), node.step)]
  return recursion({ ...node, base, step }, node.schema)
}
