// parse(print(tree)) is the tree again: for random trees, and for the SQL of all suites and captures that are found.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SqlError } from '../../src/core/error.ts'
import { parseExpression, parseStatements } from '../../src/parser/parse.ts'
import { print } from '../../src/parser/print.ts'
import { nodes } from './arbitrary/query.ts'
import { captures, suites } from './corpus/corpus.ts'
import { withoutPositions } from './same-tree.ts'

/** Its statements, printed and read again, are the same. */
const expectRoundTrip = (text: string): void => {
  for (const { statement } of parseStatements(text)) {
    const again = parseStatements(print(statement)).map((parsed) => withoutPositions(parsed.statement))
    expect(again).toEqual([withoutPositions(statement)])
  }
}

describe('what is printed reads back as the same tree', () => {
  test('random expressions', () => {
    fc.assert(
      fc.property(nodes.expression, (tree) => {
        expect(withoutPositions(parseExpression(print(tree)))).toEqual(withoutPositions(tree))
      }),
      { numRuns: 800 },
    )
  })

  test('random queries', () => {
    fc.assert(
      fc.property(nodes.query, (tree) => {
        expect(parseStatements(print(tree)).map(({ statement }) => withoutPositions(statement))).toEqual([
          withoutPositions(tree),
        ])
      }),
      { numRuns: 250 },
    )
  })

  test.each(captures() ?? [])('captured statements of clients, file %#', (text) => {
    expect(parseStatements(text).length).toBeGreaterThan(100)
    expectRoundTrip(text)
  })
})

describe('suites', () => {
  const entries = suites()
  if (entries === undefined) console.log('skipped: no suites beside the project')

  test.skipIf(entries === undefined)('every record is read, refused by name, or an expected error', () => {
    const wrong = (entries ?? []).filter(({ sql, directive }) => {
      try {
        parseStatements(sql)
        return false
      } catch (error) {
        if (!(error instanceof SqlError)) throw error
        return error.code !== '0A000' && !directive.startsWith('statement error')
      }
    })
    expect(wrong).toEqual([])
  })

  test.skipIf(entries === undefined)('a sample of the records reads back', () => {
    const sample = (entries ?? []).filter((_, index) => index % 20 === 0)
    for (const { sql, directive } of sample) {
      if (!directive.startsWith('statement error') && !sql.includes('MATCH_RECOGNIZE')) expectRoundTrip(sql)
    }
  })
})

describe('text', () => {
  test.each([
    ['select a+b*c as x,count(*) from t', 'SELECT a + b * c AS x, count(*) FROM t'],
    ['select (a+b)*c, - -1, a::int, x[1], (y).z', 'SELECT (a + b) * c, 1, CAST(a AS integer), x[1], (y).z'],
    ['select not (a and b) or c is null', 'SELECT NOT (a AND b) OR c IS NULL'],
    ['select "Ab", "select", value, "a""b"', 'SELECT "Ab", "select", value, "a""b"'],
    ['select 1 union all (select 2 order by 1)', 'SELECT 1 UNION ALL (SELECT 2 ORDER BY 1)'],
    [
      'select sum(x) filter (where y) over (order by z rows 1 preceding) from t',
      'SELECT sum(x) FILTER (WHERE y) OVER (ORDER BY z ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t',
    ],
    ['select * from a left join (b join c using (x)) on y', 'SELECT * FROM a LEFT JOIN (b JOIN c USING (x)) ON y'],
    [
      "select * from hop(bid, ts, interval '1' minute, interval '5' minute)",
      "SELECT * FROM HOP(DATA => TABLE bid, TIMECOL => DESCRIPTOR(ts), SLIDE => CAST('1' AS interval minute), " +
        "SIZE => CAST('5' AS interval minute))",
    ],
    [
      'create materialized view v as select a from t emit on window close',
      'CREATE MATERIALIZED VIEW v AS SELECT a FROM t EMIT ON WINDOW CLOSE',
    ],
    ["insert into t(a) values (1),('it''s')", "INSERT INTO t (a) VALUES (1), ('it''s')"],
    [
      "create source s with (connector='nexmark', table='bid', rate=1000)",
      "CREATE SOURCE s WITH (connector = 'nexmark', table = 'bid', rate = 1000)",
    ],
  ])('%s', (text, printed) => {
    expect(print(parseStatements(text)[0]!.statement)).toBe(printed)
  })
})
