// WITH (on_error = 'divert'): what comes out is the answer over the rows that do not fail, and those that do are kept
// aside with their weights, whatever the history, its batches and its aborted epochs.

import { describe, expect, test } from 'vitest'
import { divisionByZero } from '../../src/core/error.ts'
import { columnDef } from '../../src/core/schema.ts'
import { tableFunctions } from '../../src/functions/all.ts'
import type { PhysicalPlan, TableFunctionNode } from '../../src/planner/physical.ts'
import { checkIncremental, Epochs } from '../support/incremental.ts'
import {
  aggregate,
  aggregateCall,
  aggregateFunction,
  bool,
  call,
  column,
  constant,
  distinct,
  int4,
  join,
  map,
  scan,
  schemaOf,
  text,
  unionAll,
} from '../support/plans.ts'

const schema = schemaOf(int4, int4, text)
const input = scan('t', schema)
const domain = [
  [1, 2, 2147483647, null],
  [0, 0, 5, null],
  ['a', '', 'é"\\', null],
]
const quotient = call('/', int4, column(schema, 0), column(schema, 1))
const failing = map(input, undefined, [quotient, column(schema, 2)])

const check = (plan: PhysicalPlan): void =>
  checkIncremental(plan, [{ scan: input, domain }], { diverts: true, runs: 20 })

describe('rows that fail are kept aside', () => {
  test('by a projection', () => check(failing))

  test('by a filter', () => {
    check(map(input, call('>', bool, quotient, constant(0, int4)), [column(schema, 2)]))
  })

  test('and count neither in DISTINCT nor in an aggregate nor in a union', () => {
    check(distinct(failing))
    const sum = aggregateCall(failing.schema, aggregateFunction('sum', int4), [0])
    check(aggregate(failing, [1], [sum]))
    check(unionAll(failing, map(input, undefined, [column(schema, 0), column(schema, 2)])))
  })

  test('by the condition of a join: the pair', () => {
    const other = scan('u', schemaOf(int4))
    const pairs = [...schema, ...other.schema]
    const residual = call('>', bool, call('/', int4, column(pairs, 3), column(pairs, 1)), constant(0, int4))
    for (const type of ['inner', 'left', 'semi', 'anti'] as const)
      checkIncremental(
        join(type, input, other, { keys: [{ left: 0, right: 0, nullSafe: false }], residual }),
        [
          { scan: input, domain },
          { scan: other, domain: [[1, 2, null]] },
        ],
        { diverts: true, runs: 12 },
      )
  })

  test('by a set-returning function, also in the middle of its set', () => {
    const series = tableFunctions.find(({ name, args }) => name === 'generate_series' && args.join() === 'int4,int4')!
    const evaluate = function* (from: number, to: number) {
      for (let i = from; i <= Math.min(to, from + 3000); i++) {
        if (i === 4) throw divisionByZero()
        yield [i]
      }
    }
    const node: TableFunctionNode = {
      kind: 'tableFunction',
      input,
      calls: [{ function: { ...series, evaluate }, args: [column(schema, 1), column(schema, 0)] }],
      ordinality: false,
      outer: false,
      insertOnly: false,
      uniqueKeys: [],
      schema: [...schema, columnDef('s', int4)],
    }
    checkIncremental(node, [{ scan: input, domain: [[1, 3, 9, 2500], [0, 5], ['a']] }], { diverts: true, runs: 12 })
  })

  test('as an object of the columns, those of one name numbered', () => {
    const named = [columnDef('k', int4), columnDef('k', int4)]
    const twice = scan('twice', named)
    const plan = map(twice, undefined, [call('/', int4, column(named, 0), column(named, 1))])
    using epochs = new Epochs(plan, {}, true)
    expect(
      epochs.run([
        [twice, [7, 0], 2],
        [twice, [8, 2], 1],
      ]),
    ).toEqual(['+1 | 4'])
    expect(epochs.diverted).toEqual(['+2 22012 division by zero {"k":7,"k_2":0}'])
    expect(epochs.errors).toEqual([])
    epochs.run([[twice, [7, 0], -1]])
    expect(epochs.diverted).toEqual(['-1 22012 division by zero {"k":7,"k_2":0}'])
  })
})
