import { AssertionError } from './assert.ts'
import type { SqlType } from './type.ts'
import type { SqlValue } from './value.ts'

/** SQL's order of two values of one type, NULL last: 0 iff equal for GROUP BY (NULL = NULL). */
export function compareSql(_type: SqlType, _a: SqlValue, _b: SqlValue): number {
  throw new AssertionError('compareSql')
}

/** The canonical total order: SQL's, ties broken by identity; 0 iff the same value to the last shown digit. */
export function compareCanonical(_type: SqlType, _a: SqlValue, _b: SqlValue): number {
  throw new AssertionError('compareCanonical')
}

/** `a = b`, both not NULL. */
export const sqlEquals = (type: SqlType, a: SqlValue, b: SqlValue): boolean => compareSql(type, a, b) === 0

export const sameIdentity = (type: SqlType, a: SqlValue, b: SqlValue): boolean => compareCanonical(type, a, b) === 0
