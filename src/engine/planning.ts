// The planner as statements call it: with the session's catalog version, path, settings and parameters.

import { rowsOfBatch } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import { Region } from '../core/region.ts'
import { type SqlType, sameType } from '../core/type.ts'
import { typeName } from '../core/type-name.ts'
import type { SqlValue } from '../core/value.ts'
import type { Query, TypeName } from '../parser/ast.ts'
import type { Name, QualifiedName } from '../parser/ast-leaf.ts'
import { bindType } from '../planner/binder/type-name.ts'
import { type PlannedQuery, type PlanOptions, planQuery } from '../planner/plan.ts'
import type { MaterializedViewObject } from '../storage/catalog.ts'
import { parseQuery } from './catalog-lookup.ts'
import { viewContext } from './context.ts'
import type { EngineCore } from './core.ts'
import type { EngineSession } from './engine-session.ts'
import { runPlan, runToEnd } from './query.ts'
import { sealedReads } from './reads.ts'
import { readBase } from './statements/select.ts'

/** Parameters of one execution, or the types a client declared when it only describes. */
export interface Parameters {
  readonly types?: readonly (SqlType | undefined)[] | undefined
  readonly values?: readonly SqlValue[] | undefined
}

export function planOptions(
  session: EngineSession,
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
    parameterTypes: parameters.types,
    parameterValues: parameters.values,
  }
}

export const planSelect = (session: EngineSession, query: Query, parameters: Parameters): PlannedQuery =>
  planQuery(query, planOptions(session, 'adhoc', parameters))

/** The query of a view, plain or materialized. */
export const planView = (session: EngineSession, query: Query): PlannedQuery =>
  planQuery(query, planOptions(session, 'view'))

export const planSubscription = (session: EngineSession, query: Query, parameters: Parameters): PlannedQuery =>
  planQuery(query, planOptions(session, 'view', parameters))

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
  })
}

export const bindTypeName = (session: EngineSession, type: TypeName): SqlType =>
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

function selectQuery(values: readonly Expression[], name: QualifiedName | undefined, position: number): Query {
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

/** The values of expressions without columns, in one row: EXECUTE's arguments, AS OF. */
export function evaluateRow(session: EngineSession, values: readonly Expression[]): readonly TypedValue[] {
  const position = values[0]?.position ?? 0
  const query = selectQuery(values, undefined, position)
  const plan = planSelect(session, query, {})
  const run = { env: { context: session.context(), parameters: [] }, account: session.account }
  using region = new Region(session.account)
  const batches = runToEnd(runPlan(plan.physical, { ...run, region, reads: sealedReads(readBase(session)) }))
  const row = rowsOfBatch(plan.physical.schema, batches[0]!)[0]!
  return plan.output.map(({ type }, i) => ({ type, value: row[i] ?? null }))
}

export interface TypedValue {
  readonly type: SqlType
  readonly value: SqlValue
}

export function evaluateArguments(
  session: EngineSession,
  values: readonly Expression[],
  types: readonly SqlType[],
): readonly SqlValue[] {
  if (values.length === 0) return []
  return evaluateRow(session, values).map((one, i) => convert(session, one, types[i]!))
}

/** Assignment conversion of a single value; 42804 where there is none. */
export function convert(session: EngineSession, { type, value }: TypedValue, to: SqlType): SqlValue {
  if (value === null || sameType(type, to)) return value
  const cast = session.core.registry.cast(type, to)
  if (cast === undefined || cast.context === 'explicit')
    throw new SqlError({
      code: '42804',
      message: `parameter of type ${typeName(type)} cannot be coerced to the expected type ${typeName(to)}`,
      hint: 'You will need to rewrite or cast the expression.',
    })
  const evaluate = cast.evaluate as (...args: readonly unknown[]) => SqlValue
  return evaluate(value, { from: type, to, explicit: false }, session.context())
}

export function evaluateInteger(session: EngineSession, value: Expression): number {
  const [one] = evaluateRow(session, [value])
  const number = one === undefined ? null : convert(session, one, { kind: 'int8' })
  if (typeof number !== 'bigint')
    throw new SqlError({ code: '22023', message: 'an epoch must be an integer', position: value.position })
  return Number(number)
}
