// The planner as statements call it: with the session's catalog version, path, settings and parameters.

import { notSupported } from '../core/error.ts'
import type { SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { Expression, Query, TypeName } from '../parser/ast.ts'
import type { Name, QualifiedName } from '../parser/ast-leaf.ts'
import type { Statement } from '../parser/ast-statement.ts'
import { bindType } from '../planner/binder/type-name.ts'
import type { RelationInfo } from '../planner/catalog.ts'
import { bindCheck, bindComputed, bindDefault, bindGenerated } from '../planner/dml.ts'
import type { Expr } from '../planner/expr.ts'
import { type PlannedQuery, type PlanOptions, planQuery } from '../planner/plan.ts'
import type { MaterializedViewObject, SourceObject } from '../storage/catalog.ts'
import { parseQuery } from './catalog-lookup.ts'
import { viewContext } from './context.ts'
import type { EngineCore } from './core.ts'
import type { StatementSession } from './statement-session.ts'

/** Parameters of one execution, or the types a client declared when it only describes. */
export interface Parameters {
  readonly types?: readonly (SqlType | undefined)[] | undefined
  readonly values?: readonly SqlValue[] | undefined
}

export function planOptions(
  session: StatementSession,
  purpose: PlanOptions['purpose'],
  parameters: Parameters = {},
): PlanOptions {
  const { core, searchPath } = session
  return {
    catalog: core.lookup,
    registry: core.registry,
    searchPath,
    text: session.context().text,
    purpose,
    rules: session.rules,
    parameterTypes: parameters.types,
    parameterValues: parameters.values,
  }
}

export const planSelect = (session: StatementSession, query: Query, parameters: Parameters): PlannedQuery =>
  plannedOnce(session, query, parameters, (options) => planQuery(query, options))

/** The plan of a statement that runs now, from the cache where it was planned before. */
export const plannedOnce = <Plan extends { readonly needsValues: boolean }>(
  session: StatementSession,
  statement: Statement,
  parameters: Parameters,
  make: (options: PlanOptions) => Plan,
): Plan => {
  const { core, planKey } = session
  // One statement is always planned by the same `make`.
  const known = core.statements.planned(statement, planKey, { catalog: core.lookup, types: parameters.types })
  return (
    (known as Plan | undefined) ??
    core.statements.plan(statement, planKey, planOptions(session, 'adhoc', parameters), make)
  )
}

/** The query of a view, plain or materialized. */
export const planView = (session: StatementSession, query: Query, emission?: PlanOptions['emission']): PlannedQuery =>
  planQuery(query, { ...planOptions(session, 'view'), ...(emission && { emission }) })

export const planSubscription = (
  session: StatementSession,
  query: Query,
  parameters: Parameters,
  emission: PlanOptions['emission'],
): PlannedQuery => planQuery(query, { ...planOptions(session, 'view', parameters), ...(emission && { emission }) })

/** A stored view planned again when the engine opens, under the path and zone of its creation. */
export function planStoredView(core: EngineCore, object: MaterializedViewObject): PlannedQuery {
  const { searchPath } = object
  const facts = core.facts(() => searchPath)
  const { text } = viewContext(facts, core.names(facts), object)
  return planQuery(parseQuery(object.query), {
    catalog: core.lookup,
    registry: core.registry,
    searchPath,
    text,
    purpose: 'view',
    ...(object.emission && { emission: { ...object.emission, position: 0 } }),
  })
}

/** Computed columns of a source, by column, under the path and zone of its creation. */
export function planComputed(
  core: EngineCore,
  relation: RelationInfo,
  source: Pick<SourceObject, 'searchPath' | 'timeZone'>,
): ReadonlyMap<number, Expr> {
  const { searchPath } = source
  const facts = core.facts(() => searchPath)
  const { text } = viewContext(facts, core.names(facts), source)
  const now = (): never => {
    throw notSupported('the current time in a computed column')
  }
  return bindComputed(relation, {
    catalog: core.lookup,
    registry: core.registry,
    searchPath,
    text: { ...text, now },
  })
}

export const bindTypeName = (session: StatementSession, type: TypeName): SqlType =>
  bindType({ statement: { catalog: session.core.lookup }, searchPath: session.searchPath }, type)

/** SELECT * (or these columns) FROM a relation. */
export function relationQuery(name: QualifiedName, columns: readonly Name[] = []): Query {
  const { position } = name
  const star = { kind: 'star', parts: [], position } as const
  const values =
    columns.length === 0
      ? [star]
      : columns.map((column) => ({ kind: 'column', parts: [column.name], position: column.position }) as const)
  return selectQuery(values, name, position)
}

/** SELECT values [FROM name]. */
export function selectQuery(values: readonly Expression[], name: QualifiedName | undefined, position: number): Query {
  const from =
    name === undefined
      ? []
      : [{ kind: 'relation', name, only: false, asOf: undefined, alias: undefined, position } as const]
  return {
    kind: 'query',
    with: undefined,
    body: {
      kind: 'select',
      distinct: false,
      items: values.map((value) => ({ kind: 'selectItem', value, alias: undefined, position })),
      from,
      where: undefined,
      groupBy: undefined,
      having: undefined,
      windows: [],
      qualify: undefined,
      position,
    },
    orderBy: [],
    limit: undefined,
    withTies: false,
    offset: undefined,
    locking: [],
    position,
  }
}

/** Relations of the plan's scans, and plain views that it expands. */
export function readsOf(core: EngineCore, plan: PlannedQuery) {
  const isView = (id: (typeof plan.dependencies)[number]): boolean => core.catalog.objects.get(id)?.kind === 'view'
  return {
    reads: plan.dependencies.filter((id) => !isView(id)),
    expands: plan.dependencies.filter(isView),
  }
}

/** A DEFAULT or GENERATED expression of a column that is being declared: checked, thrown away. */
export function bindColumnExpression(
  session: StatementSession,
  relation: RelationInfo,
  column: number,
  expression: { readonly kind: 'default' | 'generated'; readonly value: Expression },
): void {
  const options = planOptions(session, 'adhoc')
  if (expression.kind === 'default') bindDefault(expression.value, relation, column, options)
  else bindGenerated(expression.value, relation, column, options)
}

export function bindCheckExpression(session: StatementSession, relation: RelationInfo, predicate: Expression): void {
  bindCheck(predicate, relation, planOptions(session, 'adhoc'))
}
