// Builds physical nodes with their schema and derived properties.

import type { Schema } from '../core/schema.ts'
import type { Expr } from './expr.ts'
import { allOf } from './expr-build.ts'
import { conjuncts, isVolatile, substitute } from './expr-walk.ts'
import type { Aggregate, Get, SetOperation, TableCall, TimeWindow, Top, Values, Window } from './logical.ts'
import type {
  AggregateNode,
  AsofNode,
  CloseAtNode,
  DistinctNode,
  JoinNode,
  MapNode,
  PhysicalPlan,
  ScanNode,
  SetOperationNode,
  TableFunctionNode,
  TemporalFilterNode,
  TimeWindowNode,
  TopNode,
  UnionAllNode,
  ValuesNode,
  WindowNode,
} from './physical.ts'
import { columnOf, defOf } from './plan-build.ts'
import { joinProperties, minimalKeys, projectKeys, timeWindowKeys, topProperties } from './properties.ts'

export function scanNode({ relation, columns, schema }: Get): ScanNode {
  const keys = relation.uniqueKeys
    .filter((key) => key.columns.every((column) => !relation.columns[column]!.nullable))
    .map((key) => key.columns.map((column) => columns.indexOf(column)))
    .filter((key) => !key.includes(-1))
  return {
    kind: 'scan',
    relation: relation.id,
    columns,
    timed: relation.timed,
    settled: relation.settled,
    name: relation.name,
    schema,
    insertOnly: relation.insertOnly,
    uniqueKeys: minimalKeys(keys),
  }
}

export const valuesNode = ({ rows, schema }: Values): ValuesNode => ({
  kind: 'values',
  rows,
  schema,
  insertOnly: true,
  uniqueKeys: rows.length <= 1 ? [[]] : [],
})

/** Filter, then project. Over a map that computes nothing, or only what is passed on once, the two are one. */
export function mapNode(
  input: PhysicalPlan,
  predicate: Expr | undefined,
  columns: readonly Expr[],
  schema: Schema = columns.map((expr, i) => defOf(`column${i + 1}`, expr)),
): MapNode {
  if (input.kind === 'map' && isAbsorbed(input, predicate, columns)) {
    const own = predicate === undefined ? [] : conjuncts(substitute(predicate, input.columns))
    const both = allOf([...conjuncts(input.predicate), ...own])
    return mapNode(
      input.input,
      both,
      columns.map((expr) => substitute(expr, input.columns)),
      schema,
    )
  }
  const { insertOnly } = input
  const fixed = fixedColumns(predicate)
  const keys = input.uniqueKeys.map((key) => key.filter((column) => !fixed.has(column)))
  return { kind: 'map', input, predicate, columns, schema, insertOnly, uniqueKeys: projectKeys(keys, columns) }
}

function isAbsorbed(input: MapNode, predicate: Expr | undefined, columns: readonly Expr[]): boolean {
  if (input.columns.every((expr) => expr.kind === 'column')) return true
  if (predicate !== undefined || !columns.every((expr) => expr.kind === 'column')) return false
  return input.columns.every((expr, i) => {
    const uses = columns.filter((column) => column.kind === 'column' && column.index === i).length
    return expr.kind === 'column' || (uses <= 1 && !isVolatile(expr))
  })
}

/** Columns that the predicate holds to one value: a key needs the others only. */
function fixedColumns(predicate: Expr | undefined): ReadonlySet<number> {
  const fixed = conjuncts(predicate).flatMap((one) => {
    if (one.kind !== 'call' || one.function.name !== '=') return []
    const [left, right] = one.args as readonly [Expr, Expr]
    const isValue = (expr: Expr): boolean => expr.kind === 'constant' || expr.kind === 'parameter'
    if (left.kind === 'column' && isValue(right)) return [left.index]
    return right.kind === 'column' && isValue(left) ? [right.index] : []
  })
  return new Set(fixed)
}

/** Only these columns; the input itself where that is all of them in order. */
export function chooseColumns(input: PhysicalPlan, columns: readonly number[], names?: Schema): PhysicalPlan {
  if (columns.length === input.schema.length && columns.every((column, i) => column === i)) return input
  const exprs = columns.map((column) => columnOf(input.schema, column))
  return mapNode(
    input,
    undefined,
    exprs,
    exprs.map((expr, i) => ({ ...defOf('', expr), name: (names?.[i] ?? input.schema[columns[i]!]!).name })),
  )
}

/** The input's columns, then these. */
export function extendColumns(input: PhysicalPlan, columns: readonly Expr[], name: string): PhysicalPlan {
  if (columns.length === 0) return input
  const kept = input.schema.map((_, i) => columnOf(input.schema, i))
  return mapNode(
    input,
    undefined,
    [...kept, ...columns],
    [...input.schema, ...columns.map((expr) => defOf(name, expr))],
  )
}

export const unionAllNode = (inputs: readonly PhysicalPlan[], schema: Schema): UnionAllNode => ({
  kind: 'unionAll',
  inputs,
  schema,
  insertOnly: inputs.every((input) => input.insertOnly),
  uniqueKeys: [],
})

export const distinctNode = (input: PhysicalPlan): DistinctNode => ({
  kind: 'distinct',
  input,
  schema: input.schema,
  insertOnly: input.insertOnly,
  uniqueKeys: minimalKeys([...input.uniqueKeys, input.schema.map((_, i) => i)]),
})

export function setOperationNode(plan: SetOperation, left: PhysicalPlan, right: PhysicalPlan): SetOperationNode {
  const { operation, all, schema } = plan
  return {
    kind: 'setOperation',
    operation,
    all,
    left,
    right,
    schema,
    insertOnly: operation === 'intersect' && left.insertOnly && right.insertOnly,
    uniqueKeys: minimalKeys(all ? left.uniqueKeys : [...left.uniqueKeys, schema.map((_, i) => i)]),
  }
}

export function joinNode(
  parts: Pick<JoinNode, 'type' | 'left' | 'right' | 'keys' | 'residual' | 'nullAware' | 'schema'>,
): JoinNode {
  const facts = {
    type: parts.type,
    left: parts.left,
    right: parts.right,
    leftWidth: parts.left.schema.length,
    leftColumns: parts.keys.map((key) => key.left),
    rightColumns: parts.keys.map((key) => key.right),
  }
  return { kind: 'join', ...parts, ...joinProperties(facts) }
}

export const asofNode = (
  parts: Pick<AsofNode, 'type' | 'keys' | 'nearest'>,
  left: PhysicalPlan,
  right: PhysicalPlan,
): AsofNode => ({
  kind: 'asof',
  ...parts,
  left,
  right,
  schema: [
    ...left.schema,
    ...(parts.type === 'left' ? right.schema.map((def) => ({ ...def, nullable: true })) : right.schema),
  ],
  insertOnly: false,
  uniqueKeys: left.uniqueKeys,
})

export function aggregateNode(
  plan: Pick<Aggregate, 'groupKeys' | 'global' | 'schema'>,
  input: PhysicalPlan,
  calls: AggregateNode['calls'],
): AggregateNode {
  const { groupKeys, global, schema } = plan
  return {
    kind: 'aggregate',
    input,
    groupKeys,
    calls,
    global,
    schema,
    insertOnly: calls.length === 0 && !global && input.insertOnly,
    uniqueKeys: [groupKeys.map((_, i) => i)],
  }
}

export function topNode(
  plan: Pick<Top, 'partition' | 'order' | 'limit' | 'offset' | 'by' | 'withNumber' | 'schema'>,
  input: PhysicalPlan,
): TopNode {
  const { partition, order, limit, offset, by, withNumber, schema } = plan
  const numberColumn = withNumber ? input.schema.length : undefined
  return {
    kind: 'top',
    input,
    partition,
    order,
    limit,
    offset,
    by,
    withNumber,
    schema,
    ...topProperties(input, { ...plan, numberColumn }),
  }
}

export const windowNode = (
  plan: Pick<Window, 'partition' | 'order' | 'calls' | 'schema'>,
  input: PhysicalPlan,
): WindowNode => ({
  kind: 'window',
  input,
  partition: plan.partition,
  order: plan.order,
  calls: plan.calls,
  schema: plan.schema,
  insertOnly: false,
  uniqueKeys: input.uniqueKeys,
})

export const tableFunctionNode = (plan: TableCall, input: PhysicalPlan): TableFunctionNode => ({
  kind: 'tableFunction',
  input,
  calls: plan.calls,
  ordinality: plan.ordinality,
  outer: plan.outer,
  schema: plan.schema,
  insertOnly: input.insertOnly,
  uniqueKeys: plan.ordinality ? input.uniqueKeys.map((key) => [...key, plan.schema.length - 1]) : [],
})

export const timeWindowNode = (plan: TimeWindow, input: PhysicalPlan): TimeWindowNode => ({
  kind: 'timeWindow',
  input,
  time: plan.time,
  windows: plan.windows,
  bounds: plan.bounds,
  schema: plan.schema,
  // A session grows and merges with its rows; the other windows are where they are.
  insertOnly: input.insertOnly && plan.windows.kind !== 'session',
  uniqueKeys: timeWindowKeys(input.uniqueKeys, plan, input.schema.length),
})

export const temporalFilterNode = (
  input: PhysicalPlan,
  comparisons: TemporalFilterNode['comparisons'],
  predicate: Expr,
): TemporalFilterNode => ({
  kind: 'temporalFilter',
  input,
  comparisons,
  predicate,
  schema: input.schema,
  insertOnly: false,
  uniqueKeys: input.uniqueKeys,
})

export const closeAtNode = (input: PhysicalPlan, column: number, panes: boolean): CloseAtNode => ({
  kind: 'closeAt',
  input,
  column,
  panes,
  schema: input.schema,
  insertOnly: !panes || input.insertOnly,
  uniqueKeys: input.uniqueKeys,
})
