// VAR_*, STDDEV_*, and the two-variable statistics (corr, covar_*, regr_*), from exact sums (operators spec §5.1).
//
// Integers and NUMERIC give NUMERIC with the digits of PostgreSQL's division and square root; doubles are rational
// numbers rounded once, so that no order of input can show.

import { type Numeric, numeric, type SqlValue } from '../../core/value.ts'
import { addProduct, addValue, exactSum, roundedVariance } from '../arithmetic/exact-sum.ts'
import { floatOverflow } from '../arithmetic/float.ts'
import { divideToScale, divisionScale, NAN, ZERO } from '../arithmetic/numeric.ts'
import { integerRoot } from '../arithmetic/numeric-power.ts'
import type { AggregateFunction, WeightedRow } from '../registry.ts'
import { aggregate, multiset } from './entry.ts'

type Of = 'sample' | 'population'

interface Statistic {
  readonly name: string
  readonly of: Of
  readonly root: boolean
  readonly doc: string
  /** Of 2, 4, 4, 4, 5, 5, 7, 9, rounded to four digits. */
  readonly answer: string
}

const statistics: readonly Statistic[] = [
  { name: 'var_pop', of: 'population', root: false, doc: 'Population variance.', answer: '4' },
  { name: 'var_samp', of: 'sample', root: false, doc: 'Sample variance; NULL of one value.', answer: '4.5714' },
  { name: 'variance', of: 'sample', root: false, doc: 'Sample variance; NULL of one value.', answer: '4.5714' },
  { name: 'stddev_pop', of: 'population', root: true, doc: 'Population standard deviation.', answer: '2' },
  {
    name: 'stddev_samp',
    of: 'sample',
    root: true,
    doc: 'Sample standard deviation; NULL of one value.',
    answer: '2.1381',
  },
  { name: 'stddev', of: 'sample', root: true, doc: 'Sample standard deviation; NULL of one value.', answer: '2.1381' },
]

/** Fewer rows than the statistic needs. */
const tooFew = (count: bigint, of: Of): boolean => count < (of === 'sample' ? 2n : 1n)

function floatStatistic(rows: Iterable<WeightedRow>, { of, root }: Statistic): number | null {
  const sum = exactSum()
  const squares = exactSum()
  let count = 0n
  for (const { values, weight } of rows) {
    const x = values[0] as number
    addValue(sum, x, weight)
    addProduct(squares, x, x, weight)
    count += weight
  }
  if (tooFew(count, of)) return null
  const variance = roundedVariance({ sum, squares, count }, of)
  if (variance === Number.POSITIVE_INFINITY) throw floatOverflow()
  return root ? Math.sqrt(variance) : variance
}

const asNumeric = (value: SqlValue): Numeric =>
  typeof value === 'number' || typeof value === 'bigint' ? numeric(BigInt(value)) : (value as Numeric)

interface Sums {
  readonly count: bigint
  readonly scale: number
  readonly sum: bigint
  readonly squares: bigint
  readonly special: boolean
}

/** Σx and Σx² at one scale: the greatest of the values'. */
function numericSums(rows: Iterable<WeightedRow>): Sums {
  let [count, sum, squares, scale, special] = [0n, 0n, 0n, 0, false]
  for (const { values, weight } of rows) {
    const value = asNumeric(values[0]!)
    count += weight
    if (value.special !== undefined) {
      special = true
      continue
    }
    if (value.scale > scale) {
      const factor = 10n ** BigInt(value.scale - scale)
      sum *= factor
      squares *= factor * factor
      scale = value.scale
    }
    const digits = value.digits * 10n ** BigInt(scale - value.scale)
    sum += digits * weight
    squares += digits * digits * weight
  }
  return { count, scale, sum, squares, special }
}

function numericStatistic(rows: Iterable<WeightedRow>, { of, root }: Statistic): Numeric | null {
  const { count, scale, sum, squares, special } = numericSums(rows)
  if (tooFew(count, of)) return null
  if (special) return NAN
  const numerator = numeric(count * squares - sum * sum, 2 * scale)
  if (numerator.digits <= 0n) return ZERO
  const denominator = numeric(count * (of === 'sample' ? count - 1n : count))
  const digits = divisionScale(numerator, denominator)
  const variance = divideToScale(numerator, denominator, digits)
  return root ? rootToScale(variance, digits) : variance
}

/** The square root with `scale` digits after the point, rounded: from one digit more. */
function rootToScale(value: Numeric, scale: number): Numeric {
  const root = integerRoot(value.digits * 10n ** BigInt(2 * scale + 2 - value.scale))
  return numeric((root + 5n) / 10n, scale)
}

const numericKinds = ['int2', 'int4', 'int8', 'numeric'] as const
const floatKinds = ['float4', 'float8'] as const

const eightValues = '(values (2), (4), (4), (4), (5), (5), (7), (9)) as t(x)'

const example = ({ name, answer }: Statistic, kind: string): string =>
  `(select round(${name}(x::${kind})::numeric, 4) from ${eightValues}) = ${answer}`

export const varianceAggregates: readonly AggregateFunction[] = statistics.flatMap((statistic) => [
  ...numericKinds.map((kind) =>
    aggregate(statistic.name, [kind], 'numeric', {
      doc: statistic.doc,
      example: example(statistic, kind),
      state: multiset((rows) => numericStatistic(rows, statistic)),
    }),
  ),
  ...floatKinds.map((kind) =>
    aggregate(statistic.name, [kind], 'float8', {
      doc: statistic.doc,
      example: example(statistic, kind),
      state: multiset((rows) => floatStatistic(rows, statistic)),
    }),
  ),
])
