// CREATE TYPE, ALTER TYPE, DROP TYPE as text; what user-type.ts of the grammar reads.

import { unreachable } from '../../core/assert.ts'
import type { AlterType, CreateType, DropType } from '../ast-statement.ts'
import { typePieces } from './expression.ts'
import { list, nameText, type Piece, printString, qualified, sql } from './piece.ts'

export function userTypePieces(node: CreateType | AlterType | DropType): Piece {
  switch (node.kind) {
    case 'createType':
      return node.definition.kind === 'enum'
        ? `CREATE TYPE ${qualified(node.name)} AS ENUM (${node.definition.labels.map(printString).join(', ')})`
        : sql`CREATE TYPE ${qualified(node.name)} AS (${list(
            node.definition.fields.map(({ name, type }) => sql`${nameText(name)} ${typePieces(type)}`),
          )})`
    case 'alterType': {
      const place = node.place === undefined ? '' : ` ${node.place.side.toUpperCase()} ${printString(node.place.label)}`
      const guard = node.ifNotExists ? 'IF NOT EXISTS ' : ''
      return `ALTER TYPE ${qualified(node.name)} ADD VALUE ${guard}${printString(node.label)}${place}`
    }
    case 'dropType': {
      const names = node.names.map(qualified).join(', ')
      return `DROP TYPE ${node.ifExists ? 'IF EXISTS ' : ''}${names}${node.cascade ? ' CASCADE' : ''}`
    }
    default:
      return unreachable(node)
  }
}
