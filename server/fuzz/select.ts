// SELECT in its shapes: plain, DISTINCT, DISTINCT ON, over one group, grouped in every way, with window functions, with
// set-returning functions in the list.

import { aggregate } from './aggregates.ts'
import { typeInReach } from './condition.ts'
import { type Made, type Maker, note, type Output, quoted, type Scope, type Wish } from './maker.ts'
import type { Column, TypeName } from './types.ts'
import { windowCall } from './windows.ts'

interface Item {
  readonly sql: string
  readonly type: TypeName
  readonly tame: boolean
}

type Body = Made & { readonly fixed?: boolean }

export function select(maker: Maker, wish: Wish): Body {
  const { draw, parts } = maker
  const { sql, columns } = parts.from(maker, wish.outer, wish.depth)
  const scope = { columns, outer: wish.outer }
  const where = draw.chance(0.5) ? ` WHERE ${parts.condition(maker, scope, Math.min(2, wish.depth))}` : ''
  const tail = ` FROM ${sql}${where}`
  const windows = wish.types === undefined && wish.depth > 0 ? 3 : 0
  const sets = wish.types === undefined ? 1 : 0
  switch (draw.weighted({ plain: 8, distinct: 2, distinctOn: 2, grouped: 5, global: 2, windows, sets })) {
    case 'distinct':
      note(maker, 'DISTINCT')
      return list(maker, 'SELECT DISTINCT ', itemsOf(maker, wish, scope), tail)
    case 'distinctOn':
      return distinctOn(maker, itemsOf(maker, wish, scope), tail)
    case 'grouped':
      return grouped(maker, wish, scope, tail)
    case 'global':
      return overAll(maker, wish, scope, tail)
    case 'windows':
      return windowed(maker, wish, scope, tail)
    case 'sets':
      return withSets(maker, wish, scope, tail)
    default:
      return list(maker, 'SELECT ', itemsOf(maker, wish, scope), tail)
  }
}

/** Items of the wanted types, or of any that are in reach. */
function itemsOf(maker: Maker, { types, depth }: Wish, scope: Scope): Item[] {
  const { draw } = maker
  const wanted = types ?? draw.times(draw.between(1, 4), () => typeInReach(maker, scope))
  return wanted.map((type): Item => {
    const columns = scope.columns.filter((column) => column.type === type)
    if (columns.length > 0 && draw.chance(0.5)) return draw.pick(columns)
    return { sql: maker.parts.value(maker, type, scope, Math.min(2, depth)), type, tame: false }
  })
}

function list(maker: Maker, word: string, items: readonly Item[], tail: string): Body {
  const columns = items.map(({ type, tame }): Output => ({ name: nameOf(maker), type, tame }))
  const selected = items.map(({ sql }, i) => `${sql} AS ${quoted(columns[i]!.name)}`)
  return { sql: `${word}${selected.join(', ')}${tail}`, columns, ordered: false }
}

/** As it is known to the reader, without quotes. */
const nameOf = (maker: Maker): string =>
  maker
    .fresh('c')
    .replace(/^"(.*)"$/s, '$1')
    .replaceAll('""', '"')

function distinctOn(maker: Maker, items: readonly Item[], tail: string): Body {
  const { draw } = maker
  note(maker, 'DISTINCT ON')
  const on = draw.chance(0.7) ? [1] : items.map((_, i) => i + 1).slice(0, 2)
  const direction = (): string => draw.pick(['', ' DESC', ' NULLS FIRST'])
  const rest = items.map((_, i) => i + 1).filter((ordinal) => !on.includes(ordinal))
  const order = [...on, ...rest].map((ordinal) => `${ordinal}${direction()}`).join(', ')
  const made = list(maker, `SELECT DISTINCT ON (${on.join(', ')}) `, items, tail)
  return { ...made, sql: `${made.sql} ORDER BY ${order}`, ordered: true, fixed: true }
}

function overAll(maker: Maker, wish: Wish, scope: Scope, tail: string): Body {
  const { draw } = maker
  note(maker, 'aggregate without GROUP BY')
  const calls = draw.times(draw.between(1, 4), () => aggregate(maker, scope))
  const having = draw.chance(0.15)
    ? ` HAVING ${maker.parts.condition(maker, { columns: calls, outer: wish.outer }, 1)}`
    : ''
  return list(maker, 'SELECT ', outputs(maker, wish, { columns: calls, outer: wish.outer }, calls), `${tail}${having}`)
}

/** What was made first, and values over it; or what is wanted, made of it. */
function outputs(maker: Maker, { types }: Wish, scope: Scope, first: readonly Column[]): Item[] {
  const { draw, parts } = maker
  if (types !== undefined) return types.map((type) => ({ sql: parts.value(maker, type, scope, 1), type, tame: false }))
  const more = draw.chance(0.4)
    ? [typeInReach(maker, scope)].map((type): Item => ({ sql: parts.value(maker, type, scope, 2), type, tame: false }))
    : []
  return [...first, ...more]
}

function grouped(maker: Maker, wish: Wish, scope: Scope, tail: string): Body {
  const { draw, parts } = maker
  const plain = { ...maker, plain: true }
  const own = { columns: scope.columns, outer: [] }
  const drawn = draw.times(draw.between(1, 3), (): Column => {
    if (scope.columns.length > 0 && draw.chance(0.75)) return draw.pick(scope.columns)
    const type = typeInReach(maker, own)
    return { sql: `coalesce(${parts.value(plain, type, own, 1)})`, type, tame: false, local: true }
  })
  // PostgreSQL 15 does not make a constant key NULL where it is rolled up: no constants.
  const isVarying = ({ sql }: Column): boolean => scope.columns.some((column) => sql.includes(column.sql))
  const keys = drawn.filter((key, i) => isVarying(key) && drawn.findIndex(({ sql }) => sql === key.sql) === i)
  if (keys.length === 0) return overAll(maker, wish, scope, tail)
  const calls = draw.times(draw.between(0, 3), () => aggregate(maker, scope))
  const sets = draw.chance(0.35)
  const inside = { columns: [...keys, ...calls], outer: wish.outer }
  note(maker, sets ? 'grouping sets' : 'GROUP BY')
  if (sets && draw.chance(0.6)) {
    note(maker, 'GROUPING()')
    const some = draw.some(keys, draw.between(1, keys.length)).map(({ sql }) => sql)
    calls.push({ sql: `grouping(${some.join(', ')})`, type: 'int4', tame: true, local: true })
  }
  const by = sets
    ? groupingSets(
        maker,
        keys.map(({ sql }) => sql),
      )
    : keys.map(({ sql }) => sql).join(', ')
  const having = draw.chance(0.3) ? ` HAVING ${parts.condition(maker, inside, 1)}` : ''
  if (having !== '') note(maker, 'HAVING')
  const first = [...draw.some(keys, draw.between(0, keys.length)), ...calls]
  if (wish.types === undefined && !sets && wish.depth > 0 && draw.chance(0.15)) {
    note(maker, 'window function over groups')
    first.push(windowCall(maker, inside, true))
  }
  const items = outputs(maker, wish, inside, first.length > 0 ? first : keys)
  return list(maker, 'SELECT ', items, `${tail} GROUP BY ${by}${having}`)
}

function groupingSets(maker: Maker, keys: readonly string[]): string {
  const { draw } = maker
  const subset = (): string => `(${draw.some(keys, draw.between(0, keys.length)).join(', ')})`
  const all = `(${keys.join(', ')})`
  const kind = draw.pick(['ROLLUP', 'CUBE', 'GROUPING SETS', 'mixed', 'product'])
  note(maker, kind === 'mixed' || kind === 'product' ? 'grouping sets combined' : kind)
  switch (kind) {
    case 'ROLLUP':
    case 'CUBE':
      return `${kind} (${keys.join(', ')})`
    case 'GROUPING SETS':
      return `GROUPING SETS (${[all, ...draw.times(draw.between(1, 3), subset)].join(', ')})`
    case 'mixed':
      return `GROUPING SETS (${all}, ROLLUP (${keys.join(', ')}), ${subset()})`
    default:
      return `${keys[0]}, ${keys.length > 1 ? `ROLLUP (${keys.slice(1).join(', ')})` : 'GROUPING SETS ((), ())'}`
  }
}

function windowed(maker: Maker, wish: Wish, scope: Scope, tail: string): Body {
  const { draw } = maker
  const calls = draw.times(draw.between(1, 3), () => windowCall(maker, scope, true))
  const some = scope.columns.length > 0 ? draw.times(draw.between(0, 2), () => draw.pick(scope.columns)) : []
  const body = list(maker, 'SELECT ', [...some, ...calls], tail)
  if (!draw.chance(0.25)) return body
  note(maker, 'filter above a window function')
  const alias = maker.fresh('t')
  const columns = body.columns.map(({ name, ...rest }): Column => ({ ...rest, sql: `${alias}.${quoted(name)}` }))
  const first = columns.at(-1)!
  const limit = first.type === 'int8' ? `${first.sql} <= ${draw.between(1, 3)}` : undefined
  const where = limit ?? maker.parts.condition(maker, { columns, outer: wish.outer }, 1)
  return { ...body, sql: `SELECT * FROM (${body.sql}) AS ${alias} WHERE ${where}` }
}

function withSets(maker: Maker, wish: Wish, scope: Scope, tail: string): Body {
  const { draw, parts } = maker
  note(maker, 'set-returning function in SELECT')
  const value = (type: TypeName): string => parts.value({ ...maker, plain: true }, type, scope, 1, true)
  const call: Item = draw.pick([
    { sql: `generate_series(1, ${value('int4')})`, type: 'int4', tame: false },
    { sql: `unnest(${value('ints')})`, type: 'int4', tame: false },
    { sql: `unnest(${value('texts')})`, type: 'text', tame: false },
  ] as const)
  return list(maker, 'SELECT ', [...itemsOf(maker, wish, scope).slice(0, 2), call], tail)
}
