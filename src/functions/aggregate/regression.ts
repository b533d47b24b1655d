// Statistics of two variables: corr, covar_*, regr_* (PostgreSQL 15, table 9.60), over rows where neither is NULL.
//
// Sums of values and products are exact; each result is a ratio of integers rounded once (operators spec §5.1), so that
// three points on a line have the slope, intercept and correlation of that line.

import type { SqlValue } from '../../core/value.ts'
import {
  addProduct,
  addValue,
  type ExactSum,
  exactSum,
  fixedPoint,
  roundedRatio,
  UNIT,
} from '../arithmetic/exact-sum.ts'
import { floatOverflow } from '../arithmetic/float.ts'
import type { AggregateFunction, WeightedRow } from '../registry.ts'
import { aggregate, multiset } from './entry.ts'

/** n, and n·Σxx − Σx·Σx and its relatives in units of 1/UNIT², of the values that are finite. */
interface Moments {
  readonly count: bigint
  readonly x: bigint
  readonly y: bigint
  readonly xx: bigint
  readonly yy: bigint
  readonly xy: bigint
}

interface Sums {
  readonly x: ExactSum
  readonly y: ExactSum
  readonly moments: Moments
}

const hasOnlyFinite = ({ nan, positive, negative }: ExactSum): boolean =>
  nan === 0n && positive === 0n && negative === 0n

function sumsOf(rows: Iterable<WeightedRow>): Sums {
  const [x, y, xx, yy, xy] = [exactSum(), exactSum(), exactSum(), exactSum(), exactSum()]
  let count = 0n
  for (const { values, weight } of rows) {
    const [b, a] = values as readonly [number, number]
    addValue(x, a, weight)
    addValue(y, b, weight)
    addProduct(xx, a, a, weight)
    addProduct(yy, b, b, weight)
    addProduct(xy, a, b, weight)
    count += weight
  }
  const [sumX, sumY] = [fixedPoint(x), fixedPoint(y)]
  const moment = (products: ExactSum, a: bigint, b: bigint): bigint => count * fixedPoint(products) * UNIT - a * b
  return {
    x,
    y,
    moments: {
      count,
      x: sumX,
      y: sumY,
      xx: moment(xx, sumX, sumX),
      yy: moment(yy, sumY, sumY),
      xy: moment(xy, sumX, sumY),
    },
  }
}

/** A quotient of either sign. */
const ratio = (numerator: bigint, denominator: bigint): number =>
  denominator < 0n ? roundedRatio(-numerator, -denominator) : roundedRatio(numerator, denominator)

interface Statistic {
  readonly name: string
  readonly doc: string
  /** NULL of fewer rows. */
  readonly least: bigint
  /** `answer` is that of the points (1, 3), (2, 5), (3, 7), given as (x, y). */
  readonly answer: number
  readonly compute: (moments: Moments) => number | null
  /** The one variable that it looks at; absent: both. */
  readonly of?: 'x' | 'y'
}

const statistics: readonly Statistic[] = [
  {
    name: 'covar_pop',
    doc: 'Population covariance.',
    least: 1n,
    answer: 4 / 3,
    compute: ({ xy, count }) => roundedRatio(xy, count * count * UNIT * UNIT),
  },
  {
    name: 'covar_samp',
    doc: 'Sample covariance; NULL of one row.',
    least: 2n,
    answer: 2,
    compute: ({ xy, count }) => roundedRatio(xy, count * (count - 1n) * UNIT * UNIT),
  },
  {
    name: 'corr',
    doc: 'Correlation coefficient; NULL where one variable does not vary.',
    least: 1n,
    answer: 1,
    compute: ({ xx, yy, xy }) => {
      if (xx === 0n || yy === 0n) return null
      const size = Math.sqrt(roundedRatio(xy * xy, xx * yy))
      return xy < 0n ? -size : size
    },
  },
  {
    name: 'regr_avgx',
    of: 'x',
    doc: 'Average of the independent variable, the second argument.',
    least: 1n,
    answer: 2,
    compute: ({ x, count }) => roundedRatio(x, count * UNIT),
  },
  {
    name: 'regr_avgy',
    of: 'y',
    doc: 'Average of the dependent variable, the first argument.',
    least: 1n,
    answer: 5,
    compute: ({ y, count }) => roundedRatio(y, count * UNIT),
  },
  {
    name: 'regr_sxx',
    of: 'x',
    doc: 'Sum of squares of the independent variable about its average.',
    least: 1n,
    answer: 2,
    compute: ({ xx, count }) => roundedRatio(xx, count * UNIT * UNIT),
  },
  {
    name: 'regr_syy',
    of: 'y',
    doc: 'Sum of squares of the dependent variable about its average.',
    least: 1n,
    answer: 8,
    compute: ({ yy, count }) => roundedRatio(yy, count * UNIT * UNIT),
  },
  {
    name: 'regr_sxy',
    doc: 'Sum of products of both variables about their averages.',
    least: 1n,
    answer: 4,
    compute: ({ xy, count }) => roundedRatio(xy, count * UNIT * UNIT),
  },
  {
    name: 'regr_slope',
    doc: 'Slope of the least-squares line; NULL where the independent variable does not vary.',
    least: 1n,
    answer: 2,
    compute: ({ xx, xy }) => (xx === 0n ? null : ratio(xy, xx)),
  },
  {
    name: 'regr_intercept',
    doc: 'The value of the least-squares line at 0; NULL where the independent variable does not vary.',
    least: 1n,
    answer: 1,
    compute: ({ x, y, xx, xy, count }) => (xx === 0n ? null : ratio(y * xx - x * xy, count * xx * UNIT)),
  },
  {
    name: 'regr_r2',
    doc: 'Square of the correlation coefficient; 1 where only the independent variable varies.',
    least: 1n,
    answer: 1,
    compute: ({ xx, yy, xy }) => (xx === 0n ? null : yy === 0n ? 1 : roundedRatio(xy * xy, xx * yy)),
  },
]

/** The average where a value is not finite. */
function infiniteAverage({ nan, positive, negative }: ExactSum): number {
  if (nan !== 0n || (positive !== 0n && negative !== 0n)) return Number.NaN
  return positive === 0n ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

const final =
  ({ name, least, compute, of }: Statistic) =>
  (rows: Iterable<WeightedRow>): SqlValue => {
    const { x, y, moments } = sumsOf(rows)
    if (moments.count < least) return null
    const special = (of === undefined ? [x, y] : of === 'x' ? [x] : [y]).find((sum) => !hasOnlyFinite(sum))
    if (special !== undefined) {
      if (name.startsWith('regr_avg')) return infiniteAverage(special)
      // A variable with a value that is not finite varies.
      const xx = hasOnlyFinite(x) ? moments.xx : 1n
      const yy = hasOnlyFinite(y) ? moments.yy : 1n
      return compute({ ...moments, xx, yy, xy: 0n }) === null ? null : Number.NaN
    }
    const result = compute(moments)
    if (result !== null && Math.abs(result) === Number.POSITIVE_INFINITY) throw floatOverflow()
    return result
  }

const points = '(values (1::float8, 3::float8), (2, 5), (3, 7), (null, 9)) as t(x, y)'

export const regressionAggregates: readonly AggregateFunction[] = [
  ...statistics.map((statistic) =>
    aggregate(statistic.name, ['float8', 'float8'], 'float8', {
      doc: statistic.doc,
      example: `(select abs(${statistic.name}(y, x) - ${statistic.answer}) < 1e-12 from ${points})`,
      state: multiset(final(statistic)),
    }),
  ),
  aggregate('regr_count', ['float8', 'float8'], 'int8', {
    doc: 'The number of rows where neither argument is NULL.',
    example: `(select regr_count(y, x) from ${points}) = 3`,
    state: multiset((rows) => {
      let count = 0n
      for (const { weight } of rows) count += weight
      return count
    }),
  }),
]
