// Comparison of the types whose order is written down in core/order.ts: numeric, interval, timetz, jsonb, ranges,
// arrays, rows.
//
// Arrays and rows must know their elements' types, hence `forTypes`. A row comparison follows record_cmp and array_cmp:
// NULLs inside compare as equal and last (unlike `ROW(a, b) = ROW(c, d)` written with row constructors, which the
// binder takes apart).

import { compareSql } from '../../core/order.ts'
import { multirangeKinds, rangeKinds } from '../../core/range.ts'
import type { MultirangeKind, RangeKind, SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import { strictByType } from '../polymorphic.ts'
import type { ScalarFunction } from '../registry.ts'
import { inlineMantissas } from './inline.ts'
import { answerOf, type Comparable, comparisonsOf, type Operator } from './operators.ts'

const byOrder =
  (type: SqlType) =>
  (a: SqlValue, b: SqlValue): number =>
    compareSql(type, a, b)

type OrderedKind = 'numeric' | 'timetz' | 'interval' | 'jsonb' | RangeKind | MultirangeKind

const ofKind = (kind: OrderedKind, below: string, above: string): Comparable => ({
  left: kind,
  right: kind,
  compare: byOrder({ kind }),
  below,
  above,
})

const types: readonly Comparable[] = [
  { ...ofKind('numeric', '1.50', "'NaN'::numeric"), inline: inlineMantissas },
  ofKind('timetz', "timetz '10:00+02'", "timetz '09:00+00'"),
  ofKind('interval', "interval '29 days'", "interval '1 month'"),
  ofKind('jsonb', "'[1]'::jsonb", "'[1, 2]'::jsonb"),
  ...rangeKinds.map((kind) => ofKind(kind, `'empty'::${kind}`, `'(,)'::${kind}`)),
  ...multirangeKinds.map((kind) => ofKind(kind, `'{}'::${kind}`, `'{(,)}'::${kind}`)),
]

/** The types of both sides are the same but for modifiers. */
const polymorphic = (type: 'anyarray' | 'record', below: string, above: string): readonly ScalarFunction[] =>
  comparisonsOf({ left: type, right: type, compare: () => 0, below, above }).map(({ name, doc, example }) =>
    strictByType(name, [type, type], 'boolean', {
      doc,
      ...(example === undefined ? {} : { example }),
      fails: false,
      forTypes: ([left]) => answerOf(name as Operator, byOrder(left!)),
    }),
  )

export const compositeComparisons: readonly ScalarFunction[] = [
  ...types.flatMap(comparisonsOf),
  ...polymorphic('anyarray', 'array[1, 2]', 'array[1, 3]'),
  ...polymorphic('record', "row(1, 'a'::text)", "row(1, 'b'::text)"),
]
