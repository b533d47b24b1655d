import { expect, test } from 'vitest'
import type { Query } from '../../src/parser/ast.ts'
import { parseStatements } from '../../src/parser/parse.ts'
import { print, printView } from '../../src/parser/print.ts'

const query = (text: string): Query => parseStatements(text)[0]!.statement as Query

test.each([
  ['SELECT 1', ' SELECT 1;'],
  [
    `SELECT x + 1 AS y, n FROM a JOIN b USING (x) WHERE n LIKE 'x%' GROUP BY 1, 2 HAVING count(*) > 1
     ORDER BY 1 LIMIT 5 OFFSET 2`,
    ` SELECT x + 1 AS y,
    n
   FROM a JOIN b USING (x)
  WHERE n LIKE 'x%'
  GROUP BY 1, 2
 HAVING count(*) > 1
  ORDER BY 1
 LIMIT 5
 OFFSET 2;`,
  ],
  [
    'WITH q AS (SELECT 1 AS n) SELECT n FROM q UNION ALL (SELECT x FROM b ORDER BY 1) UNION ALL SELECT x FROM a',
    ` WITH q AS (SELECT 1 AS n)
 SELECT n
   FROM q
UNION ALL
 (SELECT x FROM b ORDER BY 1)
UNION ALL
 SELECT x
   FROM a;`,
  ],
])('a view shows its query in lines: %s', (text, shown) => {
  expect(printView(query(text))).toBe(shown)
  expect(print(query(printView(query(text)).replace(/;$/, '')))).toBe(print(query(text)))
})
