// Physical plans as golden text: equality that is not identity, join keys, derived keys and insert-only; and what
// becomes of each form of subquery.

import { describe, expect, test } from 'vitest'
import { physicalText } from '../../src/planner/explain/physical-text.ts'
import { plan, table } from './support/planning.ts'

const tables = [
  table('t', 'id int4!, k text, v int4, n numeric, i interval', { key: ['id'] }),
  table('s', 'id int8!, tid int4, n numeric, m numeric(10,2)'),
  table('log', 'at timestamp!, k text', { insertOnly: true, kind: 'source' }),
]

const golden = (text: string): string => text.replaceAll(/^ {6}/gm, '').trim()

const LOWERED: readonly (readonly [sql: string, physical: string])[] = [
  [
    'SELECT n, count(*) FROM t GROUP BY n',
    `
      Map n, count
        Aggregate by [form] [count(*), least_member(n)]  {key (form)}
          Map n, equality_form(n) AS form
            Scan t [n]
    `,
  ],
  [
    'SELECT DISTINCT n, k FROM t',
    `
      Map n, k
        Top 1 per [form, k]  {key (k, form)}
          Map n, k, equality_form(n) AS form
            Scan t [k, n]
    `,
  ],
  [
    'SELECT t.id FROM t JOIN s ON t.n = s.n',
    `
      Map id
        Join inner on key#2 = key#4
          Map id, n, equality_form(n) AS key  {key (id)}
            Scan t [id, n]  {key (id)}
          Map n, equality_form(n) AS key
            Scan s [n]
    `,
  ],
  [
    'SELECT t.id FROM t JOIN s ON t.n = s.m',
    `
      Map id
        Join inner on key#2 = key#4
          Map id, n, equality_form(n) AS key  {key (id)}
            Scan t [id, n]  {key (id)}
          Map m, equality_form(m) AS key
            Scan s [m]
    `,
  ],
  [
    'SELECT t.id FROM t JOIN s ON t.id = s.id',
    `
      Map id#0
        Join inner on key = id#2
          Map id, id::bigint AS key  {key (id)}
            Scan t [id]  {key (id)}
          Scan s [id]
    `,
  ],
  [
    'SELECT n FROM t INTERSECT SELECT n FROM s',
    `
      Map n
        Join semi on form#1 <=> form#3
          Map n, equality_form(n) AS form
            Top 1 per [form]  {key (form)}
              Map n, equality_form(n) AS form
                Scan t [n]
          Map n, equality_form(n) AS form
            Scan s [n]
    `,
  ],
  [
    'SELECT n FROM t EXCEPT ALL SELECT n FROM s',
    `
      Map n
        Join anti on form#1 <=> form#4 and row_number#2 <=> row_number#5  {key (form, row_number)}
          Top all per [form] numbered  {key (form, row_number)}
            Map n, equality_form(n) AS form
              Scan t [n]
          Top all per [form] numbered  {key (form, row_number)}
            Map n, equality_form(n) AS form
              Scan s [n]
    `,
  ],
  [
    'SELECT id, row_number() OVER (PARTITION BY i ORDER BY id) FROM t',
    `
      Map id, row_number  {key (id)}
        Window per [form] by [id] [row_number()]  {key (id)}
          Map id, k, v, n, i, equality_form(i) AS form  {key (id)}
            Scan t [id, k, v, n, i]  {key (id)}
    `,
  ],
  [
    'SELECT count(DISTINCT n) FROM t',
    `
      Aggregate all [count(DISTINCT form)]  {key ()}
        Map n, equality_form(n) AS form
          Scan t [n]
    `,
  ],
  [
    'SELECT DISTINCT k FROM log',
    `
      Distinct  {insert-only, key (k)}
        Scan log [k]  {insert-only}
    `,
  ],
  [
    'SELECT k, max(at) FROM log GROUP BY k',
    `
      Aggregate by [k] [max(at)]  {key (k)}
        Map k, at  {insert-only}
          Scan log [at, k]  {insert-only}
    `,
  ],
  [
    'SELECT a.id FROM t a LEFT JOIN t b ON a.v = b.id WHERE a.id = 3',
    `
      Map id#0  {key ()}
        Join left on v = id#2  {key ()}
          Map where (id = 3)  {key ()}
            Scan t [id, v]  {key (id)}
          Scan t [id]  {key (id)}
    `,
  ],
]

const DECORRELATED: readonly (readonly [sql: string, physical: string])[] = [
  [
    'SELECT id FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.tid = t.id)',
    `
      Join semi on id = tid  {key (id)}
        Scan t [id]  {key (id)}
        Scan s [tid]
    `,
  ],
  [
    'SELECT id FROM t WHERE id NOT IN (SELECT tid FROM s)',
    `
      Join anti null-aware on id = tid  {key (id)}
        Scan t [id]  {key (id)}
        Scan s [tid]
    `,
  ],
  [
    'SELECT id FROM t WHERE id NOT IN (SELECT id FROM t WHERE v = 1)',
    `
      Join anti on id#0 = id#1  {key (id)}
        Scan t [id]  {key (id)}
        Map id where (v = 1)  {key (id)}
          Scan t [id, v]  {key (id)}
    `,
  ],
  [
    'SELECT id FROM t WHERE v = 1 OR id IN (SELECT tid FROM s)',
    `
      Map id where ((v = 1) OR mark)  {key (id)}
        Join mark null-aware on id = tid  {key (id)}
          Scan t [id, v]  {key (id)}
          Scan s [tid]
    `,
  ],
  [
    'SELECT id, (SELECT max(m) FROM s) FROM t',
    `
      Join inner nested loop  {key (id)}
        Scan t [id]  {key (id)}
        Aggregate all [max(m)]  {key ()}
          Scan s [m]
    `,
  ],
  [
    'SELECT id, (SELECT tid FROM s) FROM t',
    `
      Map id, only_value(least_member, count) AS tid  {key (id)}
        Join inner nested loop  {key (id)}
          Scan t [id]  {key (id)}
          Aggregate all [least_member(tid), count(*)]  {key ()}
            Scan s [tid]
    `,
  ],
  [
    'SELECT id, (SELECT count(*) FROM s WHERE s.tid = t.id) FROM t',
    `
      Map id, COALESCE(count, 0) AS count  {key (id)}
        Join left on id = tid  {key (id)}
          Scan t [id]  {key (id)}
          Aggregate by [tid] [count(*)]  {key (tid)}
            Scan s [tid]
    `,
  ],
  [
    'SELECT id, (SELECT count(*) FROM s WHERE s.tid > t.v) FROM t',
    `
      Map id, count  {key (id)}
        Join inner on v#1 <=> v#2  {key (id)}
          Scan t [id, v]  {key (id)} (shared 1)
          Map v#0, COALESCE(count, 0) AS count  {key (v)}
            Join left on v#0 <=> v#1  {key (v#0)}
              Distinct  {key (v)} (shared 2)
                Map v
                  (shared 1)
              Aggregate by [v] [count(*)]  {key (v)}
                Map v
                  Join inner nested loop residual (tid > v)
                    (shared 2)
                    Scan s [tid]
    `,
  ],
  [
    'SELECT id, (SELECT k FROM t AS u WHERE u.id = t.v) FROM t',
    `
      Map id#0, k  {key (id)}
        Join left on v = id#3  {key (id#0)}
          Scan t [id, v]  {key (id)}
          Map k, id  {key (id)}
            Scan t [id, k]  {key (id)}
    `,
  ],
  [
    'SELECT t.id, x.m FROM t, LATERAL (SELECT m FROM s WHERE s.tid = t.id ORDER BY m LIMIT 1) x',
    `
      Map id#0, m  {key (id)}
        Join inner on id#0 <=> id#1  {key (id#0) (id#1)}
          Scan t [id]  {key (id)} (shared 1)
          Top 1 per [id] by [m]  {key (id)}
            Map id, m
              Join inner on id = tid
                (shared 1)
                Scan s [tid, m]
    `,
  ],
  [
    'SELECT t.id, g FROM t LEFT JOIN LATERAL generate_series(1, t.v) g ON true',
    `
      Map id, generate_series AS g
        TableFunction generate_series(1, v) outer
          Scan t [id, v]  {key (id)}
    `,
  ],
  [
    'SELECT id FROM t WHERE EXISTS (SELECT 1 FROM s)',
    `
      Join inner nested loop  {key (id)}
        Scan t [id]  {key (id)}
        Map  where (count > 0)  {key ()}
          Aggregate all [count(*)]  {key ()}
            Scan s []
    `,
  ],
]

describe('equality, keys and insert-only', () => {
  test.each(LOWERED)('%s', (sql, physical) => {
    expect(physicalText(plan(sql, tables).physical)).toBe(golden(physical))
  })
})

describe('subqueries', () => {
  test.each(DECORRELATED)('%s', (sql, physical) => {
    expect(physicalText(plan(sql, tables).physical)).toBe(golden(physical))
  })
})
