// Bound parameters from the wire: the text or the binary form of every type, as the client says for each.

import { SqlError } from '../../src/core/error.ts'
import type { SqlType } from '../../src/core/type.ts'
import type { SqlValue } from '../../src/core/value.ts'
import { receiveBinary } from '../../src/functions/text/binary.ts'
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
    return format === 0 ? parse(types[i]!, decodeText(bytes), settings) : receiveBinary(types[i]!, bytes)
  })
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new SqlError({ code: '22021', message: 'invalid byte sequence for encoding "UTF8"' })
  }
}
