// How fast the parser is: set-up, and megabytes a second for queries and for a long INSERT, lexing and parsing
// together.
//
//   node --no-maglev bench/parse.ts
//
// Targets (spec: measurements.md, "chevrotain on SQL"): ≥ 5 MB/s warm, set-up < 150 ms.

import { performance } from 'node:perf_hooks'

const started = performance.now()
const { parseStatements } = await import('../src/parser/parse.ts')
const loaded = performance.now()

const { Grammar } = await import('../src/parser/grammar/statement.ts')
const { tokenize } = await import('../src/parser/lexer.ts')
const { print } = await import('../src/parser/print.ts')
const before = performance.now()
new Grammar({ at: Number.NaN, types: new Set() })
const setUp = performance.now() - before

const query = `
SELECT b.auction, count(*) AS bids, max(b.price) AS top, sum(CASE WHEN b.channel = 'web' THEN b.price ELSE 0 END) AS web
FROM bid AS b JOIN auction AS a ON a.id = b.auction
  LEFT JOIN person p ON p.id = a.seller AND p.state IN ('OR', 'ID', 'CA')
WHERE b.price > 100 AND b.date_time BETWEEN a.date_time AND a.expires AND NOT (a.category = 10 OR p.name IS NULL)
GROUP BY b.auction, date_trunc('hour', b.date_time) HAVING count(*) > 5
ORDER BY bids DESC NULLS LAST, top LIMIT 100;`
const queries = query.repeat(200)
const rows = Array.from(
  { length: 2_000 },
  (_, row) => `(${row}, 'name ${row}', ${row * 0.25}, TRUE, NULL, '2024-01-01 00:00:00')`,
)
const insert = `INSERT INTO item (id, name, price, active, note, at) VALUES ${rows.join(', ')}`

/** The best of several rounds after warming up, in MB/s of UTF-16 units. */
const rate = (text: string, work: (text: string) => unknown): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 40; round++) {
    const from = performance.now()
    work(text)
    best = Math.min(best, performance.now() - from)
  }
  return text.length / best / 1_000
}

const line = (what: string, value: number, unit: string): void => {
  console.log(`${what.padEnd(28)} ${value.toFixed(1).padStart(8)} ${unit}`)
}

line('load, first grammar included', loaded - started, 'ms')
line('grammar set-up', setUp, 'ms')
for (const [name, text] of [
  ['queries', queries],
  ['INSERT of 2,000 rows', insert],
] as const) {
  line(`${name}: tokens`, rate(text, tokenize), 'MB/s')
  line(`${name}: trees`, rate(text, parseStatements), 'MB/s')
  const trees = parseStatements(text)
  line(
    `${name}: text again`,
    rate(text, () => trees.map(({ statement }) => print(statement))),
    'MB/s',
  )
}
