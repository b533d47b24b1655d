// Queries: set operations, clauses, FROM in all its forms, window table functions in all their spellings.

import { describe, expect, test } from 'vitest'
import type { Query, TableRef } from '../../src/parser/ast.ts'
import { parseStatements } from '../../src/parser/parse.ts'
import { withoutPositions } from './same-tree.ts'

const query = (text: string): Query => parseStatements(text)[0]!.statement as Query
const same = (text: string): unknown => withoutPositions(query(text))
const from = (item: string): TableRef => {
  const { body } = query(`select * from ${item}`)
  return (body as { from: readonly TableRef[] }).from[0]!
}

describe('set operations', () => {
  test.each([
    ['select 1 union select 2 intersect select 3', 'select 1 union (select 2 intersect select 3)'],
    ['select 1 intersect select 2 union select 3', '(select 1 intersect select 2) union select 3'],
    ['(select 1) union (select 2)', 'select 1 union select 2'],
    ['((select 1))', 'select 1'],
    ['(select 1 order by 1) limit 2', 'select 1 order by 1 limit 2'],
    ['table t', 'select * from t'],
    ['select 1 union distinct select 2', 'select 1 union select 2'],
    ['select all a from t', 'select a from t'],
    ['values 1, 2', 'values (1), (2)'],
    ['select 1 fetch first row only', 'select 1 limit 1'],
    ['select 1 limit all', 'select 1'],
    ['select 1 offset 2 rows fetch next 3 rows only', 'select 1 limit 3 offset 2'],
  ])('%s  is  %s', (text, other) => {
    expect(same(text)).toEqual(same(other))
  })

  test('a chain is one list, applied from left to right', () => {
    expect(query('select 1 union select 2 except all select 3').body).toMatchObject({
      kind: 'setOperation',
      rest: [
        { operator: 'union', all: false },
        { operator: 'except', all: true },
      ],
    })
  })

  test('operands keep clauses of their own', () => {
    expect(query('(select 1 limit 1) union select 2').body).toMatchObject({ first: { kind: 'query', limit: {} } })
  })

  test.each([
    ['(select 1 limit 1) limit 2', 'multiple LIMIT clauses not allowed'],
    ['(select 1 order by 1) order by 1', 'multiple ORDER BY clauses not allowed'],
    ['select 1 limit 1 limit 2', 'multiple LIMIT clauses not allowed'],
    ['with a as (select 1) (with b as (select 2) select 3)', 'multiple WITH clauses not allowed'],
    ['select 1 fetch first 2 rows with ties', 'WITH TIES cannot be specified without ORDER BY clause'],
    ['values (1), (1, 2)', 'VALUES lists must all be the same length'],
  ])('%s is an error', (text, message) => {
    expect(() => query(text)).toThrow(expect.objectContaining({ code: '42601', message }))
  })
})

describe('clauses', () => {
  test.each([
    ['select distinct on (a, b) a from t', { body: { distinct: { length: 2 } } }],
    ['select from t', { body: { items: [] } }],
    ['select a b, c as select, *', { body: { items: [{ alias: { name: 'b' } }, { alias: { name: 'select' } }, {}] } }],
    ['select 1 group by distinct a', { body: { groupBy: { distinct: true } } }],
    [
      'select 1 group by grouping sets ((a, b), rollup (c), ()), cube (a, (b, c))',
      {
        body: {
          groupBy: {
            items: [
              { kind: 'groupingSets', sets: [{ kind: 'groupingSet' }, { kind: 'rollup' }, { items: [] }] },
              { kind: 'cube', sets: [{ kind: 'column' }, { kind: 'groupingSet' }] },
            ],
          },
        },
      },
    ],
    [
      'select 1 from t having a window w as (order by b) qualify row_number() over w = 1',
      { body: { having: {}, windows: [{ name: 'w' }], qualify: { kind: 'binary' } } },
    ],
    ['select 1 order by a using < nulls first', { orderBy: [{ using: { operator: '<' }, nulls: 'first' }] }],
    ['select 1 order by a fetch first 3 rows with ties', { withTies: true, limit: { text: '3' } }],
    [
      'select 1 from t for no key update of t skip locked for share',
      { locking: [{ strength: 'no key update', wait: 'skip locked' }, { strength: 'share' }] },
    ],
    [
      'with recursive a (x) as not materialized (select 1), b as materialized (select 2) select 3',
      {
        with: { recursive: true, tables: [{ columns: [{ name: 'x' }], materialized: false }, { materialized: true }] },
      },
    ],
    [
      'with a as (delete from t returning *) select * from a',
      { with: { tables: [{ statement: { kind: 'delete' } }] } },
    ],
  ])('%s', (text, expected) => {
    expect(query(text)).toMatchObject(expected)
  })
})

describe('FROM', () => {
  test.each([
    ['t', { kind: 'relation', name: { parts: ['t'] }, alias: undefined }],
    ['only (s.t) as x (a, b)', { only: true, alias: { name: 'x', columns: [{ name: 'a' }, { name: 'b' }] } }],
    ['t * x', { only: false, alias: { name: 'x' } }],
    ['t for system_time as of now() as x', { asOf: { kind: 'call' }, alias: { name: 'x' } }],
    ['(select 1)', { kind: 'derived', lateral: false, alias: undefined }],
    ['lateral (select 1) x', { kind: 'derived', lateral: true }],
    ['(values (1)) x (a)', { kind: 'derived', query: { body: { kind: 'values' } } }],
    ['f(1) with ordinality as x (a, b)', { kind: 'functionTable', ordinality: true, functions: { length: 1 } }],
    ['f(1) as (a int, b text)', { functions: [{ columns: { length: 2 } }], alias: undefined }],
    ['f(1) as x (a int)', { functions: [{ columns: [{ name: 'a' }] }], alias: { name: 'x', columns: [] } }],
    ['rows from (f(1), g(2) as (a int)) x', { functions: [{ columns: [] }, { columns: { length: 1 } }] }],
    ['table(f(1)) x', { kind: 'functionTable', alias: { name: 'x' } }],
    ['unnest(a, b) x', { functions: [{ call: { arguments: { length: 2 } } }] }],
    ['current_date', { functions: [{ call: { kind: 'currentValue' } }] }],
    ['a cross join b', { kind: 'join', type: 'cross', condition: undefined }],
    ['a natural full join b', { type: 'full', condition: { kind: 'natural' } }],
    ['a join b using (x, y) as u', { condition: { kind: 'using', columns: { length: 2 }, alias: { name: 'u' } } }],
    ['a left asof join b on x', { type: 'left', asof: true }],
    ['a asof left join b on x', { type: 'left', asof: true }],
    ['a asof join b on x', { type: 'inner', asof: true }],
    ['a asof, b', { kind: 'relation', alias: { name: 'asof' } }],
    ['(a join b on x) as j', { kind: 'join', alias: { name: 'j' } }],
    ['a join b on x join c on y', { left: { kind: 'join' }, right: { kind: 'relation' } }],
    ['a join b join c on x on y', { left: { kind: 'relation' }, right: { kind: 'join' } }],
    ['((select 1) union (select 2)) x', { kind: 'derived' }],
    ['((select 1) x join b on true)', { kind: 'join' }],
  ])('%s', (text, expected) => {
    expect(from(text)).toMatchObject(expected)
  })

  test.each([
    ['t match_recognize (pattern (a))', '0A000', 'MATCH_RECOGNIZE is not supported'],
    ['t tablesample system (1)', '0A000', 'TABLESAMPLE is not supported'],
    ['(t)', '42601', 'syntax error at or near ")"'],
    ['t x y', '42601', 'syntax error at or near "y"'],
    ['t left', '42601', 'syntax error at end of input'],
    ['f(1) as x (a int, b)', '42601', 'syntax error at or near ")"'],
    ['f(1) as x (a, b int)', '42601', 'syntax error at or near "int"'],
    ['a.b.c.d', '42601', 'improper qualified name (too many dotted names): a.b.c.d'],
  ])('%s is refused', (text, code, message) => {
    expect(() => from(text)).toThrow(expect.objectContaining({ code, message }))
  })
})

describe('window table functions', () => {
  const plain = (text: string): unknown => withoutPositions(from(text))

  test.each([
    ['table(tumble(table t, descriptor(ts), 5, 1))', 'tumble(t, ts, 5, 1)'],
    ['tumble(data => table t, timecol => descriptor(ts), size => 5, "offset" => 1)', 'tumble(t, ts, 5, 1)'],
    ["tumble(t, ts, 5, timezone => 'UTC')", "tumble(data => t, size => 5, timezone => 'UTC', timecol => ts)"],
    ['hop(table t, descriptor(ts), 1, 5)', 'hop(t, ts, size => 5, slide => 1)'],
    ['cumulate(t, ts, 1, 5)', 'cumulate(data => t, timecol => ts, step => 1, size => 5)'],
    ['session(table t partition by (a, b), descriptor(ts), 5)', 'session(t, ts, 5, partition by a, b)'],
    ['session(table t partition by a, descriptor(ts), 5)', 'session(t, ts, 5, partition by a)'],
    ['tumble(table (select 1), ts, 5) x', 'tumble((select 1), ts, 5) as x'],
  ])('%s  is  %s', (text, other) => {
    expect(plain(text)).toEqual(plain(other))
  })

  test.each([
    ['tumble(t, ts)', 'window table function tumble needs the argument size'],
    ['tumble(t, ts, 1, 2, 3, 4)', 'window table function tumble has too many arguments'],
    ['tumble(t, ts, slide => 1)', 'window table function tumble has no argument slide'],
    ['hop(t, ts, 1, slide => 1)', 'window table function hop has two arguments slide'],
    ['tumble(1, ts, 1)', 'window table function tumble needs a table as its first argument'],
    ['tumble(t, 1, 1)', 'window table function tumble needs a column as its second argument'],
    ['tumble(table t partition by a, ts, 1)', 'window table function tumble has no PARTITION BY'],
  ])('%s is an error', (text, message) => {
    expect(() => from(text)).toThrow(expect.objectContaining({ code: '42601', message }))
  })

  test('their names are names elsewhere', () => {
    expect(query('select tumble(a, b) from hop, session s')).toMatchObject({
      body: { from: [{}, { alias: { name: 's' } }] },
    })
  })
})
