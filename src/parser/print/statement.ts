// Statements back to text; each family's own file has the long ones.

import { unreachable } from '../../core/assert.ts'
import type {
  Comment,
  Copy,
  DeclareCursor,
  Explain,
  FetchCursor,
  SettingValue,
  SetVariable,
  ShowObjects,
  Statement,
  Subscribe,
  TransactionModes,
  Truncate,
} from '../ast-statement.ts'
import {
  alterPieces,
  createSourcePieces,
  dropPieces,
  emitPieces,
  indexPieces,
  optionList,
  optionValue,
  tableAsPieces,
  tablePieces,
  viewPieces,
  withOptions,
} from './definition.ts'
import { orderByPieces } from './expression.ts'
import {
  columnList,
  flag,
  given,
  list,
  nameList,
  nameText,
  type Piece,
  printIdentifier,
  printString,
  qualified,
  some,
  sql,
} from './piece.ts'
import { deletePieces, insertPieces, queryPieces, updatePieces } from './query.ts'
import { userTypePieces } from './user-type.ts'

/** All kinds but `query`, which is printed as a part of other nodes too. */
const statementKinds: Readonly<Record<Exclude<Statement['kind'], 'query'>, true>> = {
  ...{ insert: true, update: true, delete: true, truncate: true, unsupported: true, flush: true, discard: true },
  ...{ createTable: true, createTableAs: true, createSource: true, createView: true, createMaterializedView: true },
  ...{ createType: true, alterType: true, dropType: true },
  ...{ createIndex: true, createSchema: true, alter: true, drop: true, comment: true, explain: true, copy: true },
  ...{ begin: true, commit: true, rollback: true, savepoint: true, release: true, rollbackTo: true },
  ...{ set: true, setTransaction: true, show: true, showObjects: true, showColumns: true, showCreate: true },
  ...{ reset: true, prepare: true, execute: true, deallocate: true, declare: true, fetch: true, move: true },
  ...{ close: true, subscribe: true },
}

export const isStatement = (node: { kind: string }): node is Exclude<Statement, { kind: 'query' }> =>
  node.kind in statementKinds

export const statementPieces = (node: Statement): Piece => {
  switch (node.kind) {
    case 'query':
      return queryPieces(node)
    case 'insert':
      return insertPieces(node)
    case 'update':
      return updatePieces(node)
    case 'delete':
      return deletePieces(node)
    case 'truncate':
      return truncatePieces(node)
    case 'createTable':
      return tablePieces(node)
    case 'createTableAs':
      return tableAsPieces(node)
    case 'createSource':
      return createSourcePieces(node)
    case 'createView':
    case 'createMaterializedView':
      return viewPieces(node)
    case 'createIndex':
      return indexPieces(node)
    case 'createSchema':
      return `CREATE SCHEMA ${node.ifNotExists ? 'IF NOT EXISTS ' : ''}${nameText(node.name)}`
    case 'createType':
    case 'alterType':
    case 'dropType':
      return userTypePieces(node)
    case 'alter':
      return alterPieces(node)
    case 'drop':
      return dropPieces(node)
    case 'comment':
      return commentPieces(node)
    case 'unsupported':
      return node.text
    default:
      return sessionPieces(node)
  }
}

type SessionStatement = Exclude<
  Statement,
  | { kind: 'query' | 'insert' | 'update' | 'delete' | 'truncate' | 'unsupported' | 'alter' | 'drop' | 'comment' }
  | { kind: 'createTable' | 'createTableAs' | 'createSource' | 'createView' | 'createMaterializedView' }
  | { kind: 'createIndex' | 'createSchema' | 'createType' | 'alterType' | 'dropType' }
>

const sessionPieces = (node: SessionStatement): Piece => {
  switch (node.kind) {
    case 'begin':
      return `BEGIN${modesText(node.modes)}`
    case 'commit':
    case 'rollback':
      return `${node.kind.toUpperCase()}${node.chain ? ' AND CHAIN' : ''}`
    case 'savepoint':
    case 'release':
      return `${node.kind.toUpperCase()} ${printIdentifier(node.name)}`
    case 'rollbackTo':
      return `ROLLBACK TO SAVEPOINT ${printIdentifier(node.name)}`
    case 'set':
      return setPieces(node)
    case 'setTransaction':
      return `SET ${node.scope === 'session' ? 'SESSION CHARACTERISTICS AS ' : ''}TRANSACTION${modesText(node.modes)}`
    case 'show':
      return `SHOW ${settingName(node.name)}`
    case 'reset':
      return `RESET ${settingName(node.name)}`
    case 'showObjects':
      return showPieces(node)
    case 'showColumns':
      return `SHOW COLUMNS FROM ${qualified(node.name)}`
    case 'showCreate':
      return `SHOW CREATE ${node.type.toUpperCase()} ${qualified(node.name)}`
    case 'discard':
      return `DISCARD ${node.what.toUpperCase()}`
    case 'flush':
      return 'FLUSH'
    default:
      return portalPieces(node)
  }
}

type PortalStatement = Extract<
  Statement,
  {
    kind:
      | 'prepare'
      | 'execute'
      | 'deallocate'
      | 'declare'
      | 'fetch'
      | 'move'
      | 'close'
      | 'subscribe'
      | 'copy'
      | 'explain'
  }
>

const portalPieces = (node: PortalStatement): Piece => {
  switch (node.kind) {
    case 'prepare': {
      const types = some(node.types, (all) => sql` (${list(all)})`)
      return sql`PREPARE ${printIdentifier(node.name)}${types} AS ${node.statement}`
    }
    case 'execute':
      return sql`EXECUTE ${printIdentifier(node.name)}${some(node.arguments, (values) => sql`(${list(values)})`)}`
    case 'deallocate':
      return `DEALLOCATE ${nameOrAll(node.name)}`
    case 'close':
      return `CLOSE ${nameOrAll(node.name)}`
    case 'declare':
      return declarePieces(node)
    case 'fetch':
    case 'move':
      return fetchPieces(node)
    case 'subscribe':
      return subscribePieces(node)
    case 'copy':
      return copyPieces(node)
    case 'explain':
      return explainPieces(node)
    default:
      return unreachable(node)
  }
}

const nameOrAll = (name: string | undefined): string => (name === undefined ? 'ALL' : printIdentifier(name))

const truncatePieces = ({ tables, restartIdentity, cascade }: Truncate): Piece => {
  const names = tables.map(qualified).join(', ')
  return sql`TRUNCATE ${names}${flag(restartIdentity, ' RESTART IDENTITY')}${flag(cascade, ' CASCADE')}`
}

const commentPieces = ({ type, name, column, text }: Comment): Piece => {
  const target = `${qualified(name)}${column === undefined ? '' : `.${printIdentifier(column)}`}`
  return `COMMENT ON ${type.toUpperCase()} ${target} IS ${text === undefined ? 'NULL' : printString(text)}`
}

// ---- Transactions and settings ----

const modesText = ({ isolation, readOnly, deferrable }: TransactionModes): string =>
  [
    isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation.toUpperCase()}`,
    readOnly === undefined ? '' : ` READ ${readOnly ? 'ONLY' : 'WRITE'}`,
    deferrable === undefined ? '' : `${deferrable ? '' : ' NOT'} DEFERRABLE`,
  ].join('')

const settingName = (name: string | undefined): string =>
  name === undefined ? 'ALL' : name.split('.').map(printIdentifier).join('.')

const setPieces = ({ scope, name, values }: SetVariable): Piece => {
  const where = flag(scope === 'local', 'LOCAL ')
  const [first] = values ?? []
  // An interval is a time zone only in the standard's spelling.
  if (first?.kind === 'cast') return sql`SET ${where}TIME ZONE INTERVAL ${intervalLiteral(first)}`
  const assigned = values === undefined ? 'DEFAULT' : list(values.map(settingValue))
  return sql`SET ${where}${settingName(name)} TO ${assigned}`
}

const intervalLiteral = ({ operand, type }: Extract<SettingValue, { kind: 'cast' }>): Piece => {
  const digits = some(type.modifiers, (values) => sql`(${list(values)})`)
  const fields = type.intervalFields
  return fields === undefined ? sql`${digits} ${operand}` : sql`${operand} ${fields}${digits}`
}

const settingValue = (value: SettingValue): Piece => {
  if (value.kind === 'cast') return intervalLiteral(value)
  if (value.kind !== 'word') return optionValue(value)
  return ['true', 'false', 'on'].includes(value.value) ? value.value : printIdentifier(value.value)
}

const showPieces = ({ objects, from, like }: ShowObjects): Piece => {
  const schema = given(from, (name) => ` FROM ${qualified(name)}`)
  return sql`SHOW ${objects.toUpperCase()}${schema}${given(like, (text) => ` LIKE ${printString(text)}`)}`
}

// ---- Cursors, subscriptions, COPY, EXPLAIN ----

const declarePieces = (node: DeclareCursor): Piece => {
  const scroll = given(node.scroll, (can) => (can ? ' SCROLL' : ' NO SCROLL'))
  const flags = sql`${flag(node.binary, ' BINARY')}${flag(node.insensitive, ' INSENSITIVE')}${scroll}`
  return sql`DECLARE ${printIdentifier(node.name)}${flags} CURSOR${flag(node.hold, ' WITH HOLD')} FOR ${node.query}`
}

const fetchPieces = ({ kind, name, direction }: FetchCursor): Piece => {
  const count = Number.isFinite(direction.count) ? String(direction.count) : 'ALL'
  return `${kind.toUpperCase()} ${direction.kind.toUpperCase()} ${count} FROM ${printIdentifier(name)}`
}

const subscribePieces = (node: Subscribe): Piece => {
  const target = node.target.kind === 'query' ? sql`(${node.target})` : node.target
  const head = sql`SUBSCRIBE TO ${target}${given(node.emit, emitPieces)}${withOptions(node.options)}`
  const asOf = given(node.asOf, ({ epoch, atLeast }) => sql` AS OF ${flag(atLeast, 'AT LEAST ')}${epoch}`)
  const upTo = given(node.upTo, (epoch) => sql` UP TO ${epoch}`)
  const envelope = given(node.envelope, ({ kind, key }) => ` ENVELOPE ${kind.toUpperCase()} (KEY (${nameList(key)}))`)
  const order = some(node.orderBy, (items) => sql` WITHIN EPOCH ${orderByPieces(items)}`)
  return sql`${head}${asOf}${upTo}${envelope}${order}`
}

const copyPieces = ({ subject, direction, options, where }: Copy): Piece => {
  const what =
    subject.kind === 'copyTable' ? `${qualified(subject.name)}${columnList(subject.columns)}` : sql`(${subject})`
  const place = direction === 'to' ? ' TO STDOUT' : ' FROM STDIN'
  return sql`COPY ${what}${place}${withOptions(options)}${given(where, (predicate) => sql` WHERE ${predicate}`)}`
}

const explainPieces = ({ options, subject }: Explain): Piece => {
  if (subject.kind === 'explainWatermark') return `EXPLAIN WATERMARK FOR ${qualified(subject.name)}`
  const what = subject.kind === 'explainView' ? qualified(subject.name) : subject
  return sql`EXPLAIN ${some(options, (set) => sql`${optionList(set)} `)}${what}`
}
