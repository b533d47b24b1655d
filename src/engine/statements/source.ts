// CREATE SOURCE: options checked by the connector, `start` resolved to offsets once, dead letters beside it.

import type { Connector, SourceColumn, SourceDefinition } from '../../connectors/source.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import type { SqlType } from '../../core/type.ts'
import type { CreateSource, Format, Option } from '../../parser/ast-statement.ts'
import { print } from '../../parser/print.ts'
import { nearest } from '../../planner/nearest.ts'
import { type CatalogColumn, putObject, type SourceObject, type TableObject, takeId } from '../../storage/catalog.ts'
import { liveSource, liveTable } from '../live-build.ts'
import { bindTypeName } from '../planning.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'
import { optionText } from './options.ts'
import { creationPlace } from './schema.ts'

/** Options that are the engine's and not the connector's. */
const ownOptions = ['connector', 'on_error']

export async function createSource(session: StatementSession, statement: CreateSource): Promise<string> {
  const { core } = session
  if (statement.watermark !== undefined) throw notSupported('WATERMARK FOR', { position: statement.watermark.position })
  const [constraint] = statement.constraints
  if (constraint !== undefined) throw notSupported('a constraint of a source', { position: constraint.position })
  outsideTransactionWithChanges(session, 'CREATE SOURCE')
  if (creationPlace(session, statement.name, statement.ifNotExists) === undefined) return 'CREATE SOURCE'
  const { connector, definition, onError } = define(session, statement)
  const origin = await connector.resolve(definition, core.host)
  await session.turn(async () => {
    const place = creationPlace(session, statement.name, statement.ifNotExists)
    if (place === undefined) return
    const [id, first] = takeId(core.catalog)
    const [badId, catalog] = takeId(first)
    const bad = deadLetters(badId, id, place)
    const columns = definition.columns.map(catalogColumn)
    const source: SourceObject = {
      kind: 'source',
      id,
      ...place,
      columns,
      definition,
      origin,
      deadLetters: badId,
      onError,
    }
    await core.changeCatalog(
      (current) => putObject(putObject({ ...current, nextId: catalog.nextId }, source), bad),
      () => {
        const live = liveSource(source)
        core.graph.add(live)
        core.graph.add(liveTable(core, bad))
        core.cursors.add(live, [])
      },
    )
  })
  return 'CREATE SOURCE'
}

const catalogColumn = (column: SourceColumn): CatalogColumn => ({
  name: column.name,
  type: column.type,
  notNull: !column.nullable,
})

interface Defined {
  readonly connector: Connector
  readonly definition: SourceDefinition
  readonly onError: SourceObject['onError']
}

function define(session: StatementSession, statement: CreateSource): Defined {
  const options = Object.fromEntries(statement.options.map((option) => [option.name, optionText(option)]))
  const name = options.connector
  const { connectors } = session.core
  if (name === undefined)
    throw new SqlError({
      code: '42601',
      message: 'CREATE SOURCE needs WITH (connector = …)',
      hint: `Known connectors: ${[...connectors.keys()].join(', ')}.`,
      position: statement.position,
    })
  const connector = connectors.get(name)
  if (connector === undefined) throw unknownConnector(name, [...connectors.keys()], statement)
  for (const option of statement.options) checkOption(option, [...ownOptions, ...connector.options])
  const { connector: _, on_error: onError = 'divert', ...rest } = options
  if (onError !== 'divert' && onError !== 'fail' && onError !== 'skip')
    throw new SqlError({
      code: '22023',
      message: `invalid value for on_error: "${onError}"`,
      hint: "It is 'divert', 'fail' or 'skip'.",
    })
  const draft: SourceDefinition = {
    name: statement.name.parts.at(-1)!,
    columns: [],
    connector: name,
    options: rest,
    format: formatOf(statement.format),
    encode: encodeOf(statement.format),
  }
  checkFormat(connector, draft, statement)
  const columns = [...declaredColumns(session, connector, draft, statement), ...includedColumns(statement)]
  refuseComputed(statement)
  return { connector, definition: { ...draft, columns }, onError }
}

/** `known` may stand for all names that begin alike: `fields.*`. */
const matchesOption = (known: string, name: string): boolean =>
  known.endsWith('.*') ? name.startsWith(known.slice(0, -1)) : known === name

function checkOption(option: Option, known: readonly string[]): void {
  if (known.some((name) => matchesOption(name, option.name))) return
  const near = nearest(option.name, known)
  throw new SqlError({
    code: '22023',
    message: `unrecognized parameter "${option.name}"`,
    hint: near === undefined ? `Known are ${known.join(', ')}.` : `Perhaps you meant "${near}".`,
    position: option.position,
  })
}

const optionRecord = (options: readonly Option[]): Readonly<Record<string, string>> =>
  Object.fromEntries(options.map((option) => [option.name, optionText(option)]))

const formatOf = (format: Format | undefined): SourceDefinition['format'] =>
  format === undefined ? undefined : { name: format.name.toLowerCase(), options: optionRecord(format.options) }

const encodeOf = (format: Format | undefined): SourceDefinition['encode'] =>
  format?.encode === undefined
    ? undefined
    : { name: format.encode.name.toLowerCase(), options: optionRecord(format.encode.options) }

function checkFormat(connector: Connector, definition: SourceDefinition, statement: CreateSource): void {
  const { position } = statement.format ?? statement
  if (connector.formats.length === 0) {
    if (definition.format !== undefined)
      throw new SqlError({ code: '42601', message: `connector "${connector.name}" takes no FORMAT`, position })
    return
  }
  const { format, encode } = definition
  if (format === undefined || encode === undefined)
    throw new SqlError({
      code: '42601',
      message: `connector "${connector.name}" needs FORMAT … ENCODE …`,
      hint: 'For example FORMAT PLAIN ENCODE JSON.',
      position,
    })
  if (!connector.formats.includes(`${format.name}/${encode.name}`))
    throw notSupported(`FORMAT ${format.name.toUpperCase()} ENCODE ${encode.name.toUpperCase()}`, { position })
}

function declaredColumns(
  session: StatementSession,
  connector: Connector,
  definition: SourceDefinition,
  statement: CreateSource,
): readonly SourceColumn[] {
  const declared = statement.columns.filter((column) => !column.constraints.some((one) => one.kind === 'computed'))
  const prescribed = connector.prescribed(definition)
  if (prescribed !== undefined && declared.length > 0)
    throw new SqlError({
      code: '42601',
      message: `connector "${connector.name}" declares its columns itself`,
      hint: 'Leave the column list out.',
      position: declared[0]!.position,
    })
  if (prescribed !== undefined)
    return prescribed.map(({ name, type, nullable }) => ({ name, type, nullable, include: undefined }))
  if (declared.length === 0)
    throw new SqlError({ code: '42601', message: 'CREATE SOURCE needs columns', position: statement.position })
  return declared.map((column) => {
    let nullable = true
    for (const constraint of column.constraints) {
      if (constraint.kind === 'notNull') nullable = false
      else if (constraint.kind !== 'null')
        throw notSupported('a constraint of a source', { position: constraint.position })
    }
    return { name: column.name, type: bindTypeName(session, column.type!), nullable, include: undefined }
  })
}

const includeTypes: Readonly<Record<NonNullable<SourceColumn['include']>, SqlType>> = {
  key: { kind: 'bytea' },
  partition: { kind: 'int4' },
  offset: { kind: 'int8' },
  timestamp: { kind: 'timestamptz' },
  headers: { kind: 'jsonb' },
}

const includedColumns = (statement: CreateSource): readonly SourceColumn[] =>
  statement.include.map(({ what, alias }) => ({
    name: alias?.name ?? `_${what}`,
    type: includeTypes[what],
    nullable: what === 'key' || what === 'headers' || what === 'timestamp',
    include: what,
  }))

function refuseComputed(statement: CreateSource): void {
  const [first] = statement.columns.flatMap((column) => column.constraints.filter((one) => one.kind === 'computed'))
  if (first === undefined) return
  const expression = first.kind === 'computed' ? print(first.value) : ''
  throw notSupported('a computed column of a source', {
    position: first.position,
    hint: `Compute it in a view: SELECT *, ${expression}.`,
  })
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

/** 22023. */
function unknownConnector(name: string, known: readonly string[], statement: CreateSource): SqlError {
  const near = nearest(name, known)
  return new SqlError({
    code: '22023',
    message: `unknown connector "${name}"`,
    hint: near === undefined ? `Known connectors: ${known.join(', ')}.` : `Perhaps you meant "${near}".`,
    position: statement.position,
  })
}
