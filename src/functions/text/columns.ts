import { AssertionError } from '../../core/assert.ts'
import type { Column } from '../../core/batch.ts'
import type { ByteWriter } from '../../core/byte-writer.ts'
import type { ColumnDef } from '../../core/schema.ts'
import type { TextSettings } from './settings.ts'

/** Appends the text of one row's value (not NULL) of a column. */
export type AppendText = (column: Column, row: number, into: ByteWriter) => void

export function textAppender(_def: ColumnDef, _settings: TextSettings): AppendText {
  throw new AssertionError('textAppender')
}
