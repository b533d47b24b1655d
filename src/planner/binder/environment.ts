// Where an expression stands while it is bound: the statement, the level, the clause, and the WITH queries in sight.
//
// A level is one query's FROM: the row that its expressions are over. A subquery's level has the enclosing place as
// parent; a name found n levels up is an `outer` column of depth n.

import type { RelationId } from '../../core/ids.ts'
import type { SqlValue } from '../../core/value.ts'
import type { CommonTable, Expression, NamedWindow, Query } from '../../parser/ast.ts'
import type { PlannerCatalog, RelationInfo } from '../catalog.ts'
import type { Expr } from '../expr.ts'
import type { LogicalPlan } from '../logical.ts'
import type { SortKey } from '../physical.ts'
import type { TypeContext } from '../types/coerce.ts'
import type { AggregateUse, GroupingUse, OrderUse, SetUse, WindowUse } from './collected.ts'

/** A column that a name can mean; `expr` is over the level's row (a plain column, but for merged USING columns). */
export interface ScopeColumn {
  readonly name: string
  readonly expr: Expr
  /** `*` leaves it out. */
  readonly hidden: boolean
}

/** One table of FROM: what `t.c`, `t.*` and `t` mean. */
export interface ScopeTable {
  readonly name: string
  /** Of a relation without alias: `s.t.c` means it too. */
  readonly schema: string | undefined
  readonly columns: readonly ScopeColumn[]
  /** Sets of positions in `columns` that are the PRIMARY KEY (functional dependency in GROUP BY). */
  readonly primaryKey: readonly number[] | undefined
  /** A column that is NULL exactly where an outer join left the whole table out; 'always': nowhere. */
  readonly presence: Expr | 'always' | undefined
  /** A function's single column: `f` alone is that value, not a row. */
  readonly scalar: boolean
  /** The relation's own name behind an alias, for hints. */
  readonly relation: string | undefined
  /** Name of the row type: that of the relation. */
  readonly rowType: string | undefined
}

export interface Scope {
  readonly tables: readonly ScopeTable[]
  /** What unqualified names and `*` mean, in order: USING's merged columns stand once. */
  readonly columns: readonly ScopeColumn[]
  /**
   * The order in which set-returning functions or a subquery's ORDER BY bring the rows. A relation has no order, but
   * array_agg and its like, where they say none, gather such rows in it, as PostgreSQL's users expect.
   */
  readonly order: readonly OrderUse[]
}

/** A window in GROUP BY, over the rows that it was applied to. */
export interface GroupWindow {
  readonly function: 'tumble' | 'hop' | 'session'
  readonly args: readonly Expr[]
  readonly start: Expr
  readonly end: Expr
}

/** One query's FROM while its clauses are bound. */
export interface Level {
  readonly parent: Environment | undefined
  readonly scope: Scope
  /** Number of levels above. */
  readonly depth: number
  readonly aggregates: AggregateUse[]
  readonly groupings: GroupingUse[]
  readonly windows: WindowUse[]
  readonly sets: SetUse[]
  /** WINDOW w AS (…), in order. */
  readonly namedWindows: readonly NamedWindow[]
  /** GROUP BY TUMBLE(…) and its like. */
  readonly window: GroupWindow | undefined
  /** The items on the left of one FROM item: only LATERAL ones and functions see them. Undefined: any other level. */
  readonly siblings: 'seen' | 'unseen' | undefined
}

/** The rows that a data-modifying statement in WITH returns, as a relation that whoever runs the plan provides. */
export type ReturnedRelations = ReadonlyMap<CommonTable['statement'], RelationInfo>

/** One per statement. */
export interface Statement {
  readonly catalog: PlannerCatalog
  readonly types: TypeContext
  readonly purpose: Purpose
  /** Relations that were read, views included. */
  readonly dependencies: Set<RelationId>
  /** Plain views are bound once per statement, so that every use shares one plan. */
  readonly views: Map<RelationId, LogicalPlan>
  readonly binder: Binder
  /** What the data-modifying statements of the outermost WITH return. */
  readonly returned: ReturnedRelations
  /** Values of $1 …, where the statement is planned for one execution. */
  readonly parameterValues: readonly SqlValue[] | undefined
  /** Set where the plan would depend on a parameter's value (LIMIT $1) that is not known. */
  needsValues: boolean
}

/** Expressions hold queries and queries hold expressions: each side reaches the other through this. */
export interface Binder {
  expression(environment: Environment, node: Expression): Expr
  /** Untyped literals among the columns stay unknown: the caller decides what they become. */
  query(place: Place, query: Query): LogicalPlan
  /** The same with its order, and columns beyond `visible` that only the order reads. */
  ordered(place: Place, query: Query): BoundQuery
}

export interface BoundQuery {
  readonly plan: LogicalPlan
  readonly visible: number
  readonly order: readonly SortKey[]
  /** Where no ORDER BY is written: the order of the set-returning functions that the rows come from. */
  readonly natural: readonly SortKey[]
}

/** Where a query stands: `parent` is the enclosing query's place, if any. */
export interface Place {
  readonly statement: Statement
  readonly searchPath: readonly string[]
  readonly parent: Environment | undefined
  readonly commonTables: CommonTables | undefined
}

/** A maintained view refuses what would make its contents depend on anything but its inputs. */
export type Purpose = 'adhoc' | 'view'

/** The clause, as errors name it. */
export type Clause =
  | 'SELECT'
  | 'WHERE'
  | 'HAVING'
  | 'QUALIFY'
  | 'GROUP BY'
  | 'ORDER BY'
  | 'DISTINCT ON'
  | 'JOIN conditions'
  | 'functions in FROM'
  | 'VALUES'
  | 'LIMIT'
  | 'OFFSET'
  | 'FILTER'
  | 'UPDATE'
  | 'RETURNING'
  | 'DEFAULT expressions'
  | 'check constraints'
  | 'column generation expressions'
  | 'index expressions'
  | 'window definitions'
  | 'aggregate arguments'
  | 'window function arguments'

export interface Environment {
  readonly statement: Statement
  readonly searchPath: readonly string[]
  readonly level: Level
  readonly clause: Clause
  readonly commonTables: CommonTables | undefined
  /** How deep the expression is nested here; bounded, so that plans can be walked recursively. */
  readonly nesting: number
}

/** The WITH queries in sight, innermost first. */
export interface CommonTables {
  readonly name: string
  /** What a reference at this place of the text reads. Throws for a recursive one where none may be. */
  readonly plan: (position: number) => LogicalPlan
  /** Levels above the WITH query's own: its plan's outer columns count from there. */
  readonly depth: number
  readonly next: CommonTables | undefined
}

export const inClause = (environment: Environment, clause: Clause): Environment => ({ ...environment, clause })

/** An expression's place in a query's level. */
export const environmentOf = (place: Place, level: Level, clause: Clause): Environment => ({
  statement: place.statement,
  searchPath: place.searchPath,
  level,
  clause,
  commonTables: place.commonTables,
  nesting: 0,
})

/** A subquery's place. */
export const placeIn = (environment: Environment): Place => ({
  statement: environment.statement,
  searchPath: environment.searchPath,
  parent: environment,
  commonTables: environment.commonTables,
})
