// A tree of inner joins in an order that costs little, and no cross product where a condition connects.
//
//   Join                            Project (a, b, c)
//     Join (cross)         =>         Join on b.y = c.y
//       a                               Join on a.x = c.x
//       b                                 a
//     c  on a.x = c.x AND b.y = c.y       c
//                                       b
//
// Relations are taken greedily: a first one, and after it each time the one that leaves the fewest rows among those an
// equality connects to what is there (that another condition connects, that is left); of a few first ones the
// cheapest order wins, of equals what is written first. The smaller side of a join stands left: there a one-shot join
// builds its index. Conditions are attached where all that they read is there.
//
// Fires where the written order has a cross product, or costs much more by the guesses of cardinality.ts. A condition
// that can fail keeps the order as written.

import { assert } from '../../core/assert.ts'
import { domainOf, rowsOf, selectivity } from '../cardinality.ts'
import type { Expr } from '../expr.ts'
import { allOf, and } from '../expr-build.ts'
import { canFail, columnsOf, conjuncts, isVolatile, remap } from '../expr-walk.ts'
import type { Join, LogicalPlan } from '../logical.ts'
import { exactlyOneRow } from '../logical-facts.ts'
import { choose, filter, join } from '../plan-build.ts'
import { rule } from '../rule.ts'

/** Below so many rows nobody gains from another order. */
const COST_MIN = 10_000
/** The order changes where it costs at most this part. */
const GAIN = 0.7
/** Larger trees try this many first relations. */
const ALL_FIRSTS_MAX = 10
const FIRSTS_MAX = 2

interface Leaf {
  readonly plan: LogicalPlan
  /** Its columns' places in the row of all leaves as written. */
  readonly from: number
}

interface Condition {
  readonly expr: Expr
  /** Leaves that it reads. */
  readonly leaves: readonly number[]
  readonly isEquality: boolean
  /** The part of the pairs that it lets pass. */
  readonly factor: number
}

interface Tree {
  readonly leaves: readonly Leaf[]
  readonly conditions: readonly Condition[]
  /** Of each leaf: the conditions of several leaves that read it. */
  readonly of: readonly (readonly Condition[])[]
  readonly rows: readonly number[]
}

export const orderJoins = rule('order-joins', (node, { readers }) => {
  if (node.kind !== 'join' || node.type !== 'inner') return undefined
  const flat: Flat = { leaves: [], width: 0, exprs: [], readers, nodes: [] }
  const output = flattenJoin(node, flat)
  if (flat.leaves.length < 3 && !isTurned(flat)) return undefined
  const tree = treeOf(flat)
  // A filter above may have some to give.
  if (tree.conditions.length === 0) return undefined
  const crossed = flat.nodes.filter((join) => isCrossed(tree, join)).length
  if (crossed === 0 && flat.exprs.some((expr) => canFail(expr) || isVolatile(expr))) return undefined
  const best = cheapest(tree)
  const written = writtenCost(tree, flat)
  const isCheaper = written >= COST_MIN && best.cost < written * GAIN
  const isBetter = best.crossed < crossed || (best.crossed === crossed && isCheaper)
  return isBetter ? choose(...rebuild(tree, best, output)) : undefined
})

/** Two relations: the larger one stands left. */
const isTurned = ({ leaves }: Flat): boolean => rowsOf(leaves[0]!.plan) > rowsOf(leaves[1]!.plan)

type WrittenJoin = readonly [from: number, middle: number, to: number]

interface Flat {
  readonly leaves: Leaf[]
  width: number
  readonly exprs: Expr[]
  readonly readers: (node: LogicalPlan) => number
  /** The written joins: how many leaves stand before the left side, before the right side, and before what follows. */
  readonly nodes: WrittenJoin[]
}

/** Collects leaves and conditions; returns where the plan's columns are in the row of all leaves. */
function flatten(plan: LogicalPlan, flat: Flat): readonly number[] {
  const isShared = flat.readers(plan) > 1
  if (!isShared && plan.kind === 'join' && plan.type === 'inner') return flattenJoin(plan, flat)
  if (!isShared && plan.kind === 'project' && holdsJoin(plan, flat)) {
    const below = flatten(plan.input, flat)
    return plan.columns.map((expr) => below[(expr as { index: number }).index]!)
  }
  if (!isShared && plan.kind === 'filter' && holdsJoin(plan, flat)) {
    const below = flatten(plan.input, flat)
    flat.exprs.push(...conjuncts(plan.predicate).map((expr) => remap(expr, (index) => below[index]!)))
    return below
  }
  const from = flat.width
  flat.leaves.push({ plan, from })
  flat.width += plan.schema.length
  return plan.schema.map((_, i) => from + i)
}

/** Below columns and conditions that may move there is another inner join. */
function holdsJoin(plan: LogicalPlan, flat: Flat): boolean {
  if (flat.readers(plan) > 1) return false
  if (plan.kind === 'project')
    return plan.columns.every((expr) => expr.kind === 'column') && holdsJoin(plan.input, flat)
  if (plan.kind === 'filter')
    return !canFail(plan.predicate) && !isVolatile(plan.predicate) && holdsJoin(plan.input, flat)
  return plan.kind === 'join' && plan.type === 'inner'
}

function flattenJoin(plan: Join, flat: Flat): readonly number[] {
  const from = flat.leaves.length
  const left = flatten(plan.left, flat)
  const middle = flat.leaves.length
  const output = [...left, ...flatten(plan.right, flat)]
  flat.nodes.push([from, middle, flat.leaves.length])
  const own = conjuncts(plan.condition)
  flat.exprs.push(...own.map((expr) => remap(expr, (index) => output[index]!)))
  return output
}

function treeOf({ leaves: written, exprs, width }: Flat): Tree {
  const owners: number[] = []
  for (const [i, leaf] of written.entries()) for (const _ of leaf.plan.schema) owners.push(i)
  assert(owners.length === width, 'every column has its leaf')
  const leavesOf = (expr: Expr): readonly number[] => [...new Set(columnsOf(expr).map((column) => owners[column]!))]
  const single = exprs.filter((expr) => leavesOf(expr).length === 1)
  const leaves = written.map((leaf, i) => {
    const own = single
      .filter((expr) => leavesOf(expr)[0] === i)
      .map((expr) => remap(expr, (index) => index - leaf.from))
    return own.length === 0 ? leaf : { ...leaf, plan: filter(leaf.plan, and(own)) }
  })
  const domain = (expr: Expr): number => {
    const [leaf] = leavesOf(expr)
    return leaf === undefined
      ? 1
      : domainOf(
          leaves[leaf]!.plan,
          remap(expr, (index) => index - leaves[leaf]!.from),
        )
  }
  const conditions = exprs
    .filter((expr) => !single.includes(expr))
    .map((expr): Condition => {
      const isEquality = expr.kind === 'call' && expr.function.name === '='
      const sides = isEquality ? expr.args : []
      const isPair = sides.length === 2 && sides.every((side) => leavesOf(side).length === 1)
      const factor = isPair ? 1 / Math.max(1, Math.min(...sides.map(domain))) : selectivity(expr)
      return { expr, leaves: leavesOf(expr), isEquality, factor }
    })
  const of = leaves.map((_, i) => conditions.filter((one) => one.leaves.includes(i)))
  return { leaves, conditions, of, rows: leaves.map(({ plan }) => Math.max(1, rowsOf(plan))) }
}

/** Rows after `leaf` has come to what is placed. */
function rowsWith(tree: Tree, placed: ReadonlySet<number>, rows: number, leaf: number): number {
  const ready = tree.of[leaf]!.filter((one) => one.leaves.every((other) => other === leaf || placed.has(other)))
  const product = (some: readonly Condition[]): number => some.reduce((all, one) => all * one.factor, 1)
  const equal = product(ready.filter((one) => one.isEquality))
  const other = product(ready.filter((one) => !one.isEquality))
  return Math.max(1, rows * tree.rows[leaf]! * Math.max(equal, 1 / Math.max(rows, tree.rows[leaf]!)) * other)
}

/** What a join costs: its left side is indexed. */
const joinCost = (left: number, right: number, out: number): number => 2 * left + right + out

interface Order {
  readonly order: readonly number[]
  /** Of each leaf after the first: it stands left of what is there. */
  readonly turned: readonly boolean[]
  readonly cost: number
  /** Joins that are cross products. */
  readonly crossed: number
}

function cheapest(tree: Tree): Order {
  const all = [...tree.leaves.keys()]
  const bySize = [...all].sort((a, b) => tree.rows[a]! - tree.rows[b]! || a - b)
  const firsts = all.length <= ALL_FIRSTS_MAX ? all : [...new Set([0, ...bySize.slice(0, FIRSTS_MAX)])]
  return firsts.map((first) => orderFrom(tree, first)).reduce((best, one) => (isLess(one, best) ? one : best))
}

const isLess = (a: Order, b: Order): boolean => (a.crossed === b.crossed ? a.cost < b.cost : a.crossed < b.crossed)

function orderFrom(tree: Tree, first: number): Order {
  const left = new Set(tree.leaves.keys())
  const placed = new Set<number>()
  const [order, turned]: [number[], boolean[]] = [[first], [false]]
  let rows = tree.rows[first]!
  let cost = 0
  let crossed = 0
  left.delete(first)
  placed.add(first)
  while (left.size > 0) {
    const { leaf, after, rank } = nextOf(tree, placed, rows, left)
    const isTurned = tree.rows[leaf]! < rows
    cost += isTurned ? joinCost(tree.rows[leaf]!, rows, after) : joinCost(rows, tree.rows[leaf]!, after)
    if (rank === 2 && !exactlyOneRow(tree.leaves[leaf]!.plan)) crossed++
    rows = after
    left.delete(leaf)
    placed.add(leaf)
    order.push(leaf)
    turned.push(isTurned)
  }
  return { order, turned, cost, crossed }
}

function nextOf(tree: Tree, placed: ReadonlySet<number>, rows: number, left: ReadonlySet<number>) {
  let best: { leaf: number; after: number; rank: number } | undefined
  for (const leaf of left) {
    const ready = tree.of[leaf]!.filter((one) => one.leaves.every((other) => other === leaf || placed.has(other)))
    const rank = ready.some((one) => one.isEquality) ? 0 : ready.length > 0 ? 1 : 2
    if (best !== undefined && rank > best.rank) continue
    const after = rowsWith(tree, placed, rows, leaf)
    if (best === undefined || rank < best.rank || after < best.after) best = { leaf, after, rank }
  }
  assert(best, 'a relation is left')
  return best
}

/** No condition connects the two sides as written. */
function isCrossed({ leaves, conditions }: Tree, [from, middle, to]: WrittenJoin): boolean {
  const sides = [leaves.slice(from, middle), leaves.slice(middle, to)]
  if (sides.some((side) => side.every(({ plan }) => exactlyOneRow(plan)))) return false
  return !conditions.some(
    ({ leaves: read }) =>
      read.every((leaf) => leaf >= from && leaf < to) &&
      read.some((leaf) => leaf < middle) &&
      read.some((leaf) => leaf >= middle),
  )
}

function writtenCost(tree: Tree, { nodes }: Flat): number {
  const rowsBetween = (from: number, to: number): number => {
    const placed = new Set([from])
    let rows = tree.rows[from]!
    for (let leaf = from + 1; leaf < to; leaf++) {
      rows = rowsWith(tree, placed, rows, leaf)
      placed.add(leaf)
    }
    return rows
  }
  return nodes.reduce((sum, [from, middle, to]) => {
    return sum + joinCost(rowsBetween(from, middle), rowsBetween(middle, to), rowsBetween(from, to))
  }, 0)
}

/** The joins in that order, and where `output`, columns of the leaves as written, are in their rows. */
function rebuild(tree: Tree, { order, turned }: Order, output: readonly number[]): [LogicalPlan, readonly number[]] {
  const waiting = new Set(tree.conditions)
  const placed = new Set<number>()
  let columns: readonly number[] = []
  let plan: LogicalPlan | undefined
  for (const [i, index] of order.entries()) {
    const leaf = tree.leaves[index]!
    const own = leaf.plan.schema.map((_, column) => leaf.from + column)
    columns = turned[i] ? [...own, ...columns] : [...columns, ...own]
    placed.add(index)
    if (plan === undefined) {
      plan = leaf.plan
      continue
    }
    const place = new Map(columns.map((column, at) => [column, at]))
    const ready = [...waiting].filter((condition) => condition.leaves.every((one) => placed.has(one)))
    for (const condition of ready) waiting.delete(condition)
    const on = allOf(ready.map(({ expr }) => remap(expr, (column) => place.get(column)!)))
    plan = turned[i] ? join('inner', leaf.plan, plan, on) : join('inner', plan, leaf.plan, on)
  }
  assert(plan && waiting.size === 0, 'a join condition was lost')
  const place = new Map(columns.map((column, at) => [column, at]))
  return [plan, output.map((column) => place.get(column)!)]
}
