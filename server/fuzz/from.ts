// Random FROM items: tables, subqueries, VALUES, functions, common tables, and joins of them in every form.

import { typeInReach } from './condition.ts'
import { anyLiteral, type Maker, note, type Output, quoted, type Source, type Table } from './maker.ts'
import { type Column, TYPE_NAMES, type TypeName } from './types.ts'

/** `whole`: nothing is joined to it, so that commas may part its items. */
export function from(maker: Maker, outer: readonly Column[], depth: number, whole = true): Source {
  const { draw } = maker
  if (depth <= 0 || draw.chance(0.35)) return relation(maker, outer, depth)
  switch (draw.weighted({ on: 8, merged: 3, cross: 1, comma: whole ? 1 : 0, lateral: 3 })) {
    case 'merged':
      return mergingJoin(maker, outer)
    case 'cross':
      return both(maker, 'CROSS JOIN', relation(maker, outer, depth - 1), relation(maker, outer, 0))
    case 'comma':
      return both(maker, ',', relation(maker, outer, depth - 1), relation(maker, outer, 0))
    case 'lateral':
      return lateral(maker, outer, depth, whole)
    default:
      return joinOn(maker, outer, depth)
  }
}

const both = (maker: Maker, word: string, left: Source, right: Source, condition = ''): Source => {
  note(maker, word === ',' ? 'comma join' : word)
  return {
    sql: `${left.sql}${word === ',' ? ', ' : ` ${word} `}${right.sql}${condition}`,
    columns: [...left.columns, ...right.columns],
  }
}

function relation(maker: Maker, outer: readonly Column[], depth: number): Source {
  const { draw, tables, named } = maker
  const nested = depth > 0 && !maker.plain ? 1 : 0
  switch (draw.weighted({ table: 9, named: named.length > 0 ? 4 : 0, derived: 3 * nested, values: 1, function: 1 })) {
    case 'named': {
      const { name, columns } = draw.pick(named)
      note(maker, 'reference to WITH')
      return aliased(maker, name, columns)
    }
    case 'derived':
      note(maker, 'derived table')
      return derived(maker, [], depth - 1)
    case 'values':
      return values(maker)
    case 'function':
      return functionTable(maker, outer)
    default:
      return tableSource(maker, draw.pick(tables))
  }
}

function aliased(maker: Maker, sql: string, columns: readonly Output[]): Source {
  const alias = maker.fresh('t')
  return {
    sql: `${sql} AS ${alias}`,
    columns: columns.map(({ name, ...rest }) => ({ ...rest, sql: `${alias}.${quoted(name)}` })),
  }
}

const tableSource = (maker: Maker, table: Table): Source => aliased(maker, quoted(table.name), table.columns)

function derived(maker: Maker, outer: readonly Column[], depth: number, types?: readonly TypeName[]): Source {
  const { sql, columns } = maker.parts.query(maker, { types, outer, depth })
  return aliased(maker, `(${sql})`, columns)
}

function values(maker: Maker): Source {
  const { draw } = maker
  note(maker, 'VALUES')
  const types = draw.times(draw.between(1, 3), () => draw.pick(TYPE_NAMES))
  const rows = draw.times(
    draw.between(1, 4),
    () => `(${types.map((type) => anyLiteral(maker, type, false)).join(', ')})`,
  )
  const alias = maker.fresh('t')
  const names = types.map((_, i) => `v${i}`)
  return {
    sql: `(VALUES ${rows.join(', ')}) AS ${alias}(${names.join(', ')})`,
    columns: types.map((type, i) => ({ sql: `${alias}.${names[i]}`, type, tame: false })),
  }
}

/** A set-returning function over columns in reach, with or without ordinality. */
function functionTable(maker: Maker, outer: readonly Column[]): Source {
  const { draw } = maker
  const [a, b, n] = [maker.fresh('t'), 'f', 'n']
  const argument = (type: TypeName): string =>
    maker.parts.value({ ...maker, plain: true }, type, { columns: [], outer }, 1, true)
  const ordinality = draw.chance(0.4)
  note(maker, ordinality ? 'WITH ORDINALITY' : 'set-returning function in FROM')
  const [call, type] = draw.pick([
    [`generate_series(1, ${argument('int4')})`, 'int4'],
    [`generate_series(${argument('int4')}, 3)`, 'int4'],
    [`unnest(${argument('ints')})`, 'int4'],
    [`unnest(${argument('texts')})`, 'text'],
    [`regexp_split_to_table(${argument('text')}, 'b')`, 'text'],
  ] as const)
  const columns: Column[] = [{ sql: `${a}.${b}`, type, tame: false }]
  if (ordinality) columns.push({ sql: `${a}.${n}`, type: 'int8', tame: true })
  return { sql: `${call}${ordinality ? ' WITH ORDINALITY' : ''} AS ${a}(${b}${ordinality ? `, ${n}` : ''})`, columns }
}

const KINDS = ['JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']

function joinOn(maker: Maker, outer: readonly Column[], depth: number): Source {
  const { draw } = maker
  const left = from(maker, outer, depth - 1, false)
  const right =
    draw.chance(0.2) && depth > 1 ? parenthesised(joinOn(maker, outer, depth - 1)) : relation(maker, outer, depth - 1)
  const kind = draw.pick(KINDS)
  const equal = equalities(maker, left, right)
  // PostgreSQL wants a condition of FULL JOIN that it can merge or hash: an equality, and nothing correlated.
  const full = kind === 'FULL JOIN'
  const scope = { columns: [...left.columns, ...right.columns], outer: full ? [] : outer }
  const residual = draw.chance(0.35)
    ? maker.parts.condition({ ...maker, plain: maker.plain || full }, scope, 1)
    : undefined
  if (residual !== undefined && equal.length > 0) note(maker, `${kind} with residual condition`)
  const conditions = residual === undefined ? equal : [...equal, residual]
  if (full && equal.length === 0) return both(maker, 'FULL JOIN', left, right, ' ON true')
  return both(maker, kind, left, right, ` ON ${conditions.length === 0 ? 'true' : conditions.join(' AND ')}`)
}

const parenthesised = (source: Source): Source => ({ ...source, sql: `(${source.sql})` })

/** One or two pairs of columns of one type. */
function equalities(maker: Maker, left: Source, right: Source): string[] {
  const { draw } = maker
  const pairs = left.columns.flatMap((a) =>
    right.columns.filter((b) => b.type === a.type).map((b) => `${a.sql} = ${b.sql}`),
  )
  return [...draw.some(pairs, draw.pick([1, 1, 1, 2]))]
}

/** USING and NATURAL: two subqueries that share column names nobody else has. */
function mergingJoin(maker: Maker, outer: readonly Column[]): Source {
  const { draw } = maker
  const keys = draw.times(draw.between(1, 2), () => ({
    name: maker.fresh('k'),
    type: draw.pick(draw.pick(maker.tables).columns).type,
  }))
  const kind = draw.pick(KINDS)
  const side = (): { sql: string; columns: readonly Column[] } => {
    const { sql, columns } = from(maker, outer, 0)
    const alias = maker.fresh('t')
    const own = maker.fresh('c')
    const type = typeInReach(maker, { columns, outer: [] })
    const select = keys.map(({ name, type: key }) => {
      const fits = columns.filter((column) => column.type === key)
      return `${fits.length > 0 ? draw.pick(fits).sql : anyLiteral(maker, key, false)} AS ${name}`
    })
    const value = maker.parts.value({ ...maker, plain: true }, type, { columns, outer: [] }, 0)
    return {
      sql: `(SELECT ${[...select, `${value} AS ${own}`].join(', ')} FROM ${sql}) AS ${alias}`,
      columns: [{ sql: `${alias}.${own}`, type, tame: false }],
    }
  }
  const [left, right] = [side(), side()]
  const merged = keys.map(({ name, type }): Column => ({ sql: name, type, tame: false }))
  const natural = draw.chance(0.4)
  note(maker, natural ? 'NATURAL' : 'USING')
  const sql = natural
    ? `${left.sql} NATURAL ${kind} ${right.sql}`
    : `${left.sql} ${kind} ${right.sql} USING (${keys.map(({ name }) => name).join(', ')})`
  note(maker, kind)
  return { sql, columns: [...merged, ...left.columns, ...right.columns] }
}

function lateral(maker: Maker, outer: readonly Column[], depth: number, whole: boolean): Source {
  const { draw } = maker
  const left = relation(maker, outer, depth - 1)
  note(maker, 'LATERAL')
  const seen = [...left.columns, ...outer]
  const right = draw.chance(0.3) ? functionTable(maker, seen) : derived(maker, seen, depth - 1)
  const body = `LATERAL ${right.sql}`
  const kind = draw.pick([whole ? ', ' : ' CROSS JOIN ', ' CROSS JOIN ', ' LEFT JOIN ', ' JOIN '])
  if (kind === ', ' || kind === ' CROSS JOIN ')
    return { sql: `${left.sql}${kind}${body}`, columns: [...left.columns, ...right.columns] }
  const [equal = 'true'] = draw.chance(0.5) ? equalities(maker, left, right) : []
  return { sql: `${left.sql}${kind}${body} ON ${equal}`, columns: [...left.columns, ...right.columns] }
}
