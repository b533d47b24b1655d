// Binary forms: they read back, and they are PostgreSQL's own bytes.

import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/core/byte-writer.ts'
import { SqlError } from '../../../src/core/error.ts'
import { sameIdentity } from '../../../src/core/order.ts'
import type { SqlType } from '../../../src/core/type.ts'
import { typeName } from '../../../src/core/type-name.ts'
import type { SqlValue } from '../../../src/core/value.ts'
import { receiveBinary, sendBinary } from '../../../src/functions/text/binary.ts'
import { defaultTextSettings } from '../../../src/functions/text/settings.ts'
import { parse, print } from '../../../src/functions/text/text.ts'
import { anyValue, bytesTypes } from '../../core/encoding/any-value.ts'
import { inputs } from './inputs.ts'
import { connectPostgres } from './postgres.ts'

type NotNull = Exclude<SqlValue, null>

const settings = defaultTextSettings(() => 1_700_000_000_000_000n)

function sent(type: SqlType, value: NotNull): Uint8Array {
  const writer = new ByteWriter(1)
  sendBinary(type, value, writer)
  return writer.slice()
}

/** Beyond PostgreSQL's range a date or timestamp is refused. */
const isRefused = (error: unknown): boolean => error instanceof SqlError && error.code === '22008'

describe.each(bytesTypes.map((type) => [typeName(type), type] as const))('%s', (_name, type) => {
  test('receiveBinary(sendBinary(v)) = v', () => {
    fc.assert(
      fc.property(anyValue(type), (value) => {
        const bytes = sent(type, value)
        let back: NotNull
        try {
          back = receiveBinary(type, bytes)
        } catch (error) {
          fc.pre(!isRefused(error))
          throw error
        }
        expect(back).toEqual(value)
      }),
    )
  })

  test('what is cut short is an error of the client, never a crash', () => {
    fc.assert(
      fc.property(anyValue(type), fc.nat(), (value, cut) => {
        const bytes = sent(type, value)
        try {
          receiveBinary(type, bytes.subarray(0, cut % (bytes.length + 1)))
        } catch (error) {
          expect(error).toBeInstanceOf(SqlError)
        }
      }),
      { numRuns: 50 },
    )
  })
})

const postgres = await connectPostgres()
afterAll(() => postgres?.close())

const sendFunctions: readonly (readonly [string, string, SqlType])[] = [
  ['boolean', 'boolsend', { kind: 'boolean' }],
  ['smallint', 'int2send', { kind: 'int2' }],
  ['integer', 'int4send', { kind: 'int4' }],
  ['bigint', 'int8send', { kind: 'int8' }],
  ['real', 'float4send', { kind: 'float4' }],
  ['double precision', 'float8send', { kind: 'float8' }],
  ['numeric', 'numeric_send', { kind: 'numeric' }],
  ['text', 'textsend', { kind: 'text' }],
  ['bytea', 'byteasend', { kind: 'bytea' }],
  ['uuid', 'uuid_send', { kind: 'uuid' }],
  ['jsonb', 'jsonb_send', { kind: 'jsonb' }],
  ['date', 'date_send', { kind: 'date' }],
  ['time', 'time_send', { kind: 'time' }],
  ['timetz', 'timetz_send', { kind: 'timetz' }],
  ['timestamp', 'timestamp_send', { kind: 'timestamp' }],
  ['interval', 'interval_send', { kind: 'interval' }],
  ['integer[]', 'array_send', { kind: 'array', element: { kind: 'int4' } }],
  ['text[]', 'array_send', { kind: 'array', element: { kind: 'text' } }],
]

describe.skipIf(postgres === undefined)('as PostgreSQL', () => {
  test.each(sendFunctions)('%s', async (name, send, type) => {
    await postgres!.run("SET timezone = 'UTC'")
    const texts = inputs[name]!.filter((text) => readable(type, text))
    const expected = await postgres!.ask(`${send}($1::${name})`, texts)
    const got = texts.map((text) => {
      const bytes = sent(type, parse(type, text, settings))
      return print({ kind: 'bytea' }, bytes, settings)
    })
    expect(texts.map((text, i) => [text, got[i]])).toEqual(texts.map((text, i) => [text, expected[i]]))
  })
})

function readable(type: SqlType, text: string): boolean {
  if (text.includes('now')) return false
  try {
    return sameIdentity(type, parse(type, text, settings), parse(type, text, settings))
  } catch {
    return false
  }
}
