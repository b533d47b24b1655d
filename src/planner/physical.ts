// The physical plan: what the executor builds operators from. Typed, positional, no names looked up any more.
//
// Expressions refer to the node's input row; a join's condition and projection to left columns, then right columns.
// `changes` are derived properties that select cheaper operator variants and never change a result.

import type { RelationId } from '../core/ids.ts'
import type { Schema } from '../core/schema.ts'
import type { SqlType } from '../core/type.ts'
import type { AggregateFunction, ScalarFunction, TableFunction, WindowFunction } from '../functions/registry.ts'
import type { Expr } from './expr.ts'
import type { TimeWindows, WindowBound } from './time-window.ts'

export type PhysicalPlan =
  | ScanNode
  | ValuesNode
  | MapNode
  | TableFunctionNode
  | UnionAllNode
  | DistinctNode
  | SetOperationNode
  | JoinNode
  | AsofNode
  | AggregateNode
  | TopNode
  | WindowNode
  | TimeWindowNode
  | CloseAtNode
  | TemporalFilterNode
  | RecursionNode
  | FeedNode

interface Node {
  readonly schema: Schema
  /** No negative delta ever leaves this node. */
  readonly insertOnly: boolean
  /** Sets of columns that are unique in the node's contents; a canonical choice of few. */
  readonly uniqueKeys: readonly (readonly number[])[]
}

/** A stored relation (table, materialized view, system relation) or a source; `columns` are the ones that are read. */
export interface ScanNode extends Node {
  readonly kind: 'scan'
  readonly relation: RelationId
  readonly columns: readonly number[]
  /** Of the relation's columns those that have a frontier. */
  readonly timed: readonly number[]
  /** Those of them below whose frontier no row will come: not where late rows are applied. */
  readonly settled: readonly number[]
  /** For EXPLAIN. */
  readonly name: string
}

/** Constant rows; they enter once. Expressions have no columns (parameters are bound before execution). */
export interface ValuesNode extends Node {
  readonly kind: 'values'
  readonly rows: readonly (readonly Expr[])[]
}

/** Filter, then project; either may be missing (`predicate` undefined; `columns` plain references). */
export interface MapNode extends Node {
  readonly kind: 'map'
  readonly input: PhysicalPlan
  readonly predicate: Expr | undefined
  readonly columns: readonly Expr[]
}

/** For each input row the rows of a set-returning function: input columns, then the function's, then ordinality. */
export interface TableFunctionNode extends Node {
  readonly kind: 'tableFunction'
  readonly input: PhysicalPlan
  /** Several: ROWS FROM, padded with NULLs to the longest. */
  readonly calls: readonly { readonly function: TableFunction; readonly args: readonly Expr[] }[]
  readonly ordinality: boolean
  /** An input row without function rows stays, NULL-extended (LEFT JOIN LATERAL). */
  readonly outer: boolean
}

export interface UnionAllNode extends Node {
  readonly kind: 'unionAll'
  readonly inputs: readonly PhysicalPlan[]
}

export interface DistinctNode extends Node {
  readonly kind: 'distinct'
  readonly input: PhysicalPlan
}

export interface SetOperationNode extends Node {
  readonly kind: 'setOperation'
  readonly operation: 'intersect' | 'except'
  readonly all: boolean
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
}

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'mark'

/**
 * Equi-join with residual condition. Without keys it is a (flagged) nested loop over all pairs.
 * Output columns: left then right (semi, anti: left; mark: left and one boolean column: TRUE, FALSE or NULL by IN's
 * rules).
 */
export interface JoinNode extends Node {
  readonly kind: 'join'
  readonly type: JoinType
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
  /** Key pairs: columns of equal physical kind and type (casts were put below). `nullSafe`: IS NOT DISTINCT FROM. */
  readonly keys: readonly { readonly left: number; readonly right: number; readonly nullSafe: boolean }[]
  /** Over left columns, then right columns. */
  readonly residual: Expr | undefined
  /** anti: NOT IN's NULL rules (operators spec §4.2) over the first key instead of NOT EXISTS. */
  readonly nullAware: boolean
}

/**
 * ASOF: each left row with one right row of equal keys, the nearest by `nearest`: of those with right <= left the one
 * with the greatest value (`strict`: <; `descending`: >= and the least). Of several with one value the canonically
 * greatest. Output: left columns, then right ones.
 */
export interface AsofNode extends Node {
  readonly kind: 'asof'
  readonly type: 'inner' | 'left'
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
  readonly keys: readonly { readonly left: number; readonly right: number; readonly nullSafe: boolean }[]
  readonly nearest: {
    readonly left: number
    readonly right: number
    readonly strict: boolean
    readonly descending: boolean
  }
}

export interface AggregateNode extends Node {
  readonly kind: 'aggregate'
  readonly input: PhysicalPlan
  /** Columns of the input. Output: the keys, then one column per call. */
  readonly groupKeys: readonly number[]
  readonly calls: readonly AggregateCall[]
  /** GROUP BY () or no GROUP BY: exactly one row always, also over nothing. */
  readonly global: boolean
}

/** Arguments, filter and order are columns of the input (the planner computes them in a map below). */
export interface AggregateCall {
  readonly function: AggregateFunction
  readonly args: readonly number[]
  readonly argTypes: readonly SqlType[]
  readonly distinct: boolean
  readonly filter: number | undefined
  readonly order: readonly SortKey[]
  /** WITHIN GROUP: constants or group keys that the direct arguments are. */
  readonly direct: readonly Expr[]
}

export interface SortKey {
  readonly column: number
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** The first rows per partition. Order is completed by the canonical row order. */
export interface TopNode extends Node {
  readonly kind: 'top'
  readonly input: PhysicalPlan
  readonly partition: readonly number[]
  readonly order: readonly SortKey[]
  readonly limit: bigint | undefined
  readonly offset: bigint
  /** rows: ROW_NUMBER; ties: RANK ≤ limit (FETCH WITH TIES); dense: DENSE_RANK ≤ limit. */
  readonly by: 'rows' | 'ties' | 'dense'
  /** Appends the row's number (or rank) as a BIGINT column. */
  readonly withNumber: boolean
}

/** OVER: input columns, then one column per call. All calls share partition and order. */
export interface WindowNode extends Node {
  readonly kind: 'window'
  readonly input: PhysicalPlan
  readonly partition: readonly number[]
  readonly order: readonly SortKey[]
  readonly calls: readonly WindowCall[]
}

export interface WindowCall {
  readonly function: WindowFunction | AggregateFunction
  readonly args: readonly number[]
  readonly argTypes: readonly SqlType[]
  readonly filter: number | undefined
  readonly ignoreNulls: boolean
  readonly frame: Frame
  readonly resultType: SqlType
}

export interface Frame {
  readonly mode: 'rows' | 'range' | 'groups'
  readonly start: FrameBound
  readonly end: FrameBound
  readonly exclude: 'none' | 'current' | 'group' | 'ties'
}

export type FrameBound =
  | { readonly kind: 'unboundedPreceding' }
  | { readonly kind: 'preceding'; readonly offset: Expr }
  | { readonly kind: 'currentRow' }
  | { readonly kind: 'following'; readonly offset: Expr }
  | { readonly kind: 'unboundedFollowing' }

/** Each input row once per time window it is in: its columns, then these bounds. Rows without a window are left out. */
export interface TimeWindowNode extends Node {
  readonly kind: 'timeWindow'
  readonly input: PhysicalPlan
  readonly time: number
  readonly windows: TimeWindows
  readonly bounds: readonly WindowBound[]
}

/**
 * EMIT ON WINDOW CLOSE: holds rows until the column's frontier has passed them; then each comes out once, for good.
 * `panes` (AND CHANGES): everything passes at once, and it tells when rows have become final.
 */
export interface CloseAtNode extends Node {
  readonly kind: 'closeAt'
  readonly input: PhysicalPlan
  readonly column: number
  readonly panes: boolean
}

/**
 * Rows on which the predicate is TRUE at the time of the epoch. Its columns are the input's, then the truths of the
 * comparisons: whatever it makes of them, it changes at their boundaries only.
 */
export interface TemporalFilterNode extends Node {
  readonly kind: 'temporalFilter'
  readonly input: PhysicalPlan
  readonly comparisons: readonly TemporalComparison[]
  readonly predicate: Expr
}

/** `value` op `bound`, or with the bound first; the bound is a function of now() that never decreases. */
export interface TemporalComparison {
  /** Over the row. */
  readonly value: Expr
  /** Over now(). */
  readonly bound: Expr
  readonly operator: ScalarFunction
  readonly boundFirst: boolean
  /** From some time on it is true; otherwise, until some time. */
  readonly rising: boolean
  /** Both sides are µs and the bound is now() plus this; undefined: another function. */
  readonly shift: bigint | undefined
}

/**
 * Iterates `body` to its end. Feed 0 is what the last iteration found, with the number of that iteration as one more
 * column (int4); feed k + 1 is `inputs[k]`. The body's result has the node's columns and the number of the iteration
 * that it was derived from, −1 for the base. `all`: UNION ALL; otherwise the body shows each row once, under the least
 * number.
 */
export interface RecursionNode extends Node {
  readonly kind: 'recursion'
  readonly name: string
  readonly inputs: readonly PhysicalPlan[]
  readonly body: PhysicalPlan
  readonly feeds: readonly FeedNode[]
  readonly all: boolean
}

/** A leaf of a recursion's body. */
export interface FeedNode extends Node {
  readonly kind: 'feed'
  readonly name: string
}
