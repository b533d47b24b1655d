// Hashes of rows: 32 bits, well mixed in every bit, for hash tables and partitions. Hashes narrow, keys decide.
//
// Each value gives words that are folded one after the other (xor, multiply, shift), then one finaliser mixes the row.
// A bytes value gives one word, `hashBytes`; a dict value the same word, read from its dictionary. NULL gives one word
// whatever the kind. Equal rows hash equally whether a column is bytes or dict. Hashes are never stored on disk.

import type { Column } from '../batch.ts'

/** `out[i]` = hash of row i over `columns`, in their order. No columns: every row has the same hash. */
export type HashRows = (columns: readonly Column[], length: number, out: Int32Array) => void

export function hashRows(_columns: readonly Column[], _length: number, _out: Int32Array): void {
  throw new Error('unwritten')
}

/** Hash of `length` bytes at `offset`: what a dictionary keeps per entry in `hashes`. */
export function hashBytes(_arena: Uint8Array, _offset: number, _length: number): number {
  throw new Error('unwritten')
}
