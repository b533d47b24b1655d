// Batches: columnar pieces of a Z-set (spec/engine.md §1–2).
//
//   row           0    1    2
//   weights      +1   +1   −2          absent: all +1
//   column i32   [values]   nulls?     one typed array a column, and a byte mask (1 = NULL) where the batch has NULLs
//   column bytes (offset, length) into one arena, or a code into a dictionary
//
// A batch that was pushed is immutable. Its arrays belong to a region (region.ts) or to a source's buffer that lives as
// long; entries may repeat or cancel, only the sum counts. NULL rows hold unspecified but valid values.

import type { Physical } from './type.ts'

export interface Batch {
  readonly length: number
  readonly weights: Int32Array | undefined
  readonly columns: readonly Column[]
}

export type Column = I32Column | I64Column | I128Column | F64Column | BytesColumn | DictColumn

/** 1 where the row is NULL; absent where no row is. */
export type Nulls = Uint8Array | undefined

export interface I32Column {
  readonly kind: 'i32'
  readonly values: Int32Array
  readonly nulls: Nulls
}

export interface I64Column {
  readonly kind: 'i64'
  readonly values: BigInt64Array
  /** The same memory as 32-bit words, low word first: for hashing, equality and copies. */
  readonly words: Int32Array
  readonly nulls: Nulls
}

export interface I128Column {
  readonly kind: 'i128'
  /** Two words a value, low first, two's complement. */
  readonly values: BigInt64Array
  readonly words: Int32Array
  readonly nulls: Nulls
}

export interface F64Column {
  readonly kind: 'f64'
  /** −0 and NaN are normalised at every store. */
  readonly values: Float64Array
  readonly words: Int32Array
  readonly nulls: Nulls
}

export interface BytesColumn {
  readonly kind: 'bytes'
  readonly offsets: Int32Array
  readonly lengths: Int32Array
  readonly arena: Uint8Array
  readonly nulls: Nulls
}

/** Transport only: codes are never stored, compared across dictionaries, or checkpointed. */
export interface DictColumn {
  readonly kind: 'dict'
  readonly codes: Int32Array
  readonly dictionary: Dictionary
  readonly nulls: Nulls
}

/** Append-only; belongs to one source column or scan. `hashes` are those that the hash primitive gives the bytes. */
export interface Dictionary {
  readonly size: number
  readonly offsets: Int32Array
  readonly lengths: Int32Array
  readonly hashes: Int32Array
  readonly arena: Uint8Array
}

const wordsOf = (values: BigInt64Array | Float64Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.length * 2)

export const i32Column = (values: Int32Array, nulls?: Nulls): I32Column => ({ kind: 'i32', values, nulls })
export const i64Column = (values: BigInt64Array, nulls?: Nulls): I64Column => ({
  kind: 'i64',
  values,
  words: wordsOf(values),
  nulls,
})
export const i128Column = (values: BigInt64Array, nulls?: Nulls): I128Column => ({
  kind: 'i128',
  values,
  words: wordsOf(values),
  nulls,
})
export const f64Column = (values: Float64Array, nulls?: Nulls): F64Column => ({
  kind: 'f64',
  values,
  words: wordsOf(values),
  nulls,
})
export const bytesColumn = (
  bytes: { readonly offsets: Int32Array; readonly lengths: Int32Array; readonly arena: Uint8Array },
  nulls?: Nulls,
): BytesColumn => ({ kind: 'bytes', offsets: bytes.offsets, lengths: bytes.lengths, arena: bytes.arena, nulls })
export const dictColumn = (codes: Int32Array, dictionary: Dictionary, nulls?: Nulls): DictColumn => ({
  kind: 'dict',
  codes,
  dictionary,
  nulls,
})

/**
 * How a column lies in memory: its physical kind, with bytes in one of two layouts. Generated code is keyed by this.
 */
export type LayoutKind = Column['kind']

export const fitsPhysical = (column: Column, physical: Physical): boolean =>
  column.kind === physical.kind || (column.kind === 'dict' && physical.kind === 'bytes')

export const batchOf = (length: number, columns: readonly Column[], weights?: Int32Array): Batch => ({
  length,
  weights,
  columns,
})

/** Rows a batch aims at between operators. */
export const BATCH_ROWS = 1024
/** Rows a batch has at most, at ingest and anywhere else. */
export const BATCH_ROWS_MAX = 8192
