// Random conditions: comparisons, tests of NULL, and subqueries in every form that a condition can have.

import { anyLiteral, atom, type Maker, note, type Scope } from './maker.ts'
import { type Column, TYPE_NAMES, type TypeName } from './types.ts'
import { value } from './value.ts'

export function condition(maker: Maker, scope: Scope, depth: number): string {
  const { draw } = maker
  const below = (): string => condition(maker, scope, depth - 1)
  const { parts, plain } = maker
  const nested = plain ? 0 : 1
  if (depth <= 0) return simple(maker, scope, 0)
  switch (
    draw.weighted({
      simple: 9,
      and: 2,
      or: 3,
      not: 1,
      is: 1,
      exists: nested,
      in: 2 * nested,
      quantified: nested,
      row: nested,
    })
  ) {
    case 'and':
      return `(${below()} AND ${below()})`
    case 'or':
      return `(${below()} OR ${below()})`
    case 'not':
      return `(NOT ${below()})`
    case 'is':
      return `(${below()}) IS ${draw.pick(['', 'NOT '])}${draw.pick(['TRUE', 'FALSE', 'UNKNOWN', 'NULL'])}`
    case 'exists':
      return parts.existsSubquery(maker, scope, depth - 1)
    case 'in':
      return parts.inSubquery(maker, scope, depth - 1)
    case 'quantified':
      return parts.quantifiedSubquery(maker, scope, depth - 1)
    case 'row':
      return draw.chance(0.5) ? parts.rowSubquery(maker, scope, depth - 1) : rowComparison(maker, scope, depth - 1)
    default:
      return simple(maker, scope, depth - 1)
  }
}

/** A type that something in reach has. */
export function typeInReach(maker: Maker, { columns, outer }: Scope): TypeName {
  const types = [...columns, ...outer].map((column) => column.type)
  return types.length === 0 ? maker.draw.pick(TYPE_NAMES) : maker.draw.pick(types)
}

const PATTERNS = ["'a%'", "'%b'", "'_'", "'%a\\%%'"]
const EXACT: readonly TypeName[] = ['int2', 'int4', 'int8', 'money', 'number']
const COMPARISONS = ['=', '=', '=', '<>', '<', '<=', '>', '>=']

function simple(maker: Maker, scope: Scope, depth: number): string {
  const { draw } = maker
  const type = typeInReach(maker, scope)
  const one = (): string => value(maker, type, scope, depth)
  const member = (): string => anyLiteral(maker, type, false)
  const negated = draw.pick(['', '', 'NOT '])
  switch (draw.weighted({ compare: 12, null: 2, distinct: 2, between: 2, list: 3, own: 4, equal: 4 })) {
    case 'null':
      return `${atom(maker, type, scope, false)} IS ${negated}NULL`
    case 'distinct':
      note(maker, 'IS DISTINCT FROM')
      return `${one()} IS ${negated}DISTINCT FROM ${one()}`
    case 'between':
      return `${one()} ${negated}BETWEEN ${draw.pick(['', '', 'SYMMETRIC '])}${one()} AND ${one()}`
    case 'list':
      note(maker, 'IN list')
      return `${one()} ${negated}IN (${draw.times(draw.between(1, 4), member).join(', ')})`
    case 'own':
      return special(maker, type, scope, depth)
    case 'equal':
      return equality(maker, scope)
    default:
      return `${one()} ${draw.pick(COMPARISONS)} ${one()}`
  }
}

/** Of two columns of one type, if there are: what correlates levels and joins tables. */
function equality(maker: Maker, scope: Scope): string {
  const { draw } = maker
  const type = typeInReach(maker, scope)
  const pick = (columns: readonly Column[]): string | undefined => {
    const fits = columns.filter((column) => column.type === type)
    return fits.length === 0 ? undefined : draw.pick(fits).sql
  }
  const own = pick(scope.columns) ?? anyLiteral(maker, type, true)
  const other = pick(scope.outer)
  if (other !== undefined) note(maker, 'correlated')
  return `${own} = ${other ?? anyLiteral(maker, type, true)}`
}

function special(maker: Maker, type: TypeName, scope: Scope, depth: number): string {
  const { draw } = maker
  const of = (name: TypeName): string => value(maker, name, scope, depth)
  switch (type) {
    case 'text':
    case 'short':
      return `${of('text')} ${draw.pick(['LIKE', 'NOT LIKE', 'ILIKE'])} ${draw.pick(PATTERNS)}`
    case 'ints':
    case 'texts': {
      const element = type === 'ints' ? 'int4' : 'text'
      note(maker, 'ANY/ALL of an array')
      return draw.pick([
        `${of(element)} ${draw.pick(COMPARISONS)} ${draw.pick(['ANY', 'ALL'])} (${of(type)})`,
        `${of(type)} ${draw.pick(['@>', '<@', '&&'])} ${of(type)}`,
      ])
    }
    case 'json':
      return draw.pick([`${of('json')} ${draw.pick(['@>', '<@'])} ${of('json')}`, `${of('json')} ? 'a'`])
    case 'bool':
      return of('bool')
    case 'int4':
    case 'int8':
    case 'int2':
      return `${of(type)} ${draw.pick(COMPARISONS)} ${of(draw.pick(type === 'int8' ? EXACT : [...EXACT, 'float8']))}`
    default:
      return draw.pick(['true', 'false', `(${of(type)} = ${of(type)}) IS NOT FALSE`])
  }
}

function rowComparison(maker: Maker, scope: Scope, depth: number): string {
  const { draw } = maker
  note(maker, 'row comparison')
  const types = draw.times(2, () => typeInReach(maker, scope))
  const row = (): string => `(${types.map((type) => value(maker, type, scope, depth)).join(', ')})`
  if (draw.chance(0.3)) return `${row()} IN (${row()}, ${row()})`
  return `${row()} ${draw.pick([...COMPARISONS, 'IS DISTINCT FROM'])} ${row()}`
}
