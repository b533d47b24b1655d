// Fields of records as columns: one generated function per layout, fields and place to read from, which allocates the
// columns, fills them in one loop over record ids, and returns them.
//
// A record is read where it is (`live`), as it was before the running epoch (`undo`), or in a snapshot. Values are
// copied word by word; bytes values are copied into one arena of the region.

import { bytesColumn, type Column, type Nulls } from '../core/batch.ts'
import { compiled, type Source } from '../core/codegen.ts'
import { copyBytes } from '../core/primitives/concat.ts'
import type { Region } from '../core/region.ts'
import type { PhysicalKind } from '../core/type.ts'
import { blockOf, offsetOf } from './byte-heap.ts'
import {
  fieldWords,
  type RecordCode,
  type RecordField,
  type RecordLayout,
  type RecordSource,
  recordCode,
  sourcePrologue,
} from './record-layout.ts'

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
  region: Region,
  own: typeof ownBytes,
) => Column[]

/** Fields of `ids[0…length)`; where `absent[i]` is not 0 all are NULL and the id is not looked at. */
export function gatherRecords(
  from: GatherFrom,
  fields: readonly number[],
  ids: Int32Array,
  length: number,
  absent: Uint8Array | undefined,
  region: Region,
): Column[] {
  const key = `gather ${from.source}${absent === undefined ? '' : ' absent'} ${from.layout.key} ${fields.join()}`
  const gather = compiled<Compiled>(key, () => gatherSource(from, fields, absent !== undefined))
  return gather(from, ids, length, absent, region, ownBytes)
}

/** Copies heap values, whose references are in `offsets`, into an arena of the region. */
function ownBytes(
  arenas: readonly Uint8Array[],
  offsets: Int32Array,
  lengths: Int32Array,
  nulls: Nulls,
  region: Region,
): Column {
  const length = offsets.length
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
  const parts = fields.map((field, k) => partOf(code, from.layout.fields[field]!, field, k, absent))
  const missing = parts.map((part) => part.missing).join('')
  return {
    parameters: ['from', 'ids', 'length', 'absent', 'region', 'ownBytes'],
    body: `${sourcePrologue[from.source]}${parts.map((part) => part.prologue).join('')}
for (let i = 0; i < length; i++) {
  ${absent ? `if (absent[i] !== 0) { ${missing} continue }` : ''}
  const id = ids[i]
  ${code.locateIn(from.source, 'id')}${parts.map((part) => part.copy).join('')}}
return [${parts.map((part) => part.column).join(', ')}]`,
  }
}

const arrayOf = {
  i32: 'region.i32(length)',
  i64: 'region.i64(length)',
  i128: 'region.i64(2 * length)',
  f64: 'region.f64(length)',
  bytes: 'region.i32(length)',
} satisfies Record<PhysicalKind, string>

/** The texts of one field: `v` its array, `o` that array's words, `z` lengths of bytes, `n` and `any` its NULLs. */
function partOf(
  code: RecordCode,
  { kind, nullable }: RecordField,
  field: number,
  k: number,
  absent: boolean,
): { readonly prologue: string; readonly missing: string; readonly copy: string; readonly column: string } {
  const narrow = kind === 'i32' || kind === 'bytes'
  const masked = nullable || absent
  const count = kind === 'bytes' ? 1 : fieldWords[kind]
  const places = Array.from({ length: count }, (_, j) => `o${k}[${count} * i + ${j}]`)
  const words = narrow ? `o${k} = v${k}` : `o${k} = new Int32Array(v${k}.buffer, v${k}.byteOffset, 2 * v${k}.length)`
  const nulls = masked ? `any${k} === 0 ? undefined : n${k}` : 'undefined'
  const mask = nullable
    ? `{ const isNull = ${code.isNull(field)} ? 1 : 0; n${k}[i] = isNull; any${k} |= isNull }\n`
    : absent
      ? `n${k}[i] = 0\n`
      : ''
  return {
    prologue:
      `const v${k} = ${arrayOf[kind]}, ${words}${kind === 'bytes' ? `, z${k} = region.i32(length)` : ''}\n` +
      (masked ? `const n${k} = region.u8(length)\nlet any${k} = 0\n` : ''),
    missing:
      `n${k}[i] = 1; any${k} = 1; ${places.map((place) => `${place} = 0; `).join('')}` +
      `${kind === 'bytes' ? `z${k}[i] = 0;` : ''}\n`,
    copy:
      places.map((place, j) => `${place} = ${code.word(field, j)}\n`).join('') +
      (kind === 'bytes' ? `z${k}[i] = ${code.word(field, 1)}\n` : '') +
      mask,
    column:
      kind === 'bytes'
        ? `ownBytes(from.arenas, o${k}, z${k}, ${nulls}, region)`
        : `{ kind: '${kind}', values: v${k}, ${narrow ? '' : `words: o${k}, `}nulls: ${nulls} }`,
  }
}
