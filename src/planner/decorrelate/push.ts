// Pushes D, the distinct outer rows, into a correlated plan (Neumann, Kemper: "Unnesting Arbitrary Queries", BTW 2015):
// the result has D's columns before the plan's own, and no outer column of the level that D stands for.
//
//   push(σp(X))    = σp'(push(X))                    p': outer columns are D's columns
//   push(X ⋈ Y)    = push(X) ⋈ Y                     only X correlated; both: also ON D IS NOT DISTINCT FROM D
//   push(γ k; f X) = γ D,k; f (push(X))              without GROUP BY: D ⟕ that, COUNT of no rows is 0 (the count bug)
//   push(topn X)   = topn per D (push(X))            window functions alike; set operations carry D in their rows
//   push(X)        = D × X                           X is not correlated
//
// Columns of levels further up come one level nearer.

import { assert, unreachable } from '../../core/assert.ts'
import { notSupported } from '../../core/error.ts'
import type { Expr } from '../expr.ts'
import { and, coalesce } from '../expr-build.ts'
import { rewriteExpr } from '../expr-walk.ts'
import type {
  Aggregate,
  Asof,
  Feed,
  FeedToken,
  Join,
  LogicalCall,
  LogicalPlan,
  Recursion,
  TimeWindow,
  Values,
} from '../logical.ts'
import {
  aggregate,
  asof,
  choose,
  columnOf,
  distinct,
  feed,
  filter,
  join,
  project,
  recursion,
  setOperation,
  tableCall,
  timeWindow,
  top,
  unionAll,
  window,
} from '../plan-build.ts'
import { inputsOf, outerColumnsOf, raise } from '../plan-walk.ts'
import type { TypeContext } from '../types/coerce.ts'
import { sameValue } from '../types/equality.ts'
import { emptyValue } from './empty-value.ts'

export interface Domain {
  readonly plan: LogicalPlan
  /** Outer column → its place in `plan`. */
  readonly places: ReadonlyMap<number, number>
  readonly types: TypeContext
  readonly done: Map<LogicalPlan, LogicalPlan>
  /** Recursive references that have D's columns before their own. */
  readonly feeds?: ReadonlyMap<FeedToken, Feed>
}

export function push(plan: LogicalPlan, domain: Domain): LogicalPlan {
  const known = domain.done.get(plan)
  if (known !== undefined) return known
  const pushed = isCorrelated(plan, domain)
    ? pushNode(plan, domain)
    : join('inner', domain.plan, raise(plan), undefined)
  assert(pushed.schema.length === widthOf(domain) + plan.schema.length, `pushing into ${plan.kind} lost columns`)
  domain.done.set(plan, pushed)
  return pushed
}

const isCorrelated = (plan: LogicalPlan, domain: Domain): boolean =>
  outerColumnsOf(plan).length > 0 || (domain.feeds !== undefined && readsFeed(plan, domain.feeds))

const readsFeed = (plan: LogicalPlan, feeds: ReadonlyMap<FeedToken, Feed>): boolean =>
  plan.kind === 'feed' ? feeds.has(plan.token) : inputsOf(plan).some((input) => readsFeed(input, feeds))

const widthOf = (domain: Domain): number => domain.plan.schema.length

function pushNode(plan: LogicalPlan, domain: Domain): LogicalPlan {
  const by = widthOf(domain)
  const moved = (expr: Expr): Expr => bind(expr, domain, (index) => index + by)
  const keys = domain.plan.schema.map((_, i) => i)
  const shifted = (columns: readonly number[]): readonly number[] => columns.map((column) => column + by)
  switch (plan.kind) {
    case 'filter':
      return filter(push(plan.input, domain), moved(plan.predicate))
    case 'project': {
      const input = push(plan.input, domain)
      const own = keys.map((key) => columnOf(input.schema, key))
      return project(input, [...own, ...plan.columns.map(moved)], [...namesOf(domain.plan), ...namesOf(plan)])
    }
    case 'values':
      return pushValues(plan, domain)
    case 'join':
      return pushJoin(plan, domain)
    case 'asof':
      return pushAsof(plan, domain)
    case 'aggregate':
      return pushAggregate(plan, domain)
    case 'distinct':
      return distinct(push(plan.input, domain))
    case 'unionAll':
      return unionAll(plan.inputs.map((input) => push(input, domain)))
    case 'setOperation':
      return setOperation(plan.operation, plan.all, push(plan.left, domain), push(plan.right, domain))
    case 'top': {
      const order = plan.order.map((key) => ({ ...key, column: key.column + by }))
      const partition = [...keys, ...shifted(plan.partition)]
      return top(push(plan.input, domain), { ...plan, partition, order })
    }
    case 'window': {
      const order = plan.order.map((key) => ({ ...key, column: key.column + by }))
      const calls = plan.calls.map((call) => ({
        ...call,
        args: shifted(call.args),
        filter: call.filter === undefined ? undefined : call.filter + by,
      }))
      return window(push(plan.input, domain), [...keys, ...shifted(plan.partition)], order, calls)
    }
    case 'tableCall': {
      const calls = plan.calls.map((call) => ({ ...call, args: call.args.map(moved) }))
      return tableCall(push(plan.input, domain), calls, plan)
    }
    case 'timeWindow':
      return pushTimeWindow(plan, domain)
    case 'recursion':
      return pushRecursion(plan, domain)
    case 'feed':
      return fedTo(plan, domain)
    case 'get':
    case 'apply':
      throw notSupported('this correlated subquery')
    default:
      return unreachable(plan)
  }
}

const namesOf = (plan: LogicalPlan): readonly string[] => plan.schema.map((def) => def.name)

function pushTimeWindow({ windows, input, time, bounds }: TimeWindow, domain: Domain): LogicalPlan {
  const by = widthOf(domain)
  const partition = windows.kind === 'session' ? windows.partition.map((column) => column + by) : []
  const own = windows.kind === 'session' ? { ...windows, partition: [...range(0, by), ...partition] } : windows
  return timeWindow(push(input, domain), time + by, own, bounds)
}

/** An expression of the plan over the pushed row: outer columns are D's, which stand at `domainAt`. */
function bind(expr: Expr, domain: Domain, place: (index: number) => number, domainAt = 0): Expr {
  return rewriteExpr(expr, (node) => {
    if (node.kind === 'column') return { ...node, index: place(node.index) }
    if (node.kind !== 'outer') return undefined
    if (node.depth > 1) return { ...node, depth: node.depth - 1 }
    const at = domain.places.get(node.index)
    assert(at !== undefined, `outer column ${node.index} is not in the domain`)
    return { ...columnOf(domain.plan.schema, at), index: domainAt + at, position: node.position }
  })
}

/** Rows of outer columns: one projection of D for each. */
function pushValues(plan: Values, domain: Domain): LogicalPlan {
  const own = domain.plan.schema.map((_, i) => columnOf(domain.plan.schema, i))
  const rows = plan.rows.map((row) =>
    project(
      domain.plan,
      [...own, ...row.map((expr) => bind(expr, domain, (index) => index))],
      [...namesOf(domain.plan), ...namesOf(plan)],
    ),
  )
  return rows.length === 1 ? rows[0]! : unionAll(rows)
}

function pushJoin(plan: Join, domain: Domain): LogicalPlan {
  const by = widthOf(domain)
  const leftWidth = plan.left.schema.length
  const onlyRight = plan.type === 'inner' && !isCorrelated(plan.left, domain) && isCorrelated(plan.right, domain)
  if (onlyRight) return pushRightOnly(plan, domain)
  const needsBoth = isCorrelated(plan.right, domain) || plan.type === 'right' || plan.type === 'full'
  const left = push(plan.left, domain)
  if (!needsBoth) {
    const condition = plan.condition && bind(plan.condition, domain, (index) => index + by)
    return join(plan.type, left, raise(plan.right), condition, plan.nullAware)
  }
  const right = push(plan.right, domain)
  const moved =
    plan.condition && bind(plan.condition, domain, (index) => (index < leftWidth ? index + by : index + 2 * by))
  const both = [...left.schema, ...right.schema]
  const same = domain.plan.schema.map((_, i) =>
    sameValue(domain.types.registry, columnOf(both, i), columnOf(both, left.schema.length + i)),
  )
  assert(!plan.nullAware, 'null-aware joins are made of what is not correlated')
  const joined = join(plan.type, left, right, and([...same, ...(moved ? [moved] : [])]))
  return withoutSecondDomain(plan, joined, domain)
}

/** A right side that is correlated is made per domain value, which is one more key. */
function pushAsof(plan: Asof, domain: Domain): LogicalPlan {
  const by = widthOf(domain)
  const left = push(plan.left, domain)
  const own = isCorrelated(plan.right, domain) ? range(0, by) : []
  const right = own.length > 0 ? push(plan.right, domain) : raise(plan.right)
  const moved = plan.keys.map((key) => ({ ...key, left: key.left + by, right: key.right + own.length }))
  const keys = [...own.map((i) => ({ left: i, right: i, nullSafe: true })), ...moved]
  const nearest = { ...plan.nearest, left: plan.nearest.left + by, right: plan.nearest.right + own.length }
  const joined = asof(plan.type, left, right, { keys, nearest })
  const kept = [...range(0, left.schema.length), ...range(left.schema.length + own.length, plan.right.schema.length)]
  return choose(joined, kept)
}

/** [L, D, R] → [D, L, R] */
function pushRightOnly(plan: Join, domain: Domain): LogicalPlan {
  const by = widthOf(domain)
  const leftWidth = plan.left.schema.length
  const place = (index: number): number => (index < leftWidth ? index : index + by)
  const condition = plan.condition && bind(plan.condition, domain, place, leftWidth)
  const joined = join('inner', raise(plan.left), push(plan.right, domain), condition)
  const order = [...range(leftWidth, by), ...range(0, leftWidth), ...range(leftWidth + by, plan.right.schema.length)]
  return project(
    joined,
    order.map((column) => columnOf(joined.schema, column)),
  )
}

const range = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from + i)

/** [D, L, D, R] → [D, L, R]; the D that is there also for rows without a partner. */
function withoutSecondDomain(plan: Join, joined: LogicalPlan, domain: Domain): LogicalPlan {
  if (plan.type === 'semi' || plan.type === 'anti' || plan.type === 'mark') return joined
  const by = widthOf(domain)
  const second = by + plan.left.schema.length
  const at = (column: number): Expr => columnOf(joined.schema, column)
  const own = range(0, by).map((i) => {
    if (plan.type === 'right') return at(second + i)
    const both = [at(i), at(second + i)]
    return plan.type === 'full' ? coalesce(both, both[0]!.type) : both[0]!
  })
  const rest = [...range(by, plan.left.schema.length), ...range(second + by, plan.right.schema.length)]
  return project(joined, [...own, ...rest.map(at)], [...namesOf(domain.plan), ...namesOf(plan)])
}

function pushAggregate(plan: Aggregate, domain: Domain): LogicalPlan {
  const by = widthOf(domain)
  const keys = range(0, by)
  const calls = plan.calls.map((call) => shiftCall(call, by))
  const input = push(plan.input, domain)
  const grouped = aggregate(input, [...keys, ...plan.groupKeys.map((key) => key + by)], calls, { global: false })
  return plan.global ? withEmptyGroups(plan, grouped, domain) : grouped
}

const shiftCall = (call: LogicalCall, by: number): LogicalCall => ({
  ...call,
  args: call.args.map((arg) => arg + by),
  filter: call.filter === undefined ? undefined : call.filter + by,
  order: call.order.map((key) => ({ ...key, column: key.column + by })),
})

/** D ⟕ groups: a D without rows has one group all the same, in which COUNT is 0. */
function withEmptyGroups(plan: Aggregate, grouped: LogicalPlan, domain: Domain): LogicalPlan {
  const by = widthOf(domain)
  const both = [...domain.plan.schema, ...grouped.schema]
  const same = range(0, by).map((i) => sameValue(domain.types.registry, columnOf(both, i), columnOf(both, by + i)))
  const joined = join('left', domain.plan, grouped, and(same))
  const own = range(0, by).map((i) => columnOf(joined.schema, i))
  const results = plan.calls.map((call, i) => emptyValue(call, columnOf(joined.schema, 2 * by + i), domain.types.text))
  return project(joined, [...own, ...results], [...namesOf(domain.plan), ...namesOf(plan)])
}

/** Each D has a recursion of its own: the reference carries D's columns. */
function pushRecursion(plan: Recursion, domain: Domain): LogicalPlan {
  const base = push(plan.base, domain)
  const token: FeedToken = { name: plan.token.name }
  const schema = [...domain.plan.schema, ...plan.schema]
  const feeds = new Map(domain.feeds).set(plan.token, feed(token, schema))
  const step = push(plan.step, { ...domain, feeds, done: new Map() })
  return recursion({ base, step, token, all: plan.all }, schema)
}

function fedTo(plan: Feed, domain: Domain): Feed {
  const known = domain.feeds?.get(plan.token)
  assert(known !== undefined, `no feed of ${plan.token.name}`)
  return known
}
