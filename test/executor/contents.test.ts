// Views that are an aggregate read its table: for which plans, and that they then see what the plan emits. That any
// plan's contents equal its output is part of every property of test/executor (support/incremental.ts).

import { expect, test } from 'vitest'
import { batchFromRows } from '../../src/core/convert.ts'
import { epoch } from '../../src/core/ids.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import type { SqlValue } from '../../src/core/value.ts'
import { buildDataflow } from '../../src/executor/build.ts'
import type { Expr } from '../../src/planner/expr.ts'
import type { PhysicalPlan } from '../../src/planner/physical.ts'
import { scanStore, viewOfContents } from '../../src/storage/view-store.ts'
import { testRegion } from '../support/columns.ts'
import { checkIncremental } from '../support/incremental.ts'
import {
  aggregate,
  aggregateCall,
  aggregateFunction,
  bool,
  call,
  column,
  constant,
  distinct,
  environment,
  int4,
  int8,
  map,
  scan,
  schemaOf,
  text,
} from '../support/plans.ts'
import { ZSet } from '../support/zset.ts'

const schema = schemaOf(text, int4)
const input = scan('t', schema)
const only = [
  {
    scan: input,
    domain: [
      ['a', 'b', null],
      [1, 2, 2147483647, null],
    ] as SqlValue[][],
  },
]
const grouped = aggregate(
  input,
  [0, 1],
  [aggregateCall(schema, aggregateFunction('count'), []), aggregateCall(schema, aggregateFunction('max', int4), [1])],
)
const reference = (index: number): Expr => column(grouped.schema, index)
const isMany = call('>', bool, reference(2), constant(1n, int8))
const plusOne = call('+', int8, reference(2), constant(1n, int8))

const flowOf = (plan: PhysicalPlan) =>
  buildDataflow(plan, { env: environment, account: memoryAccount('test'), oneShot: false })
const formOf = (plan: PhysicalPlan) => {
  const { schema: columns, contents } = flowOf(plan)
  return contents === undefined ? undefined : viewOfContents(columns, contents).form
}

test('references and expressions that cannot fail, in any order; nothing else', () => {
  expect(formOf(grouped)).toEqual({ kind: 'keyed', key: [0, 1] })
  expect(formOf(distinct(input))).toEqual({ kind: 'keyed', key: [0, 1] })
  expect(formOf(map(grouped, undefined, [2, 1, 3, 0].map(reference)))).toEqual({ kind: 'keyed', key: [3, 1] })
  expect(formOf(map(grouped, undefined, [reference(1), isMany]))).toEqual({ kind: 'groups' })
  expect(formOf(map(grouped, isMany, [0, 1, 2].map(reference)))).toBeUndefined()
  expect(formOf(map(grouped, undefined, [reference(0), reference(1), plusOne]))).toBeUndefined()
  expect(formOf(map(input, undefined, [column(schema, 0)]))).toBeUndefined()
})

test('each row once an epoch only where all that makes groups differ is shown', () => {
  expect(flowOf(map(grouped, undefined, [3, 2, 1, 0].map(reference))).consolidated).toBe(true)
  expect(flowOf(map(grouped, isMany, [isMany, ...[0, 1, 2, 3].map(reference)])).consolidated).toBe(true)
  expect(flowOf(map(grouped, undefined, [0, 1, 2].map(reference))).consolidated).toBe(false)
  expect(flowOf(input).consolidated).toBe(false)
})

test('keys left out, columns twice, computed columns: any history', () => {
  checkIncremental(map(grouped, undefined, [reference(1), isMany, reference(1), reference(3)]), only, { runs: 40 })
  checkIncremental(map(grouped, undefined, [reference(2), isMany, reference(1), reference(0)]), only, { runs: 40 })
  checkIncremental(map(distinct(input), undefined, [column(schema, 1)]), only, { runs: 40 })
})

test('a group that is an error has no row', () => {
  const flow = flowOf(aggregate(input, [0], [aggregateCall(schema, aggregateFunction('sum', int4), [1])]))
  const view = viewOfContents(flow.schema, flow.contents!)
  let number = 0
  const change = (word: string, weight: number): string[] => {
    const region = testRegion()
    flow.push(input, batchFromRows(schema, [[word, 2147483647]], region, Int32Array.of(weight)))
    const context = { epoch: epoch(++number), time: 0n, frontiers: [], first: number === 1, last: false }
    for (const _ of flow.run(context, region, () => {}));
    flow.prepare()
    flow.seal()
    const rows = new ZSet()
    rows.addBatch(flow.schema, scanStore(view, [0, 1], 0, 10, 'before', region).batch)
    return rows.text
  }
  change('a', 2147483647)
  expect(change('b', 1)).toEqual(['+1 | "a" | 4611686014132420609n', '+1 | "b" | 2147483647n'])
  change('a', 2147483647)
  expect(change('a', 2147483647)).toEqual(['+1 | "b" | 2147483647n'])
  expect(change('a', -2147483647)).toEqual(['+1 | "a" | 9223372028264841218n', '+1 | "b" | 2147483647n'])
})
