// Functions that only plans call, never users: they have no name in SQL.

import { ByteWriter } from '../core/byte-writer.ts'
import { encode, equalityIsPrefix, equalityLength } from '../core/encoding/encoding.ts'
import type { ColumnDef } from '../core/schema.ts'
import type { SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import { lenient, type ScalarFunction, strict } from '../functions/registry.ts'
import { moreThanOneRow } from './errors.ts'
import type { Expr } from './expr.ts'
import { call } from './expr-build.ts'

const bytea: SqlType = { kind: 'bytea' }

/**
 * Values of the column can be equal without being identical: 1.5 and 1.50 where no scale is declared, '1 month' and
 * '30 days'. NUMERIC of known scale is a mantissa: there equality is identity.
 */
export const needsEqualityForm = (def: Pick<ColumnDef, 'type' | 'physical'>): boolean =>
  def.physical.kind === 'bytes' && equalityIsPrefix(def.type)

/** Bytes that are the same for values that are equal under `=`, and only for those: what operators compare keys by. */
export const equalityForm = (expr: Expr): Expr => call(equalityFormOf(expr.type), [expr], bytea, expr.position)

const equalityFormOf = (type: SqlType): ScalarFunction =>
  strict('equality_form', [type.kind], 'bytea', {
    doc: 'The part of a value that equality sees.',
    fails: false,
    evaluate: (value: Exclude<SqlValue, null>) => {
      const writer = new ByteWriter()
      encode(type, value, writer)
      return writer.bytes.slice(0, equalityLength(type, writer.bytes, 0, writer.length))
    },
  })

/** The value of a scalar subquery from (value, number of rows); 21000 where there are several. */
export const onlyValue = (value: Expr, count: Expr): Expr => ({
  ...call(onlyValueOf, [value, count], value.type, value.position),
  physical: value.physical,
})

const onlyValueOf = lenient('only_value', ['any', 'int8'], (args) => args[0]!, {
  doc: 'The first argument; an error if the second is above 1.',
  physical: ([physical]) => physical!,
  evaluate: (value: SqlValue, count: bigint | null) => {
    if (count !== null && count > 1n) throw moreThanOneRow()
    return value
  },
})

/** The later of two iterations of a recursion. */
export const later: ScalarFunction = strict('later', ['int4', 'int4'], 'int4', {
  doc: 'The greater of two numbers.',
  fails: false,
  evaluate: (a: number, b: number) => Math.max(a, b),
})
