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

/**
 * Writes the prefix of a live record, low word first: an int64 that orders as the first of `keys` does, and may be
 * the same for different values: numbers as they are (beyond int64: its ends), bytes by their first eight, NULL at
 * one of the ends.
 */
export function recordPrefix(store: RecordStore, keys: readonly SortKey[]): (id: number, out: Int32Array) => void {
  const first = keys[0]
  if (first === undefined) return (_, out) => void out.fill(0)
  const { layout } = store
  type Make = (from: unknown, arenas: readonly Uint8Array[]) => (id: number, out: Int32Array) => void
  const make = compiled<Make>(`prefix ${layout.key} ${orderKey([first])}`, () => {
    const code = recordCode(layout)
    const nullWords = first.nullsFirst ? 'out[0] = 0; out[1] = -2147483648' : 'out[0] = -1; out[1] = 2147483647'
    const sign = first.descending ? '~' : ''
    return {
      parameters: ['from', 'arenas'],
      body: `${sourcePrologue.live}return function prefix(id, out) {
${code.locateIn('live', 'id')}if (${code.isNull(first.column)}) { ${nullWords}; return }
let low = 0, high = 0
${prefixWords(layout, code, first.column)}out[0] = ${sign}low\nout[1] = ${sign}high\n}`,
    }
  })
  return make(store, store.heap.arenas)
}

/** Statements that set `low` and `high`. */
function prefixWords(layout: RecordLayout, code: RecordCode, field: number): string {
  const { kind } = layout.fields[field]!
  const words = Array.from({ length: fieldWords[kind] }, (_, k) => code.word(field, k))
  if (kind === 'i32') return `high = ${words[0]}\n`
  if (kind === 'i64' || kind === 'f64') {
    const [low, high] = comparable(kind, words)
    return `low = ${low}; high = ${high}\n`
  }
  if (kind === 'i128')
    return (
      `low = ${words[0]}; high = ${words[1]}\nconst sign = high >> 31\n` +
      `if (${words[2]} !== sign || ${words[3]} !== sign) ` +
      `{ const end = ${words[3]} >> 31; low = ~end; high = ~end ^ -2147483648 }\n`
    )
  return `const length = ${words[1]}, arena = arenas[${words[0]} >>> 17], at = (${words[0]} & 131071) << 3
for (let k = 0; k < 4; k++) high = high << 8 | (k < length ? arena[at + k] : 0)
for (let k = 4; k < 8; k++) low = low << 8 | (k < length ? arena[at + k] : 0)
high ^= -2147483648\n`
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
