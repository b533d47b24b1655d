// The logical plan: what a query computes, as a tree (a DAG where a CTE is used several times) of relational operators.
// The binder makes it, decorrelation and rules rewrite it, lower.ts turns it into the physical plan.
//
// Columns are positions. Expressions refer to the node's input row; a join's condition to left columns, then right
// columns. Grouping, ordering and partitioning are by columns of the input: whoever needs an expression there puts a
// projection below. Every node carries its schema; the functions below build nodes and derive it, so that no caller can
// get it wrong. Two kinds of things occur only before decorrelation: `apply` nodes, and `outer` columns and subqueries
// in expressions.

import type { Schema } from '../core/schema.ts'
import type { SqlType } from '../core/type.ts'
import type { AggregateFunction } from '../functions/registry.ts'
import type { RelationInfo } from './catalog.ts'
import type { Expr, SubqueryExpr } from './expr.ts'
import type { AsofNode, JoinType, SortKey, TableFunctionNode, WindowCall } from './physical.ts'
import type { TimeWindows, WindowBound } from './time-window.ts'

export type LogicalPlan =
  | Get
  | Values
  | Project
  | Filter
  | Join
  | Apply
  | Asof
  | Aggregate
  | Distinct
  | UnionAll
  | SetOperation
  | Top
  | Window
  | TableCall
  | TimeWindow
  | Recursion
  | Feed

interface Plan {
  readonly schema: Schema
}

/** Reads a stored relation or a source; `columns` are indexes into `relation.columns`. */
export interface Get extends Plan {
  readonly kind: 'get'
  readonly relation: RelationInfo
  readonly columns: readonly number[]
}

/** Constant rows. One row without columns is the input of a SELECT without FROM; no rows is the empty relation. */
export interface Values extends Plan {
  readonly kind: 'values'
  readonly rows: readonly (readonly Expr[])[]
}

export interface Project extends Plan {
  readonly kind: 'project'
  readonly input: LogicalPlan
  readonly columns: readonly Expr[]
}

export interface Filter extends Plan {
  readonly kind: 'filter'
  readonly input: LogicalPlan
  readonly predicate: Expr
}

export interface Join extends Plan {
  readonly kind: 'join'
  readonly type: JoinType
  readonly left: LogicalPlan
  readonly right: LogicalPlan
  /** The whole ON condition; undefined is TRUE. Inner without a condition is the cross product. */
  readonly condition: Expr | undefined
  /** anti, mark: NOT IN's and IN's NULL rules over the condition's first equality (operators spec §4.2, §7). */
  readonly nullAware: boolean
}

/** LATERAL: the right side sees the left row as `outer` columns of depth 1. The condition is over left, then right. */
export interface Apply extends Plan {
  readonly kind: 'apply'
  readonly type: 'inner' | 'left'
  readonly left: LogicalPlan
  readonly right: LogicalPlan
  readonly condition: Expr | undefined
}

/** Each left row with the nearest right row, or (left) with NULLs; see the physical node. */
export interface Asof extends Plan {
  readonly kind: 'asof'
  readonly type: AsofNode['type']
  readonly left: LogicalPlan
  readonly right: LogicalPlan
  readonly keys: AsofNode['keys']
  readonly nearest: AsofNode['nearest']
}

/** Output: the group keys, then one column per call. */
export interface Aggregate extends Plan {
  readonly kind: 'aggregate'
  readonly input: LogicalPlan
  readonly groupKeys: readonly number[]
  readonly calls: readonly LogicalCall[]
  /** No GROUP BY, or GROUP BY (): exactly one row always. Then there are no keys. */
  readonly global: boolean
}

export interface LogicalCall {
  readonly function: AggregateFunction
  readonly args: readonly number[]
  readonly distinct: boolean
  readonly filter: number | undefined
  readonly order: readonly SortKey[]
  /** WITHIN GROUP: the direct arguments. */
  readonly direct: readonly Expr[]
  readonly type: SqlType
}

export interface Distinct extends Plan {
  readonly kind: 'distinct'
  readonly input: LogicalPlan
}

export interface UnionAll extends Plan {
  readonly kind: 'unionAll'
  readonly inputs: readonly LogicalPlan[]
}

export interface SetOperation extends Plan {
  readonly kind: 'setOperation'
  readonly operation: 'intersect' | 'except'
  readonly all: boolean
  readonly left: LogicalPlan
  readonly right: LogicalPlan
}

/** The first rows per partition; see the physical node. DISTINCT ON is `limit` 1 by 'rows'. */
export interface Top extends Plan {
  readonly kind: 'top'
  readonly input: LogicalPlan
  readonly partition: readonly number[]
  readonly order: readonly SortKey[]
  readonly limit: bigint | undefined
  readonly offset: bigint
  readonly by: 'rows' | 'ties' | 'dense'
  readonly withNumber: boolean
}

/** Output: the input's columns, then one per call. */
export interface Window extends Plan {
  readonly kind: 'window'
  readonly input: LogicalPlan
  readonly partition: readonly number[]
  readonly order: readonly SortKey[]
  readonly calls: readonly WindowCall[]
}

/** For each input row the rows of set-returning functions: input columns, then theirs, then the ordinality. */
export interface TableCall extends Plan {
  readonly kind: 'tableCall'
  readonly input: LogicalPlan
  readonly calls: TableFunctionNode['calls']
  readonly ordinality: boolean
  readonly outer: boolean
}

/** TUMBLE, HOP, CUMULATE, SESSION: each input row once per window it is in, then the bounds that are read. */
export interface TimeWindow extends Plan {
  readonly kind: 'timeWindow'
  readonly input: LogicalPlan
  readonly time: number
  readonly windows: TimeWindows
  readonly bounds: readonly WindowBound[]
}

/**
 * WITH RECURSIVE: `step` reads what the last iteration found through feeds of `token`. UNION (the least fixpoint, each
 * row once) or, where `all`, UNION ALL (the rows of all iterations). Columns of both sides agree with the schema.
 */
export interface Recursion extends Plan {
  readonly kind: 'recursion'
  readonly base: LogicalPlan
  readonly step: LogicalPlan
  readonly token: FeedToken
  readonly all: boolean
}

/** What is known by its identity; the name is for EXPLAIN. */
export interface FeedToken {
  readonly name: string
}

/** Rows that something around this plan feeds into it: the recursive reference of a WITH query. */
export interface Feed extends Plan {
  readonly kind: 'feed'
  readonly token: FeedToken
}

export type LogicalKind = LogicalPlan['kind']

/** The plan behind a subquery: nothing but the functions of plan-build.ts makes the plans that expressions hold. */
export const planOf = (subquery: SubqueryExpr): LogicalPlan => subquery.plan as LogicalPlan
