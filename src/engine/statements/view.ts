// CREATE VIEW and CREATE MATERIALIZED VIEW.

import { notSupported, SqlError } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import type { CreateMaterializedView, CreateView, Option } from '../../parser/ast-statement.ts'
import { print } from '../../parser/print.ts'
import { unboundedState } from '../../planner/cleaning.ts'
import { nearest } from '../../planner/nearest.ts'
import type { PlannedQuery } from '../../planner/plan.ts'
import {
  type Catalog,
  type CatalogColumn,
  duplicateRelation,
  findObject,
  type MaterializedViewObject,
  putObject,
  takeId,
} from '../../storage/catalog.ts'
import { errorsName, errorsTable } from '../diverted.ts'
import { Lane } from '../lane.ts'
import { liveView } from '../live-build.ts'
import { disposeReader, type LiveView } from '../live-relation.ts'
import { findNamed } from '../names.ts'
import { planView, readsOf } from '../planning.ts'
import type { LogEnds } from '../source-cursors.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'
import { emissionOf } from './emission.ts'
import { optionText } from './options.ts'
import { creationPlace } from './schema.ts'
import { viewColumns } from './view-columns.ts'

export async function createView(session: StatementSession, statement: CreateView): Promise<string> {
  const { core } = session
  const [option] = statement.options
  if (option !== undefined) throw notSupported(`the option ${option.name} of a view`, { position: option.position })
  outsideTransactionWithChanges(session, 'CREATE VIEW')
  await session.turn(async () => {
    const replaced = statement.orReplace ? replacedView(session, statement) : undefined
    const place = replaced ?? creationPlace(session, statement.name, statement.ifNotExists)
    if (place === undefined) return
    const plan = planView(session, statement.query)
    const columns = viewColumns(plan, statement.columns)
    if (replaced !== undefined) checkReplaced(replaced.columns, columns)
    const [fresh, catalog] = takeId(core.catalog)
    const id = replaced?.id ?? fresh
    const { schema, name } = place
    const query = print(statement.query)
    const { searchPath } = session
    await core.changeCatalog((current) =>
      putObject(
        { ...current, nextId: replaced === undefined ? catalog.nextId : current.nextId },
        { kind: 'view', id, schema, name, columns, query, searchPath, reads: plan.dependencies },
      ),
    )
  })
  return 'CREATE VIEW'
}

function replacedView(session: StatementSession, statement: CreateView) {
  const existing = findNamed(session, statement.name)
  if (existing === undefined) return undefined
  if (existing.kind !== 'view')
    throw new SqlError({
      code: '42809',
      message: `"${existing.name}" is not a view`,
      position: statement.name.position,
    })
  return existing
}

/** PostgreSQL's rule: the old columns stay, in order, name and type; new ones may follow (42P16). */
function checkReplaced(before: readonly CatalogColumn[], after: readonly CatalogColumn[]): void {
  if (after.length < before.length) throw invalidView('cannot drop columns from view')
  for (const [i, column] of before.entries()) {
    if (column.name !== after[i]!.name)
      throw invalidView(`cannot change name of view column "${column.name}" to "${after[i]!.name}"`)
    if (column.type.kind !== after[i]!.type.kind)
      throw invalidView(`cannot change data type of view column "${column.name}"`)
  }
}

const invalidView = (message: string): SqlError => new SqlError({ code: '42P16', message })

export async function createMaterializedView(
  session: StatementSession,
  statement: CreateMaterializedView,
): Promise<string> {
  const { core } = session
  if (statement.orReplace) throw notSupported('CREATE OR REPLACE MATERIALIZED VIEW', { position: statement.position })
  if (!statement.withData) throw notSupported('WITH NO DATA', { position: statement.position })
  outsideTransactionWithChanges(session, 'CREATE MATERIALIZED VIEW')
  const options = viewOptions(statement.options)
  const place = creationPlace(session, statement.name, statement.ifNotExists)
  if (place === undefined) return 'CREATE MATERIALIZED VIEW'
  if (options.on_error === 'divert') refuseTaken(session, place.schema, errorsName(place.name))
  const emission = emissionOf(session, statement.emit)
  if (options.on_error === 'divert' && emission?.delay !== undefined)
    throw notSupported("on_error = 'divert' in a view with delayed emission", { position: emission.position })
  const plan = planView(session, statement.query, emission)
  const [id] = takeId(core.catalog)
  const object: MaterializedViewObject = {
    kind: 'materialized view',
    id,
    ...place,
    columns: viewColumns(plan, statement.columns),
    query: print(statement.query),
    searchPath: session.searchPath,
    timeZone: session.settings.show('timezone'),
    maxRecursionIterations: session.settings.show('max_recursion_iterations'),
    options,
    emission: emission && { onWindowClose: emission.onWindowClose, delay: emission.delay },
    ...readsOf(core, plan),
  }
  // In the background nobody can cancel it but DROP, and it outlives the session.
  const inBackground = options.background === 'true'
  const signal = inBackground ? new AbortController().signal : session.signal
  const ready = hydrate(session, object, { plan, signal, toLogEnds: !inBackground })
  if (inBackground) ready.catch((error: unknown) => core.host.log('error', String(error)))
  else await ready
  for (const because of unboundedState(plan.physical))
    session.notice(`state of materialized view "${place.name}" is unbounded because ${because}`)
  return 'CREATE MATERIALIZED VIEW'
}

/**
 * Runs the lane, and in its last turn makes the view exist. `toLogEnds`: then waits until it has passed the ends that
 * the logs have now, for which they must answer now.
 */
async function hydrate(
  session: StatementSession,
  object: MaterializedViewObject,
  how: { readonly plan: PlannedQuery; readonly signal: AbortSignal; readonly toLogEnds: boolean },
): Promise<void> {
  const { core } = session
  const { plan, signal } = how
  const name = `${object.schema}.${object.name}`
  const diverts = object.options.on_error === 'divert'
  const releases = [core.reserve(name)]
  let ends: readonly LogEnds[] = []
  try {
    if (how.toLogEnds) ends = await core.cursors.ends(plan.dependencies)
    if (diverts) releases.push(core.reserve(errorsName(name)))
    let view = liveView(core, object, plan, diverts ? errorsTable(object.id, object) : undefined)
    try {
      await new Lane(core, view, signal).run(async () => {
        view = withIds(core.catalog, view)
        const objects = view.errors === undefined ? [view.object] : [view.object, view.errors.object]
        await core.changeCatalog(
          (current) => objects.reduce((catalog, made) => putObject(afterId(catalog, made.id), made), current),
          () => {
            core.graph.add(view)
            core.cursors.attached()
          },
        )
        await core.cursors.adjust()
      })
    } catch (error) {
      // Not while an epoch is unsealed: what it imports is written to.
      if (core.graph.get(view.id) !== view) await core.pump.turn(() => disposeReader(view))
      throw error
    }
  } finally {
    for (const release of releases) release()
  }
  await core.cursors.passed(ends, signal)
}

/** The view, and its `$errors`, under the ids that are next now. */
function withIds(catalog: Catalog, view: LiveView): LiveView {
  const [id, rest] = takeId(catalog)
  if (view.errors === undefined) return { ...view, id, object: { ...view.object, id } }
  const [errorsId] = takeId(rest)
  const object = { ...view.object, id, errors: errorsId }
  return { ...view, id, object, errors: { ...view.errors, id: errorsId, object: errorsTable(errorsId, object) } }
}

const afterId = (catalog: Catalog, id: RelationId): Catalog => ({
  ...catalog,
  nextId: Math.max(catalog.nextId, id + 1),
})

function refuseTaken(session: StatementSession, schema: string, name: string): void {
  const { core } = session
  if (core.isReserved(`${schema}.${name}`) || findObject(core.catalog, schema, name) !== undefined)
    throw duplicateRelation(name)
}

const known = ['background', 'on_error']

function viewOptions(options: readonly Option[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const option of options) {
    if (!known.includes(option.name)) {
      const near = nearest(option.name, known)
      throw new SqlError({
        code: '22023',
        message: `unrecognized parameter "${option.name}"`,
        hint: near === undefined ? `Known are ${known.join(', ')}.` : `Perhaps you meant "${near}".`,
        position: option.position,
      })
    }
    found[option.name] = optionText(option)
  }
  const onError = options.find(({ name }) => name === 'on_error')
  if (onError !== undefined && !['fail', 'divert'].includes(found.on_error!))
    throw new SqlError({
      code: '22023',
      message: `invalid value for parameter "on_error": "${found.on_error}"`,
      hint: 'Available values: fail, divert.',
      position: onError.position,
    })
  return found
}
