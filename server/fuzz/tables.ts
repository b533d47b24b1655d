// Random tables: with and without keys, NULL-heavy, with duplicates, with hostile names.

import type { Draw } from './draw.ts'
import { HOSTILE, quoted, type Table, type TableColumn } from './maker.ts'
import { literal, TYPE_NAMES, TYPES, type TypeName } from './types.ts'

/** Types that occur more often, so that rows of different tables meet. */
const COMMON: readonly TypeName[] = ['int4', 'int4', 'int4', 'text', 'text', 'int8', 'money', 'float8', 'date', 'bool']
const KEYS: readonly TypeName[] = ['int4', 'int4', 'int8', 'text', 'date', 'uuid']

export function tables(draw: Draw): Table[] {
  return draw.times(draw.between(2, 3), (index) => {
    const name = draw.chance(0.25) ? `${draw.pick(HOSTILE)} ${index}` : `tab${index}`
    const keyed = draw.chance(0.5)
    const columns = draw.times(draw.between(2, 5), (i) => column(draw, i, keyed && i === 0))
    if (keyed && draw.chance(0.2)) columns.push(generated(columns))
    return { name, columns, primaryKey: keyed ? 0 : undefined }
  })
}

function column(draw: Draw, index: number, key: boolean): TableColumn {
  const name = draw.chance(0.15) ? `${draw.pick(HOSTILE).slice(0, 50)} ${index}` : `c${index}`
  const type = key ? draw.pick(KEYS) : draw.pick([...COMMON, draw.pick(TYPE_NAMES)])
  const tame = draw.chance(0.6)
  const notNull = key || draw.chance(0.2)
  const initial = draw.chance(0.2) ? ` DEFAULT ${literal(type, draw.pick(TYPES[type].tame))}` : ''
  const check = type === 'int4' && tame && draw.chance(0.1) ? ` CHECK (${quoted(name)} <> 3)` : ''
  return {
    name,
    type,
    tame,
    notNull,
    clauses: `${notNull && !key ? ' NOT NULL' : ''}${initial}${check}`,
    generated: false,
  }
}

/** A stored column computed from the key. */
function generated(columns: readonly TableColumn[]): TableColumn {
  const [key] = columns as [TableColumn]
  const clauses = ` GENERATED ALWAYS AS (coalesce(${quoted(key.name)}, ${quoted(key.name)})) STORED`
  return { name: 'made', type: key.type, tame: key.tame, notNull: false, clauses, generated: true }
}

export function createTable({ name, columns, primaryKey }: Table): string {
  const parts = columns.map((one) => `${quoted(one.name)} ${TYPES[one.type].sql}${one.clauses}`)
  if (primaryKey !== undefined) parts.push(`PRIMARY KEY (${quoted(columns[primaryKey]!.name)})`)
  return `CREATE TABLE ${quoted(name)} (${parts.join(', ')})`
}
