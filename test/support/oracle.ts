// The batch definition of every plan node over plain rows: what an epoch's deltas must sum up to. Slow and obvious.

import { compareSql } from '../../src/core/order.ts'
import type { Schema } from '../../src/core/schema.ts'
import type { Expr } from '../../src/planner/expr.ts'
import type { AsofNode, JoinNode, PhysicalPlan, ScanNode, TopNode } from '../../src/planner/physical.ts'
import { aggregateRows } from './oracle-aggregate.ts'
import { attempt, compareKeys, evaluated, type Fail, orderedCopies, partitions } from './oracle-common.ts'
import { type Contents, recursionRows } from './oracle-recursion.ts'
import { timeWindowRows } from './oracle-time-window.ts'
import { windowRows } from './oracle-window.ts'
import { environment } from './plans.ts'
import { type Row, rowText, ZSet } from './zset.ts'

/** Rows, and errors as `code message` with their weights. */
export interface Answer {
  readonly rows: ZSet
  readonly errors: Map<string, number>
}

export function answer(plan: PhysicalPlan, contents: ReadonlyMap<ScanNode, ZSet>): Answer {
  const errors = new Map<string, number>()
  const rows = evaluate(plan, contents, (message, weight) => {
    const sum = (errors.get(message) ?? 0) + weight
    if (sum === 0) errors.delete(message)
    else errors.set(message, sum)
  })
  return { rows, errors }
}

function evaluate(plan: PhysicalPlan, contents: Contents, fail: Fail): ZSet {
  const input = (child: PhysicalPlan): ZSet => evaluate(child, contents, fail)
  switch (plan.kind) {
    case 'scan':
      return contents.get(plan)!.clone()
    case 'values':
      return ZSet.of(plan.rows.map((row) => [row.map((expr) => evaluated(expr, [], [])), 1]))
    case 'map':
      return mapRows(input(plan.input), plan.input.schema, plan.predicate, plan.columns, fail)
    case 'unionAll': {
      const sum = new ZSet()
      for (const child of plan.inputs) sum.addAll(input(child))
      return sum
    }
    case 'distinct':
      return ZSet.of(input(plan.input).rows.map(([row]) => [row, 1]))
    case 'setOperation':
      return setRows(plan.operation, plan.all, input(plan.left), input(plan.right))
    case 'join':
      return joinRows(plan, input(plan.left), input(plan.right), fail)
    case 'asof':
      return asofRows(plan, input(plan.left), input(plan.right))
    case 'aggregate':
      return aggregateRows(plan, input(plan.input), fail)
    case 'top':
      return topRows(plan, input(plan.input))
    case 'tableFunction':
      return tableRows(plan, input(plan.input), fail)
    case 'window':
      return windowRows(plan, input(plan.input), fail)
    case 'closeAt':
      throw new Error('what has closed is a question of frontiers: close-at.test.ts')
    case 'temporalFilter':
      throw new Error('what is valid is a question of time: temporal-filter.test.ts')
    case 'timeWindow':
      return timeWindowRows(plan, input(plan.input))
    case 'feed':
      return contents.get(plan)!.clone()
    case 'recursion':
      return recursionRows(plan, contents, (body, feeds, counts) => evaluate(body, feeds, counts ? fail : () => {}))
  }
}

function mapRows(input: ZSet, schema: Schema, predicate: Expr | undefined, columns: readonly Expr[], fail: Fail): ZSet {
  const result = new ZSet()
  for (const [row, weight] of input.rows) {
    const mapped = attempt(weight, fail, () => {
      if (predicate !== undefined && evaluated(predicate, schema, row) !== true) return []
      return [columns.map((expr) => evaluated(expr, schema, row))]
    })
    for (const one of mapped ?? []) result.add(one, weight)
  }
  return result
}

function setRows(operation: 'intersect' | 'except', all: boolean, left: ZSet, right: ZSet): ZSet {
  const weightIn = (set: ZSet, row: Row): number => set.entries.get(rowText(row))?.weight ?? 0
  const result = new ZSet()
  for (const [row, a] of left.rows) {
    const b = weightIn(right, row)
    const weight =
      operation === 'intersect' ? (all ? Math.min(a, b) : b > 0 ? 1 : 0) : all ? Math.max(a - b, 0) : b > 0 ? 0 : 1
    if (weight !== 0) result.add(row, weight)
  }
  return result
}

function asofRows(plan: AsofNode, left: ZSet, right: ZSet): ZSet {
  const { keys, nearest } = plan
  const [leftSchema, rightSchema] = [plan.left.schema, plan.right.schema]
  const result = new ZSet()
  for (const [l, weight] of left.rows) {
    const fits = right.rows.filter(([r]) => {
      const equal = keys.every((key) => {
        const [a, b] = [l[key.left]!, r[key.right]!]
        if (a === null || b === null) return key.nullSafe && a === b
        return compareSql(leftSchema[key.left]!.type, a, b) === 0
      })
      const [a, b] = [l[nearest.left]!, r[nearest.right]!]
      if (!equal || a === null || b === null) return false
      const sign = compareSql(leftSchema[nearest.left]!.type, b, a) * (nearest.descending ? -1 : 1)
      return nearest.strict ? sign < 0 : sign <= 0
    })
    const order = [{ column: nearest.right, descending: nearest.descending, nullsFirst: false }]
    const partner = orderedCopies(rightSchema, fits, order).at(-1)
    if (partner !== undefined) result.add([...l, ...partner], weight)
    else if (plan.type === 'left') result.add([...l, ...rightSchema.map(() => null)], weight)
  }
  return result
}

function joinRows(plan: JoinNode, left: ZSet, right: ZSet, fail: Fail): ZSet {
  const pairSchema = [...plan.left.schema, ...plan.right.schema]
  const keysMatch = (l: Row, r: Row, from: number): boolean =>
    plan.keys.slice(from).every((key) => {
      const [a, b] = [l[key.left]!, r[key.right]!]
      if (a === null || b === null) return key.nullSafe && a === null && b === null
      return compareSql(plan.left.schema[key.left]!.type, a, b) === 0
    })
  const residual = (l: Row, r: Row, weight: number): boolean =>
    plan.residual === undefined ||
    attempt(weight, fail, () => evaluated(plan.residual!, pairSchema, [...l, ...r])) === true
  const result = new ZSet()
  const matchedRight = new Set<Row>()
  for (const [l, lw] of left.rows) {
    const matches = right.rows.filter(([r, rw]) => keysMatch(l, r, 0) && residual(l, r, lw * rw))
    for (const [r] of matches) matchedRight.add(r)
    leftOutput(
      plan,
      l,
      lw,
      matches,
      () => markOf(plan, l, right, (r, from) => keysMatch(l, r, from) && residual(l, r, 0)),
      result,
    )
  }
  if (plan.type === 'right' || plan.type === 'full')
    for (const [r, rw] of right.rows)
      if (!matchedRight.has(r)) result.add([...plan.left.schema.map(() => null), ...r], rw)
  return result
}

function leftOutput(
  plan: JoinNode,
  l: Row,
  lw: number,
  matches: readonly (readonly [Row, number])[],
  mark: () => boolean | null,
  result: ZSet,
): void {
  switch (plan.type) {
    case 'semi':
      if (matches.length > 0) result.add(l, lw)
      break
    case 'anti':
      if (mark() === false) result.add(l, lw)
      break
    case 'mark':
      result.add([...l, mark()], lw)
      break
    default:
      for (const [r, rw] of matches) result.add([...l, ...r], lw * rw)
      if (matches.length === 0 && plan.type !== 'inner' && plan.type !== 'right')
        result.add([...l, ...plan.right.schema.map(() => null)], lw)
  }
}

/** IN's rules where null-aware, else whether there is a match. */
function markOf(plan: JoinNode, l: Row, right: ZSet, matches: (r: Row, from: number) => boolean): boolean | null {
  if (right.rows.some(([r]) => matches(r, 0))) return true
  if (!plan.nullAware) return false
  const group = right.rows.filter(([r]) => matches(r, 1))
  if (group.length === 0) return false
  const key = plan.keys[0]!
  return l[key.left] === null || group.some(([r]) => r[key.right] === null) ? null : false
}

function topRows(plan: TopNode, input: ZSet): ZSet {
  const { schema } = plan.input
  const result = new ZSet()
  for (const rows of partitions(input, plan.partition).values()) {
    const copies = orderedCopies(schema, rows, plan.order)
    let rank = 0
    let dense = 0
    let end = plan.limit === undefined ? Number.POSITIVE_INFINITY : Number(plan.offset + plan.limit)
    if (plan.by === 'ties' && end > 0 && end < copies.length)
      while (end < copies.length && compareKeys(schema, plan.order, copies[end - 1]!, copies[end]!) === 0) end++
    copies.forEach((row, i) => {
      if (i === 0 || compareKeys(schema, plan.order, copies[i - 1]!, row) !== 0) {
        rank = i + 1
        dense++
      }
      const number = plan.by === 'rows' ? i + 1 : plan.by === 'ties' ? rank : dense
      const place = plan.by === 'dense' ? dense - 1 : i
      if (place >= Number(plan.offset) && place < end) result.add(plan.withNumber ? [...row, BigInt(number)] : row, 1)
    })
  }
  return result
}

function tableRows(plan: PhysicalPlan & { readonly kind: 'tableFunction' }, input: ZSet, fail: Fail): ZSet {
  const result = new ZSet()
  const added = plan.schema.length - plan.input.schema.length
  for (const [row, weight] of input.rows)
    attempt(weight, fail, () => {
      const sets = plan.calls.map((call) => {
        const args = call.args.map((arg) => evaluated(arg, plan.input.schema, row))
        if (call.function.strict && args.includes(null)) return []
        return [...(call.function.evaluate as (...values: unknown[]) => Iterable<Row>)(...args, environment.context)]
      })
      const length = Math.max(...sets.map((set) => set.length))
      if (length === 0 && plan.outer) result.add([...row, ...new Array<null>(added).fill(null)], weight)
      for (let i = 0; i < length; i++) {
        const cells = sets.flatMap((set, k) => {
          const width = plan.calls[k]!.function.columns(plan.calls[k]!.args.map((arg) => arg.type)).length
          return [...(set[i] ?? new Array<null>(width).fill(null))]
        })
        result.add([...row, ...cells, ...(plan.ordinality ? [BigInt(i + 1)] : [])], weight)
      }
    })
  return result
}
