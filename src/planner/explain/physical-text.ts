// Physical plans as text: EXPLAIN (PHYSICAL). Marks what matters for state and speed: nested loops, insert-only, keys.
// `a <=> b` is a key pair under IS NOT DISTINCT FROM.

import { unreachable } from '../../core/assert.ts'
import { columnDef, type Schema } from '../../core/schema.ts'
import { type StateBound, stateBounds } from '../cleaning.ts'
import { isTrue } from '../expr-walk.ts'
import type { JoinNode, MapNode, PhysicalPlan, TemporalFilterNode } from '../physical.ts'
import { columnText, exprText } from './expr-text.ts'
import {
  asofText,
  callText,
  columnsText,
  projectionText,
  tableCallText,
  timeWindowText,
  topText,
  windowCallText,
  windowText,
} from './logical-text.ts'
import { printTree, type TreeNode } from './tree.ts'

export function physicalText(plan: PhysicalPlan): string {
  const bounds = stateBounds(plan)
  return printTree(plan, (node) => describe(node, bounds.get(node)), namedInputs)
}

const named = (heading: string | undefined, node: PhysicalPlan) => ({ heading, node })

function namedInputs(plan: PhysicalPlan) {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'feed':
      return []
    case 'recursion':
      return [...plan.inputs.map((input, i) => named(`feed ${i + 1}`, input)), named('body', plan.body)]
    case 'join':
    case 'asof':
    case 'setOperation':
      return [named(undefined, plan.left), named(undefined, plan.right)]
    case 'unionAll':
      return plan.inputs.map((input) => named(undefined, input))
    default:
      return [named(undefined, plan.input)]
  }
}

const describe = (plan: PhysicalPlan, bound: StateBound | undefined): TreeNode => ({
  label: `${labelOf(plan)}${propertiesText(plan)}`,
  details: bound === undefined ? [] : [`state ${boundText(bound)}`],
})

export const boundText = (bound: StateBound): string =>
  bound.kind === 'bounded' ? `bounded by ${bound.by}` : `unbounded because ${bound.because}`

function propertiesText({ insertOnly, uniqueKeys, schema }: PhysicalPlan): string {
  const keys = uniqueKeys.map((key) => `(${columnsText(schema, key)})`).join(' ')
  const parts = [...(insertOnly ? ['insert-only'] : []), ...(keys === '' ? [] : [`key ${keys}`])]
  return parts.length === 0 ? '' : `  {${parts.join(', ')}}`
}

function labelOf(plan: PhysicalPlan): string {
  switch (plan.kind) {
    case 'scan':
      return `Scan ${plan.name} [${plan.schema.map((def) => def.name).join(', ')}]`
    case 'values':
      return `Values ${plan.rows.length}`
    case 'map':
      return mapText(plan)
    case 'tableFunction':
      return tableCallText(plan, plan.input.schema)
    case 'unionAll':
      return 'UnionAll'
    case 'distinct':
      return 'Distinct'
    case 'setOperation':
      return `${plan.operation === 'except' ? 'Except' : 'Intersect'}${plan.all ? ' all' : ''}`
    case 'join':
      return joinText(plan)
    case 'asof':
      return asofText(plan)
    case 'aggregate': {
      const keys = plan.global ? 'all' : `by [${columnsText(plan.input.schema, plan.groupKeys)}]`
      return `Aggregate ${keys} [${plan.calls.map((call) => callText(call, plan.input.schema)).join(', ')}]`
    }
    case 'top':
      return topText(plan, plan.input.schema)
    case 'window': {
      const calls = plan.calls.map((call) => windowCallText(call, plan.input.schema)).join(', ')
      return `Window ${windowText(plan, plan.input.schema)} [${calls}]`
    }
    case 'closeAt':
      return `CloseAt ${columnText(plan.input.schema, plan.column)}${plan.panes ? ' with panes' : ''}`
    case 'temporalFilter':
      return temporalText(plan)
    case 'timeWindow':
      return timeWindowText(plan, plan.input.schema)
    case 'recursion':
      return `Recursion ${plan.name}${plan.all ? ' all' : ''}`
    case 'feed':
      return `Feed ${plan.name}`
    default:
      return unreachable(plan)
  }
}

function mapText({ predicate, columns, input, schema }: MapNode): string {
  const where = predicate === undefined || isTrue(predicate) ? '' : ` where ${exprText(predicate, input.schema)}`
  const whole =
    columns.length === input.schema.length && columns.every((expr, i) => expr.kind === 'column' && expr.index === i)
  return whole && where !== '' ? `Map${where}` : `Map ${projectionText(columns, input.schema, schema)}${where}`
}

function temporalText({ input, comparisons, predicate }: TemporalFilterNode): string {
  const truths = comparisons.map((one) => {
    const [value, bound] = [exprText(one.value, input.schema), exprText(one.bound, input.schema)]
    const sides = one.boundFirst ? [bound, value] : [value, bound]
    return columnDef(`(${sides.join(` ${one.operator.name} `)})`, { kind: 'boolean' })
  })
  return `TemporalFilter ${exprText(predicate, [...input.schema, ...truths])}`
}

function joinText(plan: JoinNode): string {
  const { left, right, keys, residual } = plan
  const both: Schema = [...left.schema, ...right.schema]
  const pair = (key: JoinNode['keys'][number]): string => {
    const sides = [columnText(both, key.left), columnText(both, key.right + left.schema.length)]
    return sides.join(key.nullSafe ? ' <=> ' : ' = ')
  }
  const on = keys.length === 0 ? ' nested loop' : ` on ${keys.map(pair).join(' and ')}`
  const rest = residual === undefined ? '' : ` residual ${exprText(residual, both)}`
  return `Join ${plan.type}${plan.nullAware ? ' null-aware' : ''}${on}${rest}`
}
