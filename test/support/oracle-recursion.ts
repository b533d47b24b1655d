// WITH RECURSIVE by its definition (operators spec §8), over sets and bags of plain rows.
//
// UNION: r becomes distinct(base + step(r)) until it stays. UNION ALL: step of what the last iteration gave, until that
// is nothing. The iteration column is taken away from what the body gives, and all that is fed has iteration 0.

import type { FeedNode, PhysicalPlan, RecursionNode, ScanNode } from '../../src/planner/physical.ts'
import { rowText, ZSet } from './zset.ts'

export type Contents = ReadonlyMap<ScanNode | FeedNode, ZSet>

/** `counts`: errors in rows count; otherwise they are those of a round that will be repeated. */
type Evaluate = (plan: PhysicalPlan, contents: Contents, counts: boolean) => ZSet

const ITERATIONS_MAX = 10_000

export function recursionRows(plan: RecursionNode, contents: Contents, evaluate: Evaluate): ZSet {
  const inputs = new Map(contents)
  plan.inputs.forEach((input, i) => {
    inputs.set(plan.feeds[i + 1]!, evaluate(input, contents, true))
  })
  return plan.all ? bag(plan, inputs, evaluate) : set(plan, inputs, evaluate)
}

/** What the body gives for these rows of the reference in this iteration: rows, their numbers, and weights. */
function derive(
  plan: RecursionNode,
  inputs: Contents,
  found: ZSet,
  at: { iteration: number; counts: boolean },
  evaluate: Evaluate,
) {
  const reference = ZSet.of(found.rows.map(([row, weight]) => [[...row, at.iteration], weight]))
  const { rows } = evaluate(plan.body, new Map(inputs).set(plan.feeds[0]!, reference), at.counts)
  return rows.map(([row, weight]) => ({ row: row.slice(0, -1), number: row.at(-1), weight }))
}

function set(plan: RecursionNode, inputs: Contents, evaluate: Evaluate): ZSet {
  let found = new ZSet()
  for (let i = 0; i < ITERATIONS_MAX; i++) {
    const derived = derive(plan, inputs, found, { iteration: 0, counts: false }, evaluate)
    const rows = new Map(derived.map(({ row }) => [rowText(row), row]))
    const next = ZSet.of([...rows.values()].map((row) => [row, 1]))
    if (next.text.join() === found.text.join()) {
      derive(plan, inputs, found, { iteration: 0, counts: true }, evaluate)
      return found
    }
    found = next
  }
  throw new Error('no fixpoint')
}

function bag(plan: RecursionNode, inputs: Contents, evaluate: Evaluate): ZSet {
  const sum = new ZSet()
  let last = new ZSet()
  for (let i = -1; i < ITERATIONS_MAX; i++) {
    const derived = derive(plan, inputs, last, { iteration: i, counts: true }, evaluate)
    last = ZSet.of(derived.filter(({ number }) => number === i).map(({ row, weight }) => [row, weight]))
    if (last.entries.size === 0) return sum
    sum.addAll(last)
  }
  throw new Error('no end')
}
