// CREATE TABLE: columns, constraints and names into a catalog object, and the table into the running graph.

import { assert } from '../../core/assert.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import type { Insert } from '../../parser/ast.ts'
import type {
  ColumnConstraint,
  ColumnDefinition,
  CreateTable,
  CreateTableAs,
  TableConstraint,
} from '../../parser/ast-statement.ts'
import { print } from '../../parser/print.ts'
import { checkCollation } from '../../planner/binder/collation.ts'
import type { RelationInfo } from '../../planner/catalog.ts'
import {
  type CatalogColumn,
  putObject,
  type TableObject,
  takeId,
  type UniqueConstraint,
} from '../../storage/catalog.ts'
import { relationInfo } from '../catalog-lookup.ts'
import { liveTable } from '../live-build.ts'
import { bindCheckExpression, bindColumnExpression, bindTypeName, planSelect } from '../planning.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'
import { runChange } from './dml.ts'
import { foreignKeysOf } from './foreign-key.ts'
import { creationPlace } from './schema.ts'
import { viewColumns } from './view-columns.ts'
import { lateRows, refuseLateOptions, retentionOption, watermarkDefinition, watermarkOptions } from './watermark.ts'

export async function createTable(session: StatementSession, statement: CreateTable): Promise<string> {
  refuseClauses(statement)
  outsideTransactionWithChanges(session, 'CREATE TABLE')
  const { core } = session
  await session.turn(async () => {
    const place = creationPlace(session, statement.name, statement.ifNotExists)
    if (place === undefined) return
    const [id, first] = takeId(core.catalog)
    const [lateId, second] = takeId(first)
    const table = tableObject(session, statement, { id, ...place }, lateId)
    const keepsLate = table.watermark?.lateRows !== undefined
    const retention = retentionOption(session, statement.options, 'late_retention')
    const late = keepsLate ? [lateRows(lateId, table, table.watermark!.column, retention)] : []
    const catalog = keepsLate ? second : first
    await core.changeCatalog(
      (current) => [table, ...late].reduce(putObject, { ...current, nextId: catalog.nextId }),
      () => {
        for (const one of [table, ...late]) core.graph.add(liveTable(core, one))
      },
    )
  })
  return 'CREATE TABLE'
}

function refuseClauses(statement: CreateTable): void {
  const { position } = statement
  if (statement.format !== undefined || statement.options.some((option) => option.name === 'connector'))
    throw notSupported('CREATE TABLE WITH a connector', { position, hint: 'Use CREATE SOURCE and a view over it.' })
  if (statement.watermark === undefined) refuseLateOptions(statement.options)
  const option = statement.options.find(({ name }) => !(watermarkOptions as readonly string[]).includes(name))
  if (option !== undefined)
    throw new SqlError({
      code: '22023',
      message: `unrecognized parameter "${option.name}"`,
      position: option.position,
    })
  if (statement.include.length > 0) throw notSupported('INCLUDE in CREATE TABLE', { position })
}

interface Placed {
  readonly id: RelationId
  readonly schema: string
  readonly name: string
}

/** `lateId`: of the relation for late rows, where the watermark has one. */
export function tableObject(
  session: StatementSession,
  statement: CreateTable,
  placed: Placed,
  lateId: RelationId,
): TableObject {
  const { columns } = statement
  refuseDuplicates(columns)
  const uniques = uniqueConstraints(statement, placed.name)
  const primary = uniques.find((unique) => unique.primary)
  const defined = columns.map((column, i) => catalogColumn(session, column, primary?.columns.includes(i) === true))
  const bare: TableObject = {
    kind: 'table',
    ...placed,
    columns: defined.map((column) => ({ ...column, default: undefined, generated: undefined })),
    uniques,
    checks: [],
    foreignKeys: [],
    appendOnly: statement.appendOnly,
  }
  const relation = relationInfo(bare, undefined)
  const detailed = relationInfo({ ...bare, columns: defined }, undefined)
  for (const [i, column] of columns.entries())
    for (const constraint of column.constraints)
      if (constraint.kind === 'default' || constraint.kind === 'generated')
        bindColumnExpression(session, detailed, i, constraint)
  const checks = checkConstraints(session, statement, relation)
  const watermark = tableWatermark(session, statement, relation, lateId)
  const table: TableObject = { ...bare, columns: defined, checks, watermark }
  return { ...table, foreignKeys: foreignKeysOf(session, table, statement) }
}

function tableWatermark(
  session: StatementSession,
  { watermark, options }: CreateTable,
  relation: RelationInfo,
  lateId: RelationId,
): TableObject['watermark'] {
  if (watermark === undefined) return undefined
  const definition = watermarkDefinition(session, watermark, relation, options)
  return { ...definition, lateRows: definition.late === 'divert' ? lateId : undefined }
}

function refuseDuplicates(columns: readonly ColumnDefinition[]): void {
  const seen = new Set<string>()
  for (const { name, position } of columns) {
    if (seen.has(name))
      throw new SqlError({ code: '42701', message: `column "${name}" specified more than once`, position })
    seen.add(name)
  }
}

/** A value to fall back on and one always computed exclude each other. Throws 42601. */
function refuseTwoValues({ name, constraints }: ColumnDefinition): void {
  const values = constraints.filter(({ kind }) => kind === 'default' || kind === 'generated')
  const [first, second] = values
  if (second === undefined) return
  const message =
    first!.kind !== second.kind
      ? `both default and generation expression specified for column "${name}"`
      : first!.kind === 'default'
        ? `multiple default values specified for column "${name}"`
        : `multiple generation clauses specified for column "${name}"`
  throw new SqlError({ code: '42601', message, position: second.position })
}

function catalogColumn(session: StatementSession, column: ColumnDefinition, inPrimaryKey: boolean): CatalogColumn {
  const { type } = column
  if (type === undefined) throw notSupported('a computed column of a table', { position: column.position })
  const word = type.name.at(-1) ?? ''
  if (/^(small|big)?serial[248]?$/.test(word)) throw notSupported('SERIAL columns', { position: type.position })
  let notNull = inPrimaryKey
  let fallback: string | undefined
  let generated: string | undefined
  refuseTwoValues(column)
  for (const constraint of column.constraints) {
    if (constraint.kind === 'notNull') notNull = true
    else if (constraint.kind === 'default') fallback = print(constraint.value)
    else if (constraint.kind === 'generated') generated = print(constraint.value)
    else if (constraint.kind === 'identity') throw notSupported('IDENTITY columns', { position: constraint.position })
    else if (constraint.kind === 'computed')
      throw notSupported('a computed column of a table', { position: constraint.position })
  }
  const bound = bindTypeName(session, type)
  const { collation } = column
  if (collation !== undefined) checkCollation(bound, collation.parts.at(-1)!, collation.position)
  return { name: column.name, type: bound, notNull, default: fallback, generated }
}

function uniqueConstraints(statement: CreateTable, table: string): readonly UniqueConstraint[] {
  const { columns, constraints } = statement
  const found: UniqueConstraint[] = []
  const add = (constraint: KeyConstraint, positions: readonly number[]): void => {
    refuseDeferrable(constraint)
    const primary = constraint.kind === 'primaryKey'
    const name = constraint.name?.name
    if (primary && found.some((unique) => unique.primary)) throw twoPrimaryKeys(table)
    const names = positions.map((position) => columns[position]!.name)
    found.push({
      name: name ?? `${[table, ...(primary ? ['pkey'] : [...names, 'key'])].join('_')}`,
      columns: positions,
      primary,
      ...(constraint.kind === 'unique' && constraint.nullsNotDistinct && { nullsNotDistinct: true }),
    })
  }
  columns.forEach((column, i) => {
    for (const constraint of column.constraints)
      if (constraint.kind === 'primaryKey' || constraint.kind === 'unique') add(constraint, [i])
  })
  for (const constraint of constraints) {
    if (constraint.kind === 'primaryKey' || constraint.kind === 'unique')
      add(constraint, keyPositions(constraint, columns))
  }
  return found
}

type KeyConstraint = ColumnConstraint | TableConstraint

function refuseDeferrable(constraint: KeyConstraint): void {
  if (constraint.deferrable?.startsWith('initially'))
    throw notSupported('a DEFERRABLE constraint', { position: constraint.position })
}

function keyPositions(
  constraint: Extract<TableConstraint, { kind: 'primaryKey' | 'unique' }>,
  columns: readonly ColumnDefinition[],
): readonly number[] {
  return constraint.columns.map(({ name, position }) => {
    const index = columns.findIndex((column) => column.name === name)
    if (index < 0)
      throw new SqlError({ code: '42703', message: `column "${name}" named in key does not exist`, position })
    return index
  })
}

function checkConstraints(
  session: StatementSession,
  statement: CreateTable,
  relation: RelationInfo,
): TableObject['checks'] {
  const ofColumns = statement.columns.flatMap((column) =>
    column.constraints.flatMap((constraint) =>
      constraint.kind === 'check' ? [{ constraint, column: column.name as string | undefined }] : [],
    ),
  )
  const ofTable = statement.constraints.flatMap((constraint) =>
    constraint.kind === 'check' ? [{ constraint, column: undefined }] : [],
  )
  const names = new Set<string>()
  return [...ofColumns, ...ofTable].map(({ constraint, column }) => {
    if (constraint.deferrable?.startsWith('initially'))
      throw new SqlError({
        code: '0A000',
        message: 'CHECK constraints cannot be marked DEFERRABLE',
        position: constraint.position,
      })
    bindCheckExpression(session, relation, constraint.predicate)
    const base = [relation.name, ...(column === undefined ? [] : [column]), 'check'].join('_')
    let name = constraint.name?.name ?? base
    for (let n = 1; names.has(name); n++) name = `${base}${n}`
    names.add(name)
    return { name, expression: print(constraint.predicate) }
  })
}

/** 42P16. */
function twoPrimaryKeys(table: string): SqlError {
  assert(table.length > 0, 'a table has a name')
  return new SqlError({ code: '42P16', message: `multiple primary keys for table "${table}" are not allowed` })
}

/** CREATE TABLE … AS: a table of the query's columns, then its rows, in one turn each. */
export async function createTableAs(session: StatementSession, statement: CreateTableAs): Promise<string> {
  const { core } = session
  const [option] = statement.options
  if (option !== undefined) throw notSupported(`the option ${option.name} of a table`, { position: option.position })
  outsideTransactionWithChanges(session, 'CREATE TABLE AS')
  const plan = planSelect(session, statement.query, {})
  const columns = viewColumns(plan, statement.columns)
  const created = await session.turn(async () => {
    const place = creationPlace(session, statement.name, statement.ifNotExists)
    if (place === undefined) return false
    const [id, catalog] = takeId(core.catalog)
    const table: TableObject = {
      kind: 'table',
      id,
      ...place,
      columns: columns.map((column) => ({ ...column, type: column.type.kind === 'unknown' ? textType : column.type })),
      uniques: [],
      checks: [],
      foreignKeys: [],
      appendOnly: false,
    }
    await core.changeCatalog(
      (current) => putObject({ ...current, nextId: catalog.nextId }, table),
      () => core.graph.add(liveTable(core, table)),
    )
    return true
  })
  if (!created) return 'CREATE TABLE AS'
  if (!statement.withData) return 'CREATE TABLE AS'
  const insert: Insert = {
    kind: 'insert',
    with: undefined,
    table: statement.name,
    alias: undefined,
    columns: [],
    overriding: undefined,
    source: statement.query,
    onConflict: undefined,
    returning: [],
    position: statement.position,
  }
  const filled = await runChange(session, insert, { text: '', parameters: [] })
  return filled.kind === 'command' ? `SELECT ${filled.tag.split(' ').at(-1)}` : 'SELECT 0'
}

const textType = { kind: 'text' } as const
