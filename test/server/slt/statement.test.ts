// What the runner reads off a statement's text.

import { expect, test } from 'vitest'
import { canBeView, cutInsert, moving, targetOf } from '../../../server/slt/statement.ts'

test.each([
  'SELECT a FROM t',
  'select a from t order by a limit 3;',
  'VALUES (1), (2)',
  'WITH x AS (SELECT 1) SELECT * FROM x',
  '(SELECT a FROM t) UNION ALL (SELECT b FROM u ORDER BY b LIMIT 1)',
  'SELECT \'now() LIMIT\', "limit" FROM t -- limit 3',
  'SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY (a) ORDER BY ts PATTERN (A) DEFINE A AS true)',
])('can be a view: %s', (sql) => {
  expect(canBeView(sql)).toBe(true)
})

test.each([
  'SELECT 1',
  'SHOW timezone',
  'INSERT INTO t VALUES (1) RETURNING a',
  'SELECT now() FROM t',
  'SELECT a FROM t WHERE d > current_date',
  "SELECT 'today'::date FROM t",
  "SELECT nextval('s') FROM t",
  'SELECT * FROM pg_catalog.pg_class',
  'SELECT * FROM pg_class',
  'SELECT * FROM information_schema.tables',
  'SELECT a FROM t LIMIT 1',
  'SELECT a FROM (SELECT a FROM t LIMIT 1) x ORDER BY a',
  'SELECT a FROM (SELECT a FROM t ORDER BY a) x OFFSET 1',
  '(SELECT a FROM t ORDER BY a) UNION SELECT 1 FETCH FIRST 1 ROW ONLY',
  'SELECT a FROM t ORDER BY a UNION SELECT 1 LIMIT 1',
  'WITH d AS (DELETE FROM t RETURNING a) SELECT a FROM d',
  'SELECT a INTO u FROM t',
  'SELECT a FROM t FOR UPDATE',
  'SELECT * FROM t MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true) ORDER BY 1',
])('cannot: %s', (sql) => {
  expect(canBeView(sql)).toBe(false)
})

test.each([
  ['front', 'CREATE TABLE t (a int, b text DEFAULT (1))'],
  ['front', 'CREATE MATERIALIZED VIEW v AS SELECT 1'],
  ['front', 'create unique index i on t (a)'],
  ['barrier', 'CREATE TABLE t AS SELECT 1'],
  ['barrier', 'CREATE TABLE t (a, b) AS SELECT 1, 2'],
  ['barrier', 'DROP VIEW v'],
  ['barrier', 'alter table t add column c int'],
  ['stays', 'INSERT INTO t VALUES (1)'],
])('%s: %s', (where, sql) => {
  expect(moving(sql)).toBe(where)
})

test.each([
  ['t', 'CREATE TABLE IF NOT EXISTS t (a int)'],
  ['v', 'create materialized view V as select 1'],
  ['Mixed', 'INSERT INTO "Mixed" VALUES (1)'],
  ['t', 'UPDATE t SET a = 1'],
  ['c', 'DECLARE c CURSOR FOR SELECT 1'],
  [undefined, 'SELECT a FROM t'],
  [undefined, 'BEGIN'],
])('the target %o of: %s', (name, sql) => {
  expect(targetOf(sql)).toBe(name)
})

test('INSERT is cut between its rows', () => {
  expect(
    cutInsert("INSERT INTO t (a, b) VALUES (1, '),('), (2, f((3))), (4, NULL) ON CONFLICT DO NOTHING;", 2),
  ).toEqual([
    "INSERT INTO t (a, b) VALUES (1, '),('), (2, f((3))) ON CONFLICT DO NOTHING",
    'INSERT INTO t (a, b) VALUES (4, NULL) ON CONFLICT DO NOTHING',
  ])
})

test.each([
  'INSERT INTO t VALUES (1)',
  'INSERT INTO t SELECT * FROM u',
  'INSERT INTO t VALUES (1), ((SELECT max(a) FROM t))',
  'INSERT INTO t VALUES (1), (2) RETURNING a',
  'VALUES (1), (2)',
])('stays whole: %s', (sql) => {
  expect(cutInsert(sql, 1)).toBeUndefined()
})
