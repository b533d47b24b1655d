// CREATE SOURCE: options checked by the connector, `start` resolved to offsets once, relations for bad and late rows
// beside it.

import type { SourceDefinition, SourceOrigin } from '../../connectors/source.ts'
import { notSupported } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import type { CreateSource } from '../../parser/ast-statement.ts'
import {
  type CatalogColumn,
  putObject,
  type SourceObject,
  type SourceWatermark,
  type TableObject,
  takeId,
} from '../../storage/catalog.ts'
import { liveSource, liveTable } from '../live-build.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'
import { creationPlace } from './schema.ts'
import { bareRelation, checkComputed, declaredColumns, formatColumns } from './source-columns.ts'
import { sourceOptions } from './source-options.ts'
import { lateRows, refuseLateOptions, retentionOption, sourceTimeOptions, watermarkDefinition } from './watermark.ts'

export async function createSource(session: StatementSession, statement: CreateSource): Promise<string> {
  const { core } = session
  const [constraint] = statement.constraints
  if (constraint !== undefined) throw notSupported('a constraint of a source', { position: constraint.position })
  outsideTransactionWithChanges(session, 'CREATE SOURCE')
  if (creationPlace(session, statement.name, statement.ifNotExists) === undefined) return 'CREATE SOURCE'
  const { connector, draft, onError } = sourceOptions(session, statement)
  const declared = declaredColumns(session, { connector, draft, statement })
  const definition: SourceDefinition = { ...draft, columns: formatColumns(declared) }
  const columns = checkComputed(session, statement, declared)
  const shape = {
    definition,
    columns,
    watermark: sourceWatermark(session, statement, columns, connector.formats.length > 0),
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
  readonly watermark: Omit<SourceWatermark, 'lateRows'> | undefined
}

/** Records that came over a wire know when they were written; what a connector makes itself does not. */
function sourceWatermark(
  session: StatementSession,
  statement: CreateSource,
  columns: readonly CatalogColumn[],
  hasTimestamps: boolean,
): Shape['watermark'] {
  const { watermark, options } = statement
  if (watermark === undefined) {
    refuseLateOptions(options)
    return undefined
  }
  const relation = bareRelation(statement, columns)
  const definition = watermarkDefinition(session, watermark, relation, options, 'divert')
  const { type } = relation.columns[definition.column]!
  return { ...definition, ...sourceTimeOptions(session, options, type, hasTimestamps) }
}

async function install(session: StatementSession, statement: CreateSource, shape: Shape): Promise<void> {
  const { core } = session
  const place = creationPlace(session, statement.name, statement.ifNotExists)
  if (place === undefined) return
  const [id, first] = takeId(core.catalog)
  const [badId, second] = takeId(first)
  const [lateId, catalog] = takeId(second)
  const retention = (name: string): string => retentionOption(session, statement.options, name)
  const bad = deadLetters(badId, id, place, retention('bad_retention'))
  const keepsLate = shape.watermark?.late === 'divert'
  const watermark = shape.watermark && { ...shape.watermark, lateRows: keepsLate ? lateId : undefined }
  const source: SourceObject = { kind: 'source', id, ...place, ...shape, watermark, deadLetters: badId }
  const tables = keepsLate ? [bad, lateRows(lateId, source, watermark!.column, retention('late_retention'))] : [bad]
  await core.changeCatalog(
    (current) => [source, ...tables].reduce(putObject, { ...current, nextId: catalog.nextId }),
    () => {
      const live = liveSource(core, source)
      core.graph.add(live)
      for (const table of tables) core.graph.add(liveTable(core, table))
      core.cursors.add(live, [])
    },
  )
}

const deadLetters = (
  id: RelationId,
  source: RelationId,
  place: { readonly schema: string; readonly name: string },
  retention: string,
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
    retention,
  }
}
