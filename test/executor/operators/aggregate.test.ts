import { describe, expect, test } from 'vitest'
import { columnDef, type Schema } from '../../../src/core/schema.ts'
import type { SqlType } from '../../../src/core/type.ts'
import { numeric } from '../../../src/core/value.ts'
import { checkIncremental, Epochs } from '../../support/incremental.ts'
import {
  aggregate,
  aggregateCall,
  aggregateFunction,
  bool,
  float8,
  int4,
  int8,
  scan,
  schemaOf,
  text,
} from '../../support/plans.ts'

const schema = schemaOf(text, int4, int8, bool, float8)
const domain = [
  ['a', 'b', null],
  [1, 2, 2147483647, -2147483648, null],
  [5n, 9223372036854775807n, -9223372036854775808n, null],
  [true, false, null],
  [0.5, 0.25, -8, null],
]
const input = scan('t', schema)
const only = [{ scan: input, domain }]
const fn = aggregateFunction
const of = (name: string, arg: number | undefined, options = {}) => {
  const types = arg === undefined ? [] : [name === 'count' ? ({ kind: 'any' } as never as SqlType) : schema[arg]!.type]
  return aggregateCall(schema, fn(name, ...types), arg === undefined ? [] : [arg], options)
}

describe('aggregate', () => {
  test('counts and sums by key', () => {
    checkIncremental(aggregate(input, [0], [of('count', undefined), of('count', 1), of('sum', 1), of('sum', 2)]), only)
  })

  test('one global row, also over nothing', () => {
    checkIncremental(aggregate(input, [], [of('count', undefined), of('sum', 2), of('avg', 1)]), only)
  })

  test('averages and booleans by two keys', () => {
    checkIncremental(aggregate(input, [0, 3], [of('avg', 1), of('avg', 2), of('bool_and', 3), of('bool_or', 3)]), only)
  })

  test('filter sees only rows where it is true', () => {
    checkIncremental(aggregate(input, [0], [of('count', undefined, { filter: 3 }), of('sum', 1, { filter: 3 })]), only)
  })

  test('distinct arguments', () => {
    const calls = [of('count', 1, { distinct: true }), of('sum', 1, { distinct: true }), of('sum', 1)]
    checkIncremental(aggregate(input, [0], calls), only)
  })

  test('sums of doubles are exact', () => {
    checkIncremental(aggregate(input, [0], [of('sum', 4), of('avg', 4)]), only)
  })

  test('no calls: the groups themselves', () => {
    checkIncremental(aggregate(input, [0, 1], []), only)
  })

  test('minimum and maximum under retraction', () => {
    const calls = [
      of('min', 1),
      of('max', 2),
      of('max', 0),
      of('min', 4, { filter: 3 }),
      of('max', 1, { distinct: true }),
    ]
    checkIncremental(aggregate(input, [0], calls), only)
    checkIncremental(aggregate(input, [], calls), only)
  })

  test('insert-only minimum and maximum', () => {
    const appended = scan('t', schema, true)
    const calls = [of('min', 1), of('max', 2), of('max', 4), of('min', 2, { filter: 3 })]
    checkIncremental(aggregate(appended, [0], calls), [{ scan: appended, domain }], { insertOnly: true })
  })

  test('sums of NUMERIC show the largest scale that is there', () => {
    const wide: Schema = [...schemaOf(text), columnDef('n', { kind: 'numeric' })]
    const source = scan('n', wide)
    const values = [numeric(15n, 1), numeric(150n, 2), numeric(-7n), numeric(10n ** 40n, 3), null]
    const sum = aggregateCall(wide, fn('sum', { kind: 'numeric' }), [1])
    checkIncremental(aggregate(source, [0], [sum]), [{ scan: source, domain: [['a', 'b'], values] }])
  })

  test('a sum out of range is an error of its group until it comes back', () => {
    const plan = aggregate(input, [0], [of('sum', 1)])
    using flow = new Epochs(plan)
    const row = (key: string) => [key, 2147483647, null, null, null]
    expect(flow.run([[input, row('a'), 2147483647]])).toEqual(['+1 | "a" | 4611686014132420609n'])
    const more = flow.run([
      [input, row('a'), 2147483647],
      [input, row('a'), 2147483647],
      [input, row('b'), 1],
    ])
    expect(more).toEqual(['+1 | "b" | 2147483647n', '-1 | "a" | 4611686014132420609n'])
    expect(flow.errors).toEqual(['22003 bigint out of range'])
    expect(flow.run([[input, row('a'), -2147483647]])).toEqual(['+1 | "a" | 9223372028264841218n'])
    expect(flow.errors).toEqual([])
  })
})
