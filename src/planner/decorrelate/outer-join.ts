// Subqueries in the ON clause of an outer join.
//
// One that reads one side is a value that this side gets before the join. One that reads both sides makes the join
// lateral:
//
//   L LEFT JOIN R ON p      =>      L LEFT JOIN LATERAL (SELECT * FROM R WHERE p) ON TRUE
//
// RIGHT is LEFT with the sides exchanged; FULL with such a condition is refused.

import { notSupported } from '../../core/error.ts'
import type { Expr } from '../expr.ts'
import { and } from '../expr-build.ts'
import { conjuncts, hasSubquery, mapChildren, rewriteExpr } from '../expr-walk.ts'
import { type Apply, type Join, type LogicalPlan, planOf } from '../logical.ts'
import { apply, choose, filter, join } from '../plan-build.ts'
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

/** The lateral form, where some condition with a subquery reads both sides; undefined where none does. */
export function asLateral(node: Join): LogicalPlan | undefined {
  const width = node.left.schema.length
  const all = conjuncts(node.condition)
  const crossing = all.find((one) => hasSubquery(one) && sideOf(one, width) === 'both')
  if (crossing === undefined) return undefined
  if (node.type === 'left') return lateral(node)
  if (node.type !== 'right')
    throw notSupported('a subquery in the ON clause of a FULL JOIN that reads both sides', crossing)
  const rightWidth = node.right.schema.length
  const swapped = all.map((one) =>
    mapLevel(one, (column) => ({
      ...column,
      index: column.index < width ? column.index + rightWidth : column.index - width,
    })),
  )
  const turned = lateral(join('left', node.right, node.left, and(swapped)))
  return choose(
    turned,
    node.schema.map((_, i) => (i < width ? i + rightWidth : i - width)),
  )
}

function lateral({ left, right, condition }: Join): Apply {
  const below = filter(deepen(right, 1), fromBelow(and(conjuncts(condition)), left.schema.length))
  return apply('left', left, below, undefined)
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
