// A join's condition → key pairs and a residual.
//
// `l = r` with one side over left columns only and the other over right columns only is a key pair; so is IS NOT
// DISTINCT FROM (nullSafe). Sides that are expressions are computed by maps below. Both sides of a pair have one type
// and one physical kind: integers of different width meet in the wider one, NUMERICs of different scale, and all types
// whose equality is not identity, in their equality form.

import { assert } from '../core/assert.ts'
import type { SqlType } from '../core/type.ts'
import type { Expr } from './expr.ts'
import { allOf, castTo } from './expr-build.ts'
import { canFail, columnsOf, conjuncts, isVolatile, remap } from './expr-walk.ts'
import { equalityForm, needsEqualityForm } from './internal-functions.ts'
import type { Asof, Join } from './logical.ts'
import type { JoinNode, PhysicalPlan } from './physical.ts'
import { asofNode, chooseColumns, extendColumns, joinNode } from './physical-build.ts'
import { columnOf } from './plan-build.ts'
import { sameLayout } from './types/physical.ts'
import { widenCast } from './types/widen.ts'

export interface KeyPair {
  /** Over the left row. */
  readonly left: Expr
  /** Over the right row. */
  readonly right: Expr
  readonly nullSafe: boolean
}

export interface SplitCondition {
  readonly pairs: readonly KeyPair[]
  readonly residual: readonly Expr[]
}

/**
 * `leftWidth`: columns of the left side; the condition is over left, then right columns. `constantsLeft`: what reads no
 * column counts as the left side's, so that a null-aware join has its pair also for NULL IN (…).
 */
export function splitCondition(condition: Expr | undefined, leftWidth: number, constantsLeft = false): SplitCondition {
  const pairs: KeyPair[] = []
  const residual: Expr[] = []
  for (const one of conjuncts(condition)) {
    const pair = pairOf(one, leftWidth, constantsLeft)
    if (pair === undefined) residual.push(one)
    else pairs.push(pair)
  }
  return { pairs, residual }
}

function pairOf(expr: Expr, leftWidth: number, constantsLeft: boolean): KeyPair | undefined {
  const sides = equalSides(expr)
  if (sides === undefined || isVolatile(expr)) return undefined
  const side = (one: Expr) =>
    sideOf(one, leftWidth) ?? (constantsLeft && columnsOf(one).length === 0 ? 'left' : undefined)
  const [a, b] = [side(sides.left), side(sides.right)]
  if (a === undefined || b === undefined || a === b) return undefined
  const [left, right] = a === 'left' ? [sides.left, sides.right] : [sides.right, sides.left]
  return unifyPair({ left, right: remap(right, (index) => index - leftWidth), nullSafe: sides.nullSafe })
}

function equalSides(expr: Expr): KeyPair | undefined {
  if (expr.kind === 'call' && expr.function.name === '=' && expr.args.length === 2)
    return { left: expr.args[0]!, right: expr.args[1]!, nullSafe: false }
  if (expr.kind === 'distinctFrom' && expr.negated) return { left: expr.left, right: expr.right, nullSafe: true }
  return undefined
}

export function sideOf(expr: Expr, leftWidth: number): 'left' | 'right' | undefined {
  const columns = columnsOf(expr)
  if (columns.length === 0) return undefined
  if (columns.every((column) => column < leftWidth)) return 'left'
  return columns.every((column) => column >= leftWidth) ? 'right' : undefined
}

/** Both sides in one type and physical kind; undefined where that cannot be done without changing what is equal. */
export function unifyPair(pair: KeyPair): KeyPair | undefined {
  const { left, right, nullSafe } = pair
  const type = widened(left.type, right.type)
  if (type === undefined) return undefined
  const [a, b] = [widen(left, type), widen(right, type)]
  if (needsEqualityForm(a) || needsEqualityForm(b) || !sameLayout(a.physical, b.physical))
    return { left: equalityForm(a), right: equalityForm(b), nullSafe }
  return { left: a, right: b, nullSafe }
}

const textLike = new Set(['text', 'varchar', 'name', 'char'])

function widened(a: SqlType, b: SqlType): SqlType | undefined {
  if (a.kind === b.kind) return a
  if (textLike.has(a.kind) && textLike.has(b.kind)) return { kind: 'text' }
  const ladder = [
    ['int2', 'int4', 'int8'],
    ['float4', 'float8'],
  ].find((kinds) => kinds.includes(a.kind) && kinds.includes(b.kind))
  if (ladder !== undefined) return { kind: ladder[Math.max(ladder.indexOf(a.kind), ladder.indexOf(b.kind))] } as SqlType
  const numbers = new Set(['oid', 'reg'])
  return numbers.has(a.kind) && numbers.has(b.kind) ? { kind: 'oid' } : undefined
}

const widen = (expr: Expr, type: SqlType): Expr =>
  expr.type.kind === type.kind ? expr : castTo(expr, type, widenCast(expr.type, type), false)

/**
 * What can fail over the one row of a side is no key: it is computed for the pairs, so that it does not fail where the
 * other side has no rows.
 */
function splitLazily({ condition, nullAware }: Join, left: PhysicalPlan, right: PhysicalPlan): SplitCondition {
  const width = left.schema.length
  const fails = (expr: Expr, side: PhysicalPlan): boolean =>
    canFail(expr) && side.uniqueKeys.some((key) => key.length === 0)
  const all = conjuncts(condition)
  const split = all.map((one) => splitCondition(one, width, nullAware))
  const isKey = split.map(({ pairs: [pair] }) => {
    if (pair === undefined) return false
    return nullAware || !(fails(pair.left, left) || fails(pair.right, right))
  })
  return { pairs: split.flatMap(({ pairs }, i) => (isKey[i] ? pairs : [])), residual: all.filter((_, i) => !isKey[i]) }
}

/** Keys as columns: the sides extended by what has to be computed. */
export function lowerJoin(plan: Join, left: PhysicalPlan, right: PhysicalPlan): PhysicalPlan {
  const { pairs, residual } = splitLazily(plan, left, right)
  const l = keyColumns(
    left,
    pairs.map((pair) => pair.left),
  )
  const r = keyColumns(
    right,
    pairs.map((pair) => pair.right),
  )
  const [width, extendedWidth] = [left.schema.length, l.extended.schema.length]
  const keys: JoinNode['keys'] = pairs.map(({ nullSafe }, i) => ({
    left: l.columns[i]!,
    right: r.columns[i]!,
    nullSafe,
  }))
  const moved = residual.map((expr) => remap(expr, (index) => (index < width ? index : index - width + extendedWidth)))
  const onlyLeft = plan.type === 'semi' || plan.type === 'anti' || plan.type === 'mark'
  const schema = onlyLeft
    ? [...l.extended.schema, ...plan.schema.slice(width)]
    : [...padded(plan, l.extended, 0, width), ...padded(plan, r.extended, width, plan.schema.length)]
  const node = joinNode({
    type: plan.type,
    left: l.extended,
    right: r.extended,
    keys,
    residual: allOf(moved),
    nullAware: plan.nullAware,
    schema,
  })
  const rightOut = onlyLeft ? plan.schema.length - width : right.schema.length
  const shown = [...left.schema.map((_, i) => i), ...Array.from({ length: rightOut }, (_, i) => extendedWidth + i)]
  return chooseColumns(node, shown)
}

/** The same for ASOF. What is compared is in one form on both sides, in which bytes and numbers order as the values. */
export function lowerAsof(plan: Asof, left: PhysicalPlan, right: PhysicalPlan): PhysicalPlan {
  const pairs = [...plan.keys, { ...plan.nearest, nullSafe: false }].map((key) => {
    const sides = { left: columnOf(left.schema, key.left), right: columnOf(right.schema, key.right) }
    const pair = unifyPair({ ...sides, nullSafe: key.nullSafe })
    assert(pair !== undefined, 'both sides of an ASOF JOIN have been brought to one type')
    return pair
  })
  const sides = {
    left: keyColumns(
      left,
      pairs.map((pair) => pair.left),
    ),
    right: keyColumns(
      right,
      pairs.map((pair) => pair.right),
    ),
  }
  const columns = pairs.map(({ nullSafe }, i) => ({
    left: sides.left.columns[i]!,
    right: sides.right.columns[i]!,
    nullSafe,
  }))
  const [keys, last] = [columns.slice(0, -1), columns.at(-1)!]
  const nearest = { ...plan.nearest, left: last.left, right: last.right }
  const node = asofNode({ type: plan.type, keys, nearest }, sides.left.extended, sides.right.extended)
  const shownRight = right.schema.map((_, i) => sides.left.extended.schema.length + i)
  return chooseColumns(node, [...left.schema.map((_, i) => i), ...shownRight], plan.schema)
}

/** A side's part of the join's schema: its own columns as the plan has them, then those of computed keys. */
function padded(plan: Join, side: PhysicalPlan, from: number, to: number) {
  const own = plan.schema.slice(from, to)
  return [...own, ...side.schema.slice(own.length).map((def) => ({ ...def, nullable: true }))]
}

function keyColumns(input: PhysicalPlan, keys: readonly Expr[]) {
  const computed: Expr[] = []
  const columns = keys.map((key) => (key.kind === 'column' ? key.index : input.schema.length + computed.push(key) - 1))
  return { extended: extendColumns(input, computed, 'key'), columns }
}
