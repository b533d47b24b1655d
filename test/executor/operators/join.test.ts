import { describe, expect, test } from 'vitest'
import type { JoinNode, JoinType } from '../../../src/planner/physical.ts'
import { checkIncremental, Epochs } from '../../support/incremental.ts'
import { aggregate, bool, call, column, int4, join, map, scan, schemaOf, text } from '../../support/plans.ts'

const schema = schemaOf(int4, text, int4)
const left = scan('l', schema)
const right = scan('r', schema)
const domain = [
  [1, 2, null],
  ['a', 'b', null],
  [10, 20, null],
]
const both = [
  { scan: left, domain },
  { scan: right, domain },
]
const key = (l: number, r: number, nullSafe = false) => ({ left: l, right: r, nullSafe })
const pairs = [...schema, ...schema]
const residual = call('<', bool, column(pairs, 2), column(pairs, 5))

const types: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'mark']

const forms: readonly (readonly [string, Partial<Pick<JoinNode, 'keys' | 'residual'>>])[] = [
  ['on a key', { keys: [key(0, 0)] }],
  ['on two keys', { keys: [key(0, 0), key(1, 1)] }],
  ['null-safe', { keys: [key(0, 0, true)] }],
  ['with mixed keys', { keys: [key(0, 0, true), key(1, 1)] }],
  ['with a residual', { keys: [key(0, 0)], residual }],
  ['without a key', {}],
  ['by a residual alone', { residual }],
]

for (const type of types)
  describe(`${type} join`, () => {
    for (const [name, form] of forms)
      test(name, () => {
        checkIncremental(join(type, left, right, form), both, { runs: 25 })
      })

    test('with itself', () => {
      checkIncremental(join(type, left, left, { keys: [key(0, 2)] }), [{ scan: left, domain }], { runs: 25 })
    })

    test('one-shot', () => {
      const options = { oneShot: true, runs: 25 }
      checkIncremental(join(type, left, right, { keys: [key(0, 0)] }), both, options)
      checkIncremental(join(type, left, right, { keys: [key(0, 0)], residual }), both, options)
    })
  })

describe('IN and NOT IN', () => {
  for (const type of ['anti', 'mark'] as const) {
    test(`${type}, uncorrelated`, () => {
      checkIncremental(join(type, left, right, { keys: [key(0, 0)], nullAware: true }), both)
    })

    test(`${type}, correlated`, () => {
      checkIncremental(join(type, left, right, { keys: [key(0, 0), key(1, 1, true)], nullAware: true }), both)
      checkIncremental(join(type, left, right, { keys: [key(0, 0), key(1, 1)], nullAware: true }), both)
    })

    test(`${type}, with a residual`, () => {
      checkIncremental(join(type, left, right, { keys: [key(0, 0)], residual, nullAware: true }), both)
    })
  }

  test('the worked example of the specification', () => {
    const one = schemaOf(int4)
    const l = scan('l', one)
    const sub = scan('sub', one)
    using flow = new Epochs(join('anti', l, sub, { keys: [key(0, 0)], nullAware: true }))
    const rows = [1, 2, null].map((x) => [l, [x], 1] as const)
    expect(flow.run(rows)).toEqual(['+1 | 1', '+1 | 2', '+1 | NULL'])
    expect(flow.run([[sub, [1], 1]])).toEqual(['-1 | 1', '-1 | NULL'])
    expect(flow.run([[sub, [null], 1]])).toEqual(['-1 | 2'])
    expect(flow.run([[sub, [1], -1]])).toEqual([])
    expect(flow.run([[sub, [null], -1]])).toEqual(['+1 | 1', '+1 | 2', '+1 | NULL'])
  })
})

describe('plans', () => {
  test('a diamond counts each pair once', () => {
    const keys = [key(0, 0)]
    checkIncremental(join('inner', map(left, undefined, [column(schema, 0)]), aggregate(left, [0], []), { keys }), [
      { scan: left, domain },
    ])
  })

  test('errors of a residual condition', () => {
    const numbers = schemaOf(int4, int4)
    const divisors = [
      [1, 2],
      [0, 5, null],
    ]
    const [l, r] = [scan('l', numbers), scan('r', numbers)]
    const row = [...numbers, ...numbers]
    const quotient = call('/', int4, column(row, 1), column(row, 3))
    const condition = call('>', bool, quotient, column(row, 0))
    checkIncremental(join('inner', l, r, { keys: [key(0, 0)], residual: condition }), [
      { scan: l, domain: divisors },
      { scan: r, domain: divisors },
    ])
  })
})
