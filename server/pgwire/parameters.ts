// Bound parameters from the wire: text of every type, and the binary forms that drivers really send.

import { notSupported, SqlError } from '../../src/core/error.ts'
import type { SqlType } from '../../src/core/type.ts'
import { typeName } from '../../src/core/type-name.ts'
import type { SqlValue } from '../../src/core/value.ts'
import type { TextSettings } from '../../src/functions/text/settings.ts'
import { parse } from '../../src/functions/text/text.ts'
import { protocolViolation } from './framing.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `formats`: none (all text), one for all, or one a value. */
export function decodeParameters(
  values: readonly (Uint8Array | null)[],
  formats: readonly number[],
  types: readonly SqlType[],
  settings: TextSettings,
): readonly SqlValue[] {
  if (formats.length > 1 && formats.length !== values.length)
    throw protocolViolation(`bind message has ${formats.length} parameter formats but ${values.length} parameters`)
  if (values.length !== types.length)
    throw protocolViolation(
      `bind message supplies ${values.length} parameters, but prepared statement requires ${types.length}`,
    )
  return values.map((bytes, i) => {
    if (bytes === null) return null
    const format = formats.length === 0 ? 0 : formats[formats.length === 1 ? 0 : i]!
    if (format !== 0 && format !== 1)
      throw new SqlError({ code: '22023', message: `unsupported format code: ${format}` })
    return format === 0 ? parse(types[i]!, decodeText(bytes), settings) : decodeBinary(bytes, types[i]!, settings)
  })
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new SqlError({ code: '22021', message: 'invalid byte sequence for encoding "UTF8"' })
  }
}

/** µs from 1970 to 2000, PostgreSQL's epoch. */
const EPOCH_2000 = 946_684_800_000_000n
const DAYS_2000 = 10957

function decodeBinary(bytes: Uint8Array, type: SqlType, settings: TextSettings): SqlValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sized = (length: number): DataView => {
    if (bytes.length !== length) throw incorrect(type)
    return view
  }
  switch (type.kind) {
    case 'boolean':
      return sized(1).getUint8(0) !== 0
    case 'int2':
      return sized(2).getInt16(0)
    case 'int4':
      return sized(4).getInt32(0)
    case 'oid':
      return sized(4).getUint32(0)
    case 'int8':
      return sized(8).getBigInt64(0)
    case 'float4':
      return sized(4).getFloat32(0) + 0
    case 'float8':
      return sized(8).getFloat64(0) + 0
    case 'date':
      return sized(4).getInt32(0) + DAYS_2000
    case 'timestamp':
    case 'timestamptz':
      return sized(8).getBigInt64(0) + EPOCH_2000
    case 'bytea':
      return bytes
    case 'uuid':
      sized(16)
      return bytes
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'name':
    case 'json':
    case 'unknown':
      return parse(type, decodeText(bytes), settings)
    case 'jsonb':
      return parse(type, decodeText(bytes.subarray(1)), settings)
    default:
      throw notSupported(`the binary format of type ${typeName(type)}`)
  }
}

/** 22P03. */
const incorrect = (type: SqlType): SqlError =>
  new SqlError({ code: '22P03', message: `incorrect binary data format for a parameter of type ${typeName(type)}` })
