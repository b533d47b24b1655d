// The columns of CREATE SOURCE: declared ones, those that the connector prescribes, INCLUDE columns, and computed ones,
// in the order in which `SELECT *` shows them.

import type { Connector, SourceColumn, SourceDefinition } from '../../connectors/source.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import { relationId } from '../../core/ids.ts'
import type { SqlType } from '../../core/type.ts'
import type { Expression } from '../../parser/ast.ts'
import type { ColumnDefinition, CreateSource } from '../../parser/ast-statement.ts'
import { print } from '../../parser/print.ts'
import type { RelationInfo } from '../../planner/catalog.ts'
import { bindOverRow } from '../../planner/dml.ts'
import type { CatalogColumn } from '../../storage/catalog.ts'
import { relationInfo } from '../catalog-lookup.ts'
import { bindTypeName, planComputed, planOptions } from '../planning.ts'
import type { StatementSession } from '../statement-session.ts'

/** A column of the relation; `computed` is what it is computed by. */
export interface DeclaredColumn extends Omit<SourceColumn, 'type'> {
  /** Undefined: that of the expression. */
  readonly type: SqlType | undefined
  readonly computed: Expression | undefined
  readonly position: number
}

interface Declaration {
  readonly connector: Connector
  readonly draft: SourceDefinition
  readonly statement: CreateSource
}

export function declaredColumns(session: StatementSession, declaration: Declaration): readonly DeclaredColumn[] {
  const { statement } = declaration
  const own = statement.columns.map((column) => declaredColumn(session, column))
  const columns = [...prescribedColumns(declaration, own), ...own, ...includedColumns(statement)]
  const seen = new Set<string>()
  for (const { name, position } of columns) {
    if (seen.has(name))
      throw new SqlError({ code: '42701', message: `column "${name}" specified more than once`, position })
    seen.add(name)
  }
  return columns
}

/** What the format and the frame fill, in the order that connectors expect. */
export const formatColumns = (columns: readonly DeclaredColumn[]): readonly SourceColumn[] =>
  columns.flatMap(({ name, type, nullable, include, computed }) =>
    computed === undefined ? [{ name, type: type!, nullable, include }] : [],
  )

function prescribedColumns(
  { connector, draft, statement }: Declaration,
  own: readonly DeclaredColumn[],
): readonly DeclaredColumn[] {
  const prescribed = connector.prescribed(draft)
  const filled = own.find(({ computed }) => computed === undefined)
  if (prescribed !== undefined && filled !== undefined)
    throw new SqlError({
      code: '42601',
      message: `connector "${connector.name}" declares its columns itself`,
      hint: 'Leave all but computed columns out of the list.',
      position: filled.position,
    })
  if (prescribed === undefined && filled === undefined)
    throw new SqlError({ code: '42601', message: 'CREATE SOURCE needs columns', position: statement.position })
  return (prescribed ?? []).map(({ name, type, nullable }) => ({
    name,
    type,
    nullable,
    include: undefined,
    computed: undefined,
    position: statement.position,
  }))
}

function declaredColumn(session: StatementSession, column: ColumnDefinition): DeclaredColumn {
  const { name, position } = column
  let nullable = true
  let computed: Expression | undefined
  for (const constraint of column.constraints) {
    if (constraint.kind === 'notNull') nullable = false
    else if (constraint.kind === 'computed' && computed === undefined) computed = constraint.value
    else if (constraint.kind !== 'null')
      throw notSupported('a constraint of a source', { position: constraint.position })
  }
  const type = column.type === undefined ? undefined : bindTypeName(session, column.type)
  return { name, type, nullable, include: undefined, computed, position }
}

const includeTypes: Readonly<Record<NonNullable<SourceColumn['include']>, SqlType>> = {
  key: { kind: 'bytea' },
  partition: { kind: 'int4' },
  offset: { kind: 'int8' },
  timestamp: { kind: 'timestamptz' },
  headers: { kind: 'jsonb' },
}

const includedColumns = (statement: CreateSource): readonly DeclaredColumn[] =>
  statement.include.map(({ what, alias, position }) => ({
    name: alias?.name ?? `_${what}`,
    type: includeTypes[what],
    nullable: what === 'key' || what === 'headers' || what === 'timestamp',
    include: what,
    computed: undefined,
    position,
  }))

/** The columns as the catalog has them. Expressions are bound once here, for their errors and types. */
export function checkComputed(
  session: StatementSession,
  statement: CreateSource,
  declared: readonly DeclaredColumn[],
): readonly CatalogColumn[] {
  const columns = declared.map(({ name, type, nullable, computed }): CatalogColumn => {
    const generated = computed === undefined ? undefined : print(computed)
    return { name, type: type ?? unknownType, notNull: !nullable, default: undefined, generated }
  })
  if (columns.every(({ generated }) => generated === undefined)) return columns
  const bare = bareRelation(
    statement,
    columns.map((column) => ({ ...column, generated: undefined })),
  )
  const typed = declared.map(({ type, computed }, i): CatalogColumn => {
    if (type !== undefined || computed === undefined) return columns[i]!
    const found = bindOverRow(computed, bare, planOptions(session, 'adhoc')).type
    return { ...columns[i]!, type: found.kind === 'unknown' ? { kind: 'text' } : found }
  })
  const relation = bareRelation(statement, typed)
  const details = relation.details!.map((one, i) => ({ ...one, generated: declared[i]!.computed }))
  const place = { searchPath: session.searchPath, timeZone: session.settings.show('timezone') }
  planComputed(session.core, { ...relation, details }, place)
  return typed
}

const unknownType = { kind: 'unknown' } as const

/** The source as the binder sees it, before it exists. */
export const bareRelation = (statement: CreateSource, columns: readonly CatalogColumn[]): RelationInfo =>
  relationInfo(
    {
      kind: 'table',
      id: relationId(0),
      schema: '',
      name: statement.name.parts.at(-1)!,
      columns,
      uniques: [],
      checks: [],
      foreignKeys: [],
      appendOnly: true,
    },
    undefined,
  )
