// What the oracles share: values of expressions over plain rows, errors as they are counted, ordered partitions.

import { batchFromRows } from '../../src/core/convert.ts'
import { SqlError } from '../../src/core/error.ts'
import { compareCanonical, compareSql } from '../../src/core/order.ts'
import type { Schema } from '../../src/core/schema.ts'
import type { SqlValue } from '../../src/core/value.ts'
import { closure } from '../../src/executor/expr/closures.ts'
import type { Expr } from '../../src/planner/expr.ts'
import type { SortKey } from '../../src/planner/physical.ts'
import { testRegion } from './columns.ts'
import { environment } from './plans.ts'
import { type Row, rowText, type ZSet } from './zset.ts'

export type Fail = (message: string, weight: number) => void

export const evaluated = (expr: Expr, schema: Schema, row: Row): SqlValue =>
  closure(expr, environment)(batchFromRows(schema, [row], testRegion()), 0)

/** The value, or undefined after the error was counted. */
export function attempt<T>(weight: number, fail: Fail, compute: () => T): T | undefined {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    fail(`${error.code} ${error.message}`, weight)
    return undefined
  }
}

/** Rows of one partition in order, each copy apart. */
export function orderedCopies(
  schema: Schema,
  rows: readonly (readonly [Row, number])[],
  order: readonly SortKey[],
): Row[] {
  const compare = (a: Row, b: Row): number => compareKeys(schema, order, a, b) || compareWhole(schema, a, b)
  return [...rows].sort(([a], [b]) => compare(a, b)).flatMap(([row, weight]) => new Array<Row>(weight).fill(row))
}

export function compareKeys(schema: Schema, order: readonly SortKey[], a: Row, b: Row): number {
  for (const key of order) {
    const [x, y] = [a[key.column]!, b[key.column]!]
    if (x === null && y === null) continue
    if (x === null || y === null) return (x === null) === key.nullsFirst ? -1 : 1
    const sign = compareSql(schema[key.column]!.type, x, y)
    if (sign !== 0) return key.descending ? -sign : sign
  }
  return 0
}

const compareWhole = (schema: Schema, a: Row, b: Row): number => {
  for (const [i, def] of schema.entries()) {
    const [x, y] = [a[i]!, b[i]!]
    if (x === null && y === null) continue
    if (x === null || y === null) return x === null ? 1 : -1
    const sign = compareCanonical(def.type, x, y)
    if (sign !== 0) return sign
  }
  return 0
}

/** Partitions by their columns; NULLs are one key. */
export const partitions = (input: ZSet, columns: readonly number[]): Map<string, (readonly [Row, number])[]> =>
  Map.groupBy(input.rows, ([row]) => rowText(columns.map((column) => row[column]!)))
