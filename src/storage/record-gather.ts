// Fields of records as columns: one generated loop over record ids, per layout, fields and place to read from.
//
// A record is read where it is (`live`), as it was before the running epoch (`undo`), or in a snapshot. Values are copied
// word by word; bytes values are copied into one arena of the region.

import { bytesColumn, type Column, f64Column, i32Column, i64Column, i128Column, type Nulls } from '../core/batch.ts'
import { compiled, type Source } from '../core/codegen.ts'
import { copyBytes } from '../core/primitives/concat.ts'
import type { Region } from '../core/region.ts'
import type { PhysicalKind } from '../core/type.ts'
import { blockOf, offsetOf } from './byte-heap.ts'
import { fieldWords, type RecordLayout, type RecordSource, recordCode, sourcePrologue } from './record-layout.ts'

/** Where records are read: a store, a store with its undo list, or a snapshot. */
export interface GatherFrom {
  readonly source: RecordSource
  readonly layout: RecordLayout
  readonly words: readonly Int32Array[]
  readonly arenas: readonly Uint8Array[]
  readonly undo?: { readonly count: number; readonly ids: Int32Array; readonly words: Int32Array } | undefined
  readonly saved?: Uint8Array | undefined
  readonly copies?: readonly Int32Array[] | undefined
}

type Compiled = (
  from: GatherFrom,
  ids: Int32Array,
  length: number,
  absent: Uint8Array | undefined,
  words: readonly Int32Array[],
  lengths: readonly Int32Array[],
  nulls: readonly Uint8Array[],
  anyNull: Int32Array,
) => void

/** Fields of `ids[0…length)`; where `absent[i]` is not 0 all are NULL and the id is not looked at. */
export function gatherRecords(
  from: GatherFrom,
  fields: readonly number[],
  ids: Int32Array,
  length: number,
  absent: Uint8Array | undefined,
  region: Region,
): Column[] {
  const kinds = fields.map((field) => from.layout.fields[field]!.kind)
  const values = kinds.map((kind) => emptyColumn(kind, length, region))
  const words = values.map(wordsIn)
  const lengths = values.map((column) => (column.kind === 'bytes' ? column.lengths : NOTHING))
  const masked = fields.map((field) => absent !== undefined || from.layout.fields[field]!.nullable)
  const nulls = masked.map((mask) => (mask ? region.u8(length) : NO_MASK))
  const anyNull = new Int32Array(fields.length)
  const key = `gather ${from.source}${absent === undefined ? '' : ' absent'} ${from.layout.key} ${fields.join()}`
  const run = compiled<Compiled>(key, () => gatherSource(from, fields, absent !== undefined))
  run(from, ids, length, absent, words, lengths, nulls, anyNull)
  return values.map((column, k) => {
    const mask = anyNull[k] === 0 ? undefined : nulls[k]!
    if (column.kind === 'bytes') return ownBytes(from.arenas, column.offsets, column.lengths, length, mask, region)
    return withNulls(column, mask)
  })
}

const NOTHING = new Int32Array(0)
const NO_MASK = new Uint8Array(0)

function emptyColumn(kind: PhysicalKind, length: number, region: Region): Column {
  if (kind === 'i32') return i32Column(region.i32(length))
  if (kind === 'i64') return i64Column(region.i64(length))
  if (kind === 'i128') return i128Column(region.i64(2 * length))
  if (kind === 'f64') return f64Column(region.f64(length))
  return bytesColumn({ offsets: region.i32(length), lengths: region.i32(length), arena: NO_MASK })
}

const wordsIn = (column: Column): Int32Array =>
  column.kind === 'i32'
    ? column.values
    : column.kind === 'bytes'
      ? column.offsets
      : column.kind === 'dict'
        ? column.codes
        : column.words

function withNulls(column: Column, nulls: Nulls): Column {
  if (nulls === undefined) return column
  if (column.kind === 'i32') return i32Column(column.values, nulls)
  if (column.kind === 'i64') return i64Column(column.values, nulls)
  if (column.kind === 'i128') return i128Column(column.values, nulls)
  return column.kind === 'f64' ? f64Column(column.values, nulls) : column
}

/** Copies heap values, whose references are in `offsets`, into an arena of the region. */
function ownBytes(
  arenas: readonly Uint8Array[],
  offsets: Int32Array,
  lengths: Int32Array,
  length: number,
  nulls: Nulls,
  region: Region,
): Column {
  let size = 0
  for (let i = 0; i < length; i++) size += lengths[i]!
  const arena = region.u8(size)
  let end = 0
  for (let i = 0; i < length; i++) {
    const count = lengths[i]!
    const reference = offsets[i]!
    if (count > 0) copyBytes(arenas[blockOf(reference)]!, offsetOf(reference), arena, end, count)
    offsets[i] = end
    end += count
  }
  return bytesColumn({ offsets, lengths, arena }, nulls)
}

function gatherSource(from: GatherFrom, fields: readonly number[], absent: boolean): Source {
  const code = recordCode(from.layout)
  const places = fields.map((field, k) => ({ ...from.layout.fields[field]!, field, k }))
  const isMasked = (nullable: boolean): boolean => nullable || absent
  const prologue = places.map(
    ({ kind, nullable, k }) =>
      `const o${k} = outWords[${k}]${kind === 'bytes' ? `, z${k} = outLengths[${k}]` : ''}` +
      `${isMasked(nullable) ? `, n${k} = outNulls[${k}]` : ''}\nlet any${k} = 0\n`,
  )
  const missing = places.map(({ kind, k }) => {
    const count = kind === 'bytes' ? 1 : fieldWords[kind]
    const zeros = Array.from({ length: count }, (_, j) => `o${k}[${count} * i + ${j}] = 0`)
    return `n${k}[i] = 1; any${k} = 1; ${zeros.join('; ')}${kind === 'bytes' ? `; z${k}[i] = 0` : ''}\n`
  })
  const copies = places.map(({ kind, nullable, field, k }) => {
    const count = kind === 'bytes' ? 1 : fieldWords[kind]
    const words = Array.from({ length: count }, (_, j) => `o${k}[${count} * i + ${j}] = ${code.word(field, j)}`)
    const bytes = kind === 'bytes' ? `; z${k}[i] = ${code.word(field, 1)}` : ''
    const mask = nullable
      ? `; { const isNull = ${code.isNull(field)} ? 1 : 0; n${k}[i] = isNull; any${k} |= isNull }`
      : absent
        ? `; n${k}[i] = 0`
        : ''
    return `${words.join('; ')}${bytes}${mask}\n`
  })
  return {
    parameters: ['from', 'ids', 'length', 'absent', 'outWords', 'outLengths', 'outNulls', 'anyNull'],
    body: `${sourcePrologue[from.source]}${prologue.join('')}
for (let i = 0; i < length; i++) {
  ${absent ? `if (absent[i] !== 0) { ${missing.join('')} continue }` : ''}
  const id = ids[i]
  ${code.locateIn(from.source, 'id')}${copies.join('')}}
${places.map(({ k }) => `anyNull[${k}] = any${k}`).join('\n')}`,
  }
}
