// A slice of the random judge (`npm run fuzz -- sql`) in every run of the tests: few trials of one seed, compared with
// PostgreSQL where there is one. Longer runs are for people.

import { expect, test } from 'vitest'
import { main } from '../../server/fuzz/main.ts'
import { testHost } from '../support/engine.ts'

const TRIALS = 5

test('random queries: ad hoc, as views and without rules of the optimizer give one answer', async () => {
  const lines: string[] = []
  const { clock, timers } = testHost
  const postgres = process.env.MILLRACE_TEST_PG
  const host = { print: (line: string) => void lines.push(line), processId: process.pid, postgres, clock, timers }
  const options = ['sql', '--seed', '22', '--trials', String(TRIALS), '--seconds', '25', '--shrink', '50']
  const code = await main(options, host)
  const asked = /^\(all\) +(\d+) +(\d+) +(\d+)$/m.exec(lines.join('\n'))
  expect(code, lines.join('\n')).toBe(0)
  // A judge that asks little, or of nothing, is none. A slow machine has time for less than that says something.
  const [all = 0, rows = 0, failed = 0] = asked?.slice(1).map(Number) ?? []
  expect(all).toBeGreaterThan(0)
  if (all < 20) return
  expect(rows).toBeGreaterThan(all / 4)
  expect(failed).toBeLessThan(all / 4)
}, 120_000)
