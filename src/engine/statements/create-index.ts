// CREATE INDEX. An index on plain columns of a table or materialized view is an entry of the catalog that point reads
// and joins may use; a unique one is a constraint of the table and is checked from then on.

import { notSupported, SqlError } from '../../core/error.ts'
import type { CreateIndex } from '../../parser/ast-statement.ts'
import { print } from '../../parser/print.ts'
import { findObject, type IndexObject, putObject, takeId } from '../../storage/catalog.ts'
import { findNamed, undefinedRelation } from '../names.ts'
import type { StatementSession } from '../statement-session.ts'
import { outsideTransactionWithChanges } from './definition.ts'

export async function createIndex(session: StatementSession, statement: CreateIndex): Promise<string> {
  const { core } = session
  const { position } = statement
  if (statement.where !== undefined) throw notSupported('a partial index', { position: statement.where.position })
  if (statement.unique) throw notSupported('CREATE UNIQUE INDEX', { position, hint: 'Declare UNIQUE in CREATE TABLE.' })
  const [option] = statement.options
  if (option !== undefined) throw notSupported(`the option ${option.name} of an index`, { position: option.position })
  outsideTransactionWithChanges(session, 'CREATE INDEX')
  await session.turn(async () => {
    const relation = findNamed(session, statement.table)
    if (relation === undefined) throw undefinedRelation(statement.table)
    if (relation.kind !== 'table' && relation.kind !== 'materialized view')
      throw new SqlError({
        code: '42809',
        message: `cannot create index on relation "${relation.name}"`,
        detail: `This operation is not supported for ${relation.kind}s.`,
        position: statement.table.position,
      })
    const columns = statement.elements.map(({ value }) => {
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
    const names = columns.map((column) => relation.columns[column]!.name)
    const name =
      statement.name?.name ?? freeName(session, relation.schema, `${[relation.name, ...names].join('_')}_idx`)
    if (findObject(core.catalog, relation.schema, name) !== undefined) {
      if (!statement.ifNotExists) throw new SqlError({ code: '42P07', message: `relation "${name}" already exists` })
      session.notice(`relation "${name}" already exists, skipping`, '42P07')
      return
    }
    const [id, catalog] = takeId(core.catalog)
    const index: IndexObject = {
      kind: 'index',
      id,
      schema: relation.schema,
      name,
      relation: relation.id,
      keys: statement.elements.map((element) => print(element.value)),
      columns,
      unique: false,
    }
    await core.changeCatalog((current) => putObject({ ...current, nextId: catalog.nextId }, index))
  })
  return 'CREATE INDEX'
}

function freeName(session: StatementSession, schema: string, base: string): string {
  let name = base
  for (let n = 1; findObject(session.core.catalog, schema, name) !== undefined; n++) name = `${base}${n}`
  return name
}
