// Builds logical nodes with their schemas. Nobody else writes a plan node down, so a schema is always what its node
// makes.

import { assert } from '../core/assert.ts'
import { type ColumnDef, columnDef, type Schema } from '../core/schema.ts'
import type { SqlType } from '../core/type.ts'
import type { RelationInfo } from './catalog.ts'
import type { ColumnExpr, Expr } from './expr.ts'
import type {
  Aggregate,
  Apply,
  Asof,
  Distinct,
  Feed,
  FeedToken,
  Filter,
  Get,
  Join,
  LogicalCall,
  LogicalPlan,
  Project,
  Recursion,
  SetOperation,
  TableCall,
  TimeWindow,
  Top,
  UnionAll,
  Values,
  Window,
} from './logical.ts'
import type { SortKey, WindowCall } from './physical.ts'
import { type TimeWindows, type WindowBound, windowBounds } from './time-window.ts'
import { commonPhysical, physicalOfAggregate } from './types/physical.ts'

export const boolType: SqlType = { kind: 'boolean' }
export const bigintType: SqlType = { kind: 'int8' }

export function get(relation: RelationInfo, columns: readonly number[] = relation.columns.map((_, i) => i)): Get {
  return { kind: 'get', relation, columns, schema: columns.map((index) => relation.columns[index]!) }
}

export const values = (rows: readonly (readonly Expr[])[], schema: Schema): Values => ({ kind: 'values', rows, schema })

/** One row without columns: what a SELECT without FROM reads. */
export const unit: Values = values([[]], [])

export const empty = (schema: Schema): Values => values([], schema)

export const isEmpty = (plan: LogicalPlan): boolean => plan.kind === 'values' && plan.rows.length === 0

export const defOf = (name: string, expr: Expr): ColumnDef => ({
  name,
  type: expr.type,
  physical: expr.physical,
  nullable: expr.nullable,
})

/** A column of this schema as an expression over it. */
export function columnOf(schema: Schema, index: number): ColumnExpr {
  const def = schema[index]
  assert(def, `no column ${index} in a row of ${schema.length}`)
  return { kind: 'column', index, type: def.type, physical: def.physical, nullable: def.nullable }
}

/** Names default to those of the columns that are passed on. */
export function project(input: LogicalPlan, columns: readonly Expr[], names?: readonly string[]): Project {
  const nameOf = (expr: Expr, i: number): string =>
    names?.[i] ?? (expr.kind === 'column' ? input.schema[expr.index]!.name : `column${i + 1}`)
  return { kind: 'project', input, columns, schema: columns.map((expr, i) => defOf(nameOf(expr, i), expr)) }
}

/** Only these columns, in this order; the input itself where that changes nothing. */
export function choose(input: LogicalPlan, columns: readonly number[]): LogicalPlan {
  if (columns.length === input.schema.length && columns.every((column, i) => column === i)) return input
  return project(
    input,
    columns.map((column) => columnOf(input.schema, column)),
  )
}

/** The input's columns, then these. */
export const extend = (input: LogicalPlan, columns: readonly Expr[], names?: readonly string[]): LogicalPlan =>
  columns.length === 0
    ? input
    : project(
        input,
        [...input.schema.map((_, i) => columnOf(input.schema, i)), ...columns],
        names && [...input.schema.map((def) => def.name), ...names],
      )

export const filter = (input: LogicalPlan, predicate: Expr): Filter => ({
  kind: 'filter',
  input,
  predicate,
  schema: input.schema,
})

const nulled = (schema: Schema): Schema => schema.map((def) => (def.nullable ? def : { ...def, nullable: true }))

function joinSchema(type: Join['type'], left: Schema, right: Schema): Schema {
  switch (type) {
    case 'semi':
    case 'anti':
      return left
    case 'mark':
      return [...left, columnDef('mark', boolType)]
    case 'inner':
      return [...left, ...right]
    case 'left':
      return [...left, ...nulled(right)]
    case 'right':
      return [...nulled(left), ...right]
    case 'full':
      return [...nulled(left), ...nulled(right)]
  }
}

export function join(
  type: Join['type'],
  left: LogicalPlan,
  right: LogicalPlan,
  condition: Expr | undefined,
  nullAware = false,
): Join {
  return { kind: 'join', type, left, right, condition, nullAware, schema: joinSchema(type, left.schema, right.schema) }
}

export function apply(type: Apply['type'], left: LogicalPlan, right: LogicalPlan, condition: Expr | undefined): Apply {
  return { kind: 'apply', type, left, right, condition, schema: joinSchema(type, left.schema, right.schema) }
}

export const asof = (
  type: Asof['type'],
  left: LogicalPlan,
  right: LogicalPlan,
  { keys, nearest }: Pick<Asof, 'keys' | 'nearest'>,
): Asof => ({ kind: 'asof', type, left, right, keys, nearest, schema: joinSchema(type, left.schema, right.schema) })

export function aggregate(
  input: LogicalPlan,
  groupKeys: readonly number[],
  calls: readonly LogicalCall[],
  options: { readonly global: boolean; readonly names?: readonly string[] },
): Aggregate {
  const keys = groupKeys.map((key) => input.schema[key]!)
  const results = calls.map((call, i) => ({
    name: options.names?.[i] ?? call.function.name,
    type: call.type,
    physical: physicalOfAggregate(
      call.function,
      call.type,
      call.args.map((arg) => input.schema[arg]!.physical),
    ),
    nullable: call.function.state.kind !== 'count',
  }))
  return { kind: 'aggregate', input, groupKeys, calls, global: options.global, schema: [...keys, ...results] }
}

export const distinct = (input: LogicalPlan): Distinct => ({ kind: 'distinct', input, schema: input.schema })

/** Inputs agree in number, types and physical kinds; names are the first one's. */
export function unionAll(inputs: readonly LogicalPlan[]): UnionAll {
  const [first] = inputs
  assert(first, 'union of nothing')
  const schema = first.schema.map((def, i) => {
    const defs = inputs.map((input) => input.schema[i]!)
    return {
      name: def.name,
      type: def.type,
      physical: commonPhysical(
        def.type,
        defs.map((d) => d.physical),
      ),
      nullable: defs.some((d) => d.nullable),
    }
  })
  assert(
    inputs.every((input) => input.schema.every((def, i) => samePhysicalKind(def, schema[i]!))),
    'union of different physical kinds',
  )
  return { kind: 'unionAll', inputs, schema }
}

const samePhysicalKind = (a: ColumnDef, b: ColumnDef): boolean =>
  a.physical.kind === b.physical.kind && scaleOf(a) === scaleOf(b)

const scaleOf = (def: ColumnDef): number | undefined => ('scale' in def.physical ? def.physical.scale : undefined)

export function setOperation(
  operation: SetOperation['operation'],
  all: boolean,
  left: LogicalPlan,
  right: LogicalPlan,
): SetOperation {
  const schema = left.schema.map((def, i) => ({
    ...def,
    nullable: operation === 'intersect' ? def.nullable && right.schema[i]!.nullable : def.nullable,
  }))
  return { kind: 'setOperation', operation, all, left, right, schema }
}

export function top(
  input: LogicalPlan,
  options: {
    readonly partition?: readonly number[]
    readonly order: readonly SortKey[]
    readonly limit: bigint | undefined
    readonly offset?: bigint
    readonly by?: Top['by']
    readonly withNumber?: boolean
  },
): Top {
  const { partition = [], order, limit, offset = 0n, by = 'rows', withNumber = false } = options
  const number: Schema = withNumber ? [columnDef('row_number', bigintType, false)] : []
  return {
    kind: 'top',
    input,
    partition,
    order,
    limit,
    offset,
    by,
    withNumber,
    schema: [...input.schema, ...number],
  }
}

/** A window function's result; the number of a row is never NULL. */
const neverNull = new Set(['row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'count'])

export function window(
  input: LogicalPlan,
  partition: readonly number[],
  order: readonly SortKey[],
  calls: readonly WindowCall[],
): Window {
  const results = calls.map((call) => ({
    ...columnDef(call.function.name, call.resultType, !neverNull.has(call.function.name)),
    ...(call.function.kind === 'aggregate' && {
      physical: physicalOfAggregate(
        call.function,
        call.resultType,
        call.args.map((arg) => input.schema[arg]!.physical),
      ),
    }),
  }))
  return { kind: 'window', input, partition, order, calls, schema: [...input.schema, ...results] }
}

export function tableCall(
  input: LogicalPlan,
  calls: TableCall['calls'],
  options: { readonly ordinality: boolean; readonly outer: boolean },
): TableCall {
  const results = calls.flatMap((call) =>
    call.function.columns(call.args.map((arg) => arg.type)).map((column) => columnDef(column.name, column.type)),
  )
  const ordinality = options.ordinality
    ? [columnDef('ordinality', bigintType, options.outer || calls.length === 0)]
    : []
  return {
    kind: 'tableCall',
    input,
    calls,
    ordinality: options.ordinality,
    outer: options.outer,
    schema: [...input.schema, ...results, ...ordinality],
  }
}

/** The bounds have the time column's type; a row without a window is left out, so they are never NULL. */
export function timeWindow(
  input: LogicalPlan,
  time: number,
  windows: TimeWindows,
  bounds: readonly WindowBound[] = windowBounds,
): TimeWindow {
  const { type, physical } = input.schema[time]!
  const added = bounds.map((bound) => ({ name: `window_${bound}`, type, physical, nullable: false }))
  return { kind: 'timeWindow', input, time, windows, bounds, schema: [...input.schema, ...added] }
}

export const feed = (token: FeedToken, schema: Schema): Feed => ({ kind: 'feed', token, schema })

export const recursion = (parts: Pick<Recursion, 'base' | 'step' | 'token' | 'all'>, schema: Schema): Recursion => ({
  kind: 'recursion',
  ...parts,
  schema,
})
