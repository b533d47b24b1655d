// RANGE_AGG and RANGE_INTERSECT_AGG: the union and the intersection of ranges or multiranges. Order does not matter.

import { multirangeKindOf, rangeKinds } from '../../core/range.ts'
import type { RangeKind } from '../../core/type.ts'
import type { SqlMultirange, SqlRange } from '../../core/value.ts'
import { intersection, rangesOf, single } from '../range/algebra.ts'
import { compareFor, makeMultirange } from '../range/make.ts'
import type { AggregateFunction, WeightedRow } from '../registry.ts'
import { aggregate, multiset } from './entry.ts'

const valuesOf = (rows: Iterable<WeightedRow>): readonly (SqlRange | SqlMultirange)[] =>
  Array.from(rows, ({ values }) => values[0] as SqlRange | SqlMultirange)

function intersectionOf(kind: RangeKind, rows: Iterable<WeightedRow>) {
  const compare = compareFor(kind)
  const [first, ...rest] = valuesOf(rows)
  if (first === undefined) return undefined
  return rest.reduce((left, value) => intersection(compare, left, rangesOf(value)), rangesOf(first))
}

function entries(kind: RangeKind): readonly AggregateFunction[] {
  const multi = multirangeKindOf(kind)
  const union = multiset((rows) => {
    const values = valuesOf(rows)
    return values.length === 0 ? null : makeMultirange(kind, values.flatMap(rangesOf))
  })
  const literal = (of: string): string => `'${of === kind ? 'empty' : '{}'}'::${of}`
  const doc = 'All that is in one of the values, as a multirange; NULL of no values.'
  const shared = 'What is in each of the values; NULL of no values.'
  const example = (name: string, of: string): string =>
    `(select isempty(${name}(x)) from (values (${literal(of)}), (${literal(of)})) as t(x))`
  return [
    aggregate('range_agg', [kind], multi, { doc, example: example('range_agg', kind), state: union }),
    aggregate('range_agg', [multi], multi, { doc, example: example('range_agg', multi), state: union }),
    aggregate('range_intersect_agg', [kind], kind, {
      doc: shared,
      example: example('range_intersect_agg', kind),
      state: multiset((rows) => {
        const ranges = intersectionOf(kind, rows)
        return ranges === undefined ? null : single(ranges, 'union')
      }),
    }),
    aggregate('range_intersect_agg', [multi], multi, {
      doc: shared,
      example: example('range_intersect_agg', multi),
      state: multiset((rows) => {
        const ranges = intersectionOf(kind, rows)
        return ranges === undefined ? null : makeMultirange(kind, ranges)
      }),
    }),
  ]
}

export const rangeAggregates: readonly AggregateFunction[] = rangeKinds.flatMap(entries)
