// What every branch of an OR asks for is asked for once, so that joins and pushed filters see it (TPC-H Q19).
//
//   Filter (a AND b) OR (a AND c)     =>      Filter a AND (b OR c)
//
// It holds for NULLs too (AND distributes over OR in three-valued logic). What can fail or is volatile stays in its
// branch: another condition may guard it there. A branch that asks for nothing else makes the rest of the OR needless;
// where that rest can fail, the OR stays as it is. Conditions of joins alike, but for null-aware ones.

import type { Expr } from '../expr.ts'
import { and, or } from '../expr-build.ts'
import { canFail, conjuncts, isVolatile, sameExpr } from '../expr-walk.ts'
import { filter, join } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const takeCommonConjuncts = rule('take-common-conjuncts', (node) => {
  if (node.kind === 'filter') {
    const predicate = factored(node.predicate)
    return predicate && filter(node.input, predicate)
  }
  if (node.kind !== 'join' || node.condition === undefined || node.nullAware) return undefined
  const condition = factored(node.condition)
  return condition && join(node.type, node.left, node.right, condition)
})

/** Undefined where no OR among the conditions has anything to take. */
function factored(condition: Expr): Expr | undefined {
  const all = conjuncts(condition)
  const taken = all.map((one) => (one.kind === 'or' ? fromBranches(one.args) : undefined))
  if (taken.every((one) => one === undefined)) return undefined
  return and(all.flatMap((one, i) => taken[i] ?? [one]))
}

function fromBranches(branches: readonly Expr[]): readonly Expr[] | undefined {
  const [first, ...others] = branches.map(conjuncts)
  if (first === undefined || others.length === 0) return undefined
  const isCommon = (one: Expr): boolean =>
    !canFail(one) && !isVolatile(one) && others.every((branch) => branch.some((other) => sameExpr(one, other)))
  const common = first.filter(isCommon)
  if (common.length === 0) return undefined
  const rests = [first, ...others].map((branch) => branch.filter((one) => !common.some((same) => sameExpr(one, same))))
  if (rests.every((rest) => rest.length > 0)) return [...common, or(rests.map(and))]
  return rests.flat().some((one) => canFail(one) || isVolatile(one)) ? undefined : common
}
