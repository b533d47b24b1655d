// The integer types, and the range checks that raise PostgreSQL's error 22003 for each of them.

import { outOfRange } from '../../core/error.ts'

export type IntegerKind = 'int2' | 'int4' | 'int8'

const words = { int2: 'smallint', int4: 'integer', int8: 'bigint' } as const
export const integerKinds = ['int2', 'int4', 'int8'] as const

/** 22003 in the words of the type. */
export const integerOutOfRange = (kind: IntegerKind): Error => outOfRange(words[kind])

export function toInt2(value: number): number {
  if (value >= -32768 && value <= 32767) return value
  throw integerOutOfRange('int2')
}

export function toInt4(value: number): number {
  if (value >= -2147483648 && value <= 2147483647) return value
  throw integerOutOfRange('int4')
}

export function toInt8(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value
  throw integerOutOfRange('int8')
}
