// Result rows as DataRow messages and as COPY lines: from columns to bytes, without JavaScript values in between.

import type { Batch } from '../../src/core/batch.ts'
import type { ByteWriter } from '../../src/core/byte-writer.ts'
import { ByteWriter as Writer } from '../../src/core/byte-writer.ts'
import { valueAt } from '../../src/core/convert.ts'
import type { ColumnDef, Schema } from '../../src/core/schema.ts'
import type { CopyFormat } from '../../src/engine/session.ts'
import { sendBinary } from '../../src/functions/text/binary.ts'
import { type AppendText, textAppender } from '../../src/functions/text/columns.ts'
import type { TextSettings } from '../../src/functions/text/settings.ts'

/** Appends each row of a batch as a DataRow message; `encoders[i]` writes column i. */
export function dataRows(batch: Batch, encoders: readonly AppendText[], into: ByteWriter): void {
  const { columns, length } = batch
  for (let row = 0; row < length; row++) {
    into.u8(0x44)
    const head = into.length
    into.i32(0)
    into.u16(encoders.length)
    for (let i = 0; i < encoders.length; i++) {
      const column = columns[i]!
      if (column.nulls !== undefined && column.nulls[row] !== 0) {
        into.i32(-1)
        continue
      }
      const at = into.length
      into.i32(0)
      encoders[i]!(column, row, into)
      into.putI32(at, into.length - at - 4)
    }
    into.putI32(head, into.length - head)
  }
}

interface Made {
  readonly settings: TextSettings
  readonly encoders: readonly AppendText[]
}

const made = new WeakMap<Schema, Made>()

/** Made once for a result's schema, as long as the settings are the same object. */
export function textEncoders(schema: Schema, settings: TextSettings): readonly AppendText[] {
  const before = made.get(schema)
  if (before?.settings === settings) return before.encoders
  const encoders = schema.map((column) => textAppender(column, settings))
  made.set(schema, { settings, encoders })
  return encoders
}

/** Encoders for a portal: `formats` are none (all text), one for all, or one a column; 0 is text, 1 binary. */
export function rowEncoders(schema: Schema, settings: TextSettings, formats: readonly number[]): readonly AppendText[] {
  const text = textEncoders(schema, settings)
  if (!formats.includes(1)) return text
  return schema.map((column, i) => (formatOf(formats, i) === 1 ? binaryAppender(column) : text[i]!))
}

export const formatOf = (formats: readonly number[], column: number): number =>
  (formats.length === 1 ? formats[0] : formats[column]) ?? 0

/** Binary is for drivers that ask for it, by value: what streams goes as text. */
const binaryAppender =
  (def: ColumnDef): AppendText =>
  (column, row, into) => {
    const value = valueAt(def, column, row)
    if (value !== null) sendBinary(def.type, value, into)
  }

/** Appends rows as CopyData messages, one a row. */
export class CopyEncoder {
  readonly #encoders: readonly AppendText[]
  readonly #format: CopyFormat
  readonly #field = new Writer(256)

  constructor(schema: Schema, settings: TextSettings, format: CopyFormat) {
    this.#encoders = textEncoders(schema, settings)
    this.#format = format
  }

  header(schema: Schema, into: ByteWriter): void {
    if (!this.#format.header) return
    this.#line(into, (line) => {
      schema.forEach((column, i) => {
        if (i > 0) line.utf8(this.#format.delimiter)
        this.#field.clear()
        this.#field.utf8(column.name)
        this.#write(line)
      })
    })
  }

  rows(batch: Batch, into: ByteWriter): void {
    for (let row = 0; row < batch.length; row++) this.#line(into, (line) => this.#row(batch, row, line))
  }

  #line(into: ByteWriter, write: (into: ByteWriter) => void): void {
    into.u8(0x64)
    const at = into.length
    into.i32(0)
    write(into)
    into.u8(10)
    into.putI32(at, into.length - at)
  }

  #row(batch: Batch, row: number, into: ByteWriter): void {
    for (let i = 0; i < this.#encoders.length; i++) {
      if (i > 0) into.utf8(this.#format.delimiter)
      const column = batch.columns[i]!
      if (column.nulls !== undefined && column.nulls[row] !== 0) {
        into.utf8(this.#format.null)
        continue
      }
      this.#field.clear()
      this.#encoders[i]!(column, row, this.#field)
      this.#write(into)
    }
  }

  /** The field's text, escaped as the format asks. */
  #write(into: ByteWriter): void {
    if (this.#format.name === 'csv') writeCsv(this.#field, this.#format, into)
    else writeCopyText(this.#field, this.#format.delimiter.charCodeAt(0), into)
  }
}

const escapes: Readonly<Record<number, number>> = { 8: 98, 9: 116, 10: 110, 11: 118, 12: 102, 13: 114, 92: 92 }

function writeCopyText(field: Writer, delimiter: number, into: ByteWriter): void {
  const { bytes, length } = field
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!
    const escaped = byte <= 92 ? escapes[byte] : undefined
    if (escaped !== undefined) {
      into.u8(92)
      into.u8(escaped)
    } else if (byte === delimiter) {
      into.u8(92)
      into.u8(byte)
    } else into.u8(byte)
  }
}

function writeCsv(field: Writer, format: CopyFormat, into: ByteWriter): void {
  const { bytes, length } = field
  const quote = format.quote.charCodeAt(0)
  const escaping = format.escape.charCodeAt(0)
  const delimiter = format.delimiter.charCodeAt(0)
  let quoted = isNullText(field, format.null)
  for (let i = 0; i < length && !quoted; i++) {
    const byte = bytes[i]!
    quoted = byte === quote || byte === delimiter || byte === 10 || byte === 13
  }
  if (!quoted) {
    into.append(bytes, 0, length)
    return
  }
  into.u8(quote)
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!
    if (byte === quote || byte === escaping) into.u8(escaping)
    into.u8(byte)
  }
  into.u8(quote)
}

function isNullText(field: Writer, text: string): boolean {
  if (field.length !== text.length) return false
  for (let i = 0; i < text.length; i++) if (field.bytes[i] !== text.charCodeAt(i)) return false
  return true
}
