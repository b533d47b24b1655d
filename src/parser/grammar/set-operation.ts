// Puts queries together from their parts: set operators by precedence, clauses around parentheses.

import { type SqlError, syntaxError } from '../../core/error.ts'
import type { Query, QueryBody, SetOperand, With } from '../ast.ts'

export type Clauses = Pick<Query, 'orderBy' | 'limit' | 'withTies' | 'offset' | 'locking'>

/** A parenthesised operand is its body, unless it has clauses of its own. */
export const asOperand = (body: QueryBody): QueryBody => {
  if (body.kind !== 'query') return body
  const bare = body.with === undefined && body.orderBy.length + body.locking.length === 0
  return bare && body.limit === undefined && body.offset === undefined ? body.body : body
}

const joined = (first: QueryBody, rest: readonly SetOperand[]): QueryBody =>
  rest.length === 0 ? first : { kind: 'setOperation', position: rest[0]!.position, first, rest }

/** INTERSECT first, then the others from left to right. */
export const foldSetOperations = (first: QueryBody, rest: readonly SetOperand[]): QueryBody => {
  const run: SetOperand[] = []
  const terms: { readonly opener: SetOperand; readonly intersected: SetOperand[] }[] = []
  for (const operand of rest) {
    if (operand.operator !== 'intersect') terms.push({ opener: operand, intersected: [] })
    else (terms.at(-1)?.intersected ?? run).push(operand)
  }
  return joined(
    joined(first, run),
    terms.map(({ opener, intersected }) => ({ ...opener, body: joined(opener.body, intersected) })),
  )
}

const repeated = (clause: string, position: number): SqlError =>
  syntaxError(`multiple ${clause} clauses not allowed`, { position })

/** A query of its own, or the parenthesised one with what stands around it. */
export const merged = (body: QueryBody, outer: With | undefined, clauses: Clauses, position: number): Query => {
  if (body.kind !== 'query') return checked({ kind: 'query', position, with: outer, body, ...clauses })
  const [sort] = clauses.orderBy
  if (body.orderBy.length > 0 && sort !== undefined) throw repeated('ORDER BY', sort.position)
  if (body.limit !== undefined && clauses.limit !== undefined) throw repeated('LIMIT', clauses.limit.position)
  if (body.offset !== undefined && clauses.offset !== undefined) throw repeated('OFFSET', clauses.offset.position)
  if (body.with !== undefined && outer !== undefined) throw repeated('WITH', position)
  return checked({
    ...body,
    position,
    with: body.with ?? outer,
    orderBy: body.orderBy.length > 0 ? body.orderBy : clauses.orderBy,
    limit: body.limit ?? clauses.limit,
    withTies: body.withTies || clauses.withTies,
    offset: body.offset ?? clauses.offset,
    locking: [...body.locking, ...clauses.locking],
  })
}

const checked = (query: Query): Query => {
  if (!query.withTies || query.orderBy.length > 0) return query
  throw syntaxError('WITH TIES cannot be specified without ORDER BY clause', { position: query.limit?.position })
}
