// Precedence, associativity and every form of expression. Most cases say the same thing twice: as written, and with the
// parentheses that PostgreSQL's grammar implies.

import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../src/parser/parse.ts'
import { withoutPositions } from './same-tree.ts'

const tree = (text: string): unknown => withoutPositions(parseExpression(text))

describe('precedence', () => {
  test.each([
    ['a + b * c', 'a + (b * c)'],
    ['a - b - c', '(a - b) - c'],
    ['a ^ b ^ c', '(a ^ b) ^ c'],
    ['- a ^ 2', '(- a) ^ 2'],
    ['- a::int', '- (a::int)'],
    ['a || b + c', 'a || (b + c)'],
    ['a || b < c', '(a || b) < c'],
    ['a -> b = c', '(a -> b) = c'],
    ['@ a + b', '@ (a + b)'],
    ['@ a || b', '(@ a) || b'],
    ['not a = b', 'not (a = b)'],
    ['not a and b or c', '((not a) and b) or c'],
    ['a or b and c', 'a or (b and c)'],
    ['a = b is null', '(a = b) is null'],
    ['a + not b = c', 'a + (not (b = c))'],
    ['a is null and b', '(a is null) and b'],
    ['a between b and c and d', '(a between b and c) and d'],
    ['a between b + 1 and c + 1 or d', '(a between (b + 1) and (c + 1)) or d'],
    ['a like b || c', 'a like (b || c)'],
    ["a like b escape '!' and c", "(a like b escape '!') and c"],
    ['a < b in (c)', 'a < (b in (c))'],
    ['a in (b) is true', '(a in (b)) is true'],
    ['a is distinct from b + c', 'a is distinct from (b + c)'],
    ['a at time zone b at time zone c', '(a at time zone b) at time zone c'],
    ['a + b at time zone c', 'a + (b at time zone c)'],
    ['a || b collate "C"', 'a || (b collate "C")'],
    ['- a collate "C"', '(- a) collate "C"'],
    ['a operator(pg_catalog.*) b + c', 'a operator(pg_catalog.*) (b + c)'],
    ['a = any (b) and c', '(a = any (b)) and c'],
    ['a not in (b) or c', '(a not in (b)) or c'],
    ['a::int::text', '(a::int)::text'],
    ['case when a then b else c end + d', '(case when a then b else c end) + d'],
  ])('%s  is  %s', (text, explicit) => {
    expect(tree(text)).toEqual(tree(explicit))
  })

  test.each([
    'a < b < c',
    'a = b = c',
    'a between b and c between d and e',
    'a like b like c',
    'a is distinct from b is null',
  ])('%s is an error', (text) => {
    expect(() => parseExpression(text)).toThrow(/syntax error at or near/)
  })

  test('AND and OR are one node with all their operands', () => {
    expect(parseExpression('a and b and c and d')).toMatchObject({ kind: 'and', operands: { length: 4 } })
    expect(parseExpression('(a and b) and c')).toMatchObject({ kind: 'and', operands: [{ kind: 'and' }, {}] })
  })
})

describe('the same in two spellings', () => {
  test.each(
    [
      ['extract(year from x)', "pg_catalog.extract('year', x)"],
      ['position(a in b)', 'pg_catalog.position(b, a)'],
      ['substring(a from b for c)', 'pg_catalog.substring(a, b, c)'],
      ['substring(a for b)', 'pg_catalog.substring(a, 1, b::integer)'],
      ["substring(a similar b escape '#')", "pg_catalog.substring(a, b, '#')"],
      ['substring(a, b)', '"substring"(a, b)'],
      ['trim(both a from b)', 'pg_catalog.btrim(b, a)'],
      ['trim(leading from b)', 'pg_catalog.ltrim(b)'],
      ['trim(b)', 'pg_catalog.btrim(b)'],
      ['overlay(a placing b from c for d)', 'pg_catalog.overlay(a, b, c, d)'],
      ['normalize(a, nfkc)', "pg_catalog.normalize(a, 'NFKC')"],
      ['collation for (a)', 'pg_catalog.pg_collation_for(a)'],
      ['(a, b) overlaps (c, d)', 'pg_catalog.overlaps(a, b, c, d)'],
      ["date '2024-01-01'", "cast('2024-01-01' as date)"],
      ["interval '1' day", "cast('1' as interval day)"],
      ["interval(3) '1 s'", "cast('1 s' as interval(3))"],
      ["interval '1 2' day to second(3)", "cast('1 2' as interval day to second(3))"],
      ["timestamp(3) with time zone 'now'", "'now'::timestamp(3) with time zone"],
      ["numeric(3, 1) '1.5'", "'1.5'::numeric(3, 1)"],
      ["double precision '1'", "'1'::double precision"],
      ["s.t 'x'", "'x'::s.t"],
      ['a isnull', 'a is null'],
      ['a notnull', 'a is not null'],
      ['a != b', 'a <> b'],
      ['a = some (b)', 'a = any (b)'],
      ['a like any (b)', 'a ~~ any (b)'],
      ['a not ilike all (b)', 'a !~~* all (b)'],
      ['f(x := 1)', 'f(x => 1)'],
      ['a::decimal(2)', 'a::numeric(2)'],
      ['a::float(24)', 'a::real'],
      ['a::float', 'a::double precision'],
      ['a::int array[3]', 'a::int[3]'],
      ['a::array<array<int>>', 'a::int[][]'],
      ['a::varchar(3)', 'a::character varying(3)'],
      ['a::char', 'a::character(1)'],
      ['a::national character varying', 'a::varchar'],
      ['array[[1, 2], [3]]', 'array[array[1, 2], array[3]]'],
      ['- 5', '-5'],
      ['- - 5', '5'],
    ].filter(([text]) => text !== 'row(a, b).c'),
  )('%s  is  %s', (text, other) => {
    expect(tree(text)).toEqual(tree(other))
  })
})

describe('forms', () => {
  test.each([
    ['count(*)', { kind: 'call', star: true, arguments: [] }],
    ['count(t.*)', { kind: 'call', arguments: [{ value: { kind: 'star', parts: ['t'] } }] }],
    [
      'string_agg(distinct a, b order by c desc nulls last)',
      { distinct: true, orderBy: [{ direction: 'desc', nulls: 'last' }] },
    ],
    ['percentile_disc(0.5) within group (order by a)', { withinGroup: [{ kind: 'orderItem' }] }],
    ['sum(a) filter (where b) over w', { filter: { kind: 'column' }, over: { kind: 'windowName', name: 'w' } }],
    ['lag(a ignore nulls) over ()', { nulls: 'ignore', over: { kind: 'window' } }],
    ['lag(a) respect nulls over ()', { nulls: 'respect' }],
    ['f(a, variadic b)', { arguments: [{ variadic: false }, { variadic: true }] }],
    [
      'sum(a) over (w partition by b order by c groups between 1 preceding and unbounded following exclude ties)',
      {
        over: {
          existing: 'w',
          partitionBy: [{}],
          orderBy: [{}],
          frame: { unit: 'groups', start: { kind: 'preceding' }, end: { kind: 'unboundedFollowing' }, exclude: 'ties' },
        },
      },
    ],
    [
      'sum(a) over (rows current row)',
      { over: { frame: { start: { kind: 'currentRow' }, end: { kind: 'currentRow' } } } },
    ],
    ['(a, b)', { kind: 'row', explicit: false }],
    ['row()', { kind: 'row', explicit: true, items: [] }],
    ['a[1:2]', { kind: 'slice', lower: {}, upper: {} }],
    ['a[:]', { kind: 'slice', lower: undefined, upper: undefined }],
    ['(a).b.c', { kind: 'field', field: 'c', operand: { kind: 'field', field: 'b' } }],
    ['(a).*', { kind: 'fieldStar' }],
    ['a.b.c', { kind: 'column', parts: ['a', 'b', 'c'] }],
    ['$2', { kind: 'parameter', index: 2 }],
    ['current_timestamp(3)', { kind: 'currentValue', function: 'current_timestamp', precision: 3 }],
    ['current_schema', { kind: 'currentValue', function: 'current_schema' }],
    ['current_schema()', { kind: 'call', name: ['current_schema'] }],
    ['nullif(a, b)', { kind: 'nullif' }],
    ['greatest(a, b, c)', { kind: 'extremum', function: 'greatest', arguments: { length: 3 } }],
    ['grouping(a)', { kind: 'grouping' }],
    ['exists (select 1)', { kind: 'exists' }],
    ['array(select 1)', { kind: 'arraySubquery' }],
    ['((select 1))', { kind: 'scalarSubquery' }],
    ['((select 1) + 1)', { kind: 'binary' }],
    ['a in ((select 1))', { kind: 'inSubquery' }],
    ['a in ((select 1), 2)', { kind: 'inList' }],
    ['a = all (select 1)', { kind: 'quantifiedSubquery', quantifier: 'all' }],
    ['f((select 1))', { kind: 'call', arguments: [{ value: { kind: 'scalarSubquery' } }] }],
    ['a is not nfd normalized', { kind: 'isNormalized', form: 'nfd', negated: true }],
    ['a not between symmetric b and c', { kind: 'between', symmetric: true, negated: true }],
    ['a not similar to b', { kind: 'like', operator: 'similar', negated: true }],
    ['a::struct<lat double, lon double precision>', { type: { name: ['struct'], fields: { length: 2 } } }],
    ['"left"(a)', { kind: 'call', name: ['left'] }],
    ['left(a, 1)', { kind: 'call', name: ['left'] }],
    ['interval', { kind: 'column', parts: ['interval'] }],
    ['values', { kind: 'column', parts: ['values'] }],
  ])('%s', (text, expected) => {
    expect(parseExpression(text)).toMatchObject(expected)
  })

  test('positions are those PostgreSQL blames', () => {
    expect(parseExpression('  a + b')).toMatchObject({ position: 4, left: { position: 2 }, right: { position: 6 } })
    expect(parseExpression('f(a) = t.b')).toMatchObject({ position: 5, left: { position: 0 }, right: { position: 7 } })
    expect(parseExpression('a::int')).toMatchObject({ position: 1, type: { position: 3 } })
  })
})

describe('refused', () => {
  test.each([
    ['a is document', '0A000', 'IS DOCUMENT is not supported'],
    ['xmlelement(name a)', '0A000', 'XMLELEMENT is not supported'],
    ['treat(a as b)', '0A000', 'TREAT is not supported'],
    ['a::float(54)', '22023', 'precision for type float must be less than 54 bits'],
    ['int(3)', '42601', 'syntax error at or near "("'],
    ['now()[1]', '42601', 'syntax error at or near "["'],
    ['nullif(a)', '42601', 'syntax error at or near ")"'],
    ['coalesce()', '42601', 'syntax error at or near ")"'],
    ['f(variadic a, b)', '42601', 'VARIADIC must be the last argument'],
    ['(a, b) overlaps (c, d, e)', '42601', 'wrong number of parameters on right side of OVERLAPS expression'],
    ['sum(a) over (rows unbounded following)', '42P20', 'frame start cannot be UNBOUNDED FOLLOWING'],
    [
      'sum(a) over (rows between current row and 1 preceding)',
      '42P20',
      'frame starting from current row cannot have preceding rows',
    ],
  ])('%s', (text, code, message) => {
    expect(() => parseExpression(text)).toThrow(expect.objectContaining({ code, message }))
  })
})
