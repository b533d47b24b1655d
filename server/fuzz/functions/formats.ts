// Text and binary formats of every type against PostgreSQL: what a literal reads as and shows as, the bytes that are
// sent, and that both forms read back.

import { ByteWriter } from '../../../src/core/byte-writer.ts'
import { SqlError } from '../../../src/core/error.ts'
import { sameIdentity } from '../../../src/core/order.ts'
import type { SqlType } from '../../../src/core/type.ts'
import { receiveBinary, sendBinary } from '../../../src/functions/text/binary.ts'
import { parse, print } from '../../../src/functions/text/text.ts'
import { type Call, shown, typeWord } from './calls.ts'
import { testContext } from './context.ts'
import { literalOf, literalTypes } from './literals.ts'

/** Functions that PostgreSQL sends values by, where they are not named after the type. */
const senders: Readonly<Record<string, string>> = {
  boolean: 'boolsend',
  bit: 'bit_send',
  varbit: 'varbit_send',
  bpchar: 'bpcharsend',
  json: 'json_send',
  jsonb: 'jsonb_send',
  jsonpath: 'jsonpath_send',
  uuid: 'uuid_send',
  date: 'date_send',
  time: 'time_send',
  timetz: 'timetz_send',
  timestamp: 'timestamp_send',
  timestamptz: 'timestamptz_send',
  interval: 'interval_send',
  numeric: 'numeric_send',
}

function senderOf({ kind }: SqlType): string {
  if (kind === 'array') return 'array_send'
  if (kind.endsWith('multirange')) return 'multirange_send'
  return kind.endsWith('range') ? 'range_send' : (senders[kind] ?? `${kind}send`)
}

const typeOf = (name: string): SqlType =>
  name.endsWith('[]') ? { kind: 'array', element: { kind: name.slice(0, -2) } as SqlType } : ({ kind: name } as SqlType)

/** The text and the bytes of `count` literals of each type. */
export function formatCalls(count: number, random: () => number): readonly Call[] {
  return literalTypes.flatMap((name) =>
    Array.from({ length: count }).flatMap(() => {
      const text = literalOf(name, random)
      const type = typeOf(name)
      const literal = `'${text.replaceAll("'", "''")}'::${name.endsWith('[]') ? name : typeWord(type)}`
      return [
        { sql: literal, ours: textOf(type, text) },
        { sql: `encode(${senderOf(type)}(${literal}), 'hex')`, ours: bytesOf(type, text) },
      ]
    }),
  )
}

const failed = (error: unknown): string =>
  error instanceof SqlError ? `ERROR ${error.code}` : `CRASH ${String(error)}`

function textOf(type: SqlType, text: string): string {
  try {
    const value = parse(type, text, testContext.text)
    const again = parse(type, print(type, value, testContext.text), testContext.text)
    return sameIdentity(type, value, again) ? shown(type, value) : 'does not read back from its text'
  } catch (error) {
    return failed(error)
  }
}

function bytesOf(type: SqlType, text: string): string {
  try {
    const value = parse(type, text, testContext.text)
    const into = new ByteWriter(64)
    sendBinary(type, value, into)
    const bytes = into.bytes.slice(0, into.length)
    return sameIdentity(type, value, receiveBinary(type, bytes))
      ? Buffer.from(bytes).toString('hex')
      : 'does not read back from its bytes'
  } catch (error) {
    return failed(error)
  }
}
