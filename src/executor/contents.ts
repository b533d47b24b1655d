// Which key table holds what a plan has emitted: a view over such a plan needs no rows of its own (spec/engine.md §4).
//
//   Aggregate, Distinct                                   its key table
//   Map (references, expressions that cannot fail)        the same table, the expressions evaluated when it is read
//     Aggregate, Distinct
//
// Not with a filter (HAVING) above, nor with an expression that can fail, or that another moment would answer
// differently.

import { assert } from '../core/assert.ts'
import type { Batch, Column } from '../core/batch.ts'
import { columnFromValues } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import { concat } from '../core/primitives/concat.ts'
import type { Region } from '../core/region.ts'
import { canFail, isImmutable } from '../planner/expr-walk.ts'
import type { MapNode, PhysicalPlan } from '../planner/physical.ts'
import type { ViewContents } from '../storage/view-store.ts'
import type { Environment } from './expr/closures.ts'
import { rowProgram } from './expr/program.ts'
import type { Operator } from './operator.ts'

export function contentsOf(
  plan: PhysicalPlan,
  operatorOf: (plan: PhysicalPlan) => Operator,
  env: Environment,
): ViewContents | undefined {
  if (plan.kind !== 'map') return operatorOf(plan).contents
  const { contents } = operatorOf(plan.input)
  if (contents === undefined || plan.predicate !== undefined) return undefined
  const fields = plan.columns.map((expr) => (expr.kind === 'column' ? contents.fields[expr.index]! : -1))
  if (!fields.includes(-1)) return { ...contents, fields }
  if (plan.columns.some((expr) => canFail(expr) || !isImmutable(expr))) return undefined
  return { ...contents, fields, computed: { inputs: contents.fields, evaluate: evaluator(plan, env) } }
}

/** Whether what the plan emits in one epoch holds each row once: −old and +new of groups, where they differ. */
export function emitsConsolidated(plan: PhysicalPlan): boolean {
  if (plan.kind !== 'map') return plan.kind === 'aggregate' || plan.kind === 'distinct'
  const shown = new Set(plan.columns.map((expr) => (expr.kind === 'column' ? expr.index : undefined)))
  return plan.input.schema.every((_, column) => shown.has(column)) && emitsConsolidated(plan.input)
}

function evaluator(plan: MapNode, env: Environment): (rows: Batch, region: Region) => readonly Column[] {
  const { columns, schema, input } = plan
  const program = rowProgram({ label: 'Map', predicate: undefined, columns, schema }, env, input.schema)
  return (rows, region) => {
    if (rows.length === 0) return schema.map((def) => columnFromValues(def, [], region))
    const parts: Batch[] = []
    program.run(rows, {
      region,
      rows: (batch) => parts.push(batch),
      error: ({ code, message }) => {
        throw new SqlError({ code, message })
      },
      spent: () => false,
    })
    const whole = parts.length === 1 ? parts[0]! : concat(parts, region)
    assert(whole.length === rows.length, 'an expression that cannot fail has a value for each row')
    return whole.columns
  }
}
