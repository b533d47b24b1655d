// CREATE SOURCE: options checked by the connector, `start` resolved to offsets once, dead letters beside it.

import type { SourceDefinition, SourceOrigin } from '../../connectors/source.ts'
import { notSupported } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import type { CreateSource } from '../../parser/ast-statement.ts'
import { putObject, type SourceObject, type TableObject, takeId } from '../../storage/catalog.ts'
import { liveSource, liveTable } from '../live-build.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'
import { creationPlace } from './schema.ts'
import { checkComputed, declaredColumns, formatColumns } from './source-columns.ts'
import { sourceOptions } from './source-options.ts'

export async function createSource(session: StatementSession, statement: CreateSource): Promise<string> {
  const { core } = session
  if (statement.watermark !== undefined) throw notSupported('WATERMARK FOR', { position: statement.watermark.position })
  const [constraint] = statement.constraints
  if (constraint !== undefined) throw notSupported('a constraint of a source', { position: constraint.position })
  outsideTransactionWithChanges(session, 'CREATE SOURCE')
  if (creationPlace(session, statement.name, statement.ifNotExists) === undefined) return 'CREATE SOURCE'
  const { connector, draft, onError } = sourceOptions(session, statement)
  const declared = declaredColumns(session, { connector, draft, statement })
  const definition: SourceDefinition = { ...draft, columns: formatColumns(declared) }
  const shape = {
    definition,
    columns: checkComputed(session, statement, declared),
    searchPath: session.searchPath,
    timeZone: session.settings.show('timezone'),
    onError,
  }
  const origin = await connector.resolve(definition, core.host)
  await session.turn(() => install(session, statement, { ...shape, origin }))
  return 'CREATE SOURCE'
}

type Shape = Pick<SourceObject, 'columns' | 'searchPath' | 'timeZone' | 'onError'> & {
  readonly definition: SourceDefinition
  readonly origin: SourceOrigin
}

async function install(session: StatementSession, statement: CreateSource, shape: Shape): Promise<void> {
  const { core } = session
  const place = creationPlace(session, statement.name, statement.ifNotExists)
  if (place === undefined) return
  const [id, first] = takeId(core.catalog)
  const [badId, catalog] = takeId(first)
  const bad = deadLetters(badId, id, place)
  const source: SourceObject = { kind: 'source', id, ...place, ...shape, deadLetters: badId }
  await core.changeCatalog(
    (current) => putObject(putObject({ ...current, nextId: catalog.nextId }, source), bad),
    () => {
      const live = liveSource(core, source)
      core.graph.add(live)
      core.graph.add(liveTable(core, bad))
      core.cursors.add(live, [])
    },
  )
}

const deadLetters = (
  id: RelationId,
  source: RelationId,
  place: { readonly schema: string; readonly name: string },
): TableObject => {
  const column = (name: string, kind: 'int4' | 'int8' | 'bytea' | 'text' | 'timestamptz', notNull: boolean) => ({
    name,
    type: { kind },
    notNull,
  })
  return {
    kind: 'table',
    id,
    schema: place.schema,
    name: `${place.name}$bad`,
    columns: [
      column('partition', 'int4', true),
      column('offset', 'int8', true),
      column('key', 'bytea', false),
      column('payload', 'bytea', false),
      column('reason', 'text', true),
      column('ingested_at', 'timestamptz', true),
    ],
    uniques: [{ name: `${place.name}$bad_pkey`, columns: [0, 1], primary: true }],
    checks: [],
    foreignKeys: [],
    appendOnly: true,
    deadLettersOf: source,
  }
}
