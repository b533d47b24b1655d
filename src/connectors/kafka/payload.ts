// The seam to formats: a format turns the values of records into columns. It sees no offsets, keys or headers; the
// connector adds those (frame.ts), and keeps what the format refuses as bad records.
//
// Whether a payload is good may depend on nothing but the declared columns and its own bytes (spec/engine.md §7).

import type { Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import type { SourceColumn, SourceDefinition } from '../source.ts'

/** Payload i is `bytes[start[i] … start[i] + length[i])`; length −1: the record has no value (a tombstone). */
export interface Payloads {
  readonly count: number
  readonly bytes: Uint8Array
  readonly start: Int32Array
  readonly length: Int32Array
}

export interface DecodedPayloads {
  /** As many rows as payloads were good, in order; one column for each index that was asked for. */
  readonly columns: readonly Column[]
  /** Ascending by payload. */
  readonly bad: readonly BadPayload[]
}

export interface BadPayload {
  readonly payload: number
  /** One sentence: what is wrong, with column and byte where known. */
  readonly reason: string
}

export interface PayloadDecoder {
  /**
   * Checks every payload against every column; fills those whose index is in `wanted`. `payloads` and the columns may
   * share bytes; everything else comes from the region.
   */
  decode(payloads: Payloads, wanted: readonly number[], region: Region): DecodedPayloads
}

/** Makes a decoder for the columns that a format fills, in declared order. Throws SqlError for what it cannot do. */
export type PayloadFormat = (columns: readonly SourceColumn[], definition: SourceDefinition) => PayloadDecoder
