// Fixed-width records: how the columns of a key table, a row list or an ordered index lie in memory.
//
//   word 0      1        2 …            then, largest first: i128 (4 words), i64 f64 bytes (2), i32 (1)
//   ┌─────────┬────────┬─────────────┬──────────┬──────────┬─────┬─────┐
//   │ hash    │ mark   │ header      │ null bits│ field    │ …   │ pad │      stride: an even number of words
//   └─────────┴────────┴─────────────┴──────────┴──────────┴─────┴─────┘
//
// `mark` < 0: the record is free. A bytes field is (heap reference, length). Null bits exist where a field is nullable.
// A record never straddles pages: a page is the largest power of two of records that fits 16 KB.

import type { ColumnDef } from '../core/schema.ts'
import type { PhysicalKind } from '../core/type.ts'

export const PAGE_BYTES = 16 * 1024
/** Records per chunk: 2^16. A chunk's arrays never move once it is whole (record-store.ts). */
export const CHUNK_SHIFT = 16
export const CHUNK_MASK = 65535

export interface FieldDef {
  readonly kind: PhysicalKind
  readonly nullable: boolean
}

export const fieldDef = (column: ColumnDef): FieldDef => ({ kind: column.physical.kind, nullable: column.nullable })

/** Where a field lies in its record, in 32-bit words. `nullBit` is −1 where it is not nullable. */
export interface RecordField {
  readonly kind: PhysicalKind
  readonly nullable: boolean
  readonly word: number
  readonly nullWord: number
  readonly nullBit: number
}

export interface RecordLayout {
  readonly fields: readonly RecordField[]
  /** Words before the null bits: 2 and the header that the structure asked for. */
  readonly headerWords: number
  readonly strideWords: number
  /** Records per page are 2^pageShift. */
  readonly pageShift: number
  /** Names the layout in cache keys of generated code. */
  readonly key: string
  /** Fields of kind bytes, by position. */
  readonly bytesFields: readonly number[]
}

const wordsOf = { i32: 1, i64: 2, i128: 4, f64: 2, bytes: 2 } satisfies Record<PhysicalKind, number>

/** Lays out `defs` behind hash, mark and `extraWords` header words (kept 8-byte aligned where even). */
export function recordLayout(defs: readonly FieldDef[], extraWords = 0): RecordLayout {
  const headerWords = 2 + extraWords
  const nullable = defs.filter((def) => def.nullable).length
  const nullWords = Math.ceil(nullable / 32)
  // Small fields first fill the odd word that the header may leave; wide ones then stay aligned.
  let word = headerWords + nullWords
  const places = new Array<number>(defs.length)
  const place = (size: number): void => {
    for (const [i, def] of defs.entries()) {
      if (wordsOf[def.kind] !== size || places[i] !== undefined) continue
      places[i] = word
      word += size
      if (size === 1 && word % 2 === 0 && wide) return
    }
  }
  let wide = word % 2 === 1
  if (wide) place(1)
  word += word % 2
  wide = false
  for (const size of [4, 2, 1]) place(size)
  const strideWords = word + (word % 2)
  let bit = 0
  const fields = defs.map((def, i) => {
    const at = def.nullable ? bit++ : -1
    return {
      kind: def.kind,
      nullable: def.nullable,
      word: places[i]!,
      nullWord: def.nullable ? headerWords + (at >> 5) : -1,
      nullBit: at < 0 ? -1 : at & 31,
    }
  })
  return {
    fields,
    headerWords,
    strideWords,
    pageShift: Math.max(0, Math.floor(Math.log2(PAGE_BYTES / (strideWords * 4)))),
    key: `${headerWords}${defs.map((def) => (def.nullable ? `${def.kind}?` : def.kind)).join(',')}`,
    bytesFields: fields.flatMap((field, i) => (field.kind === 'bytes' ? [i] : [])),
  }
}

/**
 * Text of generated code that reads and writes one record of a layout. `at` and the views must be in scope: see
 * `locate`. Fields are named by their position in the layout.
 */
export interface RecordCode {
  /** Declares, for the record id in `id`, `r` (first word), `w` (words), `q` (int64 view), `d` (double view) of the live
   * record. Arguments in scope: `words`, `longs`, `doubles`, arrays by chunk. `name` prefixes the four. */
  locate(id: string, name?: string): string
  isNull(field: number, name?: string): string
  /** Statements. */
  setNull(field: number, name?: string): string
  clearNull(field: number, name?: string): string
  /** The k-th 32-bit word of the field, readable and assignable. */
  word(field: number, k: number, name?: string): string
  /** i64, and i128 (k = 0 low, 1 high): readable and assignable BigInt place. */
  long(field: number, k?: number, name?: string): string
  /** f64: readable and assignable. */
  double(field: number, name?: string): string
}

export function recordCode(layout: RecordLayout): RecordCode {
  const at = (field: number): RecordField => layout.fields[field]!
  const mask = (field: number): number => 1 << at(field).nullBit
  const nullPlace = (field: number, name: string): string => `${name}w[${name}r + ${at(field).nullWord}]`
  const half = (field: number, k: number): number => at(field).word / 2 + k
  return {
    locate: (id, name = '') =>
      `const ${name}r = (${id} & ${CHUNK_MASK}) * ${layout.strideWords}, ${name}w = words[${id} >>> ${CHUNK_SHIFT}], ` +
      `${name}q = longs[${id} >>> ${CHUNK_SHIFT}], ${name}d = doubles[${id} >>> ${CHUNK_SHIFT}]\n`,
    isNull: (field, name = '') => (at(field).nullable ? `(${nullPlace(field, name)} & ${mask(field)}) !== 0` : 'false'),
    setNull: (field, name = '') => `${nullPlace(field, name)} |= ${mask(field)}\n`,
    clearNull: (field, name = '') => (at(field).nullable ? `${nullPlace(field, name)} &= ${~mask(field)}\n` : ''),
    word: (field, k, name = '') => `${name}w[${name}r + ${at(field).word + k}]`,
    long: (field, k = 0, name = '') => `${name}q[(${name}r >> 1) + ${half(field, k)}]`,
    double: (field, name = '') => `${name}d[(${name}r >> 1) + ${half(field, 0)}]`,
  }
}
