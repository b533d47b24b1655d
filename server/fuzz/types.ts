// The types that occur, and the values of their columns: few, so that rows meet, and the extremes that break things.
//
// A column is tame if all its values are small: only then may arithmetic, sums and casts use it in a query that must
// not fail. Equal values have one text each (no -0, numerics of one scale, intervals without '30 days' beside '1
// mon'), since which of several equal values a DISTINCT or GROUP BY shows is nobody's business.

import { printString } from '../../src/parser/print.ts'

export type TypeName =
  | 'int2'
  | 'int4'
  | 'int8'
  | 'money'
  | 'number'
  | 'float8'
  | 'float4'
  | 'text'
  | 'short'
  | 'bool'
  | 'date'
  | 'stamp'
  | 'zoned'
  | 'interval'
  | 'time'
  | 'uuid'
  | 'json'
  | 'bytes'
  | 'ints'
  | 'texts'

export interface TypeFacts {
  readonly sql: string
  readonly tame: readonly string[]
  readonly wild: readonly string[]
  /** min and max exist. */
  readonly extrema: boolean
}

const type = (sql: string, tame: readonly string[], wild: readonly string[] = [], extrema = true): TypeFacts => ({
  sql,
  tame,
  wild,
  extrema,
})

export const TYPES: Readonly<Record<TypeName, TypeFacts>> = {
  int2: type('smallint', ['0', '1', '2', '-1'], ['32767', '-32768']),
  int4: type('integer', ['0', '1', '2', '3', '-1'], ['2147483647', '-2147483648']),
  int8: type(
    'bigint',
    ['0', '1', '2', '-2'],
    ['9007199254740991', '9007199254740992', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  ),
  money: type('numeric(12,2)', ['0.00', '1.00', '1.50', '-2.25', '3.00'], ['9999999999.99', '-9999999999.99', '0.01']),
  number: type(
    'numeric',
    ['0', '1', '2.5', '-3'],
    ['NaN', '123456789012345678901234567890', '9007199254740993', '0.000000000000000000001', 'Infinity', '-Infinity'],
  ),
  float8: type(
    'double precision',
    ['0', '1', '1.5', '-2.25', '2'],
    ['NaN', 'Infinity', '-Infinity', '1e308', '5e-324', '0.1', '9007199254740992'],
  ),
  float4: type('real', ['0', '1', '1.5', '-2.25'], ['NaN', 'Infinity', '3.4e38', '1e-45', '0.1', '16777217']),
  text: type(
    'text',
    ['', 'a', 'b', 'ab', 'A', 'NULL', 'a%', '_', 'b\\', "'"],
    ['é', '𝒳', '\ue000', ' a ', 'ab'.repeat(40)],
  ),
  short: type('varchar(5)', ['', 'a', 'b', 'abcde'], ['é', '𝒳y', 'a b']),
  bool: type('boolean', ['t', 'f'], [], false),
  date: type(
    'date',
    ['2020-01-01', '2020-02-29', '2020-12-31', '2021-01-01'],
    ['infinity', '0001-01-01 BC', '9999-12-31'],
  ),
  stamp: type(
    'timestamp',
    ['2020-01-01 00:00:00', '2020-02-29 12:30:00', '2020-02-29 12:30:00.000001', '2021-01-01 00:00:00'],
    ['infinity', '-infinity', '0001-01-01 00:00:00 BC', '9999-12-31 23:59:59.999999'],
  ),
  zoned: type(
    'timestamptz',
    ['2020-01-01 00:00:00+00', '2020-03-29 01:30:00+00', '2020-10-25 01:00:00+00', '2021-01-01 00:00:00+00'],
    ['infinity', '-infinity', '9999-12-31 23:59:59.999999+00'],
  ),
  interval: type(
    'interval',
    ['0', '1 day', '2 days 03:00:00', '-1 day', '1 year 2 mons'],
    ['100 years', '00:00:00.000001'],
  ),
  time: type('time', ['00:00:00', '12:30:00', '23:59:59.999999'], ['24:00:00']),
  uuid: type('uuid', ['00000000-0000-0000-0000-000000000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff'], [], false),
  json: type('jsonb', ['null', '1', '{"a": 1}', '{"a": [1, "x", null]}', '"a"', '[1, 2]', '{}', '[]'], [], false),
  bytes: type('bytea', ['\\x', '\\x01', '\\x0100', '\\xff'], [], false),
  ints: type('integer[]', ['{}', '{1}', '{1,2}', '{2,NULL}', '{1,1,3}'], ['{2147483647}', '{NULL}']),
  texts: type('text[]', ['{}', '{a}', '{a,b}', '{NULL,b}'], ['{"","NULL"}', '{"a,b"}']),
}

export const TYPE_NAMES = Object.keys(TYPES) as readonly TypeName[]
export const INTEGERS: readonly TypeName[] = ['int2', 'int4', 'int8']
export const FLOATS: readonly TypeName[] = ['float4', 'float8']

/** A value of the type as SQL; with its type unless it is clear. */
export function literal(name: TypeName, value: string): string {
  if (name === 'bool') return value === 't' ? 'true' : 'false'
  if (name === 'int4' && value !== '-2147483648') return value
  return `${printString(value)}::${TYPES[name].sql}`
}

/** What an expression may name: its text, and what is known of its values. */
export interface Column {
  readonly sql: string
  readonly type: TypeName
  readonly tame: boolean
  /** An aggregate or an expression of its level: subqueries must not name it. */
  readonly local?: boolean
}
