// Random changes of tables: INSERT in all forms, UPDATE … FROM, DELETE … USING, ON CONFLICT, TRUNCATE, and
// transactions with savepoints and rollbacks. What two rows could decide differently (an UPDATE that finds several
// partners) is reduced to one first.

import { type Maker, quoted, type Table, type TableColumn } from './maker.ts'
import { type Column, literal, TYPES } from './types.ts'

/** One batch: statements of autocommit, or a transaction. */
export function batch(maker: Maker): string[] {
  const { draw } = maker
  const statements = draw.times(draw.between(1, 4), () => change(maker))
  if (!draw.chance(0.25)) return statements
  const end = draw.pick(['COMMIT', 'COMMIT', 'ROLLBACK'])
  if (!draw.chance(0.5)) return ['BEGIN', ...statements, end]
  const back = draw.pick(['ROLLBACK TO s', 'RELEASE s'])
  return ['BEGIN', change(maker), 'SAVEPOINT s', ...statements, back, end]
}

/** The rows that a table starts with; some stay empty. */
export const fill = (maker: Maker): string[] =>
  maker.tables.flatMap((table) => (maker.draw.chance(0.12) ? [] : [insertRows(maker, table, maker.draw.between(2, 9))]))

function change(maker: Maker): string {
  const { draw } = maker
  const table = draw.pick(maker.tables)
  switch (
    draw.weighted({
      rows: 18,
      select: 4,
      conflict: table.primaryKey === undefined ? 0 : 6,
      update: 8,
      remove: 5,
      truncate: 1,
    })
  ) {
    case 'select':
      return insertSelect(maker, table)
    case 'conflict':
      return `${insertRows(maker, table, draw.between(1, 3))} ${onConflict(maker, table)}${returning(maker, table)}`
    case 'update':
      return update(maker, table)
    case 'remove':
      return remove(maker, table)
    case 'truncate':
      return `TRUNCATE ${quoted(table.name)}`
    default:
      return `${insertRows(maker, table, draw.between(1, 4))}${returning(maker, table)}`
  }
}

const columnsOf = (table: Table, alias: string): Column[] =>
  table.columns.map(({ name, type, tame }) => ({ sql: `${alias}.${quoted(name)}`, type, tame }))

function cell(maker: Maker, { type, tame, notNull, name }: TableColumn, key: boolean): string {
  const { draw } = maker
  if (!notNull && draw.chance(0.25)) return 'NULL'
  if (notNull && draw.chance(0.01)) return 'NULL'
  if (key && (type === 'int4' || type === 'int8')) return literal(type, String(draw.below(14)))
  if (key && type === 'text') return literal(type, draw.pick([...'abcdefgh', '', 'é', '𝒳', '\ue000', ' a', name]))
  const { tame: small, wild } = TYPES[type]
  return literal(type, !tame && wild.length > 0 && draw.chance(0.3) ? draw.pick(wild) : draw.pick(small))
}

function insertRows(maker: Maker, table: Table, count: number): string {
  const { draw } = maker
  const all = table.columns
    .map((column, i) => ({ column, key: i === table.primaryKey }))
    .filter(({ column }) => !column.generated)
  const kept = all.filter(({ column, key }) => key || column.notNull || draw.chance(0.93))
  const one = ({ column, key }: (typeof kept)[number]): string =>
    !key && draw.chance(0.05) ? 'DEFAULT' : cell(maker, column, key)
  const rows = draw.times(count, () => `(${kept.map(one).join(', ')})`)
  const columns = kept.map(({ column }) => quoted(column.name)).join(', ')
  return `INSERT INTO ${quoted(table.name)} (${columns}) VALUES ${rows.join(', ')}`
}

function insertSelect(maker: Maker, table: Table): string {
  const { draw, parts } = maker
  const columns = table.columns.filter(({ generated }) => !generated)
  const columnNames = columns.map(({ name }) => quoted(name)).join(', ')
  const other = draw.pick(maker.tables)
  const scope = { columns: columnsOf(other, 's'), outer: [] }
  const values = columns.map(({ type, tame }) => parts.value({ ...maker, plain: true }, type, scope, 1, tame))
  const where = draw.chance(0.6) ? ` WHERE ${parts.condition(maker, scope, 1)}` : ''
  const order = columns.map((_, i) => i + 1).join(', ')
  const rows = `SELECT ${values.join(', ')} FROM ${quoted(other.name)} AS s${where} ORDER BY ${order} LIMIT 4`
  return `INSERT INTO ${quoted(table.name)} (${columnNames}) ${rows}`
}

function onConflict(maker: Maker, table: Table): string {
  const { draw } = maker
  const key = quoted(table.columns[table.primaryKey!]!.name)
  if (draw.chance(0.4)) return `ON CONFLICT ${draw.pick(['', `(${key}) `])}DO NOTHING`
  const free = table.columns.filter((column, i) => i !== table.primaryKey && !column.generated)
  if (free.length === 0) return 'ON CONFLICT DO NOTHING'
  const { name, type } = draw.pick(free)
  const column = quoted(name)
  const where = draw.chance(0.3) ? ` WHERE ${quoted(table.name)}.${column} IS DISTINCT FROM excluded.${column}` : ''
  const taken = draw.pick([
    `excluded.${column}`,
    `coalesce(${quoted(table.name)}.${column}, excluded.${column})`,
    literal(type, TYPES[type].tame[0]!),
  ])
  return `ON CONFLICT (${key}) DO UPDATE SET ${column} = ${taken}${where}`
}

function returning(maker: Maker, table: Table): string {
  return maker.draw.chance(0.15) ? ` RETURNING ${table.columns.map(({ name }) => quoted(name)).join(', ')}` : ''
}

function update(maker: Maker, table: Table): string {
  const { draw, parts } = maker
  const free = table.columns.filter((column, i) => i !== table.primaryKey && !column.generated)
  if (free.length === 0) return remove(maker, table)
  const target = draw.some(free, draw.between(1, Math.min(2, free.length)))
  const scope = { columns: columnsOf(table, 'u'), outer: [] }
  const head = `UPDATE ${quoted(table.name)} AS u SET`
  const other = draw.pick(maker.tables)
  const shared = table.columns.flatMap((a) =>
    other.columns.filter((b) => b.type === a.type).map((b) => [a, b] as const),
  )
  if (shared.length > 0 && draw.chance(0.3)) {
    const [a, b] = draw.pick(shared)
    const [{ name, type }] = target as [TableColumn]
    const key = quoted(b.name)
    const from = other.columns.find(
      (column) => column.type === type && TYPES[type].extrema && (column.tame || !target[0]!.tame),
    )
    const value = from === undefined ? literal(type, draw.pick(TYPES[type].tame)) : `coalesce(s.m, u.${quoted(name)})`
    const best = from === undefined ? '1' : `max(${quoted(from.name)})`
    const rows = `SELECT ${key} AS k, ${best} AS m FROM ${quoted(other.name)} GROUP BY ${key}`
    return `${head} ${quoted(name)} = ${value} FROM (${rows}) AS s WHERE s.k = u.${quoted(a.name)}`
  }
  const set = target.map(
    (column) => `${quoted(column.name)} = ${parts.value(maker, column.type, scope, 1, column.tame)}`,
  )
  const where = draw.chance(0.85) ? ` WHERE ${parts.condition(maker, scope, 1)}` : ''
  return `${head} ${set.join(', ')}${where}`
}

function remove(maker: Maker, table: Table): string {
  const { draw, parts } = maker
  const columns = columnsOf(table, 'd')
  const other = draw.pick(maker.tables)
  const head = `DELETE FROM ${quoted(table.name)} AS d`
  if (draw.chance(0.3)) {
    const scope = { columns: [...columns, ...columnsOf(other, 's')], outer: [] }
    const [a, b] = [parts.condition(maker, scope, 1), parts.condition(maker, scope, 0)]
    return `${head} USING ${quoted(other.name)} AS s WHERE ${a} AND ${b}`
  }
  const scope = { columns, outer: [] }
  return `${head} WHERE ${parts.condition(maker, scope, 1)} AND ${parts.condition(maker, scope, 0)}`
}
