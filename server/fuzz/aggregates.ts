// Random aggregate calls: plain, DISTINCT, FILTER, ordered inside, WITHIN GROUP. Sums are over tame arguments; what
// depends on the order of its input has one.

import { typeInReach } from './condition.ts'
import { type Maker, note, type Scope } from './maker.ts'
import { type Column, TYPES, type TypeName } from './types.ts'

/** An aggregate over the rows of the scope. Its arguments name the own level only: else it would belong to another. */
export function aggregate(maker: Maker, { columns }: Scope): Column {
  const { draw, parts } = maker
  const scope = { columns, outer: [] }
  const inner = { ...maker, plain: maker.plain || draw.chance(0.8) }
  const of = (type: TypeName, tame = false): string => parts.value(inner, type, scope, 1, tame)
  const call = draw.pick(CALLS)(
    of,
    () => typeInReach(maker, scope),
    (...words) => draw.pick(words),
  )
  note(maker, call.construct)
  const filter = draw.chance(0.15) ? ` FILTER (WHERE ${parts.condition(inner, scope, 1)})` : ''
  if (filter !== '') note(maker, 'FILTER')
  return { sql: `${call.sql}${filter}${call.cast ?? ''}`, type: call.type, tame: call.tame ?? false, local: true }
}

interface Call {
  readonly construct: string
  readonly sql: string
  readonly type: TypeName
  readonly tame?: boolean
  readonly cast?: string
}

type Of = (type: TypeName, tame?: boolean) => string
type MakeCall = (of: Of, type: () => TypeName, pick: (...words: string[]) => string) => Call

const MONEY = '::numeric(12,2)'

const CALLS: readonly MakeCall[] = [
  () => ({ construct: 'count(*)', sql: 'count(*)', type: 'int8', tame: true }),
  (of, type) => ({ construct: 'count(x)', sql: `count(${of(type())})`, type: 'int8', tame: true }),
  (of, type) => ({ construct: 'DISTINCT aggregate', sql: `count(DISTINCT ${of(type())})`, type: 'int8', tame: true }),
  (of) => ({ construct: 'DISTINCT aggregate', sql: `sum(DISTINCT ${of('int4', true)})`, type: 'int8' }),
  (of) => ({ construct: 'sum', sql: `sum(${of('int4', true)})`, type: 'int8' }),
  (of) => ({ construct: 'sum', sql: `sum(${of('int8')})`, type: 'number' }),
  (of) => ({ construct: 'sum', sql: `sum(${of('money', true)})`, type: 'money', cast: MONEY }),
  (of) => ({ construct: 'sum', sql: `sum(${of('float8', true)})`, type: 'float8' }),
  (of) => ({ construct: 'avg', sql: `avg(${of('int4', true)})`, type: 'money', cast: MONEY }),
  (of) => ({ construct: 'avg', sql: `avg(${of('float8', true)})`, type: 'float8' }),
  ...['min', 'max'].map(
    (name): MakeCall =>
      (of, type) => {
        const drawn = type()
        const wanted = TYPES[drawn].extrema ? drawn : 'text'
        return { construct: name, sql: `${name}(${of(wanted)})`, type: wanted === 'short' ? 'text' : wanted }
      },
  ),
  (of, _, pick) => ({
    construct: 'bool_and/or',
    sql: `${pick('bool_and', 'bool_or', 'every')}(${of('bool')})`,
    type: 'bool',
  }),
  (of, _, pick) => ({
    construct: 'bit aggregate',
    sql: `${pick('bit_and', 'bit_or', 'bit_xor')}(${of('int4')})`,
    type: 'int4',
  }),
  (of) => {
    const argument = of('text')
    return { construct: 'ordered aggregate', sql: `string_agg(${argument}, ',' ORDER BY ${argument})`, type: 'text' }
  },
  (of) => {
    const argument = of('text')
    return {
      construct: 'DISTINCT aggregate',
      sql: `string_agg(DISTINCT ${argument}, '' ORDER BY ${argument})`,
      type: 'text',
    }
  },
  (of) => {
    const argument = of('int4')
    return {
      construct: 'ordered aggregate',
      sql: `array_agg(${argument} ORDER BY ${argument} DESC NULLS LAST)`,
      type: 'ints',
    }
  },
  (of, type) => {
    const argument = of(type())
    return { construct: 'ordered aggregate', sql: `jsonb_agg(${argument} ORDER BY ${argument})`, type: 'json' }
  },
  (of, _, pick) => ({
    construct: 'variance',
    sql: `${pick('var_samp', 'stddev_pop', 'variance', 'var_pop')}(${of('int4', true)})`,
    type: 'money',
    cast: MONEY,
  }),
  (of, _, pick) => ({
    construct: 'two arguments',
    sql: `${pick('corr', 'covar_pop', 'regr_count', 'regr_sxx')}(${of('float8', true)}, ${of('float8', true)})`,
    type: 'float8',
    cast: '::double precision',
  }),
  (of, _, pick) => ({
    construct: 'ordered-set aggregate',
    sql: `percentile_cont(${pick('0', '0.5', '0.9')}) WITHIN GROUP (ORDER BY ${of('float8', true)})`,
    type: 'float8',
  }),
  (of, type, pick) => {
    const drawn = type()
    return {
      construct: 'ordered-set aggregate',
      sql: `percentile_disc(${pick('0', '0.5', '1')}) WITHIN GROUP (ORDER BY ${of(drawn)})`,
      type: drawn,
    }
  },
  (of, type) => {
    const drawn = type()
    return { construct: 'ordered-set aggregate', sql: `mode() WITHIN GROUP (ORDER BY ${of(drawn)})`, type: drawn }
  },
  (of, _, pick) => ({
    construct: 'hypothetical-set aggregate',
    sql: `${pick('rank', 'dense_rank')}(1) WITHIN GROUP (ORDER BY ${of('int4')})`,
    type: 'int8',
    tame: true,
  }),
]

/** What a window may run as an aggregate over a frame, without DISTINCT and inner order. */
export function frameAggregate(maker: Maker, scope: Scope): Column {
  const { draw, parts } = maker
  const of: Of = (type, tame = false) => parts.value({ ...maker, plain: true }, type, scope, 1, tame)
  const type = typeInReach(maker, { columns: scope.columns, outer: [] })
  const wanted = TYPES[type].extrema ? type : 'text'
  return draw.pick<() => Column>([
    () => ({ sql: 'count(*)', type: 'int8', tame: true }),
    () => ({ sql: `count(${of(type)})`, type: 'int8', tame: true }),
    () => ({ sql: `sum(${of('int4', true)})`, type: 'int8', tame: false }),
    () => ({ sql: `sum(${of('money', true)})`, type: 'money', tame: false }),
    () => ({ sql: `min(${of(wanted)})`, type: wanted === 'short' ? 'text' : wanted, tame: false }),
    () => ({ sql: `max(${of(wanted)})`, type: wanted === 'short' ? 'text' : wanted, tame: false }),
    () => ({ sql: `bool_or(${of('bool')})`, type: 'bool', tame: false }),
  ])()
}
