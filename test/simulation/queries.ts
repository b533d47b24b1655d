// Queries of a simulation. Every relation there has columns g int and v bigint and every query has them too, so that
// any query can stand above any relation.

import type { World } from './world.ts'

type Template = (one: string, other: string) => string

const templates: readonly Template[] = [
  (r) => `SELECT g, count(*) AS v FROM ${r} GROUP BY g`,
  (r) => `SELECT g, sum(v)::bigint AS v FROM ${r} GROUP BY g`,
  (r) => `SELECT g, max(v) AS v FROM ${r} GROUP BY g HAVING count(*) > 1`,
  (r) => `SELECT g, min(v) AS v FROM ${r} WHERE v > 2 GROUP BY g`,
  (r) => `SELECT count(DISTINCT g)::int AS g, sum(DISTINCT v)::bigint AS v FROM ${r}`,
  (r) => `SELECT DISTINCT g, v FROM ${r}`,
  (r) => `SELECT g + 1 AS g, v * 2 AS v FROM ${r} WHERE v % 3 <> 1 OR v IS NULL`,
  (r) => `SELECT g, v FROM ${r} ORDER BY v DESC, g LIMIT 4`,
  (r) =>
    `SELECT g, v FROM (SELECT g, v, row_number() OVER (PARTITION BY g ORDER BY v) AS n FROM ${r}) AS x WHERE n <= 2`,
  (r) => `SELECT g, v FROM ${r} WHERE v IN (SELECT max(v) FROM ${r} GROUP BY g)`,
  (r) => `SELECT g, 100 / (v - 7) AS v FROM ${r}`,
  (r, s) => `SELECT g, v FROM ${r} UNION ALL SELECT g, v FROM ${s}`,
  (r, s) => `SELECT g, v FROM ${r} EXCEPT SELECT g, v FROM ${s}`,
  (r, s) => `SELECT a.g, a.v + b.v AS v FROM ${r} AS a JOIN (${grouped(s)}) AS b ON a.g = b.g`,
  (r, s) =>
    `SELECT a.g, coalesce(b.v, -1) AS v FROM ${r} AS a LEFT JOIN (${grouped(s)}) AS b ON a.g = b.g AND a.v < b.v`,
  (r, s) => `SELECT coalesce(a.g, b.g) AS g, a.v FROM (${grouped(r)}) AS a FULL JOIN (${grouped(s)}) AS b ON a.g = b.g`,
  (r, s) => `SELECT g, v FROM ${r} AS a WHERE NOT EXISTS (SELECT 1 FROM ${s} AS b WHERE b.g = a.g AND b.v > a.v)`,
  (r, s) => `SELECT g, (SELECT count(*) FROM ${s} AS b WHERE b.g = a.g) AS v FROM ${r} AS a`,
  (r) => `SELECT a.g, count(*) AS v FROM ${r} AS a JOIN ${r} AS b ON a.g = b.g AND a.v = b.v GROUP BY a.g`,
]

const grouped = (relation: string): string => `SELECT g, max(v) AS v FROM ${relation} GROUP BY g`

export interface AnyQuery {
  readonly sql: string
  readonly reads: readonly string[]
}

export function anyQuery(world: World, relations: readonly string[]): AnyQuery {
  const one = world.pick(relations)
  const other = world.pick(relations)
  const sql = world.pick(templates)(one, other)
  return { sql, reads: sql.includes(` ${other} `) || sql.endsWith(` ${other}`) ? [...new Set([one, other])] : [one] }
}
