// A time as a row of an ordered index's columns, to look for its place: only the time column is compared.

import { type Column, i32Column, i64Column } from '../../core/batch.ts'
import type { Schema } from '../../core/schema.ts'

/** A row with this time in `column`; what stands in the other columns is not read. */
export function timeProbe(schema: Schema, column: number, time: bigint): readonly Column[] {
  const unread = i32Column(new Int32Array(1))
  const isNarrow = schema[column]!.physical.kind === 'i32'
  const probe = isNarrow ? i32Column(Int32Array.of(Number(time))) : i64Column(BigInt64Array.of(time))
  return schema.map((_, i) => (i === column ? probe : unread))
}
