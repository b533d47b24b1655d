// Records through the JSON format: payloads packed into one buffer, rows and reasons out.

import { jsonFormat } from '../../../src/connectors/format/json.ts'
import type { SourceColumn, SourceDefinition } from '../../../src/connectors/source.ts'
import { batchOf } from '../../../src/core/batch.ts'
import { rowsOfBatch } from '../../../src/core/convert.ts'
import { columnDef } from '../../../src/core/schema.ts'
import type { SqlType } from '../../../src/core/type.ts'
import type { SqlValue } from '../../../src/core/value.ts'
import { testRegion } from '../../support/columns.ts'

export const column = (name: string, type: SqlType | SqlType['kind'], nullable = true): SourceColumn => ({
  name,
  type: (typeof type === 'string' ? { kind: type } : type) as SqlType,
  nullable,
  include: undefined,
})

export const definitionOf = (options: Readonly<Record<string, string>> = {}): SourceDefinition => ({
  name: 's',
  columns: [],
  connector: 'kafka',
  options: {},
  format: { name: 'plain', options: {} },
  encode: { name: 'json', options },
})

export interface Outcome {
  readonly rows: readonly (readonly SqlValue[])[]
  readonly bad: readonly (readonly [payload: number, reason: string])[]
}

/** null: a record without a value. Each lies between bytes that belong to nobody. */
export function decodeAll(
  columns: readonly SourceColumn[],
  records: readonly (string | Uint8Array | null)[],
  options: { readonly wanted?: readonly number[]; readonly encode?: Readonly<Record<string, string>> } = {},
): Outcome {
  const wanted = options.wanted ?? columns.map((_, i) => i)
  const texts = records.map((record) => Buffer.from(record ?? ''))
  const start = new Int32Array(records.length)
  let at = 1
  for (const [i, text] of texts.entries()) {
    start[i] = at
    at += text.length + 1
  }
  const bytes = new Uint8Array(at).fill(0x31)
  for (const [i, text] of texts.entries()) bytes.set(text, start[i])
  const length = Int32Array.from(texts, (text, i) => (records[i] === null ? -1 : text.length))
  const decoder = jsonFormat(columns, definitionOf(options.encode))
  const decoded = decoder.decode({ count: records.length, bytes, start, length }, wanted, testRegion())
  const schema = wanted.map((i) => columnDef(columns[i]!.name, columns[i]!.type))
  return {
    rows: rowsOfBatch(schema, batchOf(records.length - decoded.bad.length, decoded.columns)),
    bad: decoded.bad.map(({ payload, reason }) => [payload, reason]),
  }
}
