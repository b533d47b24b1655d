// Catalog objects as running relations: stores of the right form, dataflows of views.

import type { SourceDefinition } from '../connectors/source.ts'
import { assert } from '../core/assert.ts'
import { type MemoryAccount, memoryAccount } from '../core/memory.ts'
import type { Schema } from '../core/schema.ts'
import { buildDataflow } from '../executor/build.ts'
import { closure } from '../executor/expr/closures.ts'
import type { ImportWish } from '../executor/imports.ts'
import { parseExpression } from '../parser/parse.ts'
import { bindOverRow } from '../planner/dml.ts'
import type { PlannedQuery } from '../planner/plan.ts'
import {
  type DelayDefinition,
  type IndexObject,
  type MaterializedViewObject,
  type SourceObject,
  type TableObject,
  type UniqueConstraint,
  uniqueKeysOf,
  type WatermarkDefinition,
} from '../storage/catalog.ts'
import { createViewStore, type ViewStoreOptions, viewOfContents } from '../storage/view-store.ts'
import { columnsSchema, relationInfo } from './catalog-lookup.ts'
import { ComputedColumns } from './computed-columns.ts'
import { viewContext } from './context.ts'
import type { EngineCore } from './core.ts'
import { FrontierState } from './frontier-state.ts'
import { HeldChanges } from './held-changes.ts'
import type { LiveSource, LiveTable, LiveUnique, LiveView } from './live-relation.ts'
import { planComputed } from './planning.ts'
import { Watermark } from './watermark.ts'
import { type BoundWatermark, WatermarkRule } from './watermark-rule.ts'

export function liveTable(core: EngineCore, object: TableObject): LiveTable {
  const schema = columnsSchema(object.columns)
  const account = memoryAccount(`table "${object.name}"`, { parent: core.account })
  const primary = object.uniques.find((unique) => unique.primary)
  const form: ViewStoreOptions['form'] =
    primary === undefined ? { kind: 'bag' } : { kind: 'keyed', key: primary.columns }
  const store = createViewStore({ schema, form, account })
  const uniques = uniqueKeysOf(core.catalog, object).map((unique) =>
    unique.primary ? { ...unique, store } : liveUnique(unique, schema, account),
  )
  const { watermark } = object
  return {
    kind: 'table',
    id: object.id,
    schema,
    store,
    uniques,
    account,
    delta: [],
    frontiers: new FrontierState(),
    watermark: watermark && liveWatermark(core, schema, watermark, watermarkExpr(core, object, watermark)),
    lateTable: () => {
      const id = object.watermark?.lateRows
      const table = id === undefined ? undefined : core.graph.get(id)
      return table?.kind === 'table' ? table : undefined
    },
    object,
  }
}

/** A unique key beside the primary one: its columns' values in a store of their own. */
export const liveUnique = (
  { name, columns, nullsNotDistinct }: Pick<UniqueConstraint, 'name' | 'columns' | 'nullsNotDistinct'>,
  schema: Schema,
  account: MemoryAccount,
): LiveUnique => ({
  name,
  columns,
  nullsNotDistinct,
  store: createViewStore({ schema: columns.map((column) => schema[column]!), form: { kind: 'bag' }, account }),
})

export function liveSource(core: EngineCore, object: SourceObject): LiveSource {
  const schema = columnsSchema(object.columns)
  const { watermark } = object
  const bound = watermark && watermarkExpr(core, object, watermark)
  return {
    kind: 'source',
    id: object.id,
    schema,
    delta: [],
    frontiers: new FrontierState(),
    watermark: watermark && liveWatermark(core, schema, watermark, bound!),
    rule: watermark && new WatermarkRule(object.name, schema, watermark, bound!),
    computed: computedColumns(core, object),
    object,
  }
}

function computedColumns(core: EngineCore, object: SourceObject): ComputedColumns | undefined {
  if (object.columns.every(({ generated }) => generated === undefined)) return undefined
  const facts = core.facts(() => object.searchPath)
  const context = viewContext(facts, core.names(facts), object)
  const { columns } = object.definition as SourceDefinition
  const exprs = planComputed(core, relationInfo(object, undefined), object)
  return new ComputedColumns(columnsSchema(object.columns), exprs, columns, { context, parameters: [] })
}

/** The expression, which has been checked when it was declared; names and zones in it are nobody's in particular. */
function watermarkExpr(
  core: EngineCore,
  object: TableObject | SourceObject,
  definition: WatermarkDefinition,
): BoundWatermark {
  const relation = relationInfo(object, undefined)
  const facts = core.facts(() => [])
  const context = viewContext(facts, core.names(facts), {
    timeZone: 'UTC',
    searchPath: [],
    maxRecursionIterations: '0',
  })
  const options = { catalog: core.lookup, registry: core.registry, searchPath: [], text: context.text }
  const { type } = relation.columns[definition.column]!
  const expr = bindOverRow(parseExpression(definition.expression), relation, options, type)
  return { expr, env: { context, parameters: [] } }
}

const liveWatermark = (
  core: EngineCore,
  schema: Schema,
  definition: WatermarkDefinition,
  { expr, env }: BoundWatermark,
): Watermark =>
  new Watermark({
    definition,
    schema,
    expr: closure(expr, env),
    arrival: () => ({ epoch: core.pump.last.epoch + 1, time: core.clock.now() }),
  })

/** `errors`: its `<name>$errors`, where it diverts rows. */
export function liveView(
  core: EngineCore,
  object: MaterializedViewObject,
  plan: PlannedQuery,
  errors: TableObject | undefined,
): LiveView {
  const label = `materialized view "${object.name}"`
  const account = memoryAccount(label, { parent: core.account })
  const facts = core.facts(() => object.searchPath)
  const context = viewContext(facts, core.names(facts), object)
  const imports = core.graph.imports(label)
  const { importer } = imports
  const env = { context, parameters: [] }
  const diverts = errors !== undefined
  const ownStore = object.emission?.delay !== undefined
  const dataflow = buildDataflow(plan.physical, { env, account, oneShot: false, importer, diverts, ownStore })
  const schema = plan.physical.schema.map((column, i) => ({ ...column, name: object.columns[i]?.name ?? column.name }))
  const held = heldChanges(core, plan.physical.schema, object.emission?.delay, account)
  return {
    kind: 'view',
    id: object.id,
    schema,
    store:
      dataflow.contents === undefined
        ? createViewStore({ schema, form: viewForm(plan), account })
        : viewOfContents(schema, dataflow.contents),
    account,
    dataflow,
    imports,
    plan,
    delta: [],
    held,
    frontiers: new FrontierState(),
    errors: errors && liveTable(core, errors),
    label,
    object,
    started: false,
    failed: undefined,
  }
}

export function heldChanges(
  core: EngineCore,
  schema: Schema,
  delay: DelayDefinition | undefined,
  account: MemoryAccount,
): HeldChanges | undefined {
  return delay && new HeldChanges(schema, delay, account, core.pump.last.time)
}

/** An index: rows of all columns by the indexed ones. A NULL is found by no equality. */
export function indexWish(core: EngineCore, { relation, columns }: IndexObject): ImportWish {
  const stored = core.graph.get(relation)
  assert(stored !== undefined, 'what is indexed is there')
  return { relation, columns: [...stored.schema.keys()], keys: columns, storeNullKeys: false }
}

/** Keyed where a derived key has no NULLs, a log where nothing is ever retracted, else a bag. */
function viewForm(plan: PlannedQuery): ViewStoreOptions['form'] {
  const { uniqueKeys, schema, insertOnly } = plan.physical
  const key = uniqueKeys.find((columns) => columns.length > 0 && columns.every((column) => !schema[column]!.nullable))
  if (key !== undefined) return { kind: 'keyed', key }
  return insertOnly ? { kind: 'log' } : { kind: 'bag' }
}
