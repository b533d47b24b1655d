// The generated loops of key look-up: candidates by hash from the index, then equality on the values in the records.
//
// One function per key layout, column layouts and flags. `find` reads live records or a snapshot; `findOrInsert` calls
// back for each new key and writes the key itself.

import type { Column } from '../core/batch.ts'
import { type ColumnCode, columnCode, compiled, type Source, shapeOf, shapesKey } from '../core/codegen.ts'
import { sameBytes } from '../core/primitives/equal.ts'
import { putBytes } from './byte-heap.ts'
import { guessIds, searchLoop } from './hash-index.ts'
import { type RecordCode, type RecordLayout, recordCode, sourcePrologue } from './record-layout.ts'
import type { RecordStore } from './record-store.ts'
import { storeValue } from './record-write.ts'

/** Where keys are looked up. */
export interface SearchFrom {
  readonly source: 'live' | 'snapshot'
  readonly layout: RecordLayout
  readonly words: readonly Int32Array[]
  readonly arenas: readonly Uint8Array[]
  readonly directory: readonly Int32Array[]
  readonly shift: number
  readonly saved?: Uint8Array | undefined
  readonly copies?: readonly Int32Array[] | undefined
}

type Find = (
  from: SearchFrom,
  columns: readonly Column[],
  hashes: Int32Array,
  length: number,
  out: Int32Array,
  guessed: boolean,
  same: typeof sameBytes,
) => void

type Insert = (hash: number) => number

type FindOrInsert = (
  store: RecordStore,
  index: { readonly directory: readonly Int32Array[]; readonly shift: number },
  columns: readonly Column[],
  hashes: Int32Array,
  length: number,
  out: Int32Array,
  guessed: boolean,
  insert: Insert,
  same: typeof sameBytes,
  put: typeof putBytes,
) => void

/**
 * `out[i]` = record of row i's key (fields 0… of the layout) or −1; with `nullsMatch` false, −1 where a key is NULL.
 */
export function searchKeys(
  from: SearchFrom,
  columns: readonly Column[],
  hashes: Int32Array,
  length: number,
  out: Int32Array,
  nullsMatch: boolean,
): void {
  const key = `find ${from.source}${nullsMatch ? '' : ' skip'} ${from.layout.key} ${shapesKey(columns)}`
  const run = compiled<Find>(key, () => findSource(from, columns, nullsMatch))
  run(from, columns, hashes, length, out, guessIds(from, hashes, length, out), sameBytes)
}

/** As searchKeys on live records, but `insert` gives a fresh record to a new key, whose fields are then written. */
export function searchOrInsert(
  store: RecordStore,
  index: { readonly directory: readonly Int32Array[]; readonly shift: number },
  columns: readonly Column[],
  hashes: Int32Array,
  length: number,
  out: Int32Array,
  insert: Insert,
): void {
  const key = `find-or-insert ${store.layout.key} ${shapesKey(columns)}`
  const run = compiled<FindOrInsert>(key, () => findOrInsertSource(store.layout, columns))
  const guessed = guessIds(index, hashes, length, out)
  run(store, index, columns, hashes, length, out, guessed, insert, sameBytes, putBytes)
}

const readsOf = (columns: readonly Column[]): ColumnCode[] =>
  columns.map((column, k) => columnCode(`c${k}`, `columns[${k}]`, shapeOf(column)))

function findSource(from: SearchFrom, columns: readonly Column[], nullsMatch: boolean): Source {
  const code = recordCode(from.layout)
  const reads = readsOf(columns)
  const nulls = reads.filter((read) => read.shape.nulls).map((read) => read.isNull('i'))
  const skip = nullsMatch || nulls.length === 0 ? '' : `if (${nulls.join(' || ')}) { out[i] = -1; continue }`
  return {
    parameters: ['from', 'columns', 'hashes', 'length', 'out', 'guessed', 'sameBytes'],
    body: `${sourcePrologue[from.source]}const arenas = from.arenas, directory = from.directory, shift = from.shift
${reads.map((read) => read.prologue).join('')}
for (let i = 0; i < length; i++) {
  ${skip}
  const h = hashes[i]
  let found = -1
  search: {
    if (guessed) {
      const id = out[i]
      if (id < 0) break search
      ${code.locateIn(from.source, 'id')}${matchKey(code, from.layout, reads)}}
    ${searchLoop(`${code.locateIn(from.source, 'id')}${matchKey(code, from.layout, reads)}`)}
  }
  out[i] = found
}`,
  }
}

function findOrInsertSource(layout: RecordLayout, columns: readonly Column[]): Source {
  const code = recordCode(layout)
  const reads = readsOf(columns)
  const writes = reads.map((read, field) => storeValue(code, layout, field, read, 'i', true))
  return {
    parameters: ['store', 'index', 'columns', 'hashes', 'length', 'out', 'guessed', 'insert', 'sameBytes', 'putBytes'],
    body: `const words = store.words, heap = store.heap, arenas = heap.arenas, directory = index.directory
let shift = index.shift
${reads.map((read) => read.prologue).join('')}
for (let i = 0; i < length; i++) {
  const h = hashes[i]
  let found = -1
  search: {
    if (guessed && out[i] >= 0) { const id = out[i]; ${code.locateIn('live', 'id')}${matchKey(code, layout, reads)} }
    ${searchLoop(`${code.locateIn('live', 'id')}${matchKey(code, layout, reads)}`)}
  }
  if (found < 0) {
    const id = found = insert(h)
    shift = index.shift
    ${code.locateIn('live', 'id')}${writes.join('')}
  }
  out[i] = found
}`,
  }
}

/** Statements that end the search with `found = id` where the located record has the key of row `i`. */
function matchKey(code: RecordCode, layout: RecordLayout, reads: readonly ColumnCode[]): string {
  const tests = reads.map((read, field) => `(${sameKey(code, layout, field, read)})`)
  return `if ($w[$r] === h && ${tests.join(' && ') || 'true'}) { found = id; break search }\n`
}

function sameKey(code: RecordCode, layout: RecordLayout, field: number, read: ColumnCode): string {
  const { kind } = layout.fields[field]!
  const value =
    kind === 'bytes'
      ? sameHeapBytes(code.word(field, 0), code.word(field, 1), read)
      : read
          .words('i')
          .map((word, k) => `${code.word(field, k)} === ${word}`)
          .join(' && ')
  const recordNull = code.isNull(field)
  const rowNull = read.isNull('i')
  if (recordNull === 'false' && rowNull === 'false') return value
  if (rowNull === 'false') return `!(${recordNull}) && ${value}`
  if (recordNull === 'false') return `!(${rowNull}) && ${value}`
  return `(${rowNull}) ? (${recordNull}) : !(${recordNull}) && ${value}`
}

const sameHeapBytes = (reference: string, length: string, read: ColumnCode): string =>
  `${length} === ${read.byteLength('i')} && (${length} === 0 || ` +
  `sameBytes(arenas[${reference} >>> 17], (${reference} & 131071) << 3, ${read.arena}, ${read.offset('i')}, ${length}))`
