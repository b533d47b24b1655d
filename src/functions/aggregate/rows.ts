// Walking the weighted rows of a group as if every copy stood for itself.

import { SqlError } from '../../core/error.ts'
import type { SqlValue } from '../../core/value.ts'
import type { WeightedRow } from '../registry.ts'

/** Text, arrays and JSON that an aggregate builds: at most this many characters or elements (operators spec §5). */
export const RESULT_MAX = 64 * 1024 * 1024

export const resultTooLarge = (name: string): SqlError =>
  new SqlError({ code: '54000', message: `result of ${name} exceeds the maximum allowed size` })

/** Each copy of each row. */
export function* copies(rows: Iterable<WeightedRow>): Generator<readonly SqlValue[], void> {
  for (const { values, weight } of rows) for (let left = weight; left > 0n; left--) yield values
}

export interface Counted {
  readonly value: SqlValue
  readonly weight: bigint
}

/** The first values with their weights, and the number of rows in all. */
export function counted(rows: Iterable<WeightedRow>): { readonly values: readonly Counted[]; readonly total: bigint } {
  const values: Counted[] = []
  let total = 0n
  for (const { values: row, weight } of rows) {
    values.push({ value: row[0]!, weight })
    total += weight
  }
  return { values, total }
}

/** The value at a position from 0, in the rows' order. */
export function valueAtPosition(values: readonly Counted[], position: bigint): SqlValue {
  let passed = 0n
  for (const { value, weight } of values) {
    passed += weight
    if (position < passed) return value
  }
  return null
}
