// Batches as bytes, for the journal: the columns' own memory one after the other, little-endian as in memory.
//
//   rows u32 | columns u16 | weights? u8 [i32 × rows] | column …
//   column: kind u8 | nulls? u8 [u8 × rows] | i32 × rows, i64 × rows, i64 × 2 rows, f64 × rows
//                                           | lengths i32 × rows, then the bytes (dictionary codes are resolved)
//
// The form is private to one build's journal version (journal.ts carries the number). Decoding copies, so that a batch
// does not hold the file's buffer, and every array is aligned.

import { assert } from '../core/assert.ts'
import {
  type Batch,
  batchOf,
  bytesColumn,
  type Column,
  f64Column,
  i32Column,
  i64Column,
  i128Column,
  type Nulls,
} from '../core/batch.ts'
import type { ByteWriter } from '../core/byte-writer.ts'

const KINDS = ['i32', 'i64', 'i128', 'f64', 'bytes'] as const

const raw = (array: Int32Array | BigInt64Array | Float64Array, length: number): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, length * array.BYTES_PER_ELEMENT)

export function encodeBatch(batch: Batch, into: ByteWriter): void {
  const { length } = batch
  into.i32(length)
  into.u16(batch.columns.length)
  into.u8(batch.weights === undefined ? 0 : 1)
  if (batch.weights !== undefined) into.append(raw(batch.weights, length))
  for (const column of batch.columns) encodeColumn(column, length, into)
}

function encodeColumn(column: Column, length: number, into: ByteWriter): void {
  into.u8(KINDS.indexOf(column.kind === 'dict' ? 'bytes' : column.kind))
  into.u8(column.nulls === undefined ? 0 : 1)
  if (column.nulls !== undefined) into.append(column.nulls, 0, length)
  if (column.kind === 'bytes' || column.kind === 'dict') encodeBytes(column, length, into)
  else into.append(raw(column.values, column.kind === 'i128' ? 2 * length : length))
}

function encodeBytes(column: Column & { kind: 'bytes' | 'dict' }, length: number, into: ByteWriter): void {
  const { offsets, lengths, arena } = column.kind === 'dict' ? column.dictionary : column
  const index = (row: number): number => (column.kind === 'dict' ? column.codes[row]! : row)
  const present = (row: number): boolean => column.nulls === undefined || column.nulls[row] === 0
  const sizes = new Int32Array(length)
  for (let row = 0; row < length; row++) sizes[row] = present(row) ? lengths[index(row)]! : 0
  into.append(raw(sizes, length))
  for (let row = 0; row < length; row++) if (sizes[row]! > 0) into.append(arena, offsets[index(row)]!, sizes[row]!)
}

/** Reads one batch at `at`; `next` is where the following bytes begin. */
export function decodeBatch(source: Uint8Array, at: number): { readonly batch: Batch; readonly next: number } {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  const length = view.getInt32(at)
  const columnCount = view.getUint16(at + 4)
  const hasWeights = view.getUint8(at + 6) === 1
  let next = at + 7
  const take = (bytes: number): ArrayBuffer => {
    const copy = new Uint8Array(source.subarray(next, next + bytes)) // a Buffer's own slice would not copy
    assert(copy.length === bytes, 'a batch ends before its bytes do')
    next += bytes
    return copy.buffer
  }
  const weights = hasWeights ? new Int32Array(take(4 * length)) : undefined
  const columns: Column[] = []
  for (let i = 0; i < columnCount; i++) {
    const kind = KINDS[view.getUint8(next)]
    const hasNulls = view.getUint8(next + 1) === 1
    next += 2
    const nulls = hasNulls ? new Uint8Array(take(length)) : undefined
    columns.push(decodeColumn(kind, length, nulls, take))
  }
  return { batch: batchOf(length, columns, weights), next }
}

function decodeColumn(
  kind: (typeof KINDS)[number] | undefined,
  length: number,
  nulls: Nulls,
  take: (bytes: number) => ArrayBuffer,
): Column {
  switch (kind) {
    case 'i32':
      return i32Column(new Int32Array(take(4 * length)), nulls)
    case 'i64':
      return i64Column(new BigInt64Array(take(8 * length)), nulls)
    case 'i128':
      return i128Column(new BigInt64Array(take(16 * length)), nulls)
    case 'f64':
      return f64Column(new Float64Array(take(8 * length)), nulls)
    case 'bytes': {
      const lengths = new Int32Array(take(4 * length))
      const offsets = new Int32Array(length)
      let total = 0
      for (let row = 0; row < length; row++) {
        offsets[row] = total
        total += lengths[row]!
      }
      return bytesColumn({ offsets, lengths, arena: new Uint8Array(take(total)) }, nulls)
    }
    default:
      assert(false, 'unknown column kind in a stored batch')
  }
}
