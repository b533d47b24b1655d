// Columns into the fields of records: the texts that lookups and writers share, and the plain loop `writeRecords`.
//
// A NULL is a null bit, and zero words behind it. Where heap values are overwritten the caller is asked to drop them.

import type { Column } from '../core/batch.ts'
import { type ColumnCode, columnCode, compiled, type Source, shapeOf, shapesKey } from '../core/codegen.ts'
import { type ByteHeap, putBytes } from './byte-heap.ts'
import { fieldWords, type RecordCode, type RecordLayout, recordCode } from './record-layout.ts'
import type { RecordStore } from './record-store.ts'

/**
 * Text of statements that write row `row` of `column` into `field` of the located record. In scope: `heap`, `putBytes`,
 * `id`. `fresh`: the null bit is known to be clear.
 */
export function storeValue(
  code: RecordCode,
  layout: RecordLayout,
  field: number,
  column: ColumnCode,
  row: string,
  fresh: boolean,
): string {
  const { kind, nullable } = layout.fields[field]!
  // The length last: a record whose value could not be stored has none.
  const words =
    kind === 'bytes'
      ? `{ const length = ${column.byteLength(row)}
  ${code.word(field, 0)} = putBytes(heap, ${column.arena}, ${column.offset(row)}, length, id)
  ${code.word(field, 1)} = length }\n`
      : column
          .words(row)
          .map((word, k) => `${code.word(field, k)} = ${word}\n`)
          .join('')
  const value = `${fresh || !nullable ? '' : code.clearNull(field)}${words}`
  if (!column.shape.nulls) return value
  const zeros = Array.from({ length: fieldWords[kind] }, (_, k) => `${code.word(field, k)} = 0\n`)
  const missing = nullable ? code.setNull(field) : "throw new Error('NULL in a column that cannot be NULL')\n"
  return `if (${column.isNull(row)}) { ${missing}${zeros.join('')} } else { ${value} }\n`
}

type Compiled = (
  words: readonly Int32Array[],
  ids: Int32Array,
  length: number,
  columns: readonly Column[],
  rows: Int32Array | undefined,
  heap: ByteHeap,
  put: typeof putBytes,
  drop: DropValue | undefined,
) => void

/** Frees the heap value of a bytes field, if nothing else refers to it, and empties the field. */
export type DropValue = (field: number, id: number) => void

/**
 * Writes row `rows[i]` (absent: i) of `columns` into `fields` of record `ids[i]`, −1 skipped. Records must be guarded;
 * without `drop` they were just allocated.
 */
export function writeRecords(
  store: RecordStore,
  fields: readonly number[],
  ids: Int32Array,
  length: number,
  columns: readonly Column[],
  options: { readonly drop?: DropValue; readonly rows?: Int32Array | undefined } = {},
): void {
  const chosen = options.rows !== undefined
  const fresh = options.drop === undefined
  const kind = `${fresh ? 'fresh' : 'over'}${chosen ? ' rows' : ''}`
  const key = `write ${kind} ${store.layout.key} ${fields.join()} ${shapesKey(columns)}`
  const run = compiled<Compiled>(key, () => writeSource(store.layout, fields, columns, fresh, chosen))
  run(store.words, ids, length, columns, options.rows, store.heap, putBytes, options.drop)
}

function writeSource(
  layout: RecordLayout,
  fields: readonly number[],
  columns: readonly Column[],
  fresh: boolean,
  chosen: boolean,
): Source {
  const code = recordCode(layout)
  const reads = columns.map((column, k) => columnCode(`c${k}`, `columns[${k}]`, shapeOf(column)))
  const writes = fields.map((field, k) => {
    const drops = !fresh && layout.fields[field]!.kind === 'bytes'
    const drop = drops ? `if (${code.word(field, 1)} !== 0) drop(${field}, id)\n` : ''
    return drop + storeValue(code, layout, field, reads[k]!, 'row', fresh)
  })
  return {
    parameters: ['words', 'ids', 'length', 'columns', 'rows', 'heap', 'putBytes', 'drop'],
    body: `${reads.map((read) => read.prologue).join('')}
for (let i = 0; i < length; i++) {
  const id = ids[i]
  if (id < 0) continue
  const row = ${chosen ? 'rows[i]' : 'i'}
  ${code.locateIn('live', 'id')}${writes.join('')}}`,
  }
}
