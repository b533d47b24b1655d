// What reads nothing gives nothing: filters that are never TRUE, joins with an empty side, and all that is above them.
// A global aggregate of nothing still has its row.

import { nullOf } from '../expr-build.ts'
import { conjuncts } from '../expr-walk.ts'
import type { Join, LogicalPlan } from '../logical.ts'
import { empty, extend, isEmpty, unionAll } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const emptyRelation = rule('empty-relation', (node) => {
  switch (node.kind) {
    case 'filter':
      return isEmpty(node.input) || neverTrue(node) ? empty(node.schema) : undefined
    case 'project':
    case 'distinct':
    case 'window':
    case 'tableCall':
    case 'timeWindow':
      return isEmpty(node.input) ? empty(node.schema) : undefined
    case 'top':
      return isEmpty(node.input) || node.limit === 0n ? empty(node.schema) : undefined
    case 'aggregate':
      return isEmpty(node.input) && !node.global ? empty(node.schema) : undefined
    case 'join':
      return emptyJoin(node)
    case 'unionAll':
      return withoutEmpty(node)
    case 'setOperation': {
      if (isEmpty(node.left)) return empty(node.schema)
      if (!isEmpty(node.right)) return undefined
      return node.operation === 'intersect' ? empty(node.schema) : undefined
    }
    default:
      return undefined
  }
})

const neverTrue = (node: Extract<LogicalPlan, { kind: 'filter' }>): boolean =>
  conjuncts(node.predicate).some((one) => one.kind === 'constant' && one.value !== true)

function emptyJoin(node: Join): LogicalPlan | undefined {
  const [left, right] = [isEmpty(node.left), isEmpty(node.right)]
  if (!left && !right) return undefined
  switch (node.type) {
    case 'inner':
    case 'semi':
      return empty(node.schema)
    case 'left':
      return left ? empty(node.schema) : extend(node.left, node.right.schema.map(nullOf), namesOf(node.right))
    case 'anti':
      return left ? empty(node.schema) : node.left
    default:
      return left && right ? empty(node.schema) : undefined
  }
}

const namesOf = (plan: LogicalPlan): readonly string[] => plan.schema.map((def) => def.name)

function withoutEmpty(node: Extract<LogicalPlan, { kind: 'unionAll' }>): LogicalPlan | undefined {
  const left = node.inputs.filter((input) => !isEmpty(input))
  if (left.length === node.inputs.length) return undefined
  return left.length === 0 ? empty(node.schema) : left.length === 1 ? left[0] : unionAll(left)
}
