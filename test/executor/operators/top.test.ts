import { describe, expect, test } from 'vitest'
import { checkIncremental, Epochs } from '../../support/incremental.ts'
import { int4, scan, schemaOf, text, top } from '../../support/plans.ts'

const schema = schemaOf(int4, text)
const input = scan('t', schema)
const domain = [
  [1, 2, 3, null],
  ['a', 'b', null],
]
const only = [{ scan: input, domain }]
const by = (column: number, descending = false, nullsFirst = false) => ({ column, descending, nullsFirst })

describe('top', () => {
  for (const form of ['rows', 'ties', 'dense'] as const)
    for (const withNumber of [false, true])
      test(`${form}${withNumber ? ' with numbers' : ''}`, () => {
        checkIncremental(top(input, { order: [by(0, true)], limit: 2n, by: form, withNumber }), only)
        checkIncremental(
          top(input, { partition: [1], order: [by(0, false, true)], limit: 1n, by: form, withNumber }),
          only,
        )
      })

  test('offset and limit, also without one', () => {
    checkIncremental(top(input, { order: [by(1), by(0)], limit: 2n, offset: 2n }), only)
    checkIncremental(top(input, { order: [by(1)], offset: 3n }), only)
    checkIncremental(top(input, { order: [by(1)], limit: 2n, offset: 1n, by: 'ties' }), only)
  })

  test('without an order: the canonical one', () => {
    checkIncremental(top(input, { limit: 3n }), only)
  })

  test('the first row of each partition', () => {
    checkIncremental(top(input, { partition: [0], order: [by(1, true)], limit: 1n }), only)
  })

  test('the worked examples of the specification', () => {
    const one = schemaOf(int4)
    const source = scan('t', one)
    using flow = new Epochs(top(source, { order: [by(0, true)], limit: 2n }))
    expect(flow.run([10, 9, 8].map((v) => [source, [v], 1] as const))).toEqual(['+1 | 10', '+1 | 9'])
    expect(flow.run([[source, [10], -1]])).toEqual(['+1 | 8', '-1 | 10'])
    expect(flow.run([[source, [9], 1]])).toEqual(['+1 | 9', '-1 | 8'])
    using ties = new Epochs(top(source, { order: [by(0, true)], limit: 1n, by: 'ties' }))
    expect(
      ties.run([
        [source, [9], 2],
        [source, [8], 1],
      ]),
    ).toEqual(['+2 | 9'])
    expect(ties.run([[source, [9], -1]])).toEqual(['-1 | 9'])
    expect(ties.run([[source, [9], -1]])).toEqual(['+1 | 8', '-1 | 9'])
  })
})
