// Subqueries in the ON clause of a join other than an inner one.
//
// One that reads one side is a value that this side gets before the join. One that reads both sides makes the join
// another one:
//
//   L LEFT JOIN R ON p      =>      L LEFT JOIN LATERAL (SELECT * FROM R WHERE p) ON TRUE
//   L SEMI JOIN R ON p      =>      SELECT * FROM L WHERE EXISTS (SELECT FROM R WHERE p); ANTI: NOT EXISTS
//   L FULL JOIN R ON p      =>      L JOIN R ON p  UNION ALL  L ANTI JOIN R ON p  UNION ALL  R ANTI JOIN L ON p
//
// RIGHT is LEFT with the sides exchanged.

import { notSupported } from '../../core/error.ts'
import { defaultPhysical } from '../../core/type.ts'
import type { Expr, SubqueryExpr } from '../expr.ts'
import { and, boolean, not, nullOf } from '../expr-build.ts'
import { conjuncts, hasSubquery, mapChildren, rewriteExpr } from '../expr-walk.ts'
import { type Apply, type Join, type LogicalPlan, planOf } from '../logical.ts'
import { apply, choose, columnOf, filter, join, project, unionAll } from '../plan-build.ts'
import { deepen, mapLevel, mapOuter, visitLevels } from '../plan-walk.ts'

export type Side = 'left' | 'right' | 'both'

/** The sides of the join that the expression reads, its subqueries included; of neither: the right one. */
export function sideOf(expr: Expr, width: number): Side {
  const sides = new Set<Side>()
  visitLevels(expr, (index, depth) => {
    if (depth === 0) sides.add(index < width ? 'left' : 'right')
  })
  return sides.size > 1 ? 'both' : sides.has('left') ? 'left' : 'right'
}

/** The other form, where some condition with a subquery reads both sides; undefined where none does. */
export function withoutCrossing(node: Join): LogicalPlan | undefined {
  const width = node.left.schema.length
  const crossing = conjuncts(node.condition).find((one) => hasSubquery(one) && sideOf(one, width) === 'both')
  if (crossing === undefined) return undefined
  switch (node.type) {
    case 'left':
      return lateral(node)
    case 'right':
      return turnedBack(lateral(turned(node, 'left')), node)
    case 'semi':
    case 'anti':
      return restricted(node)
    case 'full':
      return inThreeParts(node)
    default:
      throw notSupported('a subquery in this join', crossing)
  }
}

/** The join with its sides exchanged. */
function turned({ left, right, condition }: Join, type: Join['type']): Join {
  const [width, rightWidth] = [left.schema.length, right.schema.length]
  const swapped = conjuncts(condition).map((one) =>
    mapLevel(one, (column) => ({
      ...column,
      index: column.index < width ? column.index + rightWidth : column.index - width,
    })),
  )
  return join(type, right, left, and(swapped))
}

function turnedBack(plan: LogicalPlan, { left, right, schema }: Join): LogicalPlan {
  const [width, rightWidth] = [left.schema.length, right.schema.length]
  return choose(
    plan,
    schema.map((_, i) => (i < width ? i + rightWidth : i - width)),
  )
}

/** The right rows that fit, one level below the left one. */
const fitting = ({ left, right, condition }: Join): LogicalPlan =>
  filter(deepen(right, 1), fromBelow(and(conjuncts(condition)), left.schema.length))

const lateral = (node: Join): Apply => apply('left', node.left, fitting(node), undefined)

function restricted(node: Join): LogicalPlan {
  const exists: SubqueryExpr = {
    kind: 'subquery',
    plan: fitting(node),
    form: { kind: 'exists' },
    type: boolean,
    physical: defaultPhysical(boolean),
    nullable: false,
    position: undefined,
  }
  return filter(node.left, node.type === 'anti' ? not(exists) : exists)
}

function inThreeParts(node: Join): LogicalPlan {
  const { left, right, condition, schema } = node
  const width = left.schema.length
  const nulls = schema.map(nullOf)
  const alone = (plan: LogicalPlan, from: number): LogicalPlan =>
    project(
      plan,
      schema.map((_, i) => (plan.schema[i - from] === undefined ? nulls[i]! : columnOf(plan.schema, i - from))),
      schema.map((def) => def.name),
    )
  return unionAll([
    join('inner', left, right, condition),
    alone(restricted(join('anti', left, right, condition)), 0),
    alone(restricted(turned(node, 'anti')), width),
  ])
}

/** A condition over left, then right columns, as one over the right row one level below the left one. */
function fromBelow(expr: Expr, width: number): Expr {
  return rewriteExpr(expr, (node) => {
    if (node.kind === 'column')
      return node.index < width ? { ...node, kind: 'outer', depth: 1 } : { ...node, index: node.index - width }
    if (node.kind === 'outer') return { ...node, depth: node.depth + 1 }
    if (node.kind !== 'subquery') return undefined
    const plan = mapOuter(planOf(node), (outer, nesting) => {
      if (outer.depth <= nesting) return undefined
      const isRight = outer.depth === nesting + 1 && outer.index >= width
      return isRight ? { ...outer, index: outer.index - width } : { ...outer, depth: outer.depth + 1 }
    })
    return { ...mapChildren(node, (child) => fromBelow(child, width)), plan } as Expr
  })
}
