// Recursion over any history of its inputs: the operator against the definition by iteration, and that definition
// against plain graph search.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numeric } from '../../../src/core/value.ts'
import type { ScanNode } from '../../../src/planner/physical.ts'
import { plan, table } from '../../planner/support/planning.ts'
import { anyHistory, checkHistory, type Domain, Epochs } from '../../support/incremental.ts'
import { answer } from '../../support/oracle.ts'
import { ZSet } from '../../support/zset.ts'

const start = table('start', 'n int4!')
const edge = table('edge', 'a int4, b int4')
const price = table('price', 'p numeric, name text')
const tables = [start, edge, price]
const nodes = [1, 2, 3, 4]

const domains: Readonly<Record<string, Domain>> = {
  start: [nodes],
  edge: [
    [1, 2, 3, 4, null],
    [1, 2, 3, 4, null],
  ],
  price: [
    [numeric(15n, 1), numeric(150n, 2), numeric(2n), null],
    ['a', 'b', null],
  ],
}

function planned(sql: string) {
  const { physical } = plan(sql, tables, { purpose: 'view' })
  const scans = new Set<ScanNode>()
  const visit = (node: object): void => {
    if ('kind' in node && node.kind === 'scan') scans.add(node as ScanNode)
    else if ('inputs' in node) (node.inputs as object[]).forEach(visit)
    else if ('left' in node && 'right' in node) [node.left, node.right].forEach((side) => void visit(side as object))
    else if ('input' in node) visit(node.input as object)
  }
  visit(physical)
  return { physical, scans: [...scans] }
}

const reach = `WITH RECURSIVE r(n) AS (SELECT n FROM start UNION SELECT e.b FROM r JOIN edge e ON e.a = r.n)`
const closure = `WITH RECURSIVE p(a, b) AS (SELECT a, b FROM edge UNION
  SELECT p.a, e.b FROM p JOIN edge e ON p.b = e.a)`

const cases: Readonly<Record<string, string>> = {
  reach: `${reach} SELECT n FROM r`,
  closure: `${closure} SELECT a, b FROM p`,
  'closure by doubling': `WITH RECURSIVE p(a, b) AS (
    SELECT a, b FROM edge UNION SELECT x.a, y.b FROM p x JOIN p y ON x.b = y.a) SELECT a, b FROM p`,
  'aggregate and negation over the finished relation': `${reach}
    SELECT count(*), max(n) FROM r WHERE n NOT IN (SELECT b FROM edge WHERE b IS NOT NULL AND a = b)`,
  'paths with their length': `WITH RECURSIVE w(n, d) AS (
    SELECT n, 0 FROM start UNION ALL SELECT e.b, d + 1 FROM w JOIN edge e ON e.a = w.n WHERE d < 4) SELECT n, d FROM w`,
  'bag of walks': `WITH RECURSIVE w(n) AS (
    SELECT n FROM start UNION ALL SELECT e.b FROM w JOIN edge e ON e.a = w.n AND e.b > e.a) SELECT n FROM w`,
  'semi-join and anti-join by others': `WITH RECURSIVE r(n) AS (SELECT n FROM start UNION
    SELECT e.b FROM r JOIN edge e ON e.a = r.n
    WHERE EXISTS (SELECT FROM start s WHERE s.n = e.b) OR NOT EXISTS (SELECT FROM start s WHERE s.n = r.n))
    SELECT n FROM r`,
  'correlated subqueries and LATERAL in the step': `WITH RECURSIVE r(n, m) AS (SELECT n, NULL::int FROM start UNION
    SELECT l.b, (SELECT max(e.b) FROM edge e WHERE e.a = r.n)
    FROM r, LATERAL (SELECT e.b FROM edge e WHERE e.a = r.n ORDER BY e.b DESC LIMIT 2) l) SELECT n, m FROM r`,
  'left join with r kept': `WITH RECURSIVE r(n) AS (SELECT n FROM start UNION
    SELECT coalesce(e.b, r.n - 1) FROM r LEFT JOIN edge e ON e.a = r.n WHERE r.n > 0) SELECT n FROM r`,
  'several branches': `WITH RECURSIVE r(n) AS (SELECT n FROM start UNION
    (SELECT e.b FROM r JOIN edge e ON e.a = r.n UNION ALL SELECT e.a FROM r JOIN edge e ON e.b = r.n AND e.a > 2
     UNION ALL SELECT a FROM edge WHERE b = 4)) SELECT n FROM r`,
  'a row that cannot be computed': `WITH RECURSIVE r(n) AS (SELECT n FROM start UNION
    SELECT 12 / (e.b - 3) FROM r JOIN edge e ON e.a = r.n) SELECT n FROM r`,
  'equal numbers that print differently': `WITH RECURSIVE r(p, n) AS (SELECT p, name FROM price UNION
    SELECT r.p + 1, r.n FROM r WHERE r.p < 3) SELECT p, n FROM r`,
  'once per outer row': `SELECT s.n, (WITH RECURSIVE r(x) AS (SELECT s.n UNION
    SELECT e.b FROM r JOIN edge e ON e.a = r.x AND e.b <> s.n) SELECT count(*) FROM r) FROM start s`,
}

describe('recursion', () => {
  for (const [name, sql] of Object.entries(cases))
    for (const oneShot of [false, true])
      test(`${name}${oneShot ? ', one-shot' : ''}`, () => {
        const { physical, scans } = planned(sql)
        const inputs = anyHistory(scans.map((scan) => domains[scan.name]!.filter((_, i) => scan.columns.includes(i))))
        fc.assert(
          fc.property(inputs, (history) => checkHistory(physical, scans, history, { oneShot })),
          { numRuns: oneShot ? 8 : 25 },
        )
      })

  test('the definition is graph search', () => {
    const { physical, scans } = planned(cases.reach!)
    const pair = fc.tuple(fc.constantFrom(...nodes), fc.constantFrom(...nodes))
    fc.assert(
      fc.property(fc.array(pair), fc.array(fc.constantFrom(...nodes)), (edges, starts) => {
        const found = new Set(starts)
        for (const n of found) for (const [a, b] of edges) if (a === n) found.add(b)
        const contents = scans.map((scan) => {
          const rows = scan.name === 'edge' ? edges : starts.map((n) => [n])
          return [scan, ZSet.of(rows.map((row) => [row, 1]))] as const
        })
        expect(answer(physical, new Map(contents)).rows.text).toEqual([...found].map((n) => `+1 | ${n}`).sort())
      }),
    )
  })
})

/** edge is read twice: each change goes to both. */
function examples(sql: string, settings: Readonly<Record<string, string>> = {}) {
  const { physical, scans } = planned(sql)
  const flow = new Epochs(physical, settings)
  return {
    run: (...changes: readonly (readonly [number, number, number])[]) =>
      flow.run(scans.flatMap((scan) => changes.map(([a, b, weight]) => [scan, [a, b], weight] as const))),
    flow,
  }
}

describe('worked examples of the operators specification', () => {
  test('8: two rows that derive each other go with what they came from', () => {
    const { run } = examples(`WITH RECURSIVE r(n) AS (SELECT b FROM edge WHERE a = 1 UNION
      SELECT e.b FROM r JOIN edge e ON e.a = r.n) SELECT n FROM r`)
    expect(run([1, 2, 1], [2, 3, 1], [3, 2, 1])).toEqual(['+1 | 2', '+1 | 3'])
    expect(run([1, 2, -1])).toEqual(['-1 | 2', '-1 | 3'])
  })

  test('13.6: transitive closure', () => {
    const { run } = examples(cases.closure!)
    expect(run([1, 2, 1], [2, 3, 1])).toEqual(['+1 | 1 | 2', '+1 | 1 | 3', '+1 | 2 | 3'])
    const added = ['1 | 1', '2 | 1', '2 | 2', '3 | 1', '3 | 2', '3 | 3'].map((row) => `+1 | ${row}`)
    expect(run([3, 1, 1])).toEqual(added)
    const gone = ['1 | 1', '1 | 3', '2 | 1', '2 | 2', '2 | 3', '3 | 3'].map((row) => `-1 | ${row}`)
    expect(run([2, 3, -1])).toEqual(gone)
  })

  test('the limit is an error that goes with its reason', () => {
    const { run, flow } = examples(
      `WITH RECURSIVE w(n, d) AS (SELECT a, 0 FROM edge WHERE a = 1 UNION ALL
      SELECT e.b, d + 1 FROM w JOIN edge e ON e.a = w.n) SELECT max(d) FROM w`,
      { max_recursion_iterations: '30' },
    )
    run([1, 2, 1], [2, 3, 1])
    expect(flow.errors).toEqual([])
    run([3, 2, 1])
    expect(flow.errors).toEqual(['54000 recursive query "w" exceeds 30 iterations (max_recursion_iterations)'])
    run([3, 2, -1])
    expect(flow.errors).toEqual([])
    run([3, 2, 1])
    expect(flow.errors.length).toBe(1)
    run([1, 2, -1])
    expect(flow.errors).toEqual([])
  })
})
