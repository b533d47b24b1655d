// Runs the rules over a plan, bottom-up, until none fires. Rules keep what a query computes; the order in the list is
// the order in which they are tried on a node.

import { assert } from '../core/assert.ts'
import type { TextContext } from '../functions/registry.ts'
import type { LogicalPlan } from './logical.ts'
import { inputsOf, mapInputs } from './plan-walk.ts'
import { prune } from './prune.ts'
import type { Rule, RuleContext } from './rule.ts'
import { emptyRelation } from './rules/empty-relation.ts'
import { foldConstants } from './rules/fold-constants.ts'
import { mergeFilters } from './rules/merge-filters.ts'
import { mergeProjects } from './rules/merge-projects.ts'
import { orderJoins } from './rules/order-joins.ts'
import { outerJoinToInner } from './rules/outer-join-to-inner.ts'
import { pushFilterBelowFunction } from './rules/push-filter-below-function.ts'
import { pushFilterBelowGroup } from './rules/push-filter-below-group.ts'
import { pushFilterBelowProject } from './rules/push-filter-below-project.ts'
import { pushFilterBelowUnion } from './rules/push-filter-below-union.ts'
import { pushFilterIntoJoin } from './rules/push-filter-into-join.ts'
import { pushJoinCondition } from './rules/push-join-condition.ts'
import { removeDistinct } from './rules/remove-distinct.ts'
import { removeProject } from './rules/remove-project.ts'
import { removeUnitJoin } from './rules/remove-unit-join.ts'
import { takeCommonConjuncts } from './rules/take-common-conjuncts.ts'
import { topFromRowNumber } from './rules/top-from-row-number.ts'

export const rules: readonly Rule[] = [
  foldConstants,
  emptyRelation,
  mergeFilters,
  takeCommonConjuncts,
  pushFilterBelowProject,
  outerJoinToInner,
  pushFilterIntoJoin,
  pushJoinCondition,
  pushFilterBelowGroup,
  pushFilterBelowUnion,
  pushFilterBelowFunction,
  topFromRowNumber,
  orderJoins,
  removeDistinct,
  removeUnitJoin,
  mergeProjects,
  removeProject,
]

/** `disabled`: names of rules, parted by commas, or `all`. */
export function rulesWithout(disabled: string): readonly Rule[] {
  if (disabled === '') return rules
  const names = disabled.split(',').map((name) => name.trim())
  return names.includes('all') ? [] : rules.filter(({ name }) => !names.includes(name))
}

export interface Optimized {
  readonly plan: LogicalPlan
  /** Names of the rules that fired, in the order of their first firing: EXPLAIN shows them, tests expect them. */
  readonly fired: readonly string[]
}

/** Passes over the whole plan; each but the last made it smaller or simpler. */
const PASSES_MAX = 32
/** Firings on one node in one pass. */
const FIRINGS_MAX = 64

/** Rules, then the columns that nobody reads go, then what rules make of that. */
export function optimize(plan: LogicalPlan, constants: TextContext, list: readonly Rule[] = rules): Optimized {
  const fired = new Set<string>()
  const run = (given: LogicalPlan): LogicalPlan => runRules(given, { list, fired, constants })
  return { plan: run(prune(run(plan))), fired: [...fired] }
}

interface Run {
  readonly list: readonly Rule[]
  readonly fired: Set<string>
  readonly constants: TextContext
}

function runRules(plan: LogicalPlan, run: Run): LogicalPlan {
  let current = plan
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const next = runPass(current, run)
    if (next === current) break
    current = next
  }
  return current
}

function runPass(plan: LogicalPlan, { list, fired, constants }: Run): LogicalPlan {
  const counts = countReaders(plan)
  const context: RuleContext = { readers: (node) => counts.get(node) ?? 1, constants }
  const done = new Map<LogicalPlan, LogicalPlan>()
  const walk = (node: LogicalPlan): LogicalPlan => {
    const known = done.get(node)
    if (known !== undefined) return known
    const inputs = mapInputs(node, walk)
    if (inputs !== node && (counts.get(node) ?? 1) > 1) counts.set(inputs, counts.get(node)!)
    const result = applyRules(inputs, list, context, fired)
    if (result !== node && (counts.get(node) ?? 1) > 1) counts.set(result, counts.get(node)!)
    done.set(node, result)
    return result
  }
  return walk(plan)
}

function applyRules(node: LogicalPlan, list: readonly Rule[], context: RuleContext, fired: Set<string>): LogicalPlan {
  let current = node
  for (let firings = 0; firings < FIRINGS_MAX; firings++) {
    const next = firstThatFires(current, list, context, fired)
    if (next === undefined) break
    current = next
  }
  return current
}

function firstThatFires(
  node: LogicalPlan,
  list: readonly Rule[],
  context: RuleContext,
  fired: Set<string>,
): LogicalPlan | undefined {
  for (const one of list) {
    const next = one.apply(node, context)
    if (next === undefined) continue
    assert(next !== node, `rule ${one.name} fired without a change`)
    assert(sameColumns(node, next), `rule ${one.name} changed the columns`)
    fired.add(one.name)
    return next
  }
  return undefined
}

const sameColumns = (a: LogicalPlan, b: LogicalPlan): boolean =>
  a.schema.length === b.schema.length && a.schema.every((def, i) => def.type.kind === b.schema[i]!.type.kind)

function countReaders(plan: LogicalPlan): Map<LogicalPlan, number> {
  const counts = new Map<LogicalPlan, number>()
  const visit = (node: LogicalPlan): void => {
    const count = counts.get(node) ?? 0
    counts.set(node, count + 1)
    if (count === 0) for (const input of inputsOf(node)) visit(input)
  }
  visit(plan)
  return counts
}
