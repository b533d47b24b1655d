// Subqueries and LATERAL → joins. Afterwards no expression holds a subquery, no plan reads an outer column: nothing is
// ever evaluated row by row (operators spec §7). What cannot be rewritten is refused by name.

import { assert } from '../../core/assert.ts'
import { notSupported } from '../../core/error.ts'
import type { Expr, SubqueryExpr } from '../expr.ts'
import { allOf } from '../expr-build.ts'
import { canFail, conjuncts, hasSubquery, remap, rewriteExpr, shift } from '../expr-walk.ts'
import {
  type Apply,
  type Filter,
  type Join,
  type LogicalPlan,
  type Project,
  planOf,
  type TableCall,
} from '../logical.ts'
import { choose, filter, join, project, tableCall, unionAll, unit } from '../plan-build.ts'
import { exprsOf, hasOuter, mapLevel, rewritePlan } from '../plan-walk.ts'
import type { TypeContext } from '../types/coerce.ts'
import { dependentJoin } from './dependent-join.ts'
import { sideOf, withoutCrossing } from './outer-join.ts'
import { attach, type Ready, restrict } from './subqueries.ts'

export function decorrelate(plan: LogicalPlan, types: TypeContext): LogicalPlan {
  const result = decorrelateWithin(plan, types)
  assert(!hasOuter(result), 'an outer column is left')
  return result
}

/** Columns of levels above the plan stay. */
function decorrelateWithin(plan: LogicalPlan, types: TypeContext): LogicalPlan {
  return rewritePlan(plan, (node) => {
    if (node.kind === 'apply') return decorrelateApply(node, types)
    if (!exprsOf(node).some(hasSubquery)) return node
    switch (node.kind) {
      case 'filter':
        return inFilter(node, types)
      case 'project':
        return inProject(node, types)
      case 'join':
        return inJoin(node, types)
      case 'tableCall':
        return inTableCall(node, types)
      case 'values':
        return unionAll(
          node.rows.map((row) =>
            inProject(
              rowOf(
                row,
                node.schema.map((def) => def.name),
              ),
              types,
            ),
          ),
        )
      default:
        throw notSupported('a subquery in this place')
    }
  })
}

const rowOf = (row: readonly Expr[], names: readonly string[]): Project => project(unit, row, names)

const ready = (subquery: SubqueryExpr, types: TypeContext): Ready => ({
  ...subquery,
  inner: decorrelateWithin(planOf(subquery), types),
})

/** The input extended by what the expressions' subqueries stand for, and the expressions over that row. */
function extended(input: LogicalPlan, exprs: readonly Expr[], types: TypeContext) {
  let plan = input
  const replace = (expr: Expr): Expr =>
    rewriteExpr(expr, (node) => {
      if (node.kind !== 'subquery') return undefined
      const form = node.form.kind === 'quantified' ? { ...node.form, inputs: node.form.inputs.map(replace) } : node.form
      const attached = attach(plan, ready({ ...node, form }, types), types)
      plan = attached.plan
      return attached.value
    })
  const replaced = exprs.map(replace)
  return { plan, exprs: replaced }
}

const ownColumns = (plan: LogicalPlan, like: LogicalPlan): LogicalPlan =>
  choose(
    plan,
    like.schema.map((_, i) => i),
  )

/**
 * Conditions without subqueries go first where they cannot fail, or stand first. Then each in order: EXISTS and IN by
 * themselves become semi and anti joins, others a filter over the row with the values attached.
 */
function inFilter(node: Filter, types: TypeContext): LogicalPlan {
  const all = conjuncts(node.predicate)
  const firstSubquery = all.findIndex(hasSubquery)
  const isEarly = (one: Expr, i: number): boolean => !hasSubquery(one) && (i < firstSubquery || !canFail(one))
  const early = allOf(all.filter(isEarly))
  let plan = early === undefined ? node.input : filter(node.input, early)
  for (const condition of all.filter((one, i) => !isEarly(one, i))) plan = restrictBy(plan, condition, types)
  return ownColumns(plan, node)
}

function restrictBy(input: LogicalPlan, condition: Expr, types: TypeContext): LogicalPlan {
  const negated = condition.kind === 'not'
  const bare = negated ? condition.input : condition
  if (bare.kind === 'subquery' && !(bare.form.kind === 'quantified' && bare.form.inputs.some(hasSubquery))) {
    const joined = restrict(input, ready(bare, types), negated, types)
    if (joined !== undefined) return joined
  }
  const { plan, exprs } = extended(input, [condition], types)
  return ownColumns(filter(plan, exprs[0]!), input)
}

function inProject(node: Project, types: TypeContext): LogicalPlan {
  const { plan, exprs } = extended(node.input, node.columns, types)
  return project(
    plan,
    exprs,
    node.schema.map((def) => def.name),
  )
}

function inTableCall(node: TableCall, types: TypeContext): LogicalPlan {
  const { plan, exprs } = extended(
    node.input,
    node.calls.flatMap((call) => call.args),
    types,
  )
  let at = 0
  const calls = node.calls.map((call) => ({ ...call, args: call.args.map(() => exprs[at++]!) }))
  const called = tableCall(plan, calls, node)
  const added = plan.schema.length - node.input.schema.length
  const width = node.input.schema.length
  return choose(
    called,
    node.schema.map((_, i) => (i < width ? i : i + added)),
  )
}

/**
 * Subqueries in ON: of an inner join they are a filter above. Of an outer join those that read one side are values that
 * this side gets; one that reads both makes the join another one (outer-join.ts).
 */
function inJoin(node: Join, types: TypeContext): LogicalPlan {
  const all = conjuncts(node.condition)
  if (node.type === 'inner') {
    const plain = join('inner', node.left, node.right, allOf(all.filter((one) => !hasSubquery(one))))
    return decorrelateWithin(filter(plain, allOf(all.filter(hasSubquery))!), types)
  }
  const other = withoutCrossing(node)
  return other === undefined ? inOuterJoin(node, all, types) : decorrelateWithin(other, types)
}

function inOuterJoin(node: Join, conditions: readonly Expr[], types: TypeContext): LogicalPlan {
  const width = node.left.schema.length
  const sides = conditions.map((one) => (hasSubquery(one) ? sideOf(one, width) : undefined))
  const own = (side: 'left' | 'right'): readonly Expr[] => conditions.filter((_, i) => sides[i] === side)
  const left = extended(node.left, own('left'), types)
  const right = extended(
    node.right,
    own('right').map((one) => mapLevel(one, (column) => ({ ...column, index: column.index - width }))),
    types,
  )
  const newWidth = left.plan.schema.length
  const plain = conditions.filter((_, i) => sides[i] === undefined)
  const condition = allOf([
    ...plain.map((one) => remap(one, (index) => (index < width ? index : index - width + newWidth))),
    ...left.exprs,
    ...right.exprs.map((one) => shift(one, newWidth)),
  ])
  const joined = join(node.type, left.plan, right.plan, condition, node.nullAware)
  return choose(
    joined,
    node.schema.map((_, i) => (i < width ? i : i - width + newWidth)),
  )
}

function decorrelateApply(node: Apply, types: TypeContext): LogicalPlan {
  const { type, left, right, condition } = node
  if (condition !== undefined && hasSubquery(condition)) throw notSupported('a subquery in the ON clause of LATERAL')
  return dependentJoin({ type, left, right, condition, nullAware: false }, types)
}
