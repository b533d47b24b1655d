// What is refused, with PostgreSQL 15's SQLSTATE and words.

import { describe, expect, test } from 'vitest'
import { SqlError } from '../../src/core/error.ts'
import { parseStatements } from '../../src/parser/parse.ts'
import { planDelete, planInsert, planUpdate } from '../../src/planner/dml.ts'
import { planQuery } from '../../src/planner/plan.ts'
import { optionsFor, table } from './support/planning.ts'

const tables = [
  table('t', 'id int4!, k text, v numeric(10,2), w numeric', { key: ['id'] }),
  table('s', 'id int8!, tid int4, x float8'),
  table('j', 'a json, b jsonb'),
]

function errorOf(sql: string): SqlError {
  const options = optionsFor(tables)
  try {
    const { statement } = parseStatements(sql)[0]!
    if (statement.kind === 'insert') planInsert(statement, options)
    else if (statement.kind === 'update') planUpdate(statement, options)
    else if (statement.kind === 'delete') planDelete(statement, options)
    else if (statement.kind === 'query') planQuery(statement, options)
  } catch (error) {
    if (error instanceof SqlError) return error
    throw error
  }
  throw new Error(`no error: ${sql}`)
}

const ANSWERS: readonly (readonly [sql: string, code: string, message: string])[] = [
  ['SELECT foo FROM t', '42703', 'column "foo" does not exist'],
  ['SELECT t.foo FROM t', '42703', 'column t.foo does not exist'],
  ['SELECT kk FROM t', '42703', 'column "kk" does not exist'],
  ['SELECT x.k FROM t', '42P01', 'missing FROM-clause entry for table "x"'],
  ['SELECT k FROM t, t', '42712', 'table name "t" specified more than once'],
  ['SELECT a.k FROM t a, s a', '42712', 'table name "a" specified more than once'],
  ['SELECT id FROM t, s', '42702', 'column reference "id" is ambiguous'],
  ['SELECT t.k FROM t AS a', '42P01', 'invalid reference to FROM-clause entry for table "t"'],
  ['SELECT * FROM nosuch', '42P01', 'relation "nosuch" does not exist'],
  ['SELECT * FROM public.nosuch', '42P01', 'relation "public.nosuch" does not exist'],
  ['SELECT *', '42601', 'SELECT * with no tables specified is not valid'],
  [
    'SELECT id FROM t GROUP BY k',
    '42803',
    'column "t.id" must appear in the GROUP BY clause or be used in an aggregate function',
  ],
  [
    'SELECT k, count(*) FROM t',
    '42803',
    'column "t.k" must appear in the GROUP BY clause or be used in an aggregate function',
  ],
  [
    'SELECT k FROM t HAVING count(*) > 1',
    '42803',
    'column "t.k" must appear in the GROUP BY clause or be used in an aggregate function',
  ],
  ['SELECT count(*) FROM t WHERE count(*) > 1', '42803', 'aggregate functions are not allowed in WHERE'],
  ['SELECT count(count(*)) FROM t', '42803', 'aggregate function calls cannot be nested'],
  ['SELECT count(*) FROM t GROUP BY count(*)', '42803', 'aggregate functions are not allowed in GROUP BY'],
  ['SELECT k FROM t GROUP BY 2', '42P10', 'GROUP BY position 2 is not in select list'],
  ['SELECT k FROM t ORDER BY 3', '42P10', 'ORDER BY position 3 is not in select list'],
  ["SELECT k FROM t GROUP BY 'a'", '42601', 'non-integer constant in GROUP BY'],
  ['SELECT k AS a, id AS a FROM t ORDER BY a', '42702', 'ORDER BY "a" is ambiguous'],
  [
    'SELECT DISTINCT k FROM t ORDER BY id',
    '42P10',
    'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
  ],
  [
    'SELECT DISTINCT ON (k) id FROM t ORDER BY id',
    '42P10',
    'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
  ],
  [
    'SELECT row_number() OVER () FROM t WHERE row_number() OVER () = 1',
    '42P20',
    'window functions are not allowed in WHERE',
  ],
  ['SELECT row_number() FROM t', '42809', 'window function row_number requires an OVER clause'],
  [
    'SELECT lower(k) OVER () FROM t',
    '42809',
    'OVER specified, but lower is not a window function nor an aggregate function',
  ],
  ['SELECT sum(row_number() OVER ()) FROM t', '42803', 'aggregate function calls cannot contain window function calls'],
  [
    'SELECT row_number() OVER (ORDER BY row_number() OVER ()) FROM t',
    '42P20',
    'window functions are not allowed in window definitions',
  ],
  ['SELECT rank() OVER w FROM t', '42704', 'window "w" does not exist'],
  [
    'SELECT sum(id) OVER (ROWS BETWEEN id PRECEDING AND CURRENT ROW) FROM t',
    '42P10',
    'argument of ROWS must not contain variables',
  ],
  [
    'SELECT sum(id) OVER (RANGE 1 PRECEDING) FROM t',
    '42P20',
    'RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column',
  ],
  ['SELECT sum(id) OVER (GROUPS 1 PRECEDING) FROM t', '42P20', 'GROUPS mode requires an ORDER BY clause'],
  ['SELECT sum(DISTINCT id) OVER () FROM t', '0A000', 'DISTINCT is not implemented for window functions'],
  ["SELECT id + 'x' FROM t", '22P02', 'invalid input syntax for type integer: "x"'],
  ['SELECT id + true FROM t', '42883', 'operator does not exist: integer + boolean'],
  ['SELECT k + 1 FROM t', '42883', 'operator does not exist: text + integer'],
  ['SELECT k - k FROM t', '42883', 'operator does not exist: text - text'],
  ['SELECT 1 || 2', '42883', 'operator does not exist: integer || integer'],
  ['SELECT - k FROM t', '42883', 'operator does not exist: - text'],
  ['SELECT nofunc(1)', '42883', 'function nofunc(integer) does not exist'],
  ['SELECT lower(1)', '42883', 'function lower(integer) does not exist'],
  ['SELECT lower(1, 2)', '42883', 'function lower(integer, integer) does not exist'],
  ['SELECT upper(true)', '42883', 'function upper(boolean) does not exist'],
  ["SELECT lower(DISTINCT 'a')", '42809', 'DISTINCT specified, but lower is not an aggregate function'],
  ["SELECT lower('a') FILTER (WHERE true)", '42809', 'FILTER specified, but lower is not an aggregate function'],
  ["SELECT sum('a'::text)", '42883', 'function sum(text) does not exist'],
  ['SELECT sum()', '42883', 'function sum() does not exist'],
  ['SELECT CASE WHEN 1 THEN 2 END', '42804', 'argument of CASE/WHEN must be type boolean, not type integer'],
  ["SELECT CASE WHEN true THEN 1 ELSE 'x' END", '22P02', 'invalid input syntax for type integer: "x"'],
  ['SELECT CASE WHEN true THEN 1 ELSE true END', '42804', 'CASE types boolean and integer cannot be matched'],
  ['SELECT coalesce(1, true)', '42804', 'COALESCE types integer and boolean cannot be matched'],
  ["SELECT coalesce(1, 'x')", '22P02', 'invalid input syntax for type integer: "x"'],
  ["SELECT ARRAY[1, 'x']", '22P02', 'invalid input syntax for type integer: "x"'],
  ['SELECT ARRAY[1, true]', '42804', 'ARRAY types integer and boolean cannot be matched'],
  ['SELECT ARRAY[]', '42P18', 'cannot determine type of empty array'],
  ['SELECT 1 WHERE 1', '42804', 'argument of WHERE must be type boolean, not type integer'],
  ["SELECT 1 WHERE 'x'", '22P02', 'invalid input syntax for type boolean: "x"'],
  ['SELECT NOT 1', '42804', 'argument of NOT must be type boolean, not type integer'],
  ['SELECT 1 AND true', '42804', 'argument of AND must be type boolean, not type integer'],
  ['SELECT 1 IS TRUE', '42804', 'argument of IS TRUE must be type boolean, not type integer'],
  ['SELECT 1::boolean + 1', '42883', 'operator does not exist: boolean + integer'],
  ['SELECT 1::date', '42846', 'cannot cast type integer to date'],
  ['SELECT true::date', '42846', 'cannot cast type boolean to date'],
  ["SELECT 'x'::int", '22P02', 'invalid input syntax for type integer: "x"'],
  ["SELECT 'x'::date", '22007', 'invalid input syntax for type date: "x"'],
  ["SELECT 'x'::nosuch", '42704', 'type "nosuch" does not exist'],
  ['SELECT 1 IN (1, true)', '42883', 'operator does not exist: integer = boolean'],
  ['SELECT 1 = ANY (1)', '42809', 'op ANY/ALL (array) requires array on right side'],
  ['SELECT (1, 2) = (1, 2, 3)', '42601', 'unequal number of entries in row expressions'],
  ['SELECT (1, 2) < (1, true)', '42883', 'operator does not exist: integer < boolean'],
  ['SELECT (SELECT 1, 2)', '42601', 'subquery must return only one column'],
  ['SELECT 1 IN (SELECT 1, 2)', '42601', 'subquery has too many columns'],
  ['SELECT (1, 2) IN (SELECT 1)', '42601', 'subquery has too few columns'],
  ['SELECT 1 = (SELECT true)', '42883', 'operator does not exist: integer = boolean'],
  [
    'SELECT * FROM t JOIN s USING (nope)',
    '42703',
    'column "nope" specified in USING clause does not exist in left table',
  ],
  ['SELECT * FROM t JOIN s USING (k)', '42703', 'column "k" specified in USING clause does not exist in right table'],
  [
    'SELECT * FROM t a JOIN t b USING (id) JOIN t c USING (v)',
    '42702',
    'common column name "v" appears more than once in left table',
  ],
  ['SELECT * FROM t AS a(x, y, z, q, r)', '42P10', 'table "a" has 4 columns available but 5 columns specified'],
  ["SELECT 1 UNION SELECT 'x'", '22P02', 'invalid input syntax for type integer: "x"'],
  ['SELECT 1 UNION SELECT true', '42804', 'UNION types integer and boolean cannot be matched'],
  ['SELECT 1 UNION SELECT 1, 2', '42601', 'each UNION query must have the same number of columns'],
  ['SELECT 1 EXCEPT SELECT now()', '42804', 'EXCEPT types integer and timestamp with time zone cannot be matched'],
  ['SELECT 1 AS a UNION SELECT 2 ORDER BY b', '42703', 'column "b" does not exist'],
  ['SELECT 1 AS a UNION SELECT 2 ORDER BY a + 1', '0A000', 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause'],
  ['VALUES (1), (2, 3)', '42601', 'VALUES lists must all be the same length'],
  ['VALUES (1), (true)', '42804', 'VALUES types integer and boolean cannot be matched'],
  ['SELECT 1 LIMIT -1', '2201W', 'LIMIT must not be negative'],
  ["SELECT 1 LIMIT 'x'", '22P02', 'invalid input syntax for type bigint: "x"'],
  ['SELECT 1 LIMIT id', '42703', 'column "id" does not exist'],
  ['SELECT 1 LIMIT true', '42804', 'argument of LIMIT must be type bigint, not type boolean'],
  ['SELECT a FROM j GROUP BY a', '42883', 'could not identify an equality operator for type json'],
  ['SELECT DISTINCT a FROM j', '42883', 'could not identify an equality operator for type json'],
  ['SELECT a FROM j ORDER BY a', '42883', 'could not identify an ordering operator for type json'],
  ['SELECT a = a FROM j', '42883', 'operator does not exist: json = json'],
  ['SELECT max(a) FROM j', '42883', 'function max(json) does not exist'],
  ['SELECT a FROM j UNION SELECT a FROM j', '42883', 'could not identify an equality operator for type json'],
  ['SELECT count(DISTINCT a) FROM j', '42883', 'could not identify an equality operator for type json'],
  ['SELECT (k).x FROM t', '42809', 'column notation .x applied to type text, which is not a composite type'],
  ['SELECT (ROW(1,2)).f3', '42703', 'could not identify column "f3" in record data type'],
  ['SELECT (t).zz FROM t', '42703', 'column t.zz does not exist'],
  ['SELECT k[1] FROM t', '42804', 'cannot subscript type text because it does not support subscripting'],
  [
    'SELECT generate_series(1,2) FROM t WHERE generate_series(1,2) = 1',
    '0A000',
    'set-returning functions are not allowed in WHERE',
  ],
  [
    'SELECT grouping(id) FROM t GROUP BY k',
    '42803',
    'arguments to GROUPING must be grouping expressions of the associated query level',
  ],
  [
    "SELECT string_agg(DISTINCT k, ',' ORDER BY id) FROM t",
    '42P10',
    'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
  ],
  ['SELECT percentile_cont(0.5) FROM t', '42883', 'function percentile_cont(numeric) does not exist'],
  ['SELECT sum(id) WITHIN GROUP (ORDER BY id) FROM t', '42883', 'function sum(integer, integer) does not exist'],
  ['WITH a AS (SELECT 1), a AS (SELECT 2) SELECT 1', '42712', 'WITH query name "a" specified more than once'],
  [
    'WITH a(x, y) AS (SELECT 1) SELECT * FROM a',
    '42P10',
    'WITH query "a" has 1 columns available but 2 columns specified',
  ],
  ['SELECT 1 COLLATE "C"', '42804', 'collations are not supported by type integer'],
  ['SELECT \'a\' COLLATE "nope"', '42704', 'collation "nope" for encoding "UTF8" does not exist'],
  [
    'SELECT (SELECT k FROM t s2 WHERE s2.id = t.id) FROM t GROUP BY k',
    '42803',
    'subquery uses ungrouped column "t.id" from outer query',
  ],
  ['SELECT (SELECT t.v) FROM t GROUP BY k', '42803', 'subquery uses ungrouped column "t.v" from outer query'],
  ['SELECT 1 FETCH FIRST 1 ROW WITH TIES', '42601', 'WITH TIES cannot be specified without ORDER BY clause'],
  ["SELECT interval '1 day' + 1", '42883', 'operator does not exist: interval + integer'],
  ["SELECT date '2024-01-01' + date '2024-01-01'", '42883', 'operator does not exist: date + date'],
  ["SELECT '1' = 1.5 = 'x'", '42601', 'syntax error at or near "="'],
  ["INSERT INTO t VALUES ('x')", '22P02', 'invalid input syntax for type integer: "x"'],
  ['INSERT INTO t (nope) VALUES (1)', '42703', 'column "nope" of relation "t" does not exist'],
  ['INSERT INTO t (id, id) VALUES (1, 2)', '42701', 'column "id" specified more than once'],
  ["INSERT INTO t VALUES (1, 'a', 1, 1, 1)", '42601', 'INSERT has more expressions than target columns'],
  ['INSERT INTO t (id, k) VALUES (1)', '42601', 'INSERT has more target columns than expressions'],
  ['INSERT INTO t (id) VALUES (true)', '42804', 'column "id" is of type integer but expression is of type boolean'],
  ['INSERT INTO t (id) SELECT k FROM t', '42804', 'column "id" is of type integer but expression is of type text'],
  [
    'INSERT INTO t (id) VALUES (1) ON CONFLICT (k) DO NOTHING',
    '42P10',
    'there is no unique or exclusion constraint matching the ON CONFLICT specification',
  ],
  [
    "INSERT INTO t (id) VALUES (1) ON CONFLICT DO UPDATE SET k = 'x'",
    '42601',
    'ON CONFLICT DO UPDATE requires inference specification or constraint name',
  ],
  [
    'INSERT INTO t (id) VALUES (1) ON CONFLICT ON CONSTRAINT nope DO NOTHING',
    '42704',
    'constraint "nope" for table "t" does not exist',
  ],
  ['INSERT INTO t (id) VALUES (1) RETURNING nope', '42703', 'column "nope" does not exist'],
  ['INSERT INTO t (id) VALUES (1) RETURNING count(*)', '42803', 'aggregate functions are not allowed in RETURNING'],
  ['UPDATE t SET nope = 1', '42703', 'column "nope" of relation "t" does not exist'],
  ["UPDATE t SET id = 'x'", '22P02', 'invalid input syntax for type integer: "x"'],
  ['UPDATE t SET id = true', '42804', 'column "id" is of type integer but expression is of type boolean'],
  ["UPDATE t SET k = 'a', k = 'b'", '42601', 'multiple assignments to same column "k"'],
  ['UPDATE t SET (id, k) = (1, 2, 3)', '42601', 'number of columns does not match number of values'],
  ['UPDATE t SET (id, k) = (SELECT 1)', '42601', 'number of columns does not match number of values'],
  ['UPDATE t SET id = 1 WHERE count(*) > 1', '42803', 'aggregate functions are not allowed in WHERE'],
  ['UPDATE t SET id = 1 FROM t', '42712', 'table name "t" specified more than once'],
  ['DELETE FROM t WHERE nope', '42703', 'column "nope" does not exist'],
  ['DELETE FROM t WHERE id', '42804', 'argument of WHERE must be type boolean, not type integer'],
  ['DELETE FROM nosuch', '42P01', 'relation "nosuch" does not exist'],
]

describe('errors as PostgreSQL', () => {
  test.each(ANSWERS)('%s', (sql, code, message) => {
    const error = errorOf(sql)
    expect([error.code, error.message]).toEqual([code, message])
  })
})

describe('errors say where and what could help', () => {
  test.each([
    ['SELECT kk FROM t', 7, 'Perhaps you meant to reference the column "t.k".'],
    ['SELECT t.kk FROM t', 7, 'Perhaps you meant to reference the column "t.k".'],
    ['SELECT * FROM tt', 14, 'Perhaps you meant the relation "t".'],
    ['SELECT t.k FROM t AS a', 7, 'Perhaps you meant to reference the table alias "a".'],
    [
      'SELECT lower(1)',
      7,
      'No function matches the given name and argument types. You might need to add explicit type casts.',
    ],
  ] as const)('%s', (sql, position, hint) => {
    const error = errorOf(sql)
    expect([error.position, error.hint]).toEqual([position, hint])
  })
})

describe('refused by name, never answered wrongly', () => {
  test.each([
    [
      'WITH RECURSIVE r AS (SELECT 1 UNION SELECT * FROM s), s AS (SELECT 1 UNION SELECT * FROM r) SELECT * FROM r',
      'mutual recursion between WITH items is not implemented',
    ],
    ['SELECT abs(x => 1)', 'calling functions with named arguments is not supported'],
    [`SELECT 'a' COLLATE "de_DE"`, 'collation "de_DE" is not supported'],
  ] as const)('%s', (sql, message) => {
    const error = errorOf(sql)
    expect([error.code, error.message]).toEqual(['0A000', message])
  })
})
