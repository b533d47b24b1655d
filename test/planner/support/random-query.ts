// Random queries over two small tables, for properties of the planner: every clause that rules move things through.

import fc from 'fast-check'
import { table } from './planning.ts'

/** t: a primary key, duplicates and NULLs. s: no key. Values are few, so that conditions and joins meet. */
export const tables = [table('t', 'id int4!, k int4, v int4', { key: ['id'] }), table('s', 'a int4, b int4, c int4')]

const columns = ['x.p', 'x.q', 'x.r']
const column = fc.constantFrom(...columns)
const number = fc.integer({ min: 0, max: 3 }).map(String)
const comparison = fc.constantFrom('=', '<', '>=', '<>')

/** A FROM item of three columns p, q, r. */
const relation: fc.Arbitrary<string> = fc.constantFrom(
  '(SELECT id AS p, k AS q, v AS r FROM t)',
  '(SELECT a AS p, b AS q, c AS r FROM s)',
  '(SELECT DISTINCT k AS p, v AS q, k AS r FROM t)',
  '(SELECT k AS p, count(*)::int AS q, max(v) AS r FROM t GROUP BY k)',
  '(SELECT a AS p, b AS q, c AS r FROM s UNION ALL SELECT id, k, v FROM t)',
  '(SELECT a AS p, b AS q, 1 AS r FROM s EXCEPT SELECT k, v, 1 FROM t)',
  '(SELECT a AS p, b AS q, row_number() OVER (PARTITION BY a ORDER BY b, c)::int AS r FROM s)',
  '(SELECT k AS p, v AS q, id AS r FROM t ORDER BY v, id LIMIT 3)',
  '(SELECT id AS p, g AS q, k AS r FROM t, generate_series(1, t.k) g)',
)

const operand = fc.oneof(column, number)

const atom: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(operand, comparison, operand).map((parts) => parts.join(' ')),
  fc
    .tuple(column, fc.constantFrom('IS NULL', 'IS NOT NULL', 'IN (1, 2)', 'BETWEEN 1 AND 2'))
    .map((parts) => parts.join(' ')),
  fc.constantFrom('true', 'false', 'NULL'),
  column.map((one) => `EXISTS (SELECT 1 FROM s WHERE s.a = ${one})`),
  column.map((one) => `EXISTS (SELECT 1 FROM s WHERE s.a = ${one} AND s.b > x.p)`),
  column.map((one) => `${one} IN (SELECT b FROM s)`),
  column.map((one) => `${one} NOT IN (SELECT b FROM s)`),
  column.map((one) => `${one} NOT IN (SELECT id FROM t WHERE t.k = x.p)`),
  column.map((one) => `${one} > ALL (SELECT c FROM s WHERE s.a = x.q)`),
  column.map((one) => `(SELECT count(*) FROM s WHERE s.a = ${one}) < 2`),
  column.map((one) => `(SELECT max(v) FROM t WHERE t.k = ${one}) > 1`),
  column.map((one) => `(SELECT k FROM t WHERE t.id = ${one}) = 1`),
)

export const predicate: fc.Arbitrary<string> = fc.oneof(
  atom,
  fc.tuple(atom, fc.constantFrom('AND', 'OR'), atom).map(([a, word, b]) => `(${a} ${word} ${b})`),
  atom.map((one) => `NOT (${one})`),
)

const joinWord = fc.constantFrom('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN')

const from: fc.Arbitrary<string> = fc.oneof(
  relation.map((one) => `${one} x`),
  fc
    .tuple(relation, joinWord, relation, fc.constantFrom('x.p = y.p', 'x.p = y.q AND x.q > 1', 'x.q = y.p AND y.r > 1'))
    .map(([left, word, right, on]) => `${left} x ${word} ${right} y ON ${on}`),
  fc
    .tuple(
      relation,
      fc.constantFrom('LEFT JOIN', 'RIGHT JOIN', 'JOIN'),
      relation,
      fc.constantFrom(
        'x.p = y.p AND EXISTS (SELECT 1 FROM s WHERE s.a = x.q)',
        'x.p = y.p AND y.q IN (SELECT b FROM s WHERE s.a = y.r)',
        '(SELECT count(*) FROM s WHERE s.a = x.q AND s.b = y.q) > 0',
      ),
    )
    .map(([left, word, right, on]) => `${left} x ${word} ${right} y ON ${on}`),
  fc
    .tuple(relation, relation)
    .map(([left, right]) => `${left} x, LATERAL (SELECT p AS l FROM ${right} z WHERE z.q = x.p) y`),
)

const select: fc.Arbitrary<string> = fc.oneof(
  fc.constant('SELECT x.p, x.q, x.r'),
  fc.constant('SELECT DISTINCT x.p, x.q'),
  fc.constant('SELECT x.p, x.p'),
  column.map((one) => `SELECT x.p, (SELECT count(*) FROM s WHERE s.b = ${one})`),
  column.map((one) => `SELECT ${one}, x.p IN (SELECT c FROM s)`),
)

const plain = fc.tuple(select, from, predicate).map(([what, source, where]) => `${what} FROM ${source} WHERE ${where}`)

const grouped = fc
  .tuple(column, from, predicate, fc.constantFrom('count(*) > 1', 'x.p = 1', 'true'))
  .map(([key, source, where, having]) => {
    const keys = key === 'x.p' ? 'x.p' : `x.p, ${key}`
    return `SELECT ${keys}, count(*), sum(x.q) FROM ${source} WHERE ${where} GROUP BY ${keys} HAVING ${having}`
  })

/** A query that selects from one of these, and filters what comes out. */
const nested = fc
  .tuple(fc.oneof(plain, grouped), comparison, number)
  .map(([inner, operator, value]) => `SELECT * FROM (${inner}) AS o(one, two) WHERE one ${operator} ${value}`)

export const query: fc.Arbitrary<string> = fc.oneof(plain, grouped, nested)
