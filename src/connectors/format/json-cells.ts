// What scanning a block of records finds: one cell a record and column, records in rows, so that a scan writes near to
// where it wrote last; the columns are filled from it afterwards, each in a loop of its own.
//
//   tag      number                   start, length
//   FAST     the value, or mantissa   text: where it lies in the payloads' bytes
//   WIDE     digits above the ninth   start: the nine digits below, with the same sign
//   SLOW                              the value's JSON text; `slow` holds it read
//   NULL, NONE (the record does not have the field)

import type { SqlValue } from '../../core/value.ts'

export const NONE = 0
export const NULL = 1
export const FAST = 2
export const WIDE = 3
export const SLOW = 4

/** Records in a block: their cells stay in the processor's cache. */
export const BLOCK = 256

export interface Cells {
  readonly fields: number
  readonly tag: Uint8Array
  readonly number: Float64Array
  readonly start: Int32Array
  readonly length: Int32Array
  readonly slow: Map<number, SqlValue>
}

export const makeCells = (fields: number): Cells => ({
  fields,
  tag: new Uint8Array(fields * BLOCK),
  number: new Float64Array(fields * BLOCK),
  start: new Int32Array(fields * BLOCK),
  length: new Int32Array(fields * BLOCK),
  slow: new Map(),
})
