// Comparison of the types whose JavaScript values order themselves: booleans, integers, floats, text, bytes, times.
//
// Numbers and BigInts of different widths compare exactly in JavaScript. Text compares by code point, which UTF-16
// units do not, hence core's own comparison.

import { compareBytes, compareFloats, compareText } from '../../core/order.ts'
import { type ParameterType, type ScalarFunction, strict } from '../registry.ts'
import { withoutTrailingBlanks } from '../string/blanks.ts'
import { inlineBytes, inlineFloats, inlineIntegers } from './inline.ts'
import { type Comparable, comparisonsOf } from './operators.ts'

const compareNumbers = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : a > b ? 1 : 0)

const compareBooleans = (a: boolean, b: boolean): number => Number(a) - Number(b)

const comparePadded = (a: string, b: string): number => compareText(withoutTrailingBlanks(a), withoutTrailingBlanks(b))

/** `===` and `<` say it all: integers, dates, times. */
const direct = {
  '=': (a: unknown, b: unknown) => a === b,
  '<>': (a: unknown, b: unknown) => a !== b,
}

const identical = (type: ParameterType, below: string, above: string): Comparable => ({
  left: type,
  right: type,
  compare: compareNumbers,
  below,
  above,
  direct,
  inline: inlineIntegers,
})

const integerPair = (left: ParameterType, right: ParameterType): Comparable =>
  left === right
    ? identical(left, '1', '2')
    : { left, right, compare: compareNumbers, below: '1', above: '2', inline: inlineIntegers }

const integers = ['int2', 'int4', 'int8'] as const
const floats = ['float4', 'float8'] as const

const textLiteral = (text: string, left: ParameterType, right: ParameterType): string =>
  left === right && left !== 'text' ? `'${text}'::${sqlName(left)}` : `'${text}'`

const textual = (
  left: ParameterType,
  right: ParameterType,
  below = textLiteral('a', left, right),
  above = textLiteral('b', left, right),
): Comparable => ({
  left,
  right,
  compare: compareText,
  below,
  above,
  direct,
  inline: inlineBytes,
})

const sqlName = (type: ParameterType): string => (type === 'char' ? '"char"' : type)

const binary = (type: ParameterType, below: string, above: string): Comparable => ({
  left: type,
  right: type,
  compare: compareBytes,
  below,
  above,
  inline: inlineBytes,
})

const types: readonly Comparable[] = [
  {
    left: 'boolean',
    right: 'boolean',
    compare: compareBooleans,
    below: 'false',
    above: 'true',
    inline: inlineIntegers,
  },
  ...integers.flatMap((left) => integers.map((right) => integerPair(left, right))),
  ...floats.flatMap((left) =>
    floats.map(
      (right): Comparable => ({
        left,
        right,
        compare: compareFloats,
        below: `'1.5'::${left}`,
        above: `'NaN'::${left}`,
        inline: inlineFloats,
      }),
    ),
  ),
  textual('text', 'text'),
  textual('name', 'name'),
  textual('name', 'text'),
  textual('text', 'name'),
  { left: 'char', right: 'char', compare: compareText, below: `'a'::"char"`, above: `'b'::"char"` },
  { left: 'bpchar', right: 'bpchar', compare: comparePadded, below: "'a '::char(2)", above: "'b'::char(1)" },
  binary('bytea', "'\\x01'::bytea", "'\\x0100'::bytea"),
  binary('uuid', "'00000000-0000-0000-0000-000000000001'::uuid", "'00000000-0000-0000-0000-000000000002'::uuid"),
  textual('bit', 'bit', "B'01'", "B'1'"),
  textual('varbit', 'varbit', "B'01'::varbit", "B'1'::varbit"),
  { ...identical('oid', '1::oid', '4294967295::oid'), inline: inlineFloats },
  identical('date', "date '2024-01-01'", "date '2024-01-02'"),
  identical('time', "time '10:00'", "time '10:00:00.000001'"),
  identical('timestamp', "timestamp '2024-01-01 10:00'", "timestamp 'infinity'"),
  identical('timestamptz', "timestamptz '2024-01-01 10:00+00'", "timestamptz '2024-01-01 10:00-01'"),
]

/** Values of an enumerated type are places in its order (core/enum-labels.ts). */
const enums: readonly ScalarFunction[] = comparisonsOf({
  left: 'anyenum',
  right: 'anyenum',
  compare: compareNumbers,
  below: '',
  above: '',
  direct,
  inline: inlineFloats,
}).map((entry) => ({ ...entry, example: undefined }))

/** What PostgreSQL's catalog calls the operators of booleans; some other systems' users call them by that name. */
const named: readonly ScalarFunction[] = [
  strict('booleq', ['boolean', 'boolean'], 'boolean', {
    doc: 'Whether the two are the same: the function of the operator `=`.',
    example: 'booleq(true, false) = false',
    fails: false,
    evaluate: (a: boolean, b: boolean) => a === b,
  }),
  strict('boolne', ['boolean', 'boolean'], 'boolean', {
    doc: 'Whether the two differ: the function of the operator `<>`.',
    example: 'boolne(true, false)',
    fails: false,
    evaluate: (a: boolean, b: boolean) => a !== b,
  }),
]

export const simpleComparisons: readonly ScalarFunction[] = [...types.flatMap(comparisonsOf), ...enums, ...named]
