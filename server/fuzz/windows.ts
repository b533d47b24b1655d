// Random window functions: all of them, all frames, EXCLUDE. What depends on the order of rows beyond the ORDER BY of
// its window gets a complete one, over all columns in reach; ranks and aggregates over peers take any.

import { frameAggregate } from './aggregates.ts'
import { type Maker, note, type Scope } from './maker.ts'
import type { Column, TypeName } from './types.ts'

/** `complete`: the scope's columns tell all its rows apart, or rows are the same to everybody. */
export function windowCall(maker: Maker, given: Scope, complete: boolean): Column {
  const { draw } = maker
  const scope = { columns: given.columns, outer: [] }
  const partition = draw.chance(0.6) ? draw.some(scope.columns, draw.pick([1, 1, 2])).map(({ sql }) => sql) : []
  const by = partition.length > 0 ? `PARTITION BY ${partition.join(', ')} ` : ''
  switch (draw.weighted({ rank: 3, numbered: complete ? 3 : 0, value: complete ? 4 : 0, aggregate: 5 })) {
    case 'numbered':
      note(maker, 'row_number, ntile')
      return {
        sql: `${draw.pick(['row_number()', 'row_number()', 'ntile(3)'])} OVER (${by}${completeOrder(maker, scope)})`,
        type: 'int8',
        tame: true,
      }
    case 'value':
      return valueCall(maker, scope, by)
    case 'aggregate':
      return aggregateCall(maker, scope, by, complete)
    default: {
      note(maker, 'rank')
      const name = draw.pick(['rank', 'dense_rank', 'percent_rank', 'cume_dist'])
      const type: TypeName = name.endsWith('rank') && name !== 'percent_rank' ? 'int8' : 'float8'
      return { sql: `${name}() OVER (${by}${someOrder(maker, scope)})`, type, tame: true }
    }
  }
}

const direction = ({ draw }: Maker): string => draw.pick(['', '', ' DESC', ' ASC NULLS FIRST', ' DESC NULLS LAST'])

export const completeOrder = (maker: Maker, { columns }: Scope): string =>
  columns.length === 0
    ? ''
    : `ORDER BY ${columns
        .toSorted(() => maker.draw.pick([-1, 1]))
        .map(({ sql }) => `${sql}${direction(maker)}`)
        .join(', ')}`

function someOrder(maker: Maker, { columns }: Scope): string {
  if (columns.length === 0) return ''
  const count = maker.draw.pick([1, 1, 2])
  return `ORDER BY ${maker.draw
    .some(columns, count)
    .map(({ sql }) => `${sql}${direction(maker)}`)
    .join(', ')}`
}

function valueCall(maker: Maker, scope: Scope, by: string): Column {
  const { draw, parts } = maker
  const { type, tame, sql } = draw.pick(
    scope.columns.length > 0 ? scope.columns : [{ sql: '1', type: 'int4' as const, tame: true }],
  )
  const order = completeOrder(maker, scope)
  const other = parts.value({ ...maker, plain: true }, type, scope, 0)
  if (draw.chance(0.5)) {
    note(maker, 'lag, lead')
    const name = draw.pick(['lag', 'lead'])
    const rest = draw.pick(['', ', 2', `, 1, ${other}`, ', 0'])
    return { sql: `${name}(${sql}${rest}) OVER (${by}${order})`, type, tame: tame && !rest.includes(other) }
  }
  note(maker, 'first_value, last_value, nth_value')
  const call = draw.pick([`first_value(${sql})`, `last_value(${sql})`, `nth_value(${sql}, 2)`])
  return { sql: `${call} OVER (${by}${order}${frame(maker, order !== '')})`, type, tame }
}

function aggregateCall(maker: Maker, scope: Scope, by: string, complete: boolean): Column {
  const { draw } = maker
  const call = frameAggregate(maker, scope)
  const overGroups = scope.columns.some(({ local }) => local === true)
  const filter = overGroups
    ? ''
    : draw.chance(0.15)
      ? ` FILTER (WHERE ${maker.parts.condition({ ...maker, plain: true }, scope, 0)})`
      : ''
  note(maker, filter === '' ? 'aggregate OVER' : 'aggregate OVER with FILTER')
  const over = (inside: string): Column => ({ ...call, sql: `${call.sql}${filter} OVER (${by}${inside})` })
  if (draw.chance(0.15)) return over('')
  const ranged = scope.columns.filter(({ type, tame }) => tame && RANGE_OFFSETS[type] !== undefined)
  if (ranged.length > 0 && draw.chance(0.3)) {
    const column = draw.pick(ranged)
    note(maker, 'RANGE with offset')
    return over(`ORDER BY ${column.sql}${direction(maker)}${rangeFrame(maker, RANGE_OFFSETS[column.type]!)}`)
  }
  if (complete && draw.chance(0.5))
    return over(`${completeOrder(maker, scope)}${frame(maker, scope.columns.length > 0)}`)
  const order = someOrder(maker, scope)
  return over(`${order}${peerFrame(maker, order !== '')}`)
}

const RANGE_OFFSETS: Partial<Record<TypeName, readonly string[]>> = {
  int4: ['0', '1', '2'],
  int8: ['0', '1', '3'],
  money: ['0.5', '1', '2.25'],
  float8: ['0.5', '1'],
  date: ["interval '1 day'", "interval '2 months'"],
  stamp: ["interval '1 day'", "interval '1 month 12 hours'"],
}

const EXCLUDES = ['', '', '', ' EXCLUDE CURRENT ROW', ' EXCLUDE GROUP', ' EXCLUDE TIES', ' EXCLUDE NO OTHERS']
const BOUNDS = ['UNBOUNDED PRECEDING', 'n PRECEDING', 'CURRENT ROW', 'n FOLLOWING', 'UNBOUNDED FOLLOWING']

/** Two bounds of which the first is not after the second. */
function between(maker: Maker, kinds: readonly number[], offsets: readonly string[]): string {
  const { draw } = maker
  const [start = 0, end = 4] = [draw.pick(kinds.slice(0, -1)), draw.pick(kinds.slice(1))].toSorted((a, b) => a - b)
  const bound = (kind: number): string => BOUNDS[kind]!.replace('n', draw.pick(offsets))
  return `BETWEEN ${bound(start)} AND ${bound(end)}${draw.pick(EXCLUDES)}`
}

/** For windows that are ordered completely. */
function frame(maker: Maker, ordered: boolean): string {
  const { draw } = maker
  if (draw.chance(0.25)) return ''
  const unit = ordered ? draw.pick(['ROWS', 'ROWS', 'GROUPS', 'RANGE']) : 'RANGE'
  note(maker, `${unit} frame`)
  const kinds = unit === 'RANGE' ? [0, 2, 4] : [0, 1, 2, 3, 4]
  return ` ${unit} ${noted(maker, between(maker, kinds, ['0', '1', '2']))}`
}

/** For windows in which peers must count alike: frames of whole peer groups. */
function peerFrame(maker: Maker, ordered: boolean): string {
  const { draw } = maker
  if (!ordered || draw.chance(0.4)) return ''
  const unit = draw.pick(['GROUPS', 'RANGE'])
  note(maker, `${unit} frame`)
  const text = between(maker, unit === 'RANGE' ? [0, 2, 4] : [0, 1, 2, 3, 4], ['0', '1', '2'])
  return ` ${unit} ${noted(maker, text.replace(/ EXCLUDE (CURRENT ROW|TIES)/, ''))}`
}

const rangeFrame = (maker: Maker, offsets: readonly string[]): string =>
  ` RANGE ${noted(maker, between(maker, [0, 1, 2, 3, 4], offsets).replace(/ EXCLUDE (CURRENT ROW|TIES)/, ''))}`

function noted(maker: Maker, text: string): string {
  if (/EXCLUDE [CGT]/.test(text)) note(maker, 'EXCLUDE')
  return text
}
