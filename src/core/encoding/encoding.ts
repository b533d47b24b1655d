import type { ByteWriter } from '../byte-writer.ts'
import { AssertionError } from '../assert.ts'
import type { SqlType } from '../type.ts'
import type { SqlValue } from '../value.ts'

/** Appends the canonical bytes of a value (not NULL) of a type whose columns are of kind bytes. */
export function encode(_type: SqlType, _value: Exclude<SqlValue, null>, _into: ByteWriter): void {
  throw new AssertionError('encode')
}

/** The value of canonical bytes. */
export function decode(_type: SqlType, _bytes: Uint8Array, _offset: number, _length: number): SqlValue {
  throw new AssertionError('decode')
}

/** Whether `=` and identity differ for this type: then equality looks at the first `equalityLength` bytes only. */
export function equalityIsPrefix(_type: SqlType): boolean {
  throw new AssertionError('equalityIsPrefix')
}

/** How many of the leading bytes decide `=`, GROUP BY and joins; the rest is identity only. */
export function equalityLength(_type: SqlType, _bytes: Uint8Array, _offset: number, _length: number): number {
  throw new AssertionError('equalityLength')
}
