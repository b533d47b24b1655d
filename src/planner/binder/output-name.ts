// The name of an output column that has no alias (PostgreSQL, FigureColname).

import type { SqlType, TypeKind } from '../../core/type.ts'
import type * as Ast from '../../parser/ast.ts'

/** Names that only stand where nothing better is found further in: types of casts, CASE. */
interface Guess {
  readonly name: string
  readonly weak: boolean
}

export const outputName = (node: Ast.Expression, type: SqlType): string => guess(node, type)?.name ?? '?column?'

const strong = (name: string): Guess => ({ name, weak: false })

function guess(node: Ast.Expression, type?: SqlType): Guess | undefined {
  switch (node.kind) {
    case 'column':
      return strong(node.parts.at(-1)!)
    case 'field':
      return strong(node.field)
    case 'call':
      return strong(node.name.at(-1)!)
    case 'currentValue':
    case 'extremum':
      return strong(node.function)
    case 'coalesce':
    case 'nullif':
    case 'grouping':
    case 'array':
    case 'row':
    case 'exists':
      return strong(node.kind)
    case 'arraySubquery':
      return strong('array')
    case 'atTimeZone':
      return strong('timezone')
    case 'isNormalized':
      return strong('is_normalized')
    case 'boolean':
      return { name: 'bool', weak: true }
    case 'subscript':
    case 'slice':
    case 'collate':
      return guess(node.operand)
    case 'cast':
      return castGuess(node, type)
    case 'case': {
      const inner = node.otherwise && guess(node.otherwise)
      return inner === undefined || inner.weak ? { name: 'case', weak: true } : inner
    }
    case 'scalarSubquery':
      return subqueryGuess(node.query.body)
    default:
      return undefined
  }
}

function castGuess(node: Ast.Cast, type: SqlType | undefined): Guess {
  const inner = guess(node.operand)
  if (inner !== undefined && !inner.weak) return inner
  return { name: type === undefined ? node.type.name.at(-1)! : internalName(type), weak: true }
}

function subqueryGuess(body: Ast.QueryBody): Guess | undefined {
  switch (body.kind) {
    case 'select': {
      const [item] = body.items
      return item && (item.alias ? strong(item.alias.name) : guess(item.value))
    }
    case 'values':
      return strong('column1')
    case 'setOperation':
      return subqueryGuess(body.first)
    case 'query':
      return subqueryGuess(body.body)
  }
}

const internal: Partial<Record<TypeKind, string>> = { boolean: 'bool' }

/** pg_type.typname; of an array that of its element, as the grammar sees it. */
function internalName(type: SqlType): string {
  if (type.kind === 'array') return internalName(type.element)
  if (type.kind === 'reg') return `reg${type.of}`
  if (type.kind === 'row') return type.name ?? 'row'
  return internal[type.kind] ?? type.kind
}
