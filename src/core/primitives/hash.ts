// Hashes of rows: 32 bits, well mixed in every bit, for hash tables and partitions. Hashes narrow, keys decide.
//
// Each value gives words that are folded one after the other (xor, multiply, shift), then one finaliser mixes the row.
// A bytes value gives one word, `hashBytes`; a dict value the same word, read from its dictionary. NULL gives one word
// whatever the kind. Equal rows hash equally whether a column is bytes or dict. Hashes are never stored on disk.

import type { Column } from '../batch.ts'
import { type ColumnCode, type ColumnShape, compiled, rowLoop, type Source, shapeOf, shapesKey } from '../codegen.ts'

/** `out[i]` = hash of row i over `columns`, in their order. No columns: every row has the same hash. */
export type HashRows = (columns: readonly Column[], length: number, out: Int32Array) => void

const NULL_WORD = 0x5bd1e995
const FOLD = 0x9e3779b1 | 0
const FINISH = 0x2c1b3c6d

type Compiled = (columns: readonly Column[], length: number, out: Int32Array, hashIn: typeof hashView) => void

export function hashRows(columns: readonly Column[], length: number, out: Int32Array): void {
  const run = compiled<Compiled>(`hash ${shapesKey(columns)}`, () => hashSource(columns.map(shapeOf)))
  run(columns, length, out, hashView)
}

/** Hash of `length` bytes at `offset`: what a dictionary keeps per entry in `hashes`. */
export const hashBytes = (arena: Uint8Array, offset: number, length: number): number =>
  hashView(new DataView(arena.buffer, arena.byteOffset, arena.byteLength), offset, length)

/** hashBytes on a view of the arena, for who hashes many. */
export function hashView(view: DataView, offset: number, length: number): number {
  let hash = length
  let at = offset
  for (const end = offset + (length & ~3); at < end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), FOLD)
    hash ^= hash >>> 15
  }
  let rest = 0
  for (let k = (length & 3) - 1; k >= 0; k--) rest = (rest << 8) | view.getUint8(at + k)
  hash = Math.imul(hash ^ rest, FOLD)
  hash ^= hash >>> 15
  hash = Math.imul(hash, FINISH)
  return hash ^ (hash >>> 13)
}

const fold = (word: string): string => `h = Math.imul(h ^ ${word}, ${FOLD}); h ^= h >>> 15\n`

function hashSource(shapes: readonly ColumnShape[]): Source {
  const body = rowLoop(shapes, (columns) => ({
    before: columns
      .map(({ shape, arena }) =>
        shape.kind === 'bytes'
          ? `const ${arena}view = new DataView(${arena}.buffer, ${arena}.byteOffset, ${arena}.byteLength)\n`
          : '',
      )
      .join(''),
    row: `let h = 0\n${columns.map(columnHash).join('')}h = Math.imul(h, ${FINISH})\nout[i] = h ^ (h >>> 13)`,
  }))
  return { parameters: ['columns', 'length', 'out', 'hashIn'], body }
}

function columnHash(column: ColumnCode): string {
  const { kind, nulls } = column.shape
  const value =
    kind === 'dict'
      ? fold(column.hash('i'))
      : kind === 'bytes'
        ? fold(`hashIn(${column.arena}view, ${column.offset('i')}, ${column.byteLength('i')})`)
        : column.words('i').map(fold).join('')
  return nulls ? `if (${column.isNull('i')}) { ${fold(`${NULL_WORD}`)} } else { ${value} }\n` : value
}
