// Generated comparators of records: row with row, and row with a row of columns, by sort keys.
//
// Doubles are compared by their bits, flipped so that integer order is theirs (NaN last, no −0: both are normalised),
// so that records are read as words only, live or in a snapshot.

import type { Column, LayoutKind } from '../core/batch.ts'
import { type ColumnCode, columnCode, compiled, shapeOf, shapesKey } from '../core/codegen.ts'
import {
  compareBytes,
  compareKey,
  effectiveKeys,
  type OrderedCode,
  orderKey,
  type SortKey,
} from '../core/primitives/compare.ts'
import {
  fieldWords,
  type RecordCode,
  type RecordLayout,
  type RecordSource,
  recordCode,
  sourcePrologue,
} from './record-layout.ts'
import type { RecordStore } from './record-store.ts'

export type CompareRecords = (a: number, b: number) => number

/** Order of two live records; valid as long as the store. */
export function recordComparator(store: RecordStore, keys: readonly SortKey[]): CompareRecords {
  const { layout } = store
  type Make = (from: unknown, arenas: readonly Uint8Array[], memcmp: typeof compareBytes) => CompareRecords
  const make = compiled<Make>(`compare-records ${layout.key} ${orderKey(keys)}`, () => {
    const code = recordCode(layout)
    const tests = effectiveKeys(keys).map((key) =>
      compareKey(key, ofRecord(layout, code, key.column, 'a'), ofRecord(layout, code, key.column, 'b')),
    )
    return {
      parameters: ['from', 'arenas', 'compareBytes'],
      body: `${sourcePrologue.live}return function compare(idA, idB) {
${code.locateIn('live', 'idA', 'a')}${code.locateIn('live', 'idB', 'b')}${tests.join('')}return 0\n}`,
    }
  })
  return make(store, store.heap.arenas, compareBytes)
}

export interface RecordsFrom {
  readonly words: readonly Int32Array[]
  readonly arenas: readonly Uint8Array[]
  readonly saved?: Uint8Array | undefined
  readonly copies?: readonly Int32Array[] | undefined
}

/** Order of a record and row `row` of `columns` (one per field) by `keys`: < 0 where the record stands before. */
export function recordToRow(
  layout: RecordLayout,
  from: RecordsFrom,
  columns: readonly Column[],
  keys: readonly SortKey[],
): (id: number, row: number) => number {
  const source: RecordSource = from.saved === undefined ? 'live' : 'snapshot'
  type Make = (
    from: RecordsFrom,
    columns: readonly Column[],
    memcmp: typeof compareBytes,
  ) => (id: number, row: number) => number
  const make = compiled<Make>(
    `compare-record-row ${source} ${layout.key} ${shapesKey(columns)} ${orderKey(keys)}`,
    () => {
      const code = recordCode(layout)
      const used = effectiveKeys(keys)
      const reads = used.map(({ column }) => columnCode(`c${column}`, `columns[${column}]`, shapeOf(columns[column]!)))
      const tests = used.map((key, k) => compareKey(key, ofRecord(layout, code, key.column, ''), ofColumn(reads[k]!)))
      return {
        parameters: ['from', 'columns', 'compareBytes'],
        body: `${sourcePrologue[source]}const arenas = from.arenas
${reads.map((read) => read.prologue).join('')}return function compare(id, row) {
${code.locateIn(source, 'id')}${tests.join('')}return 0\n}`,
      }
    },
  )
  return make(from, columns, compareBytes)
}

/** Words that compare as int64: those of a double are flipped below zero. */
const comparable = (kind: LayoutKind, words: readonly string[]): readonly string[] =>
  kind === 'f64' ? [`(${words[0]} ^ (${words[1]} >> 31))`, `(${words[1]} ^ (${words[1]} >> 31 >>> 1))`] : words

function ofRecord(layout: RecordLayout, code: RecordCode, field: number, name: string): OrderedCode {
  const { kind } = layout.fields[field]!
  const words = Array.from({ length: fieldWords[kind] }, (_, k) => code.word(field, k, name))
  return {
    kind: kind === 'f64' ? 'i64' : kind,
    isNull: code.isNull(field, name),
    words: comparable(kind, words),
    bytes: `arenas[${words[0]} >>> 17], (${words[0]} & 131071) << 3, ${words[1]}`,
  }
}

function ofColumn(read: ColumnCode): OrderedCode {
  const { kind } = read.shape
  const bytes = kind === 'bytes' || kind === 'dict'
  return {
    kind: kind === 'f64' ? 'i64' : kind,
    isNull: read.isNull('row'),
    words: bytes ? [] : comparable(kind, read.words('row')),
    bytes: bytes ? `${read.arena}, ${read.offset('row')}, ${read.byteLength('row')}` : '',
  }
}
