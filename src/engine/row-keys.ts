// Keys of single rows as strings, for maps within one statement: injective, NULLs told apart from values.

import type { Batch } from '../core/batch.ts'
import { ByteWriter } from '../core/byte-writer.ts'
import { valueAt } from '../core/convert.ts'
import { encode } from '../core/encoding/encoding.ts'
import type { Schema } from '../core/schema.ts'

/** Makes keys of the chosen columns of rows. */
export function rowKeys(schema: Schema, columns: readonly number[]): (batch: Batch, row: number) => string {
  const writer = new ByteWriter(64)
  return (batch, row) => {
    writer.clear()
    for (const column of columns) {
      const def = schema[column]!
      const value = valueAt(def, batch.columns[column]!, row)
      writer.u8(value === null ? 0 : 1)
      if (value === null) continue
      const at = writer.length
      writer.i32(0)
      encode(def.type, value, writer)
      writer.putI32(at, writer.length - at - 4)
    }
    return Buffer.from(writer.bytes.buffer, 0, writer.length).toString('latin1')
  }
}

/** Whether any of the columns is NULL in the row. */
export const anyNull = (batch: Batch, columns: readonly number[], row: number): boolean =>
  columns.some((column) => batch.columns[column]!.nulls?.[row] === 1)
