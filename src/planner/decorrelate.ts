// Subqueries and LATERAL → joins. After this no plan reads an outer column.

import { notSupported } from '../core/error.ts'
import { hasSubquery } from './expr-walk.ts'
import type { LogicalPlan } from './logical.ts'
import { exprsOf, rewritePlan } from './plan-walk.ts'

export function decorrelate(plan: LogicalPlan): LogicalPlan {
  return rewritePlan(plan, (node) => {
    if (node.kind === 'apply') throw notSupported('LATERAL')
    if (exprsOf(node).some(hasSubquery)) throw notSupported('this subquery')
    return node
  })
}
