// Tables, sources, views, indexes and what changes them, back to text.

import { unreachable } from '../../core/assert.ts'
import type {
  Alter,
  AlterAction,
  ColumnConstraint,
  ColumnDefinition,
  CreateIndex,
  CreateMaterializedView,
  CreateSource,
  CreateTable,
  CreateTableAs,
  CreateView,
  Drop,
  Emit,
  Format,
  IncludeColumn,
  Option,
  OptionValue,
  References,
  TableConstraint,
  Watermark,
} from '../ast-statement.ts'
import { restricted } from './expression.ts'
import {
  columnList,
  flag,
  given,
  list,
  nameList,
  nameText,
  type Piece,
  parens,
  printIdentifier,
  printString,
  qualified,
  some,
  sql,
} from './piece.ts'
import { indexElementPieces } from './query.ts'

// ---- Options ----

const plainOption = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/

const optionPieces = ({ name, value }: Option): Piece =>
  sql`${plainOption.test(name) ? name : printString(name)}${given(value, (set) => sql` = ${optionValue(set)}`)}`

export const optionValue = (value: OptionValue): Piece => {
  switch (value.kind) {
    case 'string':
      return printString(value.value)
    case 'number':
      return value.text
    case 'word':
      return plainOption.test(value.value) ? value.value : printIdentifier(value.value)
    case 'optionStar':
      return '*'
    case 'optionList':
      return parens(list(value.items.map(optionValue)))
    default:
      return unreachable(value)
  }
}

export const optionList = (options: readonly Option[]): Piece => parens(list(options.map(optionPieces)))
export const withOptions = (options: readonly Option[]): Piece => some(options, (set) => sql` WITH ${optionList(set)}`)

const formatPieces = ({ name, options, encode }: Format): Piece => {
  const as = given(
    encode,
    (how) => sql` ENCODE ${printFormat(how.name)}${some(how.options, (set) => sql` ${optionList(set)}`)}`,
  )
  return sql` FORMAT ${printFormat(name)}${some(options, (set) => sql` ${optionList(set)}`)}${as}`
}
const printFormat = (name: string): string => (/^[A-Z_][A-Z0-9_]*$/.test(name) ? name : printIdentifier(name))

const includePieces = ({ what, alias }: IncludeColumn): Piece =>
  ` INCLUDE ${what.toUpperCase()}${alias === undefined ? '' : ` AS ${nameText(alias)}`}`

// ---- Tables and sources ----

type Definitions = Pick<CreateTable, 'columns' | 'constraints' | 'watermark' | 'include' | 'options' | 'format'>

const exists = (set: boolean): Piece => flag(set, 'IF NOT EXISTS ')

const elementsPieces = ({ columns, constraints, watermark }: Definitions): Piece =>
  parens(
    list([
      ...columns.map(columnPieces),
      ...constraints.map(tableConstraintPieces),
      ...(watermark === undefined ? [] : [watermarkPieces(watermark)]),
    ]),
  )

const sourcePieces = ({ include, options, format }: Definitions): Piece =>
  sql`${include.map(includePieces)}${withOptions(options)}${given(format, formatPieces)}`

const watermarkPieces = ({ column, value }: Watermark): Piece => sql`WATERMARK FOR ${nameText(column)} AS ${value}`

export const tablePieces = (node: CreateTable): Piece => {
  const head = sql`CREATE TABLE ${exists(node.ifNotExists)}${qualified(node.name)} ${elementsPieces(node)}`
  return sql`${head}${flag(node.appendOnly, ' APPEND ONLY')}${sourcePieces(node)}`
}

export const createSourcePieces = (node: CreateSource): Piece => {
  const hasElements = node.columns.length + node.constraints.length > 0 || node.watermark !== undefined
  const elements = hasElements ? sql` ${elementsPieces(node)}` : ''
  return sql`CREATE SOURCE ${exists(node.ifNotExists)}${qualified(node.name)}${elements}${sourcePieces(node)}`
}

export const columnPieces = ({ name, type, collation, constraints }: ColumnDefinition): Piece => {
  const collate = given(collation, (used) => ` COLLATE ${qualified(used)}`)
  const all = constraints.map((constraint) => sql` ${columnConstraintPieces(constraint)}`)
  return sql`${printIdentifier(name)}${given(type, (of) => sql` ${of}`)}${collate}${all}`
}

type Constraint = ColumnConstraint | TableConstraint

const decorated = ({ name, deferrable }: Constraint, what: Piece): Piece => {
  const before = given(name, (given) => `CONSTRAINT ${nameText(given)} `)
  return sql`${before}${what}${given(deferrable, (when) => ` ${when.toUpperCase()}`)}`
}

const columnConstraintPieces = (node: ColumnConstraint): Piece => decorated(node, columnConstraintBody(node))

const columnConstraintBody = (node: ColumnConstraint): Piece => {
  switch (node.kind) {
    case 'null':
      return 'NULL'
    case 'notNull':
      return 'NOT NULL'
    case 'primaryKey':
      return 'PRIMARY KEY'
    case 'unique':
      return sql`UNIQUE${flag(node.nullsNotDistinct, ' NULLS NOT DISTINCT')}`
    case 'default':
      return sql`DEFAULT ${restricted(node.value)}`
    case 'generated':
      return sql`GENERATED ALWAYS AS (${node.value}) STORED`
    case 'computed':
      return sql`AS (${node.value})`
    case 'identity': {
      const options = some(node.options, (set) => parens(list(set.map(sequenceOption), ' ')))
      return sql`GENERATED ${node.always ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY${options}`
    }
    case 'check':
      return sql`CHECK (${node.predicate})`
    case 'references':
      return referencesPieces(node.references)
    default:
      return unreachable(node)
  }
}

const sequenceOption = ({ name, value }: Option): Piece =>
  sql`${name.toUpperCase()} ${value === undefined ? '' : optionValue(value)}`

export const tableConstraintPieces = (node: TableConstraint): Piece => decorated(node, tableConstraintBody(node))

const tableConstraintBody = (node: TableConstraint): Piece => {
  switch (node.kind) {
    case 'primaryKey':
      return `PRIMARY KEY (${nameList(node.columns)})`
    case 'unique':
      return `UNIQUE${node.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''} (${nameList(node.columns)})`
    case 'check':
      return sql`CHECK (${node.predicate})`
    case 'foreignKey':
      return sql`FOREIGN KEY (${nameList(node.columns)}) ${referencesPieces(node.references)}`
    default:
      return unreachable(node)
  }
}

const referencesPieces = ({ table, columns, match, onDelete, onUpdate }: References): Piece => {
  const how = given(match, (word) => ` MATCH ${word.toUpperCase()}`)
  const deleted = given(onDelete, (action) => ` ON DELETE ${action.toUpperCase()}`)
  const updated = given(onUpdate, (action) => ` ON UPDATE ${action.toUpperCase()}`)
  return sql`REFERENCES ${qualified(table)}${columnList(columns)}${how}${deleted}${updated}`
}

export const tableAsPieces = (node: CreateTableAs): Piece => {
  const head = sql`CREATE TABLE ${exists(node.ifNotExists)}${qualified(node.name)}${columnList(node.columns)}`
  return sql`${head}${withOptions(node.options)} AS ${node.query}${flag(!node.withData, ' WITH NO DATA')}`
}

// ---- Views and indexes ----

export const viewPieces = (node: CreateView | CreateMaterializedView): Piece => {
  const what = node.kind === 'createView' ? 'VIEW' : 'MATERIALIZED VIEW'
  const verb = sql`CREATE ${flag(node.orReplace, 'OR REPLACE ')}${what} ${exists(node.ifNotExists)}`
  const named = sql`${verb}${qualified(node.name)}${columnList(node.columns)}`
  const head = sql`${named}${withOptions(node.options)} AS ${node.query}`
  if (node.kind === 'createView') return head
  return sql`${head}${given(node.emit, emitPieces)}${flag(!node.withData, ' WITH NO DATA')}`
}

export const emitPieces = ({ onWindowClose, delay }: Emit): Piece => {
  const when = given(delay, ({ unit, duration }) => sql` ${unit.toUpperCase()} ${duration}`)
  if (!onWindowClose) return sql` EMIT CHANGES${when}`
  return sql` EMIT ON WINDOW CLOSE${flag(delay !== undefined, ' AND CHANGES')}${when}`
}

export const indexPieces = (node: CreateIndex): Piece => {
  const what = sql`${flag(node.unique, 'UNIQUE ')}INDEX ${flag(node.concurrently, 'CONCURRENTLY ')}`
  const head = sql`CREATE ${what}${exists(node.ifNotExists)}`
  const on = sql`${given(node.name, (name) => `${nameText(name)} `)}ON ${qualified(node.table)}`
  const method = given(node.method, (name) => ` USING ${printIdentifier(name)}`)
  const keys = sql`${method} (${list(node.elements.map(indexElementPieces))})`
  const include = some(node.include, (names) => ` INCLUDE (${nameList(names)})`)
  const nulls = flag(node.nullsNotDistinct, ' NULLS NOT DISTINCT')
  const where = given(node.where, (predicate) => sql` WHERE ${predicate}`)
  return sql`${head}${on}${keys}${include}${nulls}${withOptions(node.options)}${where}`
}

// ---- DROP, ALTER ----

const cascades = (cascade: boolean): Piece => flag(cascade, ' CASCADE')
const ifThere = (set: boolean): Piece => flag(set, 'IF EXISTS ')

export const dropPieces = ({ type, ifExists, names, cascade }: Drop): Piece =>
  sql`DROP ${type.toUpperCase()} ${ifThere(ifExists)}${names.map(qualified).join(', ')}${cascades(cascade)}`

export const alterPieces = ({ type, ifExists, name, actions }: Alter): Piece =>
  sql`ALTER ${type.toUpperCase()} ${ifThere(ifExists)}${qualified(name)} ${list(actions.map(actionPieces))}`

const actionPieces = (action: AlterAction): Piece => {
  switch (action.kind) {
    case 'renameTo':
      return `RENAME TO ${nameText(action.to)}`
    case 'renameColumn':
      return `RENAME COLUMN ${nameText(action.column)} TO ${nameText(action.to)}`
    case 'renameConstraint':
      return `RENAME CONSTRAINT ${nameText(action.constraint)} TO ${nameText(action.to)}`
    case 'setSchema':
      return `SET SCHEMA ${nameText(action.schema)}`
    case 'addColumn':
      return sql`ADD COLUMN ${exists(action.ifNotExists)}${columnPieces(action.column)}`
    case 'dropColumn':
      return sql`DROP COLUMN ${ifThere(action.ifExists)}${nameText(action.column)}${cascades(action.cascade)}`
    case 'addConstraint':
      return sql`ADD ${tableConstraintPieces(action.constraint)}`
    case 'dropConstraint':
      return sql`DROP CONSTRAINT ${ifThere(action.ifExists)}${nameText(action.constraint)}${cascades(action.cascade)}`
    case 'setOptions':
      return sql`SET ${optionList(action.options)}`
    case 'advanceWatermark':
      return sql`ADVANCE WATERMARK TO ${action.to}`
    default:
      return columnActionPieces(action)
  }
}

type ColumnAction = Extract<
  AlterAction,
  { kind: 'setDefault' | 'dropDefault' | 'setNotNull' | 'dropNotNull' | 'setType' }
>

const columnActionPieces = (action: ColumnAction): Piece => {
  const column = sql`ALTER COLUMN ${nameText(action.column)}`
  switch (action.kind) {
    case 'setDefault':
      return sql`${column} SET DEFAULT ${action.value}`
    case 'dropDefault':
      return sql`${column} DROP DEFAULT`
    case 'setNotNull':
      return sql`${column} SET NOT NULL`
    case 'dropNotNull':
      return sql`${column} DROP NOT NULL`
    case 'setType':
      return sql`${column} TYPE ${action.type}${given(action.using, (value) => sql` USING ${value}`)}`
    default:
      return unreachable(action)
  }
}
