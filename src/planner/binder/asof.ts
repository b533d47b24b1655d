// ASOF JOIN: each left row with the nearest right row. ON names equalities and one comparison of a left with a right
// value, right <= left (or <, >=, >); what is compared becomes columns of the sides.

import { notSupported } from '../../core/error.ts'
import { invalidColumnReference } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { conjuncts, hasSubquery, remap } from '../expr-walk.ts'
import type { Asof, LogicalPlan } from '../logical.ts'
import { type KeyPair, sideOf, splitCondition, unifyPair } from '../lower-join.ts'
import { asof, choose, extend } from '../plan-build.ts'
import type { Place } from './environment.ts'
import { conditionOf, type JoinClause, joinedScope, optional, refuseSameNames, type Source } from './join.ts'
import { mapScope } from './scope.ts'

type Sides = Source & { readonly correlated: boolean }

/** Throws 42P10 where ON has not exactly one comparison besides equalities, 0A000 for RIGHT, FULL and LATERAL. */
export function asofSources(place: Place, left: Source, right: Sides, clause: JoinClause): Source {
  const { type, position } = clause
  if (type !== 'inner' && type !== 'left') throw notSupported(`ASOF ${type.toUpperCase()} JOIN`, clause)
  if (right.correlated) throw notSupported('ASOF JOIN with a LATERAL right side', clause)
  if (clause.condition?.kind !== 'on') throw notSupported('ASOF JOIN without ON', clause)
  refuseSameNames(left.scope, right.scope, position)
  const width = left.plan.schema.length
  const shifted = mapScope(right.scope, (expr) => remap(expr, (index) => index + width))
  const condition = conditionOf(place, left.scope, shifted, clause, [])
  const rightScope = type === 'left' ? optional(shifted) : shifted
  const plan = withColumns(type, left.plan, right.plan, partsOf(condition, width, position))
  return { plan, scope: joinedScope(left.scope, rightScope, [], undefined) }
}

interface Parts {
  readonly keys: readonly KeyPair[]
  readonly nearest: KeyPair & Pick<Asof['nearest'], 'strict' | 'descending'>
}

const COMPARISONS = new Set(['<', '<=', '>', '>='])

function partsOf(condition: Expr | undefined, width: number, position: number): Parts {
  if (conjuncts(condition).some(hasSubquery))
    throw notSupported('a subquery in the condition of ASOF JOIN', { position })
  const { pairs, residual } = splitCondition(condition, width)
  const [comparison, ...others] = residual.flatMap((expr) => comparisonOf(expr, width) ?? [])
  if (comparison === undefined || others.length > 0 || residual.length > 1)
    throw invalidColumnReference(
      'ON of an ASOF JOIN takes equalities and one comparison (<=, <, >=, >) of a left with a right column',
      position,
    )
  return { keys: pairs, nearest: comparison }
}

/** As `right operator left`. */
function comparisonOf(expr: Expr, width: number): Parts['nearest'] | undefined {
  if (expr.kind !== 'call' || expr.args.length !== 2 || !COMPARISONS.has(expr.function.name)) return undefined
  const [a, b] = expr.args as readonly [Expr, Expr]
  const sides = [sideOf(a, width), sideOf(b, width)]
  if (sides[0] === undefined || sides[1] === undefined || sides[0] === sides[1]) return undefined
  const [left, right] = sides[0] === 'left' ? [a, b] : [b, a]
  const pair = unifyPair({ left, right: remap(right, (index) => index - width), nullSafe: false })
  const { name } = expr.function
  const lessIsRight = name.startsWith('<') === (sides[0] === 'right')
  return pair && { ...pair, strict: name.length === 1, descending: !lessIsRight }
}

/** What is compared as columns; those that had to be added go again. */
function withColumns(type: Asof['type'], left: LogicalPlan, right: LogicalPlan, { keys, nearest }: Parts): LogicalPlan {
  const l = added(
    left,
    [...keys, nearest].map((pair) => pair.left),
  )
  const r = added(
    right,
    [...keys, nearest].map((pair) => pair.right),
  )
  const { strict, descending } = nearest
  const joined = asof(type, l.plan, r.plan, {
    keys: keys.map(({ nullSafe }, i) => ({ left: l.columns[i]!, right: r.columns[i]!, nullSafe })),
    nearest: { left: l.columns.at(-1)!, right: r.columns.at(-1)!, strict, descending },
  })
  const width = l.plan.schema.length
  return choose(joined, [...left.schema.map((_, i) => i), ...right.schema.map((_, i) => width + i)])
}

function added(plan: LogicalPlan, exprs: readonly Expr[]): { plan: LogicalPlan; columns: readonly number[] } {
  const computed: Expr[] = []
  const columns = exprs.map((expr) =>
    expr.kind === 'column' ? expr.index : plan.schema.length + computed.push(expr) - 1,
  )
  return { plan: extend(plan, computed), columns }
}
