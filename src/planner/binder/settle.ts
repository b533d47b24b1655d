// The types of a query's columns, once it is known what they are wanted for: untyped literals in its select list become
// values of the wanted type (text where nothing is wanted), other columns are converted by a projection on top.

import type { SqlType } from '../../core/type.ts'
import type { CastContext } from '../../functions/registry.ts'
import type { Expr } from '../expr.ts'
import { text, toPhysical } from '../expr-build.ts'
import type { LogicalPlan } from '../logical.ts'
import { choose, columnOf, distinct, filter, project, top, values } from '../plan-build.ts'
import { coerce, type TypeContext } from '../types/coerce.ts'
import { commonPhysical, sameLayout } from '../types/physical.ts'

/** Untyped columns become text: how every query ends that nobody asks for anything. */
export const settle = (types: TypeContext, plan: LogicalPlan): LogicalPlan =>
  typeUnknowns(
    types,
    plan,
    plan.schema.map(() => text),
  )

const hasUnknown = (plan: LogicalPlan): boolean => plan.schema.some((def) => def.type.kind === 'unknown')

/** Gives the untyped columns the type at their place in `wanted`, where the literals stand. */
export function typeUnknowns(types: TypeContext, plan: LogicalPlan, wanted: readonly SqlType[]): LogicalPlan {
  if (!hasUnknown(plan)) return plan
  const typed = (exprs: readonly Expr[]): readonly Expr[] => exprs.map((expr, i) => typeOne(types, expr, wanted[i]))
  switch (plan.kind) {
    case 'project':
      return project(
        plan.input,
        typed(plan.columns),
        plan.schema.map((def) => def.name),
      )
    case 'values': {
      const rows = plan.rows.map(typed)
      const schema = plan.schema.map((def, i) => {
        if (def.type.kind !== 'unknown') return def
        const physicals = rows.map((row) => row[i]!.physical)
        const type = wanted[i] ?? text
        return { ...def, type, physical: commonPhysical(type, physicals) }
      })
      return values(rows, schema)
    }
    case 'distinct':
      return distinct(typeUnknowns(types, plan.input, wanted))
    case 'filter':
      return filter(typeUnknowns(types, plan.input, wanted), plan.predicate)
    case 'top':
      return top(typeUnknowns(types, plan.input, wanted), plan)
    default:
      return plan
  }
}

const typeOne = (types: TypeContext, expr: Expr, wanted: SqlType | undefined): Expr =>
  expr.type.kind === 'unknown' ? coerce(types, expr, wanted ?? text, 'assignment') : expr

/** The plan with each column as `exprs` has it: expressions over its own columns. Itself where they are just those. */
export function convertColumns(plan: LogicalPlan, exprs: readonly Expr[]): LogicalPlan {
  const same = exprs.every((expr, i) => expr.kind === 'column' && expr.index === i)
  if (same) return plan
  return project(
    plan,
    exprs,
    plan.schema.map((def) => def.name),
  )
}

/** The plan with columns of these types, converted as `context` allows. */
export function convertTo(
  types: TypeContext,
  plan: LogicalPlan,
  wanted: readonly SqlType[],
  context: CastContext,
): LogicalPlan {
  const typed = typeUnknowns(types, plan, wanted)
  return convertColumns(
    typed,
    typed.schema.map((_, i) => coerce(types, columnOf(typed.schema, i), wanted[i]!, context)),
  )
}

/** Brings inputs of one union to one physical kind for each column. */
export function unifyPhysical(inputs: readonly LogicalPlan[]): readonly LogicalPlan[] {
  const physicals = inputs[0]!.schema.map((def, i) =>
    commonPhysical(
      def.type,
      inputs.map((input) => input.schema[i]!.physical),
    ),
  )
  return inputs.map((input) =>
    input.schema.every((def, i) => sameLayout(def.physical, physicals[i]!))
      ? input
      : convertColumns(
          input,
          input.schema.map((_, i) => toPhysical(columnOf(input.schema, i), physicals[i]!)),
        ),
  )
}

/** Columns beyond the first `count` are dropped: those that only ORDER BY needed. */
export const keepFirst = (plan: LogicalPlan, count: number): LogicalPlan =>
  choose(
    plan,
    Array.from({ length: count }, (_, i) => i),
  )
