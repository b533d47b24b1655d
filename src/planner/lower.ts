// Logical → physical. Nothing is decided about what a query computes here, only how: filters and projections become one
// map, join conditions become keys and a residual, shared plans stay shared.
//
// Equality is not always identity: NUMERIC without declared scale (1.5 = 1.50), INTERVAL, JSONB, CHAR(n), and arrays
// and rows of them. Operators compare key columns as they are, so such keys are compared by a column of their
// `equality_form` (internal-functions.ts) that a map below adds and a map above drops:
//
//   GROUP BY k       keys form(k); one more call, the least member of k, shows the group
//   DISTINCT         the canonically first row per form: Top 1 of the partition by forms
//   joins            key pairs of forms
//   INTERSECT, …     semi and anti joins on forms; ALL numbers the rows of a form first, so that copies pair off
//   PARTITION BY     by forms
//
// The group shows its canonically least member, so that what is printed does not depend on arrival (operators spec
// §1.1).

import { assert, unreachable } from '../core/assert.ts'
import { notSupported } from '../core/error.ts'
import { allOf, and } from './expr-build.ts'
import { conjuncts } from './expr-walk.ts'
import type { Filter, Join, LogicalPlan, Project, TimeWindow, Top, Window } from './logical.ts'
import { lowerAggregate, lowerDistinct, lowerSetOperation, withForms } from './lower-equality.ts'
import { lowerAsof, lowerJoin } from './lower-join.ts'
import { lowerRecursion } from './lower-recursion.ts'
import type { PhysicalPlan } from './physical.ts'
import {
  chooseColumns,
  mapNode,
  scanNode,
  tableFunctionNode,
  timeWindowNode,
  topNode,
  unionAllNode,
  valuesNode,
  windowNode,
} from './physical-build.ts'
import { columnOf } from './plan-build.ts'
import { checkTimeReads, lowerTemporal, type Maintained, readsNow } from './temporal.ts'

/**
 * The plan has been decorrelated: no `apply`, no subqueries, no outer columns. `maintained`: it is kept up to date, so
 * that conditions on now() are temporal filters.
 */
export function lower(plan: LogicalPlan, maintained?: Maintained): PhysicalPlan {
  if (maintained !== undefined) checkTimeReads(plan)
  const done = new Map<LogicalPlan, PhysicalPlan>()
  const walk = (node: LogicalPlan): PhysicalPlan => {
    const known = done.get(node)
    if (known !== undefined) return known
    const result = lowerNode(node, walk, maintained)
    assert(result.schema.length === node.schema.length, `lowering ${node.kind} changed its columns`)
    done.set(node, result)
    return result
  }
  return walk(plan)
}

function lowerNode(
  plan: LogicalPlan,
  walk: (node: LogicalPlan) => PhysicalPlan,
  maintained?: Maintained,
): PhysicalPlan {
  switch (plan.kind) {
    case 'get':
      return scanNode(plan)
    case 'values':
      return valuesNode(plan)
    case 'project':
      return lowerProject(plan, walk, maintained)
    case 'filter':
      return lowerFilter(plan, walk, maintained)
    case 'join':
      return lowerJoinInTime(plan, walk, maintained)
    case 'asof':
      return lowerAsof(plan, walk(plan.left), walk(plan.right))
    case 'aggregate':
      return lowerAggregate(plan, walk(plan.input))
    case 'distinct':
      return lowerDistinct(walk(plan.input))
    case 'unionAll':
      return unionAllNode(plan.inputs.map(walk), plan.schema)
    case 'setOperation':
      return lowerSetOperation(plan, walk(plan.left), walk(plan.right))
    case 'top':
      return lowerTop(plan, walk(plan.input))
    case 'window':
      return lowerWindow(plan, walk(plan.input))
    case 'tableCall':
      return tableFunctionNode(plan, walk(plan.input))
    case 'timeWindow':
      return lowerTimeWindow(plan, walk(plan.input))
    case 'recursion':
      return lowerRecursion(plan, walk, lowerNode)
    case 'feed':
      throw new Error(`a feed of ${plan.token.name} outside of its recursion`)
    case 'apply':
      throw notSupported('this correlated subquery')
    default:
      return unreachable(plan)
  }
}

/** A filter below is taken into the same map. */
function lowerProject(
  plan: Project,
  walk: (node: LogicalPlan) => PhysicalPlan,
  maintained: Maintained | undefined,
): PhysicalPlan {
  const isTemporal = plan.input.kind === 'filter' && maintained !== undefined && readsNow(plan.input.predicate)
  if (plan.input.kind !== 'filter' || isTemporal) return mapNode(walk(plan.input), undefined, plan.columns, plan.schema)
  return mapNode(walk(plan.input.input), plan.input.predicate, plan.columns, plan.schema)
}

function lowerFilter(
  plan: Filter,
  walk: (node: LogicalPlan) => PhysicalPlan,
  maintained: Maintained | undefined,
): PhysicalPlan {
  const input = walk(plan.input)
  if (maintained !== undefined && readsNow(plan.predicate)) return lowerTemporal(input, plan.predicate, maintained)
  return mapNode(
    input,
    plan.predicate,
    input.schema.map((_, i) => columnOf(input.schema, i)),
    plan.schema,
  )
}

/** Conditions on the time are asked of the pairs of an inner join. */
function lowerJoinInTime(
  plan: Join,
  walk: (node: LogicalPlan) => PhysicalPlan,
  maintained: Maintained | undefined,
): PhysicalPlan {
  const [left, right] = [walk(plan.left), walk(plan.right)]
  const all = conjuncts(plan.condition)
  const timed = maintained === undefined ? [] : all.filter(readsNow)
  if (maintained === undefined || timed.length === 0) return lowerJoin(plan, left, right)
  const rest = allOf(all.filter((one) => !timed.includes(one)))
  return lowerTemporal(lowerJoin({ ...plan, condition: rest }, left, right), and(timed), maintained)
}

function lowerTop(plan: Top, input: PhysicalPlan): PhysicalPlan {
  const { extended, columns: partition } = withForms(input, plan.partition)
  if (extended === input) return topNode(plan, input)
  const number = plan.schema.slice(input.schema.length)
  const node = topNode({ ...plan, partition, schema: [...extended.schema, ...number] }, extended)
  const own = input.schema.map((_, i) => i)
  return chooseColumns(node, [...own, ...number.map((_, i) => extended.schema.length + i)])
}

function lowerWindow(plan: Window, input: PhysicalPlan): PhysicalPlan {
  const { extended, columns: partition } = withForms(input, plan.partition)
  if (extended === input) return windowNode(plan, input)
  const results = plan.schema.slice(input.schema.length)
  const node = windowNode({ ...plan, partition, schema: [...extended.schema, ...results] }, extended)
  const own = input.schema.map((_, i) => i)
  return chooseColumns(node, [...own, ...results.map((_, i) => extended.schema.length + i)])
}

/** Sessions are kept apart by the equality of their partition columns. */
function lowerTimeWindow(plan: TimeWindow, input: PhysicalPlan): PhysicalPlan {
  const { windows } = plan
  if (windows.kind !== 'session') return timeWindowNode(plan, input)
  const { extended, columns: partition } = withForms(input, windows.partition)
  if (extended === input) return timeWindowNode(plan, input)
  const bounds = plan.schema.slice(input.schema.length)
  const schema = [...extended.schema, ...bounds]
  const node = timeWindowNode({ ...plan, windows: { ...windows, partition }, schema }, extended)
  const own = input.schema.map((_, i) => i)
  return chooseColumns(node, [...own, ...bounds.map((_, i) => extended.schema.length + i)])
}
