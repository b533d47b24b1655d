// One batch probing an arrangement, a full block of matches at a time: what joins do on both sides.
//
// State   the batch's slots and a cursor, for as long as the batch is being probed. They stay valid through 'more':
//         `before` never changes in an epoch, `after` is read in `finish` only.

import type { Batch, Column } from '../core/batch.ts'
import type { Region } from '../core/region.ts'
import { type ArrangementReader, findKeys, gatherMatches, probeRows } from '../storage/arrangement-reader.ts'
import type { Moment } from '../storage/key-table.ts'
import { type Matches, matches, type ProbeCursor, startProbe } from '../storage/row-lists.ts'

/** Matches that become one output batch. */
export const MATCHES_MAX = 2048

/** How rows of one relation find rows of another. */
export interface KeyMatch {
  /** Key columns of the probing rows, in the order of the arrangement's keys. */
  readonly columns: readonly number[]
  /** Per key column: NULL finds NULL (IS NOT DISTINCT FROM). Otherwise a row with NULL there finds nothing. */
  readonly nullSafe: readonly boolean[]
}

/** `out[i]` = slot of the key of row i of the batch, −1 where it has none. */
export function findSlots(
  reader: ArrangementReader,
  match: KeyMatch,
  batch: Batch,
  moment: Moment,
  out: Int32Array,
  region: Region,
): void {
  const columns = match.columns.map((column) => batch.columns[column]!)
  const nullsMatch = match.nullSafe.includes(true)
  findKeys(reader, columns, batch.length, out, { nullsMatch, moment, region })
  if (nullsMatch) dropNullKeys(columns, match.nullSafe, batch.length, out)
}

/** Rows with NULL in a key column that is not null-safe have no slot. */
export function dropNullKeys(
  columns: readonly Column[],
  nullSafe: readonly boolean[],
  length: number,
  slots: Int32Array,
): void {
  columns.forEach(({ nulls }, k) => {
    if (nulls !== undefined && !nullSafe[k]) for (let i = 0; i < length; i++) if (nulls[i] === 1) slots[i] = -1
  })
}

/** Pairs of a block: rows of the probing batch and the arrangement's columns, with the product of the weights. */
export interface Pairs {
  readonly length: number
  readonly index: Int32Array
  readonly weights: Int32Array
  /** Columns of the matched rows, by position in the arrangement's schema. */
  gather(columns: readonly number[]): Column[]
}

export class Probe {
  readonly batch: Batch
  readonly #reader: ArrangementReader
  readonly #moment: Moment
  readonly #slots: Int32Array
  readonly #weights: Int32Array | undefined
  readonly #cursor: ProbeCursor = startProbe()
  /** Places in the next block; the first one has some for each row. */
  #room: number
  #ended = false

  constructor(
    reader: ArrangementReader,
    moment: Moment,
    probing: { readonly batch: Batch; readonly slots: Int32Array; readonly weights: Int32Array | undefined },
  ) {
    this.batch = probing.batch
    this.#reader = reader
    this.#moment = moment
    this.#slots = probing.slots
    this.#weights = probing.weights
    this.#room = Math.min(MATCHES_MAX, Math.max(64, 2 * probing.batch.length))
  }

  /** The next block of pairs, or undefined at the end. Arrays are of the region. */
  next(region: Region): Pairs | undefined {
    if (this.#ended) return undefined
    const { batch } = this
    const found: Matches = matches(this.#room, region)
    this.#room = MATCHES_MAX
    this.#ended = probeRows(this.#reader, this.#slots, batch.length, this.#weights, this.#moment, this.#cursor, found)
    if (found.length === 0) return undefined
    return {
      length: found.length,
      index: found.index,
      weights: found.weights,
      gather: (columns) => gatherMatches(this.#reader, columns, found, this.#slots, this.#moment, region),
    }
  }
}

/** A probe of the batch's own rows with their weights. */
export function probeBatch(
  reader: ArrangementReader,
  match: KeyMatch,
  batch: Batch,
  moment: Moment,
  region: Region,
): Probe {
  const slots = region.i32(batch.length)
  findSlots(reader, match, batch, moment, slots, region)
  return new Probe(reader, moment, { batch, slots, weights: batch.weights })
}
