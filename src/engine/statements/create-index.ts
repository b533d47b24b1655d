// CREATE INDEX. An index on plain columns of a table or materialized view is an arrangement by these columns (the one
// that joins by them read, if there is one) and an entry of the catalog that keeps it; ad-hoc reads look rows up in it.
// Where the relation is stored by just these columns, its store serves.

import { assert } from '../../core/assert.ts'
import type { Batch } from '../../core/batch.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import { memoryAccount } from '../../core/memory.ts'
import { concat } from '../../core/primitives/concat.ts'
import { Region } from '../../core/region.ts'
import { buildDataflow } from '../../executor/build.ts'
import type { TextSettings } from '../../functions/text/settings.ts'
import type { CreateIndex } from '../../parser/ast-statement.ts'
import { print } from '../../parser/print.ts'
import { type CatalogColumn, findObject, type IndexObject, ownerOf, putObject, takeId } from '../../storage/catalog.ts'
import { applyDelta } from '../../storage/view-store.ts'
import { Lane } from '../lane.ts'
import { indexWish, liveUnique } from '../live-build.ts'
import { disposeReader, type LiveSubscription, type LiveTable, type LiveUnique } from '../live-relation.ts'
import { findNamed, undefinedRelation } from '../names.ts'
import { planView, relationQuery } from '../planning.ts'
import { scanBatches } from '../reads.ts'
import type { StatementSession } from '../statement-session.ts'
import { checkChange, uniqueValues } from '../table-writer.ts'
import { outsideTransactionWithChanges } from './definition.ts'

export async function createIndex(session: StatementSession, statement: CreateIndex): Promise<string> {
  const { core } = session
  if (statement.where !== undefined) throw notSupported('a partial index', { position: statement.where.position })
  const [option] = statement.options
  if (option !== undefined) throw notSupported(`the option ${option.name} of an index`, { position: option.position })
  outsideTransactionWithChanges(session, 'CREATE INDEX')
  const object = indexObject(session, statement)
  if (object === undefined) return 'CREATE INDEX'
  const release = core.reserve(`${object.schema}.${object.name}`)
  try {
    await fill(session, object, statement)
  } finally {
    release()
  }
  return 'CREATE INDEX'
}

/** A lane that feeds an arrangement and nothing else. */
async function fill(session: StatementSession, object: IndexObject, { table }: CreateIndex): Promise<void> {
  const { core } = session
  const plan = planView(session, relationQuery(table))
  const account = memoryAccount(`index "${object.name}"`, { parent: core.account })
  const imports = core.graph.imports(account.owner)
  imports.importer(indexWish(core, object))
  const nothing = { kind: 'values', rows: [], schema: [], insertOnly: true, uniqueKeys: [] } as const
  const reader: LiveSubscription = {
    kind: 'subscription',
    label: account.owner,
    plan,
    dataflow: buildDataflow(nothing, { env: { context: session.context(), parameters: [] }, account, oneShot: false }),
    imports,
    account,
    delta: [],
    held: undefined,
    started: false,
    failed: undefined,
  }
  let kept = false
  try {
    await new Lane(core, reader, session.signal).run(async () => {
      const [id, catalog] = takeId(core.catalog)
      const table = core.graph.get(object.relation)
      const unique = object.unique && table?.kind === 'table' ? filledUnique(session, table, object) : undefined
      await core.changeCatalog(
        (current) => putObject({ ...current, nextId: catalog.nextId }, { ...object, id }),
        () => {
          core.graph.addIndex(id, imports)
          kept = true
          if (table?.kind === 'table' && unique !== undefined) table.uniques = [...table.uniques, unique]
        },
      )
    })
  } finally {
    if (!kept) await core.pump.turn(() => disposeReader(reader))
  }
}

/** Undefined: it is there already, and IF NOT EXISTS was said. */
function indexObject(session: StatementSession, statement: CreateIndex): IndexObject | undefined {
  const { core } = session
  const relation = findNamed(session, statement.table)
  if (relation === undefined) throw undefinedRelation(statement.table)
  if (relation.kind !== 'table' && relation.kind !== 'materialized view')
    throw new SqlError({
      code: '42809',
      message: `cannot create index on relation "${relation.name}"`,
      detail: `This operation is not supported for ${relation.kind}s.`,
      position: statement.table.position,
    })
  const { unique, nullsNotDistinct } = statement
  if (unique && relation.kind !== 'table')
    throw notSupported('a unique index on a materialized view', { position: statement.position })
  if (unique && ownerOf(relation) !== undefined)
    throw notSupported('a unique index on rows kept beside', { position: statement.position })
  const columns = plainColumns(statement, relation)
  const names = columns.map((column) => relation.columns[column]!.name)
  const name = statement.name?.name ?? freeName(session, relation.schema, `${[relation.name, ...names].join('_')}_idx`)
  if (findObject(core.catalog, relation.schema, name) !== undefined) {
    if (!statement.ifNotExists) throw new SqlError({ code: '42P07', message: `relation "${name}" already exists` })
    session.notice(`relation "${name}" already exists, skipping`, '42P07')
    return undefined
  }
  const keys = statement.elements.map((element) => print(element.value))
  const id: RelationId = takeId(core.catalog)[0]
  return {
    kind: 'index',
    id,
    schema: relation.schema,
    name,
    relation: relation.id,
    keys,
    columns,
    unique,
    nullsNotDistinct,
  }
}

function plainColumns(
  statement: CreateIndex,
  relation: { readonly columns: readonly CatalogColumn[] },
): readonly number[] {
  return statement.elements.map(({ value }) => {
    if (value.kind !== 'column' || value.parts.length !== 1)
      throw notSupported('an index on an expression', { position: value.position })
    const found = relation.columns.findIndex((column) => column.name === value.parts[0])
    if (found < 0)
      throw new SqlError({
        code: '42703',
        message: `column "${value.parts[0]}" does not exist`,
        position: value.position,
      })
    return found
  })
}

function freeName(session: StatementSession, schema: string, base: string): string {
  const { core } = session
  const taken = (name: string) =>
    findObject(core.catalog, schema, name) !== undefined || core.isReserved(`${schema}.${name}`)
  let name = base
  for (let n = 1; taken(name); n++) name = `${base}${n}`
  return name
}

/** The values that the table has now. Throws 23505 where some occur twice. */
function filledUnique(session: StatementSession, table: LiveTable, index: IndexObject): LiveUnique {
  const unique = liveUnique(index, table.schema, table.account)
  using region = new Region(session.account)
  const all = [...table.schema.keys()]
  const batches = [...scanBatches(table.store, all, 'after', region)]
  try {
    if (batches.length > 0) {
      const rows = concat(batches, region)
      checkUnique({ ...table, uniques: [unique] }, rows, region, session.context().text)
      const violation = applyDelta(unique.store, uniqueValues(rows, unique, region), region)
      assert(violation === undefined, `unique values of "${table.object.name}" do not fit`)
      unique.store.prepare()
      unique.store.seal()
    }
    return unique
  } catch (error) {
    unique.store[Symbol.dispose]()
    throw error
  }
}

/** 23505 in the words of an index that is being made. */
function checkUnique(table: LiveTable, rows: Batch, region: Region, text: TextSettings): void {
  try {
    checkChange(table, rows, region, text)
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== '23505') throw error
    throw new SqlError({
      code: '23505',
      message: `could not create unique index "${table.uniques[0]!.name}"`,
      detail: error.detail?.replace(/ already exists\.$/, ' is duplicated.'),
      schema: table.object.schema,
      table: table.object.name,
      constraint: table.uniques[0]!.name,
    })
  }
}
