// COUNT, SUM, AVG, BOOL_AND, BOOL_OR: aggregates that are kept as fixed-width sums of weight × value (operators spec
// §5).
//
// Sums are exact whatever the order and however often rows come and go; only the shown result is checked against the
// type: SMALLINT and INTEGER sum to BIGINT, BIGINT to NUMERIC. AVG of integers is NUMERIC.

import { numericPhysical, type Physical } from '../../core/type.ts'
import type { AggregateFunction, ParameterType } from '../registry.ts'
import { aggregate } from './entry.ts'

const sumTypes: readonly { readonly arg: ParameterType; readonly result: ParameterType; readonly example: string }[] = [
  { arg: 'int2', result: 'int8', example: '(select sum(x::int2) from (values (1), (2)) as t(x)) = 3' },
  { arg: 'int4', result: 'int8', example: '(select sum(x) from (values (2147483647), (1)) as t(x)) = 2147483648' },
  { arg: 'int8', result: 'numeric', example: '(select sum(x::int8) from (values (1), (2)) as t(x)) = 3' },
  { arg: 'numeric', result: 'numeric', example: '(select sum(x) from (values (1.5), (2.25)) as t(x)) = 3.75' },
  { arg: 'float4', result: 'float4', example: '(select sum(x::float4) from (values (1.5), (2.25)) as t(x)) = 3.75' },
  { arg: 'float8', result: 'float8', example: '(select sum(x::float8) from (values (1.5), (2.25)) as t(x)) = 3.75' },
  {
    arg: 'interval',
    result: 'interval',
    example: "(select sum(x) from (values (interval '1 day'), (interval '2 hours')) as t(x)) = interval '1 day 2:00'",
  },
]

const avgTypes: readonly { readonly arg: ParameterType; readonly result: ParameterType; readonly example: string }[] = [
  { arg: 'int2', result: 'numeric', example: '(select avg(x::int2) from (values (1), (2)) as t(x)) = 1.5' },
  { arg: 'int4', result: 'numeric', example: '(select avg(x) from (values (1), (2)) as t(x)) = 1.5' },
  { arg: 'int8', result: 'numeric', example: '(select avg(x::int8) from (values (1), (2)) as t(x)) = 1.5' },
  { arg: 'numeric', result: 'numeric', example: '(select avg(x) from (values (1.5), (2.5)) as t(x)) = 2' },
  { arg: 'float4', result: 'float8', example: '(select avg(x::float4) from (values (1.5), (2.5)) as t(x)) = 2' },
  { arg: 'float8', result: 'float8', example: '(select avg(x::float8) from (values (1.5), (2.5)) as t(x)) = 2' },
  {
    arg: 'interval',
    result: 'interval',
    example: "(select avg(x) from (values (interval '1 day'), (interval '3 days')) as t(x)) = interval '2 days'",
  },
]

/** A sum of any int64-weighted number of values needs 19 digits more than one of them. */
function sumPhysical([arg]: readonly Physical[]): Physical {
  if (arg?.kind === 'i64' && arg.scale === undefined) return numericPhysical(38, 0)
  if ((arg?.kind === 'i64' || arg?.kind === 'i128') && arg.scale !== undefined && arg.precision !== undefined)
    return numericPhysical(arg.precision + 19, arg.scale)
  return { kind: 'bytes' }
}

const sums = sumTypes.map(({ arg, result, example }) =>
  aggregate('sum', [arg], result, {
    doc: 'The exact sum of the values; NULL of no values.',
    example,
    state: { kind: 'sum' },
    ...(result === 'numeric' ? { physical: sumPhysical } : {}),
  }),
)

const averages = avgTypes.map(({ arg, result, example }) =>
  aggregate('avg', [arg], result, {
    doc: 'The mean of the values, computed from their exact sum; NULL of no values.',
    example,
    state: { kind: 'avg' },
  }),
)

const counts = [
  aggregate('count', [], 'int8', {
    doc: 'The number of rows.',
    example: '(select count(*) from (values (1), (null)) as t(x)) = 2',
    ignoresNulls: false,
    state: { kind: 'count' },
  }),
  aggregate('count', ['any'], 'int8', {
    doc: 'The number of rows where the argument is not NULL.',
    example: '(select count(x) from (values (1), (null)) as t(x)) = 1',
    state: { kind: 'count' },
  }),
]

const booleans = (
  [
    ['bool_and', 'and', 'True where every value is true.', 'false'],
    ['every', 'and', 'True where every value is true.', 'false'],
    ['bool_or', 'or', 'True where some value is true.', 'true'],
  ] as const
).map(([name, of, doc, answer]) =>
  aggregate(name, ['boolean'], 'boolean', {
    doc,
    example: `(select ${name}(x) from (values (true), (false), (null)) as t(x)) = ${answer}`,
    state: { kind: 'bool', of },
  }),
)

export const linearAggregates: readonly AggregateFunction[] = [...counts, ...sums, ...averages, ...booleans]
