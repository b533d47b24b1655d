// Conditions on what rows are grouped by hold for whole groups: they are checked before grouping.
//
//   Filter p(keys)                Aggregate keys
//     Aggregate keys     =>         Filter p(keys)
//       X                             X
//
// Alike: DISTINCT (all columns), the partition of a window or of a Top that has one. A global aggregate has its row
// whatever is filtered below: it is left alone. A key whose group shows its least member (lower.ts) equals the others
// under `=`, but may print otherwise: conditions on such a key stay above.

import type { Expr } from '../expr.ts'
import { and } from '../expr-build.ts'
import { columnsOf, conjuncts, isVolatile, remap } from '../expr-walk.ts'
import { needsEqualityForm } from '../internal-functions.ts'
import type { LogicalPlan } from '../logical.ts'
import { aggregate, distinct, filter, top, window } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const pushFilterBelowGroup = rule('push-filter-below-group', (node, { readers }) => {
  if (node.kind !== 'filter' || readers(node.input) > 1) return undefined
  const group = groupOf(node.input)
  if (group === undefined) return undefined
  const { input, places, rebuild } = group
  const isKey = (column: number): boolean =>
    places.has(column) && !needsEqualityForm(input.schema[places.get(column)!]!)
  const all = conjuncts(node.predicate)
  const movable = (one: Expr): boolean => !isVolatile(one) && columnsOf(one).length > 0 && columnsOf(one).every(isKey)
  const moved = all.filter(movable).map((one) => remap(one, (column) => places.get(column)!))
  if (moved.length === 0) return undefined

  const rebuilt = rebuild(filter(input, and(moved)))
  const rest = all.filter((one) => !movable(one))
  return rest.length === 0 ? rebuilt : filter(rebuilt, and(rest))
})

interface Group {
  readonly input: LogicalPlan
  /** Output column → the input column that all rows of a group share. */
  readonly places: ReadonlyMap<number, number>
  rebuild(input: LogicalPlan): LogicalPlan
}

function groupOf(plan: LogicalPlan): Group | undefined {
  const same = (columns: readonly number[]) => new Map(columns.map((column) => [column, column]))
  switch (plan.kind) {
    case 'aggregate': {
      const { groupKeys, calls } = plan
      if (plan.global) return undefined
      const names = plan.schema.slice(groupKeys.length).map((def) => def.name)
      return {
        input: plan.input,
        places: new Map(groupKeys.map((key, i) => [i, key])),
        rebuild: (input) => aggregate(input, groupKeys, calls, { global: false, names }),
      }
    }
    case 'distinct':
      return { input: plan.input, places: same(plan.schema.map((_, i) => i)), rebuild: distinct }
    case 'window':
      return {
        input: plan.input,
        places: same(plan.partition),
        rebuild: (input) => window(input, plan.partition, plan.order, plan.calls),
      }
    case 'top':
      return { input: plan.input, places: same(plan.partition), rebuild: (input) => top(input, plan) }
    default:
      return undefined
  }
}
