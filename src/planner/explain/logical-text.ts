// Logical plans as text: EXPLAIN (LOGICAL) and EXPLAIN (OPTIMIZED).

import { unreachable } from '../../core/assert.ts'
import type { Schema } from '../../core/schema.ts'
import type { Expr, SubqueryExpr } from '../expr.ts'
import { visitExpr } from '../expr-walk.ts'
import { type LogicalCall, type LogicalPlan, planOf } from '../logical.ts'
import type { AsofNode, SortKey } from '../physical.ts'
import { exprsOf, inputsOf } from '../plan-walk.ts'
import { type TimeWindows, windowsText } from '../time-window.ts'
import { columnText, exprText } from './expr-text.ts'
import { printTree, type TreeNode } from './tree.ts'

export const logicalText = (plan: LogicalPlan): string => printTree(plan, describe, namedInputs)

function namedInputs(plan: LogicalPlan) {
  const headings = plan.kind === 'recursion' ? ['base', 'step'] : []
  const inputs = inputsOf(plan).map((node, i) => ({ heading: headings[i], node }))
  const subqueries = exprsOf(plan).flatMap(subqueriesOf)
  return [...inputs, ...subqueries.map((one) => ({ heading: 'subquery', node: planOf(one) }))]
}

function subqueriesOf(expr: Expr): readonly SubqueryExpr[] {
  const found: SubqueryExpr[] = []
  visitExpr(expr, (node) => {
    if (node.kind === 'subquery') found.push(node)
  })
  return found
}

export const columnsText = (schema: Schema, columns: readonly number[]): string =>
  columns.map((column) => columnText(schema, column)).join(', ')

export const orderText = (schema: Schema, order: readonly SortKey[]): string =>
  order
    .map(({ column, descending, nullsFirst }) => {
      const nulls = nullsFirst === descending ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'
      return `${columnText(schema, column)}${descending ? ' DESC' : ''}${nulls}`
    })
    .join(', ')

export const projectionText = (columns: readonly Expr[], input: Schema, names: Schema): string =>
  columns
    .map((expr, i) => {
      const text = exprText(expr, input)
      const { name } = names[i]!
      return expr.kind === 'column' && input[expr.index]?.name === name
        ? text
        : `${text} AS ${columnText([names[i]!], 0)}`
    })
    .join(', ')

type CallLike = Omit<LogicalCall, 'type'>

export function callText(call: CallLike, input: Schema): string {
  const args = columnsText(input, call.args) || (call.direct.length === 0 ? '*' : '')
  const direct = call.direct.map((expr) => exprText(expr, []))
  const order = call.order.length === 0 ? '' : ` ORDER BY ${orderText(input, call.order)}`
  const filter = call.filter === undefined ? '' : ` FILTER (${columnText(input, call.filter)})`
  return `${call.function.name}(${call.distinct ? 'DISTINCT ' : ''}${[...direct, args].join(', ')}${order})${filter}`
}

function describe(plan: LogicalPlan): TreeNode {
  const line = (label: string): TreeNode => ({ label, details: [] })
  switch (plan.kind) {
    case 'get':
      return line(`Get ${plan.relation.name} [${plan.schema.map((def) => def.name).join(', ')}]`)
    case 'values':
      return line(`Values ${plan.rows.length} row${plan.rows.length === 1 ? '' : 's'}${valuesText(plan.rows)}`)
    case 'project':
      return line(`Project ${projectionText(plan.columns, plan.input.schema, plan.schema)}`)
    case 'filter':
      return line(`Filter ${exprText(plan.predicate, plan.input.schema)}`)
    case 'join':
    case 'apply': {
      const both = [...plan.left.schema, ...plan.right.schema]
      const on = plan.condition === undefined ? '' : ` on ${exprText(plan.condition, both)}`
      const nullAware = plan.kind === 'join' && plan.nullAware ? ' null-aware' : ''
      return line(`${plan.kind === 'join' ? 'Join' : 'Apply'} ${plan.type}${nullAware}${on}`)
    }
    case 'asof':
      return line(asofText(plan))
    case 'aggregate': {
      const keys = plan.global ? 'all' : `by [${columnsText(plan.input.schema, plan.groupKeys)}]`
      return line(`Aggregate ${keys} [${plan.calls.map((call) => callText(call, plan.input.schema)).join(', ')}]`)
    }
    case 'recursion':
      return line(`Recursion ${plan.token.name}${plan.all ? ' all' : ''}`)
    case 'feed':
      return line(`Feed ${plan.token.name}`)
    case 'distinct':
      return line('Distinct')
    case 'unionAll':
      return line('UnionAll')
    case 'setOperation':
      return line(`${plan.operation === 'except' ? 'Except' : 'Intersect'}${plan.all ? ' all' : ''}`)
    case 'top':
      return line(topText(plan, plan.input.schema))
    case 'window': {
      const over = windowText(plan, plan.input.schema)
      return line(`Window ${over} [${plan.calls.map((call) => windowCallText(call, plan.input.schema)).join(', ')}]`)
    }
    case 'tableCall':
      return line(tableCallText(plan, plan.input.schema))
    case 'timeWindow':
      return line(timeWindowText(plan, plan.input.schema))
    default:
      return unreachable(plan)
  }
}

type AsofLike = Pick<AsofNode, 'type' | 'keys' | 'nearest'> & {
  readonly left: { readonly schema: Schema }
  readonly right: { readonly schema: Schema }
}

export function asofText({ type, keys, nearest, left, right }: AsofLike): string {
  const text = (pair: { readonly left: number; readonly right: number }, operator: string): string =>
    `${columnText(left.schema, pair.left)} ${operator} ${columnText(right.schema, pair.right)}`
  const equal = keys.map((key) => text(key, key.nullSafe ? '<=>' : '='))
  const order = `${nearest.descending ? '<' : '>'}${nearest.strict ? '' : '='}`
  return `Asof ${type} on ${[...equal, text(nearest, order)].join(' and ')}`
}

const valuesText = (rows: readonly (readonly Expr[])[]): string =>
  rows.length > 4 || rows.every((row) => row.length === 0)
    ? ''
    : ` ${rows.map((row) => `(${row.map((expr) => exprText(expr, [])).join(', ')})`).join(' ')}`

interface TopLike {
  readonly partition: readonly number[]
  readonly order: readonly SortKey[]
  readonly limit: bigint | undefined
  readonly offset: bigint
  readonly by: 'rows' | 'ties' | 'dense'
  readonly withNumber: boolean
}

export function topText(plan: TopLike, input: Schema): string {
  const parts = [
    plan.limit === undefined ? 'all' : String(plan.limit),
    plan.offset === 0n ? '' : `offset ${plan.offset}`,
    plan.by === 'rows' ? '' : plan.by,
    plan.partition.length === 0 ? '' : `per [${columnsText(input, plan.partition)}]`,
    plan.order.length === 0 ? '' : `by [${orderText(input, plan.order)}]`,
    plan.withNumber ? 'numbered' : '',
  ]
  return `Top ${parts.filter((part) => part !== '').join(' ')}`
}

export const timeWindowText = (plan: { readonly time: number; readonly windows: TimeWindows }, input: Schema): string =>
  windowsText(plan.windows, columnText(input, plan.time), (columns) => columnsText(input, columns))

export const windowText = (plan: Pick<TopLike, 'partition' | 'order'>, input: Schema): string =>
  `per [${columnsText(input, plan.partition)}] by [${orderText(input, plan.order)}]`

export const windowCallText = (
  call: { readonly function: { readonly name: string }; readonly args: readonly number[] },
  input: Schema,
): string => `${call.function.name}(${columnsText(input, call.args)})`

interface TableCallLike {
  readonly calls: readonly { readonly function: { readonly name: string }; readonly args: readonly Expr[] }[]
  readonly ordinality: boolean
  readonly outer: boolean
}

export function tableCallText({ calls, ordinality, outer }: TableCallLike, input: Schema): string {
  const shown = calls.map((call) => `${call.function.name}(${call.args.map((arg) => exprText(arg, input)).join(', ')})`)
  return `TableFunction ${shown.join(', ')}${ordinality ? ' with ordinality' : ''}${outer ? ' outer' : ''}`
}
