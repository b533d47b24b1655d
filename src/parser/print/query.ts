// Queries, FROM, and the statements that change rows, back to text.

import { unreachable } from '../../core/assert.ts'
import type {
  Assignment,
  Delete,
  Expression,
  FunctionTable,
  GroupItem,
  IndexElement,
  Insert,
  Join,
  JoinCondition,
  Query,
  QueryBody,
  RelationRef,
  Select,
  SelectItem,
  SetOperation,
  TableAlias,
  TableFunction,
  TableRef,
  Update,
  WindowTable,
  With,
} from '../ast.ts'
import { orderByPieces, windowPieces } from './expression.ts'
import {
  columnList,
  flag,
  given,
  list,
  nameList,
  nameText,
  nothing,
  type Piece,
  parens,
  printIdentifier,
  qualified,
  some,
  sql,
} from './piece.ts'

// ---- Queries ----

/** What stands before the clauses of a query, and between its columns. */
export interface Layout {
  readonly columns: string
  readonly from: string
  readonly condition: string
  readonly having: string
  readonly limit: string
  readonly operator: string
  readonly operand: string
}

const oneLine: Layout = {
  columns: ', ',
  from: ' ',
  condition: ' ',
  having: ' ',
  limit: ' ',
  operator: ' ',
  operand: ' ',
}

/** As pg_get_viewdef shows a query; queries inside of it stand in their line. */
export const viewLayout: Layout = {
  columns: ',\n    ',
  from: '\n   ',
  condition: '\n  ',
  having: '\n ',
  limit: '\n ',
  operator: '\n',
  operand: '\n ',
}

export const queryPieces = (node: QueryBody, layout: Layout = oneLine): Piece => {
  switch (node.kind) {
    case 'query':
      return wholeQuery(node, layout)
    case 'select':
      return selectPieces(node, layout)
    case 'values':
      return sql`VALUES ${list(node.rows.map((row) => parens(list(row))))}`
    case 'setOperation':
      return setOperationPieces(node, layout)
    default:
      return unreachable(node)
  }
}

const wholeQuery = (query: Query, layout: Layout): Piece => {
  const body = query.body.kind === 'query' ? parens(query.body) : bodyPieces(query.body, layout)
  const limit = given(query.limit, (count) =>
    query.withTies ? sql`${layout.limit}FETCH FIRST (${count}) ROWS WITH TIES` : sql`${layout.limit}LIMIT ${count}`,
  )
  const locking = query.locking.map(({ strength, of, wait }) => {
    const tables = some(of, (names) => ` OF ${names.map(qualified).join(', ')}`)
    return sql` FOR ${strength.toUpperCase()}${tables}${given(wait, (word) => ` ${word.toUpperCase()}`)}`
  })
  const order = some(query.orderBy, (items) => sql`${layout.condition}${orderByPieces(items)}`)
  const offset = given(query.offset, (rows) => sql`${layout.limit}OFFSET ${rows}`)
  return sql`${withPrefix(query.with, layout)}${body}${order}${limit}${offset}${list(locking, '')}`
}

/** In a layout of its own lines; else as it stands, to be expanded later. */
const bodyPieces = (body: QueryBody, layout: Layout): Piece => (layout === oneLine ? body : queryPieces(body, layout))

const withPieces = ({ recursive, tables }: With): Piece => {
  const entries = tables.map(({ name, columns, materialized, statement }) => {
    const hint = given(materialized, (wanted) => (wanted ? ' MATERIALIZED' : ' NOT MATERIALIZED'))
    return sql`${nameText(name)}${columnList(columns)} AS${hint} (${statement})`
  })
  return sql`WITH ${flag(recursive, 'RECURSIVE ')}${list(entries)}`
}

const withPrefix = (tables: With | undefined, { operand }: Layout = oneLine): Piece =>
  given(tables, (some) => sql`${withPieces(some)}${operand}`)

const setOperationPieces = ({ first, rest }: SetOperation, layout: Layout): Piece => {
  const others = rest.map(({ operator, all, body }) => {
    const word = sql`${layout.operator}${operator.toUpperCase()}${flag(all, ' ALL')}`
    return sql`${word}${layout.operand}${operandPieces(body, layout)}`
  })
  return sql`${operandPieces(first, layout)}${list(others, '')}`
}

const operandPieces = (body: QueryBody, layout: Layout): Piece =>
  body.kind === 'query' || body.kind === 'setOperation' ? parens(body) : bodyPieces(body, layout)

const selectPieces = (node: Select, layout: Layout): Piece => {
  const { distinct } = node
  const how = typeof distinct === 'boolean' ? flag(distinct, ' DISTINCT') : sql` DISTINCT ON (${list(distinct)})`
  const clauses = [
    some(node.items, (items) => sql` ${selectList(items, layout.columns)}`),
    fromPieces(`${layout.from}FROM `, node.from),
    given(node.where, (predicate) => sql`${layout.condition}WHERE ${predicate}`),
    given(node.groupBy, ({ distinct: set, items }) => {
      return sql`${layout.condition}GROUP BY ${flag(set, 'DISTINCT ')}${list(items.map(groupItemPieces))}`
    }),
    given(node.having, (predicate) => sql`${layout.having}HAVING ${predicate}`),
    some(node.windows, (windows) => {
      const named = windows.map(({ name, window }) => sql`${printIdentifier(name)} AS ${windowPieces(window)}`)
      return sql`${layout.condition}WINDOW ${list(named)}`
    }),
    given(node.qualify, (predicate) => sql`${layout.condition}QUALIFY ${predicate}`),
  ]
  return sql`SELECT${how}${clauses}`
}

const selectList = (items: readonly SelectItem[], separator = ', '): Piece =>
  list(
    items.map(({ value, alias }) => sql`${value}${given(alias, (name) => ` AS ${nameText(name)}`)}`),
    separator,
  )

const groupItemPieces = (item: GroupItem): Piece => {
  switch (item.kind) {
    case 'groupingSet':
      return parens(list(item.items))
    case 'rollup':
    case 'cube':
      return sql`${item.kind.toUpperCase()} (${list(item.sets.map(groupItemPieces))})`
    case 'groupingSets':
      return sql`GROUPING SETS (${list(item.sets.map(groupItemPieces))})`
    default:
      return item
  }
}

// ---- FROM ----

const fromPieces = (word: string, items: readonly TableRef[]): Piece =>
  some(items, (tables) => sql`${word}${list(tables)}`)

export const tablePieces = (node: TableRef): Piece => {
  switch (node.kind) {
    case 'relation':
      return sql`${relationPieces(node)}${given(node.asOf, systemTime)}${aliasPieces(node.alias)}`
    case 'derived':
      return sql`${flag(node.lateral, 'LATERAL ')}(${node.query})${aliasPieces(node.alias)}`
    case 'functionTable':
      return functionTablePieces(node)
    case 'windowTable':
      return windowTablePieces(node)
    case 'join':
      return node.alias === undefined ? joinPieces(node) : sql`(${joinPieces(node)})${aliasPieces(node.alias)}`
    default:
      return unreachable(node)
  }
}

const systemTime = (time: Expression): Piece => sql` FOR SYSTEM_TIME AS OF ${time}`

const relationPieces = ({ only, name }: RelationRef): Piece => `${only ? 'ONLY ' : ''}${qualified(name)}`

const aliasPieces = (alias: TableAlias | undefined): Piece =>
  given(alias, ({ name, columns }) => ` AS ${printIdentifier(name)}${columnList(columns)}`)

const joinPieces = ({ type, asof, left, right, condition }: Join): Piece => {
  const natural = flag(condition?.kind === 'natural', 'NATURAL ')
  const word = type === 'inner' ? '' : `${type.toUpperCase()} `
  const other = right.kind === 'join' && right.alias === undefined ? parens(right) : right
  return sql`${left} ${natural}${flag(asof, 'ASOF ')}${word}JOIN ${other}${given(condition, conditionPieces)}`
}

const conditionPieces = (condition: JoinCondition): Piece => {
  switch (condition.kind) {
    case 'on':
      return sql` ON ${condition.predicate}`
    case 'using':
      return sql` USING (${nameList(condition.columns)})${given(condition.alias, (name) => ` AS ${nameText(name)}`)}`
    case 'natural':
      return nothing
    default:
      return unreachable(condition)
  }
}

const definitionPieces = (columns: TableFunction['columns']): Piece =>
  list(columns.map(({ name, type }) => sql`${printIdentifier(name)} ${type}`))

/** A definition list stands in the alias of a single function, else inside ROWS FROM. */
const functionTablePieces = ({ functions, lateral, ordinality, alias }: FunctionTable): Piece => {
  const [first] = functions
  const inAlias = functions.length === 1 && !(first!.columns.length > 0 && (alias?.columns.length ?? 0) > 0)
  const before = flag(lateral, 'LATERAL ')
  const after = flag(ordinality, ' WITH ORDINALITY')
  if (inAlias && first!.columns.length > 0) {
    const name = given(alias, (given) => `${printIdentifier(given.name)} `)
    return sql`${before}${first!.call}${after} AS ${name}(${definitionPieces(first!.columns)})`
  }
  if (inAlias) return sql`${before}${first!.call}${after}${aliasPieces(alias)}`
  const zipped = functions.map(
    ({ call, columns }) => sql`${call}${some(columns, (fields) => sql` AS (${definitionPieces(fields)})`)}`,
  )
  return sql`${before}ROWS FROM (${list(zipped)})${after}${aliasPieces(alias)}`
}

const windowTablePieces = (node: WindowTable): Piece => {
  const { input } = node
  const table = input.kind === 'derived' ? parens(input.query) : relationPieces(input)
  const keys = some(node.partitionBy, (values) => sql` PARTITION BY (${list(values)})`)
  const named = [
    sql`DATA => TABLE ${table}${keys}`,
    sql`TIMECOL => DESCRIPTOR(${node.time})`,
    given(node.slide, (value) => sql`SLIDE => ${value}`),
    given(node.step, (value) => sql`STEP => ${value}`),
    given(node.size, (value) => sql`SIZE => ${value}`),
    given(node.gap, (value) => sql`GAP => ${value}`),
    given(node.offset, (value) => sql`"offset" => ${value}`),
    given(node.timeZone, (value) => sql`TIMEZONE => ${value}`),
  ]
  const inside = list(named.filter((piece) => piece !== nothing))
  return sql`${node.function.toUpperCase()}(${inside})${aliasPieces(node.alias)}`
}

// ---- Changing rows ----

const returningPieces = (items: readonly SelectItem[]): Piece =>
  some(items, (list) => sql` RETURNING ${selectList(list)}`)

const assignmentPieces = ({ columns, multiple, value }: Assignment): Piece =>
  sql`${multiple ? `(${nameList(columns)})` : nameText(columns[0]!)} = ${value}`

const setPieces = (assignments: readonly Assignment[]): Piece => sql`SET ${list(assignments.map(assignmentPieces))}`

export const insertPieces = (node: Insert): Piece => {
  const alias = given(node.alias, (name) => ` AS ${nameText(name)}`)
  const overriding = given(node.overriding, (whose) => ` OVERRIDING ${whose.toUpperCase()} VALUE`)
  const source = node.source.kind === 'defaultValues' ? 'DEFAULT VALUES' : node.source
  const conflict = given(node.onConflict, ({ target, update }) => {
    const action = update === undefined ? 'NOTHING' : sql`UPDATE ${setPieces(update.set)}${wherePieces(update.where)}`
    return sql` ON CONFLICT${given(target, conflictTarget)} DO ${action}`
  })
  const target = sql`${qualified(node.table)}${alias}${columnList(node.columns)}`
  const head = sql`${withPrefix(node.with)}INSERT INTO ${target}${overriding}`
  return sql`${head} ${source}${conflict}${returningPieces(node.returning)}`
}

const conflictTarget = (target: NonNullable<NonNullable<Insert['onConflict']>['target']>): Piece =>
  target.kind === 'conflictConstraint'
    ? ` ON CONSTRAINT ${nameText(target.name)}`
    : sql` (${list(target.elements.map(indexElementPieces))})${wherePieces(target.where)}`

export const indexElementPieces = ({ value, collation, operatorClass, direction, nulls }: IndexElement): Piece => {
  const collate = given(collation, (name) => ` COLLATE ${qualified(name)}`)
  const type = given(operatorClass, (name) => ` ${qualified(name)}`)
  const how = sql`${type}${given(direction, (word) => ` ${word.toUpperCase()}`)}`
  const key = value.kind === 'column' && value.parts.length === 1 ? value : parens(value)
  return sql`${key}${collate}${how}${given(nulls, (place) => ` NULLS ${place.toUpperCase()}`)}`
}

const wherePieces = (where: Select['where']): Piece => given(where, (predicate) => sql` WHERE ${predicate}`)

const targetPieces = ({ only, table, alias }: Update | Delete): Piece =>
  sql`${flag(only, 'ONLY ')}${qualified(table)}${given(alias, (name) => ` AS ${nameText(name)}`)}`

export const updatePieces = (node: Update): Piece => {
  const head = sql`${withPrefix(node.with)}UPDATE ${targetPieces(node)} ${setPieces(node.set)}`
  return sql`${head}${fromPieces(' FROM ', node.from)}${wherePieces(node.where)}${returningPieces(node.returning)}`
}

export const deletePieces = (node: Delete): Piece => {
  const head = sql`${withPrefix(node.with)}DELETE FROM ${targetPieces(node)}`
  return sql`${head}${fromPieces(' USING ', node.using)}${wherePieces(node.where)}${returningPieces(node.returning)}`
}
