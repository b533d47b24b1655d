// Messages that we send, written into a ByteWriter. PostgreSQL docs, "Message Formats"; "Error and Notice Message
// Fields".

import { ByteWriter } from '../../src/core/byte-writer.ts'
import type { SqlError } from '../../src/core/error.ts'
import { typeLength, typeModifier, typeOid } from '../../src/core/type-name.ts'
import type { Notice, ResultColumn } from '../../src/engine/session.ts'
import { formatOf } from './encode.ts'

/** Writes one message: its type, its length, and what `body` writes. */
export function message(into: ByteWriter, type: string, body: (into: ByteWriter) => void = () => {}): void {
  into.u8(type.charCodeAt(0))
  const at = into.length
  into.i32(0)
  body(into)
  into.putI32(at, into.length - at)
}

export function cstring(into: ByteWriter, text: string): void {
  into.utf8(text.includes('\0') ? text.replaceAll('\0', '') : text)
  into.u8(0)
}

export const authenticationOk = (into: ByteWriter): void => message(into, 'R', (body) => body.i32(0))

export const negotiateProtocol = (into: ByteWriter, minor: number, unknown: readonly string[]): void =>
  message(into, 'v', (body) => {
    body.i32(minor)
    body.i32(unknown.length)
    for (const option of unknown) cstring(body, option)
  })

export const backendKeyData = (into: ByteWriter, process: number, secret: number): void =>
  message(into, 'K', (body) => {
    body.i32(process)
    body.i32(secret)
  })

export const parameterStatus = (into: ByteWriter, name: string, value: string): void =>
  message(into, 'S', (body) => {
    cstring(body, name)
    cstring(body, value)
  })

/** Idle, in a transaction block, in a failed one. */
export const readyForQuery = (into: ByteWriter, status: 'I' | 'T' | 'E'): void =>
  message(into, 'Z', (body) => body.u8(status.charCodeAt(0)))

/** The statement ended; `tag` is for example `SELECT 3`. */
export const commandComplete = (into: ByteWriter, tag: string): void => message(into, 'C', (body) => cstring(body, tag))

export const emptyQueryResponse = (into: ByteWriter): void => message(into, 'I')
export const parseComplete = (into: ByteWriter): void => message(into, '1')
export const bindComplete = (into: ByteWriter): void => message(into, '2')
export const closeComplete = (into: ByteWriter): void => message(into, '3')
export const noData = (into: ByteWriter): void => message(into, 'n')
export const portalSuspended = (into: ByteWriter): void => message(into, 's')
export const copyDone = (into: ByteWriter): void => message(into, 'c')

export const parameterDescription = (into: ByteWriter, oids: readonly number[]): void =>
  message(into, 't', (body) => {
    body.u16(oids.length)
    for (const oid of oids) body.i32(oid)
  })

const described = new WeakMap<readonly ResultColumn[], Uint8Array>()

/** `formats` as bound: none (all text), one for all, or one a column. Columns that come again were written before. */
export function rowDescription(into: ByteWriter, columns: readonly ResultColumn[], formats: readonly number[]): void {
  if (formats.includes(1)) describeColumns(into, columns, formats)
  else into.append(described.get(columns) ?? describedInText(columns))
}

function describedInText(columns: readonly ResultColumn[]): Uint8Array {
  const writer = new ByteWriter()
  describeColumns(writer, columns, [])
  const bytes = writer.slice()
  described.set(columns, bytes)
  return bytes
}

const describeColumns = (into: ByteWriter, columns: readonly ResultColumn[], formats: readonly number[]): void =>
  message(into, 'T', (body) => {
    body.u16(columns.length)
    for (const [i, column] of columns.entries()) {
      cstring(body, column.name)
      body.i32(column.tableOid)
      body.u16(column.columnNumber)
      body.i32(typeOid(column.type))
      body.u16(typeLength(column.type) & 0xffff)
      body.i32(typeModifier(column.type))
      body.u16(formatOf(formats, i))
    }
  })

/** `type` 'H' for COPY TO STDOUT, 'G' for FROM STDIN; text format of every column. */
export const copyResponse = (into: ByteWriter, type: 'G' | 'H', columns: number): void =>
  message(into, type, (body) => {
    body.u8(0)
    body.u16(columns)
    for (let i = 0; i < columns; i++) body.u16(0)
  })

/** `text` is the statement, to turn the position from UTF-16 units into characters. */
export function errorResponse(into: ByteWriter, error: SqlError, severity: 'ERROR' | 'FATAL', text = ''): void {
  message(into, 'E', (body) => {
    field(body, 'S', severity)
    field(body, 'V', severity)
    field(body, 'C', error.code)
    field(body, 'M', error.message)
    field(body, 'D', error.detail)
    field(body, 'H', error.hint)
    if (error.position !== undefined) field(body, 'P', String(characters(text, error.position) + 1))
    field(body, 's', error.schema)
    field(body, 't', error.table)
    field(body, 'c', error.column)
    field(body, 'n', error.constraint)
    body.u8(0)
  })
}

export const noticeResponse = (into: ByteWriter, notice: Notice): void =>
  message(into, 'N', (body) => {
    field(body, 'S', notice.severity)
    field(body, 'V', notice.severity)
    field(body, 'C', notice.code)
    field(body, 'M', notice.message)
    field(body, 'D', notice.detail)
    field(body, 'H', notice.hint)
    body.u8(0)
  })

function field(body: ByteWriter, type: string, value: string | undefined): void {
  if (value === undefined) return
  body.u8(type.charCodeAt(0))
  cstring(body, value)
}

/** Code points in the first `units` UTF-16 units. */
function characters(text: string, units: number): number {
  let count = 0
  for (let i = 0; i < Math.min(units, text.length); i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0xdc00 || unit > 0xdfff) count++
  }
  return count
}
