// Levels and their virtual rows (environment.ts has the types).
//
// Expressions of a level are bound over its *virtual row*: the columns of FROM, and from the bases below on what is
// computed later (aggregates, GROUPING, window functions, set-returning functions). select.ts replaces these once it
// has built the nodes that compute them.

import type { NamedWindow } from '../../parser/ast.ts'
import type { Expr } from '../expr.ts'
import { type Environment, environmentOf, type Level, type Place, type Scope, type ScopeColumn } from './environment.ts'

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
  siblings: undefined,
})

/** The place of a FROM item, one level below the items on its left. */
export const besideOf = (place: Place, left: Scope): Place => ({
  ...place,
  parent: environmentOf(place, { ...levelOf(left, place.parent), siblings: 'seen' }, 'functions in FROM'),
})

/** The place for what does not see the FROM items on its left: ON, a derived table without LATERAL. */
export const withoutSiblings = (place: Place): Place => markSiblings(place, 'unseen')

/** The place of a LATERAL query: for all that is in it, those items are of an enclosing query. */
export const belowSiblings = (place: Place): Place => markSiblings(place, undefined)

function markSiblings(place: Place, siblings: Level['siblings']): Place {
  const { parent } = place
  if (parent?.level.siblings !== 'seen') return place
  const above = markSiblings({ ...place, parent: parent.level.parent }, siblings)
  return { ...place, parent: { ...parent, level: { ...parent.level, siblings, parent: above.parent } } }
}

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
