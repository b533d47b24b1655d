// Syntax trees back to SQL text: parse(print(tree)) is the tree again, but for positions.
//
// Each kind of node has a function that gives its text as pieces, with the nodes below unexpanded (print/*.ts). Here
// they are expanded with a stack, so that whatever the grammar accepts can be printed, however deep or long.

import type { Query } from './ast.ts'
import { expressionPieces, typePieces } from './print/expression.ts'
import { type Piece, type Printable, printIdentifier, printString } from './print/piece.ts'
import { queryPieces, tablePieces, viewLayout } from './print/query.ts'
import { isStatement, statementPieces } from './print/statement.ts'

export { printIdentifier, printString }

/** One line, keywords in upper case, names quoted where they must be. */
export const print = (node: Printable): string => expanded(node)

/** A view's query as pg_get_viewdef shows it: a line a column and clause, a semicolon at its end. */
export const printView = (query: Query): string => ` ${expanded(queryPieces(query, viewLayout))};`

const expanded = (whole: Piece): string => {
  const waiting: Piece[] = [whole]
  const texts: string[] = []
  for (let piece = waiting.pop(); piece !== undefined; piece = waiting.pop()) {
    if (typeof piece === 'string') texts.push(piece)
    else if ('kind' in piece) waiting.push(pieces(piece))
    else for (let index = piece.length - 1; index >= 0; index--) waiting.push(piece[index]!)
  }
  return texts.join('')
}

const pieces = (node: Printable): Piece => {
  switch (node.kind) {
    case 'type':
      return typePieces(node)
    case 'query':
    case 'select':
    case 'values':
    case 'setOperation':
      return queryPieces(node)
    case 'relation':
    case 'derived':
    case 'functionTable':
    case 'windowTable':
    case 'join':
      return tablePieces(node)
    default:
      return isStatement(node) ? statementPieces(node) : expressionPieces(node)
  }
}
