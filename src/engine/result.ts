// The rows of a finished query, handed out in pieces.
//
// State: one batch in a region of the query's own, and the order of its rows (weights written out: a row of weight 3
// stands three times). Nothing is copied until a piece is asked for, nor a whole that is one piece as it stands. A
// piece is valid until the next one.

import { assert } from '../core/assert.ts'
import { BATCH_ROWS_MAX, type Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { type SortKey, sortRows } from '../core/primitives/compare.ts'
import { concat } from '../core/primitives/concat.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import { gather } from '../core/primitives/gather.ts'
import { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'

export interface ResultOptions {
  readonly order: readonly SortKey[]
  readonly limit: bigint | undefined
  readonly offset: bigint
}

const noRows = new Int32Array(0)

export class ResultRows implements Disposable {
  readonly schema: Schema
  readonly #region: Region
  readonly #piece: Region
  #batch: Batch | undefined
  #rows: Int32Array = noRows
  /** All rows of the batch once, in its order: `#rows` is not made. */
  #whole = false
  #at = 0

  /** `blockBytes`: less than usual where few rows are expected. */
  constructor(schema: Schema, account: MemoryAccount, blockBytes = QUERY_BLOCK_BYTES) {
    this.schema = schema
    this.#region = new Region(account, blockBytes)
    this.#piece = new Region(account, PIECE_BLOCK_BYTES)
  }

  /** Where the query's own batches are allocated. */
  get region(): Region {
    return this.#region
  }

  /** Takes the plan's output: consolidates it where something was retracted, writes weights out, sorts, cuts. */
  finish(batches: readonly Batch[], options: ResultOptions): this {
    if (batches.length === 0) return this
    let whole = batches.length === 1 ? batches[0]! : concat(batches, this.#region)
    if (whole.weights?.some((weight) => weight < 0)) whole = consolidate(whole, this.#region)
    // Columns after those of the schema were there for the order only.
    const columns =
      whole.columns.length === this.schema.length ? whole.columns : whole.columns.slice(0, this.schema.length)
    this.#batch = { length: whole.length, weights: undefined, columns }
    this.#whole = isWhole(whole, options)
    if (this.#whole) return this
    const rows = writtenOut(whole)
    if (options.order.length > 0) sortRows(whole.columns, options.order, rows, rows.length)
    const offset = Number(options.offset > BigInt(rows.length) ? rows.length : options.offset)
    const limit = options.limit === undefined ? rows.length : Number(clamp(options.limit, rows.length))
    this.#rows = rows.subarray(offset, Math.min(rows.length, offset + limit))
    return this
  }

  get total(): number {
    return this.#whole ? this.#batch!.length : this.#rows.length
  }

  /** At most `maxRows` further rows (0: as many as come at once). */
  next(maxRows: number): Batch | undefined {
    if (this.#batch === undefined || this.#at >= this.total) return undefined
    const count = Math.min(maxRows > 0 ? maxRows : BATCH_ROWS_MAX, BATCH_ROWS_MAX, this.total - this.#at)
    if (this.#whole && count === this.total) {
      this.#at = count
      return this.#batch
    }
    if (this.#whole) this.#rows = writtenOut(this.#batch)
    this.#whole = false
    this.#piece.recycle()
    const piece = gather(this.#batch, this.#rows.subarray(this.#at, this.#at + count), count, this.#piece)
    this.#at += count
    return piece
  }

  [Symbol.dispose](): void {
    this.#batch = undefined
    this.#whole = false
    this.#rows = noRows
    this.#region[Symbol.dispose]()
    this.#piece[Symbol.dispose]()
  }
}

/** Most results are small; a larger request of a large one has a block of its own. */
const QUERY_BLOCK_BYTES = 16 * 1024
const PIECE_BLOCK_BYTES = 16 * 1024
/** Enough for a handful of rows. */
export const SMALL_BLOCK_BYTES = 2048

const isWhole = ({ weights, length }: Batch, { order, limit, offset }: ResultOptions): boolean =>
  length <= BATCH_ROWS_MAX && weights === undefined && order.length === 0 && limit === undefined && offset === 0n

const clamp = (value: bigint, max: number): bigint => (value > BigInt(max) ? BigInt(max) : value)

/** Row numbers, each as often as its weight says. */
function writtenOut(batch: Batch): Int32Array {
  const { weights, length } = batch
  if (weights === undefined) return Int32Array.from({ length }, (_, i) => i)
  let total = 0
  for (let i = 0; i < length; i++) {
    assert(weights[i]! >= 0, 'a query has more retractions than rows')
    total += weights[i]!
  }
  if (total > ROWS_MAX) throw tooManyRows(total)
  const rows = new Int32Array(total)
  let at = 0
  for (let i = 0; i < length; i++) for (let n = weights[i]!; n > 0; n--) rows[at++] = i
  return rows
}

/** A result that is held in memory whole (sorted, or with duplicates) has at most this many rows. */
const ROWS_MAX = 100_000_000

/** 54000. */
const tooManyRows = (rows: number): SqlError =>
  new SqlError({ code: '54000', message: `the result would have ${rows} rows`, hint: `The limit is ${ROWS_MAX}.` })
