// HOP 2 s / 10 s: counts per (auction, window) kept per pane of 2 s in a ring of eight; a window is the sum of five
// panes, computed when its last one is full, together with the auction that has most. Event time runs at 100,000 rows
// a second.

import { BATCH_ROWS } from './columns.ts'
import { draws } from './random.ts'

const LIVE = 100_000
const PANES = 8
const WINDOW_PANES = 5
const PANE_MICROS = 2_000_000n
const ROW_MICROS = 10n

export class HopCounts {
  readonly #counts = new Int32Array(PANES * LIVE)
  readonly #window = new Int32Array(LIVE)
  readonly #times = new BigInt64Array(BATCH_ROWS)
  #clock = 0n
  #pane = 0

  /** Auctions as 32-bit halves of a bigint. Returns the best auction of the last window that closed. */
  push(auctions: Int32Array): number {
    for (let i = 0; i < BATCH_ROWS; i++) this.#times[i] = this.#clock + BigInt(i) * ROW_MICROS
    this.#clock += BigInt(BATCH_ROWS) * ROW_MICROS
    addToPanes(auctions, this.#times, this.#counts)
    const pane = Number(this.#clock / PANE_MICROS)
    if (pane === this.#pane) return -1
    const best = closeWindow(this.#counts, this.#pane, this.#window)
    this.#pane = pane
    return best
  }
}

export function makeAuctions(count: number): Int32Array[] {
  const draw = draws(3)
  return Array.from({ length: count }, () =>
    Int32Array.from({ length: 2 * BATCH_ROWS }, (_, i) => (i % 2 === 0 ? draw(LIVE) : 0)),
  )
}

function addToPanes(auctions: Int32Array, times: BigInt64Array, counts: Int32Array): void {
  for (let i = 0; i < BATCH_ROWS; i++) {
    const pane = Number(BigInt.asIntN(64, times[i]! / PANE_MICROS)) & (PANES - 1)
    const at = pane * LIVE + (auctions[2 * i]! % LIVE)
    counts[at] = counts[at]! + 1
  }
}

/** Sums the panes that end with `last`, and clears the oldest of them. */
function closeWindow(counts: Int32Array, last: number, window: Int32Array): number {
  let best = 0
  let bestAt = -1
  for (let auction = 0; auction < LIVE; auction++) {
    let sum = 0
    for (let back = 0; back < WINDOW_PANES; back++) sum += counts[((last - back) & (PANES - 1)) * LIVE + auction]!
    window[auction] = sum
    if (sum > best) {
      best = sum
      bestAt = auction
    }
  }
  const oldest = ((last - WINDOW_PANES + 1) & (PANES - 1)) * LIVE
  counts.fill(0, oldest, oldest + LIVE)
  return bestAt
}
