// Subqueries in expressions → joins that add the values they stand for as columns.
//
//   scalar           the row's column; of what may be several rows, least value and count: the error of a second row is
//                    then raised where the value is used, and nowhere else (operators spec §7.1). So is what
//                    can fail of a single row's column: the row it is computed from is joined
//   EXISTS           a mark; uncorrelated: count > 0 of a one-row relation
//   x = ANY (q)      a null-aware mark, if nothing in q is correlated: what is joined on D too is not null-aware
//   x op ANY | ALL   how many comparisons are TRUE, FALSE, NULL: grouped by D like any other correlated aggregate
//
// Where a condition of WHERE is nothing but EXISTS or IN, a semi or anti join drops the rows itself.

import { notSupported } from '../../core/error.ts'
import type { AggregateFunction } from '../../functions/registry.ts'
import type { Expr, SubqueryExpr } from '../expr.ts'
import { and, boolean, call, caseOf, constant, FALSE, int8, isTruth, not, or, TRUE } from '../expr-build.ts'
import { canFail, isVolatile } from '../expr-walk.ts'
import { onlyValue } from '../internal-functions.ts'
import { leastMember } from '../least-member.ts'
import type { LogicalCall, LogicalPlan, Project } from '../logical.ts'
import { atMostOneRow, exactlyOneRow } from '../logical-facts.ts'
import { aggregate, columnOf, filter, project } from '../plan-build.ts'
import { hasOuter, outerColumnsOf, seenFrom } from '../plan-walk.ts'
import type { TypeContext } from '../types/coerce.ts'
import { resolveOverload } from '../types/overload.ts'
import { dependentJoin } from './dependent-join.ts'
import { joinCondition } from './pull-up.ts'

/** A subquery with its plan decorrelated inside: only columns of the levels above it are left. */
export type Ready = SubqueryExpr & { readonly inner: LogicalPlan }

interface Attached {
  /** The input's columns, then others. */
  readonly plan: LogicalPlan
  /** The subquery's value over that row. */
  readonly value: Expr
}

export function attach(input: LogicalPlan, { form, inner }: Ready, types: TypeContext): Attached {
  switch (form.kind) {
    case 'scalar':
      return attachScalar(input, inner, types)
    case 'exists':
      return attachExists(input, inner, types)
    case 'quantified':
      return isMembership(form) && form.inputs.length === 1 && !hasOuter(inner)
        ? attachMembership(input, { form, inner }, types)
        : attachQuantified(input, { form, inner }, types)
  }
}

type Quantified = Extract<SubqueryExpr['form'], { kind: 'quantified' }>

const isMembership = (form: Quantified): boolean =>
  form.quantifier === 'any' && form.operators.every((operator) => operator.name === '=')

function attachScalar(input: LogicalPlan, inner: LogicalPlan, types: TypeContext): Attached {
  const width = input.schema.length
  if (atMostOneRow(inner)) {
    const computed = inner.kind === 'project' ? attachComputed(input, inner, types) : undefined
    if (computed !== undefined) return computed
    const plan = attachRow(input, inner, types)
    return { plan, value: columnOf(plan.schema, width) }
  }
  const counted = aggregate(inner, [], [leastCall(inner), countCall(types)], { global: true })
  const plan = attachRow(input, counted, types)
  return { plan, value: onlyValue(columnOf(plan.schema, width), columnOf(plan.schema, width + 1)) }
}

/** The expression of a single row, where it can fail, over the row that it is computed from. */
function attachComputed(input: LogicalPlan, inner: Project, types: TypeContext): Attached | undefined {
  const [column] = inner.columns as readonly [Expr]
  if (!canFail(column) || isVolatile(column) || !atMostOneRow(inner.input)) return undefined
  const width = input.schema.length
  const value = joinCondition([column], width)[0]!
  const row = inner.input
  if (isUnit(row)) return { plan: input, value }
  if (exactlyOneRow(row)) return { plan: attachRow(input, row, types), value }
  const own = row.schema.map((_, i) => columnOf(row.schema, i))
  const plan = attachRow(input, project(row, [...own, TRUE]), types)
  const isThere = isTruth(columnOf(plan.schema, width + own.length), true, false)
  const none = constant(column.type, null)
  return { plan, value: caseOf([{ condition: isThere, result: value }], none, column.type) }
}

const isUnit = (plan: LogicalPlan): boolean =>
  plan.kind === 'values' && plan.rows.length === 1 && plan.schema.length === 0

/** Each input row with the subquery's row, or with NULLs. */
const attachRow = (input: LogicalPlan, inner: LogicalPlan, types: TypeContext): LogicalPlan =>
  dependentJoin(
    {
      type: exactlyOneRow(inner) ? 'inner' : 'left',
      left: input,
      right: inner,
      condition: undefined,
      nullAware: false,
    },
    types,
  )

const leastCall = (inner: LogicalPlan): LogicalCall => ({
  function: leastMember,
  args: [0],
  distinct: false,
  filter: undefined,
  order: [],
  direct: [],
  type: inner.schema[0]!.type,
})

function aggregateOf(types: TypeContext, name: string, args: readonly number[]): LogicalCall {
  const argTypes = args.map(() => boolean)
  const functions: readonly AggregateFunction[] = types.registry.aggregates.get(name) ?? []
  const chosen = resolveOverload(types.registry, functions, argTypes)
  if (typeof chosen === 'string') throw notSupported(`the aggregate ${name}`)
  return {
    function: chosen.function,
    args,
    distinct: false,
    filter: undefined,
    order: [],
    direct: [],
    type: chosen.result,
  }
}

const countCall = (types: TypeContext): LogicalCall => aggregateOf(types, 'count', [])

/** `count > 0`, as a comparison the registry has. */
function isPositive(types: TypeContext, count: Expr): Expr {
  const greater = resolveOverload(types.registry, types.registry.scalars.get('>') ?? [], [int8, int8])
  if (typeof greater === 'string') throw notSupported('comparing bigints')
  return call(greater.function, [count, constant(int8, 0n)], boolean)
}

function attachExists(input: LogicalPlan, inner: LogicalPlan, types: TypeContext): Attached {
  const width = input.schema.length
  if (outerColumnsOf(inner).length === 0) {
    const plan = attachRow(input, aggregate(inner, [], [countCall(types)], { global: true }), types)
    return { plan, value: isPositive(types, columnOf(plan.schema, width)) }
  }
  const parts = { type: 'mark', left: input, right: inner, condition: undefined, nullAware: false } as const
  const plan = dependentJoin(parts, types)
  return { plan, value: columnOf(plan.schema, width) }
}

interface QuantifiedParts {
  readonly form: Quantified
  readonly inner: LogicalPlan
}

/** Comparisons of the inputs with the subquery's columns, which stand at `offset`. */
const comparisons = ({ form, inner }: QuantifiedParts, offset: number, inputs = form.inputs): readonly Expr[] =>
  inputs.map((item, i) =>
    call(form.operators[i]!, [item, { ...columnOf(inner.schema, i), index: offset + i }], boolean),
  )

function attachMembership(input: LogicalPlan, parts: QuantifiedParts, types: TypeContext): Attached {
  const width = input.schema.length
  const condition = and(comparisons(parts, width))
  const plan = dependentJoin({ type: 'mark', left: input, right: parts.inner, condition, nullAware: true }, types)
  return { plan, value: columnOf(plan.schema, width) }
}

/**
 * ANY: TRUE if one comparison is, else NULL if one is, else FALSE. ALL: FALSE if one is, else NULL if one is, else
 * TRUE.
 */
function attachQuantified(input: LogicalPlan, parts: QuantifiedParts, types: TypeContext): Attached {
  const { form, inner } = parts
  const inputs = form.inputs.map((item) => seenFrom(item, 1))
  const compared = project(inner, [outcome(parts, inputs)])
  const isAny = form.quantifier === 'any'
  const calls = [
    aggregateOf(types, isAny ? 'bool_or' : 'bool_and', [0]),
    countCall(types),
    aggregateOf(types, 'count', [0]),
  ]
  const plan = attachRow(input, aggregate(compared, [], calls, { global: true }), types)
  const width = input.schema.length
  const [decided, all, known] = [0, 1, 2].map((i) => columnOf(plan.schema, width + i)) as [Expr, Expr, Expr]
  const greater = resolveOverload(types.registry, types.registry.scalars.get('>') ?? [], [int8, int8])
  if (typeof greater === 'string') throw notSupported('comparing bigints')
  const someUnknown = call(greater.function, [all, known], boolean)
  const value = caseOf(
    [
      { condition: isTruth(decided, isAny, false), result: isAny ? TRUE : FALSE },
      { condition: someUnknown, result: constant(boolean, null) },
    ],
    isAny ? FALSE : TRUE,
    boolean,
  )
  return { plan, value }
}

/** (a, b) <> (c, d) is a <> c OR b <> d; (a, b) <= (c, d) is a < c OR (a = c AND b <= d). */
function outcome(parts: QuantifiedParts, inputs: readonly Expr[]): Expr {
  const { operators, equals } = parts.form
  const each = comparisons(parts, 0, inputs)
  if (equals.length === 0)
    return each.length > 1 && operators.every((operator) => operator.name === '<>') ? or(each) : and(each)
  const same = comparisons({ ...parts, form: { ...parts.form, operators: equals } }, 0, inputs.slice(0, -1))
  return each.reduceRight((rest, one, i) => or([one, and([same[i]!, rest])]))
}

/** A condition that is nothing but EXISTS, IN or their negation, as a join that drops rows; undefined: it is not. */
export function restrict(
  input: LogicalPlan,
  subquery: Ready,
  negated: boolean,
  types: TypeContext,
): LogicalPlan | undefined {
  const { form, inner } = subquery
  const width = input.schema.length
  if (form.kind === 'exists') {
    if (outerColumnsOf(inner).length === 0) return restrictByCount(input, inner, negated, types)
    const type = negated ? 'anti' : 'semi'
    return dependentJoin({ type, left: input, right: inner, condition: undefined, nullAware: false }, types)
  }
  if (form.kind !== 'quantified') return undefined
  const parts = { form, inner }
  if (isMembership(form) && !negated)
    return dependentJoin(
      { type: 'semi', left: input, right: inner, condition: and(comparisons(parts, width)), nullAware: false },
      types,
    )
  return isMembership(form) || isNonMembership(form) ? restrictNotIn(input, parts, negated, types) : undefined
}

const isNonMembership = (form: Quantified): boolean =>
  form.quantifier === 'all' && form.inputs.length === 1 && form.operators[0]!.name === '<>'

/** NOT IN and <> ALL: a plain anti join where no side can be NULL, else the null-aware one. */
function restrictNotIn(
  input: LogicalPlan,
  parts: QuantifiedParts,
  negated: boolean,
  types: TypeContext,
): LogicalPlan | undefined {
  const { form, inner } = parts
  if (negated !== isMembership(form)) return undefined
  const equals = form.operators.map((operator) => operatorNamed(types, operator, '='))
  const condition = and(comparisons({ inner, form: { ...form, operators: equals } }, input.schema.length))
  const neverNull = form.inputs.every((item, i) => !item.nullable && !inner.schema[i]!.nullable)
  if (neverNull) return dependentJoin({ type: 'anti', left: input, right: inner, condition, nullAware: false }, types)
  if (form.inputs.length > 1 || hasOuter(inner)) return undefined
  return dependentJoin({ type: 'anti', left: input, right: inner, condition, nullAware: true }, types)
}

/** The operator of another name over the same types. */
function operatorNamed(types: TypeContext, like: Quantified['operators'][number], name: string) {
  if (like.name === name) return like
  const found = types.registry.scalars
    .get(name)
    ?.find((one) => one.args.length === 2 && one.args.every((arg, i) => arg === like.args[i]))
  if (found === undefined) throw notSupported(`${like.name} ALL over these types`)
  return found
}

function restrictByCount(input: LogicalPlan, inner: LogicalPlan, negated: boolean, types: TypeContext): LogicalPlan {
  const counted = aggregate(inner, [], [countCall(types)], { global: true })
  const positive = isPositive(types, columnOf(counted.schema, 0))
  const one = project(filter(counted, negated ? not(positive) : positive), [])
  return dependentJoin({ type: 'inner', left: input, right: one, condition: undefined, nullAware: false }, types)
}
