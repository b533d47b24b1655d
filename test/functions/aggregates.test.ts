// Multiset aggregates: a row of weight k counts k times; statistics do not depend on the order of rows and are exact.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testContext } from '../../server/fuzz/functions/context.ts'
import type { SqlType } from '../../src/core/type.ts'
import { numeric, type SqlValue, sqlArray } from '../../src/core/value.ts'
import { aggregateFunctions } from '../../src/functions/all.ts'
import type { AggregateFunction, MultisetContext, WeightedRow } from '../../src/functions/registry.ts'
import { print } from '../../src/functions/text/text.ts'

function find(name: string, ...args: readonly string[]): AggregateFunction {
  return aggregateFunctions.find((one) => one.name === name && one.args.join() === args.join())!
}

interface Run {
  readonly argTypes?: readonly SqlType[]
  readonly direct?: readonly SqlValue[]
  readonly descending?: boolean
}

function run(entry: AggregateFunction, rows: readonly WeightedRow[], options: Run = {}): SqlValue {
  const { argTypes = [{ kind: 'int4' }], direct = [], descending = false } = options
  if (entry.state.kind !== 'multiset') throw new Error(`${entry.name} is no multiset aggregate`)
  const order = argTypes.map(() => ({ descending, nullsFirst: descending }))
  const context: MultisetContext = { argTypes, resultType: { kind: 'text' }, order, text: testContext.text }
  return entry.state.final(rows, direct, context)
}

const rowsOf = (values: readonly SqlValue[]): readonly WeightedRow[] =>
  values.map((value) => ({ values: [value], weight: 1n }))

const expanded = (rows: readonly WeightedRow[]): readonly WeightedRow[] =>
  rows.flatMap(({ values, weight }) => Array.from({ length: Number(weight) }, () => ({ values, weight: 1n })))

const weights = fc.bigInt({ min: 1n, max: 4n })
const integers = fc.integer({ min: -50, max: 50 })
const weighted = <T extends SqlValue>(value: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.record({ value, weight: weights }), { selector: ({ value }) => value, minLength: 1, maxLength: 8 })
    .map((list): readonly WeightedRow[] => list.map(({ value, weight }) => ({ values: [value], weight })))

const overIntegers = [
  'bit_and',
  'bit_or',
  'bit_xor',
  'var_pop',
  'var_samp',
  'stddev_pop',
  'stddev_samp',
  'variance',
  'stddev',
] as const

describe('weights', () => {
  test.each(overIntegers)('%s over integers', (name) => {
    const entry = find(name, 'int4')
    fc.assert(
      fc.property(weighted(integers), (rows) => {
        expect(run(entry, rows)).toEqual(run(entry, expanded(rows)))
      }),
    )
  })

  test.each(['array_agg', 'json_agg', 'jsonb_agg'] as const)('%s repeats the value', (name) => {
    const entry = find(name, name === 'array_agg' ? 'anynonarray' : 'anyelement')
    fc.assert(
      fc.property(weighted(integers), (rows) => {
        expect(run(entry, rows)).toEqual(run(entry, expanded(rows)))
      }),
    )
  })

  test('percentiles and ranks', () => {
    const sorted = weighted(integers).map((rows) => rows.toSorted((a, b) => Number(a.values[0]) - Number(b.values[0])))
    fc.assert(
      fc.property(sorted, fc.double({ min: 0, max: 1, noNaN: true }), integers, (rows, fraction, value) => {
        const copies = expanded(rows)
        for (const entry of [
          find('percentile_disc', 'float8', 'anyelement'),
          find('percentile_cont', 'float8', 'float8'),
        ])
          expect(run(entry, rows, { direct: [fraction] })).toEqual(run(entry, copies, { direct: [fraction] }))
        for (const name of ['rank', 'dense_rank', 'percent_rank', 'cume_dist']) {
          const entry = find(name, 'anycompatible', 'anycompatible')
          expect(run(entry, rows, { direct: [value] })).toEqual(run(entry, copies, { direct: [value] }))
        }
      }),
    )
  })
})

describe('exact statistics', () => {
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 })

  test('variance does not depend on the order of rows', () => {
    const entry = find('var_samp', 'float8')
    fc.assert(
      fc.property(fc.array(doubles, { minLength: 2, maxLength: 8 }), (values) => {
        expect(run(entry, rowsOf(values.toReversed()))).toBe(run(entry, rowsOf(values)))
      }),
    )
  })

  test('no cancellation far from zero', () => {
    expect(run(find('var_samp', 'float8'), rowsOf([1e9 + 1, 1e9 + 2, 1e9 + 3]))).toBe(1)
    expect(run(find('stddev_pop', 'float8'), rowsOf([2, 4, 4, 4, 5, 5, 7, 9]))).toBe(2)
  })

  test('points on a line have that line', () => {
    const points: readonly WeightedRow[] = [1, 2, 3].map((x) => ({ values: [2 * x + 1, x], weight: 1n }))
    const of = (name: string) => run(find(name, 'float8', 'float8'), points)
    expect([of('regr_slope'), of('regr_intercept'), of('corr'), of('regr_r2'), of('regr_count')]).toEqual([
      2,
      1,
      1,
      1,
      3n,
    ])
  })

  test('numeric results have PostgreSQL’s digits', () => {
    const result = run(find('var_samp', 'numeric'), rowsOf([numeric(15n, 1), numeric(225n, 2), numeric(3n)]))
    expect(print({ kind: 'numeric' }, result!, testContext.text)).toBe('0.56250000000000000000')
  })
})

describe('nothing to aggregate', () => {
  test.each([
    'string_agg(text, text)',
    'array_agg(anynonarray)',
    'jsonb_agg(anyelement)',
    'var_pop(float8)',
    'bit_or(int4)',
  ])('%s is NULL', (signature) => {
    const [, name, args] = /^(\w+)\((.*)\)$/.exec(signature)!
    expect(run(find(name!, ...args!.split(', ')), [])).toBeNull()
  })
})

describe('order', () => {
  test('the first separator is not used and NULL texts are skipped', () => {
    const rows = [
      ['a', '1'],
      [null, '2'],
      ['b', '3'],
      ['c', null],
    ].map((values) => ({ values, weight: 1n }))
    expect(run(find('string_agg', 'text', 'text'), rows, { argTypes: [{ kind: 'text' }] })).toBe('a3bc')
  })

  test('mode counts equal values together and shows the first of them', () => {
    const rows = [
      { values: [numeric(10n, 1)], weight: 1n },
      { values: [numeric(100n, 2)], weight: 1n },
      { values: [numeric(2n)], weight: 2n },
    ]
    expect(run(find('mode', 'anyelement'), rows, { argTypes: [{ kind: 'numeric' }] })).toEqual(numeric(10n, 1))
  })

  test('a hypothetical row is ranked in the order of the call', () => {
    const rows = rowsOf([30, 20, 20, 10])
    const rank = find('rank', 'anycompatible', 'anycompatible')
    expect(run(rank, rows, { direct: [20], descending: true })).toBe(2n)
    expect(run(rank, rows, { direct: [5], descending: true })).toBe(5n)
  })

  test('arrays of one shape are stacked, others refused', () => {
    const entry = find('array_agg', 'anyarray')
    const argTypes: readonly SqlType[] = [{ kind: 'array', element: { kind: 'int4' } }]
    expect(run(entry, rowsOf([sqlArray([1, 2]), sqlArray([3, 4])]), { argTypes })).toEqual({
      kind: 'array',
      elements: [1, 2, 3, 4],
      lengths: [2, 2],
      lowerBounds: [1, 1],
    })
    expect(() => run(entry, rowsOf([sqlArray([1]), sqlArray([3, 4])]), { argTypes })).toThrow(
      'different dimensionality',
    )
  })
})
