// Random queries: WITH, set operations, SELECT in its shapes, ORDER BY and what limits rows. Rows that LIMIT, DISTINCT
// ON or FETCH choose are told apart by a complete order of the output, so that there is one right answer.

import { anyLiteral, type Made, type Maker, type Named, note, type Output, quoted, type Wish } from './maker.ts'
import { select } from './select.ts'
import { TYPE_NAMES, type TypeName } from './types.ts'

export function query(maker: Maker, wish: Wish): Made {
  const { draw } = maker
  if (wish.depth > 0 && !maker.plain && draw.chance(0.12)) return withQuery(maker, wish)
  const kind = draw.weighted({ select: 12, set: wish.depth > 0 ? 3 : 0, values: 1 })
  const body =
    kind === 'set' ? setOperation(maker, wish) : kind === 'values' ? values(maker, wish) : select(maker, wish)
  return body.fixed ? body : limited(maker, body)
}

/** A body; `fixed`: has an ORDER BY already, which nothing may be added to. */
export interface Body extends Made {
  readonly fixed?: boolean
}

function withQuery(maker: Maker, wish: Wish): Made {
  const { draw } = maker
  note(maker, 'WITH')
  const named: Named[] = [...maker.named]
  const tables = draw.times(draw.between(1, 2), (): { text: string; loops: boolean } => {
    const inner = { ...maker, named }
    const name = maker.fresh('w')
    const made: Made & { readonly head?: string } = draw.chance(0.15)
      ? recursive(maker, name)
      : query(inner, { ...wish, types: undefined, outer: [], depth: wish.depth - 1 })
    named.push({ name, columns: made.columns })
    return {
      text: `${name}${made.head ?? ''} AS ${draw.pick(['', '', 'MATERIALIZED ', 'NOT MATERIALIZED '])}(${made.sql})`,
      loops: made.head !== undefined,
    }
  })
  const main = query({ ...maker, named }, { ...wish, depth: wish.depth - 1 })
  const word = tables.some(({ loops }) => loops) ? 'WITH RECURSIVE' : 'WITH'
  const nested = main.sql.startsWith('WITH')
  const body = nested ? `SELECT * FROM (${main.sql}) AS ${maker.fresh('t')}` : main.sql
  return {
    ...main,
    ordered: main.ordered && !nested,
    sql: `${word} ${tables.map(({ text }) => text).join(', ')} ${body}`,
  }
}

/** Counts up from the values of a query, or follows a table's pairs of numbers. */
function recursive(maker: Maker, name: string): Made & { readonly head?: string } {
  const { draw } = maker
  note(maker, 'WITH RECURSIVE')
  const start = query({ ...maker, plain: true }, { types: ['int4'], outer: [], depth: 0 })
  const step = draw.pick([
    `SELECT n + 1 FROM ${name} WHERE n < 4 AND n > -5`,
    `SELECT (n + 1) % 4 FROM ${name}`,
    `SELECT s.v + n FROM ${name}, (VALUES (1), (2)) AS s(v) WHERE n BETWEEN -2 AND 3`,
  ])
  return {
    sql: `SELECT * FROM (${start.sql}) AS o UNION ${step}`,
    columns: [{ name: 'n', type: 'int4', tame: false }],
    ordered: false,
    head: '(n)',
  }
}

function setOperation(maker: Maker, wish: Wish): Body {
  const { draw } = maker
  const left = query(maker, { ...wish, depth: wish.depth - 1 })
  const types = left.columns.map(({ type }) => type)
  const word = draw.pick(['UNION', 'UNION ALL', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL'])
  note(maker, word)
  const right = query(maker, { ...wish, types, depth: wish.depth - 1 })
  const columns = left.columns.map((column, i) => ({ ...column, tame: column.tame && right.columns[i]!.tame }))
  return { sql: `(${left.sql}) ${word} (${right.sql})`, columns, ordered: false }
}

function values(maker: Maker, { types }: Wish): Body {
  const { draw } = maker
  note(maker, 'VALUES')
  const wanted: readonly TypeName[] = types ?? draw.times(draw.between(1, 3), () => draw.pick(TYPE_NAMES))
  const rows = draw.times(
    draw.between(1, 4),
    () => `(${wanted.map((type) => anyLiteral(maker, type, false)).join(', ')})`,
  )
  const columns = wanted.map((type, i): Output => ({ name: `column${i + 1}`, type, tame: false }))
  return { sql: `VALUES ${rows.join(', ')}`, columns, ordered: false }
}

/** Now and then ordered by all columns, and cut. */
function limited(maker: Maker, body: Body): Made {
  const { draw } = maker
  if (!draw.chance(0.3)) return body
  note(maker, 'ORDER BY')
  const keys = body.columns.map(
    (_, i) => `${i + 1}${draw.pick(['', '', ' DESC', ' ASC NULLS FIRST', ' DESC NULLS LAST'])}`,
  )
  const shuffled = keys.toSorted(() => draw.pick([-1, 1]))
  const whole = `${body.sql} ORDER BY ${shuffled.join(', ')}`
  const offset = draw.chance(0.3) ? ` OFFSET ${draw.below(3)}` : ''
  switch (draw.weighted({ none: 3, limit: 4, ties: 2 })) {
    case 'limit':
      note(maker, 'LIMIT')
      return { ...body, sql: `${whole} LIMIT ${draw.between(0, 6)}${offset}`, ordered: true }
    case 'ties':
      note(maker, 'WITH TIES')
      return {
        ...body,
        sql: `${body.sql} ORDER BY ${shuffled[0]} FETCH FIRST ${draw.between(1, 4)} ROWS WITH TIES`,
        ordered: false,
      }
    default:
      return { ...body, sql: `${whole}${offset}`, ordered: true }
  }
}

/** Column names as a list for the output. */
export const namesOf = (columns: readonly Output[]): string => columns.map(({ name }) => quoted(name)).join(', ')
