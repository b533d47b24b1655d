// Subqueries in expressions: scalar, EXISTS, IN, ANY/ALL and of rows, over whatever FROM gives, correlated as it comes.
// A scalar subquery gives one row at most: an aggregate, or the first row of an order; unless the query may fail.

import { typeInReach } from './condition.ts'
import { type Maker, note, type Scope, seenFrom } from './maker.ts'
import { INTEGERS, TYPES, type TypeName } from './types.ts'

interface Body {
  readonly scope: Scope
  /** FROM … WHERE … */
  readonly tail: string
}

function body(maker: Maker, scope: Scope, depth: number): Body {
  const { parts, draw } = maker
  const outer = seenFrom(scope)
  const { sql, columns } = parts.from(maker, outer, Math.max(0, depth - 1))
  const inner = { columns, outer }
  const where = draw.chance(0.75) ? ` WHERE ${parts.condition(maker, inner, Math.max(0, depth - 1))}` : ''
  return { scope: inner, tail: ` FROM ${sql}${where}` }
}

export function scalarSubquery(maker: Maker, type: TypeName, scope: Scope, depth: number, tame: boolean): string {
  const { draw, parts, risky } = maker
  note(maker, 'scalar subquery')
  const { scope: inner, tail } = body(maker, scope, depth)
  const own = { columns: inner.columns, outer: [] }
  if (INTEGERS.includes(type) && draw.chance(0.5)) {
    const counted = draw.pick(['*', parts.value(maker, typeInReach(maker, own), own, 0)])
    return `(SELECT (count(${counted}) % 100)::${TYPES[type].sql}${tail})`
  }
  if (TYPES[type].extrema && draw.chance(0.5)) {
    return `(SELECT ${draw.pick(['min', 'max'])}(${parts.value(maker, type, own, 0, tame)})${tail})`
  }
  const selected = parts.value(maker, type, inner, Math.max(0, depth - 1), tame)
  return `(SELECT ${selected}${tail}${risky && draw.chance(0.5) ? '' : ' ORDER BY 1 LIMIT 1'})`
}

export function existsSubquery(maker: Maker, scope: Scope, depth: number): string {
  const { draw, parts } = maker
  note(maker, 'EXISTS')
  const word = draw.pick(['EXISTS', 'NOT EXISTS'])
  if (draw.chance(0.3))
    return `${word} (${parts.query(maker, { types: undefined, outer: seenFrom(scope), depth }).sql})`
  return `${word} (SELECT 1${body(maker, scope, depth).tail})`
}

export function inSubquery(maker: Maker, scope: Scope, depth: number): string {
  const { draw, parts } = maker
  const word = draw.pick(['IN', 'NOT IN'])
  note(maker, word)
  const type = typeInReach(maker, scope)
  return `${parts.value(maker, type, scope, depth)} ${word} (${ofType(maker, [type], scope, depth)})`
}

export function quantifiedSubquery(maker: Maker, scope: Scope, depth: number): string {
  const { draw, parts } = maker
  const word = draw.pick(['ANY', 'ALL', 'SOME'])
  note(maker, `${word} subquery`)
  const type = typeInReach(maker, scope)
  const operator = draw.pick(['=', '<>', '<', '<=', '>', '>='])
  return `${parts.value(maker, type, scope, depth)} ${operator} ${word} (${ofType(maker, [type], scope, depth)})`
}

export function rowSubquery(maker: Maker, scope: Scope, depth: number): string {
  const { draw, parts } = maker
  note(maker, 'row subquery')
  const types = draw.times(2, () => typeInReach(maker, scope))
  const row = `(${types.map((type) => parts.value(maker, type, scope, depth)).join(', ')})`
  const rows = ofType(maker, types, scope, depth)
  return draw.pick([
    `${row} ${draw.pick(['IN', 'NOT IN'])} (${rows})`,
    `${row} ${draw.pick(['= ANY', '<> ALL', '< ANY', '>= ALL'])} (${rows})`,
    `${row} ${draw.pick(['=', '<', '>='])} (${limited(rows)})`,
  ])
}

/** At most one row, always the same one. */
const limited = (query: string): string => `SELECT * FROM (${query}) AS one ORDER BY 1, 2 LIMIT 1`

/** A query of these types: a whole one, or a short SELECT. */
function ofType(maker: Maker, types: readonly TypeName[], scope: Scope, depth: number): string {
  const { draw, parts } = maker
  if (draw.chance(0.3)) return parts.query(maker, { types, outer: seenFrom(scope), depth }).sql
  const { scope: inner, tail } = body(maker, scope, depth)
  return `SELECT ${types.map((type) => parts.value(maker, type, inner, Math.max(0, depth - 1))).join(', ')}${tail}`
}
