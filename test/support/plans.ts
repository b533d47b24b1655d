// Physical plans by hand: schemas, expressions and nodes with little writing, for tests of the executor.

import { assert } from '../../src/core/assert.ts'
import { relationId } from '../../src/core/ids.ts'
import { type ColumnDef, columnDef, type Schema } from '../../src/core/schema.ts'
import { defaultPhysical, type SqlType } from '../../src/core/type.ts'
import type { SqlValue } from '../../src/core/value.ts'
import { aggregateFunctions, scalarFunctions } from '../../src/functions/all.ts'
import type { AggregateFunction, EvaluationContext, ScalarFunction } from '../../src/functions/registry.ts'
import type { Expr } from '../../src/planner/expr.ts'
import type {
  AggregateCall,
  AggregateNode,
  AsofNode,
  JoinNode,
  MapNode,
  PhysicalPlan,
  ScanNode,
  TopNode,
} from '../../src/planner/physical.ts'

export const context: EvaluationContext = {
  now: 0n,
  clock: () => 0n,
  random: () => 0.5,
  setting: () => undefined,
  setSetting: () => {},
  timeZone: 'UTC',
  text: undefined as never,
  user: 'test',
  database: 'test',
  searchPath: ['public'],
  catalog: undefined as never,
}

export const environment = { context, parameters: [] }

export const int4: SqlType = { kind: 'int4' }
export const int8: SqlType = { kind: 'int8' }
export const text: SqlType = { kind: 'text' }
export const float8: SqlType = { kind: 'float8' }
export const bool: SqlType = { kind: 'boolean' }

const node = { insertOnly: false, uniqueKeys: [] } as const

export function scan(name: string, schema: Schema, insertOnly = false): ScanNode {
  const columns = schema.map((_, i) => i)
  return {
    ...node,
    insertOnly,
    kind: 'scan',
    relation: relationId(20_000),
    columns,
    timed: [],
    settled: [],
    name,
    schema,
  }
}

/** The same with a frontier on a column. */
export const timed = (input: ScanNode, column: number): ScanNode => ({ ...input, timed: [column], settled: [column] })

export const schemaOf = (...types: readonly SqlType[]): Schema => types.map((type, i) => columnDef(`c${i}`, type))

export const column = (schema: Schema, index: number): Expr => {
  const { type, physical, nullable } = schema[index]!
  return { kind: 'column', index, type, physical, nullable }
}

export const constant = (value: SqlValue, type: SqlType): Expr => ({
  kind: 'constant',
  value,
  type,
  physical: defaultPhysical(type),
  nullable: value === null,
})

/** The scalar function of these exact argument types. */
export function scalar(name: string, ...types: readonly SqlType[]): ScalarFunction {
  const found = scalarFunctions.find(
    (entry) =>
      entry.name === name && entry.args.length === types.length && entry.args.every((a, i) => a === types[i]!.kind),
  )
  assert(found !== undefined, `no function ${name}(${types.map((type) => type.kind).join()})`)
  return found
}

export function call(name: string, type: SqlType, ...args: readonly Expr[]): Expr {
  const entry = scalar(name, ...args.map((arg) => arg.type))
  return { kind: 'call', function: entry, args, type, physical: defaultPhysical(type), nullable: true }
}

export const map = (input: PhysicalPlan, predicate: Expr | undefined, columns: readonly Expr[]): MapNode => ({
  ...node,
  insertOnly: input.insertOnly,
  kind: 'map',
  input,
  predicate,
  columns,
  schema: columns.map(
    (expr, i): ColumnDef => ({ name: `m${i}`, type: expr.type, physical: expr.physical, nullable: expr.nullable }),
  ),
})

export const distinct = (input: PhysicalPlan): PhysicalPlan => ({
  ...node,
  kind: 'distinct',
  input,
  schema: input.schema,
})

export const unionAll = (...inputs: readonly PhysicalPlan[]): PhysicalPlan => ({
  ...node,
  kind: 'unionAll',
  inputs,
  schema: inputs[0]!.schema,
})

export const setOperation = (
  operation: 'intersect' | 'except',
  all: boolean,
  left: PhysicalPlan,
  right: PhysicalPlan,
): PhysicalPlan => ({ ...node, kind: 'setOperation', operation, all, left, right, schema: left.schema })

const nullable = (schema: Schema): Schema => schema.map((def) => ({ ...def, nullable: true }))

export function join(
  type: JoinNode['type'],
  left: PhysicalPlan,
  right: PhysicalPlan,
  options: Partial<Pick<JoinNode, 'keys' | 'residual' | 'nullAware'>> = {},
): JoinNode {
  const { keys = [], residual, nullAware = false } = options
  const pairs = [...nullable(left.schema), ...nullable(right.schema)]
  const schema =
    type === 'semi' || type === 'anti'
      ? left.schema
      : type === 'mark'
        ? [...left.schema, columnDef('mark', bool)]
        : pairs
  return { ...node, kind: 'join', type, left, right, keys, residual, nullAware, schema }
}

export const asof = (
  type: AsofNode['type'],
  left: PhysicalPlan,
  right: PhysicalPlan,
  { keys, nearest }: Pick<AsofNode, 'keys' | 'nearest'>,
): AsofNode => ({
  ...node,
  kind: 'asof',
  type,
  left,
  right,
  keys,
  nearest,
  schema: [...left.schema, ...nullable(right.schema)],
})

export function aggregateFunction(name: string, ...types: readonly SqlType[]): AggregateFunction {
  const fits = (entry: AggregateFunction) =>
    entry.name === name &&
    entry.args.length === types.length &&
    entry.args.every((arg, i) => arg === types[i]!.kind || arg === 'any' || arg === 'anyelement')
  const found = aggregateFunctions.find(fits)
  assert(found !== undefined, `no aggregate ${name}(${types.map((type) => type.kind).join()})`)
  return found
}

export function aggregateCall(
  input: Schema,
  entry: AggregateFunction,
  args: readonly number[],
  options: Partial<Pick<AggregateCall, 'distinct' | 'filter' | 'order' | 'direct'>> = {},
): AggregateCall {
  const { distinct: isDistinct = false, filter, order = [], direct = [] } = options
  const argTypes = args.map((arg) => input[arg]!.type)
  return { function: entry, args, argTypes, distinct: isDistinct, filter, order, direct }
}

export function aggregate(
  input: PhysicalPlan,
  groupKeys: readonly number[],
  calls: readonly AggregateCall[],
): AggregateNode {
  const results = calls.map((one, i): ColumnDef => {
    const { result, physical } = one.function
    const type = typeof result === 'function' ? result(one.argTypes) : ({ kind: result } as SqlType)
    const kinds = one.args.map((arg) => input.schema[arg]!.physical)
    const nullableResult = one.function.name !== 'count'
    return { name: `a${i}`, type, physical: physical?.(kinds) ?? defaultPhysical(type), nullable: nullableResult }
  })
  const keys = groupKeys.map((key) => input.schema[key]!)
  return {
    ...node,
    kind: 'aggregate',
    input,
    groupKeys,
    calls,
    global: groupKeys.length === 0,
    schema: [...keys, ...results],
  }
}

export function top(
  input: PhysicalPlan,
  options: Partial<Pick<TopNode, 'partition' | 'order' | 'limit' | 'offset' | 'by' | 'withNumber'>>,
): TopNode {
  const { partition = [], order = [], limit, offset = 0n, by = 'rows', withNumber = false } = options
  const schema = withNumber ? [...input.schema, columnDef('number', int8, false)] : input.schema
  return { ...node, kind: 'top', input, partition, order, limit, offset, by, withNumber, schema }
}
