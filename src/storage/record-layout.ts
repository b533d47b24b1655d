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
  /** Words of null bits behind the header; a set bit is a NULL. */
  readonly nullWords: number
  readonly strideWords: number
  /** Records per page are 2^pageShift. */
  readonly pageShift: number
  /** Names the layout in cache keys of generated code. */
  readonly key: string
  /** Fields of kind bytes, by position. */
  readonly bytesFields: readonly number[]
}

/** 32-bit words that a field of each kind takes in a record. */
export const fieldWords = { i32: 1, i64: 2, i128: 4, f64: 2, bytes: 2 } satisfies Record<PhysicalKind, number>

/** Lays out `defs` behind hash, mark and `extraWords` header words. */
export function recordLayout(defs: readonly FieldDef[], extraWords = 0): RecordLayout {
  const headerWords = 2 + extraWords
  const nullWords = Math.ceil(defs.filter((def) => def.nullable).length / 32)
  const { places, end } = placeFields(defs, headerWords + nullWords)
  const strideWords = end + (end % 2)
  let bit = 0
  const fields = defs.map((def, i): RecordField => {
    const nullable = def.nullable ? bit++ : -1
    return {
      ...def,
      word: places[i]!,
      nullWord: def.nullable ? headerWords + (nullable >> 5) : -1,
      nullBit: def.nullable ? nullable & 31 : -1,
    }
  })
  return {
    fields,
    headerWords,
    nullWords,
    strideWords,
    pageShift: Math.max(0, Math.floor(Math.log2(PAGE_BYTES / (strideWords * 4)))),
    key: `${headerWords}:${defs.map((def) => (def.nullable ? `${def.kind}?` : def.kind)).join(',')}`,
    bytesFields: fields.flatMap((field, i) => (field.kind === 'bytes' ? [i] : [])),
  }
}

/** Wide fields first, on even words; a word that the header leaves odd takes the first i32. */
function placeFields(defs: readonly FieldDef[], start: number): { places: readonly number[]; end: number } {
  const places = new Array<number>(defs.length).fill(-1)
  const narrow = defs.findIndex((def) => def.kind === 'i32')
  let word = start
  if (start % 2 === 1) {
    if (narrow >= 0) places[narrow] = start
    word++
  }
  for (const size of [4, 2, 1])
    for (const [i, def] of defs.entries()) {
      if (fieldWords[def.kind] !== size || places[i] !== -1) continue
      places[i] = word
      word += size
    }
  return { places, end: word }
}

/** The memory that `locate` finds a record in. `live`: the records themselves. */
export type RecordSource = 'live' | 'undo' | 'snapshot'

/**
 * Text of generated code that reads and writes one record. `locate` declares, behind an optional prefix `name`, `$r`
 * (the record's first word), `$w` (its words) and, for live records, `$q` and `$d` (the same memory as int64 and as
 * doubles). Fields are named by their position in the layout.
 */
export interface RecordCode {
  /** Arguments in scope: `words`, `longs`, `doubles`: arrays by chunk. */
  locate(id: string, name?: string): string
  /** Only `$w` and `$r`, wherever the record is to be read (see `sourcePrologue`). */
  locateIn(source: RecordSource, id: string, name?: string): string
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

/** Declares what `locateIn` needs from an object `from`. */
export const sourcePrologue = {
  live: 'const words = from.words\n',
  undo: 'const words = from.words, undoCount = from.undo.count, undoIds = from.undo.ids, undoWords = from.undo.words\n',
  snapshot: 'const words = from.words, saved = from.saved, copies = from.copies\n',
} satisfies Record<RecordSource, string>

export function recordCode(layout: RecordLayout): RecordCode {
  const { strideWords: stride, pageShift } = layout
  const at = (field: number): RecordField => layout.fields[field]!
  const nullPlace = (field: number, name: string): string => `${name}$w[${name}$r + ${at(field).nullWord}]`
  const mask = (field: number): number => 1 << at(field).nullBit
  const chunk = (id: string): string => `${id} >>> ${CHUNK_SHIFT}`
  const first = (id: string): string => `(${id} & ${CHUNK_MASK}) * ${stride}`
  const half = (field: number, k: number): number => at(field).word / 2 + k
  return {
    locate: (id, name = '') =>
      `const ${name}$r = ${first(id)}, ${name}$w = words[${chunk(id)}], ` +
      `${name}$q = longs[${chunk(id)}], ${name}$d = doubles[${chunk(id)}]\n`,
    locateIn(source, id, name = '') {
      const [r, w] = [`${name}$r`, `${name}$w`]
      if (source === 'live') return `const ${r} = ${first(id)}, ${w} = words[${chunk(id)}]\n`
      if (source === 'snapshot')
        return (
          `const ${r} = ${first(id)}, ` +
          `${w} = (saved[${id} >>> ${pageShift}] === 0 ? words : copies)[${chunk(id)}]\n`
        )
      return (
        `let ${r} = ${first(id)}, ${w} = words[${chunk(id)}]\n` +
        `{ const m = ${w}[${r} + 1]\n` +
        `if (m < undoCount && undoIds[m] === ${id}) { ${w} = undoWords; ${r} = m * ${stride} } }\n`
      )
    },
    isNull: (field, name = '') => (at(field).nullable ? `(${nullPlace(field, name)} & ${mask(field)}) !== 0` : 'false'),
    setNull: (field, name = '') => `${nullPlace(field, name)} |= ${mask(field)}\n`,
    clearNull: (field, name = '') => (at(field).nullable ? `${nullPlace(field, name)} &= ${~mask(field)}\n` : ''),
    word: (field, k, name = '') => `${name}$w[${name}$r + ${at(field).word + k}]`,
    long: (field, k = 0, name = '') => `${name}$q[(${name}$r >> 1) + ${half(field, k)}]`,
    double: (field, name = '') => `${name}$d[(${name}$r >> 1) + ${half(field, 0)}]`,
  }
}
