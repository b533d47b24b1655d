// Queries from syntax tree to physical plan: bind, decorrelate, optimize, lower. The engine's way into the planner;
// dml.ts is the one for statements that change rows.

import type { RelationId } from '../core/ids.ts'
import type { SqlType } from '../core/type.ts'
import type { Query } from '../parser/ast.ts'
import type { EmissionDefinition } from '../storage/catalog.ts'
import { type BindOptions, outermost, statementOf } from './binder/bind.ts'
import type { Statement } from './binder/environment.ts'
import { bindParts, limited, type QueryParts } from './binder/query.ts'
import { keepFirst, settle } from './binder/settle.ts'
import { decorrelate } from './decorrelate/decorrelate.ts'
import { closeOnWindow } from './emission.ts'
import type { LogicalPlan } from './logical.ts'
import { lower } from './lower.ts'
import { optimize } from './optimizer.ts'
import type { PhysicalPlan, SortKey } from './physical.ts'
import type { Rule } from './rule.ts'

export interface PlannedQuery {
  readonly physical: PhysicalPlan
  /** As bound, with subqueries in expressions. */
  readonly logical: LogicalPlan
  readonly optimized: LogicalPlan
  /** Names of the rules that fired. */
  readonly rules: readonly string[]
  /** The columns to show: the first ones of the plan's rows. Columns after them are there for `order` only. */
  readonly output: readonly OutputColumn[]
  readonly parameters: readonly SqlType[]
  /** How the rows are presented: the outermost ORDER BY. A maintained view's contents have no order. */
  readonly order: readonly SortKey[]
  /**
   * Ad hoc, LIMIT or OFFSET without ORDER BY: any so many rows will do (engine §8). Otherwise undefined: done inside.
   */
  readonly limit: bigint | undefined
  readonly offset: bigint
  /** Every relation that was read, plain views included. */
  readonly dependencies: readonly RelationId[]
  /** LIMIT or OFFSET depends on a parameter whose value was not given: plan again with `parameterValues` to run it. */
  readonly needsValues: boolean
}

export interface OutputColumn {
  readonly name: string
  readonly type: SqlType
  /** The relation's column that this is, unchanged; RowDescription tells clients. */
  readonly origin: { readonly relation: RelationId; readonly column: number } | undefined
}

export interface PlanOptions extends BindOptions {
  /** Rules of the optimizer to plan with; undefined: all. */
  readonly rules?: readonly Rule[]
  /** When the rows of a view show; absent: at once. `position`: of EMIT, for errors. */
  readonly emission?: EmissionDefinition & { readonly position: number }
}

/** Throws SqlError for what is wrong with the query, 0A000 for what is not supported. */
export function planQuery(query: Query, options: PlanOptions): PlannedQuery {
  const statement = statementOf(options)
  const parts = bindParts(outermost(statement, options.searchPath), query)
  const presented = present(statement, parts, query)
  const planned = planLogical(statement, presented, options.rules)
  const { emission } = options
  if (emission === undefined || !emission.onWindowClose) return planned
  const how = { panes: emission.delay !== undefined, position: emission.position }
  return { ...planned, physical: closeOnWindow(planned.physical, how) }
}

/** Output columns and parameter types only: what a client asks of a prepared statement. */
export function describeQuery(
  query: Query,
  options: PlanOptions,
): Pick<PlannedQuery, 'output' | 'parameters' | 'dependencies'> {
  const statement = statementOf(options)
  const { plan, visible } = present(statement, bindParts(outermost(statement, options.searchPath), query), query)
  return {
    output: outputOf(plan, visible),
    parameters: statement.types.parameters.all(),
    dependencies: [...statement.dependencies],
  }
}

interface Presented {
  readonly plan: LogicalPlan
  readonly visible: number
  readonly order: readonly SortKey[]
  readonly limit: bigint | undefined
  readonly offset: bigint
}

/** What the dataflow computes and what is left to the reader: order always, LIMIT where any rows will do. */
function present(statement: Statement, { bound, limit, offset }: QueryParts, query: Query): Presented {
  const { visible } = bound
  const anyRows = statement.purpose === 'adhoc' && query.orderBy.length === 0
  const plan = settle(statement.types, anyRows ? bound.plan : limited(bound, limit, offset, query.withTies))
  if (anyRows) return { plan: keepFirst(plan, visible), visible, order: [], limit, offset: offset ?? 0n }
  if (statement.purpose === 'adhoc') return { plan, visible, order: bound.order, limit: undefined, offset: 0n }
  const order = bound.order.every((key) => key.column < visible) ? bound.order : []
  return { plan: keepFirst(plan, visible), visible, order, limit: undefined, offset: 0n }
}

function planLogical(statement: Statement, presented: Presented, rules: PlanOptions['rules']): PlannedQuery {
  const { plan, visible, order, limit, offset } = presented
  const { plan: optimized, fired } = optimize(decorrelate(plan, statement.types), statement.types, rules)
  return {
    physical: lower(optimized, statement.purpose === 'view' ? statement.types : undefined),
    logical: plan,
    optimized,
    rules: fired,
    output: outputOf(plan, visible),
    parameters: statement.types.parameters.all(),
    order,
    limit,
    offset,
    dependencies: [...statement.dependencies],
    needsValues: statement.needsValues,
  }
}

const outputOf = (plan: LogicalPlan, visible: number): readonly OutputColumn[] =>
  plan.schema.slice(0, visible).map(({ name, type }, i) => ({ name, type, origin: originOf(plan, i) }))

/** Follows a column down to the relation it is read from, while nothing changes it. */
function originOf(plan: LogicalPlan, column: number): OutputColumn['origin'] {
  switch (plan.kind) {
    case 'get':
      return { relation: plan.relation.id, column: plan.columns[column]! }
    case 'project': {
      const expr = plan.columns[column]!
      return expr.kind === 'column' ? originOf(plan.input, expr.index) : undefined
    }
    case 'filter':
    case 'distinct':
      return originOf(plan.input, column)
    case 'top':
    case 'window':
      return column < plan.input.schema.length ? originOf(plan.input, column) : undefined
    case 'aggregate': {
      const key = plan.groupKeys[column]
      return key === undefined ? undefined : originOf(plan.input, key)
    }
    case 'join':
    case 'apply': {
      const width = plan.left.schema.length
      if (plan.type === 'mark' && column === width) return undefined
      return column < width ? originOf(plan.left, column) : originOf(plan.right, column - width)
    }
    default:
      return undefined
  }
}
