// Row-wise work on columns of bids: a filter, a projection with a NUMERIC product, and its rows as PostgreSQL DataRow
// messages in text. Loops over typed arrays; BigInts never leave them.

import { draws } from './random.ts'

export const BATCH_ROWS = 4096

export interface BidBatch {
  readonly auction: BigInt64Array
  readonly bidder: BigInt64Array
  readonly price: BigInt64Array
  readonly time: BigInt64Array
}

export function makeBatch(): BidBatch {
  const draw = draws(42)
  const column = (value: () => number) => BigInt64Array.from({ length: BATCH_ROWS }, () => BigInt(value()))
  return {
    auction: column(() => 1_000_000_000_000 + draw(10_000)),
    bidder: column(() => draw(100_000)),
    price: column(() => 1 + draw(10_000_000)),
    time: column(() => 0),
  }
}

export const emptyBatch = (): BidBatch => ({
  auction: new BigInt64Array(BATCH_ROWS),
  bidder: new BigInt64Array(BATCH_ROWS),
  price: new BigInt64Array(BATCH_ROWS),
  time: new BigInt64Array(BATCH_ROWS),
})

/** Rows with a price above the bound: auction, bidder, price. Returns how many. */
export function filterBids(from: BidBatch, to: BidBatch, rows: number): number {
  const { auction, bidder, price } = from
  const { auction: auctionOut, bidder: bidderOut, price: priceOut } = to
  let kept = 0
  for (let i = 0; i < rows; i++) {
    if (price[i]! > 9_000_000n) {
      auctionOut[kept] = auction[i]!
      bidderOut[kept] = bidder[i]!
      priceOut[kept] = price[i]!
      kept++
    }
  }
  return kept
}

/** price × 0.908, as a mantissa of scale 3, beside the other columns. */
export function projectBids(from: BidBatch, to: BidBatch, rows: number): void {
  projectColumns(from.auction, from.bidder, from.price, from.time, rows, to.auction, to.bidder, to.price, to.time)
}

// Arrays as parameters: loaded from an object inside the loop's function they cost a fifth more.
function projectColumns(
  auction: BigInt64Array,
  bidder: BigInt64Array,
  price: BigInt64Array,
  time: BigInt64Array,
  rows: number,
  auctionOut: BigInt64Array,
  bidderOut: BigInt64Array,
  priceOut: BigInt64Array,
  timeOut: BigInt64Array,
): void {
  for (let i = 0; i < rows; i++) {
    auctionOut[i] = auction[i]!
    bidderOut[i] = bidder[i]!
    priceOut[i] = BigInt.asIntN(64, price[i]! * 908n)
    timeOut[i] = time[i]!
  }
}

const COLUMNS = 4
/** Type, length, number of columns; then for each column its length and at most 19 digits. */
export const DATA_ROW_BYTES_MAX = 7 + COLUMNS * (4 + 19)

/** Each column as 32-bit halves, low first; values are not negative and exact as doubles. Returns the bytes written. */
export function encodeDataRows(columns: readonly Int32Array[], rows: number, wire: Uint8Array): number {
  let at = 0
  for (let row = 0; row < rows; row++) {
    const start = at
    wire[at] = 68 // 'D'
    wire[at + 5] = 0
    wire[at + 6] = COLUMNS
    at += 7
    for (let c = 0; c < COLUMNS; c++) {
      const halves = columns[c]!
      let value = halves[2 * row + 1]! * 4294967296 + (halves[2 * row]! >>> 0)
      let digits = 1
      for (let bound = 10; value >= bound; bound *= 10) digits++
      wire[at] = 0
      wire[at + 1] = 0
      wire[at + 2] = 0
      wire[at + 3] = digits
      at += 4 + digits
      for (let place = at - 1; place >= at - digits; place--) {
        const rest = Math.floor(value / 10)
        wire[place] = 48 + (value - rest * 10)
        value = rest
      }
    }
    const length = at - start - 1
    wire[start + 1] = length >>> 24
    wire[start + 2] = length >>> 16
    wire[start + 3] = length >>> 8
    wire[start + 4] = length
  }
  return at
}
