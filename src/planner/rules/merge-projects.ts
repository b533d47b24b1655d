// Two projections in a row are one.
//
//   Project f(c)
//     Project c       =>    Project f(c)
//       X                     X
//
// Does not fire where an expression would be evaluated twice, or a volatile one moved; nor if others read the inner
// one.

import type { Expr } from '../expr.ts'
import { isVolatile, substitute, visitExpr } from '../expr-walk.ts'
import { project } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const mergeProjects = rule('merge-projects', (node, { readers }) => {
  if (node.kind !== 'project' || node.input.kind !== 'project' || readers(node.input) > 1) return undefined
  const { input } = node
  const uses = countUses(node.columns, input.columns.length)
  if (!input.columns.every((expr, i) => isCheap(expr) || (uses[i]! <= 1 && !isVolatile(expr)))) return undefined

  return project(
    input.input,
    node.columns.map((expr) => substitute(expr, input.columns)),
    node.schema.map((def) => def.name),
  )
})

const isCheap = (expr: Expr): boolean => expr.kind === 'column' || expr.kind === 'constant' || expr.kind === 'parameter'

function countUses(exprs: readonly Expr[], width: number): readonly number[] {
  const uses = new Array<number>(width).fill(0)
  for (const expr of exprs)
    visitExpr(expr, (one) => {
      if (one.kind === 'column') uses[one.index]! += 1
    })
  return uses
}
