// WITHIN GROUP: percentiles, mode, and the hypothetical ranks (PostgreSQL 15, tables 9.61 and 9.62).
//
// Rows come in the call's order. A hypothetical row is ranked as if it stood among them.

import { SqlError } from '../../core/error.ts'
import { compareSql } from '../../core/order.ts'
import type { SqlType } from '../../core/type.ts'
import { type Interval, type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import { addIntervals, multiplyInterval, subtractIntervals } from '../arithmetic/interval.ts'
import { withElements } from '../array/shape.ts'
import type { AggregateFunction, MultisetContext, ParameterType, WeightedRow } from '../registry.ts'
import { printFloat8 } from '../text/numbers.ts'
import { aggregate, type Final, multiset } from './entry.ts'
import { type Counted, counted, valueAtPosition } from './rows.ts'

const badPercentile = (fraction: number): SqlError =>
  new SqlError({ code: '22003', message: `percentile value ${printFloat8(fraction, 0)} is not between 0 and 1` })

function checkedFraction(fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1)) throw badPercentile(fraction)
  return fraction
}

type Pick = (fraction: number, values: readonly Counted[], total: bigint) => SqlValue

/** The first value whose part of the rows reaches the fraction. */
const discrete: Pick = (fraction, values, total) => {
  const position = Math.ceil(fraction * Number(total))
  return valueAtPosition(values, BigInt(Math.max(position, 1)) - 1n)
}

type Between<T> = (low: T, high: T, part: number) => SqlValue

/** Interpolates linearly at position fraction × (n − 1). */
const continuous =
  <T extends SqlValue>(between: Between<T>): Pick =>
  (fraction, values, total) => {
    const place = fraction * Number(total - 1n)
    const first = Math.floor(place)
    const low = valueAtPosition(values, BigInt(first))
    if (place === first) return low
    return between(low as T, valueAtPosition(values, BigInt(first) + 1n) as T, place - first)
  }

const betweenFloats: Between<number> = (low, high, part) => low + part * (high - low)
const betweenIntervals: Between<Interval> = (low, high, part) =>
  addIntervals(low, multiplyInterval(subtractIntervals(high, low), part))

const single =
  (pick: Pick): Final =>
  (rows, [fraction]) => {
    if (fraction === null || fraction === undefined) return null
    const checked = checkedFraction(fraction as number)
    const { values, total } = counted(rows)
    return total === 0n ? null : pick(checked, values, total)
  }

const several =
  (pick: Pick): Final =>
  (rows, [fractions]) => {
    if (fractions === null || fractions === undefined) return null
    const { values, total } = counted(rows)
    if (total === 0n) return null
    const array = fractions as SqlArray
    if (array.elements.length === 0) return sqlArray([])
    return withElements(
      array,
      array.elements.map((fraction) =>
        fraction === null ? null : pick(checkedFraction(fraction as number), values, total),
      ),
    )
  }

/** The most frequent value, the first of them in the order; equal values count together. */
const mode: Final = (rows, _direct, { argTypes }) => {
  let best: Counted | undefined
  let run: { value: SqlValue; weight: bigint } | undefined
  for (const { values, weight } of rows) {
    const value = values[0]!
    if (run !== undefined && compareSql(argTypes[0]!, run.value, value) === 0) run.weight += weight
    else run = { value, weight }
    if (best === undefined || run.weight > best.weight) best = { ...run }
  }
  return best?.value ?? null
}

const arrayOf = (type: SqlType): SqlType => ({ kind: 'array', element: type })

const fractionDoc = 'a fraction from 0 to 1 of the ordered values'

const percentiles: readonly AggregateFunction[] = [
  ...(
    [
      ['float8', continuous(betweenFloats), '(values (1::float8), (2), (4)) as t(x)', '3'],
      [
        'interval',
        continuous(betweenIntervals),
        "(values (interval '1 day'), (interval '2 days')) as t(x)",
        "interval '1 day 18:00'",
      ],
    ] as const
  ).flatMap(([kind, pick, source, answer]) => [
    aggregate('percentile_cont', ['float8', kind], kind, {
      doc: `The value at ${fractionDoc}, interpolated.`,
      example: `(select percentile_cont(0.75) within group (order by x) from ${source}) = ${answer}`,
      directArgs: 1,
      state: multiset(single(pick)),
    }),
    aggregate('percentile_cont', ['float8[]', kind], () => arrayOf({ kind }), {
      doc: `The values at each of several fractions from 0 to 1 of the ordered values, interpolated.`,
      example:
        `(select percentile_cont(array[0.75]) within group (order by x) from ${source}) = ` +
        `array[(${answer})::${kind}]`,
      directArgs: 1,
      state: multiset(several(pick)),
    }),
  ]),
  aggregate('percentile_disc', ['float8', 'anyelement'], 'anyelement', {
    doc: `The first value whose position reaches ${fractionDoc}.`,
    example: "(select percentile_disc(0.5) within group (order by x) from (values ('a'), ('b'), ('c')) as t(x)) = 'b'",
    directArgs: 1,
    state: multiset(single(discrete)),
  }),
  aggregate('percentile_disc', ['float8[]', 'anyelement'], 'anyarray', {
    doc: 'The first values whose positions reach each of several fractions of the ordered values.',
    example:
      "(select percentile_disc(array[0, 1]) within group (order by x) from (values ('a'), ('b')) as t(x)) = '{a,b}'",
    directArgs: 1,
    state: multiset(several(discrete)),
  }),
  aggregate('mode', ['anyelement'], 'anyelement', {
    doc: 'The most frequent value; of equally frequent ones the first in order.',
    example: '(select mode() within group (order by x) from (values (1), (2), (2), (null)) as t(x)) = 2',
    directArgs: 0,
    state: multiset(mode),
  }),
]

/** Where a hypothetical row stands among the others. */
interface Standing {
  readonly before: bigint
  readonly distinctBefore: bigint
  readonly peers: bigint
  readonly total: bigint
}

function standing(rows: Iterable<WeightedRow>, row: readonly SqlValue[], context: MultisetContext): Standing {
  let [before, distinctBefore, peers, total] = [0n, 0n, 0n, 0n]
  let last: readonly SqlValue[] | undefined
  for (const { values, weight } of rows) {
    total += weight
    const order = compareRows(values, row, context)
    if (order === 0) peers += weight
    if (order >= 0) continue
    before += weight
    if (last === undefined || compareRows(values, last, context) !== 0) distinctBefore++
    last = values
  }
  return { before, distinctBefore, peers, total }
}

function compareRows(a: readonly SqlValue[], b: readonly SqlValue[], { argTypes, order }: MultisetContext): number {
  for (const [i, { descending, nullsFirst }] of order.entries()) {
    const [x, y] = [a[i] ?? null, b[i] ?? null]
    if (x === null || y === null) {
      if (x !== y) return (x === null) === nullsFirst ? -1 : 1
      continue
    }
    const result = compareSql(argTypes[i]!, x, y)
    if (result !== 0) return descending ? -result : result
  }
  return 0
}

const hypothetical = [
  {
    name: 'rank',
    result: 'int8',
    doc: 'The rank with gaps that the given row would have.',
    answer: '2',
    of: ({ before }: Standing) => before + 1n,
  },
  {
    name: 'dense_rank',
    result: 'int8',
    doc: 'The rank without gaps that the given row would have.',
    answer: '2',
    of: ({ distinctBefore }: Standing) => distinctBefore + 1n,
  },
  {
    name: 'percent_rank',
    result: 'float8',
    doc: 'The relative rank, from 0 to 1, that the given row would have.',
    answer: '0.25',
    of: ({ before, total }: Standing) => (total === 0n ? 0 : Number(before) / Number(total)),
  },
  {
    name: 'cume_dist',
    result: 'float8',
    doc: 'The part of the rows that would not stand after the given row.',
    answer: '0.8',
    of: ({ before, peers, total }: Standing) => Number(before + peers + 1n) / Number(total + 1n),
  },
] as const

/** As many direct arguments as keys. One pair gets its common type; several must have the keys' types. */
const forms: readonly (readonly ParameterType[])[] = [
  ['anycompatible', 'anycompatible'],
  ...[2, 3, 4].map((keys) => Array<ParameterType>(2 * keys).fill('any')),
]

const ranked = '(values (10), (20), (20), (30)) as t(x)'

const ranks: readonly AggregateFunction[] = hypothetical.flatMap(({ name, result, doc, answer, of }) =>
  forms.map((args) =>
    aggregate(name, args, result, {
      doc,
      example: `(select ${name}(20) within group (order by x) from ${ranked}) = ${answer}`,
      directArgs: args.length / 2,
      hypothetical: true,
      ignoresNulls: false,
      state: multiset((rows, direct, context) => of(standing(rows, direct, context))),
    }),
  ),
)

export const orderedSetAggregates: readonly AggregateFunction[] = [...percentiles, ...ranks]
