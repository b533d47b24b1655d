// Levels and their virtual rows (environment.ts has the types).
//
// Expressions of a level are bound over its *virtual row*: the columns of FROM, and from the bases below on what is
// computed later (aggregates, GROUPING, window functions, set-returning functions). select.ts replaces these once it
// has built the nodes that compute them.

import type { NamedWindow } from '../../parser/ast.ts'
import type { Expr } from '../expr.ts'
import type { Environment, Level, Scope, ScopeColumn } from './environment.ts'

export const AGGREGATE_BASE = 1 << 20
export const GROUPING_BASE = 2 << 20
export const WINDOW_BASE = 3 << 20
export const SET_BASE = 4 << 20

export const emptyScope: Scope = { tables: [], columns: [], order: [] }

export const levelOf = (
  scope: Scope,
  parent: Environment | undefined,
  namedWindows: readonly NamedWindow[] = [],
): Level => ({
  parent,
  scope,
  depth: parent === undefined ? 0 : parent.level.depth + 1,
  aggregates: [],
  groupings: [],
  windows: [],
  sets: [],
  namedWindows,
  window: undefined,
})

const mapColumn = (column: ScopeColumn, f: (expr: Expr) => Expr): ScopeColumn => ({ ...column, expr: f(column.expr) })

/** The scope with every expression mapped: moved to other places of a row, made nullable. */
export function mapScope(scope: Scope, f: (expr: Expr) => Expr): Scope {
  return {
    order: scope.order.map((key) => ({ ...key, expr: f(key.expr) })),
    columns: scope.columns.map((column) => mapColumn(column, f)),
    tables: scope.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) => mapColumn(column, f)),
      presence: table.presence === undefined || table.presence === 'always' ? table.presence : f(table.presence),
    })),
  }
}
