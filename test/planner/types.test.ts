// What type an expression has: the answers are PostgreSQL 15's pg_typeof.

import { describe, expect, test } from 'vitest'
import { baseTypeName } from '../../src/core/type-name.ts'
import { plan } from './support/planning.ts'

const ANSWERS: readonly (readonly [expression: string, type: string])[] = [
  ['1 + 1', 'integer'],
  ['1 + 1::bigint', 'bigint'],
  ['1::smallint + 1', 'integer'],
  ['1::smallint + 1::smallint', 'smallint'],
  ['1 + 1.5', 'numeric'],
  ['1.5 + 1::float4', 'double precision'],
  ['1 / 2', 'integer'],
  ['2147483648', 'bigint'],
  ['9223372036854775808', 'numeric'],
  ['1.5', 'numeric'],
  ['1e3', 'numeric'],
  ["'a' || 'b'", 'text'],
  ["'a' || 1", 'text'],
  ["1 || 'a'", 'text'],
  ["'1' + 1", 'integer'],
  ["'1' + 1.5", 'numeric'],
  ['2 ^ 3', 'double precision'],
  ['2.0 ^ 3', 'numeric'],
  ['-1', 'integer'],
  ["- '1'::int8", 'bigint'],
  ['abs(-1::smallint)', 'smallint'],
  ['round(1.5)', 'numeric'],
  ['round(1.5::float8)', 'double precision'],
  ['round(1.5, 1)', 'numeric'],
  ['sqrt(2)', 'double precision'],
  ['mod(5, 2::bigint)', 'bigint'],
  ['power(2, 3)', 'double precision'],
  ['coalesce(1, 2.5)', 'numeric'],
  ["coalesce(NULL, 'x')", 'text'],
  ['coalesce(NULL, 1)', 'integer'],
  ['CASE WHEN true THEN 1 ELSE 2::bigint END', 'bigint'],
  ["CASE WHEN true THEN NULL ELSE 'x' END", 'text'],
  ["CASE 1 WHEN 1 THEN 'a'::varchar ELSE 'b' END", 'character varying'],
  ['nullif(1, 2)', 'integer'],
  ["nullif('a', 'b')", 'text'],
  ['greatest(1, 2.5, 3::float4)', 'real'],
  ["least('a', 'b'::varchar)", 'character varying'],
  ['ARRAY[1, 2.5]', 'numeric[]'],
  ["ARRAY['a', 'b']", 'text[]'],
  ['ARRAY[1, NULL]', 'integer[]'],
  ['ARRAY[[1, 2], [3, 4]]', 'integer[]'],
  ['(ARRAY[1, 2])[1]', 'integer'],
  ['(ARRAY[1, 2])[1:1]', 'integer[]'],
  ["ROW(1, 'a')", 'record'],
  ['1 = 1.0', 'boolean'],
  ["'1' = 1", 'boolean'],
  ["'a' < 'b'", 'boolean'],
  ['1 IN (1, 2.5)', 'boolean'],
  ['1 = ANY (ARRAY[1, 2])', 'boolean'],
  ['1 BETWEEN 0 AND 2.5', 'boolean'],
  ['NULL IS NULL', 'boolean'],
  ["true AND 't'", 'boolean'],
  ["NOT 'f'", 'boolean'],
  ["date '2024-01-01' + 1", 'date'],
  ["date '2024-01-01' - date '2024-01-02'", 'integer'],
  ["date '2024-01-01' + interval '1 day'", 'timestamp without time zone'],
  ["timestamp '2024-01-01' - timestamp '2024-01-02'", 'interval'],
  ["timestamp '2024-01-01' - '2024-01-02'", 'interval'],
  ["interval '1 day' * 2", 'interval'],
  ["date '2024-01-01' < timestamp '2024-01-01'", 'boolean'],
  ["extract(year from date '2024-01-01')", 'numeric'],
  ["date_trunc('day', timestamp '2024-01-01')", 'timestamp without time zone'],
  ["'2024-01-01'::date::timestamp", 'timestamp without time zone'],
  ["'5'::int::text", 'text'],
  ['1::text', 'text'],
  ['cast(1.5 as int)', 'integer'],
  ["cast('1' as numeric(10,2))", 'numeric'],
  ["'abc'::varchar(2)", 'character varying'],
  ["'abc'::char(5)", 'character'],
  ['int4(1.5)', 'integer'],
  ['text(1)', 'text'],
  ["length('abc')", 'integer'],
  ["upper('a'::varchar)", 'text'],
  ["substring('abc', 2)", 'text'],
  ["concat('a', 1, NULL)", 'text'],
  ["'a' LIKE 'b'", 'boolean'],
  ["'{\"a\":1}'::jsonb -> 'a'", 'jsonb'],
  ["'{\"a\":1}'::jsonb ->> 'a'", 'text'],
  ["'{\"a\":1}'::json -> 'a'", 'json'],
  ["'[1]'::jsonb -> 0", 'jsonb'],
  ["jsonb_build_object('a', 1)", 'jsonb'],
  ['to_jsonb(1)', 'jsonb'],
  ['ARRAY[1,2] || 3', 'integer[]'],
  ['ARRAY[1,2] || ARRAY[3]', 'integer[]'],
  ['1 || ARRAY[2]', 'integer[]'],
  ['array_length(ARRAY[1], 1)', 'integer'],
  ['array_append(ARRAY[1], 2)', 'integer[]'],
  ["'{1,2}'::int[] @> ARRAY[1]", 'boolean'],
  ["'a'::name", 'name'],
  ["'a'::name || 'b'", 'text'],
  ["'a'::name = 'a'", 'boolean'],
  ['5::oid', 'oid'],
  ['5::oid = 5', 'boolean'],
  ['1::numeric(10,2) + 1', 'numeric'],
  ['1::boolean', 'boolean'],
  ['true::int', 'integer'],
  ['(SELECT 1)', 'integer'],
  ['(SELECT count(*) FROM (VALUES (1)) v)', 'bigint'],
  ['EXISTS (SELECT 1)', 'boolean'],
  ['ARRAY(SELECT 1.5)', 'numeric[]'],
  ['(SELECT sum(x) FROM (VALUES (1)) v(x))', 'bigint'],
  ['(SELECT sum(x) FROM (VALUES (1::bigint)) v(x))', 'numeric'],
  ['(SELECT avg(x) FROM (VALUES (1)) v(x))', 'numeric'],
  ['(SELECT avg(x) FROM (VALUES (1::float4)) v(x))', 'double precision'],
  ["(SELECT max(x) FROM (VALUES ('a'::varchar)) v(x))", 'text'],
  ['(SELECT min(x) FROM (VALUES (1::smallint)) v(x))', 'smallint'],
  ["(SELECT string_agg(x, ',') FROM (VALUES ('a')) v(x))", 'text'],
  ['(SELECT array_agg(x) FROM (VALUES (1.5)) v(x))', 'numeric[]'],
  ['(SELECT x FROM (VALUES (1), (2.5)) v(x) LIMIT 1)', 'numeric'],
  ["(SELECT x FROM (VALUES ('a'), (NULL)) v(x) LIMIT 1)", 'text'],
  ['(SELECT 1 UNION SELECT 2.5 LIMIT 1)', 'numeric'],
  ['(SELECT NULL UNION SELECT 1 LIMIT 1)', 'integer'],
  ['(SELECT row_number() OVER () LIMIT 1)', 'bigint'],
  ['(SELECT lag(x) OVER () FROM (VALUES (1.5)) v(x))', 'numeric'],
  ['(SELECT sum(x) OVER () FROM (VALUES (1)) v(x))', 'bigint'],
  ['bool_and(true)', 'boolean'],
  ['count(*)', 'bigint'],
  ["now() AT TIME ZONE 'UTC'", 'timestamp without time zone'],
  ["'\\x01'::bytea", 'bytea'],
]

describe('types as pg_typeof says', () => {
  test.each(ANSWERS)('%s is %s', (expression, type) => {
    const { output } = plan(`SELECT ${expression}`, [])
    expect(baseTypeName(output[0]!.type)).toBe(type)
  })
})

describe('parameters take the type of their place', () => {
  const typesOf = (sql: string): readonly string[] => plan(sql, []).parameters.map(baseTypeName)

  test.each([
    ['SELECT $1 + 1', ['integer']],
    ['SELECT 1.5 * $1', ['numeric']],
    ["SELECT $1 || 'a'", ['text']],
    ['SELECT $1::date', ['date']],
    ['SELECT coalesce($1, 2.5), $1', ['numeric']],
    ['SELECT $2 = $1 FROM (VALUES (1)) v WHERE $1 > 1::bigint', ['bigint', 'bigint']],
    ['SELECT 1 IN ($1, $2)', ['integer', 'integer']],
    ['SELECT 1 WHERE $1', ['boolean']],
    ['SELECT $1', ['text']],
  ] as const)('%s', (sql, types) => {
    expect(typesOf(sql)).toEqual(types)
  })

  test('a place that cannot take the type found before', () => {
    expect(() => plan('SELECT $1 + 1, $1 AND true', [])).toThrow(
      'argument of AND must be type boolean, not type integer',
    )
  })

  test('declared types stand', () => {
    const { parameters, output } = plan('SELECT $1 + 1', [], { parameterTypes: [{ kind: 'int8' }] })
    expect(parameters.map(baseTypeName)).toEqual(['bigint'])
    expect(baseTypeName(output[0]!.type)).toBe('bigint')
  })
})
