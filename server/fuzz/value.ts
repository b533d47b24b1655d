// Random scalar expressions of a wanted type.
//
// Arithmetic is over tame operands and stays small (integers modulo 5, money cast to its scale), so that no query fails
// that is not `risky`.

import { atom, type Maker, note, type Scope } from './maker.ts'
import { INTEGERS, TYPES, type TypeName } from './types.ts'

type Make = (maker: Maker, scope: Scope, depth: number) => string

/** An expression of the type; `tame`: its values are small. */
export function value(maker: Maker, type: TypeName, scope: Scope, depth: number, tame = false): string {
  const { draw } = maker
  if (depth <= 0 || draw.chance(0.4)) return atom(maker, type, scope, tame)
  const below = (): string => value(maker, type, scope, depth - 1, tame)
  const form = draw.weighted({ own: 10, case: 2, coalesce: 2, nullif: 1, extremum: 1, subquery: maker.plain ? 0 : 3 })
  note(maker, form === 'own' ? 'function or operator' : form)
  switch (form) {
    case 'case':
      return caseOf(maker, scope, depth, below)
    case 'coalesce':
      return `coalesce(${below()}, ${below()})`
    case 'nullif':
      return `nullif(${below()}, ${below()})`
    case 'extremum':
      return `${draw.pick(['greatest', 'least'])}(${below()}, ${below()})`
    case 'subquery':
      return maker.parts.scalarSubquery(maker, type, scope, depth - 1, tame)
    default:
      return own(maker, type, scope, depth - 1, tame)
  }
}

function caseOf(maker: Maker, scope: Scope, depth: number, below: () => string): string {
  const { draw } = maker
  const otherwise = draw.chance(0.7) ? ` ELSE ${below()}` : ''
  const when = draw.times(
    draw.between(1, 2),
    () => `WHEN ${maker.parts.condition(maker, scope, depth - 1)} THEN ${below()}`,
  )
  return `CASE ${when.join(' ')}${otherwise} END`
}

function own(maker: Maker, type: TypeName, scope: Scope, depth: number, tame: boolean): string {
  const { draw, risky } = maker
  if (risky && !tame && draw.chance(0.3)) {
    const made = failing(maker, type, scope, depth)
    if (made !== undefined) return made
  }
  if (type === 'bool') return `(${maker.parts.condition(maker, scope, depth)})`
  return draw.pick(FORMS[type])(maker, scope, depth)
}

/** Expressions that some rows cannot compute. */
function failing(maker: Maker, type: TypeName, scope: Scope, depth: number): string | undefined {
  const { draw } = maker
  const wild = (name: TypeName): string => value(maker, name, scope, depth)
  note(maker, 'may fail')
  if (INTEGERS.includes(type)) {
    const { sql } = TYPES[type]
    return draw.pick([
      `(${wild(type)} ${draw.pick(['/', '%', '*', '+', '-'])} ${wild(type)})`,
      `${wild('number')}::${sql}`,
    ])
  }
  if (type === 'number') return `(${wild('number')} / ${wild('number')})`
  if (type === 'float8') return `(${wild('float8')} ${draw.pick(['/', '*'])} ${wild('float8')})`
  return undefined
}

const make =
  (template: (of: (type: TypeName, tame?: boolean) => string, pick: (...words: string[]) => string) => string): Make =>
  (maker, scope, depth) =>
    template(
      (type, tame = false) => value(maker, type, scope, depth, tame),
      (...words) => maker.draw.pick(words),
    )

const FORMS: Readonly<Record<Exclude<TypeName, 'bool'>, readonly Make[]>> = {
  int2: [make((of) => `(${of('int4', true)} % 5)::smallint`), make((of) => `(- ${of('int2', true)})`)],
  int4: [
    make((of, pick) => `((${of('int4', true)} ${pick('+', '-', '*')} ${of('int4', true)}) % 5)`),
    make((of) => `(${of('int4', true)} / 2)`),
    make((of) => `abs(${of('int4', true)})`),
    make((of) => `length(${of('text')})`),
    make((of) => `(extract(month FROM ${of('date', true)}))::integer`),
    make((of) => `(${of('ints')})[1]`),
    make((of) => `coalesce(array_length(${of('ints')}, 1), 0)`),
    make((of) => `cardinality(${of('texts')})`),
    make((of) => `(${of('bool')})::integer`),
    make((of) => `position('a' IN ${of('text')})`),
    make((of) => `jsonb_array_length(jsonb_build_array(${of('text')}, ${of('int4')}))`),
    make((of) => `(${of('int4')} & 7)`),
    make((of) => `(${of('date', true)} - ${of('date', true)})`),
    make((of) => `ascii(${of('text')})`),
  ],
  int8: [
    make((of, pick) => `((${of('int8', true)} ${pick('+', '-')} ${of('int4', true)}) % 5)`),
    make((of) => `(${of('int4')})::bigint`),
    make((of) => `sign(${of('int8')}::numeric)::bigint`),
  ],
  money: [
    make((of, pick) => `((${of('money', true)} ${pick('+', '-', '*')} ${of('money', true)}) % 7.00)::numeric(12,2)`),
    make((of) => `(${of('money', true)} / nullif(${of('int4', true)}, 0))::numeric(12,2)`),
    make((of) => `round(${of('money', true)})::numeric(12,2)`),
    make((of) => `(${of('int4', true)})::numeric(12,2)`),
  ],
  number: [make((of) => `(${of('int8')})::numeric`), make((of) => `trunc(${of('number', true)})`)],
  float8: [
    make((of, pick) => `(${of('float8', true)} ${pick('+', '-', '*')} ${of('float8', true)})`),
    make((of) => `(${of('int4', true)})::double precision`),
    make((of) => `floor(${of('float8')})`),
    make((of) => `(${of('float8', true)} / nullif(${of('float8', true)}, 0))`),
  ],
  float4: [make((of) => `(${of('int2', true)})::real`), make((of) => `abs(${of('float4')})`)],
  text: [
    make((of) => `(${of('text')} || ${of('text')})`),
    make((of, pick) => `${pick('upper', 'lower')}(${of('text', true)})`),
    make((of, pick) => `${pick('reverse', 'btrim', 'md5')}(${of('text')})`),
    make((of) => `substr(${of('text')}, 2)`),
    make((of) => `replace(${of('text')}, 'a', ${of('text')})`),
    make((of, pick) => `(${of(pick('int4', 'int8', 'money', 'date', 'uuid', 'ints', 'json') as TypeName)})::text`),
    make((of) => `concat(${of('text')}, ${of('int4')}, ${of('bool')})`),
    make((of) => `(${of('json')} ->> 'a')`),
    make((of) => `(${of('texts')})[2]`),
    make((of) => `left(${of('text')}, 1)`),
    make((of) => `lpad(${of('text')}, 3, '*')`),
    make((of) => `split_part(${of('text')}, 'a', 1)`),
    make((of) => `array_to_string(${of('texts')}, '-', '?')`),
    make((of) => `(ROW(${of('int4')}, ${of('text')}))::text`),
  ],
  short: [make((of) => `left(${of('text')}, 5)::varchar(5)`)],
  date: [make((of) => `(${of('date', true)} + ${of('int4', true)})`), make((of) => `(${of('stamp', true)})::date`)],
  stamp: [
    make((of) => `(${of('stamp', true)} + ${of('interval', true)})`),
    make((of, pick) => `date_trunc('${pick('month', 'day', 'hour')}', ${of('stamp', true)})`),
    make((of) => `(${of('zoned', true)} AT TIME ZONE 'Europe/Berlin')`),
    make((of) => `(${of('date', true)})::timestamp`),
  ],
  zoned: [
    make((of) => `(${of('stamp', true)} AT TIME ZONE 'America/New_York')`),
    make((of) => `(${of('zoned', true)} - ${of('interval', true)})`),
  ],
  interval: [make((of) => `(${of('date', true)} - ${of('date', true)}) * interval '1 day'`)],
  time: [make((of) => `(${of('stamp', true)})::time`)],
  uuid: [make((of) => `coalesce(${of('uuid')}, ${of('uuid')})`)],
  json: [
    make((of) => `(${of('json')} -> 'a')`),
    make((of) => `jsonb_build_object('a', ${of('int4')}, 'b', ${of('text')})`),
    make((of) => `to_jsonb(${of('ints')})`),
    make((of) => `(${of('json')} #> '{a,0}')`),
  ],
  bytes: [make((of) => `(${of('bytes')} || ${of('bytes')})`), make((of) => `decode(md5(${of('text')}), 'hex')`)],
  ints: [
    make((of) => `(${of('ints')} || ${of('int4')})`),
    make((of) => `ARRAY[${of('int4')}, ${of('int4')}]`),
    make((of) => `array_remove(${of('ints')}, ${of('int4')})`),
    make((of) => `(${of('ints')})[1:2]`),
  ],
  texts: [
    make((of) => `ARRAY[${of('text')}, ${of('text')}]`),
    make((of) => `string_to_array(${of('text')}, 'a')`),
    make((of) => `array_append(${of('texts')}, ${of('text')})`),
  ],
}
