// MIN and MAX over every type that PostgreSQL gives them, in the type's btree order.

import type { AggregateFunction, ParameterType } from '../registry.ts'
import { aggregate, sameAsArgument } from './entry.ts'

const types: readonly { readonly arg: ParameterType; readonly least: string; readonly greatest: string }[] = [
  { arg: 'int2', least: '1::int2', greatest: '2::int2' },
  { arg: 'int4', least: '1', greatest: '2' },
  { arg: 'int8', least: '1::int8', greatest: '2::int8' },
  { arg: 'oid', least: '1::oid', greatest: '2::oid' },
  { arg: 'float4', least: "'1'::float4", greatest: "'NaN'::float4" },
  { arg: 'float8', least: "'1'::float8", greatest: "'NaN'::float8" },
  { arg: 'numeric', least: '1.5', greatest: '1.51' },
  { arg: 'text', least: "'a'::text", greatest: "'b'::text" },
  { arg: 'bpchar', least: "'a'::char(3)", greatest: "'b'::char(3)" },
  { arg: 'date', least: "date '2024-01-01'", greatest: "date '2024-01-02'" },
  { arg: 'time', least: "time '10:00'", greatest: "time '11:00'" },
  { arg: 'timetz', least: "timetz '10:00+00'", greatest: "timetz '11:00+00'" },
  { arg: 'timestamp', least: "timestamp '2024-01-01'", greatest: "timestamp '2024-01-02'" },
  { arg: 'timestamptz', least: "timestamptz '2024-01-01 00:00+00'", greatest: "timestamptz '2024-01-02 00:00+00'" },
  { arg: 'interval', least: "interval '1 day'", greatest: "interval '25 hours'" },
  { arg: 'anyarray', least: 'array[1, 2]', greatest: 'array[1, 3]' },
]

const entries = ({ arg, least, greatest }: (typeof types)[number]): readonly AggregateFunction[] =>
  (['min', 'max'] as const).map((direction) =>
    aggregate(direction, [arg], sameAsArgument, {
      doc: direction === 'min' ? 'The least value; NULL of no values.' : 'The greatest value; NULL of no values.',
      example: `(select ${direction}(x) from (values (${least}), (${greatest}), (null)) as t(x)) = ${
        direction === 'min' ? least : greatest
      }`,
      state: { kind: 'extremum', direction },
      physical: ([physical]) => physical!,
    }),
  )

/** Of SQL:2023, not in PostgreSQL 15: deterministic here, the least value (operators spec §5). */
const anyValue = aggregate('any_value', ['anyelement'], sameAsArgument, {
  doc: 'Some value that is not NULL: the least one; NULL of no values.',
  example: undefined,
  state: { kind: 'extremum', direction: 'min' },
  physical: ([physical]) => physical!,
})

/** In the order in which the type lists its labels. */
const enums = entries({ arg: 'anyenum', least: '', greatest: '' }).map((entry) => ({ ...entry, example: undefined }))

export const extremumAggregates: readonly AggregateFunction[] = [...types.flatMap(entries), ...enums, anyValue]
