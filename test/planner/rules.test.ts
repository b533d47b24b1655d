// Each optimizer rule: plans in which it fires, as golden text, and plans in which it must not.

import { describe, expect, test } from 'vitest'
import { logicalText } from '../../src/planner/explain/logical-text.ts'
import { rules } from '../../src/planner/optimizer.ts'
import { plan, table } from './support/planning.ts'

const tables = [
  table('t', 'id int4!, k text, v int4, n numeric', { key: ['id'] }),
  table('s', 'id int8!, tid int4, x float8'),
]

/** The text without the indentation that it has here. */
const golden = (text: string): string => text.replaceAll(/^ {6}/gm, '').trim()

const FIRES: readonly (readonly [rule: string, sql: string, optimized: string])[] = [
  [
    'fold-constants',
    'SELECT id FROM t WHERE v = 1 + 2 AND true',
    `
      Project id
        Filter (v = 3)
          Get t [id, v]
    `,
  ],
  [
    'fold-constants',
    "SELECT CASE WHEN false THEN k ELSE 'none' END FROM t",
    `
      Project 'none' AS case
        Get t []
    `,
  ],
  [
    'fold-constants',
    'SELECT id FROM t WHERE id IS NOT NULL OR v = 1',
    `
      Get t [id]
    `,
  ],
  [
    'empty-relation',
    'SELECT id, count(*) FROM t WHERE false GROUP BY id',
    `
      Values 0 rows
    `,
  ],
  [
    'empty-relation',
    'SELECT id FROM t UNION ALL SELECT 1 WHERE 1 = 2',
    `
      Get t [id]
    `,
  ],
  [
    'merge-filters',
    'SELECT id FROM (SELECT id, v FROM t WHERE v > 1) q WHERE id < 5',
    `
      Project id
        Filter ((v > 1) AND (id < 5))
          Get t [id, v]
    `,
  ],
  [
    'push-filter-below-project',
    "SELECT * FROM (SELECT id, lower(k) AS l FROM t) q WHERE l = 'a'",
    `
      Project id, lower(k) AS l
        Filter (lower(k) = 'a')
          Get t [id, k]
    `,
  ],
  [
    'push-filter-into-join',
    'SELECT t.id FROM t, s WHERE t.id = s.tid AND t.v = 1 AND s.x > 0',
    `
      Project id
        Join inner on (id = tid)
          Filter (v = 1)
            Get t [id, v]
          Filter (x > 0)
            Get s [tid, x]
    `,
  ],
  [
    'push-filter-into-join',
    'SELECT t.id FROM t LEFT JOIN s ON t.id = s.tid WHERE t.v = 1',
    `
      Project id
        Join left on (id = tid)
          Filter (v = 1)
            Get t [id, v]
          Get s [tid]
    `,
  ],
  [
    'push-join-condition',
    'SELECT t.id FROM t LEFT JOIN s ON t.id = s.tid AND s.x > 0',
    `
      Project id
        Join left on (id = tid)
          Get t [id]
          Filter (x > 0)
            Get s [tid, x]
    `,
  ],
  [
    'outer-join-to-inner',
    'SELECT t.id FROM t LEFT JOIN s ON t.id = s.tid WHERE s.x > 0',
    `
      Project id
        Join inner on (id = tid)
          Get t [id]
          Filter (x > 0)
            Get s [tid, x]
    `,
  ],
  [
    'outer-join-to-inner',
    'SELECT t.id FROM t FULL JOIN s ON t.id = s.tid WHERE s.x > 0 AND t.v > 0',
    `
      Project id
        Join inner on (id = tid)
          Filter (v > 0)
            Get t [id, v]
          Filter (x > 0)
            Get s [tid, x]
    `,
  ],
  [
    'push-filter-below-group',
    "SELECT k, count(*) FROM t GROUP BY k HAVING k = 'a' AND count(*) > 1",
    `
      Filter (count > 1)
        Aggregate by [k] [count(*)]
          Filter (k = 'a')
            Get t [k]
    `,
  ],
  [
    'push-filter-below-group',
    "SELECT * FROM (SELECT k, sum(v) OVER (PARTITION BY k) FROM t) q WHERE k = 'a'",
    `
      Project k, sum
        Window per [k] by [] [sum(v)]
          Filter (k = 'a')
            Get t [id, k, v, n]
    `,
  ],
  [
    'push-filter-below-union',
    'SELECT * FROM (SELECT id FROM t UNION ALL SELECT tid FROM s) q WHERE id = 3',
    `
      UnionAll
        Filter (id = 3)
          Get t [id]
        Filter (tid = 3)
          Get s [tid]
    `,
  ],
  [
    'push-filter-below-function',
    'SELECT t.id, g FROM t, generate_series(1, t.v) g WHERE t.id = 1 AND g > 2',
    `
      Project id, generate_series AS g
        Filter (generate_series > 2)
          TableFunction generate_series(1, v)
            Filter (id = 1)
              Get t [id, v]
    `,
  ],
  [
    'top-from-row-number',
    'SELECT id, n FROM (SELECT id, row_number() OVER (PARTITION BY k ORDER BY v DESC) AS n FROM t) q WHERE n <= 3',
    `
      Project id, row_number AS n
        Top 3 per [k] by [v DESC] numbered
          Get t [id, k, v, n]
    `,
  ],
  [
    'top-from-row-number',
    'SELECT id FROM (SELECT id, rank() OVER (ORDER BY v) AS r FROM t) q WHERE r < 3 AND id > 5',
    `
      Project id
        Filter (id > 5)
          Top 2 ties by [v] numbered
            Get t [id, k, v, n]
    `,
  ],
  [
    'order-joins',
    "SELECT a.id FROM t a, t b, s WHERE a.id = s.tid AND b.id = s.tid AND b.k = 'x'",
    `
      Project id#0
        Join inner on (id#0 = tid)
          Get t [id]
          Join inner on (id = tid)
            Filter (k = 'x')
              Get t [id, k]
            Get s [tid]
    `,
  ],
  [
    'remove-distinct',
    'SELECT DISTINCT id, k FROM t',
    `
      Get t [id, k]
    `,
  ],
  [
    'remove-distinct',
    'SELECT DISTINCT k, count(*) FROM t GROUP BY k',
    `
      Aggregate by [k] [count(*)]
        Get t [k]
    `,
  ],
  [
    'remove-unit-join',
    'SELECT (SELECT max(v) FROM t)',
    `
      Aggregate all [max(v)]
        Get t [v]
    `,
  ],
  [
    'merge-projects',
    'SELECT a + 1 AS b FROM (SELECT v * 2 AS a FROM t) q',
    `
      Project ((v * 2) + 1) AS b
        Get t [v]
    `,
  ],
  [
    'take-common-conjuncts',
    'SELECT t.id FROM t, s WHERE (t.id = s.tid AND t.v = 1) OR (t.v = 2 AND t.id = s.tid AND s.x = 0)',
    `
      Project id
        Join inner on ((id = tid) AND ((v = 1) OR ((v = 2) AND (x = 0))))
          Get t [id, v]
          Get s [tid, x]
    `,
  ],
  [
    'remove-project',
    'SELECT * FROM (SELECT * FROM t) q',
    `
      Get t [id, k, v, n]
    `,
  ],
]

const NEVER: readonly (readonly [rule: string, sql: string, because: string])[] = [
  ['fold-constants', 'SELECT 1 / 0 FROM t', 'an error is raised when a row gets there'],
  ['fold-constants', 'SELECT id FROM t WHERE 1 / v = 1 OR true', 'what stands before may fail'],
  ['take-common-conjuncts', 'SELECT id FROM t WHERE (v = 1 AND k = $$a$$) OR (v = 2 AND k = $$b$$)', 'none is common'],
  ['take-common-conjuncts', 'SELECT id FROM t WHERE (v <> 0 AND 6 / v = 2) OR (id = 1 AND 6 / v = 2)', 'it may fail'],
  ['take-common-conjuncts', 'SELECT id FROM t WHERE v = 1 OR (v = 1 AND 6 / id = 2)', 'what would go may fail'],
  ['empty-relation', 'SELECT count(*) FROM t WHERE v = 1', 'a global aggregate has its row'],
  ['merge-filters', 'SELECT id FROM (SELECT id, v FROM t WHERE v > 1 LIMIT 3) q WHERE id < 5', 'LIMIT stands between'],
  ['push-filter-below-project', 'SELECT * FROM (SELECT id, random() AS r FROM t) q WHERE r < 0.5', 'volatile'],
  ['push-filter-into-join', 'SELECT t.id FROM t, s WHERE 1 / t.v = 1', 'it can fail on rows that find no partner'],
  [
    'push-filter-into-join',
    'SELECT t.id FROM t LEFT JOIN s ON t.id = s.tid WHERE s.x IS NULL',
    'the side that is NULL-extended',
  ],
  ['push-join-condition', 'SELECT t.id FROM t LEFT JOIN s ON t.id = s.tid AND t.v = 1', 'the preserved side'],
  ['push-join-condition', 'SELECT t.id FROM t FULL JOIN s ON t.id = s.tid AND s.x > 0', 'both sides are preserved'],
  ['outer-join-to-inner', 'SELECT t.id FROM t LEFT JOIN s ON t.id = s.tid WHERE s.x IS NULL', 'NULL passes'],
  ['outer-join-to-inner', 'SELECT t.id FROM t LEFT JOIN s ON t.id = s.tid WHERE coalesce(s.x, 1) > 0', 'NULL may pass'],
  ['push-filter-below-group', 'SELECT k, count(*) FROM t GROUP BY k HAVING count(*) > 1', 'not a key'],
  ['push-filter-below-group', "SELECT n FROM t GROUP BY n HAVING n::text = '1.0'", 'equal keys may print differently'],
  ['push-filter-below-group', 'SELECT sum(v) FROM t HAVING 1 < 2', 'no keys'],
  [
    'push-filter-below-union',
    'SELECT * FROM (SELECT n FROM t EXCEPT SELECT n FROM t) q WHERE n > 3',
    'one of several equals stands for them',
  ],
  ['push-filter-below-function', 'SELECT t.id, g FROM t, generate_series(1, t.v) g WHERE g > 2', 'reads the function'],
  [
    'top-from-row-number',
    'SELECT id FROM (SELECT id, row_number() OVER (ORDER BY v) AS n FROM t) q WHERE n > 3',
    'no upper bound',
  ],
  [
    'top-from-row-number',
    'SELECT id FROM (SELECT id, row_number() OVER (ORDER BY v) AS n, sum(v) OVER (ORDER BY v) FROM t) q WHERE n = 2',
    'not the first ones',
  ],
  ['order-joins', 'SELECT a.id FROM t a, t b, s WHERE a.id = b.id AND b.id = s.tid', 'each is connected already'],
  ['remove-distinct', 'SELECT DISTINCT k, v FROM t', 'no key'],
  ['remove-unit-join', 'SELECT t.id, s.id FROM t, s', 'rows of a table'],
  ['merge-projects', 'SELECT a, a FROM (SELECT random() AS a FROM t) q', 'volatile'],
  ['merge-projects', 'SELECT a + a FROM (SELECT v * 2 AS a FROM t) q', 'computed twice'],
  ['remove-project', 'SELECT v, k, n, id FROM t', 'another order'],
]

describe('fires', () => {
  test.each(FIRES)('%s: %s', (rule, sql, optimized) => {
    const planned = plan(sql, tables)
    expect(planned.rules).toContain(rule)
    expect(logicalText(planned.optimized)).toBe(golden(optimized))
  })
})

describe('must not fire', () => {
  test.each(NEVER)('%s: %s (%s)', (rule, sql) => {
    expect(plan(sql, tables).rules).not.toContain(rule)
  })
})

test('every rule has plans of both kinds', () => {
  for (const { name } of rules) {
    expect(FIRES.map(([rule]) => rule)).toContain(name)
    expect(NEVER.map(([rule]) => rule)).toContain(name)
  }
})
