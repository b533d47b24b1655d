// Row numbers that only select the first rows are a Top: the operator keeps an order, and numbers no row that is not
// shown.
//
//   Filter n <= 3                              Top 3 per p by o, numbered
//     Window per p by o [row_number() n]  =>     X
//       X
//
// rank() keeps ties, dense_rank() the first distinct keys. Fires for `n <= c`, `n < c`, `n = 1` and their mirror
// images, where the number is the window's only call; a bound below 1 lets nothing through.

import type { Expr } from '../expr.ts'
import { and } from '../expr-build.ts'
import { conjuncts } from '../expr-walk.ts'
import type { Top } from '../logical.ts'
import { empty, filter, top } from '../plan-build.ts'
import { rule } from '../rule.ts'

const keeps: Readonly<Record<string, Top['by']>> = { row_number: 'rows', rank: 'ties', dense_rank: 'dense' }

export const topFromRowNumber = rule('top-from-row-number', (node, { readers }) => {
  if (node.kind !== 'filter' || node.input.kind !== 'window' || readers(node.input) > 1) return undefined
  const { input } = node
  const [call] = input.calls
  const by = call && keeps[call.function.name]
  if (input.calls.length !== 1 || by === undefined) return undefined
  const number = input.input.schema.length
  const all = conjuncts(node.predicate)
  const bounds = all.map((one) => boundOf(one, number))
  const limits = bounds.filter((bound) => bound !== undefined)
  if (limits.length === 0) return undefined

  const limit = limits.toSorted((a, b) => Number(a - b))[0]!
  if (limit < 1n) return empty(node.schema)
  const first = top(input.input, { partition: input.partition, order: input.order, limit, by, withNumber: true })
  const rest = all.filter((_, i) => bounds[i] === undefined)
  return rest.length === 0 ? first : filter(first, and(rest))
})

const mirrored: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' }

/** The greatest number that passes the condition, if that is all the condition says. */
function boundOf(expr: Expr, column: number): bigint | undefined {
  if (expr.kind !== 'call' || expr.args.length !== 2) return undefined
  const [left, right] = expr.args as readonly [Expr, Expr]
  const isNumber = (side: Expr): boolean => side.kind === 'column' && side.index === column
  const operator = isNumber(left) ? expr.function.name : isNumber(right) ? mirrored[expr.function.name] : undefined
  const bound = integerOf(isNumber(left) ? right : left)
  if (operator === undefined || bound === undefined) return undefined
  if (operator === '<=') return bound
  if (operator === '<') return bound - 1n
  return operator === '=' && bound === 1n ? 1n : undefined
}

function integerOf(expr: Expr): bigint | undefined {
  if (expr.kind !== 'constant') return undefined
  if (typeof expr.value === 'bigint') return expr.value
  return typeof expr.value === 'number' && Number.isInteger(expr.value) ? BigInt(expr.value) : undefined
}
