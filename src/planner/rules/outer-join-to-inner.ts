// An outer join whose NULL-extended rows a filter above drops anyway is an inner join (or one side less outer).
//
//   Filter r.x = 1                Filter r.x = 1
//     Join left on c       =>       Join inner on c
//
// A condition drops them if it cannot be TRUE when all columns of that side are NULL: a strict comparison of one of
// them, IS NOT NULL, or an AND of which one part does.

import type { Expr } from '../expr.ts'
import { conjuncts } from '../expr-walk.ts'
import type { Join } from '../logical.ts'
import { filter, join } from '../plan-build.ts'
import { rule } from '../rule.ts'

export const outerJoinToInner = rule('outer-join-to-inner', (node, { readers }) => {
  if (node.kind !== 'filter' || node.input.kind !== 'join' || readers(node.input) > 1) return undefined
  const { input } = node
  const width = input.left.schema.length
  const all = conjuncts(node.predicate)
  const dropsRight = all.some((one) => rejectsNulls(one, (column) => column >= width))
  const dropsLeft = all.some((one) => rejectsNulls(one, (column) => column < width))
  const type = reduced(input.type, dropsLeft, dropsRight)
  if (type === input.type) return undefined
  return filter(join(type, input.left, input.right, input.condition), node.predicate)
})

/** `dropsRight`: rows whose right side is NULL are dropped. */
function reduced(type: Join['type'], dropsLeft: boolean, dropsRight: boolean): Join['type'] {
  if (type === 'left') return dropsRight ? 'inner' : type
  if (type === 'right') return dropsLeft ? 'inner' : type
  if (type !== 'full') return type
  if (dropsLeft && dropsRight) return 'inner'
  return dropsRight ? 'right' : dropsLeft ? 'left' : type
}

type IsSide = (column: number) => boolean

/** Not TRUE where all columns of the side are NULL. */
function rejectsNulls(expr: Expr, isSide: IsSide): boolean {
  switch (expr.kind) {
    case 'isNull':
      return expr.negated && isNullOn(expr.input, isSide)
    case 'and':
      return expr.args.some((arg) => rejectsNulls(arg, isSide))
    case 'or':
      return expr.args.every((arg) => rejectsNulls(arg, isSide))
    case 'isTruth':
      return !expr.negated && expr.of !== null && isNullOn(expr.input, isSide)
    default:
      return isNullOn(expr, isSide)
  }
}

/** NULL where all columns of the side are NULL. */
function isNullOn(expr: Expr, isSide: IsSide): boolean {
  switch (expr.kind) {
    case 'column':
      return isSide(expr.index) && expr.type.kind !== 'row'
    case 'call':
      return expr.function.strict && expr.args.some((arg) => isNullOn(arg, isSide))
    case 'cast':
    case 'not':
      return isNullOn(expr.input, isSide)
    case 'inList':
      return expr.list.length > 0 && isNullOn(expr.input, isSide)
    default:
      return false
  }
}
